"""What can be read about why a deployment ended so; worth less than the outcome itself."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Protocol, TypeVar

from ecsstep.core.log import Log
from ecsstep.errors import StepError
from ecsstep.rules.proof import Proof, proof_of
from ecsstep.rules.service import TargetHealth, Task, log_places
from ecsstep.rules.stops import Group, grouped
from ecsstep.rules.watch import Watch
from ecsstep.value import Value

T = TypeVar("T")

ReadLog = Callable[[str, str, str, int], tuple[str, ...]]
"""Reads the last lines: region, group, stream, how many."""
SickTargets = Callable[[str], tuple[TargetHealth, ...]]
"""Reads the targets of a target group that aren't healthy, by its ARN."""
PartsOf = Callable[[str], frozenset[str] | None]
"""Reads the digests of the platforms of a pinned image; None where nobody can tell."""


class Described(Protocol):
    """A revision of a task definition, as AWS tells it."""

    @property
    def raw(self) -> Mapping[str, Any]: ...  # noqa: D102


class Ecs(Protocol):
    """What is read from ECS."""

    def stopped_tasks(  # noqa: D102
        self, cluster: str, service: str, deployment: str
    ) -> tuple[Task, ...]: ...
    def running_tasks(  # noqa: D102
        self, cluster: str, service: str, deployment: str
    ) -> tuple[Task, ...]: ...
    def task_definition(self, name: str) -> Described: ...  # noqa: D102


class Evidence(Value):
    """Reads the reasons; what may not be read is said once and left out."""

    ecs: Ecs
    read_log: ReadLog
    sick_targets: SickTargets
    parts_of: PartsOf
    log: Log
    cluster: str
    lines: int

    def stopped(self, watch: Watch) -> tuple[Group, ...]:
        """Return the deployment's stopped tasks by the way in which they stopped."""
        if not watch.starter:
            return ()
        tasks = self._allowed(
            "the stopped tasks",
            lambda: self.ecs.stopped_tasks(self.cluster, watch.name, watch.starter),
        )
        return grouped(tasks or ())

    def unwell(self, watch: Watch) -> tuple[str, ...]:
        """Return the containers that run and fail their own health check, with how many do."""
        if not watch.starter:
            return ()
        running = partial(self.ecs.running_tasks, self.cluster, watch.name, watch.starter)
        tasks = self._allowed("the running tasks", running)
        return tuple(
            each.name
            for task in tasks or ()
            for each in task.containers
            if each.health == "UNHEALTHY"
        )

    def targets(self, watch: Watch) -> tuple[TargetHealth, ...]:
        """Return the targets that aren't healthy, of the service's target groups."""
        found: list[TargetHealth] = []
        for arn in watch.service.target_groups if watch.service else ():
            sick = self._allowed("the targets' health", partial(self.sick_targets, arn))
            found.extend(sick or ())
        return tuple(found)

    def last_log_lines(self, blamed: Group | None) -> tuple[str, tuple[str, ...]] | None:
        """Return the failing container's name and its last log lines, if it ran.

        No lines where it has no log in CloudWatch Logs.
        """
        failing = blamed.failing if blamed else None
        if not self.lines or blamed is None or failing is None or failing.exit_code is None:
            return None
        name, task = failing.name, blamed.newest
        described = self._allowed(
            "the task definition", lambda: self.ecs.task_definition(task.taskdef_arn)
        )
        places = log_places(described.raw) if described else ()
        place = next((each for each in places if each.container == name), None)
        if place is None:
            return (name, ()) if described else None
        lines = self._allowed(
            f"the log '{place.group}'",
            lambda: self.read_log(place.region, place.group, place.stream(task.id), self.lines),
        )
        return None if lines is None else (name, lines)

    def proof(self, watch: Watch) -> Proof | None:
        """Return which images the deployment's tasks run, or None where that can't be read."""
        if not watch.starter or not watch.counts["desired"]:
            return None
        tasks = self._allowed(
            "the running tasks",
            lambda: self.ecs.running_tasks(self.cluster, watch.name, watch.starter),
        )
        if tasks is None:
            return None
        doubtful = dict.fromkeys(each.image for each in proof_of(tasks, {}).doubtful)
        read = {
            image: self._allowed(f"image '{image}'", partial(self.parts_of, image))
            for image in doubtful
        }
        return proof_of(tasks, {name: parts for name, parts in read.items() if parts is not None})

    def _allowed(self, what: str, read: Callable[[], T]) -> T | None:
        """Return what could be read, or None with a warning that names it."""
        try:
            return read()
        except StepError as error:
            self.log.warning(f"{what} can't be read", reason=error.message, hint=error.hint)
            return None
