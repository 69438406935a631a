"""An image to push: its manifests as they are, its blobs where they lie."""

import hashlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from ecsstep.core.outside import current
from ecsstep.errors import Exit, StepError
from ecsstep.value import Value

MANIFEST_LIMIT = 4 * 1024 * 1024
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
_CHUNK = 1024 * 1024
INDEXES = frozenset({DOCKER_LIST, OCI_INDEX})
MANIFESTS = frozenset({DOCKER_MANIFEST, OCI_MANIFEST})


class Blob(Value):
    """A layer or a configuration.

    Attributes:
        digest: Its digest.
        size: Its size in bytes.
        open: Opens it; None where the source lacks it, so that the registry must have it.
        origins: Host and repository of registries that should have it, to be mounted from.
    """

    digest: str
    size: int
    open: Callable[[], BinaryIO] | None
    origins: tuple[tuple[str, str], ...] = ()


class Manifest(Value):
    """A manifest or an index, byte for byte.

    Attributes:
        digest: Its digest.
        media_type: Its media type.
        raw: Its bytes.
        blobs: What a manifest needs.
        children: What an index lists and the source holds.
        absent: The digests that an index lists and the source lacks.
    """

    digest: str
    media_type: str
    raw: bytes
    blobs: tuple[Blob, ...] = ()
    children: tuple["Manifest", ...] = ()
    absent: tuple[str, ...] = ()

    def walk(self) -> Iterator["Manifest"]:
        """Yield every manifest below, then this one."""
        for child in self.children:
            yield from child.walk()
        yield self


class Source(Protocol):
    """Where an image comes from without an engine."""

    @property
    def identity(self) -> frozenset[str]:
        """The digests that name the image in a registry."""
        ...

    def manifest(self) -> Manifest:
        """Return the image, every manifest in it verified."""
        ...


def verify(manifest: Manifest) -> None:
    """Read every blob of an image that the source has.

    Raises:
        StepError: One is not what its digest says (exit 2).
    """
    for each in manifest.walk():
        for blob in each.blobs:
            if blob.open is not None:
                with blob.open() as file:
                    reader = Verified(blob, file)
                    while reader.read(_CHUNK):
                        pass


class Verified:
    """A blob's bytes, hashed while they are read.

    Reading past the end, or an end too early, is found out at once; the digest at the end.
    """

    def __init__(self, blob: Blob, file: BinaryIO) -> None:
        self._blob = blob
        self._file = file
        self._hash = _hasher(blob.digest)
        self._left = blob.size

    @property
    def done(self) -> int:
        """How many bytes have been read."""
        return self._blob.size - self._left

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes.

        Raises:
            StepError: The blob ends early, or its digest is wrong at its end (exit 2).
        """
        if self._left == 0:
            return b""
        wanted = self._left if size < 0 else min(size, self._left)
        try:
            part = self._file.read(wanted)
        except OSError as error:
            raise corrupt(f"blob '{self._blob.digest}' can't be read: {error}") from error
        if not part:
            raise corrupt(f"blob '{self._blob.digest}' is cut short")
        self._hash.update(part)
        self._left -= len(part)
        # A replay has no bytes; what came of them stands in the record.
        if self._left == 0 and not current().is_replay:
            self._compare()
        return part

    def _compare(self) -> None:
        if self._file.read(1):
            raise corrupt(f"blob '{self._blob.digest}' is longer than its {self._blob.size} bytes")
        found = self._hash.hexdigest()
        if found != self._blob.digest.partition(":")[2]:
            raise corrupt(f"blob '{self._blob.digest}' holds something else: its digest is {found}")


def digest_of(raw: bytes) -> str:
    """Return the digest of these bytes."""
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def check_digest(raw: bytes, digest: str, what: str) -> None:
    """Find out whether these bytes are what their digest says.

    Raises:
        StepError: They are not (exit 2).
    """
    hasher = _hasher(digest)
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


def _hasher(digest: str) -> "hashlib._Hash":
    return hashlib.new(digest.partition(":")[0])
