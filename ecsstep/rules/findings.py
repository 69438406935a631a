"""What a scan found, counted, and what the policy says to it."""

from collections import Counter
from collections.abc import Iterable, Mapping

from ecsstep.value import Value

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "UNTRIAGED", "UNDEFINED", "LOW", "INFORMATIONAL")
"""Basic scanning's severities, and UNTRIAGED, which is Amazon Inspector's; the worst first.

What nobody has rated yet is no small thing.
"""

HIDDEN_BY = "in Amazon Inspector"
"""How the reason ends of a finding that is set aside there."""

_MOST_DIGITS = 9

DEFAULT_LIMITS: Mapping[str, int] = {"CRITICAL": 0, "HIGH": 0}


class Finding(Value):
    """One vulnerability in one package.

    Attributes:
        id: The CVE, or what the source calls it; empty where it has no name at all.
        package: The package's name; empty where ECR names none.
        version: The version that is in the image.
        severity: One of :data:`SEVERITIES`.
        fixed_in: The version that fixes it; empty where there is none or nobody knows.
        is_fixable: Whether there is a fix; None where the scan has no such data.
        has_exploit: Whether somebody is known to exploit it; None where nobody says.
        score: Its CVSS base score; None where nobody says.
        vectors: Its CVSS vectors, the weightiest first.
        title: What it is, in the source's words, in a line.
        description: The same at length.
        advice: What the source says to do about it.
        path: The file in the image that has it, for what no package manager of the system owns.
        manager: The package manager that it belongs to, in Inspector's words; empty where ECR
            names none (basic scanning never does).
        system: The operating system of the image, as the source spells it.
        uri: Where to read about it.
        set_aside: Why it doesn't count; empty for one that counts.
        platforms: The platforms of the image that have it.
    """

    id: str
    package: str = ""
    version: str = ""
    severity: str
    fixed_in: str = ""
    is_fixable: bool | None = None
    has_exploit: bool | None = None
    score: float | None = None
    vectors: tuple[str, ...] = ()
    title: str = ""
    description: str = ""
    advice: str = ""
    path: str = ""
    manager: str = ""
    system: str = ""
    uri: str = ""
    set_aside: str = ""
    platforms: tuple[str, ...] = ()


class Scan(Value):
    """What ECR says about the scan of one image, read to the last page.

    Attributes:
        status: ECR's word for it.
        description: ECR's sentence to that.
        has_findings: Whether there was a result at all, if only an empty list.
        findings: What was listed, one for each vulnerability and package.
        listed: How many entries ECR listed of each severity, without what Inspector hides.
        counts: How many ECR says that there are of each severity.
        completed_at: When it was completed, as ECR says; empty where it doesn't.
        changed_at: The latest time that the answer names for the image or a finding, in UTC; empty
            where it names none.
        registry_id: The account's id, as ECR says.
    """

    status: str
    description: str = ""
    has_findings: bool = False
    findings: tuple[Finding, ...] = ()
    listed: Mapping[str, int] = {}
    counts: Mapping[str, int] = {}
    completed_at: str = ""
    changed_at: str = ""
    registry_id: str = ""


class Policy(Value):
    """How many findings are too many.

    Attributes:
        limits: The most that may be there, by severity; one that isn't named has no limit.
        fixable_only: Whether a finding that has no fix is let through.
        condition: A JMESPath expression over the result that must not hold; empty for none.
    """

    limits: Mapping[str, int] = DEFAULT_LIMITS
    fixable_only: bool = False
    condition: str = ""

    def judges(self, finding: Finding) -> bool:
        """Whether a finding counts; one without fix data does."""
        return not (self.fixable_only and finding.is_fixable is False)


class Excess(Value):
    """A severity with more findings than its limit."""

    severity: str
    count: int
    limit: int

    def __str__(self) -> str:
        return f"{self.count} {self.severity} ({self.limit} allowed)"


