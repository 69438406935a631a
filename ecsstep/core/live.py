"""What moves while a step waits: lines that are drawn anew on a terminal, sections in GitLab."""

import contextlib
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
        write(self._stream, "".join(f"{printable(line)[:_COLUMNS]}\n" for line in lines))
        self._drawn = len(lines)

    def clear(self) -> None:
        """Take the lines away, so that an event can be said."""
        if self._drawn:
            write(self._stream, f"\x1b[{self._drawn}F\x1b[J")
            self._drawn = 0


@contextlib.contextmanager
def section(
    stream: IO[str], environ: Mapping[str, str], clock: Clock, *, name: str, title: str
) -> Iterator[None]:
    """Fold what is said meanwhile into a collapsed section of a GitLab job's log.

    Elsewhere nothing is written. The markers:
    https://docs.gitlab.com/ci/jobs/job_logs/#create-custom-collapsible-sections
    """
    if environ.get("GITLAB_CI") != "true":
        yield
        return
    now = int(clock.now().timestamp())
    start = f"section_start:{now}:{name}[collapsed=true]\r\x1b[0K{printable(title)}"
    write(stream, f"\x1b[0K{start}\n")
    try:
        yield
    finally:
        end = f"section_end:{int(clock.now().timestamp())}:{name}\r\x1b[0K"
        write(stream, f"\x1b[0K{end}\n")


def write(stream: IO[str], text: str) -> None:
    """Write to a terminal; one that is gone is no reason to fail a deployment."""
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError):
        return
