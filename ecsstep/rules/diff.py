"""What changes between two task definitions, in lines that a person reads."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from ecsstep.rules.redaction.masks import MASK, NAMED_BY_USERS, masked, masked_words
from ecsstep.rules.redaction.places import is_secret_variable
from ecsstep.value import Value

_LONGEST = 200


def _port(item: Mapping[str, Any]) -> str | None:
    port = item.get("containerPort") or item.get("containerPortRange")
    return None if port is None else f"{port}/{item.get('protocol', 'tcp')}"


# Lists whose order means nothing to ECS, and by what their items are told apart.
_TOLD_APART: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "dependsOn": lambda item: item.get("containerName"),
    "extraHosts": lambda item: item.get("hostname"),
    "mountPoints": lambda item: item.get("containerPath"),
    "portMappings": _port,
    "resourceRequirements": lambda item: item.get("type"),
    "systemControls": lambda item: item.get("namespace"),
    "volumesFrom": lambda item: item.get("sourceContainer"),
}
_UNORDERED_TEXTS = frozenset({"add", "drop", "requiresCompatibilities"})
_CONTAINER = re.compile(r"containerDefinitions\[(?P<name>[^\]]*)\]\.?")
_LEAST_COLUMN = 20
_NOTHING = "-"

Flat = dict[str, tuple[bool, Any]]
"""Whether it is secret, and the value, by path."""


class Change(Value):
    """One value that is not the same.

    Attributes:
        path: Where it stands.
        old: What stood there, as it is shown; None where nothing did.
        new: What stands there now, likewise.
    """

    path: str
    old: str | None
    new: str | None


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Return each value that is added, removed or changed.

    Containers, variables, ports, mounts and the like go by name, so that their order is no
    difference. Values whose names look secret are masked, references to secrets are not: they are
    no secrets.
    """
    old: Flat = {path: (hide, value) for path, hide, value in _flat(before)}
    new: Flat = {path: (hide, value) for path, hide, value in _flat(after)}
    return tuple(
        Change(
            path=path,
            old=_shown(*old[path]) if path in old else None,
            new=_shown(*new[path]) if path in new else None,
        )
        for path in [*old, *(path for path in new if path not in old)]
        if old.get(path) != new.get(path)
    )


def shown(
    before: Mapping[str, Any], after: Mapping[str, Any], *, room: int | None
) -> Sequence[str]:
    """Return what changes: side by side where there are so many columns, else line by line."""
    if room is None:
        return difference(before, after)
    return side_by_side(before, after, width=room)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a line for each value that is added (+), removed (-) or changed (~)."""
    return tuple(_line(change) for change in changes(before, after))


def side_by_side(before: Mapping[str, Any], after: Mapping[str, Any], *, width: int) -> list[str]:
    """Return the difference as a table: where, before, after; containers under their names.

    Args:
        before: The old definition.
        after: The new one.
        width: How many columns a line may have; where that is too few, each change is one line.
    """
    found = changes(before, after)
    rows = [("", "before", "after"), *_rows(found)]
    first = max(min(max(_columns(row[0]) for row in rows), width // 3), 1)
    column = (width - first - len(" │ ") * 2) // 2
    if not found or column < _LEAST_COLUMN:
        return [_line(change) for change in found]
    lines = []
    for row in rows:
        cells = (_wrapped(row[0], first), _wrapped(row[1], column), _wrapped(row[2], column))
        for parts in zip_longest(*cells, fillvalue=""):
            padded = [
                _padded(text, size)
                for text, size in zip(parts, (first, column, column), strict=True)
            ]
            lines.append(" │ ".join(padded).rstrip())
    return lines


def _rows(found: tuple[Change, ...]) -> Iterator[tuple[str, str, str]]:
    """Yield the rows of the table; a container's changes stand together under its name."""
    inside = {id(change): _CONTAINER.match(change.path) for change in found}
    names = dict.fromkeys(match["name"] if match else "" for match in inside.values())
    for name in sorted(names, key=bool):
        if name:
            yield f"container {name}", "", ""
        for change in found:
            match = inside[id(change)]
            if (match["name"] if match else "") != name:
                continue
            path = f"  {change.path[match.end() :]}" if match else change.path
            old, new = (_NOTHING if text is None else text for text in (change.old, change.new))
            yield path, old, new


def _line(change: Change) -> str:
    if change.new is None:
        return f"- {change.path}: {change.old}"
    if change.old is None:
        return f"+ {change.path}: {change.new}"
    return f"~ {change.path}: {change.old} → {change.new}"


def _columns(text: str) -> int:
    """Return how wide a text is on a terminal; East Asian wide characters take two columns."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _columns(text))


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for each in text:
        if _columns(lines[-1] + each) > width:
            lines.append("")
        lines[-1] += each
    return lines


def _flat(
    value: Any, path: str = "", *, inside: str = "", hide: bool = False
) -> Iterator[tuple[str, bool, Any]]:
    """Yield path, whether it is secret, and value; ``inside`` is the member that it stands in."""
    if isinstance(value, Mapping) and value:
        for name, item in value.items():
            is_secret = hide or (inside in NAMED_BY_USERS and is_secret_variable(name))
            under = f"{path}.{name}" if path else name
            yield from _flat(item, under, inside=name, hide=is_secret)
    elif isinstance(value, list) and value and _are_told_apart(value, inside):
        for item in value:
            name = _name(item, inside) or ""
            is_secret = hide or (inside in NAMED_BY_USERS and is_secret_variable(name))
            yield from _named(item, f"{path}[{name}]", hide=is_secret)
    elif isinstance(value, list) and inside in _UNORDERED_TEXTS:
        yield path, hide, sorted(value, key=str)
    elif path:
        # Of a list whose items have no names it can't be told which of them is secret.
        is_nameless = isinstance(value, list) and bool(value) and inside in NAMED_BY_USERS
        yield path, hide or is_nameless, value


def _named(item: Mapping[str, Any], path: str, *, hide: bool) -> Iterator[tuple[str, bool, Any]]:
    """Yield what an item with a name holds; ``NAME`` and ``VALUE`` are one line."""
    rest = {key: value for key, value in item.items() if key not in {"name", "key"}}
    if set(rest) <= {"value"}:
        yield path, hide, rest.get("value")
    else:
        yield from _flat(rest, path, hide=hide)


def _are_told_apart(items: list[Any], inside: str) -> bool:
    """Whether every item has a name; where order may matter, a name that is twice is none."""
    names = [_name(item, inside) for item in items]
    is_known = inside not in _TOLD_APART or len(set(names)) == len(names)
    return all(names) and is_known


def _name(item: Any, inside: str = "") -> str | None:
    if not isinstance(item, Mapping):
        return None
    apart = _TOLD_APART.get(inside)
    name = apart(item) if apart else item.get("name") or item.get("key")
    return name if isinstance(name, str) else None


def _shown(hide: bool, value: Any) -> str:  # noqa: FBT001 - half of a pair
    import json

    if hide:
        return MASK
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        value = masked_words(value)
    text = masked(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
