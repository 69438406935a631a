"""The command that runs in the sandbox, and the signals that are meant for it."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Protocol, Self, TypeVar

from ecsstep.errors import Terminated
from ecsstep.text import printable

_NOT_EXECUTABLE = 126
_NOT_FOUND = 127
_SIGNAL = 128
_HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Child(Protocol):
    """A program that has been started."""

    def send_signal(self, sig: int) -> None:
        """Send it a signal, if it is still there."""
        ...


Started = TypeVar("Started", bound=Child)


def is_in_foreground(*, terminal: str = "/dev/tty") -> bool:
    """Whether a terminal tells our process group of Ctrl-C."""
    try:
        descriptor = os.open(terminal, os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(descriptor)


class Signals:
    """What Ctrl-C, SIGTERM and SIGHUP do: before the command, during it and after it.

    Before it they end us with everything put away. During it they are handed on, so that it is the
    command that decides when to end. After it they are too late: only putting away is left.
    """

    def __init__(self, *, in_foreground: Callable[[], bool] = is_in_foreground) -> None:
        self._in_foreground = in_foreground
        self._act: Callable[[int], None] = _end
        self._restore = contextlib.ExitStack()

    def __enter__(self) -> Self:
        for number in _HANDLED:
            self._restore.callback(signal.signal, number, signal.signal(number, self._arrived))
        return self

    def __exit__(self, *_error: object) -> None:
        self._restore.close()

    def begin(self, start: Callable[[], Started]) -> Started:
        """Start the command; what comes meanwhile is handed on when it is there."""
        early: list[int] = []
        self._act = early.append
        child = start()

        def hand_on(number: int) -> None:
            # A terminal tells the whole foreground group of Ctrl-C, the command among it.
            if number != signal.SIGINT or not self._in_foreground():
                child.send_signal(number)

        self._act = hand_on
        for number in early:
            child.send_signal(number)
        return child

    def end(self) -> None:
        """Heed nothing any more."""
        self._act = _ignore

    def _arrived(self, number: int, _frame: FrameType | None) -> None:
        self._act(number)


def run(
    command: tuple[str, ...],
    environ: Mapping[str, str],
    *,
    signals: Signals,
    say: Callable[[str], None],
) -> int:
    """Run the command to its end.

    Returns:
        Its exit code as a shell has it: 128 and the signal's number where one ended it, 127 where
        there is no such command, 126 where it can't be run; ``say`` is told of the last two.
    """
    try:
        child = signals.begin(lambda: subprocess.Popen(command, env=dict(environ)))  # noqa: S603 - what we are for
        code = child.wait()
    except FileNotFoundError:
        say(f"there is no '{printable(command[0])}'")
        return _NOT_FOUND
    except OSError as error:
        words = (error.strerror or str(error)).lower()
        say(f"can't run '{printable(command[0])}': {words}")
        return _NOT_EXECUTABLE
    finally:
        signals.end()
    return code if code >= 0 else _SIGNAL - code


def _end(number: int) -> None:
    raise KeyboardInterrupt if number == signal.SIGINT else Terminated


def _ignore(_number: int) -> None:
    return
