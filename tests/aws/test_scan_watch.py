"""The scans of an image's platforms, looked at until the verdict can't change."""

from collections.abc import Mapping

from ecsstep.aws.scan_watch import ScanWatch, coverage
from ecsstep.aws.scans import Start
from ecsstep.errors import Exit, StepError
from ecsstep.rules import gate
from ecsstep.rules.findings import Scan
from ecsstep.rules.platforms import Platform
from ecsstep.rules.scan_place import Place
from ecsstep.rules.scans import Coverage, Ready, State, Terms, Unusable, Waiting
from fakes import a_world

AMD64, ARM64 = Platform(name="linux/amd64", digest="a"), Platform(name="linux/arm64", digest="b")
BASIC = Coverage(scan_type="BASIC", frequency="SCAN_ON_PUSH")


class FakeScans:
    """Scans by digest, one for each look; the last one stays."""

    def __init__(self, **course: list[Scan | None]) -> None:
        self.course = course

    def check_model(self) -> None:
        return

    def scan(self, digest: str) -> Scan | None:
        course = self.course[digest]
        return course.pop(0) if len(course) > 1 else course[0]

    def start(self, digest: str) -> Start:
        raise AssertionError(f"a scan of {digest} was started")

    def scan_type(self) -> tuple[str, str | None]:
        return "111111111111", "ENHANCED"

    def frequency(self) -> str | None:
        return "CONTINUOUS_SCAN"


PENDING, DONE = Scan(status="PENDING"), Scan(status="COMPLETE", has_findings=True)


def judge(states: Mapping[str, State]) -> gate.Verdict:
    waiting = [state for state in states.values() if isinstance(state, Waiting)]
    return waiting[0] if waiting else Unusable(reason="judged", hint="")


def test_it_looks_until_there_is_a_verdict_and_says_each_change_once() -> None:
    said = a_world()
    scans = FakeScans(a=[PENDING, PENDING, DONE], b=[DONE])
    watch = ScanWatch(scans, BASIC, Terms(), said.clock, said.world.log, place=Place())

    verdict = watch.verdict([AMD64, ARM64], judge, every=5, limit=60)

    assert verdict == Unusable(reason="judged", hint="")
    assert said.clock.slept == [5, 5]
    assert said.err.getvalue().count("the scan is PENDING  platform=linux/amd64") == 1
    assert watch.known() == (
        "linux/amd64: COMPLETE, no findings", "linux/arm64: COMPLETE, no findings",
    )  # fmt: skip
    assert [each["status"] for each in watch.data()] == ["COMPLETE", "COMPLETE"]


def test_falling_out_of_time_is_waiting() -> None:
    said = a_world()
    watch = ScanWatch(
        FakeScans(a=[PENDING]), BASIC, Terms(), said.clock, said.world.log, place=Place()
    )

    verdict = watch.verdict([AMD64], judge, every=5, limit=12)

    assert (verdict, said.clock.elapsed) == (Waiting(reason="the scan is PENDING"), 12)


class Off(FakeScans):
    """A registry that says that scans by hand are off."""

    def start(self, digest: str) -> Start:
        del digest
        return Start.ENHANCED


def test_an_answer_that_contradicts_the_configuration_is_said_and_neither_is_believed() -> None:
    said = a_world()
    manual = Coverage(scan_type="BASIC", frequency="MANUAL")
    watch = ScanWatch(Off(a=[None]), manual, Terms(), said.clock, said.world.log, place=Place())

    verdict = watch.verdict([AMD64], lambda states: states[AMD64.name], every=60, limit=400)  # type: ignore[arg-type, return-value]

    assert isinstance(verdict, Unusable)
    assert verdict.reason == "it was never scanned: ECR still knows of no scan"
    assert "though the registry is set to basic scanning" in said.err.getvalue()
    assert watch.coverage == Coverage()


def test_the_time_before_the_first_look_counts_where_the_answer_dates_it() -> None:
    said = a_world()
    old = Scan(status="ACTIVE", has_findings=True, changed_at="2026-01-02T00:00:00+00:00")
    enhanced = Coverage(scan_type="ENHANCED", frequency="CONTINUOUS_SCAN")
    watch = ScanWatch(FakeScans(a=[old]), enhanced, Terms(), said.clock, said.world.log,
                      place=Place())  # fmt: skip

    def settled(states: Mapping[str, State]) -> gate.Verdict:
        [state] = states.values()
        assert isinstance(state, Ready)
        return Unusable(reason=str(state.is_settled), hint="")

    assert watch.verdict([AMD64], settled, every=5, limit=5) == Unusable(reason="True", hint="")


def test_the_registrys_owner_is_whom_ecr_says() -> None:
    said = a_world()
    one, two = PENDING, DONE.replaced(registry_id="123456789012")
    watch = ScanWatch(FakeScans(a=[one], b=[two]), BASIC, Terms(), said.clock, said.world.log,
                      place=Place())  # fmt: skip
    assert watch.owner == ""

    watch.verdict([AMD64, ARM64], judge, every=5, limit=5)

    assert watch.owner == "123456789012"


def test_the_configuration_is_the_callers_own_registrys() -> None:
    log = a_world().world.log

    own = Coverage(scan_type="ENHANCED", frequency="CONTINUOUS_SCAN")
    assert coverage(FakeScans(), None, log) == own
    assert coverage(FakeScans(), "111111111111", log) == own
    assert coverage(FakeScans(), "222222222222", log) == Coverage()


def test_what_may_not_be_read_is_said_and_what_is_known_stays() -> None:
    class Secretive(FakeScans):
        def frequency(self) -> str | None:
            raise StepError("can't", exit=Exit.ACCESS, hint="allow ecr:It")

    said = a_world()

    assert coverage(Secretive(), None, said.world.log) == Coverage(scan_type="ENHANCED")
    assert "when the repository is scanned can't be read" in said.err.getvalue()
    assert "allow ecr:It" in said.err.getvalue()
