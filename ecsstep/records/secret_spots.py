"""Where secrets stand in a file that somebody wrote: a definition in YAML, a broken one in JSON.

The file's text stays as it is, down to its blanks and mistakes, with the secrets marked.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from ecsstep.rules.redaction import places
from ecsstep.rules.redaction.redactor import Hidden
from ecsstep.rules.redaction.walk import Pieces

_LARGEST = 4 * 1024 * 1024
# In a file that is neither JSON nor YAML, what follows such a name may be one.
_PAIR = re.compile(
    r"(?im)[\"']?\b(?:value|valueFrom|auth|[\w-]*(?:password|secret|token|key))[\"']?[ \t]*:[ \t]*"
    r"(?:\"(?P<double>(?:[^\"\\\n]|\\.)*)\"?|'(?P<single>[^'\n]*)'?|(?P<plain>[^\s,}\]\"'][^\n,}\]]*))"
)


def marked(raw: Any, name: str, *, is_secret: bool = False) -> Any:
    """Return a file's content with its secrets marked, as far as it is text.

    Args:
        raw: Its bytes.
        name: Its name.
        is_secret: Whether it is a secret as a whole.
    """
    if not isinstance(raw, bytes) or len(raw) > _LARGEST:
        return raw
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return raw
    if is_secret:
        line = text.rstrip("\r\n")
        return Pieces((Hidden(line, kind=places.PASSWORD), text[len(line) :]))
    if text.lstrip()[:1] in {"{", "["} and not name.endswith((".yaml", ".yml")):
        # What is JSON is walked through like any other; what is not has to stay broken.
        return raw if _is_strict_json(text) else _spliced(text, _by_words(text))
    spots = _in_yaml(text)
    return _spliced(text, _by_words(text) if spots is None else spots)


class _Spot(tuple[int, int, str, bool]):
    """Where a secret begins and ends, what it is, and whether it is one for sure."""

    __slots__ = ()


def _is_strict_json(text: str) -> bool:
    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("twice")
        return found

    try:
        json.loads(text, object_pairs_hook=members)
    except (ValueError, RecursionError):
        return False
    return True


def _in_yaml(text: str) -> list[_Spot] | None:
    import yaml

    try:
        nodes = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
        return [spot for node in nodes for spot in _below(node, "", "", text, set())]
    except (yaml.YAMLError, RecursionError):
        return None


def _below(node: Any, name: str, above: str, text: str, seen: set[int]) -> Iterator[_Spot]:
    if id(node) in seen or node is None:
        return
    seen.add(id(node))
    if node.id == "scalar":
        kind = places.kind_of(name, above)
        if kind:
            yield _spot(node, kind, text, is_strong=True)
        return
    if node.id == "sequence":
        for each in node.value:
            yield from _below(each, name, above, text, seen)
        return
    own = {key.value: value for key, value in node.value if key.id == "scalar"}
    for key, value in own.items():
        is_variable = key == "value" and name in places.ENVIRONMENTS
        if (is_variable or (name in places.ENVIRONMENTS and "value" not in own)) and (
            value.id == "scalar" and key != "name"
        ):
            called = own["name"].value if "name" in own and own["name"].id == "scalar" else key
            strong = places.is_secret_variable(str(called))
            yield _spot(value, places.VARIABLE, text, is_strong=strong)
            seen.add(id(value))
        else:
            yield from _below(value, str(key), name, text, seen)


def _spot(node: Any, kind: str, text: str, *, is_strong: bool) -> _Spot:
    start, end = node.start_mark.index, node.end_mark.index
    if node.style in {'"', "'"}:
        start, end = start + 1, end - 1
    elif node.style in {"|", ">"}:
        start = text.find("\n", start) + 1
        start += len(text[start:end]) - len(text[start:end].lstrip(" "))
        end = start + len(text[start:end].rstrip())
    elif not node.tag.endswith(":str"):
        # A number or a date without quotes is a mistake that has to stay one.
        start = end
    return _Spot((start, end, kind, is_strong))


def _by_words(text: str) -> list[_Spot]:
    return [
        _Spot((*match.span(match.lastgroup or 0), places.PASSWORD, True))
        for match in _PAIR.finditer(text)
    ]


def _spliced(text: str, spots: list[_Spot]) -> Pieces:
    parts: list[str] = []
    at = 0
    for start, end, kind, strong in sorted(spots):
        if start < at or start >= end:
            continue
        parts += [text[at:start], Hidden(text[start:end], kind=kind, is_strong=strong)]
        at = end
    return Pieces((*parts, text[at:]))
