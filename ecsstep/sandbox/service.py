"""One service of the emulated ECS: its settings, its rollout, and what the story does to it."""

import datetime as dt
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ecsstep.sandbox import tasks
from ecsstep.sandbox.blue_green import BlueGreen
from ecsstep.sandbox.deployments import Deployment, Ids, settings_of
from ecsstep.sandbox.place import Place
from ecsstep.sandbox.rollouts import Rollout
from ecsstep.sandbox.scenarios import Fate, Story
from ecsstep.sandbox.task_definitions import TaskDefinitions
from ecsstep.sandbox.tasks import StopCode, Task, seconds

WriteLog = Callable[[str, str, list[str], dt.datetime], None]
"""Writes lines into a log group's stream at a time."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a service of the sandbox lives in."""

    place: Place
    story: Story
    definitions: TaskDefinitions
    image_exists: Callable[[str], bool]
    image_digest: Callable[[str], str | None]
    write_log: WriteLog


@dataclass(kw_only=True)
class Service:
    """A service.

    Attributes:
        settings: What CreateService and UpdateService said, in the API's names.
        revisions: Its service revisions by ARN, in the API's shape.
        is_seeded: Whether it was there from the start; then its first images aren't looked up.
    """

    name: str
    cluster: str
    surroundings: Surroundings
    settings: dict[str, Any]
    desired: int
    created_at: dt.datetime
    tags: Sequence[Mapping[str, str]] = ()
    is_seeded: bool = False
    revisions: dict[str, dict[str, Any]] = field(default_factory=dict)
    _plans: list[tuple[dt.datetime, Callable[[dt.datetime], None]]] = field(default_factory=list)
    _is_told: bool = False
    _greeted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.ids = Ids(f"{self.arn} {self.created_at.isoformat()}")
        self.rollout: Rollout | BlueGreen = self._new_rollout()

    def _new_rollout(self) -> Rollout | BlueGreen:
        settings = settings_of(self.desired, self.settings["deploymentConfiguration"])
        if self.settings["deploymentController"]["type"] == "CODE_DEPLOY":
            return BlueGreen(
                service=self.name,
                ids=self.ids,
                birth=self._birth,
                settings=settings,
                before_traffic=self.surroundings.story.before_traffic,
            )
        return Rollout(
            service=self.name,
            ids=self.ids,
            birth=self._birth,
            settings=settings,
            rollback_id=self.surroundings.story.rollback_id,
        )

    @property
    def arn(self) -> str:
        """The service's ARN."""
        return self.surroundings.place.arn(f"service/{self.cluster}/{self.name}")

    @property
    def task_definition(self) -> str:
        """The ARN of the task definition that the service points at."""
        primary = self.rollout.primary
        return primary.task_definition if primary else self._definitions()[-1]

    def advance(self, to: dt.datetime) -> None:
        """Let everything happen that happens until then, the story's part in its turn."""
        while self._plans and self._plans[0][0] <= to:
            at, act = self._plans.pop(0)
            self.rollout.advance(at)
            if self.rollout.status == "ACTIVE":
                act(at)
        self.rollout.advance(to)
        self._write_logs(to)

    def deploy(self, at: dt.datetime, task_definition: str, *, fate: Fate | None = None) -> None:
        """Begin a deployment, with the fate that the story has for it unless one is given."""
        arn = self.revise(at, task_definition)
        self.rollout.deploy(
            at,
            task_definition=task_definition,
            revision=arn,
            fate=fate or self._fate_of(task_definition),
        )

    def tell_story(self, at: dt.datetime) -> None:
        """Plan what others do after the first update."""
        story = self.surroundings.story
        if self._is_told:
            return
        self._is_told = True
        if story.takeover_after is not None:
            self._plans.append((at + seconds(story.takeover_after), self._take_over))
        if story.stop_after is not None:
            self._plans.append((at + seconds(story.stop_after), self._stop))
        if story.alarm_after is not None:
            self._plans.append((at + seconds(story.alarm_after), self._raise_alarm))
        if story.deletion_after is not None:
            self._plans.append((at + seconds(story.deletion_after), self.rollout.close))

    def _stop(self, at: dt.datetime) -> None:
        """Somebody stops the deployment."""
        self.rollout.stop_deployment(at)

    def _raise_alarm(self, at: dt.datetime) -> None:
        self.rollout.raise_alarm(at, f"{self.name}-5xx")

    def _take_over(self, at: dt.datetime) -> None:
        """Somebody else deploys what was there before, as a new revision."""
        definitions = self.surroundings.definitions
        before = self.rollout.completed
        source = definitions.find(before.task_definition if before else self.task_definition)
        copy, _ = definitions.copy(source or {}, at, by=self.surroundings.place.somebody)
        self.deploy(at, copy["taskDefinitionArn"], fate=Fate.WELL)

    def _definitions(self) -> list[str]:
        return [revision["taskDefinition"] for revision in self.revisions.values()]

    def _fate_of(self, task_definition: str) -> Fate:
        """Going back to what was deployed well before goes well; anything else is the story's."""
        good = {
            self.revisions[record.target]["taskDefinition"]
            for record in self.rollout.records
            if record.status == "SUCCESSFUL"
        }
        primary = self.rollout.primary
        is_back = task_definition in good and (
            primary is None or primary.task_definition != task_definition
        )
        return Fate.WELL if is_back else self.surroundings.story.fate

    def revise(self, at: dt.datetime, task_definition: str) -> str:
        """Make a service revision and return its ARN."""
        path = f"service-revision/{self.cluster}/{self.name}/{self.ids.number()}"
        arn = self.surroundings.place.arn(path)
        self.revisions[arn] = {
            **self.settings,
            "serviceRevisionArn": arn,
            "serviceArn": self.arn,
            "clusterArn": self.surroundings.place.arn(f"cluster/{self.cluster}"),
            "taskDefinition": task_definition,
            "containerImages": [
                {
                    "containerName": container["name"],
                    "image": container["image"],
                    "imageDigest": self.digest(container["image"]),
                }
                for container in self.containers(task_definition)
            ],
            "createdAt": at,
        }
        return arn

    def containers(self, task_definition: str) -> list[dict[str, Any]]:
        """Return the container definitions of one of the service's task definitions."""
        found = self.surroundings.definitions.find(task_definition)
        containers: list[dict[str, Any]] = found["containerDefinitions"] if found else []
        return containers

    @property
    def group(self) -> str:
        """The group of its tasks."""
        return f"service:{self.name}"

    def digest(self, image: str) -> str:
        """Return an image's digest, a made-up one for an image that is elsewhere."""
        return image_digest(self.surroundings, image)

    def _birth(self, task_id: str, deployment: Deployment, at: dt.datetime) -> Task:
        task = tasks.well(task_id, deployment.id, deployment.task_definition, at)
        containers = self.containers(deployment.task_definition)
        failing = self._failing(containers)
        for container in containers:
            if not self.is_seeded and not self.surroundings.image_exists(container["image"]):
                return tasks.unpullable(task, container=container["name"], image=container["image"])
        if deployment.fate is Fate.IMAGE_MISSING:
            return tasks.unpullable(task, container=failing["name"], image=failing["image"])
        story = self.surroundings.story
        if deployment.fate is Fate.CANNOT_START:
            return tasks.unable(task, container=failing["name"], reason=story.stop_reason)
        if deployment.fate is Fate.CRASH:
            return tasks.crashing(
                task,
                container=failing["name"],
                exit_code=story.exit_code,
                container_reason=story.stop_reason or None,
            )
        if deployment.fate is Fate.UNHEALTHY:
            group = str(self.settings["loadBalancers"][0]["targetGroupArn"])
            return tasks.unhealthy(task, container=failing["name"], group=group)
        if deployment.fate is Fate.SLOW:
            return tasks.slow(task, by=story.start_seconds)
        return task

    def _failing(self, containers: list[dict[str, Any]]) -> dict[str, Any]:
        named = [c for c in containers if c["name"] == self.surroundings.story.failing_container]
        return (named or [c for c in containers if c["essential"]])[0]

    def _write_logs(self, now: dt.datetime) -> None:
        """Write what containers say when they are up, and before they crash."""
        for task in self.rollout.tasks.values():
            up = task.reached("RUNNING", now)
            if up and task.id not in self._greeted:
                self._greeted.add(task.id)
                for container in self.containers(task.task_definition):
                    self._log(task, container, [f"{container['name']}: started"], up)
        for task in self.rollout.failures:
            if task.ending and task.ending.code is not StopCode.FAILED_TO_START:
                for container in self.containers(task.task_definition):
                    if container["name"] == task.ending.container:
                        lines = list(self.surroundings.story.last_words)
                        self._log(task, container, lines, task.ending.at)
        self.rollout.failures.clear()

    def _log(
        self, task: Task, container: Mapping[str, Any], lines: list[str], at: dt.datetime
    ) -> None:
        place = log_stream(container, task.id)
        if place is not None and lines:
            self.surroundings.write_log(*place, lines, at)


def image_digest(surroundings: Surroundings, image: str) -> str:
    """Return an image's digest, a made-up one for an image that is elsewhere."""
    _, at, pinned = image.partition("@")
    known = pinned if at else surroundings.image_digest(image)
    if at and surroundings.story.wrong_digest:
        known = None
    return known or "sha256:" + hashlib.sha256(image.encode()).hexdigest()


def log_stream(container: Mapping[str, Any], task_id: str) -> tuple[str, str] | None:
    """Return the group and the stream that a container logs to, if it does by awslogs."""
    logs = container.get("logConfiguration") or {}
    options = logs.get("options") or {}
    group, prefix = options.get("awslogs-group"), options.get("awslogs-stream-prefix")
    if logs.get("logDriver") != "awslogs" or not group:
        return None
    return group, f"{prefix}/{container['name']}/{task_id}" if prefix else task_id
