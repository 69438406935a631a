"""What a container says while it runs; worth less than how it ends."""

from collections.abc import Callable
from typing import Protocol

from ecsstep.core.log import Log
from ecsstep.errors import Exit, StepError
from ecsstep.rules.service import LogPlace

_MOST_PAGES = 20


class Page(Protocol):
    """Some lines of a stream, and where the next ones begin."""

    @property
    def lines(self) -> tuple[str, ...]: ...  # noqa: D102
    @property
    def token(self) -> str: ...  # noqa: D102


ReadOn = Callable[[str, str, str, str], Page]
"""Reads on: region, group, stream, and the token of the page before."""


class Tail:
    """The end of one log stream, line after line."""

    def __init__(self, read: ReadOn, place: LogPlace, task_id: str, log: Log) -> None:
        self._read = read
        self._place = place
        self._stream = place.stream(task_id)
        self._log = log
        self._token = ""
        self._is_off = False

    def lines(self) -> tuple[str, ...]:
        """Return what is new since the last call; nothing where the log may not be read."""
        found: list[str] = []
        place = self._place
        for _ in range(0 if self._is_off else _MOST_PAGES):
            try:
                page = self._read(place.region, place.group, self._stream, self._token)
            except StepError as error:
                self._give_up(error)
                break
            found.extend(page.lines)
            # CloudWatch gives the same token again at the stream's end.
            if page.token in {"", self._token}:
                break
            self._token = page.token
        return tuple(found)

    def _give_up(self, error: StepError) -> None:
        """Say once that the log can't be read; what may pass is tried again at the next look."""
        if error.exit is not Exit.TEMPORARY:
            self._is_off = True
            self._log.warning(
                f"the log '{self._place.group}' can't be read",
                reason=error.message,
                hint=error.hint,
            )
