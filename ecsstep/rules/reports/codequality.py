"""GitLab's Code Quality report, which every tier of GitLab shows in a merge request.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from collections.abc import Iterator
from typing import Any

from ecsstep.rules.findings import Finding
from ecsstep.rules.reports.encoding import to_text
from ecsstep.rules.reports.report import Report, headline, on_platforms, solution
from ecsstep.text import in_a_line

# What nobody has rated yet is no small thing.
_SEVERITIES = {
    "CRITICAL": "blocker", "HIGH": "critical", "MEDIUM": "major", "LOW": "minor",
    "INFORMATIONAL": "info", "UNTRIAGED": "major", "UNDEFINED": "major",
}  # fmt: skip


def render(report: Report) -> str:
    """Return the file's text."""
    return to_text(list(_entries(report)))


def _entries(report: Report) -> Iterator[dict[str, Any]]:
    if not report.is_usable:
        none = Finding(id="no usable scan", severity="CRITICAL")
        yield _entry(report, none, "scan-gate", in_a_line(report.said, 500))
    for finding in report.stand_ins:
        yield _entry(report, finding, "scan-gate", finding.title)
    for finding in report.findings:
        fix = solution(finding, 200)
        said = f"{finding.severity}: {headline(finding)}{on_platforms(finding)}"
        text = f"{said}{f'; {fix}' if fix else ''}"
        yield _entry(report, finding, in_a_line(finding.id, 100), in_a_line(text, 500))


def _entry(report: Report, finding: Finding, check: str, text: str) -> dict[str, Any]:
    return {
        "description": text,
        "content": {"body": in_a_line(f"Image {report.subject}", 500)},
        "check_name": check,
        "fingerprint": report.fingerprint(finding),
        "severity": _SEVERITIES.get(finding.severity, "blocker"),
        "location": {"path": report.anchor, "lines": {"begin": 1}},
    }
