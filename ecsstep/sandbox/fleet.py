"""A service's tasks and events, and the moments at which something is about to change."""

import datetime as dt
import heapq
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ecsstep.sandbox.deployments import Deployment, Ids
from ecsstep.sandbox.tasks import Ending, StopCode, Task, seconds

_STOPPED_KEPT = 3600  # seconds for which stopped tasks can be described
_EVENTS_KEPT = 100


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of a service's events."""

    id: str
    at: dt.datetime
    message: str


Birth = Callable[[str, Deployment, dt.datetime], Task]
"""Makes a task: its id, whose it is and when it starts; the result holds how it will end."""


class Fleet:
    """The tasks of one service.

    Attributes:
        tasks: By id, oldest first, the stopped ones of the last hour among them.
        events: Newest first.
    """

    def __init__(self, *, service: str, ids: Ids, birth: Birth) -> None:
        self.tasks: dict[str, Task] = {}
        self.events: deque[Event] = deque(maxlen=_EVENTS_KEPT)
        self._service = service
        self._ids = ids
        self._birth = birth
        self._agenda: list[dt.datetime] = []

    def due(self, to: dt.datetime) -> Iterator[dt.datetime]:
        """Yield each moment at which something changes until then; more may be added meanwhile."""
        while self._agenda and self._agenda[0] <= to:
            now = heapq.heappop(self._agenda)
            while self._agenda and self._agenda[0] == now:
                heapq.heappop(self._agenda)
            yield now
        old = to - seconds(_STOPPED_KEPT)
        self.tasks = {i: task for i, task in self.tasks.items() if not task.is_stopped(old)}

    def wake(self, at: dt.datetime) -> None:
        """Let something be looked at then."""
        heapq.heappush(self._agenda, at)

    def say(self, at: dt.datetime, what: str) -> None:
        """Add an event."""
        message = f"(service {self._service}) {what}"
        self.events.appendleft(Event(id=self._ids.uuid(), at=at, message=message))

    def live(self, now: dt.datetime) -> list[Task]:
        """Return the tasks that are not stopped."""
        return [task for task in self.tasks.values() if not task.is_stopped(now)]

    def start(self, deployment: Deployment, number: int, now: dt.datetime) -> None:
        """Start so many tasks of a deployment."""
        born = [self._birth(self._ids.hexadecimal(), deployment, now) for _ in range(number)]
        self._keep(born, now)
        self.say(now, f"has started {number} tasks: {_named(born)}.")

    def stop(self, tasks: Sequence[Task], at: dt.datetime, code: StopCode, reason: str) -> None:
        """Stop tasks."""
        ending = Ending(at=at, code=code, reason=reason)
        self._keep([task.stopping(ending) for task in tasks], at)
        if tasks:
            self.say(at, f"has stopped {len(tasks)} running tasks: {_named(tasks)}.")

    def _keep(self, tasks: Iterable[Task], now: dt.datetime) -> None:
        for task in tasks:
            self.tasks[task.id] = task
            for moment in task.moments():
                if moment >= now:
                    self.wake(moment)


def _named(tasks: Iterable[Task]) -> str:
    return " ".join(f"(task {task.id})" for task in tasks)
