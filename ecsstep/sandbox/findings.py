"""Lists of findings in the shapes of ECR: basic scanning's, and Inspector's for enhanced."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ecsstep.sandbox.images import Image

_SCORES = {
    "CRITICAL": 9.8,
    "HIGH": 8.1,
    "MEDIUM": 5.5,
    "LOW": 3.1,
    "INFORMATIONAL": 0.0,
    "UNDEFINED": 0.0,
    "UNTRIAGED": 0.0,
}
_VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
# More than the hundred of one page; what matters most stands on the second.
_BASIC = (("LOW", 90), ("INFORMATIONAL", 6), ("UNDEFINED", 2), ("MEDIUM", 3), ("HIGH", 2))
_PACKAGES = (
    ("openssl", "3.0.11-1", "3.0.13-1"),
    ("zlib", "1:1.2.13", None),
    ("curl", "7.88.1-10", "7.88.1-11"),
    ("glibc", "2.36-9", None),
    ("expat", "2.5.0-1", "2.5.0-2"),
)
# Severity, fix, exploit, status, and the packages of each finding.
_Row = tuple[str, str, str, str, tuple[int, ...]]
_ENHANCED: tuple[_Row, ...] = (
    ("CRITICAL", "YES", "YES", "ACTIVE", (0,)),
    ("HIGH", "NO", "NO", "ACTIVE", (1,)),
    ("HIGH", "PARTIAL", "NO", "ACTIVE", (2, 3)),
    ("MEDIUM", "YES", "NO", "ACTIVE", (4,)),
    ("MEDIUM", "NO", "NO", "ACTIVE", (3,)),
    ("MEDIUM", "YES", "NO", "ACTIVE", (0, 2)),
    ("LOW", "NO", "NO", "ACTIVE", (1,)),
    ("UNTRIAGED", "NO", "NO", "ACTIVE", (4,)),
    ("HIGH", "YES", "NO", "SUPPRESSED", (0,)),
)

_MARKER = "\x1b[0Ksection_start:1700000000:hidden[collapsed=true]\r\x1b[0K"
HOSTILE = (
    "\x1b[2J\x1b[1;32mall is well\x1b[0m\x07",
    f"{_MARKER}looks folded",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "]]></system-out><testcase name='passed'/><!--",
    "| cell | [link](javascript:alert(1)) ![x](https://example.org/x.png) `code` @all",
    "\u202egnp.exe\u202c\u0000\ufffe\u2028next",
    "/close\n/merge\n# heading\n- [ ] task",
    "x" * 100_000,
    "&amp; &lt; %0a::error::annotation",
)
"""Texts that a terminal, a log viewer, XML, HTML or Markdown would act on."""


def counts(findings: Iterable[dict[str, Any]]) -> dict[str, int]:
    """Return how many findings there are of each severity; one with none isn't named.

    Suppressed ones don't count.
    """
    return dict(Counter(f["severity"] for f in findings if f.get("status") != "SUPPRESSED"))


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The image that was scanned.

    Attributes:
        repository: Its repository.
        image: The image.
        account: The account.
        at: When the scan ended.
    """

    repository: str
    image: Image
    account: str
    at: dt.datetime


def basic_findings(_subject: Subject) -> tuple[dict[str, Any], ...]:
    """Return 104 findings; the only critical one is the last."""
    severities = [name for name, number in _BASIC for _ in range(number)]
    return tuple(
        _basic(at, severity) for at, severity in enumerate([*severities, "CRITICAL"], start=1)
    )


def one_low(_subject: Subject) -> tuple[dict[str, Any], ...]:
    """Return one finding that nobody would mind."""
    return (_basic(1, "LOW"),)


def one_low_enhanced(subject: Subject) -> tuple[dict[str, Any], ...]:
    """Return the same of enhanced scanning."""
    return _enhanced(subject, (("LOW", "NO", "NO", "ACTIVE", (1,)),))


def enhanced_findings(subject: Subject) -> tuple[dict[str, Any], ...]:
    """Return nine findings of an image, one of them suppressed, with what is known of fixes."""
    return _enhanced(subject, _ENHANCED)


def suppressed_findings(subject: Subject) -> tuple[dict[str, Any], ...]:
    """Return one critical finding that a rule in Amazon Inspector suppresses."""
    return _enhanced(subject, (("CRITICAL", "YES", "YES", "SUPPRESSED", (0,)),))


def without_fix(subject: Subject) -> tuple[dict[str, Any], ...]:
    """Return a critical finding and a high one that nobody has a fix for."""
    rows = (("CRITICAL", "NO", "NO", "ACTIVE", (1,)), ("HIGH", "NO", "NO", "ACTIVE", (3,)))
    return _enhanced(subject, rows)


