"""Whether a scan's result may be judged."""

import pytest

from ecsstep.rules.findings import Finding, Scan
from ecsstep.rules.scan_place import Place
from ecsstep.rules.scans import (
    Coverage,
    Look,
    Ready,
    State,
    Terms,
    Unusable,
    Waiting,
    assess,
    wants_start,
)

BASIC = Coverage(scan_type="BASIC", frequency="SCAN_ON_PUSH")
MANUAL = Coverage(scan_type="BASIC", frequency="MANUAL")
ENHANCED = Coverage(scan_type="ENHANCED", frequency="CONTINUOUS_SCAN")
UNCOVERED = Coverage(scan_type="ENHANCED", frequency="MANUAL")
UNKNOWN = Coverage()
FOUND = (Finding(id="CVE-1", severity="LOW"),)
MONTH = 30 * 24 * 3600.0


def a_scan(status: str = "COMPLETE", **changes: object) -> Scan:
    return Scan(**{"status": status, "has_findings": True, **changes})  # type: ignore[arg-type]


def assessed(
    scan: Scan | None,
    coverage: Coverage,
    *,
    elapsed: float = 0,
    steady: float = 0,
    start: bool = True,
    **look: object,
) -> State:
    seen = Look(scan=scan, elapsed=elapsed, steady=steady, **look)  # type: ignore[arg-type]
    return assess(seen, coverage, Terms(start=start))


@pytest.mark.parametrize(
    ("scan", "coverage", "steady", "is_settled"),
    [
        pytest.param(a_scan(), BASIC, 0, True, id="basic, complete and empty: final"),
        pytest.param(a_scan(findings=FOUND), BASIC, 0, True, id="basic, complete: final"),
        pytest.param(a_scan("ACTIVE", findings=FOUND), BASIC, 0, False, id="active is not basic's"),
        pytest.param(a_scan(findings=FOUND), UNKNOWN, 0, False, id="unknown type: not yet"),
        pytest.param(
            a_scan("ACTIVE", findings=FOUND), ENHANCED, 179, False, id="enhanced: not yet"
        ),
        pytest.param(
            a_scan("ACTIVE", findings=FOUND), ENHANCED, 180, True, id="enhanced: the same"
        ),
        pytest.param(a_scan(findings=FOUND), ENHANCED, 180, True, id="enhanced, complete"),
        pytest.param(a_scan("ACTIVE"), ENHANCED, 359, False, id="enhanced, empty: not yet"),
        pytest.param(a_scan("ACTIVE"), ENHANCED, 360, True, id="enhanced, empty: twice as long"),
        pytest.param(a_scan("ACTIVE", counts={"LOW": 1}), ENHANCED, 180, True, id="counts alone"),
        pytest.param(
            a_scan("ACTIVE", counts={"LOW": 0}), ENHANCED, 180, False, id="counts of zero"
        ),
    ],
)
def test_a_result_is_ready_and_settles(
    scan: Scan, coverage: Coverage, steady: float, is_settled: bool
) -> None:
    state = assessed(scan, coverage, steady=steady)

    assert isinstance(state, Ready)
    assert (state.scan, state.is_settled) == (scan, is_settled)


def test_one_finding_that_stays_for_a_minute_is_no_whole_list() -> None:
    state = assessed(a_scan("ACTIVE", findings=FOUND), ENHANCED, steady=60)

    assert state == Ready(scan=a_scan("ACTIVE", findings=FOUND), is_settled=False, needed=180)


@pytest.mark.parametrize(
    ("scan", "quiet", "is_settled"),
    [
        pytest.param(a_scan("ACTIVE", findings=FOUND), 480, True, id="longer than the clocks"),
        pytest.param(a_scan("ACTIVE", findings=FOUND), 479, False, id="the clocks may differ"),
        pytest.param(a_scan("ACTIVE"), 660, True, id="empty"),
        pytest.param(a_scan("ACTIVE"), 659, False, id="empty, not yet"),
        pytest.param(a_scan("ACTIVE"), -60, False, id="our clock is late"),
        pytest.param(a_scan("ACTIVE"), None, False, id="nobody says"),
    ],
)
def test_what_the_answers_own_times_prove_needs_no_second_wait(
    scan: Scan, quiet: float | None, is_settled: bool
) -> None:
    state = assessed(scan, ENHANCED, quiet=quiet)

    assert isinstance(state, Ready)
    assert state.is_settled is is_settled


