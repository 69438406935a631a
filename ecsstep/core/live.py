"""What moves while a step waits: lines that are drawn anew on a terminal, sections in GitLab."""

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import IO

from ecsstep.core.clock import Clock
from ecsstep.text import printable

_COLUMNS = 100


class Live:
    """Lines at the end of a terminal that change in their place.

    Anywhere else, and between events that are JSON, nothing is drawn.

    Attributes:
        is_on: Whether anything is drawn.
    """

    def __init__(self, stream: IO[str], *, is_plain: bool) -> None:
        self._stream = stream
        self.is_on = is_plain and stream.isatty()
        self._drawn = 0

    def show(self, lines: Sequence[str]) -> None:
        """Draw these lines in place of those that were drawn before."""
        if not self.is_on:
            return
        self.clear()
        # A line that the terminal breaks in two would not be taken away whole.
        columns = _columns(self._stream)
        write(self._stream, "".join(f"{printable(line)[:columns]}\n" for line in lines))
        self._drawn = len(lines)

    def clear(self) -> None:
        """Take the lines away, so that an event can be said."""
        if self._drawn:
            write(self._stream, f"\x1b[{self._drawn}F\x1b[J")
            self._drawn = 0


def _columns(stream: IO[str]) -> int:
    """Return how much of a line is shown, and never broken in two."""
    try:
        wide = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return _COLUMNS
    # A terminal that doesn't know tells 0.
    return min(wide - 1, _COLUMNS) if wide > 1 else _COLUMNS


class Section:
    """A collapsed section of a GitLab job's log; elsewhere nothing is written.

    The markers: https://docs.gitlab.com/ci/jobs/job_logs/#create-custom-collapsible-sections
    """

    def __init__(
        self, stream: IO[str], environ: Mapping[str, str], clock: Clock, *, name: str, title: str
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._is_on = environ.get("GITLAB_CI") == "true"
        self._base = name
        self._title = title
        self._number = 0

    @contextlib.contextmanager
    def folded(self) -> Iterator[None]:
        """Fold what is said meanwhile."""
        self._begin()
        try:
            yield
        finally:
            self._end()

    @contextlib.contextmanager
    def unfolded(self) -> Iterator[None]:
        """Leave open what is said meanwhile, within :meth:`folded`: somebody has to see it."""
        self._end()
        try:
            yield
        finally:
            self._begin()

    def _begin(self) -> None:
        self._number += 1
        self._mark(f"section_start:{self._now}:{self._name}[collapsed=true]", self._title)

    def _end(self) -> None:
        self._mark(f"section_end:{self._now}:{self._name}")

    @property
    def _name(self) -> str:
        """A name of its own for each part: GitLab tells them apart by it."""
        return self._base if self._number == 1 else f"{self._base}_{self._number}"

    @property
    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    def _mark(self, marker: str, title: str = "") -> None:
        if self._is_on:
            write(self._stream, f"\x1b[0K{marker}\r\x1b[0K{printable(title)}\n")


@contextlib.contextmanager
def section(
    stream: IO[str], environ: Mapping[str, str], clock: Clock, *, name: str, title: str
) -> Iterator[None]:
    """Fold what is said meanwhile into a collapsed section of a GitLab job's log."""
    with Section(stream, environ, clock, name=name, title=title).folded():
        yield


def write(stream: IO[str], text: str) -> None:
    """Write to a terminal; one that is gone is no reason to fail a deployment."""
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError):
        return
