"""What a role may read: what it was denied once isn't asked for again, and nobody hears of it."""

from collections.abc import Callable
from typing import TypeVar

from ecsstep.errors import Exit, StepError

T = TypeVar("T")


class Allowed:
    """Reads what need not be readable."""

    def __init__(self) -> None:
        self._denied: set[str] = set()

    def __call__(self, what: str, read: Callable[[], T]) -> T | None:
        """Return what could be read, or None where the role may not.

        Args:
            what: The kind of reading; after one that failed, no other of its kind is tried.
            read: Reads.

        Raises:
            StepError: AWS is out of reach (exit 75): that says nothing of the role.
        """
        if what in self._denied:
            return None
        try:
            return read()
        except StepError as error:
            if error.exit is Exit.TEMPORARY:
                raise
            self._denied.add(what)
            return None
