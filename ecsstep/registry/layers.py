"""The layers of a docker archive, as registries take them.

They are mostly plain tar, and no registry has to take those: they are compressed on the way, always
in the same manner (no time in the header, one level), so that the same archive makes the same
digest on one machine.
"""

import hashlib
import os
import tempfile
import weakref
import zlib
from typing import BinaryIO, cast

from ecsstep.errors import Exit, StepError
from ecsstep.registry.files import Files, Opener, Part
from ecsstep.registry.gzipped import Content
from ecsstep.registry.image import Blob, corrupt

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_CHUNK = 1024 * 1024
_LEVEL = 6
_GZIP_WINDOW = 31  # zlib's number for a gzip header around the largest window


def packed(files: Files, name: str, *, diff_id: str) -> Blob:
    """Return a layer compressed by gzip, its content verified.

    Args:
        files: The archive.
        name: The layer's name in it.
        diff_id: The digest of its plain content, as the configuration says.

    Raises:
        StepError: It is missing or holds something else (exit 2).
    """
    if files.size(name) is None:
        raise corrupt(f"there is no layer '{name}' in it")
    with files.open(name) as file:
        begin = file.read(len(_ZSTD))
    if begin == _ZSTD:
        raise StepError(
            f"layer '{name}' is compressed by zstd, which this form of image has no name for",
            exit=Exit.USAGE,
            hint="save the image as an OCI archive and push oci-archive:FILE",
        )
    if begin.startswith(_GZIP):
        return _as_it_is(files, name, diff_id)
    return _compressed(files, name, diff_id)


def _as_it_is(files: Files, name: str, diff_id: str) -> Blob:
    """Return a layer that is compressed already."""
    inner, outer = Content(), _Sum()
    with files.open(name) as file:
        while part := file.read(_CHUNK):
            inner.add(outer.add(part))
    found = inner.digest()
    if found is None:
        raise corrupt(f"layer '{name}' can't be decompressed")
    _check(name, found, diff_id)
    return Blob(digest=outer.digest, size=outer.size, open=Opener(files=files, name=name))


def _compressed(files: Files, name: str, diff_id: str) -> Blob:
    """Return a plain layer, compressed into a file that has no name and goes when we go."""
    inner, outer = _Sum(), _Sum()
    pack = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
    try:
        with tempfile.TemporaryFile() as target:
            with files.open(name) as file:
                while part := file.read(_CHUNK):
                    inner.add(part)
                    target.write(outer.add(pack.compress(part)))
            target.write(outer.add(pack.flush()))
            target.flush()
            kept = _Nameless(os.dup(target.fileno()), outer.size)
    except OSError as error:
        raise StepError(
            f"can't compress layer '{name}': {(error.strerror or str(error)).lower()}",
            exit=Exit.USAGE,
            hint="free some space, or set TMPDIR to a folder with room for the image",
        ) from error
    _check(name, inner.digest, diff_id)
    return Blob(digest=outer.digest, size=outer.size, open=kept)


class _Sum:
    """A digest and a size that grow."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.size = 0

    def add(self, part: bytes) -> bytes:
        self._hash.update(part)
        self.size += len(part)
        return part

    @property
    def digest(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"


class _Nameless:
    """Opens a file that has no name; each reader begins at its start."""

    def __init__(self, descriptor: int, size: int) -> None:
        self._descriptor = descriptor
        self._size = size
        weakref.finalize(self, os.close, descriptor)

    def __call__(self) -> BinaryIO:
        return cast("BinaryIO", Part(os.dup(self._descriptor), 0, self._size))


def _check(name: str, found: str, diff_id: str) -> None:
    if found != diff_id:
        raise corrupt(f"layer '{name}' holds something else: its digest is {found}")
