"""Whether a record and what is given besides have everything that the step will ask for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ecsstep.core.options import Option
from ecsstep.errors import Exit, StepError
from ecsstep.replay.changes import Call
from ecsstep.replay.disk import Disk
from ecsstep.replay.reality import is_of_the_step
from ecsstep.rules.record import origin
from ecsstep.rules.record.value import Record
from ecsstep.text import listed, printable

_LOOKS = frozenset({"read", "bytes", "exists", "is_file"})


def check_files(record: Record, call: Call, disk: Disk) -> None:
    """Refuse another content for a file that the step has not: nothing would come of it.

    Raises:
        StepError: The step neither read such a file nor is given its name (exit 2).
    """
    read = files_of(record)
    known = {*read, *names([*call.argv, *call.variables.values()])}
    strange = next((name for name in disk.replaced if name not in known), None)
    if strange is not None:
        raise no_such_file(strange, read)


def files_of(record: Record) -> list[str]:
    """Return the files that the step looked for, by the names that it has for them."""
    found = (
        "-" if entry.kind == "stdin" else str(entry.question.get("path", ""))
        for entry in record.entries
        if entry.kind in {"file", "stdin"} and str(entry.question.get("do")) in _LOOKS
    )
    return list(dict.fromkeys(name for name in found if name))


def no_such_file(name: str, read: Sequence[str]) -> StepError:
    """Return the error for a file that the step doesn't read."""
    return StepError(
        f"--file: the step reads no file '{printable(name)}'",
        exit=Exit.USAGE,
        hint=f"it read {listed(read)}" if read else "it read none",
    )


def check_whole(  # noqa: PLR0913, PLR0917 - what a run is made of
    record: Record,
    call: Call,
    disk: Disk,
    named: frozenset[str],
    secrets: Iterable[Option],
    own: Mapping[str, str],
) -> None:
    """Refuse a live run of which the record lacks something that would be sent.

    Args:
        record: The record.
        call: How the step is called.
        disk: The files that were given another content.
        named: What may be a file's name in the words of the call.
        secrets: The options that are secret.
        own: The variables of this machine.

    Raises:
        StepError: It does, with all that is missing (exit 2).
    """
    files = {
        path: entry.answer["content"]
        for entry in record.entries
        if entry.kind in {"file", "stdin"} and isinstance(entry.answer.get("content"), bytes)
        if (path := _path(entry.kind, entry.question))
        and is_of_the_step(path, named)
        and path not in disk.replaced
    }
    found = [
        *origin.lacking(record, call.argv, call.variables, files),
        *_secrets(record, secrets, own),
    ]
    if found:
        raise StepError(
            f"the record lacks {'a secret' if len(found) == 1 else f'{len(found)} secrets'} that "
            "the step would send",
            exit=Exit.USAGE,
            why=tuple(found),
            hint="give what is missing: "
            + (f"--file {first}=PATH, " if (first := next(iter(files), "")) else "")
            + "--option NAME=VALUE; secrets in the variables that are named",
        )


def _path(kind: str, question: Mapping[str, Any]) -> str:
    if kind == "stdin":
        return "-" if str(question.get("do")) in {"read", "bytes"} else ""
    return str(question.get("path", "")) if question.get("do") == "read" else ""


def _secrets(record: Record, secrets: Iterable[Option], own: Mapping[str, str]) -> Iterator[str]:
    """Yield the secrets that the step was given and that aren't in this environment."""
    for option in secrets:
        was_given = any(record.variables.get(name) for name in option.variables)
        if was_given and not any(own.get(name) for name in option.variables):
            yield f"{option.help}: set {' or '.join(option.variables)}"


def names(words: Sequence[str]) -> frozenset[str]:
    """Return what may be a file's name in these words: each line, and what stands after a ``=``."""
    lines = [line for word in words for line in word.split("\n")]
    parts = [line.split("=", at)[-1] for line in lines for at in range(line.count("=") + 1)]
    return frozenset(each for each in parts if each)
