"""An image that is in a registry already, to be promoted into another repository."""

from typing import TYPE_CHECKING, BinaryIO, cast

from ecsstep.core.outside import current
from ecsstep.errors import Exit, StepError
from ecsstep.registry.client import Repository
from ecsstep.registry.descriptor import Descriptor
from ecsstep.registry.image import Blob, Manifest
from ecsstep.registry.revisions import revision, revisions
from ecsstep.registry.tree import Tree
from ecsstep.rules.image import Reference
from ecsstep.rules.rebuilds import Revisions
from ecsstep.rules.tag_verdict import Identity

if TYPE_CHECKING:
    from collections.abc import Callable


class Remote:
    """One image of a repository, its manifests byte for byte.

    Attributes:
        identity: The digest of its manifest or index.
    """

    def __init__(self, repository: Repository, name: Reference) -> None:
        found = repository.manifest(str(name.digest or name.tag))
        if found is None:
            raise StepError(
                f"there is no image '{name}'",
                exit=Exit.USAGE,
                hint="check the name, or push it there first",
            )
        self._repository = repository
        self._root = found
        self.identity = Identity(manifests=frozenset({found.digest}))

    def manifest(self) -> Manifest:
        """Return the image, every manifest in it verified.

        Raises:
            StepError: It is broken (exit 2), or the registry refuses.
        """
        root = Descriptor(
            media_type=self._root.media_type, digest=self._root.digest, size=len(self._root.raw)
        )
        return Tree(self, is_promoted=True).read(root)

    def revisions(self) -> Revisions:
        """Return the commit that every platform's image names.

        Raises:
            StepError: It is broken (exit 2), or the registry refuses.
        """
        manifest = self.manifest()
        return self._repository.retried(lambda: revisions(manifest, _taped), "read the labels")

    def raw_manifest(self, descriptor: Descriptor) -> bytes | None:
        """Return a manifest's bytes, or None where the registry lacks it.

        Raises:
            StepError: The registry refuses.
        """
        if descriptor.digest == self._root.digest:
            return self._root.raw
        found = self._repository.manifest(descriptor.digest)
        return found.raw if found else None

    def config(self, descriptor: Descriptor) -> bytes | None:
        """Return None: what a registry has as an image is copied as it is."""
        del descriptor
        return None

    def blob(self, descriptor: Descriptor) -> Blob | None:
        """Return a blob, read when it is needed; None for a foreign layer."""
        if descriptor.is_elsewhere:
            return None
        repository = self._repository
        return Blob(
            digest=descriptor.digest,
            size=descriptor.size,
            open=lambda: repository.download(descriptor.digest),
            origins=((repository.transport.host, repository.name), *descriptor.origins),
        )


def revisions_there(repository: Repository, digest: str) -> Revisions:
    """Return the commit that every platform's image of a repository's image names.

    What can't be read as an image names none.

    Raises:
        StepError: The registry refuses or can't be reached.
    """
    host = repository.transport.host
    name = Reference(registry=host, repository=repository.name, digest=digest)
    try:
        return Remote(repository, name).revisions()
    except StepError as error:
        if error.exit is not Exit.USAGE:
            raise
        return frozenset({""})


def _taped(blob: Blob) -> str:
    """Return what a configuration names, also in a replay: a record has no bytes of blobs."""
    with cast("Callable[[], BinaryIO]", blob.open)() as file:
        opened = blob.replaced(open=lambda: file)
        answer = current().ask(
            "image",
            {"do": "revision", "source": blob.digest},
            lambda: {"revisions": [revision(opened)]},
        )
    return "".join(answer["revisions"])
