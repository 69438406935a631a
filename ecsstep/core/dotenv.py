"""Values handed to the next step, in a file that GitLab and a shell read alike.

GitLab's rules for ``artifacts:reports:dotenv``
(https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv): UTF-8, one
``NAME=value`` a line, no blank line, no comment, quotes are part of the value, the file is
smaller than 5 KB, and by default at most 20 variables. GitLab expands ``$`` in a value later, and
``set -a; . ./deploy.env`` reads the same file as shell, so what either of them would read as
something else is refused.
"""

import re
from collections.abc import Mapping, Sequence

from ecsstep.core.files import (
    check_writable,
    exists,
    is_stream,
    locked,
    read_text,
    write_whole,
)
from ecsstep.errors import Exit, StepError
from ecsstep.text import printable

_MOST_LINES = 20
_SIZE_LIMIT = 5 * 1024
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UNSAFE = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff'\"`$\\;&|<>()~]")


def merge(
    path: str, values: Mapping[str, str], *, without: Mapping[str, str] | None = None
) -> None:
    """Set ``values`` in the dotenv file at ``path`` and keep its other lines, in order.

    What others wrote there is kept as GitLab reads it, also where a shell would read it otherwise.
    What ``without`` names is taken out where it has that value.

    Raises:
        StepError: A value can't be written so that it is read back the same, the file holds what
            GitLab would refuse, or it can't be written (exit 2); the file is unchanged.
    """
    if is_stream(path):
        write_whole(path, render(values, name=path))
        return
    with locked(path):
        gone = (without or {}).items()
        kept = dict(pair for pair in _read(path).items() if pair not in gone)
        write_whole(path, render(values, name=path, kept=kept))


def check(path: str, sizes: Mapping[str, int] | None = None) -> None:
    """Find out before the work whether :func:`merge` could merge there.

    Args:
        path: The file.
        sizes: What is going to be handed on, with the longest value that each may have; so much
            room has to be left.

    Raises:
        StepError: It could not (exit 2).
    """
    check_writable(path)
    longest = {name: "x" * size for name, size in (sizes or {}).items()}
    render(longest, name=path, kept=_read(path))


def render(values: Mapping[str, str], *, name: str, kept: Mapping[str, str] | None = None) -> str:
    """Return the file's text.

    Args:
        values: What this step hands on.
        name: The file, for messages.
        kept: What stands there already; it comes first and is not judged.

    Raises:
        StepError: A value, or the whole, is nothing that GitLab accepts (exit 2).
    """
    for variable, value in values.items():
        found = _UNSAFE.search(value)
        if found:
            raise StepError(
                f"can't write {variable} to '{name}': its value '{printable(value)}' holds "
                f"{found.group()!r}, which GitLab or a shell would read as something else",
                exit=Exit.USAGE,
                hint="use a name or path without spaces, quotes, '$' and the shell's other signs",
            )
    merged = {**(kept or {}), **values}
    if len(merged) > _MOST_LINES:
        raise StepError(
            f"'{name}' would hold {len(merged)} variables; GitLab accepts {_MOST_LINES}",
            exit=Exit.USAGE,
            hint="begin with an empty file, or use one file a job",
        )
    text = "".join(f"{variable}={value}\n" for variable, value in merged.items())
    if len(text.encode()) >= _SIZE_LIMIT:
        raise StepError(
            f"'{name}' would reach GitLab's limit of 5 KB",
            exit=Exit.USAGE,
            hint="begin with an empty file, or use one file a job",
        )
    return text


def parse(text: str, *, name: str) -> dict[str, str]:
    """Return the variables in a dotenv file's text, by GitLab's rules.

    Raises:
        StepError: A line is not ``NAME=value`` (exit 2).
    """
    values: dict[str, str] = {}
    wrong: list[int] = []
    for number, line in enumerate(text.removesuffix("\n").split("\n") if text else [], start=1):
        variable, equals, value = line.removesuffix("\r").partition("=")
        if equals and _NAME.fullmatch(variable.strip()):
            values[variable.strip()] = value.strip()
        else:
            wrong.append(number)
    if wrong:
        raise StepError(
            f"'{name}' is no dotenv file that GitLab accepts: {_lines(wrong)} not NAME=value",
            exit=Exit.USAGE,
            hint=f"take blank lines, comments and 'export' out of '{name}', or remove it",
        )
    return values


def _lines(numbers: Sequence[int]) -> str:
    """Return ``line 2 is`` or ``lines 2, 4 and 5 are``."""
    if len(numbers) == 1:
        return f"line {numbers[0]} is"
    return f"lines {', '.join(map(str, numbers[:-1]))} and {numbers[-1]} are"


def _read(path: str) -> dict[str, str]:
    if not exists(path) or is_stream(path):
        return {}
    return parse(read_text(path), name=path)
