"""What becomes of a task that no service started: the errands of the stories."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ecsstep.sandbox import tasks
from ecsstep.sandbox.tasks import Ending, StopCode, Task, seconds

_MIGRATION = (
    "migrate: 3 migrations to run",
    "migrate: 2026_01_01_000000_create_orders ... done",
    "migrate: 2026_01_02_000000_add_index_to_orders ... done",
    "migrate: 2026_01_03_000000_drop_carts ... done",
)


@dataclass(frozen=True, kw_only=True)
class Errand:
    """How a one-off task goes. Times are sandbox seconds.

    Attributes:
        words: What its container logs, evenly while it runs.
        seconds: How long it runs; None for ever.
        exit_code: How its container exits.
        container_reason: AWS's words on that container.
        is_fast: Whether it is over before anybody can look.
        cannot_start: AWS's words for why it never runs.
        not_placed: Why no task is started at all: the reason among the answer's failures.
        others_end_first: Whether another container of the task ends it by exiting with 1.
    """

    words: tuple[str, ...] = _MIGRATION
    seconds: float | None = 12
    exit_code: int = 0
    container_reason: str | None = None
    is_fast: bool = False
    cannot_start: str = ""
    not_placed: str = ""
    others_end_first: bool = False


_WELL = Errand()
ERRANDS: Mapping[str, Errand] = {
    "well": _WELL,
    "exit-3": Errand(
        words=(*_MIGRATION[:2], "migrate: SQLSTATE[HY000] [2002] Connection refused"), exit_code=3
    ),
    "fast": replace(_WELL, is_fast=True),
    "killed": Errand(
        words=_MIGRATION[:1],
        exit_code=137,
        container_reason="OutOfMemoryError: Container killed due to memory usage",
    ),
    "cannot-start": Errand(
        cannot_start="ResourceInitializationError: unable to pull secrets or registry auth: "
        "execution resource retrieval failed: unable to retrieve secret from asm: service call "
        "has been retried 1 time(s): AccessDeniedException: User: arn:aws:sts::123456789012:"
        "assumed-role/ecsTaskExecutionRole is not authorized to perform: "
        "secretsmanager:GetSecretValue on resource: db-password"
    ),
    "no-capacity": Errand(
        not_placed="Capacity is unavailable at this time. Please try again later or in a "
        "different availability zone"
    ),
    "cut-short": replace(_WELL, others_end_first=True),
    "endless": replace(_WELL, seconds=None),
}
"""The errands by the names that a story's task may have."""


def sent(errand: Errand, task: Task, *, container: str, others: tuple[str, ...]) -> Task:
    """Return a task that has just been started, with its end where that is known.

    Args:
        errand: How it is to go.
        task: The task, as one that comes up and stays up.
        container: The container that does the work.
        others: The essential ones beside it.
    """
    if errand.cannot_start:
        return tasks.unable(task, container=container, reason=errand.cannot_start)
    if errand.is_fast:
        # Its whole life is shorter than the way of one call and back.
        up = task.created_at + seconds(tasks.INSTANT)
        task = replace(task, phases=(task.phases[0], (up, "RUNNING")))
    if errand.seconds is None:
        return task
    up = task.phases[-1][0]
    gone = up + seconds(tasks.INSTANT if errand.is_fast else errand.seconds)
    ended_by = others[0] if errand.others_end_first and others else container
    return replace(
        task,
        phases=(*task.phases, (gone, "DEPROVISIONING"), (gone + seconds(tasks.INSTANT), "STOPPED")),
        ending=Ending(
            at=gone,
            code=StopCode.CONTAINER_EXITED,
            reason="Essential container in task exited",
            container=ended_by,
            exit_code=errand.exit_code if ended_by == container else 1,
            container_reason=errand.container_reason,
        ),
    )


def said_until(errand: Errand, task: Task, now: dt.datetime) -> list[tuple[dt.datetime, str]]:
    """Return what the container has said until now, with the moment of each line."""
    up = task.reached("RUNNING", now)
    if up is None:
        return []
    end = task.ending.at if task.ending else None
    pace = seconds((errand.seconds or len(errand.words)) / (len(errand.words) + 1))
    if errand.is_fast:
        pace = seconds(0)
    moments = [(up + pace * (at + 1), line) for at, line in enumerate(errand.words)]
    return [(at, line) for at, line in moments if at <= now and (end is None or at <= end)]
