"""Small helps for sentences that people read."""

import re
import unicodedata
from collections.abc import Iterable

_ESCAPE_SEQUENCE = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|(?:\x1b\]|\x9d)[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"  # OSC: titles, links
    r"|\x1b.?"
)
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_STRIPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def printable(text: object, *, lines: bool = False) -> str:
    """Return outside text without what could move a cursor, colour a log or hide a word.

    Escape sequences (ANSI CSI and OSC) go whole; control, format (bidirectional overrides among
    them) and unassigned separator characters become nothing, tabs and line ends a space.

    Args:
        text: Anything that comes from AWS, a log, a registry or a tool.
        lines: Keep the line ends, for text that is shown as a block.
    """
    plain = str(text)
    if plain.isprintable():  # by far the most texts: nothing in them needs a second look
        return plain
    plain = _ESCAPE_SEQUENCE.sub("", plain)
    plain = plain.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    if not lines:
        plain = plain.replace("\n", " ")
    return "".join(
        c for c in plain if c == "\n" or unicodedata.category(c) not in _STRIPPED_CATEGORIES
    )


def is_whole(text: str) -> bool:
    """Whether a text can be written as UTF-8; bytes that are none, and half characters, can't."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def in_a_line(text: str, most: int) -> str:
    """Return outside text as one harmless line of at most ``most`` characters."""
    # What is cut off anyway need not be looked at.
    plain = " ".join(printable(text[: 4 * most]).split())
    return plain if len(plain) <= most else f"{plain[: most - 1]}…"


def harmless_json(text: str) -> str:
    """Return JSON that says the same, with what a terminal would act on as escapes."""
    if text.isascii() and not _CONTROL.search(text):
        return text
    lines = text.split("\n")
    return "\n".join(line if line.isprintable() else _escaped(line) for line in lines)


def indented_json(value: object) -> str:
    """Return ``value`` as indented JSON for people and machines, without a line end."""
    import io
    import json

    written = io.StringIO()  # not a list of a million words first, as json.dumps makes it
    written.writelines(json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(value))
    return harmless_json(written.getvalue())


def _escaped(line: str) -> str:
    import json

    return "".join(
        c if unicodedata.category(c) not in _STRIPPED_CATEGORIES else json.dumps(c)[1:-1]
        for c in line
    )


def listed(names: Iterable[object], *, most: int = 10) -> str:
    """Return ``'a', 'b' and 'c'``, or ``none`` for nothing; more than ``most`` are counted."""
    quoted = [f"'{printable(name)}'" for name in names]
    if not quoted:
        return "none"
    if len(quoted) > most:
        quoted = [*quoted[:most], f"{len(quoted) - most} more"]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that ``name`` most likely meant, if one is near."""
    import difflib

    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def meant(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` or nothing, to end a sentence with."""
    near = nearest(name, known)
    return f"; did you mean '{near}'?" if near else ""
