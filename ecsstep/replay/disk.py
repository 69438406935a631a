"""The files of a replay: as the step found them then, and as it would leave them now."""

import errno
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ecsstep.core.outside import Answer
from ecsstep.errors import Exit, StepError
from ecsstep.replay.errors import error_of

_STDIN = "-"


class Disk:
    """Files in memory; the real ones are neither read nor written.

    Args:
        replaced: Files with another content than then, by the name that the step has for them.
    """

    def __init__(self, replaced: Mapping[str, bytes] | None = None) -> None:
        self._replaced = dict(replaced or {})
        self._unread = set(self._replaced)
        self._seen: dict[tuple[str, str], Answer] = {}
        self.written: dict[str, bytes] = {}

    @property
    def replaced(self) -> tuple[str, ...]:
        """The files with another content than then."""
        return tuple(self._replaced)

    @property
    def unread(self) -> tuple[str, ...]:
        """Those of them that nobody has looked at."""
        return tuple(name for name in self._replaced if name in self._unread)

    def answer(self, do: str, path: str, recorded: Answer | None) -> Answer:
        """Return what the disk says.

        Raises:
            OSError: The file couldn't be read then, or nobody read it.
            StepError: What was done failed then, or the record doesn't hold the file (exit 2).
        """
        if path in self._replaced and do in {"read", "exists", "is_file"}:
            self._unread.discard(path)
            return {"content": self._replaced[path], "is": True}
        if recorded is not None:
            self._seen[do, path] = recorded
        found = recorded or (None if path in self.written else self._seen.get((do, path)))
        if found is None:
            return self._guessed(do, path)
        if "os_error" in found:
            raise _os_error(found["os_error"], path)
        if "error" in found:
            raise error_of(found["error"])
        if do == "read" and not isinstance(found.get("content"), bytes):
            raise too_large(path)
        return found

    def stdin(self, do: str, recorded: Answer | None) -> Answer:
        """Return what stdin says: the replacement of ``-``, then, or nothing."""
        if _STDIN in self._replaced and do != "isatty":
            self._unread.discard(_STDIN)
            return {"content": self._replaced[_STDIN]}
        return recorded or {"content": b"", "is": False}

    def wrote(self, path: str, content: bytes) -> None:
        """Keep a file that would be written."""
        self.written[path] = content

    def save(self, folder: str) -> list[str]:
        """Write the files for real, each by its name alone, and return their paths.

        Raises:
            StepError: Two of them have one name (exit 2), or one can't be written.
        """
        from ecsstep.core.files import write_whole

        names = [Path(path).name for path in self.written]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise StepError(
                f"two of the written files have the name '{twice}'",
                exit=Exit.USAGE,
                hint="give one of them another name by --option",
            )
        saved = []
        for name, content in zip(names, self.written.values(), strict=True):
            if name in {"", ".", ".."}:
                continue
            target = str(Path(folder) / name)
            write_whole(target, content)
            saved.append(target)
        return saved

    def _guessed(self, do: str, path: str) -> Answer:
        """Return what is so where the record says nothing of it."""
        if do == "read":
            if path not in self.written:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
            return {"content": self.written[path]}
        return {"is": path in self.written and do in {"exists", "is_file"}}


def too_large(path: str) -> StepError:
    """Return the error for a file of which the record has the size alone."""
    return StepError(
        f"the record does not hold '{path}', which is too large for it",
        exit=Exit.USAGE,
        hint=f"give the file: ecsstep replay FILE --file {path}=PATH",
    )


def _os_error(found: Any, path: str) -> OSError:
    told = found if isinstance(found, Mapping) else {}
    number = told.get("errno", 0)
    reason = str(told.get("strerror", "it can't be read"))
    return OSError(number if isinstance(number, int) else 0, reason, path)
