"""The story of a record, on stdout."""

import os
import sys
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import IO

from ecsstep.core.arguments import places
from ecsstep.core.options import Option, Options
from ecsstep.core.output import write
from ecsstep.core.terminal import width_of
from ecsstep.rules.record.story import Asked, Line, story
from ecsstep.rules.record.value import Record

_WIDTH = 100
_NARROWEST = 60
_MOST_HANG = 30
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


def explain(
    record: Record,
    options: type[Options],
    stdout: IO[str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> None:
    """Write the story to stdout; on a terminal in its width, with what is important in bold.

    Raises:
        StepError: stdout can't be written (exit 2).
    """
    stdout = sys.stdout if stdout is None else stdout
    width = width_of(stdout, os.environ if environ is None else environ)
    lines = story(record, tuple(asked(record, options)))
    columns = max(min(width or _WIDTH, _WIDTH), _NARROWEST)
    write(stdout, "".join(f"{line}\n" for line in drawn(lines, columns, is_bold=width is not None)))


def asked(record: Record, options: type[Options]) -> Iterator[Asked]:
    """Yield the options that were given, by flag or by variable; a secret is masked."""
    declared = options.declared()
    for name, (place, texts) in places(options, record.argv, record.variables).items():
        option = declared[name]
        yield Asked(name=option.name, value=_value(option, texts), by=place)


def _value(option: Option, texts: Iterable[object]) -> str:
    if option.secret:
        return "***"
    between = " " if option.is_rest else ", "
    return between.join("yes" if text is True else "no" if text is False else str(text or "")
                        for text in texts)  # fmt: skip


def drawn(lines: Iterable[Line], columns: int, *, is_bold: bool) -> Iterator[str]:
    """Yield the lines, none wider than these columns."""
    for line in lines:
        begin = " " * line.indent
        wrapped = textwrap.wrap(
            line.text,
            width=columns,
            initial_indent=begin,
            subsequent_indent=begin + " " * min(line.hang, _MOST_HANG),
            break_on_hyphens=False,
        )
        for each in wrapped or [""]:
            text = each.lstrip() if is_bold and line.is_strong else ""
            yield each[: len(each) - len(text)] + f"{_BOLD}{text}{_PLAIN}" if text else each