@pytest.mark.parametrize(
    ("scan", "coverage", "elapsed", "reason"),
    [
        pytest.param(a_scan("IN_PROGRESS"), BASIC, 9e9, "the scan is IN_PROGRESS", id="under way"),
        pytest.param(a_scan("PENDING"), ENHANCED, 0, "the scan is PENDING", id="pending"),
        pytest.param(
            a_scan("PENDING", findings=FOUND), ENHANCED, 0, "the scan is PENDING", id="filled"
        ),
        pytest.param(
            a_scan(has_findings=False), BASIC, 0,
            "the scan is COMPLETE, but there is no result yet", id="complete without result",
        ),
        pytest.param(None, BASIC, 299, "ECR knows of no scan yet", id="not yet known"),
        pytest.param(None, MANUAL, 0, "ECR knows of no scan yet", id="by hand"),
        pytest.param(None, UNKNOWN, 0, "ECR knows of no scan yet", id="nothing known"),
    ],
)  # fmt: skip
def test_what_may_still_come_is_waited_for(
    scan: Scan | None, coverage: Coverage, elapsed: float, reason: str
) -> None:
    assert assessed(scan, coverage, elapsed=elapsed) == Waiting(reason=reason)


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("FAILED", "the scan failed: FAILED (words)"),
        ("UNSUPPORTED_IMAGE", "ECR can't scan this image: UNSUPPORTED_IMAGE (words)"),
        (
            "SCAN_ELIGIBILITY_EXPIRED",
            (
                "the time for which Amazon Inspector scans this image is over, its findings are "
                "too old: SCAN_ELIGIBILITY_EXPIRED (words)"
            ),
        ),
        (
            "FINDINGS_UNAVAILABLE",
            "ECR has no findings for this image: FINDINGS_UNAVAILABLE (words)",
        ),
        ("LIMIT_EXCEEDED", "the account's quota of scans is used up: LIMIT_EXCEEDED (words)"),
        (
            "IMAGE_ARCHIVED",
            "the image is archived, and an archived image isn't scanned: IMAGE_ARCHIVED (words)",
        ),
        (
            "IMAGE_SIZE_EXCEEDED",
            "the image is larger than ECR's scanner takes: IMAGE_SIZE_EXCEEDED (words)",
        ),
        ("SOMETHING_NEW", "the scan is in the unknown state 'SOMETHING_NEW' (words)"),
        ("", "ECR's answer about the scan names no state (words)"),
    ],
)
def test_every_dead_end_has_its_own_words(status: str, reason: str) -> None:
    # Findings beside a dead end are no result.
    state = assessed(a_scan(status, description="wor\x1b[1mds", findings=FOUND), BASIC, steady=9e9)

    assert isinstance(state, Unusable)
    assert state.reason == reason
    assert state.hint


@pytest.mark.parametrize(
    ("coverage", "elapsed", "start", "said"),
    [
        pytest.param(UNCOVERED, 0, True, "none of its rules covers the repository", id="uncovered"),
        pytest.param(MANUAL, 0, False, "isn't scanned on push", id="by hand, not allowed"),
        pytest.param(BASIC, 300, True, "it was never scanned", id="basic"),
        pytest.param(ENHANCED, 300, True, "it was never scanned", id="enhanced"),
        pytest.param(UNKNOWN, 300, False, "it was never scanned", id="nothing known"),
    ],
)
def test_a_scan_that_will_never_be_is_no_wait(
    coverage: Coverage, elapsed: float, start: bool, said: str
) -> None:
    state = assessed(None, coverage, elapsed=elapsed, start=start)

    assert isinstance(state, Unusable)
    assert said in state.reason
    assert state.hint


def test_a_severity_without_a_possible_limit_is_no_result() -> None:
    state = assessed(a_scan(counts={"SEVERE": 1}), BASIC)

    assert isinstance(state, Unusable)
    assert "the severity 'SEVERE'" in state.reason


@pytest.mark.parametrize(
    ("coverage", "elapsed", "wants"),
    [
        pytest.param(MANUAL, 0, True, id="by hand: at once"),
        pytest.param(UNKNOWN, 0, True, id="nothing known: worth a try"),
        pytest.param(BASIC, 0, False, id="on push: give it time"),
        pytest.param(BASIC, 30, True, id="on push: pushed before that was switched on"),
        pytest.param(ENHANCED, 9e9, False, id="enhanced: no scan by hand"),
        pytest.param(UNCOVERED, 0, False, id="uncovered"),
    ],
)
def test_a_scan_is_started_where_nothing_else_does(
    coverage: Coverage, elapsed: float, wants: bool
) -> None:
    look = Look(scan=None, elapsed=elapsed, steady=0)

    assert wants_start(look, coverage, Terms()) is wants
    assert not wants_start(look, coverage, Terms(start=False))


def test_a_scan_is_started_once_and_only_where_there_is_none() -> None:
    asked = Look(scan=None, elapsed=0, steady=0, was_asked=True)
    assert not wants_start(asked, MANUAL, Terms())
    assert not wants_start(Look(scan=a_scan("PENDING"), elapsed=0, steady=0), MANUAL, Terms())


def test_a_shorter_grace_leaves_less_time_to_the_scan_on_push() -> None:
    look = Look(scan=None, elapsed=2, steady=0)

    assert wants_start(look, BASIC, Terms(grace=20))
    assert not wants_start(look, BASIC, Terms(grace=300))


