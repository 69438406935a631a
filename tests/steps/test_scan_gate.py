"""The gate, with a fake ECR."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ecsstep.aws.ecr import StoredImage
from ecsstep.aws.scans import Start
from ecsstep.core.arguments import parse
from ecsstep.core.output import Result
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.rules.findings import SEVERITIES, Finding, Scan
from ecsstep.rules.image import parse_reference
from ecsstep.rules.links import by_label, image_links
from ecsstep.rules.scan_place import Place
from ecsstep.steps.scan_gate import main
from ecsstep.steps.scan_gate.desk import Desk
from ecsstep.steps.scan_gate.options import GateOptions
from ecsstep.steps.scan_gate.story import _host, scan_gate
from fakes import Said, a_world, invoke

DIGEST = "sha256:" + "d" * 64
AMD64, ARM64 = "sha256:" + "a" * 64, "sha256:" + "b" * 64
ACCOUNT = "123456789012"
HOST = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com"
IMAGE = f"{HOST}/app:v1"
MANIFEST = json.dumps({"config": {"mediaType": "application/vnd.oci.image.config.v1+json"}})
INDEX = json.dumps(
    {
        "manifests": [
            {"digest": AMD64, "platform": {"os": "linux", "architecture": "amd64"}},
            {"digest": ARM64, "platform": {"os": "linux", "architecture": "arm64"}},
            {"digest": "sha256:0", "platform": {"os": "unknown", "architecture": "unknown"}},
        ]
    }
)
DENIED = StepError("can't: not authorized", exit=Exit.ACCESS, hint="allow ecr:It")
THROTTLED = StepError("can't: Rate exceeded", exit=Exit.TEMPORARY)


def a_scan(*findings: Finding, status: str = "COMPLETE", **changes: Any) -> Scan:
    return Scan(status=status, has_findings=True, findings=findings, **changes)


def a_finding(id: str = "CVE-1", severity: str = "HIGH", **changes: Any) -> Finding:  # noqa: A002 - the name of the thing
    return Finding(**{"id": id, "package": "zlib", "version": "1", "severity": severity, **changes})


WAITING = Scan(status="IN_PROGRESS")


@dataclass
class FakeImages:
    manifest: str = MANIFEST
    missing: bool = False
    error: StepError | None = None
    asked: list[dict[str, Any]] = field(default_factory=list)

    def image(
        self,
        repository: str,
        *,
        tag: str | None = None,
        digest: str | None = None,
        registry_id: str | None = None,
    ) -> StoredImage | None:
        self.asked.append(
            {"repository": repository, "tag": tag, "digest": digest, "account": registry_id}
        )
        if self.error:
            raise self.error
        if self.missing:
            return None
        return StoredImage(digest=DIGEST, media_type="", manifest=self.manifest)


@dataclass
class FakeScans:
    """Scans that move on with every look; the last one stays.

    Attributes:
        course: What each look finds, by digest; an error is raised.
        kind: Scan type and frequency.
        started: What starting comes to; the digests asked for are in ``starts``.
    """

    course: Mapping[str, list[Scan | BaseException | None]]
    kind: tuple[str | None, str | None] = ("BASIC", "SCAN_ON_PUSH")
    owner: str = ACCOUNT
    started: Start | StepError = Start.STARTED
    denied: StepError | None = None
    old_model: StepError | None = None
    starts: list[str] = field(default_factory=list)
    looks: int = 0

    def check_model(self) -> None:
        if self.old_model:
            raise self.old_model

    def scan(self, digest: str) -> Scan | None:
        course = self.course[digest]
        self.looks += 1
        found = course.pop(0) if len(course) > 1 else course[0]
        if isinstance(found, BaseException):
            raise found
        return found

    def start(self, digest: str) -> Start:
        self.starts.append(digest)
        if isinstance(self.started, StepError):
            raise self.started
        return self.started

    def scan_type(self) -> tuple[str, str | None]:
        if self.denied:
            raise self.denied
        return self.owner, self.kind[0]

    def frequency(self) -> str | None:
        return self.kind[1]


def gated(
    scans: FakeScans,
    *argv: str,
    image: str = IMAGE,
    images: FakeImages | None = None,
    account: str | None = ACCOUNT,
    said: Said | None = None,
) -> Result:
    options = parse(GateOptions, [image, *argv], {}, prog="scan-gate")
    assert isinstance(options, GateOptions)
    desk = Desk(options, (said or a_world()).world)
    place = Place(repository="app", region="eu-west-1", account=account or "")
    with desk.reporting():
        return scan_gate(desk, images or FakeImages(), scans, place, lambda owner: f"{owner}.host")


def single(*course: Scan | BaseException | None, **changes: Any) -> FakeScans:
    return FakeScans({DIGEST: list(course)}, **changes)


ENHANCED = {"kind": ("ENHANCED", "CONTINUOUS_SCAN")}
MANUAL = {"kind": ("BASIC", "MANUAL")}


def test_a_finished_scan_within_the_limits_passes_and_hands_on_what_was_judged() -> None:
    said = a_world()
    images = FakeImages()

    found = gated(
        single(
            WAITING, a_scan(a_finding(severity="LOW"), completed_at="2026-01-01T00:00:00+00:00")
        ),
        said=said,
        images=images,
    )

    shown: dict[str, Any] = {
        "id": "CVE-1", "severity": "LOW", "package": "zlib", "version": "1", "fixed_in": None,
        "fixable": None, "exploit": None, "score": None, "title": "", "description": "",
        "path": None, "uri": "", "platforms": [],
    }  # fmt: skip
    counts = {**dict.fromkeys(SEVERITIES, 0), "LOW": 1}
    assert found == Result(
        lines=("passed",),
        data={
            "verdict": "passed",
            "image": IMAGE,
            "digest": DIGEST,
            "judged_at": "2026-01-02T03:04:10Z",
            "counts": counts,
            "judged": counts,
            "limits": {"CRITICAL": 0, "HIGH": 0},
            "findings": [shown],
            "unlisted": {},
            "ignored": [],
            "fixable_only": False,
            "fail_when": None,
            "exceptions": [],
            "platforms": [
                {
                    "platform": None,
                    "digest": DIGEST,
                    "status": "COMPLETE",
                    "completed_at": "2026-01-01T00:00:00+00:00",
                }
            ],
            "left_out": [],
        },
        dotenv={"ECSSTEP_IMAGE": f"{HOST}/app@{DIGEST}", "ECSSTEP_IMAGE_DIGEST": DIGEST},
        links=by_label(image_links(parse_reference(f"{HOST}/app@{DIGEST}"))),
        message=f"image '{IMAGE}' ({DIGEST}) is within the limits: 1 LOW",
    )
    assert images.asked == [{"repository": "app", "tag": "v1", "digest": None, "account": ACCOUNT}]
    assert said.clock.slept == [5]
    assert "the scan is IN_PROGRESS" in said.err.getvalue()


def test_findings_over_the_limit_refuse() -> None:
    found = gated(single(a_scan(a_finding(), a_finding("CVE-2", "CRITICAL", fixed_in="2"))))

    assert (found.lines, found.exit, found.dotenv) == (("refused",), Exit.REFUSED, {})
    assert found.message == (
        f"image '{IMAGE}' ({DIGEST}) has 1 CRITICAL (0 allowed) and 1 HIGH (0 allowed)"
    )
    assert found.why[0] == "CRITICAL  CVE-2  zlib 1  fixed in 2"
    assert found.hint == "update zlib to 2, build and push the image again"
    assert found.data["verdict"] == "refused"
    assert list(found.links) == [f"ECR: app@{DIGEST[:19]}"]


@pytest.mark.parametrize(
    ("argv", "verdict"),
    [
        pytest.param([], "refused", id="default"),
        pytest.param(["--max", "high=1"], "passed", id="its own severity"),
        pytest.param(["--max", "HIGH=1", "--max", "MEDIUM=0"], "refused", id="another one"),
        pytest.param(["--max", "CRITICAL=5"], "refused", id="the others stay"),
        pytest.param(["--fixable-only"], "passed", id="no fix"),
    ],
)
def test_the_policy_decides(argv: list[str], verdict: str) -> None:
    scan = a_scan(a_finding(is_fixable=False), a_finding("CVE-2", "MEDIUM", is_fixable=False))

    assert gated(single(scan), *argv).data["verdict"] == verdict


def test_basic_scanning_has_no_fix_data_so_that_its_findings_count() -> None:
    assert gated(single(a_scan(a_finding())), "--fixable-only").exit is Exit.REFUSED


def test_an_enhanced_result_has_to_stay_the_same() -> None:
    said = a_world()
    growing = [a_scan(a_finding(severity="LOW"), status="ACTIVE")] * 12
    more = a_scan(a_finding(severity="LOW"), a_finding("CVE-2", "MEDIUM"), status="ACTIVE")

    found = gated(single(*growing, more, **ENHANCED), said=said)

    assert found.data["counts"]["MEDIUM"] == 1
    assert said.clock.elapsed == 12 * 5 + 180


def test_an_empty_enhanced_result_is_not_clean_before_twice_that_time() -> None:
    said = a_world()

    late = [a_scan(status="ACTIVE")] * 71 + [a_scan(a_finding(), status="ACTIVE")]
    assert gated(single(*late, **ENHANCED), said=said).exit is Exit.REFUSED
    assert said.clock.elapsed == 71 * 5

    said = a_world()
    assert gated(single(a_scan(status="ACTIVE"), **ENHANCED), said=said).lines == ("passed",)
    assert said.clock.elapsed == 360


def test_one_finding_first_and_three_a_minute_later_is_what_aws_has_been_seen_to_say() -> None:
    low, critical = a_finding(severity="LOW"), a_finding("CVE-2", "CRITICAL")
    growing = [a_scan(low, status="ACTIVE")] * 13 + [a_scan(low, critical, status="ACTIVE")]

    assert gated(single(*growing, **ENHANCED)).exit is Exit.REFUSED


def test_an_image_that_was_pushed_long_ago_need_not_settle_again() -> None:
    said = a_world()
    old = a_scan(status="ACTIVE", changed_at="2026-01-02T00:00:00+00:00")

    assert gated(single(old, **ENHANCED), said=said).lines == ("passed",)
    assert said.clock.slept == []


def test_an_enhanced_result_over_the_limit_refuses_at_once() -> None:
    said = a_world()

    found = gated(single(a_scan(a_finding(), status="ACTIVE"), **ENHANCED), said=said)

    assert (found.exit, said.clock.slept) == (Exit.REFUSED, [])


def test_where_the_kind_of_scanning_is_unknown_complete_is_not_final() -> None:
    said = a_world()

    found = gated(single(a_scan(), denied=DENIED), "--settle", "10s", said=said)

    assert (found.lines, said.clock.elapsed) == (("passed",), 20)
    assert "how the registry scans can't be read" in said.err.getvalue()
    assert "allow ecr:It" in said.err.getvalue()


def test_another_accounts_registry_is_not_judged_by_our_configuration() -> None:
    said = a_world()

    gated(single(a_scan(), owner="999999999999"), "--settle", "10s", said=said)

    assert said.clock.elapsed == 20


def test_every_platform_is_judged_and_attestations_are_not() -> None:
    scans = FakeScans(
        {
            AMD64: [a_scan(a_finding(severity="LOW"))],
            ARM64: [WAITING, a_scan(a_finding(severity="LOW"), a_finding("CVE-2"))],
        }
    )

    found = gated(scans, images=FakeImages(manifest=INDEX))

    assert found.exit is Exit.REFUSED
    assert found.data["counts"]["LOW"] == 1
    assert [each["platforms"] for each in found.data["findings"]] == [
        ["linux/arm64"],
        ["linux/amd64", "linux/arm64"],
    ]
    assert [each["platform"] for each in found.data["platforms"]] == ["linux/amd64", "linux/arm64"]
    assert found.data["digest"] == DIGEST


def test_a_platform_without_a_scan_makes_the_whole_unusable() -> None:
    scans = FakeScans({AMD64: [a_scan()], ARM64: [Scan(status="UNSUPPORTED_IMAGE")]})

    with pytest.raises(StepError) as caught:
        gated(scans, images=FakeImages(manifest=INDEX))

    assert caught.value.exit is Exit.FAILED
    assert "linux/arm64: ECR can't scan this image" in caught.value.message
    assert caught.value.why == (
        "linux/amd64: COMPLETE, no findings",
        "linux/arm64: UNSUPPORTED_IMAGE",
    )


@pytest.mark.parametrize(
    "status",
    [
        "FAILED", "UNSUPPORTED_IMAGE", "SCAN_ELIGIBILITY_EXPIRED", "FINDINGS_UNAVAILABLE",
        "LIMIT_EXCEEDED", "IMAGE_ARCHIVED", "IMAGE_SIZE_EXCEEDED", "SOMETHING_NEW", "",
    ],
)  # fmt: skip
def test_anything_but_a_finished_scan_is_never_clean(status: str) -> None:
    said = a_world()

    with pytest.raises(StepError) as caught:
        gated(single(a_scan(status=status)), said=said)

    assert (caught.value.exit, said.clock.slept) == (Exit.FAILED, [])
    assert caught.value.message.startswith(
        f"there is no usable scan of image '{IMAGE}' ({DIGEST}): "
    )
    assert caught.value.hint


def test_a_scan_that_doesnt_end_is_a_timeout_with_what_is_known() -> None:
    said = a_world()

    with pytest.raises(StepError) as caught:
        gated(single(WAITING), "--timeout", "12s", said=said)

    assert caught.value.exit is Exit.TIMEOUT
    assert caught.value.message == (
        f"the scan of image '{IMAGE}' ({DIGEST}) came to no end in 12s: the scan is IN_PROGRESS"
    )
    assert caught.value.why == (f"{DIGEST}: IN_PROGRESS",)
    assert said.clock.elapsed == 12
    assert said.err.getvalue().count("the scan is IN_PROGRESS") == 1


def test_a_result_that_didnt_settle_in_time_is_no_pass() -> None:
    with pytest.raises(StepError, match="may still add findings") as caught:
        gated(single(a_scan(status="ACTIVE"), **ENHANCED), "--timeout", "10s")

    assert caught.value.exit is Exit.TIMEOUT
    assert caught.value.why == (f"{DIGEST}: ACTIVE, no findings",)
    assert caught.value.hint == (
        "the result has to stay the same for 6m: give it --timeout 7m, or less with --settle"
    )
    growing = [a_scan(a_finding(str(n), "LOW"), status="ACTIVE") for n in range(80)]
    with pytest.raises(StepError, match="may still add findings") as caught:
        gated(single(*growing, **ENHANCED), "--timeout", "4m")
    assert caught.value.hint == "run the step again, or give it longer with --timeout"


def test_a_scan_by_hand_is_started_once() -> None:
    said = a_world()
    scans = single(None, None, WAITING, a_scan(), **MANUAL)

    assert gated(scans, said=said).lines == ("passed",)
    assert scans.starts == [DIGEST]
    assert "scan started" in said.err.getvalue()


def test_a_scan_on_push_has_time_to_show_up_before_one_is_started() -> None:
    quick, late = single(None, None, a_scan()), single(*[None] * 8, a_scan())

    gated(quick)
    gated(late)

    assert (quick.starts, late.starts) == ([], [DIGEST])


def test_once_a_day_means_read_what_is_there() -> None:
    scans = single(None, a_scan(), started=Start.ALREADY, **MANUAL)

    assert gated(scans).lines == ("passed",)


def test_a_registry_that_turns_out_to_be_enhanced_is_treated_as_such() -> None:
    said = a_world()
    scans = single(None, a_scan(status="COMPLETE"), started=Start.ENHANCED, kind=(None, None))

    gated(scans, said=said)

    assert said.clock.elapsed == 5 + 360


def test_nothing_is_started_where_that_was_not_wanted() -> None:
    scans = single(None, **MANUAL)

    with pytest.raises(StepError, match="isn't scanned on push") as caught:
        gated(scans, "--start", "never")

    assert (caught.value.exit, scans.starts) == (Exit.FAILED, [])


def test_a_start_that_is_denied_stops_where_nothing_else_would_start_it() -> None:
    with pytest.raises(StepError) as caught:
        gated(single(None, started=DENIED, **MANUAL))
    assert caught.value is DENIED

    said = a_world()
    assert gated(
        single(None, a_scan(), started=DENIED, kind=(None, None)), "--settle", "1s", said=said
    ).lines == ("passed",)
    assert "no scan can be started" in said.err.getvalue()


def test_a_scan_that_never_shows_up_is_unusable_after_five_minutes() -> None:
    said = a_world()

    with pytest.raises(StepError, match="it was never scanned") as caught:
        gated(single(None), said=said)

    assert (caught.value.exit, said.clock.elapsed) == (Exit.FAILED, 300)
    assert caught.value.why == (f"{DIGEST}: no scan",)


def test_a_repository_that_no_rule_covers_is_told_at_once() -> None:
    said = a_world()

    with pytest.raises(StepError, match="none of its rules covers the repository"):
        gated(single(None, kind=("ENHANCED", "MANUAL")), said=said)

    assert said.clock.slept == []


@pytest.mark.parametrize("error", [THROTTLED, DENIED])
def test_a_look_that_fails_is_no_verdict(error: StepError) -> None:
    with pytest.raises(StepError) as caught:
        gated(single(WAITING, error))

    assert caught.value is error


def test_a_configuration_that_cant_be_read_for_now_is_no_guess() -> None:
    with pytest.raises(StepError) as caught:
        gated(single(a_scan(), denied=THROTTLED))

    assert caught.value is THROTTLED


def test_an_interruption_says_what_is_known() -> None:
    said = a_world()

    with pytest.raises(Terminated):
        gated(single(WAITING, Terminated()), said=said)

    assert f'no longer waiting for the scan  known="{DIGEST}: IN_PROGRESS"' in said.err.getvalue()


def test_a_botocore_that_is_too_old_judges_nothing() -> None:
    old = StepError("too old", exit=Exit.FAILED)
    images = FakeImages()

    with pytest.raises(StepError, match="too old"):
        gated(single(a_scan(), old_model=old), images=images)

    assert images.asked == []


def test_a_missing_image_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(StepError, match=f"there is no image '{IMAGE}'") as caught:
        gated(single(a_scan()), images=FakeImages(missing=True))

    assert (caught.value.exit, bool(caught.value.hint)) == (Exit.USAGE, True)


def test_something_that_is_no_image_is_not_waited_for() -> None:
    chart = json.dumps({"config": {"mediaType": "application/vnd.cncf.helm.config.v1+json"}})

    with pytest.raises(StepError, match="it is no container image") as caught:
        gated(single(None), images=FakeImages(manifest=chart))

    assert caught.value.exit is Exit.FAILED


def test_a_digest_beats_the_tag_beside_it() -> None:
    images = FakeImages()

    gated(single(a_scan()), image=f"{IMAGE}@{DIGEST}", images=images)

    assert images.asked[0]["tag"] is None
    assert images.asked[0]["digest"] == DIGEST


def test_an_image_that_may_not_be_read_is_judged_by_its_digest() -> None:
    said = a_world()

    found = gated(
        single(a_scan()), image=f"{HOST}/app@{DIGEST}", images=FakeImages(error=DENIED), said=said
    )
    assert found.lines == ("passed",)
    assert "taken for one of a single platform" in said.err.getvalue()

    with pytest.raises(StepError, match="not authorized"):
        gated(single(a_scan()), images=FakeImages(error=DENIED))
    with pytest.raises(StepError, match="Rate exceeded"):
        gated(single(a_scan()), image=f"{HOST}/app@{DIGEST}", images=FakeImages(error=THROTTLED))


def test_an_image_without_a_host_is_in_the_callers_own_registry() -> None:
    images = FakeImages()

    gated(single(a_scan()), image="team/app:v1", images=images, account=None)

    assert images.asked[0] == {
        "repository": "team/app", "tag": "v1", "digest": None, "account": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        pytest.param([], "IMAGE is missing: give IMAGE or ECSSTEP_IMAGE", id="nothing"),
        pytest.param(["app"], "'app' has neither tag nor digest", id="no tag"),
        pytest.param(["docker.io/app:v1"], "'docker.io' is no private registry", id="elsewhere"),
        pytest.param([f"{HOST}.evil.example/app:v1"], "is no private registry", id="look-alike"),
        pytest.param(["public.ecr.aws/x/app:v1"], "is no private registry", id="public"),
        pytest.param(["App:v1"], "is no image reference", id="no reference"),
        pytest.param([IMAGE, "--max", "SEVERE=1"], "'SEVERE' is no severity", id="severity"),
        pytest.param(
            [IMAGE, "--max", "HIGH=1", "--max", "high=2"],
            "--max: HIGH is given twice with different numbers",
            id="twice",
        ),
        pytest.param([IMAGE, "--timeout", "0"], "no time at all", id="timeout"),
        pytest.param(["localhost:5000/app:v1"], "in the sandbox alone", id="this machine"),
    ],
)
def test_a_mistake_is_told_before_any_call(
    argv: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")

    ended = invoke(main, *argv)

    assert (ended.code, ended.out) == (Exit.USAGE, "")
    assert said in ended.err


def test_the_registrys_region_counts_and_no_credentials_are_told() -> None:
    ended = invoke(main, IMAGE)

    assert ended.code == Exit.ACCESS
    assert "there are no AWS credentials" in ended.err


def test_a_region_that_cant_exist_is_told() -> None:
    ended = invoke(main, IMAGE.replace("eu-west-1", "p-northeast-1"))

    assert ended.code == Exit.USAGE
    assert "p-northeast-1" in ended.err


def files_in(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


def in_folder(monkeypatch: pytest.MonkeyPatch, folder: Path, **files: str) -> None:
    monkeypatch.chdir(folder)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)


IGNORED = '[[ignore]]\nid = "CVE-1"\nreason = "r"\nuntil = 2026-01-10\n'


def test_the_file_of_exceptions_in_the_working_folder_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_folder(monkeypatch, tmp_path)
    (tmp_path / ".scan-gate.toml").write_text(IGNORED)
    said = a_world()

    found = gated(single(a_scan(a_finding())), said=said)

    assert found.lines == ("passed",)
    assert found.data["ignored"][0]["reason"] == (
        "r (until 2026-01-10, '.scan-gate.toml', entry 1)"
    )
    assert found.data["exceptions"][0]["state"] == "used"
    assert "ends in 8 days: CVE-1 will count again" in said.err.getvalue()
    assert "set_aside=1" in said.err.getvalue()


def test_two_files_of_exceptions_are_one_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_folder(monkeypatch, tmp_path)
    (tmp_path / ".scan-gate.toml").write_text(IGNORED)
    (tmp_path / ".scan-gate.yaml").write_text("ignore: []")

    with pytest.raises(StepError, match="more than one file of exceptions") as caught:
        gated(single(a_scan()))
    assert caught.value.exit is Exit.USAGE
    assert gated(
        single(a_scan(a_finding())),
        *("--ignore-file", ".scan-gate.toml", "--ignore-file", ".scan-gate.yaml"),
    ).lines == ("passed",)


def test_mistakes_in_the_exceptions_are_told_all_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_folder(monkeypatch, tmp_path)
    (tmp_path / "one.yaml").write_text("ignore: [{id: CVE-1}]")
    (tmp_path / "two.toml").write_text("[[ignore]]\n")

    with pytest.raises(StepError, match="3 mistakes in the exceptions") as caught:
        gated(single(a_scan()), "--ignore-file", "one.yaml", "--ignore-file", "two.toml")
    assert len(caught.value.why) == 3
    with pytest.raises(StepError, match="'reason' is missing") as caught:
        gated(single(a_scan()), "--ignore-file", "one.yaml")
    assert (caught.value.exit, caught.value.why) == (Exit.USAGE, ())
    with pytest.raises(StepError, match=r"can't read 'three\.toml'") as caught:
        gated(single(a_scan()), "--ignore-file", "three.toml")
    assert caught.value.hint


def test_a_file_of_exceptions_that_is_named_twice_is_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_folder(monkeypatch, tmp_path)
    (tmp_path / "one.toml").write_text(IGNORED)
    said = a_world()

    gated(single(a_scan()), "--ignore-file", "one.toml", "--ignore-file", "./one.toml", said=said)

    assert said.err.getvalue().count("is not used") == 1


def test_what_another_tools_file_says_and_we_cant_judge_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_folder(monkeypatch, tmp_path)
    (tmp_path / ".grype.yaml").write_text("ignore: [{vulnerability: CVE-1, namespace: debian}]")
    said = a_world()

    found = gated(single(a_scan(a_finding())), "--ignore-file", ".grype.yaml", said=said)

    assert found.exit is Exit.REFUSED
    assert "'namespace' can't be told by ECR's findings" in said.err.getvalue()


def test_a_condition_refuses_and_a_slip_in_it_is_a_mistake() -> None:
    scan = a_scan(a_finding(severity="LOW"))

    found = gated(single(scan), "--fail-when", "counts.LOW > `0`")

    assert (found.exit, found.data["verdict"]) == (Exit.REFUSED, "refused")
    assert found.message == f"image '{IMAGE}' ({DIGEST}) meets the condition 'counts.LOW > `0`'"
    assert (found.why, "fix" in found.hint) == (("all findings: 1 LOW",), False)
    with pytest.raises(StepError, match="does not fit the result: there is no 'LO'") as caught:
        gated(single(scan), "--fail-when", "counts.LO > `0`")
    assert (caught.value.exit, bool(caught.value.hint)) == (Exit.USAGE, True)
    with pytest.raises(StepError, match="it compares None, which is no number") as caught:
        gated(single(scan), "--fail-when", "findings[0].score > `9`")
    assert (caught.value.exit, bool(caught.value.hint)) == (Exit.USAGE, True)


def test_a_condition_over_what_the_scan_doesnt_tell_is_warned_about() -> None:
    said = a_world()
    scan = a_scan(a_finding(severity="LOW"))

    found = gated(single(scan), "--fail-when", "length(findings[?exploit]) > `0`", said=said)

    assert found.lines == ("passed",)
    assert "asks for what this scan doesn't tell of each finding" in said.err.getvalue()
    assert "fields=exploit" in said.err.getvalue()
    assert found.data["fail_when"] == "length(findings[?exploit]) > `0`"


def test_fixable_only_says_that_there_is_no_fix_data() -> None:
    said = a_world()

    gated(single(a_scan(a_finding(severity="LOW"))), "--fixable-only", said=said)

    assert "has no fix data counts" in said.err.getvalue()


def test_a_platform_can_be_left_out() -> None:
    images = FakeImages(manifest=INDEX)
    scans = FakeScans({AMD64: [a_scan()], ARM64: [a_scan(a_finding())]})

    found = gated(scans, "--platform", "linux/amd64", images=images)

    assert [each["platform"] for each in found.data["platforms"]] == ["linux/amd64"]
    assert (found.data["digest"], found.data["left_out"]) == (DIGEST, ["linux/arm64"])
    with pytest.raises(StepError, match="it has no platform 'linux/arm'") as caught:
        gated(scans, "--platform", "linux/arm", images=images)
    assert caught.value.exit is Exit.USAGE
    said = a_world()
    assert gated(single(a_scan()), "--platform", "linux/arm64", said=said).lines == ("passed",)
    assert "--platform has no effect" in said.err.getvalue()


def test_what_is_handed_on_is_what_was_judged() -> None:
    images = FakeImages(manifest=INDEX)
    scans = FakeScans({AMD64: [a_scan()], ARM64: [a_scan()]})
    said = a_world()

    one = gated(scans, "--platform", "linux/amd64", images=images, said=said)
    both = gated(scans, images=images)

    assert one.dotenv == {"ECSSTEP_IMAGE": f"{HOST}/app@{AMD64}", "ECSSTEP_IMAGE_DIGEST": AMD64}
    assert both.dotenv == {"ECSSTEP_IMAGE": f"{HOST}/app@{DIGEST}", "ECSSTEP_IMAGE_DIGEST": DIGEST}
    assert f"handed on is the platform that was judged  digest={AMD64}" in said.err.getvalue()


def test_some_of_several_platforms_are_no_pass_of_the_whole() -> None:
    more = {"digest": "sha256:3", "platform": {"os": "linux", "architecture": "s390x"}}
    three = [*json.loads(INDEX)["manifests"][:2], more]
    said = a_world()
    scans = FakeScans({AMD64: [a_scan()], ARM64: [a_scan()]})

    found = gated(
        scans, "--platform", "linux/amd64", "--platform", "linux/arm64", said=said,
        images=FakeImages(manifest=json.dumps({"manifests": three})),
    )  # fmt: skip

    assert (found.data["left_out"], found.dotenv["ECSSTEP_IMAGE_DIGEST"]) == (
        ["linux/s390x"], DIGEST,
    )  # fmt: skip
    assert "the image as a whole was not judged" in said.err.getvalue()


@pytest.mark.parametrize(
    ("owner", "expected"), [(ACCOUNT, f"{ACCOUNT}.host/app@{DIGEST}"), ("", f"app@{DIGEST}")]
)
def test_an_image_without_a_host_is_handed_on_with_its_registry(owner: str, expected: str) -> None:
    found = gated(single(a_scan(registry_id=owner)), image="app:v1", account=None)

    assert found.dotenv == {"ECSSTEP_IMAGE": expected, "ECSSTEP_IMAGE_DIGEST": DIGEST}


class Connection:
    def __init__(self, *, is_emulated: bool) -> None:
        self.region = "eu-west-1"
        self.is_emulated = is_emulated


FIPS = f"{ACCOUNT}.dkr.ecr-fips.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("known", "is_emulated", "expected"),
    [
        pytest.param("", False, HOST, id="its plain name"),
        pytest.param(FIPS, False, FIPS, id="the name that is in use"),
        pytest.param(FIPS.replace("west", "north"), False, HOST, id="another region's"),
        pytest.param(FIPS.replace("1", "2", 1), False, HOST, id="another account's"),
        pytest.param("127.0.0.1:5000", True, "127.0.0.1:5000", id="the sandbox's"),
        pytest.param("127.0.0.1:5000", False, HOST, id="no sandbox"),
        pytest.param("", True, HOST, id="a sandbox, without its name"),
    ],
)
def test_the_registry_of_an_account_has_the_name_that_is_in_use(
    known: str, is_emulated: bool, expected: str
) -> None:
    aws: Any = Connection(is_emulated=is_emulated)

    assert _host(aws, ACCOUNT, known=known) == expected


def test_reports_are_written_in_one_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_folder(monkeypatch, tmp_path)
    formats = ("json", "gitlab", "codequality", "junit", "sarif", "markdown")
    asked = [word for name in formats for word in ("--report", f"{name}={name}")]

    found = gated(single(a_scan(a_finding())), *asked, "--dockerfile", "docker/Dockerfile")

    texts = files_in(tmp_path)
    assert set(texts) == set(formats)
    assert json.loads(texts["json"]) == found.data
    assert json.loads(texts["codequality"])[0]["location"]["path"] == "docker/Dockerfile"
    assert all(DIGEST in text for text in texts.values())


@pytest.mark.parametrize(
    "scans",
    [
        pytest.param(single(Scan(status="FAILED")), id="failed"),
        pytest.param(single(WAITING), id="timeout"),
        pytest.param(single(THROTTLED), id="throttled"),
        pytest.param(single(WAITING, Terminated()), id="sigterm"),
        pytest.param(single(WAITING, KeyboardInterrupt()), id="ctrl-c"),
        pytest.param(single(WAITING, KeyError("key")), id="a bug"),
        pytest.param(single(WAITING, SystemExit(3)), id="an exit"),
    ],
)
def test_an_old_report_of_a_pass_doesnt_stay(
    scans: FakeScans, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_folder(monkeypatch, tmp_path, passed__json='{"verdict": "passed"}')

    with pytest.raises((StepError, Terminated, KeyboardInterrupt, KeyError, SystemExit)):
        gated(scans, "--report", "json=passed.json")

    found = json.loads(files_in(tmp_path)["passed.json"])
    assert (found["verdict"], found["digest"]) == ("unusable", DIGEST)
    assert found["reason"]
    assert found["hint"] or isinstance(scans.course[DIGEST][0], StepError)


@pytest.mark.parametrize(
    ("error", "code"),
    [(Terminated(), 143), (KeyboardInterrupt(), 130), (KeyError(), 70), (THROTTLED, 75)],
)
def test_a_report_has_the_steps_own_exit_code(
    error: BaseException, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_folder(monkeypatch, tmp_path)

    with pytest.raises(type(error)):
        gated(single(error), "--report", "scan.sarif")

    [run] = json.loads(files_in(tmp_path)["scan.sarif"])["runs"]
    assert run["invocations"][0]["exitCode"] == code


def test_while_the_gate_works_its_reports_say_that_there_is_no_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_folder(monkeypatch, tmp_path, passed__json='{"verdict": "passed"}')
    seen: list[str] = []

    class Looking(FakeScans):
        def scan(self, digest: str) -> Scan | None:
            seen.append(json.loads(files_in(tmp_path)["passed.json"])["verdict"])
            return super().scan(digest)

    asked = ("--report", "json=passed.json", "--report", "junit=/dev/null")
    gated(Looking({DIGEST: [a_scan()]}), *asked)

    assert seen == ["unusable"]
    assert json.loads(files_in(tmp_path)["passed.json"])["verdict"] == "passed"


def test_one_report_that_cant_be_written_leaves_no_other_of_an_older_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_folder(monkeypatch, tmp_path, passed__json='{"verdict": "passed"}')
    said = a_world()
    asked = ("--report", f"junit={tmp_path}", "--report", "json=passed.json")

    with pytest.raises(StepError, match="is a folder"):
        gated(single(a_scan()), *asked, said=said)

    found = json.loads(files_in(tmp_path)["passed.json"])
    assert (found["verdict"], "is a folder" in found["reason"]) == ("unusable", True)
    assert "is a folder" not in said.err.getvalue()


def test_no_credentials_leave_no_old_report_of_a_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_folder(monkeypatch, tmp_path, passed__json='{"verdict": "passed"}')

    ended = invoke(main, IMAGE, "--report", "json=passed.json")

    assert ended.code == Exit.ACCESS
    assert json.loads(files_in(tmp_path)["passed.json"])["verdict"] == "unusable"


def test_a_report_that_cant_be_written_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_folder(monkeypatch, tmp_path)
    scans = single(a_scan())

    with pytest.raises(StepError, match="is a folder") as caught:
        gated(scans, "--report", f"json={tmp_path}")

    assert (caught.value.exit, scans.looks) == (Exit.USAGE, 0)


@pytest.mark.parametrize(("severity", "exit_code"), [("HIGH", Exit.REFUSED), ("LOW", Exit.USAGE)])
def test_a_report_that_fails_in_the_end_makes_no_pass_and_hides_no_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, severity: str, exit_code: Exit
) -> None:
    in_folder(monkeypatch, tmp_path)
    said = a_world()

    class Vanishing(FakeScans):
        def scan(self, digest: str) -> Scan | None:
            (tmp_path / "report").unlink(missing_ok=True)
            (tmp_path / "report").mkdir()
            return super().scan(digest)

    scans = Vanishing({DIGEST: [a_scan(a_finding(severity=severity))]})
    try:
        asked = ("--report", "json=report", "--report", "junit=scan.xml")
        code = gated(scans, *asked, said=said).exit
    except StepError as error:
        code = error.exit

    assert code is exit_code
    # It is told once: here, or as what the step ends by.
    told = said.err.getvalue().count("can't write 'report'")
    assert told == (1 if code is Exit.REFUSED else 0)
    # One that fails keeps no other from being written, and no report says more than the step.
    assert 'errors="0"' not in (tmp_path / "scan.xml").read_text() or code is Exit.REFUSED


def test_two_reports_in_one_file_are_a_mistake() -> None:
    for other in ("a", "./a", "b/../a"):
        ended = invoke(main, IMAGE, "--report", "json=a", "--report", f"sarif={other}")

        assert ended.code == Exit.USAGE
        assert "two reports are to go into 'a'" in ended.err


@pytest.mark.parametrize(
    "argv",
    [
        ["--report", "json=.scan-gate.toml"],
        ["--report", "json=./mine.toml", "--ignore-file", "mine.toml"],
    ],
)
def test_no_report_is_written_over_the_exceptions(argv: list[str]) -> None:
    ended = invoke(main, IMAGE, *argv)

    assert ended.code == Exit.USAGE
    assert "is a file of exceptions, which would be written over" in ended.err


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({"IMAGE_REPO_NAME": "app", "IMAGE_TAG": "v1"}, "app:v1", id="article 001"),
        pytest.param(
            {"ECR_REGISTRY": HOST, "ECR_REPOSITORY": "app", "IMAGE_TAG": "v1"},
            IMAGE,
            id="article 000",
        ),
        pytest.param(
            {"ECR_REGISTRY": HOST, "ECR_REPOSITORY": f"{HOST}/app", "IMAGE_TAG": "v1"},
            IMAGE,
            id="the host twice",
        ),
        pytest.param(
            {"ECSSTEP_IMAGE": "app:v2", "IMAGE_REPO_NAME": "APP", "IMAGE_TAG": "!"},
            "app:v2",
            id="the image goes first",
        ),
    ],
)
def test_the_articles_variables_name_the_image(environ: dict[str, str], expected: str) -> None:
    options = parse(GateOptions, [], environ, prog="scan-gate")

    assert isinstance(options, GateOptions)
    assert str(options.subject) == expected


def test_options_that_nobody_read_name_no_image() -> None:
    with pytest.raises(ValueError, match="no image was given"):
        _ = GateOptions().subject


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "IMAGE is missing: give IMAGE or ECSSTEP_IMAGE, or ECR_REPOSITORY"),
        ({"IMAGE_TAG": "v1"}, "IMAGE is missing"),
        ({"IMAGE_REPO_NAME": "app"}, "IMAGE is missing"),
        ({"IMAGE_REPO_NAME": "App", "IMAGE_TAG": "v1"}, "is no image reference"),
        ({"IMAGE_REPO_NAME": "app", "IMAGE_TAG": "v 1"}, "'v 1' is no image tag"),
        (
            {"ECR_REGISTRY": "https://h", "IMAGE_REPO_NAME": "app", "IMAGE_TAG": "v1"},
            "'https://h' is no registry host",
        ),
        (
            {"ECR_REGISTRY": "other.example", "ECR_REPOSITORY": f"{HOST}/app", "IMAGE_TAG": "v1"},
            "is not in the registry 'other.example'",
        ),
    ],
)
def test_what_the_articles_variables_lack_is_told(environ: dict[str, str], said: str) -> None:
    ended = invoke(main, environ=environ)

    assert ended.code == Exit.USAGE
    assert said in ended.err
    assert ended.err.count("IMAGE is missing") <= 1


def test_an_old_scan_is_done_again() -> None:
    old = a_scan(completed_at="2025-01-01T00:00:00+00:00")
    new = a_scan(a_finding(), completed_at="2026-01-02T03:04:05+00:00")
    said = a_world()
    scans = single(old, old, WAITING, new)

    assert gated(scans, said=said).exit is Exit.REFUSED
    assert scans.starts == [DIGEST]
    assert "a new one has been started" in said.err.getvalue()


@pytest.mark.parametrize("started", [Start.ALREADY, Start.ENHANCED, DENIED])
def test_an_old_scan_that_cant_be_done_again_is_unusable(started: Start | StepError) -> None:
    old = a_scan(completed_at="2025-01-01T00:00:00+00:00")

    with pytest.raises(StepError, match="its last scan is 366 days old") as caught:
        gated(single(old, started=started, **MANUAL))

    assert caught.value.exit is Exit.FAILED


def test_a_longer_age_can_be_allowed() -> None:
    old = a_scan(completed_at="2025-12-30T03:04:05+00:00")

    assert gated(single(old), "--max-age", "73h").lines == ("passed",)


def test_the_grace_can_be_set() -> None:
    said = a_world()

    with pytest.raises(StepError, match="it was never scanned"):
        gated(single(None), "--grace", "20s", said=said)

    assert said.clock.elapsed == 20


def test_a_frequency_that_may_not_be_read_leaves_the_type_known() -> None:
    class Secretive(FakeScans):
        def frequency(self) -> str | None:
            raise DENIED

    said = a_world()

    assert gated(Secretive({DIGEST: [a_scan()]}), said=said).lines == ("passed",)
    assert said.clock.elapsed == 0
    assert "when the repository is scanned can't be read" in said.err.getvalue()
