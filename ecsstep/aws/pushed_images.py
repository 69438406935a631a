"""Images that an earlier job has pushed, found again by their tag."""

from typing import Protocol

from ecsstep.aws.ecr import StoredImage
from ecsstep.core.log import Log
from ecsstep.errors import Exit, StepError
from ecsstep.rules.image import Reference


class Registries(Protocol):
    """What is asked of ECR's registries."""

    def default_host(self, account: str | None = None) -> str: ...  # noqa: D102
    def stored(self, host: str, name: str, *, tag: str) -> StoredImage | None: ...  # noqa: D102


class PushedImages:
    """Images by tag, where image-push puts them; the registry's name is asked for once."""

    def __init__(
        self, registries: Registries, *, host: str | None, account: str | None, log: Log
    ) -> None:
        self._registries = registries
        self._host = host
        self._account = account
        self._log = log

    def pinned(self, image: Reference) -> Reference:
        """Return the image by the digest that its tag names now.

        Raises:
            StepError: It or its repository is not there (exit 2), or AWS refuses.
        """
        if not image.registry:
            if self._host is None:
                self._host = self._registries.default_host(self._account)
            image = image.replaced(registry=self._host)
        found = self._registries.stored(image.registry, image.repository, tag=image.tag or "")
        if found is None:
            raise StepError(
                f"there is no image '{image}': nothing was pushed for this commit, or under "
                "another tag",
                exit=Exit.USAGE,
                hint="run the job with image-push for this commit, or see what is there: "
                f"aws ecr list-images --repository-name {image.repository}",
            )
        self._log.info("found this commit's image", image=image, digest=found.digest)
        return image.pinned(found.digest)
