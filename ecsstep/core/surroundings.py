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
    """Let SIGTERM raise :class:`~ecsstep.errors.Terminated`, and note when a signal arrives."""

    def terminated(_signal: int, _frame: object) -> None:
        # A second one finds the default again and ends us at once.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        current().interrupted("SIGTERM")
        raise Terminated

    def interrupted(_signal: int, _frame: object) -> None:
        current().interrupted("SIGINT")
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with contextlib.ExitStack() as stack:
        before = signal.signal(signal.SIGTERM, terminated)
        stack.callback(signal.signal, signal.SIGTERM, before)
        # A shell that starts us in the background has Ctrl-C ignored, which stays so.
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, interrupted)
            stack.callback(signal.signal, signal.SIGINT, signal.default_int_handler)
        yield
