"""The states of a scan that lead to no result, each with its words and what to do."""

from collections.abc import Mapping

from ecsstep.rules.scan_place import Place
from ecsstep.text import printable

DEAD_ENDS: Mapping[str, tuple[str, str]] = {
    "FAILED": ("the scan failed", "push the image again for a new scan; ECR's words say why"),
    "UNSUPPORTED_IMAGE": (
        "ECR can't scan this image",
        "build it on a system that ECR's scanner supports, not FROM scratch, or use another gate",
    ),
    "SCAN_ELIGIBILITY_EXPIRED": (
        "the time for which Amazon Inspector scans this image is over, its findings are too old",
        "push the image again, or set a longer re-scan duration in Amazon Inspector",
    ),
    "FINDINGS_UNAVAILABLE": (
        "ECR has no findings for this image",
        "push the image again for a new scan",
    ),
    "LIMIT_EXCEEDED": (
        "the account's quota of scans is used up",
        "run the step again when the quota is fresh (a day later at most), or have it raised",
    ),
    "IMAGE_ARCHIVED": ("the image is archived, and an archived image isn't scanned", "restore it"),
    "IMAGE_SIZE_EXCEEDED": (
        "the image is larger than ECR's scanner takes",
        "make the image smaller, or use another gate",
    ),
}
"""Why each of these states leads to no result, and what to do."""


def dead_end(status: str, description: str, place: Place) -> tuple[str, str]:
    """Return why a state leads to no result, and what to do.

    Args:
        status: ECR's word for the state; empty where it says none.
        description: ECR's sentence to it.
        place: Where the image is.
    """
    words = f" ({printable(description)})" if description else ""
    if not status:
        return (
            f"ECR's answer about the scan names no state{words}",
            "run the step again; if it stays so, push the image again for a new scan",
        )
    if status not in DEAD_ENDS:
        return (
            f"the scan is in the unknown state '{printable(status)}'{words}",
            "install a newer ecsstep; an unknown state is never taken for clean",
        )
    reason, hint = DEAD_ENDS[status]
    if status == "IMAGE_ARCHIVED":
        call = place.of_image("update-image-storage-class", "--target-storage-class", "STANDARD")
        hint = f"{hint}: {call}"
    return f"{reason}: {status}{words}", hint
