"""What a gzip file holds, hashed while it passes by: a bomb costs time, no memory."""

import hashlib
import zlib

_STEP = 1024 * 1024
_GZIP_WINDOW = 31  # zlib's number for a gzip header around the largest window


class Content:
    """The plain content of a gzip file, or of several in a row, as some builders write them.

    Args:
        algorithm: The digest's, such as ``sha256``.
    """

    def __init__(self, algorithm: str = "sha256") -> None:
        self._algorithm = algorithm
        self._hash = hashlib.new(algorithm)
        self._unpack = zlib.decompressobj(_GZIP_WINDOW)
        self._is_broken = False

    def add(self, part: bytes) -> None:
        """Take in the next bytes."""
        while part and not self._is_broken:
            if self._unpack.eof:
                self._unpack = zlib.decompressobj(_GZIP_WINDOW)
            try:
                self._hash.update(self._unpack.decompress(part, _STEP))
            except zlib.error:
                self._is_broken = True
            part = self._unpack.unused_data if self._unpack.eof else self._unpack.unconsumed_tail

    def digest(self) -> str | None:
        """Return the content's digest at the end of the file; None where it is no whole gzip file.

        Its trailer holds a checksum, so that a file that was cut short is found out.
        """
        if self._is_broken or not self._unpack.eof:
            return None
        return f"{self._algorithm}:{self._hash.hexdigest()}"
