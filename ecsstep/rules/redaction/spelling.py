"""How a secret may be spelled in a text, and what stands there in its place."""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

_SHORTEST = 6
_SHORTEST_OF_ANY = 8
_ALIGNMENTS = 3
# What is public, or an own name: it would be replaced in places that decide something.
_PLAIN = re.compile(
    r"[A-Z]+(?:[_-][A-Z]+)*|[a-z]+(?:[._/-][a-z]+)*|[A-Z]?[a-z]+(?:[A-Z][a-z]+)+|v?\d+(?:\.\d+)*|\d{12}"
    r"|[a-z]{2}(?:-[a-z]+)+-\d|arn:[^\s]*|https?://[^\s@]*|[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?",
)
# A password that is a plain word can't be told from the word.
_WORD = re.compile(r"[a-z]{1,11}|[A-Z]{1,11}|[a-z]{2}(?:-[a-z]+)+-\d")
_ARN = re.compile(
    r"(?P<head>arn:[\w-]*:(?:secretsmanager:[\w-]*:\d*:secret:|ssm:[\w-]*:\d*:parameter/))(?P<tail>.+)"
)
_ADDRESS = re.compile(r"(?P<head>https?://[\w.:-]+/)(?P<tail>[^\s@]+)")
_PARAMETER = re.compile(r"/[\w./-]+")


def spreads(value: str, *, is_strong: bool) -> bool:
    """Whether a secret is to be replaced wherever it stands, not in its own place alone.

    Args:
        value: The secret.
        is_strong: Whether it is a secret for sure, and not just a value of an environment, which
            may well be a region's name.
    """
    if is_strong:
        return len(value) >= _SHORTEST and _WORD.fullmatch(value) is None
    return len(value) >= _SHORTEST_OF_ANY and _PLAIN.fullmatch(value) is None


def spellings(value: str) -> Iterator[str]:
    """Yield how a value may stand in a text: plain, by line, in JSON, in a URL, in base64."""
    lines = (line.strip() for line in value.splitlines())
    for plain in dict.fromkeys((value, *(line for line in lines if len(line) >= _SHORTEST))):
        yield plain
        yield json.dumps(plain)[1:-1]
        yield json.dumps(plain, ensure_ascii=False)[1:-1]
        yield quote(plain, safe="")
        yield quote_plus(plain)
    yield from _in_base64(value.encode(errors="surrogatepass"))


def _in_base64(raw: bytes) -> Iterator[str]:
    """Yield what base64 makes of a value in the middle of something, at each of its alignments."""
    for at in range(_ALIGNMENTS):
        made = base64.b64encode(b"\0" * at + raw).decode()
        # The first signs and the last ones hold bits of what stands beside it.
        first = -(-at * 8 // 6)
        whole = (at + len(raw)) * 8 // 6
        if whole - first >= _SHORTEST_OF_ANY:
            yield made[first:whole]
            yield made[first:whole].translate(str.maketrans("+/", "-_"))


def any_of(texts: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that finds any of these texts, of two at one place the longer.

    They are sorted into branches by their first two signs: thousands of them, tried one after the
    other at each place of a long text, would take minutes.
    """
    branches: dict[str, dict[str, list[str]]] = {}
    for text in sorted(texts, key=len, reverse=True):
        branches.setdefault(text[:1], {}).setdefault(text[1:2], []).append(text[2:])
    return re.compile(
        _either(
            re.escape(first)
            + _either(
                re.escape(second) + _either(map(re.escape, rest)) for second, rest in below.items()
            )
            for first, below in branches.items()
        )
    )


def _either(patterns: Iterable[str]) -> str:
    return f"(?:{'|'.join(patterns)})"


def login(value: str) -> tuple[str, str] | None:
    """Return user and password of ``base64(USER:PASSWORD)``, or None."""
    try:
        user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    return (user, password) if colon and user and password else None


def as_login(user: str, password: str) -> str:
    """Return ``base64(USER:PASSWORD)``."""
    return base64.b64encode(f"{user}:{password}".encode()).decode()


def parts(value: str) -> tuple[str, str]:
    """Return what is kept of a secret, and what is not.

    Of a secret's reference it is where the secret is kept, which decides sentences; of an address
    (a webhook's is a secret) it is the host.
    """
    for form in (_ARN, _ADDRESS):
        found = form.fullmatch(value)
        if found:
            return found["head"], found["tail"]
    return ("/", value[1:]) if _PARAMETER.fullmatch(value) else ("", value)
