"""What is shown to people, with the values that look secret hidden."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ecsstep.rules.redaction import places
from ecsstep.rules.redaction.hidden import Hidden

MASK = "***"
# Where a name is the user's own, so that it can tell of a secret; the API's own names
# (credentialSpecs, authorizationConfig) don't.
NAMED_BY_USERS = frozenset(
    {"environment", "properties", "options", "driverOpts", "dockerLabels", "labels", "tags"}
)
_ITEM = frozenset({"name", "key", "value"})
# A value that stands after a flag, in the same text: --password hunter.
# A password with a slash in it; a port, or a path after one, is none.
_IN_URL = re.compile(
    r"://[^\s/@:?#\"]{0,200}:(?!\d{1,5}(?:[/?#\"',\s]|$))(?P<value>[^\s@\"]{1,500})@"
)
_FLAGGED = re.compile(r"(?P<flag>--[A-Za-z][\w-]*)\s+(?P<value>[^\s\"'-][^\s\"']*)")


def masked(text: str, mask: str = MASK) -> str:
    """Return a text with what looks like a secret in it hidden."""
    from ecsstep.rules.redaction import patterns

    spans = [(found.start, found.end) for found in patterns.scan(text)]
    spans += [match.span("value") for match in _IN_URL.finditer(text)]
    spans += [
        match.span("value")
        for match in _FLAGGED.finditer(text)
        if places.is_secret_variable(match["flag"])
    ]
    result, at = "", 0
    for start, end in _joined(spans):
        result += text[at:start] + mask
        at = end
    return result + text[at:]


def masked_words(words: Sequence[str], mask: str = MASK) -> list[str]:
    """Return the words of a command with what looks secret hidden, also behind its flag."""
    from ecsstep.rules.redaction import commands

    return [
        "".join(
            mask if isinstance(piece, Hidden) else masked(str(piece), mask)
            for piece in (word if isinstance(word, tuple) else (word,))
        )
        for word in commands.words(words)
    ]


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans in their order, those that overlap as one."""
    result: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if result and start < result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result


def masked_values(value: Any, mask: str, *, inside: str = "") -> Any:
    """Return a request with the values that look secret hidden, by their names or by themselves.

    References to secrets are none, and stay.

    Args:
        value: The request, or a part of it.
        mask: What stands in the place of a secret.
        inside: The member that the part is in.
    """
    if isinstance(value, Mapping):
        called = next((value[name] for name in ("name", "key") if name in value), "")
        return {
            name: mask
            if item and _is_secret(name, called=str(called), inside=inside)
            else masked_values(item, mask, inside=name)
            for name, item in value.items()
        }
    if isinstance(value, list):
        if value and all(isinstance(item, str) for item in value):
            return masked_words(value, mask)
        return [masked_values(item, mask, inside=inside) for item in value]
    return masked(value, mask) if isinstance(value, str) else value


def _is_secret(name: str, *, called: str, inside: str) -> bool:
    """Whether a member holds a secret by its name, or by that of the item that it is in."""
    if name == "value":
        return places.is_secret_variable(called)
    return inside in NAMED_BY_USERS and name not in _ITEM and places.is_secret_variable(name)
