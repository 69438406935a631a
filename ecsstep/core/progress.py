"""How far a long transfer has come: a bar on a terminal, now and then a line in a log."""

import threading
from typing import IO

from ecsstep.core.clock import Clock
from ecsstep.core.log import Log

_DRAWN_EVERY, _SAID_EVERY = 0.1, 10.0
_WIDTH = 24
_STEPS = ((1000**3, "GB"), (1000**2, "MB"), (1000, "kB"))


class Progress:
    """The bytes of one transfer.

    Args:
        log: Where lines go.
        stream: The same stderr; a bar is drawn where it is a terminal.
        clock: Time.
        is_plain: Whether events are for people; a bar between lines of JSON is nothing.
    """

    def __init__(self, *, log: Log, stream: IO[str], clock: Clock, is_plain: bool = True) -> None:
        self._log = log
        self._stream = stream
        self._clock = clock
        self._is_terminal = is_plain and stream.isatty()
        self._lock = threading.Lock()
        self._total = self._done = 0
        self._begun = self._shown = clock.monotonic()

    def begin(self, total: int) -> None:
        """Say that so many bytes are about to be sent."""
        self._total, self._done = total, 0
        self._begun = self._shown = self._clock.monotonic()

    def add(self, count: int) -> None:
        """Count bytes that were sent; from any thread. Fewer than none were sent in vain."""
        with self._lock:
            self._done += count

    def show(self) -> None:
        """Draw the bar or say a line, if it is time for it."""
        now = self._clock.monotonic()
        if now - self._shown < (_DRAWN_EVERY if self._is_terminal else _SAID_EVERY):
            return
        self._shown = now
        if self._is_terminal:
            self._write(f"\r{self._bar(now)}\x1b[K")
        else:
            self._log.info("uploading", done=size_of(self._done), of=size_of(self._total))

    def end(self) -> None:
        """Take the bar away."""
        if self._is_terminal:
            self._write("\r\x1b[K")

    def _bar(self, now: float) -> str:
        share = min(self._done / self._total, 1.0) if self._total else 1.0
        drawn = "#" * round(share * _WIDTH)
        speed = size_of(round(self._done / max(now - self._begun, _DRAWN_EVERY)))
        return (
            f"[{drawn:<{_WIDTH}}] {share:4.0%} "
            f"{size_of(self._done)} of {size_of(self._total)}, {speed}/s"
        )

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            return


def size_of(count: int) -> str:
    """Return a number of bytes for people: ``1.2 MB``."""
    for unit, name in _STEPS:
        if abs(count) >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count} B"
