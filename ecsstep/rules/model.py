"""The shapes of an API, and what of a value does not fit them."""

from collections.abc import Iterator, Mapping
from typing import Any

from ecsstep.rules.redaction.masks import masked
from ecsstep.rules.redaction.places import is_secret_variable
from ecsstep.text import is_whole, listed, meant, printable
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
        words: The texts that the API knows here; none where any text will do.
    """

    kind: str
    members: Mapping[str, "Shape"] = {}
    required: frozenset[str] = frozenset()
    item: "Shape | None" = None
    is_union: bool = False
    minimum: float | None = None
    words: tuple[str, ...] = ()


class Fault(Value):
    """One thing that does not fit.

    Attributes:
        path: Where it stands.
        says: What is wrong there.
        is_unknown: Whether it is a field that the shape doesn't have.
        is_word: Whether it is a text that is none of those that the API knows there. A newer API
            may know it.
    """

    path: Path
    says: str
    is_unknown: bool = False
    is_word: bool = False


def faults(
    value: Any, shape: Shape, path: Path = (), *, is_secret: bool = False
) -> Iterator[Fault]:
    """Yield everything in ``value`` that the API would refuse by its shape alone.

    Args:
        value: What is to be looked at.
        shape: What the API accepts.
        path: Where the value stands.
        is_secret: Whether it looks secret by its name, so that no fault may show it.
    """
    says = _fault_of(value, shape, is_secret=is_secret)
    if says:
        yield Fault(path=path, says=says)
    elif shape.words and value not in shape.words:
        known = listed(shape.words, most=len(shape.words))
        yield Fault(
            path=path,
            says=f"is '{printable(value)[:60]}', which the API doesn't know; it knows {known}"
            f"{meant(str(value), shape.words)}",
            is_word=True,
        )
    elif shape.kind == "structure":
        yield from _structure_faults(value, shape, path, is_secret=is_secret)
    elif shape.kind == "list" and shape.item:
        for at, item in enumerate(value):
            found = list(faults(item, shape.item, (*path, at), is_secret=is_secret))
            # Only what is told may have to be hidden: the name is looked at where there is a fault.
            if found and isinstance(item, Mapping) and _is_named_secret(item):
                found = list(faults(item, shape.item, (*path, at), is_secret=True))
            yield from found
    elif shape.kind == "map" and shape.item:
        for name, item in value.items():
            hide = is_secret or is_secret_variable(str(name))
            yield from faults(item, shape.item, (*path, name), is_secret=hide)


def unknown_nulls(value: Any, shape: Shape, path: Path = ()) -> Iterator[Fault]:
    """Yield the members that are null and that the API doesn't have: a null has no other fault."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            is_structure = shape.kind == "structure"
            member = shape.members.get(name) if is_structure else shape.item
            if member is not None:
                yield from unknown_nulls(item, member, (*path, name))
            elif item is None and is_structure:
                yield _unknown(name, shape, path)
    elif isinstance(value, list) and shape.item:
        for at, item in enumerate(value):
            yield from unknown_nulls(item, shape.item, (*path, at))


def shape_at(shape: Shape, path: Path) -> Shape | None:
    """Return what the API accepts at a path, or None where it knows no such place."""
    found: Shape | None = shape
    for part in path:
        if found is None:
            return None
        found = found.members.get(str(part)) if found.kind == "structure" else found.item
    return found


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


def _fault_of(value: Any, shape: Shape, *, is_secret: bool) -> str:
    """Return what is wrong with a value itself, or nothing."""
    if value is None:
        return "is null; leave it out"
    if not _is_kind(value, shape.kind):
        wanted = TYPE_NAMES.get(shape.kind, shape.kind)
        return f"must be {wanted}, not {_shown(value, is_secret=is_secret)}"
    if isinstance(value, str) and not is_whole(value):
        return "holds half a character, which can't be sent"
    if shape.minimum is not None and _size(value) < shape.minimum:
        return _TOO_SMALL.get(shape.kind, "must be at least {}").format(shape.minimum)
    return ""


def _is_named_secret(item: Mapping[str, Any]) -> bool:
    return any(is_secret_variable(str(item.get(name, ""))) for name in ("name", "key"))


def _structure_faults(
    value: Mapping[str, Any], shape: Shape, path: Path, *, is_secret: bool
) -> Iterator[Fault]:
    for name, item in value.items():
        member = shape.members.get(name)
        if member is None:
            yield _unknown(name, shape, path)
        else:
            yield from faults(item, member, (*path, name), is_secret=is_secret)
    if shape.is_union and len(value) != 1:
        yield Fault(path=path, says=f"must have exactly one of {listed(sorted(shape.members))}")
    for name in sorted(shape.required - set(value)):
        yield Fault(path=(*path, name), says="is missing")


def _unknown(name: str, shape: Shape, path: Path) -> Fault:
    return Fault(
        path=(*path, name),
        says=f"is no field that the API knows{meant(name, shape.members)}",
        is_unknown=True,
    )


def _is_kind(value: Any, kind: str) -> bool:
    wanted = _PYTHON_TYPES.get(kind)
    if wanted is None:
        return True
    # In Python a bool is an int; in JSON it is not.
    return isinstance(value, wanted) and (kind == "boolean" or not isinstance(value, bool))


def _size(value: Any) -> float:
    return value if isinstance(value, (int, float)) else len(value)


def _shown(value: Any, *, is_secret: bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return "a text" if is_secret else f"the text '{printable(masked(value))[:60]}'"
    if isinstance(value, (int, float)):
        return "a number" if is_secret else f"the number {value}"
    return "a list" if isinstance(value, list) else "an object"
