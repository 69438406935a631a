"""Stand-ins and builders for Amazon ECS."""

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ecsstep.aws.ecs import TaskDefinition
from ecsstep.errors import Exit, StepError
from ecsstep.rules.service import (
    Container,
    Deployment,
    Event,
    Service,
    ServiceDeployment,
    Task,
)
from fakes import START

DATA = Path(__file__).parent / "data"
ACCOUNT = "arn:aws:ecs:us-east-1:123456789012"
OLD, NEW = f"{ACCOUNT}:task-definition/web:1", f"{ACCOUNT}:task-definition/web:2"
OLD_ID, OUR_ID, OTHER_ID = "ecs-svc/0001", "ecs-svc/0002", "ecs-svc/0003"
BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
TRIPPED = "ECS deployment circuit breaker: tasks failed to start."
WAY_BACK = "ECS deployment circuit breaker: rolling back to deploymentId"


def at(seconds: float) -> dt.datetime:
    """Return the time so many seconds after the fake clock's start."""
    return START + dt.timedelta(seconds=seconds)


def data(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def a_deployment(
    deployment_id: str = OUR_ID,
    *,
    status: str = "PRIMARY",
    state: str | None = "IN_PROGRESS",
    taskdef: str = NEW,
    reason: str = "",
    desired: int = 2,
    running: int = 0,
    pending: int = 0,
    failed: int = 0,
    created: float | None = 0,
) -> Deployment:
    return Deployment(
        id=deployment_id,
        status=status,
        taskdef_arn=taskdef,
        rollout_state=state,
        rollout_reason=reason,
        desired=desired,
        running=running,
        pending=pending,
        failed=failed,
        created_at=None if created is None else at(created),
    )


def the_old_one(**changes: Any) -> Deployment:
    given = {"deployment_id": OLD_ID, "status": "ACTIVE", "state": "COMPLETED", "taskdef": OLD}
    return a_deployment(**{**given, "running": 2, "created": -3600, **changes})


def an_event(text: str, *, seconds: float = 1, event_id: str = "") -> Event:
    return Event(id=event_id or f"{seconds} {text}", at=at(seconds), text=f"(service web) {text}")


def a_service(
    *deployments: Deployment,
    events: Iterable[Event] = (),
    taskdef: str | None = None,
    configuration: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Service:
    """Return a service that points at its primary deployment's revision."""
    primary = next((each for each in deployments if each.status == "PRIMARY"), None)
    given: dict[str, Any] = {
        "name": "web",
        "arn": f"{ACCOUNT}:service/prod/web",
        "cluster_arn": f"{ACCOUNT}:cluster/prod",
        "status": "ACTIVE",
        "taskdef_arn": taskdef or (primary.taskdef_arn if primary else OLD),
        "desired": primary.desired if primary else 0,
        "deployments": deployments,
        "events": tuple(events),
        "configuration": configuration or {},
    }
    return Service(**{**given, **changes})


def a_steady_service(**changes: Any) -> Service:
    """Return a service that runs the old revision and nothing else."""
    return a_service(the_old_one(status="PRIMARY"), **changes)


def a_container(name: str = "app", code: int | None = 1, reason: str = "") -> Container:
    return Container(name=name, exit_code=code, reason=reason)


def a_task(
    *containers: Container,
    task_id: str = "t1",
    reason: str = "Essential container in task exited",
    code: str = "EssentialContainerExited",
    started_by: str = OUR_ID,
    stopped: float = 5,
) -> Task:
    return Task(
        arn=f"{ACCOUNT}:task/prod/{task_id}",
        taskdef_arn=NEW,
        started_by=started_by,
        status="STOPPED",
        stop_code=code,
        stopped_reason=reason,
        stopped_at=at(stopped),
        containers=containers or (a_container(),),
    )


def a_record(
    status: str, *, created: float = 0, reason: str = "", rollback: str = ""
) -> ServiceDeployment:
    return ServiceDeployment(
        arn=f"{ACCOUNT}:service-deployment/prod/web/{status}",
        status=status,
        status_reason=reason,
        rollback_reason=rollback,
        created_at=at(created),
    )


def a_revision(definition: Mapping[str, Any], *, arn: str = OLD, **changes: Any) -> TaskDefinition:
    family, _, number = arn.rpartition("/")[2].rpartition(":")
    raw = {
        "taskDefinitionArn": arn,
        **definition,
        "family": family,
        "revision": int(number),
        "status": "ACTIVE",
        "compatibilities": ["EC2"],
        "registeredBy": "arn:aws:iam::123456789012:role/ci",
    }
    return TaskDefinition(**{"arn": arn, "status": "ACTIVE", "raw": raw, **changes})


A_DEFINITION: dict[str, Any] = {
    "family": "web",
    "containerDefinitions": [{"name": "app", "image": "app:1", "memory": 128}],
}
THROTTLED = StepError("Rate exceeded", exit=Exit.TEMPORARY, hint="later")
DENIED = StepError("not authorized", exit=Exit.ACCESS, hint="allow the role the action ecs:X")


def _next(answers: list[Any]) -> Any:
    """Return the next answer; the last one stays."""
    answer = answers.pop(0) if len(answers) > 1 else answers[0]
    if isinstance(answer, BaseException):
        raise answer
    return answer


@dataclass
class FakeEcs:
    """Answers in turn, the last one for ever; an exception is raised.

    Attributes:
        services: What each DescribeServices answers.
        revisions: The task definitions by any name they go by.
        registered: What was registered.
        updates: The UpdateService requests.
        after: What UpdateService answers.
    """

    services: list[Any] = field(default_factory=lambda: [None])
    revisions: Mapping[str, Any] = field(default_factory=dict)
    tasks: Any = ()
    records: Any = ()
    after: Callable[[Mapping[str, Any]], Service] | None = None
    registered: list[Mapping[str, Any]] = field(default_factory=list)
    updates: list[Mapping[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def service(self, cluster: str, name: str) -> Service | None:
        self.asked.append(f"service {cluster}/{name}")
        found: Service | None = _next(self.services)
        return found

    def task_definition(self, name: str) -> TaskDefinition:
        self.asked.append(f"task definition {name}")
        if name not in self.revisions:
            raise StepError(f"there is no revision '{name}'", exit=Exit.USAGE)
        found: TaskDefinition = _next([self.revisions[name]])
        return found

    def register(self, definition: Mapping[str, Any]) -> str:
        self.registered.append(definition)
        return NEW

    def update_service(self, request: Mapping[str, Any]) -> Service:
        self.updates.append(request)
        if self.after is not None:
            return self.after(request)
        return a_service(a_deployment(taskdef=request.get("taskDefinition", OLD)), the_old_one())

    def stopped_tasks(self, cluster: str, service: str, deployment: str) -> tuple[Task, ...]:
        found: Iterable[Task] = _next([self.tasks])
        return tuple(task for task in found if task.started_by == deployment)

    def service_deployments(self, cluster: str, service: str) -> tuple[ServiceDeployment, ...]:
        found: Iterable[ServiceDeployment] = _next([self.records])
        return tuple(found)
