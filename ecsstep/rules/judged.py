"""What was judged, as the JSON result has it and as a condition sees it."""

from collections.abc import Mapping
from typing import Any, Final

from ecsstep.rules.expression import check, holds
from ecsstep.rules.findings import SEVERITIES, Finding, Policy, Scan, Tally, tally

UNCERTAIN: Final = frozenset({"exploit", "fixable", "score"})
"""The fields of a finding that basic scanning, or a source, may have no data for."""


def data(counted: Tally, policy: Policy) -> dict[str, Any]:
    """Return counts, limits and findings for the JSON result."""
    return {
        "counts": dict(counted.counts),
        "judged": dict(counted.judged),
        "limits": dict(policy.limits),
        "findings": [_data_of(finding) for finding in counted.findings],
        "unlisted": dict(counted.unlisted),
        "ignored": [
            {**_data_of(finding), "reason": finding.set_aside} for finding in counted.set_aside
        ],
    }


def for_conditions(counted: Tally, policy: Policy) -> dict[str, Any]:
    """Return the result with every severity in it, so that one without findings has a number."""
    found = data(counted, policy)
    return {
        **found,
        "limits": {**dict.fromkeys(SEVERITIES), **found["limits"]},
        "unlisted": {**dict.fromkeys(SEVERITIES, 0), **found["unlisted"]},
    }


def parse_condition(text: str) -> str:
    """Return ``text`` if it is a condition that fits every result.

    It is tried on a result with everything in it, and on two that lack what a result may lack: one
    without findings, and one whose findings have no data in the fields that may be null.

    Raises:
        ValueError: It is not.
    """
    try:
        check(text, _result_of(_SAMPLE, limits=dict.fromkeys(SEVERITIES, 0)))
    except ValueError as error:
        raise ValueError(f"'{text[:_SHOWN]}' does not fit the result: {error}") from error
    try:
        for lacking in (_result_of(), _result_of(_BARE)):
            holds(text, lacking)
    except ValueError as error:
        raise ValueError(
            f"'{text[:_SHOWN]}' does not fit a result that lacks what it reads: {error}; say what "
            "stands for null: not_null(score, `0`) > `7`"
        ) from error
    return text


def _result_of(*findings: Finding, limits: Mapping[str, int] | None = None) -> dict[str, Any]:
    """Return a result with these findings, each once in force and once set aside."""
    policy = Policy(limits=limits or {})
    aside = [each.replaced(set_aside="why") for each in findings]
    scan = Scan(status="", findings=(*findings, *aside))
    return for_conditions(tally({"linux/amd64": scan}, policy), policy)


_SHOWN = 200
_SAMPLE = Finding(
    id="CVE-2026-0001",
    package="openssl",
    version="3.0.11-1",
    severity="CRITICAL",
    fixed_in="3.0.13-1",
    is_fixable=True,
    has_exploit=True,
    score=9.8,
    title="CVE-2026-0001 - openssl",
    description="A weakness.",
    path="/usr/lib/libssl.so",
    uri="https://example.org",
)
_BARE = _SAMPLE.replaced(fixed_in="", is_fixable=None, has_exploit=None, score=None, path="")


def _data_of(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.id,
        "severity": finding.severity,
        "package": finding.package,
        "version": finding.version,
        "fixed_in": finding.fixed_in or None,
        "fixable": finding.is_fixable,
        "exploit": finding.has_exploit,
        "score": finding.score,
        "title": finding.title,
        "description": finding.description,
        "path": finding.path or None,
        "uri": finding.uri,
        "platforms": list(finding.platforms),
    }
