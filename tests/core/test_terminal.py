"""How wide a terminal is."""

import io
import os
import pty
from collections.abc import Iterator
from typing import IO

import pytest

from ecsstep.core.terminal import room_of, width_of
from fakes import a_world


@pytest.fixture
def terminal() -> Iterator[IO[str]]:
    """Return the end of a terminal of 132 columns that a program writes to."""
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 132, 0, 0))
    with os.fdopen(theirs, "w") as stream:
        yield stream
    os.close(ours)


class _Strange(io.StringIO):
    """Says that it is a terminal and has no descriptor."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError


@pytest.mark.parametrize(
    ("environ", "expected"),
    [({}, 132), ({"COLUMNS": "80"}, 80), ({"COLUMNS": "0"}, 132), ({"COLUMNS": "wide"}, 132)],
)
def test_a_terminal_says_its_width(
    terminal: IO[str], environ: dict[str, str], expected: int
) -> None:
    assert width_of(terminal, environ) == expected


def test_what_is_no_terminal_has_none() -> None:
    assert width_of(io.StringIO(), {"COLUMNS": "80"}) is None
    assert width_of(_Strange(), {}) is None


@pytest.mark.parametrize(
    ("form", "columns", "room"),
    [("text", "80", 80 - len("step: ")), ("json", "80", None)],
)
def test_an_events_text_has_the_room_beside_its_steps_name(
    terminal: IO[str], form: str, columns: str, room: int | None
) -> None:
    world = a_world({"COLUMNS": columns}, log_format=form).world

    assert room_of(world.replaced(stderr=terminal)) == room
    assert room_of(world) is None
