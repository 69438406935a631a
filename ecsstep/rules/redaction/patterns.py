"""What looks like a secret, wherever it stands: the second line of defence.

A value that no declared place told of is found by its own look (a key's prefix, a JWT, a PEM
block) or by what stands before it (``password=``, ``Bearer``, a URL's user).
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ecsstep.rules.redaction.looks import LOG_PATTERNS, PATTERNS, WORDS


class Found(NamedTuple):
    """Where something in a text looks like a secret."""

    start: int
    end: int
    kind: str


_SCAN = tuple((kind, hints, re.compile(pattern)) for kind, hints, pattern in PATTERNS)
_IN_LOGS = tuple(re.compile(pattern) for pattern in LOG_PATTERNS)
_SHORTEST = 6
_KEY_LENGTH = 40
_PLACEHOLDER = re.compile(r"redacted-\d+")
_PEM_BEGIN, _PEM_END = "-----BEGIN ", "-----END "
_PEM_KEY = re.compile(rf"{_PEM_BEGIN}[A-Z0-9 ]{{0,50}}KEY-----")
_PEM_LINE = re.compile(
    r"(?<![\w+/=-])(?P<value>(?=\S*[0-9])(?=\S*[A-Z])(?=\S*[a-z])[A-Za-z0-9+/]{16,}={0,2}|[A-Za-z0-9+/]{40,}"
    r"|[A-Za-z0-9+/]{4,}={1,2})\s*[\"']?$"
)


def scan(text: str, *, is_log: bool = False) -> Iterator[Found]:
    """Yield what looks like a secret in a text.

    Args:
        text: Any text.
        is_log: Whether a program wrote it, which may say ``password: hunter`` in plain words.
    """
    if len(text) < _SHORTEST:
        return
    small = text.lower()
    for kind, hints, pattern in _SCAN:
        if hints == ("",) and len(text) < _KEY_LENGTH:
            continue
        if any(hint in small for hint in hints):
            yield from _matches(kind, pattern, text)
    if is_log and any(hint in small for hint in WORDS):
        for pattern in _IN_LOGS:
            yield from _matches("pair", pattern, text)


def _matches(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    for match in pattern.finditer(text):
        start, end = match.span("value")
        if not _PLACEHOLDER.search(text, start, end):
            yield Found(start, end, kind)


def begins_a_key(line: str) -> bool:
    """Whether a private key begins in a line of a log and goes on in those after it."""
    at = line.rfind(_PEM_BEGIN)
    return at >= 0 and _PEM_END not in line[at:] and _PEM_KEY.match(line, at) is not None


def ends_a_key(line: str) -> bool:
    """Whether it ends here."""
    return _PEM_END in line


def line_of_a_key(line: str) -> str:
    """Return what a line after the beginning of a private key holds of it, or nothing."""
    found = _PEM_LINE.search(line)
    return found["value"] if found else ""
