"""Blobs that are verified while they are read."""

from typing import BinaryIO

from ecsstep.core.outside import current
from ecsstep.registry.gzipped import Unpacked
from ecsstep.registry.image import Blob, Manifest, corrupt, hasher_for

_CHUNK = 1024 * 1024


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

    Reading past the end, or an end too early, is found out at once; the digest at the end, and with
    it the content's where the blob is a layer whose content has one.
    """

    def __init__(self, blob: Blob, file: BinaryIO) -> None:
        self._blob = blob
        self._file = file
        self._hash = hasher_for(blob.digest)
        self._content = Unpacked(blob.diff_id.partition(":")[0]) if blob.diff_id else None
        self._left = blob.size
        # A replay has no bytes; what came of them stands in the record.
        self._is_compared = current().is_replay

    @property
    def done(self) -> int:
        """How many bytes have been read."""
        return self._blob.size - self._left

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes.

        Raises:
            StepError: The blob ends early, or its digest is wrong at its end (exit 2).
        """
        part = self._part(self._left if size < 0 else min(size, self._left)) if self._left else b""
        self._hash.update(part)
        if self._content is not None:
            self._content.add(part)
        self._left -= len(part)
        if self._left == 0 and not self._is_compared:
            self._compare()
        return part

    def _part(self, wanted: int) -> bytes:
        try:
            part = self._file.read(wanted)
        except OSError as error:
            raise corrupt(f"blob '{self._blob.digest}' can't be read: {error}") from error
        if not part:
            raise corrupt(f"blob '{self._blob.digest}' is cut short")
        return part

    def _compare(self) -> None:
        self._is_compared = True
        if self._file.read(1):
            raise corrupt(f"blob '{self._blob.digest}' is longer than its {self._blob.size} bytes")
        found = self._hash.hexdigest()
        if found != self._blob.digest.partition(":")[2]:
            raise corrupt(f"blob '{self._blob.digest}' holds something else: its digest is {found}")
        if self._content is not None and self._content.is_known:
            self._compare_content(self._content.digest())

    def _compare_content(self, found: str | None) -> None:
        if found is None:
            raise corrupt(f"layer '{self._blob.digest}' can't be decompressed")
        if found != self._blob.diff_id:
            raise corrupt(
                f"layer '{self._blob.digest}' holds other files than its configuration says: "
                f"their digest is {found}"
            )
