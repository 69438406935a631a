"""The files of an image's source: a folder, or an archive that is read in place."""

import io
import os
import posixpath
import stat
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

from ecsstep.errors import Exit, StepError
from ecsstep.registry.image import corrupt
from ecsstep.registry.tar_headers import bounded
from ecsstep.text import printable
from ecsstep.value import Value

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_MOST_MEMBERS = 100_000
_MOST_LINKS = 40
# The last is what a chain of headers about headers comes to.
_UNREADABLE = (
    tarfile.TarError, ValueError, OverflowError, EOFError, OSError, RecursionError,
)  # fmt: skip
_MAGIC = {b"\x1f\x8b": "gzip -d", b"(\xb5": "zstd -d", b"BZ": "bzip2 -d", b"\xfd7": "xz -d"}


class Files(Protocol):
    """Files by name, as an image's source has them."""

    def size(self, name: str) -> int | None:
        """Return a file's size in bytes, or None where there is no such file."""
        ...

    def open(self, name: str) -> BinaryIO:
        """Open a file that is there."""
        ...


class Folder:
    """A folder. What is in it may be a link: everything that matters has a digest."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        if not stat.S_ISDIR(_stat(path).st_mode):
            raise _unreadable(
                path,
                "is no folder",
                f"for an archive write oci-archive:{path} or docker-archive:{path}",
            )

    def size(self, name: str) -> int | None:
        """Return a file's size in bytes, or None where there is no such file."""
        try:
            found = (self._path / name).stat()
        except OSError:
            return None
        return found.st_size if stat.S_ISREG(found.st_mode) else None

    def open(self, name: str) -> BinaryIO:
        """Open a file that is there.

        Raises:
            StepError: It can't be read (exit 2).
        """
        path = self._path / name
        return os.fdopen(_descriptor(path, str(path)), "rb")


class Archive:
    """A tar archive, read in place: nothing is unpacked, so nothing can land outside."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        found = _stat(path)
        if not stat.S_ISREG(found.st_mode):
            raise _unreadable(path, "is no file", f"for a layout in a folder write oci:{path}")
        with os.fdopen(_descriptor(self._path, path), "rb") as file:
            begin = file.read(2)
        if begin in _MAGIC:
            raise StepError(
                f"can't read '{path}': it is compressed",
                exit=Exit.USAGE,
                hint=f"unpack it first: {_MAGIC[begin]} '{path}'",
            )
        self._length = found.st_size
        self._members = self._listed()

    def size(self, name: str) -> int | None:
        """Return a member's size in bytes, or None where there is no such file."""
        found = self._found(name)
        return found.size if found else None

    def open(self, name: str) -> BinaryIO:
        """Open a member that is there.

        Raises:
            StepError: The archive can't be read (exit 2).
        """
        found = self._found(name)
        if found is None:
            raise corrupt(f"the archive lacks '{name}'")
        descriptor = _descriptor(self._path, str(self._path))
        return cast("BinaryIO", Part(descriptor, found.offset_data, found.size))

    def _listed(self) -> dict[str, tarfile.TarInfo]:
        members: dict[str, tarfile.TarInfo] = {}
        try:
            with tarfile.open(self._path, "r:", tarinfo=bounded()) as archive:
                for count, member in enumerate(archive):
                    if count >= _MOST_MEMBERS:
                        raise corrupt(f"the archive has more than {_MOST_MEMBERS} members")
                    name = self._checked(member)
                    members[name] = member
        except _UNREADABLE as error:
            reason = printable(str(error))
            raise StepError(
                f"can't read '{self._path}' as an archive: {reason}",
                exit=Exit.USAGE,
                hint="save the image again, uncompressed: docker save -o FILE IMAGE",
            ) from error
        return members

    def _checked(self, member: tarfile.TarInfo) -> str:
        """Return a member's name in its plain form.

        Raises:
            StepError: It leads outside the archive, or its content isn't all there (exit 2).
        """
        name = _inside(member.name)
        if name is None:
            raise corrupt(f"the archive's member '{member.name}' leads outside of it")
        if (member.islnk() or member.issym()) and _target(name, member) is None:
            raise corrupt(f"the archive's link '{member.name}' leads outside of it")
        if member.isreg() and member.offset_data + member.size > self._length:
            raise corrupt(f"the archive is cut short within '{member.name}'")
        return name

    def _found(self, name: str) -> tarfile.TarInfo | None:
        at: str | None = posixpath.normpath(name)
        for _ in range(_MOST_LINKS):
            member = self._members.get(at) if at is not None else None
            if member is None:
                return None
            if not (member.issym() or member.islnk()):
                return member if member.isreg() and not member.issparse() else None
            at = _target(str(at), member)
        return None


class Part(io.RawIOBase):
    """Some bytes of an open file, as a file of its own; several may be read side by side.

    Args:
        descriptor: The open file; it is closed with this one.
        start: Where the bytes begin.
        size: How many they are.
    """

    def __init__(self, descriptor: int, start: int, size: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._at = start
        self._end = start + size

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill the buffer as far as there is something left, and return how far."""
        view = memoryview(buffer).cast("B")[: self._end - self._at]
        count = os.preadv(self._descriptor, [view], self._at)
        self._at += count
        return count

    def close(self) -> None:
        """Close the file."""
        if not self.closed:
            os.close(self._descriptor)
        super().close()


class Opener(Value):
    """A file of a source, to be opened when it is needed."""

    files: Files
    name: str

    def __call__(self) -> BinaryIO:
        """Open it."""
        return self.files.open(self.name)


def read_small(files: Files, name: str, *, limit: int) -> bytes:
    """Return a whole file that must be small.

    Raises:
        StepError: It is missing or larger (exit 2).
    """
    size = files.size(name)
    if size is None:
        raise corrupt(f"there is no '{name}' in it")
    if size > limit:
        raise corrupt(f"'{name}' in it has {size} bytes, {limit} are the limit")
    with files.open(name) as file:
        return file.read(limit + 1)


def _inside(name: str) -> str | None:
    if name.startswith("/") or ".." in name.split("/") or "\0" in name:
        return None
    return posixpath.normpath(name)


def _target(name: str, member: tarfile.TarInfo) -> str | None:
    """Return where a link within the archive leads; a hard link's target is a member's name."""
    if member.islnk():
        return _inside(member.linkname)
    if member.linkname.startswith("/"):
        return None
    found = posixpath.normpath(posixpath.join(posixpath.dirname(name), member.linkname))
    return None if found.split("/")[0] == ".." else found


def _stat(path: str) -> os.stat_result:
    try:
        return Path(path).stat()
    except FileNotFoundError as error:
        raise _unreadable(path, "is not there") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise _unreadable(path, f"can't be read: {reason.lower()}") from error


def _descriptor(path: Path, name: str) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise _unreadable(name, f"can't be opened: {error.strerror}".lower()) from error


def _unreadable(path: str, why: str, hint: str = "") -> StepError:
    return StepError(
        f"can't read '{path}': it {why}",
        exit=Exit.USAGE,
        hint=hint
        or "check the path and the disk; if the file is broken, build or save the image again",
    )
