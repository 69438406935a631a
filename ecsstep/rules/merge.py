"""A fragment of a task definition, laid over another."""

from collections.abc import Mapping
from typing import Any

_VALUES = {"environment": "value", "secrets": "valueFrom"}
_BY_NAME = frozenset({"containerDefinitions", "environment", "secrets"})


def merged(base: Mapping[str, Any], fragment: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``base`` with ``fragment`` over it.

    Objects merge; containers, environment and secrets match by name, and an unknown name is added
    at the end; other lists replace; ``null`` removes, a variable too whose value is ``null``. A
    variable of the fragment takes the place of a secret of its name, and a secret that of a
    variable.
    """
    result = _moved(base, fragment)
    for name, value in fragment.items():
        if value is None:
            result.pop(name, None)
        elif (
            name in _BY_NAME and isinstance(value, list) and isinstance(result.get(name, []), list)
        ):
            result[name] = _by_name(result.get(name, []), value, _VALUES.get(name))
            if value and not result[name]:
                del result[name]
        elif isinstance(value, Mapping) and isinstance(result.get(name), Mapping):
            result[name] = merged(result[name], value)
        else:
            result[name] = _clean(value)
    return result


def _moved(base: Mapping[str, Any], fragment: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``base`` without the variables that the fragment gives in the other kind."""
    result = dict(base)
    for kind, other in (("environment", "secrets"), ("secrets", "environment")):
        items, given = base.get(kind), fragment.get(other)
        if not isinstance(items, list) or not isinstance(given, list):
            continue
        names = {
            _called(item)
            for item in given
            if _called(item) is not None and not _is_removal(item, _VALUES[other])
        }
        kept = [item for item in items if _called(item) not in names]
        if len(kept) < len(items):
            result[kind] = kept
            if not kept:
                del result[kind]
    return result


def _is_removal(item: Any, member: str | None) -> bool:
    """Whether an item says that the variable of its name is to go."""
    return _called(item) is not None and member in item and item[member] is None


def _by_name(base: list[Any], fragment: list[Any], member: str | None) -> list[Any]:
    # What goes is taken out first: a name that stands twice in the fragment is told elsewhere.
    gone = {_called(item) for item in fragment if _is_removal(item, member)}
    result = [item for item in base if _called(item) is None or _called(item) not in gone]
    places = {_called(item): at for at, item in enumerate(result) if _called(item) is not None}
    for item in fragment:
        name = _called(item)
        if _is_removal(item, member):
            continue
        if name in places:
            result[places[name]] = merged(result[places[name]], item)
        else:
            # A new container has nothing to remove either, nor have its variables.
            result.append(merged({}, item) if isinstance(item, Mapping) else _clean(item))
    return result


def _called(item: Any) -> str | None:
    name = item.get("name") if isinstance(item, Mapping) else None
    return name if isinstance(name, str) else None


def _clean(value: Any) -> Any:
    """A new part has nothing to remove: its nulls just go."""
    if isinstance(value, Mapping):
        return {name: _clean(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value
