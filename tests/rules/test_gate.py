"""The answer of the gate and its words."""

import datetime as dt

import pytest

from ecsstep.rules import gate
from ecsstep.rules.exceptions import Exemption, Exemptions
from ecsstep.rules.findings import Excess, Finding, Policy, Scan, tally
from ecsstep.rules.image import parse_reference
from ecsstep.rules.judged import data as data_of
from ecsstep.rules.scans import Ready, State, Unusable, Waiting


def a_finding(id: str = "CVE-1", severity: str = "HIGH", **changes: object) -> Finding:  # noqa: A002 - the name of the thing
    return Finding(**{"id": id, "severity": severity, "package": "zlib", "version": "1", **changes})  # type: ignore[arg-type]


def ready(*findings: Finding, is_settled: bool = True) -> Ready:
    scan = Scan(status="COMPLETE", has_findings=True, findings=findings)
    return Ready(scan=scan, is_settled=is_settled)


IMAGE = parse_reference("app:v1")
TODAY = dt.date(2026, 1, 2)
NO_EXEMPTIONS = Exemptions(image=IMAGE, today=TODAY)
GONE = Unusable(reason="the scan failed", hint="push again")
LATER = Waiting(reason="the scan is PENDING")
BAD = ready(a_finding())
GOOD = ready(a_finding(severity="LOW"))


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        pytest.param({"": GOOD}, gate.Passed, id="within the limits"),
        pytest.param({"": ready()}, gate.Passed, id="settled and empty"),
        pytest.param({"": ready(is_settled=False)}, Waiting, id="empty, unsettled"),
        pytest.param(
            {"": ready(a_finding(), is_settled=False)}, gate.Refused, id="over, unsettled"
        ),
        pytest.param({"a": GOOD, "b": BAD}, gate.Refused, id="one platform over"),
        pytest.param({"a": BAD, "b": LATER}, Waiting, id="over, the other still under way"),
        pytest.param({"a": BAD, "b": GONE}, Unusable, id="over, the other unusable"),
        pytest.param({"a": LATER, "b": GONE}, Unusable, id="no need to wait"),
        pytest.param({"a": GOOD, "b": ready(is_settled=False)}, Waiting, id="one unsettled"),
    ],
)
def test_one_verdict_over_all_platforms(states: dict[str, State], expected: type) -> None:
    assert type(gate.judge(states, Policy(), NO_EXEMPTIONS)) is expected


def judged(states: dict[str, State], **policy: object) -> gate.Verdict:
    return gate.judge(states, Policy(**policy), NO_EXEMPTIONS)  # type: ignore[arg-type]


def test_the_reasons_name_their_platforms() -> None:
    assert judged({"linux/arm64": GONE, "linux/amd64": GOOD}) == Unusable(
        reason="linux/arm64: the scan failed", hint="push again"
    )
    assert judged({"a": LATER, "b": LATER}) == Waiting(
        reason="a: the scan is PENDING; b: the scan is PENDING"
    )
    assert judged({"": LATER}) == LATER


def refused(*findings: Finding, policy: Policy | None = None, **scan: object) -> gate.Refused:
    policy = policy or Policy()
    found = Scan(status="COMPLETE", has_findings=True, findings=findings, **scan)  # type: ignore[arg-type]
    counted = tally({"linux/amd64": found}, policy)
    return gate.Refused(tally=counted, exceeded=counted.exceeded(policy))


def test_the_table_shows_what_is_in_the_way_and_how_to_get_rid_of_it() -> None:
    verdict = refused(
        a_finding("CVE-2024-1", "CRITICAL", package="openssl", fixed_in="3.0.13", is_fixable=True),
        a_finding("CVE-2", is_fixable=False),
        a_finding("CVE-3", is_fixable=True, package=""),
        a_finding("CVE-4", "LOW"),
        counts={"HIGH": 3, "LOW": 4},
        listed={"HIGH": 2, "CRITICAL": 1, "LOW": 1},
    )

    assert gate.lines(verdict, Policy()) == (
        "CRITICAL  CVE-2024-1  openssl 1  fixed in 3.0.13  linux/amd64",
        "HIGH      CVE-3       1          fix available    linux/amd64",
        "HIGH      CVE-2       zlib 1     no fix           linux/amd64",
        "ECR counts 1 HIGH more than it lists",
        "all findings: 1 CRITICAL, 3 HIGH, 4 LOW",
    )
    assert (
        gate.hint(verdict, Policy()) == "update openssl to 3.0.13, build and push the image again"
    )


def test_a_long_table_is_cut_and_says_so() -> None:
    verdict = refused(*(a_finding(f"CVE-{number:02}") for number in range(25)))

    lines = gate.lines(verdict, Policy())

    assert len(lines) == 22
    assert lines[-2:] == ("and 5 more; --report markdown=FILE lists all", "all findings: 25 HIGH")


def test_counts_without_any_list_have_words_too() -> None:
    verdict = refused(counts={"CRITICAL": 2})

    assert verdict.exceeded == (Excess(severity="CRITICAL", count=2, limit=0),)
    assert gate.lines(verdict, Policy()) == (
        "ECR counts 2 CRITICAL more than it lists",
        "all findings: 2 CRITICAL",
    )


def test_a_count_that_a_hidden_finding_may_explain_says_so() -> None:
    hidden = a_finding(severity="CRITICAL", set_aside="SUPPRESSED in Amazon Inspector")

    lines = gate.lines(refused(hidden, counts={"CRITICAL": 1, "HIGH": 1}), Policy())

    assert lines[:2] == (
        "ECR counts 1 CRITICAL more than it lists; it may be what is hidden in Amazon Inspector",
        "ECR counts 1 HIGH more than it lists",
    )


