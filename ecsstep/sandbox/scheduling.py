"""What the ECS scheduler does next: which tasks to stop, how many to start."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from ecsstep.sandbox.deployments import Settings
from ecsstep.sandbox.tasks import Task


@dataclass(frozen=True, kw_only=True)
class Moves:
    """The scheduler's decision.

    Attributes:
        stop: The tasks to stop.
        start: How many tasks to start.
        is_blocked: Whether tasks are lacking and the percentages leave no way to get on.
    """

    stop: tuple[Task, ...] = ()
    start: int = 0
    is_blocked: bool = False


def decide(settings: Settings, primary_id: str, tasks: Iterable[Task], now: dt.datetime) -> Moves:
    """Return what brings the service nearer to its primary deployment.

    ECS itself takes a task that has just come to RUNNING for healthy if nothing checks its
    health; here it has to have run for some seconds.
    """
    wanted = [task for task in tasks if task.is_wanted(now)]
    new = [task for task in wanted if task.deployment_id == primary_id]
    old = [task for task in wanted if task.deployment_id != primary_id]
    lacking = settings.desired - len(new)
    room = max(settings.maximum - len(wanted), 0)
    start = max(min(lacking, room), 0)
    healthy = sum(task.is_healthy(now) for task in new)
    useless = [task for task in old if not task.is_healthy(now)]
    useful = [task for task in old if task.is_healthy(now)]
    surplus = len(useful) - max(settings.desired - healthy, 0)
    in_the_way = max(lacking - room, 0) - len(useless)
    spare = healthy + len(useful) - settings.minimum
    replaced = useless + useful[: max(min(max(surplus, in_the_way), spare), 0)]
    stop = (*replaced, *(new[lacking:] if lacking < 0 else ()))
    return Moves(
        stop=stop, start=start, is_blocked=lacking > 0 and not start and not stop and not new
    )
