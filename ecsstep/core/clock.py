"""Time, as something that is handed in."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from typing import Protocol


class Clock(Protocol):
    """What a step may know about time."""

    def now(self) -> dt.datetime:
        """Return the wall clock's time, in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` go by."""
        ...


class SystemClock:
    """The clock on the wall."""

    def now(self) -> dt.datetime:
        """Return the wall clock's time, in UTC."""
        return dt.datetime.now(dt.UTC)

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` go by."""
        time.sleep(seconds)


def ticks(clock: Clock, *, every: float | Callable[[], float], limit: float) -> Iterator[float]:
    """Yield the seconds since the start: at once, then ``every`` so many, last at the limit.

    Falling out of the loop is the timeout. A function for ``every`` is asked before each pause.
    """
    start = clock.monotonic()
    while True:
        yield clock.monotonic() - start
        left = limit - (clock.monotonic() - start)
        if left <= 0:
            return
        clock.sleep(min(every() if callable(every) else every, left))
