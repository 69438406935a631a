"""SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html."""

from typing import Any
from urllib.parse import quote

from ecsstep.rules.findings import Finding
from ecsstep.rules.reports.encoding import to_text
from ecsstep.rules.reports.report import (
    Report,
    headline,
    on_platforms,
    score,
    solution,
    web_links,
    words,
)
from ecsstep.text import in_a_line

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"CRITICAL": "error", "HIGH": "error", "LOW": "note", "INFORMATIONAL": "note"}
_ID = 255


def render(report: Report) -> str:
    """Return the file's text."""
    listed = [*report.stand_ins, *report.findings, *report.set_aside]
    rules = {in_a_line(finding.id, _ID): finding for finding in reversed(listed)}
    places = {name: at for at, name in enumerate(rules)}
    return to_text(
        {
            "$schema": _SCHEMA,
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {
                        "driver": {
                            "name": "scan-gate",
                            "version": report.version,
                            "rules": [_rule(name, each) for name, each in rules.items()],
                        }
                    },
                    "invocations": [_invocation(report)],
                    "results": [_result(report, each, places) for each in listed],
                }
            ],
        }
    )


def _rule(name: str, finding: Finding) -> dict[str, Any]:
    links = list(web_links(finding))
    return {
        "id": name,
        "shortDescription": {"text": in_a_line(finding.title, 300) or name},
        "fullDescription": {"text": words(finding)},
        **({"helpUri": links[0]} if links else {}),
        "properties": {
            "security-severity": f"{score(finding):.1f}",
            "tags": ["security", "vulnerability", in_a_line(finding.severity, 50)],
        },
    }


def _result(report: Report, finding: Finding, places: dict[str, int]) -> dict[str, Any]:
    name = in_a_line(finding.id, _ID)
    fix = solution(finding)
    found: dict[str, Any] = {
        "ruleId": name,
        "ruleIndex": places[name],
        "level": _LEVELS.get(finding.severity, "warning"),
        "message": {"text": f"{_said(finding)}{f'; {fix}' if fix else ''}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(report.anchor)},
                    "region": {"startLine": 1},
                },
                "logicalLocations": [
                    {"fullyQualifiedName": in_a_line(report.subject, 500), "kind": "module"}
                ],
            }
        ],
        "partialFingerprints": {"scanGate/v1": report.fingerprint(finding)},
    }
    if finding.set_aside:
        found["suppressions"] = [
            {"kind": "external", "justification": in_a_line(finding.set_aside, 1000)}
        ]
    return found


def _said(finding: Finding) -> str:
    return f"{headline(finding)}{on_platforms(finding)}"


def _invocation(report: Report) -> dict[str, Any]:
    notes = [] if report.has_passed else [_note("error", report.said)]
    notes += [
        _note("warning", f"ECR counts {count} {severity} more than it lists")
        for severity, count in report.unlisted.items()
    ]
    return {
        "executionSuccessful": report.is_usable,
        "exitCode": report.exit,
        "startTimeUtc": f"{report.started:%Y-%m-%dT%H:%M:%SZ}",
        "endTimeUtc": f"{report.ended:%Y-%m-%dT%H:%M:%SZ}",
        "toolExecutionNotifications": notes,
    }


def _note(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": in_a_line(text, 1000)}}
