"""What of an image is scanned."""

from collections.abc import Sequence
from typing import Protocol

from ecsstep.aws.ecr import StoredImage
from ecsstep.core.log import Log
from ecsstep.errors import Exit, StepError
from ecsstep.rules.image import Reference
from ecsstep.rules.platforms import Platform, narrowed, platforms_of


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


def subjects(
    images: Images, image: Reference, wanted: Sequence[str], *, account: str | None, log: Log
) -> tuple[str, tuple[Platform, ...]]:
    """Return the image's digest and what is to be scanned: itself, or an index's platforms.

    Args:
        images: Where the image is.
        image: The image.
        wanted: The platforms that are wanted; nothing for all.
        account: The registry's account; None for the caller's own.
        log: Is told what may not be read.

    Raises:
        StepError: There is no such image or platform (exit 2), or it is nothing that ECR could
            scan (exit 3).
    """
    # A digest is exact; ECR would take the tag as a second condition.
    by = {"digest": image.digest} if image.digest else {"tag": image.tag}
    try:
        stored = images.image(image.repository, **by, registry_id=account)
    except StepError as error:
        if error.exit is not Exit.ACCESS or not image.digest:
            raise
        log.warning(
            "the image can't be read; it is taken for one of a single platform",
            reason=error.message,
            hint=error.hint,
        )
        return image.digest, (Platform(digest=image.digest),)
    if stored is None:
        raise StepError(
            f"there is no image '{image}'",
            exit=Exit.USAGE,
            hint=f"aws ecr list-images --repository-name {image.repository}",
        )
    try:
        found = platforms_of(stored.manifest, digest=stored.digest, media_type=stored.media_type)
    except ValueError as error:
        raise StepError(
            f"there is no usable scan of image '{image}': {error}",
            exit=Exit.FAILED,
            hint="gate the image that is deployed; ECR scans container images alone",
        ) from error
    return stored.digest, _chosen(found, image, wanted, log)


def _chosen(
    platforms: tuple[Platform, ...], image: Reference, wanted: Sequence[str], log: Log
) -> tuple[Platform, ...]:
    if not wanted:
        return platforms
    if not any(platform.name for platform in platforms):
        log.warning("--platform has no effect: the image is for a single platform")
        return platforms
    try:
        return narrowed(platforms, wanted)
    except ValueError as error:
        raise StepError(
            f"--platform does not fit image '{image}': {error}",
            exit=Exit.USAGE,
            hint="name one of these, or leave --platform out to judge all",
        ) from error
