"""The shapes of an API, and what of a value does not fit them."""

from collections.abc import Iterator, Mapping
from typing import Any

from ecsstep.text import listed, meant, printable
from ecsstep.value import Value

TYPE_NAMES = {
    "structure": "an object",
    "map": "an object",
    "list": "a list",
    "string": "text",
    "integer": "a whole number",
    "long": "a whole number",
    "float": "a number",
    "double": "a number",
    "boolean": "true or false",
}

_PYTHON_TYPES: dict[str, Any] = {
    "structure": Mapping,
    "map": Mapping,
    "list": list,
    "string": str,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "boolean": bool,
}

_TOO_SMALL = {
    "string": "must have {} or more characters",
    "list": "must have {} or more items",
    "map": "must have {} or more members",
}

Path = tuple[str | int, ...]


class Shape(Value):
    """What an API accepts at one place.

    Attributes:
        kind: botocore's name of the type: structure, list, map, string, integer, boolean…
        members: A structure's members by name.
        required: The members that a structure must have.
        item: What a list's items, or a map's values, are.
        is_union: Whether exactly one of a structure's members is given.
        minimum: The least number, or the least length of a text, list or map.
    """

    kind: str
    members: Mapping[str, "Shape"] = {}
    required: frozenset[str] = frozenset()
    item: "Shape | None" = None
    is_union: bool = False
    minimum: float | None = None


class Fault(Value):
    """One thing that does not fit.

    Attributes:
        path: Where it stands.
        says: What is wrong there.
        is_unknown: Whether it is a field that the shape doesn't have.
    """

    path: Path
    says: str
    is_unknown: bool = False


def faults(value: Any, shape: Shape, path: Path = ()) -> Iterator[Fault]:
    """Yield everything in ``value`` that the API would refuse by its shape alone."""
    if value is None:
        yield Fault(path=path, says="is null; leave it out")
    elif not _is_kind(value, shape.kind):
        wanted = TYPE_NAMES.get(shape.kind, shape.kind)
        yield Fault(path=path, says=f"must be {wanted}, not {_shown(value)}")
    elif shape.minimum is not None and _size(value) < shape.minimum:
        yield Fault(
            path=path, says=_TOO_SMALL.get(shape.kind, "must be at least {}").format(shape.minimum)
        )
    elif shape.kind == "structure":
        yield from _structure_faults(value, shape, path)
    elif shape.kind == "list" and shape.item:
        for at, item in enumerate(value):
            yield from faults(item, shape.item, (*path, at))
    elif shape.kind == "map" and shape.item:
        for name, item in value.items():
            yield from faults(item, shape.item, (*path, name))


def spelled(path: Path, root: Any = None) -> str:
    """Return a path as people write it; a list's item by its name where it has one.

    ``containerDefinitions[app].environment[LOG_LEVEL].value``
    """
    words = ""
    here = root
    for part in path:
        if isinstance(part, int):
            item = here[part] if isinstance(here, list) and part < len(here) else None
            name = item.get("name") if isinstance(item, Mapping) else None
            words += f"[{printable(name) if isinstance(name, str) else part}]"
            here = item
        else:
            words += f".{printable(part)}" if words else printable(part)
            here = here.get(part) if isinstance(here, Mapping) else None
    return words or "the document"


def _structure_faults(value: Mapping[str, Any], shape: Shape, path: Path) -> Iterator[Fault]:
    for name, item in value.items():
        member = shape.members.get(name)
        if member is None:
            yield Fault(
                path=(*path, name),
                says=f"is no field that the API knows{meant(name, shape.members)}",
                is_unknown=True,
            )
        else:
            yield from faults(item, member, (*path, name))
    if shape.is_union and len(value) != 1:
        yield Fault(path=path, says=f"must have exactly one of {listed(sorted(shape.members))}")
    for name in sorted(shape.required - set(value)):
        yield Fault(path=(*path, name), says="is missing")


def _is_kind(value: Any, kind: str) -> bool:
    wanted = _PYTHON_TYPES.get(kind)
    if wanted is None:
        return True
    # In Python a bool is an int; in JSON it is not.
    return isinstance(value, wanted) and (kind == "boolean" or not isinstance(value, bool))


def _size(value: Any) -> float:
    return value if isinstance(value, (int, float)) else len(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"the text '{printable(value)[:60]}'"
    if isinstance(value, (int, float)):
        return f"the number {value}"
    return "a list" if isinstance(value, list) else "an object"
