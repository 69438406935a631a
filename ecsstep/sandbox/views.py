"""The emulated ECS's things in the API's shapes."""

import datetime as dt
from collections.abc import Mapping
from typing import Any, Protocol

from ecsstep.sandbox.blue_green import BlueGreen
from ecsstep.sandbox.deployments import Deployment, Record
from ecsstep.sandbox.place import Place
from ecsstep.sandbox.service import Service, Surroundings
from ecsstep.sandbox.tasks import CREATED, Task

_LISTED = ("loadBalancers", "serviceRegistries", "placementConstraints", "placementStrategy")
_ALIKE = ("launchType", "platformVersion", "platformFamily", "networkConfiguration")
_ALIKE_IN_DEPLOYMENTS = (
    *_ALIKE,
    "capacityProviderStrategy",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
)


def service_view(service: Service, now: dt.datetime) -> dict[str, Any]:
    """Return the shape Service."""
    rollout, place = service.rollout, service.surroundings.place
    tasks = list(rollout.tasks.values())
    role = "aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"
    return {
        **{name: [] for name in _LISTED},
        **service.settings,
        "serviceArn": service.arn,
        "serviceName": service.name,
        "clusterArn": place.arn(f"cluster/{service.cluster}"),
        "status": rollout.status,
        "desiredCount": rollout.settings.desired,
        **_counts(tasks, now),
        "taskDefinition": service.task_definition,
        "deployments": [deployment_view(service, d, now) for d in rollout.deployments],
        "roleArn": place.principal(f"role/{role}"),
        "events": [
            {"id": event.id, "createdAt": event.at, "message": event.message}
            for event in rollout.events
        ],
        "createdAt": service.created_at,
        "createdBy": place.caller,
        "taskSets": task_set_views(service, now),
        "currentServiceDeployment": record_arn(service, rollout.records[0])
        if rollout.records
        else None,
        "currentServiceRevisions": [_revision_counts(service, d, now) for d in rollout.deployments],
    }


def deployment_view(service: Service, deployment: Deployment, now: dt.datetime) -> dict[str, Any]:
    """Return the shape Deployment."""
    settings = {name: service.settings.get(name) for name in _ALIKE_IN_DEPLOYMENTS}
    is_shifting = service.rollout.settings.strategy is not None
    return {
        **settings,
        "id": deployment.id,
        "status": deployment.status,
        "taskDefinition": deployment.task_definition,
        "desiredCount": _desired(service, deployment, now),
        **_counts(service.rollout.tasks_of(deployment), now),
        "failedTasks": deployment.failed_tasks,
        "createdAt": deployment.created_at,
        "updatedAt": deployment.updated_at,
        # Documented for rolling deployments only.
        "rolloutState": None if is_shifting else deployment.rollout_state,
        "rolloutStateReason": None if is_shifting else deployment.rollout_reason,
    }


def task_set_views(service: Service, now: dt.datetime) -> list[dict[str, Any]] | None:
    """Return the shape TaskSets of a service under CodeDeploy; others have none."""
    rollout, place = service.rollout, service.surroundings.place
    if not isinstance(rollout, BlueGreen):
        return None
    shifts = {shift.green.id: shift.id for shift in reversed(rollout.shifts)}
    views = []
    for task_set in rollout.task_sets:
        tasks = rollout.tasks_of(task_set)
        is_steady = sum(task.is_healthy(now) for task in tasks) >= rollout.settings.desired
        path = f"task-set/{service.cluster}/{service.name}/{task_set.id}"
        views.append(
            {
                **{name: service.settings.get(name) for name in (*_ALIKE, "loadBalancers")},
                "id": task_set.id,
                "taskSetArn": place.arn(path),
                "serviceArn": service.arn,
                "clusterArn": place.arn(f"cluster/{service.cluster}"),
                "startedBy": "CODE_DEPLOY",
                "externalId": shifts.get(task_set.id),
                "status": task_set.status,
                "taskDefinition": task_set.task_definition,
                "computedDesiredCount": rollout.settings.desired,
                **_counts(tasks, now),
                "createdAt": task_set.created_at,
                "updatedAt": task_set.updated_at,
                "scale": {"value": 100.0, "unit": "PERCENT"},
                "stabilityStatus": "STEADY_STATE" if is_steady else "STABILIZING",
                "stabilityStatusAt": task_set.updated_at,
            }
        )
    return views