def long_list(subject: Subject) -> tuple[dict[str, Any], ...]:
    """Return 231 findings, three pages; the only critical one is the last."""
    low = ("LOW", "NO", "NO", "ACTIVE", (1,))
    return _enhanced(subject, (*[low] * 230, ("CRITICAL", "YES", "NO", "ACTIVE", (0,))))


def hostile_findings(subject: Subject) -> tuple[dict[str, Any], ...]:
    """Return findings whose every text tries to be something else where it is shown."""
    found = _enhanced(subject, (("CRITICAL", "YES", "NO", "ACTIVE", (0,)),) * len(HOSTILE))
    for each, text in zip(found, HOSTILE, strict=True):
        details = each["packageVulnerabilityDetails"]
        package = details["vulnerablePackages"][0]
        each.update(title=f"title {text}", description=f"{text}\n{text}")
        details["vulnerabilityId"] += text
        details["sourceUrl"] = f"javascript:alert(1)//{text}"
        package.update(
            name=f"package {text}", version=f"1{text}", fixedInVersion=f"2{text}",
            filePath=f"/srv/{text}",
        )  # fmt: skip
    return found


def _basic(number: int, severity: str) -> dict[str, Any]:
    name, version, _ = _PACKAGES[number % len(_PACKAGES)]
    attributes = {
        "package_name": name,
        "package_version": version,
        "CVSS3_SCORE": str(_SCORES[severity]),
        "CVSS3_VECTOR": _VECTOR,
    }
    return {
        "name": f"CVE-2025-{number:05}",
        "description": f"A made-up weakness of {name}, for trying.",
        "uri": f"https://security-tracker.debian.org/tracker/CVE-2025-{number:05}",
        "severity": severity,
        "attributes": [{"key": key, "value": value} for key, value in attributes.items()],
    }


def _enhanced(subject: Subject, rows: Sequence[_Row]) -> tuple[dict[str, Any], ...]:
    return tuple(_listed(subject, rows))


def _listed(subject: Subject, rows: Sequence[_Row]) -> Iterator[dict[str, Any]]:
    at = subject.at
    for number, (severity, fix, exploit, status, packages) in enumerate(rows, start=1):
        cve = f"CVE-2025-{number:05}"
        names = ", ".join(_PACKAGES[package][0] for package in packages)
        yield {
            "awsAccountId": subject.account,
            "findingArn": f"arn:aws:inspector2:::finding/{number:032x}",
            "title": f"{cve} - {names}",
            "description": f"A made-up weakness of {names}, for trying.",
            "type": "PACKAGE_VULNERABILITY",
            "severity": severity,
            "status": status,
            "score": _SCORES[severity],
            "fixAvailable": fix,
            "exploitAvailable": exploit,
            "firstObservedAt": at,
            "lastObservedAt": at,
            "updatedAt": at,
            "remediation": {"recommendation": {"text": "None Provided"}},
            "packageVulnerabilityDetails": _details(cve, severity, packages, at),
            "resources": [_resource(subject.repository, subject.image, subject.account)],
        }


def _details(cve: str, severity: str, packages: tuple[int, ...], at: dt.datetime) -> dict[str, Any]:
    return {
        "vulnerabilityId": cve,
        "source": "NVD",
        "sourceUrl": f"https://nvd.nist.gov/vuln/detail/{cve}",
        "vendorSeverity": severity,
        "vendorCreatedAt": at,
        "vendorUpdatedAt": at,
        "referenceUrls": [f"https://nvd.nist.gov/vuln/detail/{cve}"],
        "relatedVulnerabilities": [],
        "cvss": [
            {
                "baseScore": _SCORES[severity],
                "scoringVector": _VECTOR,
                "source": "NVD",
                "version": "3.1",
            }
        ],
        "vulnerablePackages": [_package(*_PACKAGES[package]) for package in packages],
    }


def _package(name: str, version: str, fixed: str | None) -> dict[str, Any]:
    return {
        "name": name,
        "version": version,
        "epoch": 0,
        "arch": "X86_64",
        "packageManager": "OS",
        **({"fixedInVersion": fixed} if fixed else {}),
    }


def _resource(repository: str, image: Image, account: str) -> dict[str, Any]:
    return {
        "type": "AWS_ECR_CONTAINER_IMAGE",
        "id": f"{repository}/{image.digest}",
        "tags": {},
        "details": {
            "awsEcrContainerImage": {
                "architecture": "amd64",
                "imageHash": image.digest,
                "imageTags": list(image.tags),
                "platform": "DEBIAN_12",
                "pushedAt": image.pushed_at,
                "registry": account,
                "repositoryName": repository,
            }
        },
    }
