"""What a pinned image consists of, as ECR stores it."""

from collections.abc import Callable
from typing import Protocol

from ecsstep.aws.ecr import StoredImage
from ecsstep.rules.ecr_images import ecr_images
from ecsstep.rules.proof import parts_in


class Images(Protocol):
    """What is read of ECR."""

    def image(  # noqa: D102 - see aws.ecr
        self, repository: str, *, digest: str | None = None, registry_id: str | None = None
    ) -> StoredImage | None: ...


class PinnedImages:
    """Reads the manifests of images that are pinned by digest."""

    def __init__(self, ecr: Callable[[str | None], Images], *, is_emulated: bool) -> None:
        """Take what is read from.

        Args:
            ecr: ECR in a region; None for the one in use.
            is_emulated: Whether a registry on this machine is ECR's.
        """
        self._ecr = ecr
        self._is_emulated = is_emulated

    def parts(self, image: str) -> frozenset[str] | None:
        """Return the digests of a pinned image's platforms; None where ECR has no such image.

        Raises:
            StepError: ECR refuses.
        """
        container = {"name": "", "image": image}
        found = ecr_images({"containerDefinitions": [container]}, is_emulated=self._is_emulated)
        for each in found:
            stored = self._ecr(each.region).image(
                each.repository, digest=each.digest, registry_id=each.account
            )
            if stored is not None:
                try:
                    return parts_in(stored.manifest)
                except ValueError:
                    return None
        return None
