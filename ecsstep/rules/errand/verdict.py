"""How a one-off task stands, by the exit code of the container that does the work.

A task that has stopped says nothing by that: only the container's own exit code does, and a 0 only
where the container ended by itself. One that ECS ends with SIGTERM may well exit with 0.
"""

from collections.abc import Iterable
from typing import TypeAlias

from ecsstep.errors import Exit
from ecsstep.rules.service import Container, Task
from ecsstep.value import Value

_STOPPED = "STOPPED"
_BY_ITSELF = "EssentialContainerExited"
# What a container that ECS ends exits with: nothing to hold against it.
_ENDED = frozenset({0, 137, 143})


class Going(Value):
    """It is not over.

    Attributes:
        status: ECS's word for how far it has come.
    """

    status: str


class Succeeded(Value):
    """The container has done its work and exited with 0.

    Attributes:
        runs_on: Whether the task runs on without it, since it isn't an essential one.
    """

    runs_on: bool = False


class Exited(Value):
    """The container exited with another code."""

    code: int
    reason: str = ""
    runs_on: bool = False


class NeverRan(Value):
    """The container never ran, so it has no exit code."""

    reason: str


class CutShort(Value):
    """Something else ended it; a 0 says nothing then.

    Attributes:
        code: The container's exit code, if it has one.
    """

    reason: str
    code: int | None = None


class NotPlaced(Value):
    """ECS started no task.

    Attributes:
        reason: The failure in RunTask's answer.
    """

    reason: str


class Lost(Value):
    """ECS knows the task no more: it forgets one an hour after its end."""


class Unwatched(Value):
    """It was started, and then it couldn't be looked at any more.

    Attributes:
        reason: Why.
        exit: What kind of failure that is.
        hint: The next thing to do about it.
    """

    reason: str
    exit: Exit
    hint: str = ""


TaskVerdict: TypeAlias = (
    Going | Succeeded | Exited | NeverRan | CutShort | NotPlaced | Lost | Unwatched
)


def judged(
    task: Task, container: str, essentials: Iterable[str], *, ended_before: str = ""
) -> TaskVerdict:
    """Return how the task stands.

    Args:
        task: The task, as DescribeTasks tells it.
        container: The container that does the work.
        essentials: The containers whose end is the task's end.
        ended_before: An essential container that was seen ended while this one still ran.
    """
    essentials = frozenset(essentials)
    ours = next((each for each in task.containers if each.name == container), None)
    code = ours.exit_code if ours else None
    is_over = task.status == _STOPPED
    runs_on = container not in essentials and not is_over and not task.stop_code
    if code is None:
        return _without_code(task) if is_over else Going(status=task.status)
    if not (is_over or task.stop_code or runs_on):
        # Who ended it is told with the stop code, a moment later.
        return Going(status=task.status)
    if task.stop_code not in {"", _BY_ITSELF}:
        return CutShort(reason=_words(task), code=code)
    if code:
        return Exited(code=code, reason=ours.reason if ours else "", runs_on=runs_on)
    other = ended_before or _first_failed(task, container, essentials)
    if other and not runs_on:
        return CutShort(
            reason=f"container '{other}' ended as well, perhaps before '{container}' was done",
            code=code,
        )
    return Succeeded(runs_on=runs_on)


def ended_before(task: Task, container: str, essentials: Iterable[str]) -> str:
    """Return an essential container that has ended while the one that works still runs."""
    by_name = {each.name: each for each in task.containers}
    ours = by_name.get(container)
    if ours is None or ours.status == _STOPPED or ours.exit_code is not None:
        return ""
    others = (by_name[name] for name in sorted(essentials) if name in by_name)
    return next((each.name for each in others if _has_ended(each)), "")


def _has_ended(container: Container) -> bool:
    return container.status == _STOPPED and container.exit_code is not None


def _first_failed(task: Task, container: str, essentials: frozenset[str]) -> str:
    """Return another essential container that failed by itself."""
    return next(
        (
            each.name
            for each in task.containers
            if each.name != container
            and each.name in essentials
            and (each.exit_code or 0) not in _ENDED
        ),
        "",
    )


def _without_code(task: Task) -> TaskVerdict:
    if task.started_at is None:
        return NeverRan(reason=_words(task))
    return CutShort(reason=_words(task))


def _words(task: Task) -> str:
    """Return AWS's words about a task's end; ECS often says the same of a container once more."""
    said = [task.stopped_reason, *(each.reason for each in task.containers)]
    words = [each for at, each in enumerate(said) if each and each not in said[:at]]
    return "; ".join(words) or task.stop_code or "ECS gives no reason"
