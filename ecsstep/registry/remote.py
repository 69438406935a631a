"""An image that is in a registry already, to be promoted into another repository."""

from ecsstep.errors import Exit, StepError
from ecsstep.registry.client import Repository
from ecsstep.registry.image import Blob, Manifest
from ecsstep.registry.tree import Descriptor, Tree
from ecsstep.rules.image import Reference


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
        self.identity = frozenset({found.digest})

    def manifest(self) -> Manifest:
        """Return the image, every manifest in it verified.

        Raises:
            StepError: It is broken (exit 2), or the registry refuses.
        """
        root = Descriptor(
            media_type=self._root.media_type, digest=self._root.digest, size=len(self._root.raw)
        )
        return Tree(self).read(root)

    def raw_manifest(self, descriptor: Descriptor) -> bytes | None:
        """Return a manifest's bytes, or None where the registry lacks it.

        Raises:
            StepError: The registry refuses.
        """
        if descriptor.digest == self._root.digest:
            return self._root.raw
        found = self._repository.manifest(descriptor.digest)
        return found.raw if found else None

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
