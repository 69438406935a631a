"""What every report is made of."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ecsstep.rules.findings import SEVERITIES, Finding, Policy, Tally
from ecsstep.rules.gate import Refused, in_the_way
from ecsstep.rules.image import Reference
from ecsstep.text import in_a_line, printable
from ecsstep.value import Value

_WEB_PAGE = re.compile(r"https?://[^\s<>\"'`|\\]+")
# What nobody has rated yet is no small thing.
_LEAST_SCORES = {
    "CRITICAL": 9.0, "HIGH": 7.0, "MEDIUM": 4.0, "LOW": 0.1, "INFORMATIONAL": 0.0,
    "UNTRIAGED": 4.0, "UNDEFINED": 4.0,
}  # fmt: skip


class Report(Value):
    """One judgement over one image.

    Attributes:
        image: The image, as it was named.
        digest: Its digest; empty where it isn't known.
        version: The version of ecsstep.
        started: When the step began.
        ended: When it came to its end.
        said: What came of it, in a line.
        hint: The next thing to do; empty after a pass.
        exit: The step's exit code.
        data: The JSON result.
        policy: What was allowed.
        anchor: The file of the project that a finding is shown at: its Dockerfile.
        tally: What was found; None without a usable scan.
        refused: The refusal; None for a pass and without a usable scan.
    """

    image: Reference
    digest: str
    version: str
    started: dt.datetime
    ended: dt.datetime
    said: str
    hint: str
    exit: int
    data: Mapping[str, Any] = {}
    policy: Policy
    anchor: str = "Dockerfile"
    tally: Tally | None = None
    refused: Refused | None = None

    @property
    def is_usable(self) -> bool:
        """Whether there was a scan to judge."""
        return self.tally is not None

    @property
    def has_passed(self) -> bool:
        """Whether the image is let through."""
        return self.tally is not None and self.refused is None

    @property
    def subject(self) -> str:
        """The image that was judged, by digest where it is known."""
        return str(self.image.pinned(self.digest)) if self.digest else str(self.image)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings that count, what to do first on top."""
        return self.tally.findings if self.tally else ()

    @property
    def set_aside(self) -> tuple[Finding, ...]:
        """The findings that don't count, with the reason."""
        return self.tally.set_aside if self.tally else ()

    @property
    def stand_ins(self) -> tuple[Finding, ...]:
        """A finding for each severity of which ECR counts more than it lists."""
        return tuple(_of_unlisted(*each) for each in self.unlisted.items())

    @property
    def unlisted(self) -> Mapping[str, int]:
        """How many findings ECR counts and doesn't list, the worst severity first."""
        found = self.tally.unlisted if self.tally else {}
        return {severity: found[severity] for severity in SEVERITIES if severity in found}

    @property
    def in_the_way(self) -> tuple[Finding, ...]:
        """The findings because of which the image is refused."""
        return in_the_way(self.refused, self.policy) if self.refused else ()

    def fingerprint(self, finding: Finding, *more: str) -> str:
        """Return what stays the same for the same finding in the next image."""
        import hashlib

        parts = (self.image.repository, finding.id, finding.package, *more)
        return hashlib.sha256("\0".join(parts).encode(errors="backslashreplace")).hexdigest()


def _of_unlisted(severity: str, count: int) -> Finding:
    said = f"Amazon ECR counts {count} {severity} more than it lists"
    return Finding(id=f"unlisted {severity}", severity=severity, title=said, description=said)


def headline(finding: Finding, most: int = 200) -> str:
    """Return what a finding is, in a line."""
    package = " ".join(word for word in (finding.package, finding.version) if word)
    return in_a_line(f"{finding.id} in {package}" if package else finding.id, most)


def words(finding: Finding, most: int = 2000) -> str:
    """Return what a finding is at length, in a line."""
    return in_a_line(finding.description or finding.title or finding.id, most)


def on_platforms(finding: Finding, most: int = 200) -> str:
    """Return `` on linux/amd64, linux/arm64``, or nothing for an image of a single platform."""
    names = ", ".join(finding.platforms)
    return f" on {in_a_line(names, most)}" if names else ""


def solution(finding: Finding, most: int = 1000) -> str:
    """Return what to do about a finding; nothing where nobody says."""
    if finding.fixed_in:
        return in_a_line(f"update {finding.package} to {finding.fixed_in}", most)
    return in_a_line(finding.advice, most)


def web_links(finding: Finding) -> Iterator[str]:
    """Yield where to read about it; an address that is no web page is left out."""
    uri = printable(finding.uri)
    if _WEB_PAGE.fullmatch(uri):
        yield uri[:2000]


def score(finding: Finding) -> float:
    """Return the CVSS score, or the least of its severity; it never says less than that."""
    least = _LEAST_SCORES.get(finding.severity, 0.0)
    return max(least, finding.score or 0.0)