@pytest.mark.parametrize(
    ("status", "age", "is_usable"),
    [
        pytest.param("COMPLETE", MONTH, True, id="old enough"),
        pytest.param("COMPLETE", MONTH + 1, False, id="too old"),
        pytest.param("COMPLETE", None, True, id="nobody says"),
        pytest.param("COMPLETE", -5.0, True, id="clocks differ"),
        pytest.param("ACTIVE", 12 * MONTH, True, id="kept up to date by AWS"),
    ],
)
def test_a_scan_may_be_too_old(status: str, age: float | None, is_usable: bool) -> None:
    state = assessed(a_scan(status), UNKNOWN, age=age)

    assert isinstance(state, Ready) is is_usable
    if isinstance(state, Unusable):
        assert state.reason == "its last scan is 30 days old, and there is no newer one"
        assert "--max-age" in state.hint


@pytest.mark.parametrize(
    ("frequency", "is_usable"),
    [("CONTINUOUS_SCAN", True), (None, True), ("SCAN_ON_PUSH", False), ("MANUAL", False)],
)
def test_only_a_continuous_scan_never_grows_old(frequency: str | None, is_usable: bool) -> None:
    coverage = Coverage(scan_type="ENHANCED", frequency=frequency)

    state = assessed(a_scan("ACTIVE"), coverage, age=12 * MONTH)

    assert isinstance(state, Ready) is is_usable
    if isinstance(state, Unusable):
        assert state.hint == (
            "push the image again, have the repository scanned continuously, or allow its age with "
            "--max-age"
        )


def test_a_scan_that_is_too_old_is_done_again_where_that_can_be() -> None:
    old = Look(scan=a_scan(), elapsed=0, steady=0, age=2 * MONTH)

    assert wants_start(old, BASIC, Terms())
    assert not wants_start(old, ENHANCED, Terms())
    assert not wants_start(old, BASIC, Terms(start=False))
    assert not wants_start(old, BASIC, Terms(max_age=3 * MONTH))
    assert assessed(a_scan(), BASIC, age=7200.0 + MONTH, was_asked=True, is_coming=True) == Waiting(
        reason="the scan is 30 days old; a new one has been started"
    )
    late = assessed(a_scan(), BASIC, elapsed=300, age=2 * MONTH, was_asked=True, is_coming=True)
    assert isinstance(late, Unusable)
    refused = assessed(a_scan(), BASIC, age=2 * MONTH, was_asked=True)
    assert isinstance(refused, Unusable)


@pytest.mark.parametrize(
    ("age", "words"), [(30.0, "minutes"), (7200.0, "2 hours"), (200_000.0, "2 days")]
)
def test_an_age_is_said_in_words(age: float, words: str) -> None:
    look = Look(scan=a_scan(), elapsed=0, steady=0, age=age)
    state = assess(look, BASIC, Terms(max_age=1))

    assert isinstance(state, Unusable)
    assert f"is {words} old" in state.reason


PLACE = Place(repository="shop/app", digest="sha256:1", region="eu-west-1", account="1")


@pytest.mark.parametrize(
    ("scan", "coverage", "elapsed", "command"),
    [
        pytest.param(
            a_scan("IMAGE_ARCHIVED"), BASIC, 0,
            "aws ecr update-image-storage-class --region eu-west-1 --registry-id 1 "
            "--repository-name shop/app --image-id imageDigest=sha256:1 "
            "--target-storage-class STANDARD",
            id="archived",
        ),
        pytest.param(
            None, UNCOVERED, 0,
            "aws ecr get-registry-scanning-configuration --region eu-west-1 shows",
            id="no rule",
        ),
        pytest.param(
            None, BASIC, 300,
            "aws ecr batch-get-repository-scanning-configuration --region eu-west-1 "
            "--repository-names shop/app",
            id="never scanned",
        ),
    ],
)  # fmt: skip
def test_the_commands_in_hints_work_as_they_are_pasted(
    scan: Scan | None, coverage: Coverage, elapsed: float, command: str
) -> None:
    state = assessed(scan, coverage, elapsed=elapsed, place=PLACE)

    assert isinstance(state, Unusable)
    assert command in state.hint


def test_a_scan_that_was_asked_for_and_never_came_is_told_so() -> None:
    state = assessed(None, BASIC, elapsed=300, was_asked=True, is_coming=True)

    assert isinstance(state, Unusable)
    assert state.reason == (
        "it was never scanned, though a scan was started: ECR still knows of no scan"
    )


def test_an_indexs_image_that_inspector_passed_over_has_its_own_hint() -> None:
    part = assessed(None, ENHANCED, elapsed=300, is_part=True)
    basic = assessed(None, BASIC, elapsed=300, is_part=True)

    assert isinstance(part, Unusable)
    assert "--platform" in part.hint
    assert isinstance(basic, Unusable)
    assert "--platform" not in basic.hint
