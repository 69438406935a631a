"""Several things at once, in threads that never outlive an interruption."""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

_TICK_SECONDS = 0.1
_T = TypeVar("_T")
_U = TypeVar("_U")


def together(
    deeds: Sequence[Callable[[], _T]],
    *,
    most: int,
    meanwhile: Callable[[], None] = lambda: None,
    stop: threading.Event | None = None,
) -> tuple[_T, ...]:
    """Return what each deed gives, in their order.

    The first error is raised once every worker has ended. The threads are daemons, so that Ctrl-C
    and SIGTERM, which reach the calling thread alone, need not wait for a network.

    Args:
        deeds: What to do.
        most: How many of them at once.
        meanwhile: Called in the calling thread, about ten times a second.
        stop: Is set when one of them fails or the caller is interrupted; a long deed may watch it.
    """
    stop = stop or threading.Event()
    crew = _Crew(deeds, stop)
    working = crew.start(min(most, len(deeds)))
    errors: list[BaseException] = []
    found: dict[int, _T] = {}
    try:
        while working:
            meanwhile()
            try:
                said = crew.said.get(timeout=_TICK_SECONDS)
            except Empty:
                continue
            if said is None:
                working -= 1
            elif isinstance(said, BaseException):
                errors.append(said)
            else:
                found[said[0]] = said[1]
    finally:
        stop.set()
    if errors:
        raise errors[0]
    return tuple(found[at] for at in range(len(deeds)))


def both(one: Callable[[], _T], other: Callable[[], _U]) -> tuple[_T, _U]:
    """Return what two deeds give, done side by side to their ends.

    Of two errors the first deed's is raised, whichever came first.
    """
    found: list[Any] = [None, None]
    errors: dict[int, Exception] = {}

    def do(at: int, deed: Callable[[], object]) -> None:
        try:
            found[at] = deed()
        except Exception as error:  # noqa: BLE001 - it is raised again
            errors[at] = error

    together([partial(do, 0, one), partial(do, 1, other)], most=2)
    for _, error in sorted(errors.items()):
        raise error
    return found[0], found[1]


class _Crew(Generic[_T]):
    """Threads that take one deed after another until there is none, or one has failed."""

    def __init__(self, deeds: Sequence[Callable[[], _T]], stop: threading.Event) -> None:
        self.said: SimpleQueue[tuple[int, _T] | BaseException | None] = SimpleQueue()
        self._waiting: SimpleQueue[tuple[int, Callable[[], _T]]] = SimpleQueue()
        self._stop = stop
        for numbered in enumerate(deeds):
            self._waiting.put(numbered)

    def start(self, count: int) -> int:
        for _ in range(count):
            threading.Thread(target=self._work, daemon=True).start()
        return count

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                at, deed = self._waiting.get_nowait()
            except Empty:
                break
            try:
                self.said.put((at, deed()))
            except BaseException as error:  # noqa: BLE001 - it is raised again, by the caller
                self._stop.set()
                self.said.put(error)
        self.said.put(None)