def record_arn(service: Service, record: Record) -> str:
    """Return a service deployment's ARN."""
    path = f"service-deployment/{service.cluster}/{service.name}/{record.id}"
    return service.surroundings.place.arn(path)


def record_view(service: Service, record: Record, now: dt.datetime) -> dict[str, Any]:
    """Return the shape ServiceDeployment."""
    is_breaking = record.breaker_status != "DISABLED"
    stages = record.stages
    target = _summary(service, record.target, now)
    if stages is not None:
        target["requestedProductionTrafficWeight"] = stages.weight
        target["requestedTestTrafficWeight"] = stages.test_weight
    return {
        "serviceDeploymentArn": record_arn(service, record),
        "serviceArn": service.arn,
        "clusterArn": service.surroundings.place.arn(f"cluster/{service.cluster}"),
        "createdAt": record.created_at,
        "startedAt": record.started_at,
        "finishedAt": record.finished_at,
        "stoppedAt": record.stopped_at,
        "updatedAt": record.updated_at,
        "sourceServiceRevisions": [_summary(service, arn, now) for arn in record.sources],
        "targetServiceRevision": target,
        "lifecycleStage": stages.name if stages else None,
        "lifecycleHookDetails": stages.hooks if stages else None,
        "alarms": {
            "status": "TRIGGERED",
            "alarmNames": list(record.alarms),
            "triggeredAlarmNames": list(record.alarms),
        }
        if record.alarms
        else None,
        "status": record.status,
        "statusReason": record.reason,
        "deploymentConfiguration": service.settings["deploymentConfiguration"],
        "rollback": record.rollback,
        "deploymentCircuitBreaker": {
            "status": record.breaker_status,
            "failureCount": record.failures,
            "threshold": record.threshold,
        }
        if is_breaking
        else {"status": "DISABLED", "failureCount": 0, "threshold": 0},
    }


