"""Texts that are marked as secret, as a whole or in parts."""

from typing import Self


class Hidden(str):
    """A text that is secret as a whole, in the place where it stands.

    Attributes:
        kind: What it is.
        is_strong: Whether it is one for sure, to be replaced elsewhere too.
    """

    __slots__ = ("is_strong", "kind")
    kind: str
    is_strong: bool

    def __new__(cls, value: str, *, kind: str, is_strong: bool = True) -> Self:
        """Return ``value``, marked."""
        made = super().__new__(cls, value)
        made.kind, made.is_strong = kind, is_strong
        return made


class Pieces(tuple[str, ...]):
    """A text of which some parts are :class:`Hidden`."""

    __slots__ = ()
