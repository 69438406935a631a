"""Stopped tasks, gathered by the way in which they stopped."""

import datetime as dt
from collections.abc import Iterable

from ecsstep.rules.service import Container, Task
from ecsstep.value import Value

# SIGKILL and SIGTERM: what ECS ends the other containers with when one has ended.
_ENDED_BY_OTHERS = frozenset({137, 143})


class Group(Value):
    """Tasks that stopped in the same way.

    Attributes:
        count: How many.
        reason: ECS's words.
        stop_code: ECS's code.
        containers: The containers that tell something.
        newest: The one that stopped last.
        moments: When each of them stopped, as far as ECS tells.
    """

    count: int
    reason: str
    stop_code: str
    containers: tuple[Container, ...]
    newest: Task
    moments: tuple[dt.datetime, ...] = ()

    @property
    def text(self) -> str:
        """All of AWS's words, to look for patterns in."""
        return " ".join([self.reason, *(each.reason for each in self.containers)])

    @property
    def was_planned(self) -> bool:
        """Whether ECS took these tasks away because fewer were wanted: no failure of theirs."""
        return self.reason.startswith("Scaling activity initiated by")

    @property
    def failing(self) -> Container | None:
        """The container that most likely is to blame, if one is.

        One with words of ECS before one with an exit code alone; one that was killed last, since
        ECS kills the others when an essential container ends.
        """
        suspects = [each for each in self.containers if each.reason or each.exit_code]
        return min(suspects, key=_innocence) if suspects else None

    def __str__(self) -> str:
        tasks = "1 task" if self.count == 1 else f"{self.count} tasks"
        said = [f"{tasks} stopped: {self.reason or self.stop_code or 'no reason given'}"]
        for each in self.containers:
            ended = f" exited with code {each.exit_code}" if each.exit_code is not None else ""
            # ECS often says the same of the task and of its container.
            words = f" ({each.reason})" if each.reason not in self.reason else ""
            said.append(f"container '{each.name}'{ended}{words}")
        return "; ".join(said)


def grouped(tasks: Iterable[Task]) -> tuple[Group, ...]:
    """Return stopped tasks by the way in which they stopped, the most frequent way first."""
    by_way: dict[tuple[object, ...], list[Task]] = {}
    for task in sorted(tasks, key=_stopped_at):
        way = tuple((each.name, each.exit_code, each.reason) for each in _telling(task))
        by_way.setdefault((task.stopped_reason, task.stop_code, way), []).append(task)
    groups = [
        Group(
            count=len(found),
            reason=found[-1].stopped_reason,
            stop_code=found[-1].stop_code,
            containers=_telling(found[-1]),
            newest=found[-1],
            moments=tuple(task.stopped_at for task in found if task.stopped_at),
        )
        for found in by_way.values()
    ]
    return tuple(sorted(groups, key=lambda group: (group.was_planned, -group.count)))


def _stopped_at(task: Task) -> float:
    return task.stopped_at.timestamp() if task.stopped_at else 0.0


def _innocence(container: Container) -> int:
    if container.reason:
        return 0
    return 2 if container.exit_code in _ENDED_BY_OTHERS else 1


def _telling(task: Task) -> tuple[Container, ...]:
    """The containers that failed; without one, those that have ended."""
    bad = tuple(each for each in task.containers if each.exit_code or each.reason)
    return bad or tuple(each for each in task.containers if each.exit_code is not None)
