"""What ECR says about a scan, in our shapes: basic scanning's findings and Amazon Inspector's."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ecsstep.rules.findings import Finding, Scan

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        listed=Counter(_severity(found) for found in (*basic, *enhanced)),
        counts={
            name.upper(): count
            for name, count in (result.get("findingSeverityCounts") or {}).items()
        },
        completed_at=completed.isoformat() if completed else "",
        registry_id=reply.get("registryId") or "",
    )


def _severity(found: Mapping[str, Any]) -> str:
    return str(found.get("severity") or "UNDEFINED").upper()


def _basic(found: Mapping[str, Any]) -> Finding:
    attributes = {each["key"]: each.get("value", "") for each in found.get("attributes") or ()}
    return Finding(
        id=found.get("name") or "unnamed",
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
    state = str(found.get("status") or "").upper()
    packages: Iterable[Mapping[str, Any]] = details.get("vulnerablePackages") or ({},)
    for package in packages:
        fixed_in = package.get("fixedInVersion") or ""
        fixed_in = "" if fixed_in in _NO_FIX else fixed_in
        yield Finding(
            id=details.get("vulnerabilityId") or found.get("title") or "unnamed",
            package=package.get("name") or "",
            version=_version(package),
            severity=_severity(found),
            fixed_in=fixed_in,
            is_fixable=_FIXABLE.get(found.get("fixAvailable", ""), True if fixed_in else None),
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
            system=_system(found),
            uri=details.get("sourceUrl") or "",
            set_aside=f"{state} in Amazon Inspector" if state in _HIDDEN_STATES else "",
        )


def _advice(found: Mapping[str, Any]) -> str:
    recommended = (found.get("remediation") or {}).get("recommendation") or {}
    text = recommended.get("text") or ""
    return "" if text in _NO_ADVICE else text


def _system(found: Mapping[str, Any]) -> str:
    for resource in found.get("resources") or ():
        image = (resource.get("details") or {}).get("awsEcrContainerImage") or {}
        if image.get("platform"):
            return str(image["platform"])
    return ""


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
