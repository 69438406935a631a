"""How ECR's scan of an image moves through time, by the sandbox's clock.

What ECR says about its configuration is moto's, set up so that it agrees with the story; a
PutRegistryScanningConfiguration is heeded.
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ecsstep.sandbox.api import ApiError, Now
from ecsstep.sandbox.courses import COURSES, Course
from ecsstep.sandbox.findings import Subject, basic_findings, counts, enhanced_findings
from ecsstep.sandbox.images import Image

_QUOTA = dt.timedelta(hours=24)
_EVERYTHING = [{"filter": "*", "filterType": "WILDCARD"}]
_NOTHING = [{"filter": "no-repository-has-this-name", "filterType": "WILDCARD"}]
_WITH_RESULT = frozenset({"COMPLETE", "ACTIVE"})
KINDS = tuple(COURSES)
"""The names that a story's scan may have."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What DescribeImageScanFindings has to say.

    Attributes:
        status: The scan's status.
        description: ECR's words to it.
        is_finished: Whether there are findings to read, if only an empty list.
        member: The list that the findings stand in.
        summary: What stands beside that list.
        findings: All of them.
    """

    status: str
    description: str
    is_finished: bool = False
    member: str = "findings"
    summary: Mapping[str, Any] = field(default_factory=dict)
    findings: tuple[dict[str, Any], ...] = ()


class Scans:
    """The scans of one account's images, after the course that the story chose."""

    def __init__(self, kind: str, *, clock: Now, account: str) -> None:
        self._course = COURSES[kind]
        self._clock = clock
        self._account = account
        self._by_hand: set[str] = set()
        self._looks = 0

    def configure(self, backend: Any) -> None:
        """Make moto's ECR of a region say what this course does."""
        rule = {
            "scanFrequency": self._course.frequency,
            "repositoryFilters": _EVERYTHING if self._course.is_covered else _NOTHING,
        }
        has_rule = self._course.frequency != "MANUAL"
        backend.put_registry_scanning_configuration(
            self._course.scan_type, [rule] if has_rule else []
        )

    def pushed(self, backend: Any, repository: Any, image: Image) -> None:
        """Start the scan of what was pushed, where the registry does so."""
        frequency = repository.scanning_config["scanFrequency"]
        on_push = bool(repository.image_scanning_configuration.get("scanOnPush"))
        if image.is_index or self._course.end is None:
            return
        if frequency != "MANUAL" or (on_push and not _is_enhanced(backend)):
            image.scan_began = image.pushed_at - dt.timedelta(seconds=self._course.age)

    def start(self, backend: Any, image: Image) -> None:
        """Start a scan by hand.

        Raises:
            ApiError: Enhanced scanning is on, it is an index, or it was scanned within a day.
        """
        if _is_enhanced(backend):
            raise ApiError("ValidationException", "This feature is disabled")
        if image.is_index:
            raise ApiError(
                "UnsupportedImageTypeException",
                f"The image with digest '{image.digest}' is a manifest list, which can't be "
                "scanned",
            )
        now = self._clock.now()
        if image.scan_began is not None and now - image.scan_began < _QUOTA:
            raise ApiError(
                "LimitExceededException",
                "The scan quota per image has been exceeded. Wait and try again.",
            )
        if self._course.end is not None:
            image.scan_began = now
            self._by_hand.add(image.digest)

    def stumble(self) -> None:
        """Throttle a look, where the story wants that.

        Raises:
            ApiError: ThrottlingException.
        """
        self._looks += 1
        if self._looks <= self._course.throttled:
            raise ApiError("ThrottlingException", "Rate exceeded")

    def report(self, backend: Any, repository: Any, image: Image) -> Report | None:
        """Return how far the image's scan is; None where ECR knows of none."""
        course, began = self._course, image.scan_began
        now = self._clock.now()
        if began is None or course.end is None:
            return None
        if course.scans_only and _architecture(repository, image) not in {"", course.scans_only}:
            return None
        if now < image.pushed_at + dt.timedelta(seconds=course.unknown_for):
            return None
        enhanced = _is_enhanced(backend)
        ends = began + dt.timedelta(seconds=course.seconds)
        if now < ends:
            status = "PENDING" if enhanced else "IN_PROGRESS"
            return Report(status=status, description="The scan is under way.")
        if course.end not in _WITH_RESULT or not course.is_filled:
            return Report(status=course.end, description=course.description)
        # A registry that was switched over by hand scans as it is set now.
        is_switched = enhanced is not (course.scan_type == "ENHANCED")
        usual = "ACTIVE" if enhanced else "COMPLETE"
        subject = Subject(repository=repository.name, image=image, account=self._account, at=ends)
        found = self._found(course, subject, repository, enhanced=enhanced)
        return Report(
            status=usual if is_switched else course.end,
            description=course.description,
            is_finished=True,
            member="enhancedFindings" if enhanced else "findings",
            summary={
                "imageScanCompletedAt": ends,
                "vulnerabilitySourceUpdatedAt": began,
                "findingSeverityCounts": (
                    counts(found) if course.counted is None else dict(course.counted)
                ),
            },
            findings=found,
        )

    def _found(
        self, course: Course, subject: Subject, repository: Any, *, enhanced: bool
    ) -> tuple[dict[str, Any], ...]:
        """Return what has been found by now."""
        image = subject.image
        listed_at = subject.at + dt.timedelta(seconds=course.finds_after)
        if self._clock.now() < listed_at:
            return course.finds_first(subject) if course.finds_first else ()
        subject = replace(subject, at=listed_at)
        is_by_hand = image.digest in self._by_hand
        if course.finds is None or (course.finds_by_hand and not is_by_hand):
            return ()
        if course.only and course.only != _architecture(repository, image):
            return ()
        if enhanced and course.scan_type == "BASIC":
            return enhanced_findings(subject)
        if not enhanced and course.scan_type == "ENHANCED":
            return basic_findings(subject)
        return course.finds(subject)


def _architecture(repository: Any, image: Image) -> str:
    """Return what an index says that this image is for."""
    for index in repository.images:
        for child in json.loads(index.manifest).get("manifests", ()) if index.is_index else ():
            if child["digest"] == image.digest:
                return str(child.get("platform", {}).get("architecture", ""))
    return ""


def not_found(repository: Any, image_id: Mapping[str, str], account: str) -> ApiError:
    """Return ECR's answer about a scan that it doesn't know."""
    return ApiError(
        "ScanNotFoundException",
        f"Image scan does not exist for the image with '{{imageDigest:"
        f"'{image_id.get('imageDigest', 'null')}', imageTag:'{image_id.get('imageTag', 'null')}'}}'"
        f" in the repository with name '{repository.name}' in the registry with id '{account}'",
    )


def _is_enhanced(backend: Any) -> bool:
    return bool(backend.get_registry_scanning_configuration()["scanType"] == "ENHANCED")
