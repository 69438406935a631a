"""A frozen value with named parts: what a frozen, keyword-only dataclass is, for a tenth of it.

``dataclasses`` writes the methods of every class as source text and compiles it, half a
millisecond each in Python 3.11, and its import brings ``inspect``: ten more. A step is made of
fifty such classes and lives for a fifth of a second, so ours share the methods of one base.
Type checkers see a dataclass: https://peps.python.org/pep-0681/.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, NoReturn, Self, dataclass_transform, get_origin


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Value:
    """The base of every frozen value; its annotated names are the parts, given by keyword.

    A default is one object for all values, so it is never one that somebody changes.
    """

    _parts: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[Mapping[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = [name for name, kind in cls.__annotations__.items() if not _is_of_class(kind)]
        cls._parts = tuple(dict.fromkeys((*cls._parts, *own)))
        cls._defaults = {
            **cls._defaults, **{name: vars(cls)[name] for name in own if name in vars(cls)}
        }  # fmt: skip

    def __init__(self, **given: Any) -> None:
        held = {**self._defaults, **given}
        if held.keys() != set(self._parts):
            raise TypeError(_mismatch(self, held))
        vars(self).update(held)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: can't set '{name}'")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is frozen: can't delete '{name}'")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash(tuple(map(vars(self).__getitem__, self._parts)))

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={vars(self)[name]!r}" for name in self._parts)
        return f"{type(self).__name__}({shown})"

    def replaced(self, **changes: Any) -> Self:
        """Return the value with some of its parts changed."""
        return type(self)(**{**vars(self), **changes})


def _is_of_class(kind: object) -> bool:
    return kind is ClassVar or get_origin(kind) is ClassVar


def _mismatch(value: Value, held: Mapping[str, Any]) -> str:
    missing = [name for name in value._parts if name not in held]  # noqa: SLF001 - our own class
    unknown = [name for name in held if name not in value._parts]  # noqa: SLF001
    return f"{type(value).__name__} lacks {missing} and knows no {unknown}"
