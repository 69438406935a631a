"""GitLab's container scanning report, by its schema of version 15.2.4.

https://gitlab.com/gitlab-org/security-products/security-report-schemas
"""

import re
import uuid
from collections.abc import Iterator
from typing import Any

from ecsstep.rules.findings import Finding
from ecsstep.rules.reports.encoding import to_text
from ecsstep.rules.reports.report import (
    Report,
    headline,
    on_platforms,
    solution,
    web_links,
    words,
)
from ecsstep.text import in_a_line

_VERSION = "15.2.4"
_SEVERITIES = {
    "CRITICAL": "Critical", "HIGH": "High", "MEDIUM": "Medium", "LOW": "Low",
    "INFORMATIONAL": "Info",
}  # fmt: skip
# Only the base metrics, which every vector has; GitLab refuses the whole report over one it
# doesn't know.
_CVSS3 = re.compile(r"CVSS:3\.[01]/AV:[NALP]/AC:[LH]/PR:[NLH]/UI:[NR]/S:[UC](?:/[CIA]:[NLH]){3}")
_CVSS2 = re.compile(r"AV:[NAL]/AC:[LMH]/Au:[MSN](?:/[CIA]:[NPC]){3}")
_UNKNOWN_SYSTEM = "unknown"
_NAME, _SOLUTION, _IMAGE = 255, 7000, 255
_MOST_VECTORS = 10


def render(report: Report) -> str:
    """Return the file's text."""
    return to_text(
        {
            "version": _VERSION,
            "scan": _scan(report),
            "vulnerabilities": [
                _vulnerability(report, each) for each in (*report.stand_ins, *report.findings)
            ],
            "remediations": [],
        }
    )


def _scan(report: Report) -> dict[str, Any]:
    level = "info" if report.has_passed else "warn" if report.is_usable else "fatal"
    asides = [
        {
            "level": "info",
            "value": in_a_line(f"set aside: {headline(each)}: {each.set_aside}", 1000),
        }
        for each in report.set_aside
    ]
    unlisted = [
        {"level": "warn", "value": f"ECR counts {count} {severity} more than it lists"}
        for severity, count in report.unlisted.items()
    ]
    return {
        "type": "container_scanning",
        "status": "success" if report.is_usable else "failure",
        "start_time": f"{report.started:%Y-%m-%dT%H:%M:%S}",
        "end_time": f"{report.ended:%Y-%m-%dT%H:%M:%S}",
        "analyzer": _tool("scan-gate", "ecsstep scan-gate", report.version, "ecsstep"),
        "scanner": _tool("amazon-ecr", "Amazon ECR image scanning", report.version, "AWS"),
        "messages": [
            {"level": level, "value": in_a_line(report.said, 1000) or level},
            *unlisted,
            *asides,
        ],
    }


def _tool(identity: str, name: str, version: str, vendor: str) -> dict[str, Any]:
    return {"id": identity, "name": name, "version": version, "vendor": {"name": vendor}}


def _vulnerability(report: Report, finding: Finding) -> dict[str, Any]:
    vectors = list(_vectors(finding))
    advice = solution(finding, _SOLUTION)
    key = report.fingerprint(finding, finding.version)
    return {
        "id": str(uuid.UUID(key[:32])),
        "name": in_a_line(finding.title, _NAME) or headline(finding, _NAME),
        "description": f"{words(finding, 10_000)}{on_platforms(finding)}",
        "severity": _SEVERITIES.get(finding.severity, "Unknown"),
        **({"solution": advice} if advice else {}),
        "identifiers": [_identifier(finding)],
        **({"cvss_vectors": vectors} if vectors else {}),
        "links": [{"url": url} for url in web_links(finding)],
        "location": {
            "dependency": {
                "package": {"name": in_a_line(finding.package, _NAME) or "unnamed"},
                "version": in_a_line(finding.version, _NAME) or "unknown",
            },
            "operating_system": in_a_line(finding.system, _NAME) or _UNKNOWN_SYSTEM,
            "image": in_a_line(report.subject, _IMAGE),
        },
    }


def _identifier(finding: Finding) -> dict[str, str]:
    name = in_a_line(finding.id, _NAME) or "unnamed"
    kind = name.partition("-")[0].lower()
    links = [{"url": url} for url in web_links(finding)]
    return {
        "type": kind if kind in {"cve", "ghsa"} else "ecr",
        "name": name,
        "value": name,
        **(links[0] if links else {}),
    }


def _vectors(finding: Finding) -> Iterator[dict[str, str]]:
    found: dict[str, None] = {}
    for text in finding.vectors:
        for pattern in (_CVSS3, _CVSS2):
            base = pattern.match(text)
            if base:
                found[base.group()] = None
    for vector in list(found)[:_MOST_VECTORS]:
        yield {"vendor": "Amazon ECR", "vector": vector}
