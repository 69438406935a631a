"""Findings, counted once each."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.findings import (
    SEVERITIES,
    Excess,
    Finding,
    Policy,
    Scan,
    parse_limit,
    tally,
    unknown_severities,
)

NONE = dict.fromkeys(SEVERITIES, 0)


def a_finding(id: str = "CVE-1", severity: str = "HIGH", **changes: object) -> Finding:  # noqa: A002 - the name of the thing
    return Finding(**{"id": id, "severity": severity, "package": "zlib", "version": "1", **changes})  # type: ignore[arg-type]


def a_scan(*findings: Finding, **changes: object) -> Scan:
    listed: dict[str, int] = {}
    for finding in findings:
        listed[finding.severity] = listed.get(finding.severity, 0) + 1
    return Scan(
        **{
            "status": "COMPLETE", "has_findings": True, "findings": findings, "listed": listed,
            "counts": listed, **changes,
        }  # type: ignore[arg-type]
    )  # fmt: skip


def test_the_same_cve_in_the_same_package_counts_once_over_all_platforms() -> None:
    counted = tally(
        {
            "linux/amd64": a_scan(a_finding(), a_finding(package="curl")),
            "linux/arm64": a_scan(a_finding(version="2", fixed_in="3", is_fixable=True)),
        },
        Policy(),
    )

    assert counted.findings == (
        a_finding(
            version="1, 2", fixed_in="3", is_fixable=True, platforms=("linux/amd64", "linux/arm64")
        ),
        a_finding(package="curl", platforms=("linux/amd64",)),
    )
    assert counted.counts == {**NONE, "HIGH": 2}


def test_of_two_severities_the_worse_counts() -> None:
    counted = tally(
        {"a": a_scan(a_finding(severity="LOW")), "b": a_scan(a_finding(severity="CRITICAL"))},
        Policy(),
    )

    assert counted.counts == {**NONE, "CRITICAL": 1}


def test_what_ecr_counts_and_does_not_list_counts_as_well() -> None:
    scan = a_scan(a_finding(), counts={"HIGH": 1, "CRITICAL": 2, "LOW": 0})

    counted = tally({"": scan}, Policy(fixable_only=True))

    assert counted.unlisted == {"CRITICAL": 2}
    assert counted.counts == counted.judged == {**NONE, "HIGH": 1, "CRITICAL": 2}


def test_what_ecr_lists_and_does_not_count_counts_as_well() -> None:
    counted = tally({"": a_scan(a_finding(), counts={})}, Policy())

    assert counted.counts == {**NONE, "HIGH": 1}


def test_an_entry_with_two_packages_is_two_findings_and_no_disagreement() -> None:
    scan = a_scan(a_finding(), a_finding(package="curl"), listed={"HIGH": 1}, counts={"HIGH": 1})

    assert tally({"": scan}, Policy()).counts == {**NONE, "HIGH": 2}


def test_what_is_set_aside_is_shown_apart_and_explains_ecrs_count() -> None:
    aside = a_finding(set_aside="not reachable")

    counted = tally({"": a_scan(aside, counts={"HIGH": 1})}, Policy())

    assert (counted.findings, counted.set_aside, counted.counts) == ((), (aside,), NONE)


def test_findings_without_a_name_are_as_many_as_there_are() -> None:
    nameless = [a_finding(id="", package="") for _ in range(3)]

    counted = tally({"a": a_scan(*nameless), "b": a_scan(nameless[0])}, Policy())

    assert counted.counts == {**NONE, "HIGH": 4}
    assert [each.id for each in counted.findings] == [f"unnamed {n}" for n in (1, 2, 3, 4)]


def test_what_nobody_has_rated_comes_before_what_is_known_to_be_small() -> None:
    found = [a_finding(name, name) for name in ("LOW", "UNDEFINED", "MEDIUM", "INFORMATIONAL")]

    counted = tally({"": a_scan(*found)}, Policy())

    assert [each.severity for each in counted.findings] == [
        "MEDIUM", "UNDEFINED", "LOW", "INFORMATIONAL",
    ]  # fmt: skip


def test_set_aside_on_one_platform_counts_on_the_other() -> None:
    counted = tally(
        {"a": a_scan(a_finding(set_aside="SUPPRESSED")), "b": a_scan(a_finding())}, Policy()
    )

    assert counted.counts == {**NONE, "HIGH": 1}


@pytest.mark.parametrize(
    ("is_fixable", "judged"),
    [
        pytest.param(True, 1, id="a fix"),
        pytest.param(False, 0, id="no fix"),
        pytest.param(None, 1, id="nobody knows"),
    ],
)
def test_fixable_only_lets_through_what_surely_has_no_fix(
    is_fixable: bool | None, judged: int
) -> None:
    scans = {"": a_scan(a_finding(is_fixable=is_fixable))}

    assert tally(scans, Policy(fixable_only=True)).judged["HIGH"] == judged
    assert tally(scans, Policy()).judged["HIGH"] == 1


@pytest.mark.parametrize(
    ("one", "other", "joined"),
    [
        (True, False, True),
        (None, False, None),
        (False, False, False),
        (None, True, True),
    ],
)
def test_of_two_answers_about_a_fix_the_one_that_counts_is_taken(
    one: bool | None, other: bool | None, joined: bool | None
) -> None:
    scans = {"a": a_scan(a_finding(is_fixable=one)), "b": a_scan(a_finding(is_fixable=other))}

    assert tally(scans, Policy()).findings[0].is_fixable is joined


def test_the_limits_and_what_exceeds_them() -> None:
    scans = {
        "": a_scan(*(a_finding(f"CVE-1{n}", severity="MEDIUM") for n in range(3)), a_finding())
    }
    counted = tally(scans, Policy())

    assert counted.exceeded(Policy()) == (Excess(severity="HIGH", count=1, limit=0),)
    assert counted.exceeded(Policy(limits={"HIGH": 1, "MEDIUM": 2})) == (
        Excess(severity="MEDIUM", count=3, limit=2),
    )
    assert counted.exceeded(Policy(limits={})) == ()
    assert str(Excess(severity="HIGH", count=1, limit=0)) == "1 HIGH (0 allowed)"


def test_the_worst_and_fixable_come_first() -> None:
    counted = tally(
        {
            "": a_scan(
                a_finding("CVE-3", severity="LOW", is_fixable=True),
                a_finding("CVE-2", severity="HIGH"),
                a_finding("CVE-4", severity="HIGH", is_fixable=True),
                a_finding("CVE-1", severity="CRITICAL", is_fixable=False),
            )
        },
        Policy(),
    )

    assert [each.id for each in counted.findings] == ["CVE-1", "CVE-4", "CVE-2", "CVE-3"]


def test_a_severity_that_nobody_knows_is_named() -> None:
    scan = a_scan(a_finding(severity="SEVERE"), counts={"AWFUL": 1, "HIGH": 2})

    assert unknown_severities(scan) == ("AWFUL", "SEVERE")
    assert unknown_severities(a_scan(a_finding())) == ()


@pytest.mark.parametrize(
    ("text", "limit"),
    [("HIGH=3", ("HIGH", 3)), ("high=0", ("HIGH", 0)), (" Untriaged = 12 ", ("UNTRIAGED", 12))],
)
def test_a_limit_is_read_in_any_case(text: str, limit: tuple[str, int]) -> None:
    assert parse_limit(text) == limit


@pytest.mark.parametrize("text", ["", "HIGH", "HIGH=", "HIGH=-1", "HIGH=x", "HIGH=1.5", "HIGH=٣"])
def test_what_is_no_limit_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no limit|is no severity"):
        parse_limit(text)
    with pytest.raises(ValueError, match="'SEVERE' is no severity; it is one of CRITICAL, HIGH"):
        parse_limit("SEVERE=1")


FINDINGS = st.builds(
    Finding,
    id=st.sampled_from(["CVE-1", "CVE-2", "CVE-3"]),
    package=st.sampled_from(["", "a", "b"]),
    severity=st.sampled_from(SEVERITIES),
    is_fixable=st.none() | st.booleans(),
    set_aside=st.sampled_from(["", "SUPPRESSED"]),
)
SCANS = st.builds(
    lambda findings, counts: a_scan(*findings, counts=counts),
    st.lists(FINDINGS, max_size=8),
    st.dictionaries(st.sampled_from(SEVERITIES), st.integers(0, 9)),
)


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), SCANS), st.booleans())
def test_nothing_that_counts_gets_lost(scans: Mapping[str, Scan], fixable_only: bool) -> None:
    policy = Policy(fixable_only=fixable_only)
    counted = tally(scans, policy)

    for scan in scans.values():
        for finding in scan.findings:
            if not finding.set_aside:
                worst = SEVERITIES[: SEVERITIES.index(finding.severity) + 1]
                assert any(counted.counts[severity] for severity in worst)
                if policy.judges(finding):
                    assert any(counted.judged[severity] for severity in worst)
        for severity, count in scan.counts.items():
            assert counted.unlisted.get(severity, 0) >= count - scan.listed.get(severity, 0)
    assert all(counted.judged[severity] <= counted.counts[severity] for severity in SEVERITIES)


@given(st.lists(SCANS, min_size=1, max_size=3))
def test_another_platform_never_makes_it_better(scans: list[Scan]) -> None:
    named = {str(at): scan for at, scan in enumerate(scans)}
    fewer = dict(list(named.items())[:-1])

    if tally(fewer, Policy()).exceeded(Policy(limits={"CRITICAL": 0})):
        assert tally(named, Policy()).exceeded(Policy(limits={"CRITICAL": 0}))
