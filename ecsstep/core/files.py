"""Files that are read with a good error and written whole or not at all."""

import contextlib
import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from ecsstep.core.outside import current
from ecsstep.errors import Exit, StepError

_LARGEST_INPUT = 64 * 1024 * 1024
_STDIN = "-"
_TRIED_BYTES = 5 * 1024


def read_text(path: str, *, stdin: IO[str] | None = None) -> str:
    """Return the text of a file, or of stdin for ``-``.

    Raises:
        StepError: The file can't be read or isn't UTF-8 (exit 2).
    """
    try:
        raw = _read_bytes(path, stdin)
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(raw) > _LARGEST_INPUT:
        raise StepError(
            f"'{path}' is larger than 64 MiB",
            exit=Exit.USAGE,
            hint="check that it is the file you mean",
        )
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StepError(
            f"'{path}' is not UTF-8 text: {error.reason} at byte {error.start}",
            exit=Exit.USAGE,
            hint=f"convert it: iconv -t UTF-8 '{path}'",
        ) from error


def _read_bytes(path: str, stdin: IO[str] | None) -> bytes:
    if path == _STDIN and stdin is not None:
        binary: IO[bytes] | None = getattr(stdin, "buffer", None)
        return stdin.read().encode() if binary is None else binary.read(_LARGEST_INPUT + 1)
    return read_bytes(path)


def read_bytes(path: str) -> bytes:
    """Return the bytes of a file, of a huge one its beginning.

    Raises:
        OSError: It can't be read.
    """

    def live() -> dict[str, bytes]:
        with Path(path).open("rb") as file:
            return {"content": file.read(_LARGEST_INPUT + 1)}

    return bytes(_asked("read", path, live)["content"])


def exists(path: str) -> bool:
    """Whether there is something at this path; a text that can't be a path is nothing."""
    return bool(_asked("exists", path, lambda: {"is": _exists(path)})["is"])


def _exists(path: str) -> bool:
    try:
        Path(path).stat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError as error:
        # What may not be looked at is there, as far as we know: reading it says why not.
        return error.errno != errno.ENAMETOOLONG
    return True


def is_same(path: str, other: str) -> bool:
    """Whether two paths lead to one file, also by links and where it isn't there yet."""

    def live() -> dict[str, bool]:
        return {"is": os.path.realpath(path) == os.path.realpath(other)}

    return bool(_asked("is_same", f"{path}\n{other}", live)["is"])


def absent(paths: Iterable[str]) -> Iterator[str]:
    """Yield a mistake for each input file that isn't there, to be told beside other mistakes."""
    for path in paths:
        if path != _STDIN and not exists(path):
            yield f"can't read '{path}': no such file or directory"


def is_file(path: str) -> bool:
    """Whether there is a file at this path."""
    return bool(_asked("is_file", path, lambda: {"is": Path(path).is_file()})["is"])


def _asked(do: str, path: str, live: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """Return what the disk says; in a replay that is what it said when the record was made."""
    return current().ask("file", {"do": do, "path": path}, live)


def write_whole(path: str, content: str | bytes, *, mode: int | None = None) -> None:
    """Write a file so that a reader sees the old or the new content and nothing between.

    A missing folder is made. A link is followed, so that the file behind it changes.
    An existing file keeps its mode unless ``mode`` is given.

    Raises:
        StepError: The file can't be written (exit 2); what stood there still stands.
    """
    raw = content.encode() if isinstance(content, str) else content

    def live() -> dict[str, int]:
        _write(path, raw, mode)
        return {"size": len(raw)}

    _asked("write", path, live)
    current().wrote(path, raw)


def _write(path: str, raw: bytes, mode: int | None) -> None:
    import tempfile

    target = Path(os.path.realpath(path))
    temporary = None
    try:
        if _is_stream(path):
            Path(path).write_bytes(raw)
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:99]}.")
        with os.fdopen(descriptor, "wb") as file:
            file.write(raw)
            file.flush()
            os.fchmod(file.fileno(), _mode_for(target, mode))
        Path(temporary).replace(target)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def is_stream(path: str) -> bool:
    """Whether this is a device or a pipe (/dev/stderr), which has no content and no rename."""
    return bool(_asked("is_stream", path, lambda: {"is": _is_stream(path)})["is"])


def _is_stream(path: str) -> bool:
    return Path(path).exists() and not Path(path).is_file() and not Path(path).is_dir()


def check_writable(path: str) -> None:
    """Find out before the work whether :func:`write_whole` could write there.

    Raises:
        StepError: It could not (exit 2).
    """

    def live() -> dict[str, bool]:
        _check_writable(path)
        return {}

    _asked("check", path, live)


def _check_writable(path: str) -> None:
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise StepError(
            f"'{path}' is a folder, not a file",
            exit=Exit.USAGE,
            hint=f"give a file's name in it: {path.rstrip('/')}/NAME",
        )
    if _is_stream(path):
        return
    folder = next(parent for parent in target.parents if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise StepError(
            f"can't write '{path}': the folder '{folder}' is not writable",
            exit=Exit.USAGE,
            hint="give a path in a folder that this user may write to",
        )
    try:
        _try_out(folder)
    except OSError as error:
        raise unwritable(path, error) from error


def _try_out(folder: Path) -> None:
    """Write what a dotenv file may hold and take it away again: a full disk lets itself be seen."""
    import tempfile

    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".ecsstep-")
    try:
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            left = _TRIED_BYTES
            while left:
                left -= file.write(b"\n" * left)
    finally:
        Path(name).unlink()


@contextlib.contextmanager
def locked(path: str) -> Iterator[None]:
    """Hold the lock for read-modify-write of a file, against other processes.

    The lock is on the file's folder (made if missing), so no lock file is left behind.
    """
    descriptors: list[int] = []

    def live() -> dict[str, bool]:
        descriptors.append(_lock(path))
        return {}

    _asked("lock", path, live)
    try:
        yield
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def _lock(path: str) -> int:
    import fcntl

    folder = Path(os.path.realpath(path)).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise unwritable(path, error) from error
    # NFS can't lock a folder: what is written is whole there too.
    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def _mode_for(target: Path, mode: int | None) -> int:
    if mode is not None:
        return mode
    if target.exists():
        return target.stat().st_mode & 0o7777
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def _unreadable(path: str, error: OSError) -> StepError:
    return StepError(
        f"can't read '{path}': {_reason(error)}",
        exit=Exit.USAGE,
        hint="check the path and the folder; in a pipeline, whether the job before handed it on",
    )


def unwritable(path: str, error: OSError) -> StepError:
    """Return the error for a file that can't be written."""
    return StepError(
        f"can't write '{path}': {_reason(error)}",
        exit=Exit.USAGE,
        hint="free some space or give another path; what stood there is unchanged",
    )


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
