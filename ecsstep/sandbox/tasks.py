"""The life of one ECS task: which status it has when, and how it ends."""

import datetime as dt
from dataclasses import dataclass, replace
from enum import StrEnum

# Seconds after its start at which a task gets on, at speed 1.
_PENDING = 2
_RUNNING = 5
_GONE = 9
_LAST_STEP = 1
# A task that has run so long counts as healthy.
HEALTHY = 5
# What is over before anybody can look.
INSTANT = 0.2
_SHUTDOWN = 11

CREATED = frozenset({"PROVISIONING", "PENDING", "ACTIVATING"})


class StopCode(StrEnum):
    """Why a task stopped, in the API's words."""

    FAILED_TO_START = "TaskFailedToStart"
    CONTAINER_EXITED = "EssentialContainerExited"
    BY_USER = "UserInitiated"
    BY_SCHEDULER = "ServiceSchedulerInitiated"


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a task ends.

    Attributes:
        at: When it begins to stop.
        code: AWS's stop code.
        reason: AWS's words.
        container: The container that failed, if one did.
        exit_code: How that container exited; None if it never ran.
        container_reason: AWS's words on that container.
    """

    at: dt.datetime
    code: StopCode
    reason: str
    container: str | None = None
    exit_code: int | None = None
    container_reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Task:
    """One task.

    Attributes:
        id: The last part of its ARN.
        deployment_id: The deployment that started it; for a task of no service, its ``startedBy``.
        task_definition: The ARN of its task definition.
        phases: Every status with the time at which it begins, the planned ones as well.
        ending: How it ends, as far as that is decided.
    """

    id: str
    deployment_id: str
    task_definition: str
    phases: tuple[tuple[dt.datetime, str], ...]
    ending: Ending | None = None

    @property
    def created_at(self) -> dt.datetime:
        """When the scheduler started it."""
        return self.phases[0][0]

    def reached(self, status: str, now: dt.datetime) -> dt.datetime | None:
        """Return when the task came to this status, or None if it did not until ``now``."""
        return next((at for at, name in self.phases if name == status and at <= now), None)

    def status(self, now: dt.datetime) -> str:
        """Return AWS's ``lastStatus``."""
        return [name for at, name in self.phases if at <= now or at == self.created_at][-1]

    def is_wanted(self, now: dt.datetime) -> bool:
        """Whether AWS's ``desiredStatus`` is RUNNING."""
        return self.ending is None or now < self.ending.at

    def is_stopped(self, now: dt.datetime) -> bool:
        """Whether nothing of it is left."""
        return self.status(now) == "STOPPED"

    def is_running(self, now: dt.datetime) -> bool:
        """Whether it counts as running."""
        return self.status(now) == "RUNNING"

    def is_healthy(self, now: dt.datetime) -> bool:
        """Whether it has been running for long enough to be relied on."""
        since = self.reached("RUNNING", now)
        return self.is_running(now) and since is not None and since + seconds(HEALTHY) <= now

    def has_failed(self, now: dt.datetime) -> bool:
        """Whether it came to its end by itself."""
        return (
            self.ending is not None
            and (
                self.ending.code in {StopCode.FAILED_TO_START, StopCode.CONTAINER_EXITED}
                or self.ending.reason.startswith("Task failed ")
            )
            and self.ending.at <= now
        )

    def moments(self) -> list[dt.datetime]:
        """Return every time at which something about this task changes."""
        healthy = [at + seconds(HEALTHY) for at, name in self.phases if name == "RUNNING"]
        return [at for at, _ in self.phases] + healthy

    def stopping(self, ending: Ending) -> "Task":
        """Return the task as somebody else than itself stops it.

        A task that runs is given time to end; one that doesn't run yet goes at once.
        """
        now = ending.at
        past = tuple(phase for phase in self.phases if phase[0] <= now)
        shutdown = _SHUTDOWN if self.is_running(now) else _LAST_STEP
        return replace(
            self,
            phases=(
                *past,
                (now, "STOPPING"),
                (now + seconds(shutdown), "DEPROVISIONING"),
                (now + seconds(shutdown + _LAST_STEP), "STOPPED"),
            ),
            ending=ending,
        )


def well(id_: str, deployment_id: str, task_definition: str, at: dt.datetime) -> Task:
    """Return a task that comes up and stays up."""
    return Task(
        id=id_,
        deployment_id=deployment_id,
        task_definition=task_definition,
        phases=(
            (at, "PROVISIONING"),
            (at + seconds(_PENDING), "PENDING"),
            (at + seconds(_RUNNING), "RUNNING"),
        ),
    )


def slow(task: Task, *, by: float) -> Task:
    """Return the task with a start that takes so many seconds longer."""
    return replace(
        task, phases=(*task.phases[:-1], (task.phases[-1][0] + seconds(by), task.phases[-1][1]))
    )


def crashing(
    task: Task, *, container: str, exit_code: int, container_reason: str | None = None
) -> Task:
    """Return the task with this container exiting soon after it came up."""
    gone = task.created_at + seconds(_GONE)
    return replace(
        task,
        phases=(
            *task.phases,
            (gone - seconds(_LAST_STEP), "DEPROVISIONING"),
            (gone, "STOPPED"),
        ),
        ending=Ending(
            at=gone - seconds(_LAST_STEP),
            code=StopCode.CONTAINER_EXITED,
            reason="Essential container in task exited",
            container=container,
            exit_code=exit_code,
            container_reason=container_reason,
        ),
    )


def unhealthy(task: Task, *, container: str, group: str) -> Task:
    """Return the task as ECS stops it, since the load balancer finds it unhealthy."""
    dying = crashing(task, container=container, exit_code=143)
    assert dying.ending is not None  # noqa: S101 - crashing gives one
    ending = replace(
        dying.ending,
        code=StopCode.BY_SCHEDULER,
        reason=f"Task failed ELB health checks in (target-group {group})",
    )
    return replace(dying, ending=ending)


def unpullable(task: Task, *, container: str, image: str) -> Task:
    """Return the task with an image that isn't there: it never runs."""
    reason = (
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): "
        f"failed to resolve ref {image}: {image}: not found"
    )
    return unable(task, container=container, reason=reason)


def unable(task: Task, *, container: str, reason: str) -> Task:
    """Return the task as it fails to start for this reason."""
    gone = task.created_at + seconds(_GONE)
    return replace(
        task,
        phases=(
            *task.phases[:-1],
            (gone - seconds(_LAST_STEP), "DEPROVISIONING"),
            (gone, "STOPPED"),
        ),
        ending=Ending(
            at=gone - seconds(_LAST_STEP),
            code=StopCode.FAILED_TO_START,
            reason=reason,
            container=container,
            container_reason=reason,
        ),
    )


def seconds(number: float) -> dt.timedelta:
    """Return so many seconds as a span."""
    return dt.timedelta(seconds=number)
