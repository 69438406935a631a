"""What a step changes of its own process while it runs."""

import atexit
import contextlib
import gc
import signal
import threading
from collections.abc import Iterator

from ecsstep.core.outside import current
from ecsstep.errors import Terminated

_SELDOM = 200_000
"""Objects made, and not yet gone, between two collections; a step's start makes fewer."""


@contextlib.contextmanager
def collecting_seldom() -> Iterator[None]:
    """Let the collector of cyclic garbage sleep while a step starts, and when it ends.

    Loading the AWS SDK makes a hundred thousand objects that stay; the collector would walk them
    over and over, and once more at the process's end: a third of a short step's time. A step that
    waits for an hour still has its garbage collected, just less often.
    """
    before = gc.get_threshold()
    gc.set_threshold(_SELDOM, *before[1:])
    atexit.register(gc.freeze)  # what is frozen isn't looked at again when Python ends
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextlib.contextmanager
def signals_raise() -> Iterator[None]:
    """Let SIGTERM raise :class:`~ecsstep.errors.Terminated`, and note when a signal arrives.

    The first signal, Ctrl-C or SIGTERM, ends the step in order. A second one ends the process at
    once, as the system does it: from a person who presses Ctrl-C again a traceback helps nobody.
    """
    ours: list[int] = [signal.SIGTERM]

    def arrived(number: int, _frame: object) -> None:
        for each in ours:
            signal.signal(each, signal.SIG_DFL)
        current().interrupted(signal.Signals(number).name)
        raise KeyboardInterrupt if number == signal.SIGINT else Terminated

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # A shell that starts us in the background has Ctrl-C ignored, which stays so.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        ours.append(signal.SIGINT)
    before = {number: signal.signal(number, arrived) for number in ours}
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is arrived:
                signal.signal(number, handler)
