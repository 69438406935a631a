"""What a gzip file holds, hashed while it passes by: a bomb costs time, no memory."""

import hashlib
import zlib

_STEP = 1024 * 1024
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_GZIP_WINDOW = 31  # zlib's number for a gzip header around the largest window


class Unpacked:
    """The plain content of a layer in the form that its first bytes have, as engines tell it.

    Args:
        algorithm: The digest's, such as ``sha256``.
    """

    def __init__(self, algorithm: str = "sha256") -> None:
        self._algorithm = algorithm
        self._hash = hashlib.new(algorithm)
        self._head = b""
        self._content: Content | None = None

    @property
    def is_known(self) -> bool:
        """Whether the content can be told; for zstd there is no decompressor here."""
        return self._head != _ZSTD

    def add(self, part: bytes) -> None:
        """Take in the next bytes."""
        missing = len(_ZSTD) - len(self._head)
        if missing > 0:
            self._head, before = self._head + part[:missing], self._head
            if self._head.startswith(_GZIP) and self._content is None:
                self._content = Content(self._algorithm)
                part = before + part
        if self._content is not None:
            self._content.add(part)
        else:
            self._hash.update(part)

    def digest(self) -> str | None:
        """Return the content's digest at the end; None where it is a gzip file that is broken."""
        if self._content is not None:
            return self._content.digest()
        return f"{self._algorithm}:{self._hash.hexdigest()}"


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
