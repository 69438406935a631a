"""The courses that an image's scan may take, one for each state and trap of ECR's scanning."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ecsstep.sandbox.findings import (
    Subject,
    basic_findings,
    enhanced_findings,
    hostile_findings,
    long_list,
    one_low,
    one_low_enhanced,
    suppressed_findings,
    without_fix,
)

Finder = Callable[[Subject], tuple[dict[str, Any], ...]]
"""Makes the findings of one image."""


@dataclass(frozen=True, kw_only=True)
class Course:
    """What happens to the scans of one kind. Times are sandbox seconds.

    Attributes:
        scan_type: BASIC or ENHANCED.
        frequency: When the registry scans by itself.
        unknown_for: How long after the push ECR knows of no scan.
        seconds: How long a scan is under way.
        end: The status after that, which may be empty; None for a scan that is never registered.
        description: ECR's words to that status.
        finds: What it finds.
        finds_first: What it lists until then; nothing for an empty list.
        finds_after: How long after its end the findings are listed.
        is_filled: Whether there is a result beside the status.
        finds_by_hand: Whether only a scan that was started by hand finds it.
        only: The architecture that has the findings; nothing for every one.
        has_index: Whether the registry holds an image index, ``multi:v1``, as well.
        scans_only: The architecture of an index's image that is scanned; nothing for every one.
        counted: What ECR says the counts are, where they disagree with the list.
        is_covered: Whether the registry's rule is about any repository.
        age: How long before the push the scan took place, as far as ECR says.
        throttled: How many of the first looks are throttled.
    """

    scan_type: str = "BASIC"
    frequency: str = "SCAN_ON_PUSH"
    unknown_for: float = 0
    seconds: float = 6
    end: str | None = "COMPLETE"
    description: str = "The scan was completed successfully."
    finds: Finder | None = None
    finds_first: Finder | None = None
    finds_after: float = 0
    is_filled: bool = True
    finds_by_hand: bool = False
    only: str = ""
    has_index: bool = False
    scans_only: str = ""
    counted: Mapping[str, int] | None = None
    is_covered: bool = True
    age: float = 0
    throttled: int = 0


_ENHANCED = Course(
    scan_type="ENHANCED",
    frequency="CONTINUOUS_SCAN",
    end="ACTIVE",
    description="Continuous scan is selected for image.",
)
_DAYS = 24 * 3600


def _dead_end(status: str, description: str) -> Course:
    return Course(seconds=0, end=status, description=description)


COURSES: Mapping[str, Course] = {
    "clean": Course(),
    "findings": Course(finds=basic_findings),
    "clean-enhanced": _ENHANCED,
    "findings-enhanced": replace(_ENHANCED, finds=enhanced_findings),
    "late-enhanced": replace(_ENHANCED, finds=enhanced_findings, finds_after=45),
    "complete-enhanced": replace(
        _ENHANCED, end="COMPLETE", finds=enhanced_findings, finds_after=45
    ),
    "partial-enhanced": replace(
        _ENHANCED, finds=enhanced_findings, finds_first=one_low_enhanced, finds_after=75
    ),
    "pages-enhanced": replace(_ENHANCED, finds=long_list),
    "suppressed-enhanced": replace(_ENHANCED, finds=suppressed_findings),
    "hidden-enhanced": replace(_ENHANCED, finds=suppressed_findings, counted={"CRITICAL": 1}),
    "no-fix-enhanced": replace(_ENHANCED, finds=without_fix),
    "hostile-enhanced": replace(_ENHANCED, finds=hostile_findings),
    "platforms": Course(finds=basic_findings, only="arm64", has_index=True),
    "passed-over-enhanced": replace(_ENHANCED, has_index=True, scans_only="amd64"),
    "counts-only": Course(finds=one_low, counted={"CRITICAL": 2, "LOW": 1}),
    "list-only": Course(finds=basic_findings, counted={}),
    "in-progress": Course(seconds=60),
    "failed": Course(end="FAILED", description="The scan failed: the image can't be unpacked."),
    "unsupported": _dead_end(
        "UNSUPPORTED_IMAGE",
        "UnsupportedImageError: The operating system '' version '' is not supported.",
    ),
    "expired-enhanced": replace(
        _ENHANCED,
        seconds=0,
        end="SCAN_ELIGIBILITY_EXPIRED",
        description="Scan eligibility has expired.",
    ),
    "unavailable": _dead_end("FINDINGS_UNAVAILABLE", "The findings are not available."),
    "limit-exceeded": _dead_end("LIMIT_EXCEEDED", "The daily limit of scans is exceeded."),
    "archived": _dead_end("IMAGE_ARCHIVED", "The image is archived."),
    "too-large": _dead_end("IMAGE_SIZE_EXCEEDED", "The image exceeds the size limit."),
    "stateless": _dead_end("", ""),
    "unfilled": Course(is_filled=False),
    "unknown-state": _dead_end("QUARANTINED", "This state is newer than every client."),
    "never": Course(end=None),
    "manual": Course(frequency="MANUAL", finds=basic_findings),
    "uncovered": replace(_ENHANCED, end=None, is_covered=False),
    "once-a-day": Course(unknown_for=45, finds=basic_findings),
    "too-old": Course(finds=basic_findings, finds_by_hand=True, age=40 * _DAYS),
    "too-old-enhanced": replace(
        _ENHANCED, frequency="SCAN_ON_PUSH", end="COMPLETE", age=40 * _DAYS
    ),
    "throttled": Course(throttled=10_000),
    "stumbling": Course(throttled=2),
}
"""The courses by the names that a story's scan may have."""
