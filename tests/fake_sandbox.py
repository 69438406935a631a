"""An emulated ECS with time in hand."""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

from ecsstep.sandbox.api import serialised
from ecsstep.sandbox.ecs import Ecs
from ecsstep.sandbox.scenarios import SCENARIOS
from ecsstep.sandbox.seed import seed
from fakes import START, FakeClock

REGION = "ap-northeast-1"
ACCOUNT = "123456789012"
REGISTRY = "127.0.0.1:5000"
DIGEST = "sha256:" + "d" * 64


@dataclass
class EcsWorld:
    """The emulated ECS, what is around it, and what was written into logs."""

    ecs: Ecs
    clock: FakeClock
    logs: list[tuple[str, str, list[str], float]]
    missing: set[str] = field(default_factory=set)

    def call(self, operation: str, **body: Any) -> dict[str, Any]:
        """Return the answer as it stands on the wire."""
        return serialised("ecs", operation, self.ecs.answer(operation, body))

    def go_to(self, seconds: float) -> "EcsWorld":
        self.clock.elapsed = seconds
        return self

    def service(self, name: str = "web") -> dict[str, Any]:
        answer = self.call("DescribeServices", cluster="demo", services=[name])
        service: dict[str, Any] = answer["services"][0]
        return service

    def update(self, name: str = "web", **body: Any) -> dict[str, Any]:
        answer = self.call("UpdateService", cluster="demo", service=name, **body)
        service: dict[str, Any] = answer["service"]
        return service

    def deploy(self, name: str = "web") -> str:
        """Force a deployment and return its id."""
        id_: str = self.update(name, forceNewDeployment=True)["deployments"][0]["id"]
        return id_

    def record(self, name: str = "web") -> dict[str, Any]:
        """Return the current service deployment."""
        arn = self.service(name)["currentServiceDeployment"]
        answer = self.call("DescribeServiceDeployments", serviceDeploymentArns=[arn])
        record: dict[str, Any] = answer["serviceDeployments"][0]
        return record

    def tasks(self, name: str = "web", status: str = "RUNNING") -> list[dict[str, Any]]:
        arns = self.call("ListTasks", cluster="demo", serviceName=name, desiredStatus=status)
        if not arns["taskArns"]:
            return []
        answer = self.call("DescribeTasks", cluster="demo", tasks=arns["taskArns"])
        tasks: list[dict[str, Any]] = answer["tasks"]
        return tasks

    def events(self, name: str = "web") -> list[tuple[float, str]]:
        """Return the events since the start, oldest first, ids of tasks left out."""
        return [
            (at, event["message"].partition(": (task ")[0])
            for event in reversed(self.service(name)["events"])
            if (at := event["createdAt"] - START.timestamp()) >= 0
        ]


def an_ecs(scenario: str = "steady", *, is_seeded: bool = True, **story: Any) -> EcsWorld:
    """Return an emulated ECS at second 0 in which this story is told, members of it varied."""
    clock = FakeClock()
    logs: list[tuple[str, str, list[str], float]] = []
    missing: set[str] = set()

    def write_log(group: str, stream: str, lines: list[str], at: dt.datetime) -> None:
        logs.append((group, stream, lines, (at - START).total_seconds()))

    ecs = Ecs(
        clock=clock,
        region=REGION,
        account=ACCOUNT,
        story=replace(SCENARIOS[scenario], **story),
        image_exists=lambda image: image not in missing,
        image_digest=lambda image: DIGEST if image.endswith(":v1.0.0") else None,
        write_log=write_log,
    )
    if is_seeded:
        seed(ecs, registry=REGISTRY, region=REGION)
    return EcsWorld(ecs=ecs, clock=clock, logs=logs, missing=missing)


def a_definition(**members: Any) -> dict[str, Any]:
    """Return a task definition that ECS takes."""
    return {
        "family": "worker",
        "containerDefinitions": [{"name": "app", "image": "app:1", "memory": 128}],
        **members,
    }
