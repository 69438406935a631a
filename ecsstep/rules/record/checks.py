"""Members of a JSON document, taken out with their type; a ValueError names the place."""

import math
from collections.abc import Mapping
from typing import Any

_MOST_ENTRIES = 100_000
_LARGEST = 1e9  # thirty years of seconds


def object_(value: Any, place: str) -> dict[str, Any]:
    """Return a value that is an object."""
    if not isinstance(value, dict):
        raise ValueError(f"'{place}' is no object")  # noqa: TRY004 - the file is wrong, not the code
    return value


def list_(found: Mapping[str, Any], name: str) -> list[Any]:
    """Return a member that is a list; a missing one is empty."""
    value = found.get(name, [])
    if not isinstance(value, list) or len(value) > _MOST_ENTRIES:
        raise ValueError(f"'{name}' is no list, or too long")
    return value


def words(found: Mapping[str, Any], name: str, place: str = "") -> list[str]:
    """Return a member that is a list of texts."""
    value = list_(found, name)
    if not all(isinstance(each, str) and is_passable(each) for each in value):
        raise ValueError(f"'{_at(place, name)}' holds what is no text")
    return value


def texts(found: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return a member that is an object of texts."""
    value = object_(found.get(name, {}), name)
    if not all(isinstance(each, str) for each in value.values()):
        raise ValueError(f"'{name}' holds what is no text")
    return value


def text(
    found: Mapping[str, Any], name: str, place: str = "", *, default: str | None = None
) -> str:
    """Return a member that is a text."""
    value = found.get(name, default)
    if not isinstance(value, str):
        raise ValueError(f"'{_at(place, name)}' is no text")  # noqa: TRY004 - the file is wrong, not the code
    return value


def number(
    found: Mapping[str, Any], name: str, place: str = "", *, default: float | None = None
) -> float:
    """Return a member that is a number of a sensible size."""
    value = found.get(name, default)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise ValueError(f"'{_at(place, name)}' is no number")  # noqa: TRY004 - the file is wrong, not the code
    try:
        found_number = float(value)
    except OverflowError as error:
        raise ValueError(f"'{_at(place, name)}' is too large") from error
    if not math.isfinite(found_number) or not 0 <= found_number <= _LARGEST:
        raise ValueError(f"'{_at(place, name)}' is out of range")
    return found_number


def is_passable(value: str) -> bool:
    """Whether a process could be given this word, or a variable of this value."""
    try:
        return b"\0" not in value.encode(errors="surrogateescape")
    except UnicodeEncodeError:
        return False


def _at(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name