def test_without_a_fix_the_hint_is_a_newer_base_or_a_limit() -> None:
    assert gate.hint(refused(a_finding(), a_finding("CVE-2")), Policy()) == (
        "build on a newer base image; to let it through as it is: --max HIGH=2"
    )


def test_what_the_policy_lets_through_is_not_in_the_table() -> None:
    policy = Policy(fixable_only=True)
    verdict = refused(a_finding(is_fixable=False), a_finding("CVE-2"), policy=policy)

    assert gate.lines(verdict, policy) == (
        "HIGH  CVE-2  zlib 1    linux/amd64",
        "all findings: 2 HIGH",
    )


def test_nothing_found_is_said_so() -> None:
    assert gate.summary({"HIGH": 0}) == "no findings"


def test_the_json_result_has_everything() -> None:
    counted = tally(
        {"a": Scan(status="COMPLETE", findings=(a_finding(), a_finding("CVE-2", set_aside="why")))},
        Policy(),
    )

    data = data_of(counted, Policy())

    shown = {
        "severity": "HIGH", "package": "zlib", "version": "1", "fixed_in": None, "fixable": None,
        "exploit": None, "score": None, "title": "", "description": "", "path": None, "uri": "",
        "platforms": ["a"],
    }  # fmt: skip
    assert data["findings"] == [{"id": "CVE-1", **shown}]
    assert data["ignored"] == [{"id": "CVE-2", **shown, "reason": "why"}]
    assert (data["counts"]["HIGH"], data["limits"]) == (1, {"CRITICAL": 0, "HIGH": 0})


def test_an_exception_decides_and_says_what_it_came_to() -> None:
    entry = Exemption(id="CVE-1", reason="not reachable", place="'f', entry 1")
    exemptions = Exemptions(entries=(entry,), image=IMAGE, today=TODAY)

    verdict = gate.judge({"": ready(a_finding())}, Policy(), exemptions)

    assert isinstance(verdict, gate.Passed)
    assert [each.set_aside for each in verdict.tally.set_aside] == ["not reachable ('f', entry 1)"]
    assert [standing.state for standing in verdict.standings] == ["used"]


CONDITION = "counts.MEDIUM > `0`"
MEDIUM = a_finding(severity="MEDIUM", fixed_in="2")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(ready(MEDIUM), gate.Refused, id="holds"),
        pytest.param(GOOD, gate.Passed, id="does not hold"),
        pytest.param(ready(MEDIUM, is_settled=False), Waiting, id="may stop holding"),
        pytest.param(BAD, gate.Refused, id="a limit first"),
    ],
)
def test_a_condition_is_judged_when_nothing_will_be_added(state: State, expected: type) -> None:
    assert type(judged({"": state}, condition=CONDITION)) is expected


def test_a_refusal_by_a_condition_has_its_own_words() -> None:
    verdict = judged({"": ready(MEDIUM)}, condition=CONDITION)

    assert isinstance(verdict, gate.Refused)
    assert str(verdict) == f"meets the condition '{CONDITION}'"
    assert gate.lines(verdict, Policy()) == ("all findings: 1 MEDIUM",)
    assert gate.hint(verdict, Policy()) == (
        "mend what the condition asks about, or change the condition; --format json shows what it "
        "was held against"
    )


def test_what_a_condition_could_not_read_is_told_with_the_pass() -> None:
    asked = "length(findings[?exploit || path]) > `0`"

    blind = judged({"": GOOD}, condition=asked)
    seeing = judged({"": ready(a_finding(severity="LOW", has_exploit=False))}, condition=asked)

    assert isinstance(blind, gate.Passed)
    assert isinstance(seeing, gate.Passed)
    assert (blind.unknown, seeing.unknown) == (("exploit",), ())


def test_the_longest_settling_is_what_is_waited_for() -> None:
    one, two = (
        ready(is_settled=False).replaced(needed=needed, is_settled=False) for needed in (180, 360)
    )

    assert judged({"a": one, "b": two, "c": GOOD}) == Waiting(
        reason="a: enhanced scanning may still add findings; "
        "b: enhanced scanning may still add findings",
        needed=360,
    )


def test_every_severity_has_a_number_and_a_limit_in_a_condition() -> None:
    for name in ("counts", "judged", "unlisted"):
        condition = f"{name}.UNTRIAGED > `0`"
        assert isinstance(judged({"": GOOD}, condition=condition), gate.Passed)
    assert isinstance(judged({"": GOOD}, condition="limits.LOW == `null`"), gate.Refused)


def test_a_condition_that_does_not_fit_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="there is no 'CRITCAL' in the result; did you mean"):
        judged({"": GOOD}, condition="counts.CRITCAL > `0`")


def test_what_is_set_aside_is_counted_in_the_words() -> None:
    verdict = refused(a_finding(), a_finding("CVE-2", set_aside="why"))

    assert gate.lines(verdict, Policy())[-1] == "set aside: 1"


def test_a_hostile_text_is_cut_and_cleaned_in_the_table_and_the_hint() -> None:
    finding = a_finding("CVE\x1b[2J" + "x" * 500, package="a\nb", fixed_in="2\x1b[0m" + "y" * 500)

    lines, hint = gate.lines(refused(finding), Policy()), gate.hint(refused(finding), Policy())

    assert all("\x1b" not in text and "\n" not in text for text in (*lines, hint))
    assert max(map(len, (*lines, hint))) < 250
