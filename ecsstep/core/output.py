"""What a step found, and the only writer to stdout."""

import contextlib
import os
from collections.abc import Mapping
from typing import IO, Any

from ecsstep.errors import Exit, StepError
from ecsstep.text import indented_json, printable
from ecsstep.value import Value


class Result(Value):
    """What a step found.

    Attributes:
        lines: stdout in text form, one value a line.
        data: The whole result, for ``--format json`` and ``--query``.
        verbatim: stdout in every format, for a result that is a document by itself.
        dotenv: What a later step reads, by the variable's name.
        withdrawn: Variables that an earlier run may have handed on, each with the value that holds
            no longer.
        links: Pages that somebody may want to open, by their labels.
        exit: How the step ends. The answer "no" is a result, not an error.
        message: For an exit that is not 0: what happened, in one line.
        why: For an exit that is not 0: the lines that explain it.
        hint: The next thing to do.
        begun: What goes on at AWS whatever becomes of the result: "the deployment has begun: ID".
    """

    lines: tuple[str, ...] = ()
    data: Mapping[str, Any] = {}
    verbatim: str | None = None
    dotenv: Mapping[str, str] = {}
    withdrawn: Mapping[str, str] = {}
    links: Mapping[str, str] = {}
    exit: Exit = Exit.OK
    message: str = ""
    why: tuple[str, ...] = ()
    hint: str = ""
    begun: str = ""


def to_json(value: object) -> str:
    """Return ``value`` as indented JSON for people and machines, without a line end."""
    return indented_json(value)


def rendered(result: Result, *, form: str, query: str | None) -> str:
    """Return what stdout gets.

    Raises:
        StepError: The query can't be applied to this result (exit 2).
    """
    if query is None:
        if result.verbatim is not None:
            return result.verbatim
        if form == "json":
            return to_json(result.data) + "\n"
        return "".join(f"{printable(line)}\n" for line in result.lines)
    found = _searched(query, result.data)
    if form == "json":
        return to_json(found) + "\n"
    return "".join(f"{line}\n" for line in _text_lines(found))


def compiled(query: str) -> str:
    """Return ``query`` if it is JMESPath, so that a mistake is told before any work.

    Raises:
        ValueError: It is not.
    """
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        jmespath.compile(query)
    except JMESPathError as error:
        reason = str(error).splitlines()[0].rstrip(":")
        raise ValueError(f"'{query}' is not JMESPath: {reason}") from error
    except RecursionError as error:
        raise ValueError("it is not JMESPath: it is nested too deep") from error
    return query


def write(stream: IO[str] | None, text: str) -> None:
    """Write the result to stdout, to the last byte.

    Args:
        stream: stdout; None where the process was started without one.
        text: What it gets.

    Raises:
        StepError: stdout is closed or its disk is full (exit 2).
    """
    if stream is None:
        raise _unwritten("it is closed")
    try:
        stream.write(text)
        stream.flush()
    except OSError as error:
        _give_up(stream)
        raise _unwritten((error.strerror or str(error)).lower()) from error


def _unwritten(reason: str) -> StepError:
    return StepError(
        f"can't write the result to stdout: {reason}",
        exit=Exit.USAGE,
        hint="the step itself is done; run it again to get its result",
    )


def _give_up(stream: IO[str]) -> None:
    """Send what is left in the stream's buffer nowhere.

    Otherwise Python's own flush at its end fails again, and makes the exit code 120:
    https://docs.python.org/3/library/signal.html#note-on-sigpipe
    """
    with contextlib.suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _searched(query: str, data: Mapping[str, Any]) -> Any:
    import jmespath
    from jmespath.exceptions import JMESPathError

    try:
        return jmespath.search(query, data)
    except (JMESPathError, RecursionError) as error:
        raise StepError(
            f"--query '{query}' does not fit the result: {error}",
            exit=Exit.USAGE,
            hint="--format json without --query shows the whole result",
        ) from error


def _text_lines(found: object) -> list[str]:
    """One value a line; an empty line for nothing (the AWS CLI's ``None`` is a trap in a shell)."""
    if isinstance(found, list):
        return [_text(item) for item in found]
    return [_text(found)]


def _text(value: object) -> str:
    import json

    if value is None:
        return ""
    if isinstance(value, str):
        return printable(value)
    return json.dumps(value)
