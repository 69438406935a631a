"""What looks like a secret, wherever it stands: the second line of defence.

A value that no declared place told of is found by its own look (a key's prefix, a JWT, a PEM
block) or by what stands before it (``password=``, ``Bearer``, a URL's user). A false alarm would
change a sentence that somebody has to read, so the words before a value have to be plain.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple


class Found(NamedTuple):
    """Where something in a text looks like a secret."""

    start: int
    end: int
    kind: str


_WORD = r"(?:pass(?:word|wd|phrase)?|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key)"
_NAMED = rf"(?i)(?<![a-z0-9])[\w-]{{0,40}}?{_WORD}[\"']?"
_BLOCK = r"-----BEGIN [A-Z0-9 ]{1,60}-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,60}-----|\Z)"
_PREFIXED = (
    r"(?:glpat|glcbt|gldt|glrt)-[\w-]{10,}|gh[opsur]_\w{20,}|github_pat_\w{20,}"
    r"|xox[abeoprs]-[\w-]{10,}|dckr_(?:o?pat|oat)_[\w-]{10,}"
)
_SIGNED = (
    r"X-Amz-(?:Signature|Credential|Security-Token)|Signature|Key-Pair-Id|Policy|sig|_state|token"
    r"|access_token"
)
_WITH_A_DIGIT = r"(?P<value>(?=[^\s\"',;&}]{0,200}[0-9])[^\s\"',;&}]{6,2000})"
_MIXED = r"(?=[A-Za-z0-9/+]*[0-9])(?=[A-Za-z0-9/+]*[A-Z])(?=[A-Za-z0-9/+]*[a-z])"
_WORDS = ("pass", "pwd", "secret", "token", "key")
_SIGNS = ("signature=", "credential=", "key-pair-id=", "policy=", "sig=", "_state=", "token=")
_PATTERNS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    # What it is; words of which one is in every text that has it, in lower case; how it looks.
    (
        "access key id",
        ("akia", "asia"),
        r"(?<![A-Z0-9])(?P<value>(?:AKIA|ASIA)[A-Z0-9]{12,124})(?![A-Z0-9])",
    ),
    ("JWT", ("eyj",), r"(?<![\w-])(?P<value>eyJ[\w-]{5,}\.[\w-]{4,}(?:\.[\w-]*)?)"),
    ("PEM block", ("-----begin",), rf"(?P<value>{_BLOCK})"),
    (
        "token",
        ("glpat", "glcbt", "gldt", "glrt", "gh", "github_pat", "xox", "dckr_"),
        rf"(?<![\w-])(?P<value>{_PREFIXED})",
    ),
    ("webhook", ("hooks.slack",), r"hooks\.slack\.com/(?P<value>[\w/-]{6,})"),
    (
        "password in a URL",
        ("://",),
        r"\w://[^\s/@:?#]{0,200}:(?P<value>[^\s/@?#]{1,500})@",
    ),
    ("signature in a URL", _SIGNS, rf"(?i:[?&](?:{_SIGNED})=)(?P<value>[^&\s\"'<>]+)"),
    (
        "authorization",
        ("bearer", "basic"),
        r"\b(?i:bearer|basic)\s+(?P<value>(?=[\w+/=.~-]*[0-9=])[\w+/=.~-]{8,})",
    ),
    (
        "pair",
        _WORDS,
        rf"{_NAMED}\s{{0,3}}=\s{{0,3}}[\"']?(?P<value>[^\s\"',;&}}\])]{{1,2000}})",
    ),
    (
        "named value",
        _WORDS,
        _NAMED + r"\s{0,3}:\s{0,3}[\"']?" + _WITH_A_DIGIT,
    ),
    (
        "long key",
        _WORDS,
        r"(?i)\b(?:secret|token|key)\b[^\w\n]{1,4}(?P<value>[A-Za-z0-9+/_-]{32,}={0,2})",
    ),
    (
        "credential",
        ("<secretaccesskey>", "<sessiontoken>", "<accesskeyid>"),
        r"<(?:SecretAccessKey|SessionToken|AccessKeyId)>(?P<value>[^<]+)<",
    ),
    (
        "secret access key",
        ("",),
        rf"(?<![\w/+=-])(?P<value>{_MIXED}[A-Za-z0-9/+]{{40}})(?![\w/+=-])",
    ),
)
_SCAN = tuple((kind, hints, re.compile(pattern)) for kind, hints, pattern in _PATTERNS)
_SHORTEST = 6
_KEY_LENGTH = 40
_IN_LOGS = re.compile(rf"{_NAMED}\s{{0,3}}[:=]\s{{0,3}}[\"']?(?P<value>[^\s\"',;&}}\])]{{1,2000}})")
_PLACEHOLDER = re.compile(r"redacted-\d+")


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
    if is_log and any(hint in small for hint in _WORDS):
        yield from _matches("pair", _IN_LOGS, text)


def _matches(kind: str, pattern: re.Pattern[str], text: str) -> Iterator[Found]:
    for match in pattern.finditer(text):
        start, end = match.span("value")
        if not _PLACEHOLDER.search(text, start, end):
            yield Found(start, end, kind)
