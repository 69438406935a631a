"""Findings that somebody has decided to live with for a time, and how such decisions age.

An exception sets a finding aside while it is in force. One whose day is over, or whose finding has
got a fix, sets nothing aside any more, and the finding counts again.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ecsstep.rules.findings import Finding, Scan
from ecsstep.rules.image import Reference
from ecsstep.value import Value

WARN_DAYS: Final = 14
"""How many days before its end an exception that is in use is warned about."""

USED, UNUSED, EXPIRED, FIXED = "used", "unused", "expired", "fixed"
UNKNOWN, UNTOLD = "no fix data", "no package manager"
REPLACED, ELSEWHERE = "replaced", "other image"


class Exemption(Value):
    """One decision to live with a vulnerability.

    Attributes:
        id: The exact id; empty for any (grype's rules may leave it out).
        package: The package's name, ``*`` for any text in it; empty for any, as for the rest.
        version: The package's version, likewise.
        path: The file in the image; ``*`` stops at a ``/``, ``**`` doesn't.
        image: The image's repository, with host or without, or its reference.
        managers: The package managers, in Inspector's words, one of which has the package.
        system: What the name of the image's operating system begins with, in small letters.
        fix_state: ``fixed`` or ``not-fixed``, in grype's words; empty for any.
        until: The last day on which it holds, in UTC.
        until_fixed: Whether it ends when there is a fix.
        reason: Why.
        owner: Who answers for it.
        place: Where it is written.
    """

    id: str = ""
    package: str = ""
    version: str = ""
    path: str = ""
    image: str = ""
    managers: frozenset[str] = frozenset()
    system: str = ""
    fix_state: str = ""
    until: dt.date | None = None
    until_fixed: bool = False
    reason: str
    owner: str = ""
    place: str

    def matches(self, finding: Finding, image: Reference) -> bool:
        """Whether it is about this finding in this image, in force or not."""
        return (
            self.id in {"", finding.id}
            and _fits(self.package, finding.package)
            and _fits(self.version, finding.version)
            and (not self.path or _fits_path(self.path, finding.path))
            and self.is_about(image)
            # Where nobody says whether there is a fix, no word for it fits.
            and self.fix_state in {"", _FIX_STATES.get(finding.is_fixable, "")}
            and (not finding.manager or self._is_of_package(finding))
        )

    def is_about(self, image: Reference) -> bool:
        """Whether it is about this image."""
        return not self.image or any(_fits(self.image, name) for name in _names(image))

    def _is_of_package(self, finding: Finding) -> bool:
        is_managed = not self.managers or finding.manager in self.managers
        return is_managed and finding.system.lower().startswith(self.system)

    def state(self, finding: Finding, today: dt.date) -> str:
        """Return what becomes of a finding that it is about: USED where it is set aside."""
        if self.managers and not finding.manager:
            return UNTOLD
        if self.until is not None and today > self.until:
            return EXPIRED
        if self.until_fixed and finding.is_fixable is not False:
            return FIXED if finding.is_fixable else UNKNOWN
        return USED

    def __str__(self) -> str:
        """In a line: why, until when, who says so and where."""
        ends = [f"until {self.until}"] if self.until else []
        ends += ["until there is a fix"] if self.until_fixed else []
        by = [f"owner {self.owner}"] if self.owner else []
        return f"{self.reason} ({', '.join([*ends, *by, self.place])})"


_FIX_STATES: Mapping[bool | None, str] = {True: "fixed", False: "not-fixed"}


class Standing(Value):
    """What an exception came to.

    Attributes:
        exemption: The exception.
        findings: The findings that it is about, by what became of them.
        is_elsewhere: Whether it is about another image.
        days_left: For how many days more it holds; None for one without an end.
    """

    exemption: Exemption
    findings: Mapping[str, tuple[str, ...]] = {}
    is_elsewhere: bool = False
    days_left: int | None = None

    @property
    def state(self) -> str:
        """Return the one word for it."""
        order = (USED, EXPIRED, FIXED, UNKNOWN, UNTOLD, REPLACED)
        none = ELSEWHERE if self.is_elsewhere else UNUSED
        return next((state for state in order if state in self.findings), none)

    def warnings(self) -> Iterator[str]:
        """Yield what somebody should do about it."""
        entry = self.exemption
        about = f"the exception in {entry.place}"
        if EXPIRED in self.findings:
            yield f"{about} ended on {entry.until}: {_listed(self.findings[EXPIRED])} counts again"
        if FIXED in self.findings:
            yield f"{about} is over, there is a fix: {_listed(self.findings[FIXED])} counts again"
        if UNKNOWN in self.findings:
            yield (
                f"{about} holds until there is a fix, but this scan has no fix data: "
                f"{_listed(self.findings[UNKNOWN])} counts; give 'until' a date"
            )
        if UNTOLD in self.findings:
            yield (
                f"{about} is for a kind of package, which this scan doesn't tell: "
                f"{_listed(self.findings[UNTOLD])} counts"
            )
        if REPLACED in self.findings:
            yield (
                f"{about} sets nothing aside, and another one does: "
                f"{_listed(self.findings[REPLACED])}; remove it"
            )
        if USED in self.findings and self.days_left is not None and self.days_left <= WARN_DAYS:
            left = {0: "today", 1: "tomorrow"}.get(self.days_left, f"in {self.days_left} days")
            yield f"{about} ends {left}: {_listed(self.findings[USED])} will count again"
        if not self.findings and not self.is_elsewhere:
            yield f"{about} is not used: {entry.id or 'what it is about'} was not found; remove it"

    def data(self) -> dict[str, Any]:
        """Return it for the JSON result."""
        entry = self.exemption
        return {
            "id": entry.id or None,
            "state": self.state,
            "reason": entry.reason,
            "owner": entry.owner or None,
            "until": entry.until.isoformat() if entry.until else None,
            "until_fixed": entry.until_fixed,
            "days_left": self.days_left,
            "place": entry.place,
        }


class Exemptions(Value):
    """All exceptions, for one image on one day."""

    entries: tuple[Exemption, ...] = ()
    image: Reference
    today: dt.date

    def applied(self, scans: Mapping[str, Scan]) -> Mapping[str, Scan]:
        """Return the scans with what is excepted set aside; each platform's by itself."""
        return {
            name: scan.replaced(findings=tuple(map(self._judged, scan.findings)))
            for name, scan in scans.items()
        }

    def standings(self, scans: Mapping[str, Scan]) -> tuple[Standing, ...]:
        """Return what each exception comes to, given the scans as ECR has them."""
        findings = [
            finding for scan in scans.values() for finding in scan.findings if not finding.set_aside
        ]
        found = [self._standing(entry, findings) for entry in self.entries]
        # What another tool writes as one entry may be several here: one that is needed is enough.
        needed = {each.exemption.place for each in found if each.findings}
        return tuple(each for each in found if each.findings or each.exemption.place not in needed)

    def _judged(self, finding: Finding) -> Finding:
        if finding.set_aside:
            return finding
        for entry in self.entries:
            if entry.matches(finding, self.image) and entry.state(finding, self.today) == USED:
                return finding.replaced(set_aside=str(entry))
        return finding

    def _standing(self, entry: Exemption, findings: Sequence[Finding]) -> Standing:
        found: dict[str, dict[str, None]] = {}
        for finding in findings:
            if entry.matches(finding, self.image):
                state = entry.state(finding, self.today)
                is_set_aside = bool(self._judged(finding).set_aside)
                state = REPLACED if state != USED and is_set_aside else state
                found.setdefault(state, {})[finding.id] = None
        return Standing(
            exemption=entry,
            findings={state: tuple(ids) for state, ids in found.items()},
            is_elsewhere=not entry.is_about(self.image),
            days_left=(entry.until - self.today).days if entry.until else None,
        )


def _listed(ids: Sequence[str], most: int = 3) -> str:
    more = f" and {len(ids) - most} more" if len(ids) > most else ""
    return ", ".join(ids[:most]) + more


def _names(image: Reference) -> tuple[str, ...]:
    return image.repository, image.name, str(image)


def _fits(pattern: str, text: str) -> bool:
    """Whether a text fits; ``*`` is any text."""
    if not pattern:
        return True
    wanted = ".*".join(map(re.escape, re.split(r"\*+", pattern)))
    return re.fullmatch(wanted, text, re.DOTALL) is not None


def _fits_path(pattern: str, path: str) -> bool:
    """Whether a path fits; a leading ``/`` makes no difference."""
    parts = re.split(r"(\*\*/?|\*)", pattern.lstrip("/"))
    forms = {"*": "[^/]*", "**": ".*", "**/": "(?:.*/)?"}
    wanted = "".join(forms.get(part, re.escape(part)) for part in parts)
    return bool(path) and re.fullmatch(wanted, path.lstrip("/"), re.DOTALL) is not None