class Owner(Protocol):
    """What a task belongs to: a service, or the request that started it alone."""

    @property
    def cluster(self) -> str: ...  # noqa: D102 - see Service and OneOff
    @property
    def group(self) -> str: ...  # noqa: D102
    @property
    def settings(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def surroundings(self) -> Surroundings: ...  # noqa: D102
    def digest(self, image: str) -> str: ...  # noqa: D102


def task_view(service: Owner, task: Task, now: dt.datetime) -> dict[str, Any]:
    """Return the shape Task."""
    place = service.surroundings.place
    definition = service.surroundings.definitions.find(task.task_definition) or {}
    ending = task.ending if task.ending and task.ending.at <= now else None
    running = task.reached("RUNNING", now)
    containers = [
        _container_view(service, task, container, place, now)
        for container in definition["containerDefinitions"]
    ]
    return {
        **{name: service.settings.get(name) for name in ("launchType", "platformVersion")},
        "platformFamily": service.settings.get("platformFamily"),
        "taskArn": task_arn(service, task),
        "clusterArn": place.arn(f"cluster/{service.cluster}"),
        "taskDefinitionArn": task.task_definition,
        "group": service.group,
        "startedBy": task.deployment_id or None,
        "availabilityZone": f"{place.region}a",
        "attributes": [{"name": "ecs.cpu-architecture", "value": "x86_64"}],
        "attachments": [],
        "connectivity": "CONNECTED" if running else None,
        "connectivityAt": running,
        "containers": containers,
        "cpu": definition.get("cpu"),
        "memory": definition.get("memory"),
        "createdAt": task.created_at,
        "desiredStatus": "RUNNING" if task.is_wanted(now) else "STOPPED",
        "lastStatus": task.status(now),
        "enableExecuteCommand": service.settings.get("enableExecuteCommand", False),
        "healthStatus": "UNKNOWN",
        "overrides": {
            "inferenceAcceleratorOverrides": [],
            **service.settings.get("overrides", {}),
            "containerOverrides": _overrides(service, containers),
        },
        "pullStartedAt": task.reached("PENDING", now),
        "pullStoppedAt": running,
        "startedAt": running,
        "stopCode": str(ending.code) if ending else None,
        "stoppedReason": ending.reason if ending else None,
        "stoppingAt": ending.at if ending else None,
        "executionStoppedAt": task.reached("DEPROVISIONING", now) if running else None,
        "stoppedAt": task.reached("STOPPED", now),
        "tags": [],
        "version": sum(at <= now for at, _ in task.phases),
    }


def _overrides(service: Owner, containers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    asked = service.settings.get("overrides", {}).get("containerOverrides", [])
    by_name = {each["name"]: each for each in asked}
    return [by_name.get(each["name"], {"name": each["name"]}) for each in containers]


def task_arn(service: Owner, task: Task) -> str:
    """Return a task's ARN."""
    return service.surroundings.place.arn(f"task/{service.cluster}/{task.id}")


def _container_view(
    service: Owner, task: Task, container: dict[str, Any], place: Place, now: dt.datetime
) -> dict[str, Any]:
    ending = task.ending if task.ending and task.ending.at <= now else None
    failed = ending is not None and ending.container == container["name"]
    has_run = task.reached("RUNNING", now) is not None
    is_over = task.reached("DEPROVISIONING", now) is not None
    status = "STOPPED" if is_over else "RUNNING" if has_run else "PENDING"
    number = int(task.id[:8], 16) % 10**10
    exit_code = None
    if is_over and has_run:
        exit_code = ending.exit_code if ending and failed else 0
    return {
        "containerArn": place.arn(f"container/{service.cluster}/{task.id}/{container['name']}"),
        "taskArn": task_arn(service, task),
        "name": container["name"],
        "image": container["image"],
        "imageDigest": service.digest(container["image"]) if has_run else None,
        "runtimeId": f"{task.id}-{number}" if has_run else None,
        "lastStatus": status,
        "exitCode": exit_code,
        "reason": ending.container_reason if ending and failed else None,
        "networkBindings": [],
        "networkInterfaces": [],
        "healthStatus": "UNKNOWN",
        "cpu": str(container["cpu"]),
        "memory": _text(container.get("memory")),
        "memoryReservation": _text(container.get("memoryReservation")),
    }


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def _counts(tasks: list[Task], now: dt.datetime) -> dict[str, int]:
    return {
        "runningCount": sum(task.is_running(now) for task in tasks),
        "pendingCount": sum(task.status(now) in CREATED for task in tasks),
    }


def _desired(service: Service, deployment: Deployment, now: dt.datetime) -> int:
    if deployment.status == "PRIMARY":
        return service.rollout.settings.desired
    return sum(task.is_wanted(now) for task in service.rollout.tasks_of(deployment))


def _revision_counts(service: Service, deployment: Deployment, now: dt.datetime) -> dict[str, Any]:
    counts = _counts(service.rollout.tasks_of(deployment), now)
    return {
        "arn": deployment.revision,
        "requestedTaskCount": _desired(service, deployment, now),
        "runningTaskCount": counts["runningCount"],
        "pendingTaskCount": counts["pendingCount"],
    }


def _summary(service: Service, revision: str, now: dt.datetime) -> dict[str, Any]:
    """Return the shape ServiceRevisionSummary: what of a revision runs, whoever started it."""
    shares = [
        _revision_counts(service, deployment, now)
        for deployment in service.rollout.deployments
        if deployment.revision == revision
    ]
    return {
        "arn": revision,
        **{
            name: sum(share[name] for share in shares)
            for name in ("requestedTaskCount", "runningTaskCount", "pendingTaskCount")
        },
    }