class Tally(Value):
    """The findings of an image over all its platforms.

    Attributes:
        findings: Each one once, with its platforms, what to do first on top.
        set_aside: Those that don't count, with the reason.
        counts: How many there are of each severity.
        judged: How many of them the policy counts.
        unlisted: How many ECR counts and doesn't list; they are among the other two.
    """

    findings: tuple[Finding, ...]
    set_aside: tuple[Finding, ...]
    counts: Mapping[str, int]
    judged: Mapping[str, int]
    unlisted: Mapping[str, int]

    def exceeded(self, policy: Policy) -> tuple[Excess, ...]:
        """Return the severities over their limit, the worst first."""
        return tuple(
            Excess(severity=severity, count=self.judged[severity], limit=policy.limits[severity])
            for severity in SEVERITIES
            if severity in policy.limits and self.judged[severity] > policy.limits[severity]
        )


def tally(scans: Mapping[str, Scan], policy: Policy) -> Tally:
    """Return the findings of an image, given the scan of each of its platforms.

    Where ECR counts more than it lists, the difference counts as findings that nobody can look
    at: of the two the worse is taken.
    """
    merged: dict[tuple[str, str, bool], Finding] = {}
    unlisted: Counter[str] = Counter()
    for platform, scan in scans.items():
        for found in scan.findings:
            # Nobody can tell whether two without a name are the same.
            name = found.id or f"{found.title or 'unnamed'} {len(merged) + 1}"
            key = (name, found.package, bool(found.set_aside))
            here = found.replaced(id=name, platforms=(platform,) if platform else ())
            merged[key] = _joined(merged[key], here) if key in merged else here
        for severity, count in scan.counts.items():
            unlisted[severity] += max(0, count - scan.listed.get(severity, 0))
    findings = sorted((each for each in merged.values() if not each.set_aside), key=_urgency)
    return Tally(
        findings=tuple(findings),
        set_aside=tuple(sorted((each for each in merged.values() if each.set_aside), key=_urgency)),
        counts=_counted(findings, unlisted),
        judged=_counted(filter(policy.judges, findings), unlisted),
        unlisted={severity: count for severity, count in unlisted.items() if count},
    )


def unknown_severities(scan: Scan) -> tuple[str, ...]:
    """Return the severities in a scan that nobody could set a limit for."""
    found = {each.severity for each in scan.findings} | scan.counts.keys()
    return tuple(sorted(found - set(SEVERITIES)))


def parse_limit(text: str) -> tuple[str, int]:
    """Return severity and number of ``HIGH=3``; the name in any case.

    Raises:
        ValueError: It is no severity or no number.
    """
    name, equals, number = text.partition("=")
    severity = name.strip().upper()
    if severity not in SEVERITIES:
        raise ValueError(f"'{name}' is no severity; it is one of {', '.join(SEVERITIES)}")
    number = number.strip()
    is_number = number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS
    if not equals or not is_number:
        raise ValueError(f"'{text}' is no limit; write {severity}=0")
    return severity, int(number)


def _joined(one: Finding, other: Finding) -> Finding:
    """Return one finding for the same one seen twice; of what differs, the worse."""
    fixable = {one.is_fixable, other.is_fixable}
    exploits = {one.has_exploit, other.has_exploit}
    return min(one, other, key=_urgency).replaced(
        version=_both(one.version, other.version),
        fixed_in=_both(one.fixed_in, other.fixed_in),
        is_fixable=True if True in fixable else None if None in fixable else False,
        has_exploit=True if True in exploits else None if None in exploits else False,
        path=_both(one.path, other.path),
        platforms=tuple(dict.fromkeys((*one.platforms, *other.platforms))),
    )


def _both(one: str, other: str) -> str:
    """Return the different texts of two lists, as one list."""
    texts = [text for each in (one, other) for text in each.split(", ") if text]
    return ", ".join(dict.fromkeys(texts))


def _counted(findings: Iterable[Finding], unlisted: Mapping[str, int]) -> dict[str, int]:
    counted = Counter(finding.severity for finding in findings)
    return {severity: counted[severity] + unlisted.get(severity, 0) for severity in SEVERITIES}


def _urgency(finding: Finding) -> tuple[int, bool, str, str]:
    """The worst first, of those the fixable, then by name."""
    known = finding.severity in SEVERITIES
    rank = SEVERITIES.index(finding.severity) if known else -1
    return rank, finding.is_fixable is not True, finding.id, finding.package
