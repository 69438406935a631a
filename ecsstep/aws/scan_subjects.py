"""What of an image is scanned."""

from collections.abc import Sequence
from typing import Protocol

from ecsstep.aws.ecr import StoredImage
from ecsstep.core.log import Log
from ecsstep.errors import Exit, StepError
from ecsstep.rules.image import Reference
from ecsstep.rules.platforms import Platform, Subject, narrowed, platforms_of
from ecsstep.rules.scan_place import Place


class Images(Protocol):
    """What is read about images."""

    def image(  # noqa: D102
        self,
        repository: str,
        *,
        tag: str | None = None,
        digest: str | None = None,
        registry_id: str | None = None,
    ) -> StoredImage | None: ...


def subject_of(
    images: Images, image: Reference, wanted: Sequence[str], *, place: Place, log: Log
) -> Subject:
    """Return the image's digest and what is to be scanned: itself, or an index's platforms.

    Args:
        images: Where the image is.
        image: The image.
        wanted: The platforms that are wanted; nothing for all.
        place: Where the image is, in ECR's words.
        log: Is told what may not be read, and what is passed over.

    Raises:
        StepError: There is no such image or platform (exit 2), or it is nothing that ECR could
            scan (exit 3).
    """
    # A digest is exact; ECR would take the tag as a second condition.
    by = {"digest": image.digest} if image.digest else {"tag": image.tag}
    try:
        stored = images.image(image.repository, **by, registry_id=place.account or None)
    except StepError as error:
        if error.exit is not Exit.ACCESS:
            raise
        if not image.digest:
            raise _tag_denied(error) from error
        log.warning(
            "the image can't be read; it is taken for one of a single platform",
            reason=error.message,
            hint=error.hint,
        )
        return Subject(digest=image.digest, platforms=(Platform(digest=image.digest),))
    if stored is None:
        raise StepError(
            f"there is no image '{image}'",
            exit=Exit.USAGE,
            hint=place.in_repository("list-images"),
        )
    try:
        found = platforms_of(stored.manifest, digest=stored.digest, media_type=stored.media_type)
    except ValueError as error:
        raise StepError(
            f"there is no usable scan of image '{image}': {error}",
            exit=Exit.FAILED,
            hint="gate the image that is deployed; ECR scans container images alone",
        ) from error
    for each in found:
        if each.artifact:
            log.info("passed over: it is no image", digest=each.digest, type=each.artifact)
    listed = tuple(each for each in found if not each.artifact)
    chosen = _chosen(listed, image, wanted, log)
    left_out = tuple(each.name for each in listed if each not in chosen)
    return Subject(digest=stored.digest, platforms=chosen, left_out=left_out)


def _tag_denied(error: StepError) -> StepError:
    hint = f"{error.hint}; or name the image by its digest, which can be judged without it"
    return StepError(error.message, exit=error.exit, hint=hint, why=error.why)


def _chosen(
    platforms: tuple[Platform, ...], image: Reference, wanted: Sequence[str], log: Log
) -> tuple[Platform, ...]:
    if not wanted:
        return platforms
    if not any(platform.name for platform in platforms):
        log.warning(
            "--platform has no effect: the image is for a single platform, which is not looked at"
        )
        return platforms
    try:
        return narrowed(platforms, wanted)
    except ValueError as error:
        raise StepError(
            f"--platform does not fit image '{image}': {error}",
            exit=Exit.USAGE,
            hint="name one of these, or leave --platform out to judge all",
        ) from error
