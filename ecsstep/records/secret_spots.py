"""Where secrets stand in a file that somebody wrote: a definition in YAML, a broken one in JSON.

The file's text stays as it is, down to its blanks and mistakes, with the secrets marked.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from ecsstep.rules.redaction import commands, places
from ecsstep.rules.redaction.hidden import Hidden, Pieces

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
        if all(each.id == "scalar" for each in node.value):
            yield from _in_words(node.value, text)
        for each in node.value:
            yield from _below(each, name, above, text, seen)
        return
    own = {key.value: value for key, value in node.value if key.id == "scalar"}
    told = places.told_by_its_name(
        {key: value.value for key, value in own.items() if value.id == "scalar"}
    )
    for key, value in own.items():
        if key == told and name not in places.ENVIRONMENTS:
            yield _spot(value, places.PASSWORD, text, is_strong=True)
            seen.add(id(value))
            continue
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


def _in_words(nodes: Sequence[Any], text: str) -> Iterator[_Spot]:
    """Yield what is secret in a command line that is written as a list."""
    for node, word in zip(nodes, commands.words([node.value for node in nodes]), strict=True):
        for part in word if isinstance(word, Pieces) else (word,):
            if isinstance(part, Hidden):
                start = text.find(part, node.start_mark.index, node.end_mark.index)
                end = start + len(part)
                yield (
                    _Spot((start, end, part.kind, part.is_strong))
                    if start >= 0
                    else _spot(node, part.kind, text, is_strong=part.is_strong)
                )


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
