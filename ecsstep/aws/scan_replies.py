"""What ECR says about a scan, in our shapes: basic scanning's findings and Amazon Inspector's."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ecsstep.rules.findings import HIDDEN_BY, Finding, Scan

_HIDDEN_STATES = frozenset({"SUPPRESSED", "CLOSED"})
_FIXABLE = {"YES": True, "PARTIAL": True, "NO": False}
_EXPLOITS = {"YES": True, "NO": False}
_VECTORS = ("CVSS3_VECTOR", "CVSS2_VECTOR")
_HIGHEST_SCORE = 10
_NO_ADVICE = frozenset({"", "None Provided"})
_NO_FIX = frozenset({"", "NotAvailable"})


def scan_from(reply: Mapping[str, Any]) -> Scan:
    """Return one page of DescribeImageScanFindings."""
    status = reply.get("imageScanStatus") or {}
    result = reply.get("imageScanFindings")
    result = {} if result is None else result
    basic, enhanced = result.get("findings") or (), result.get("enhancedFindings") or ()
    completed = result.get("imageScanCompletedAt")
    return Scan(
        status=status.get("status") or "",
        description=status.get("description") or "",
        has_findings=bool(result),
        findings=(
            *(_basic(found) for found in basic),
            *(each for found in enhanced for each in _enhanced(found)),
        ),
        # Whether ECR counts what Inspector hides is not documented: a count that only hidden
        # findings could explain is a finding that nobody can look at.
        listed=Counter(_severity(found) for found in (*basic, *enhanced) if not _is_hidden(found)),
        counts={
            name.upper(): count
            for name, count in (result.get("findingSeverityCounts") or {}).items()
        },
        completed_at=completed.isoformat() if completed else "",
        changed_at=_changed_at([completed, *(at for each in enhanced for at in _times(each))]),
        registry_id=reply.get("registryId") or "",
    )


def _times(found: Mapping[str, Any]) -> Iterator[dt.datetime | None]:
    """Yield when one of Inspector's findings came about, and when its image was pushed."""
    yield found.get("firstObservedAt")
    yield found.get("updatedAt")
    for image in _images(found):
        yield image.get("pushedAt")


def _changed_at(times: Iterable[dt.datetime | None]) -> str:
    dated = [at for at in times if at is not None]
    return max(dated).astimezone(dt.UTC).isoformat() if dated else ""


def _is_hidden(found: Mapping[str, Any]) -> bool:
    return _state(found) in _HIDDEN_STATES


def _state(found: Mapping[str, Any]) -> str:
    return str(found.get("status") or "").upper()


def _severity(found: Mapping[str, Any]) -> str:
    return str(found.get("severity") or "UNDEFINED").upper()


def _basic(found: Mapping[str, Any]) -> Finding:
    attributes = {
        each.get("key", ""): each.get("value") or "" for each in found.get("attributes") or ()
    }
    return Finding(
        id=found.get("name") or "",
        package=attributes.get("package_name", ""),
        version=attributes.get("package_version", ""),
        severity=_severity(found),
        score=_number(attributes.get("CVSS3_SCORE") or attributes.get("CVSS2_SCORE")),
        vectors=tuple(attributes[name] for name in _VECTORS if attributes.get(name)),
        description=found.get("description") or "",
        uri=found.get("uri") or "",
    )


def _enhanced(found: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield a finding for each of the packages that one of Inspector's findings names."""
    details = found.get("packageVulnerabilityDetails") or {}
    state = _state(found)
    packages: Iterable[Mapping[str, Any]] = details.get("vulnerablePackages") or ({},)
    for package in packages:
        fixed_in = package.get("fixedInVersion") or ""
        fixed_in = "" if fixed_in in _NO_FIX else fixed_in
        yield Finding(
            id=details.get("vulnerabilityId") or found.get("findingArn") or "",
            package=package.get("name") or "",
            version=_version(package),
            severity=_severity(found),
            fixed_in=fixed_in,
            # A version that fixes it is a fix, whatever the word beside it says.
            is_fixable=True if fixed_in else _FIXABLE.get(found.get("fixAvailable", "")),
            has_exploit=_EXPLOITS.get(found.get("exploitAvailable", "")),
            score=_number(found.get("score")),
            vectors=tuple(
                each["scoringVector"]
                for each in details.get("cvss") or ()
                if "scoringVector" in each
            ),
            title=found.get("title") or "",
            description=found.get("description") or "",
            advice=_advice(found),
            path=package.get("filePath") or "",
            manager=package.get("packageManager") or "",
            system=_system(found),
            uri=details.get("sourceUrl") or "",
            set_aside=f"{state} {HIDDEN_BY}" if state in _HIDDEN_STATES else "",
        )


def _advice(found: Mapping[str, Any]) -> str:
    recommended = (found.get("remediation") or {}).get("recommendation") or {}
    text = recommended.get("text") or ""
    return "" if text in _NO_ADVICE else text


def _system(found: Mapping[str, Any]) -> str:
    return next((str(image["platform"]) for image in _images(found) if image.get("platform")), "")


def _images(found: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for resource in found.get("resources") or ():
        yield (resource.get("details") or {}).get("awsEcrContainerImage") or {}


def _number(value: object) -> float | None:
    """Return a CVSS score; anything that is none stays unknown."""
    try:
        score = float(str(value))
    except ValueError:
        return None
    return score if 0 <= score <= _HIGHEST_SCORE else None


def _version(package: Mapping[str, Any]) -> str:
    """Return ``epoch:version-release``, as the operating system's package manager writes it."""
    epoch, release = package.get("epoch") or 0, package.get("release")
    version = package.get("version") or ""
    return f"{f'{epoch}:' if epoch else ''}{version}{f'-{release}' if release else ''}"
