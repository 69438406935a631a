"""What a role may read: what it was denied once isn't asked for again."""

from collections.abc import Callable
from typing import TypeVar

from ecsstep.errors import Exit, StepError

T = TypeVar("T")


def _nobody(_denied: StepError) -> None:
    """Tell nobody."""


class Allowed:
    """Reads what need not be readable.

    Attributes:
        trouble: By the kind of reading, why the last one of it came to nothing (throttled, out of
            reach): that says nothing of the role, and it is tried again the next time.
    """

    def __init__(self) -> None:
        self._denied: set[str] = set()
        self.trouble: dict[str, StepError] = {}

    def __call__(
        self, what: str, read: Callable[[], T], denied: Callable[[StepError], None] = _nobody
    ) -> T | None:
        """Return what could be read, or None where it couldn't.

        Args:
            what: The kind of reading; after one that was denied, no other of its kind is tried.
            read: Reads.
            denied: Is told of the first one that was denied.
        """
        if what in self._denied:
            return None
        try:
            return read()
        except StepError as error:
            if error.exit is Exit.TEMPORARY:
                self.trouble[what] = error
            else:
                self._denied.add(what)
                denied(error)
            return None
