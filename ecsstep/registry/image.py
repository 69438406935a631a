"""An image to push: its manifests as they are, its blobs where they lie."""

import hashlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from ecsstep.errors import Exit, StepError
from ecsstep.rules.rebuilds import Revisions
from ecsstep.rules.tag_verdict import Identity
from ecsstep.value import Value

MANIFEST_LIMIT = 4 * 1024 * 1024
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
INDEXES = frozenset({DOCKER_LIST, OCI_INDEX})
MANIFESTS = frozenset({DOCKER_MANIFEST, OCI_MANIFEST})


class Blob(Value):
    """A layer or a configuration.

    Attributes:
        digest: Its digest.
        size: Its size in bytes.
        open: Opens it; None where the source lacks it, so that the registry must have it.
        origins: Host and repository of registries that should have it, to be mounted from.
        diff_id: The digest of the content of a layer in gzip, where that is to be verified too.
    """

    digest: str
    size: int
    open: Callable[[], BinaryIO] | None
    origins: tuple[tuple[str, str], ...] = ()
    diff_id: str | None = None


class Manifest(Value):
    """A manifest or an index, byte for byte.

    Attributes:
        digest: Its digest.
        media_type: Its media type.
        raw: Its bytes.
        blobs: What a manifest needs.
        children: What an index lists and the source holds.
        absent: The digests that an index lists and the source lacks.
        foreign: The digests of layers that are elsewhere and that no registry keeps.
    """

    digest: str
    media_type: str
    raw: bytes
    blobs: tuple[Blob, ...] = ()
    children: tuple["Manifest", ...] = ()
    absent: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()

    def walk(self) -> Iterator["Manifest"]:
        """Yield every manifest below, then this one."""
        for child in self.children:
            yield from child.walk()
        yield self


class Source(Protocol):
    """Where an image comes from without an engine."""

    @property
    def identity(self) -> Identity:
        """What names the image in a registry."""
        ...

    def manifest(self) -> Manifest:
        """Return the image, every manifest in it verified."""
        ...

    def revisions(self) -> Revisions:
        """Return the commit that every platform's image names."""
        ...


def digest_of(raw: bytes) -> str:
    """Return the digest of these bytes."""
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def check_digest(raw: bytes, digest: str, what: str) -> None:
    """Find out whether these bytes are what their digest says.

    Raises:
        StepError: They are not (exit 2).
    """
    hasher = hasher_for(digest)
    hasher.update(raw)
    if hasher.hexdigest() != digest.partition(":")[2]:
        raise corrupt(f"{what} '{digest}' holds something else: its digest is {digest_of(raw)}")


def corrupt(what: str) -> StepError:
    """Return the error for a source that is not what it says."""
    return StepError(
        f"the image is broken: {what}",
        exit=Exit.USAGE,
        hint="build or copy the image again; nothing was tagged",
    )


def hasher_for(digest: str) -> "hashlib._Hash":
    """Return an empty hash of a digest's own algorithm."""
    return hashlib.new(digest.partition(":")[0])
