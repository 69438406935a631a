"""Whether a deployment is hopeless, for a handful of calls a look."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

from ecsstep.aws.allowed import Allowed
from ecsstep.rules.hopeless import hopeless
from ecsstep.rules.rollout import Going
from ecsstep.rules.service import Task
from ecsstep.rules.watch import Watch

_LOOKS_BETWEEN_READS = 5
_READ_IN_A_LOOK = 5
# In any twelve looks no more than 4 + 12 * 0.75 + 3 = 16 calls for one service.
_CALLS_SAVED = 4.0
_CALLS_A_LOOK = 0.75
_CALLS_OF_A_READ = 4  # two lists, two descriptions


class Ecs(Protocol):
    """What is read of tasks."""

    def stopped_tasks(  # noqa: D102
        self, cluster: str, service: str, deployment: str
    ) -> tuple[Task, ...]: ...
    def running_tasks(  # noqa: D102
        self, cluster: str, service: str, deployment: str
    ) -> tuple[Task, ...]: ...


class _Known:
    """What stood there when a deployment's tasks were read last, and what may be asked again."""

    def __init__(self) -> None:
        self.failed = 0
        self.event = ""
        self.look = -_LOOKS_BETWEEN_READS
        self.calls = _CALLS_SAVED

    def calls_left(self, look: int) -> float:
        """Return how many calls may be made now; below one is none."""
        return min(_CALLS_SAVED, self.calls + (look - self.look) * _CALLS_A_LOOK)


class Troubles:
    """Reads the tasks of deployments in which something went wrong.

    At once where ECS counts another failed task; at every fifth look where there is another event
    of the service, as when a task that had started ends. Both keep to sixteen calls for a service
    in twelve looks, and to five services a look.
    """

    def __init__(self, ecs: Ecs, cluster: str, allowed: Allowed) -> None:
        self._ecs = ecs
        self._cluster = cluster
        self._allowed = allowed
        self._looks = 0
        self._known: defaultdict[str, _Known] = defaultdict(_Known)

    def judged(self, watches: Sequence[Watch]) -> tuple[Watch, ...]:
        """Return the watches, given up where they are hopeless."""
        self._looks += 1
        due = sorted(filter(self._is_due, watches), key=lambda watch: self._known[watch.name].look)
        read = {watch.name: self._read(watch) for watch in due[:_READ_IN_A_LOOK]}
        return tuple(read.get(watch.name, watch) for watch in watches)

    def _is_due(self, watch: Watch) -> bool:
        if not watch.starter or watch.service is None or not isinstance(watch.verdict, Going):
            return False
        known = self._known[watch.name]
        if known.calls_left(self._looks) <= 0:
            return False
        if watch.counts["failed"] > known.failed:
            return True
        is_other = (watch.counts["failed"], _newest(watch)) != (known.failed, known.event)
        return is_other and self._looks - known.look >= _LOOKS_BETWEEN_READS

    def _read(self, watch: Watch) -> Watch:
        known = self._known[watch.name]
        names = (self._cluster, watch.name, watch.starter)
        stopped = self._allowed("tasks", lambda: self._ecs.stopped_tasks(*names))
        known.calls = known.calls_left(self._looks) - (_CALLS_OF_A_READ if stopped else 1)
        known.look = self._looks
        if stopped is None:
            return watch
        known.failed, known.event = watch.counts["failed"], _newest(watch)
        if not stopped:
            return watch
        running = self._allowed("tasks", lambda: self._ecs.running_tasks(*names))
        # CodeDeploy decides by itself, for all but what can't heal.
        has_breaker = watch.is_code or (watch.service is not None and watch.service.has_breaker)
        return watch.given_up(hopeless(stopped, running, has_breaker=has_breaker))


def _newest(watch: Watch) -> str:
    return watch.service.events[0].id if watch.service and watch.service.events else ""
