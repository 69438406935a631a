"""What matters in the answers of ECS."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ecsstep.rules.record.fact import Fact
from ecsstep.rules.record.loose import joined, members, part, size, tail, word

Gist = Callable[[Mapping[str, Any], Any], Iterator[Fact]]
"""Yields what matters, given the parameters and the answer."""

_EVENTS = 5
_BAD = frozenset({"FAILED", "STOPPED", "ROLLBACK_FAILED", "ROLLBACK_SUCCESSFUL", "INACTIVE",
                  "ROLLBACK_IN_PROGRESS", "ROLLBACK_REQUESTED", "STOP_REQUESTED", "DRAINING",
                  "UNHEALTHY"})  # fmt: skip


def describe_services(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    """Yield services, their deployments and their newest events."""
    for service in members(found, "services"):
        yield from _service(service)
    yield from _failures(found)


def update_service(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    """Yield the service as it is after the update."""
    service = part(found, "service")
    if isinstance(service, Mapping):
        yield from (each for each in _service(service) if not each.is_event)


def _service(service: Mapping[str, Any]) -> Iterator[Fact]:
    name, status = word(service, "serviceName"), word(service, "status")
    count = size(service, "deployments")
    says = joined(
        status,
        f"{_running(service)}, {word(service, 'pendingCount') or 0} pending",
        f"{count} deployment{'' if count == 1 else 's'}",
        tail(word(service, "taskDefinition")),
    )
    yield Fact(subject=f"service {name}", says=says, is_strong=status in _BAD)
    for each in members(service, "deployments"):
        state = word(each, "rolloutState")
        says = joined(
            f"{word(each, 'status')} {state}".strip(),
            _running(each),
            f"{word(each, 'pendingCount') or 0} pending",
            f"{word(each, 'failedTasks') or 0} failed",
            tail(word(each, "taskDefinition")),
            word(each, "rolloutStateReason") if state == "FAILED" else "",
        )
        yield Fact(subject=f"deployment {word(each, 'id')}", says=says, is_strong=state in _BAD)
    for each in list(members(service, "events"))[:_EVENTS]:
        moment, text = time_of_day(part(each, "createdAt")), word(each, "message")
        yield Fact(
            subject=f"event {moment}" if moment else "event",
            says=text,
            is_event=True,
            is_strong="failed" in text or "unable" in text or "rolling back" in text,
        )


def describe_service_deployments(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    """Yield ECS's records of deployments."""
    for each in members(found, "serviceDeployments"):
        status = word(each, "status")
        breaker = part(each, "deploymentCircuitBreaker")
        counted = joined(word(breaker, "failureCount"), word(breaker, "threshold"), by=" of ")
        says = joined(
            status,
            word(each, "statusReason"),
            word(each, "lifecycleStage"),
            f"circuit breaker {word(breaker, 'status')} {counted}".strip() if breaker else "",
            f"alarms {word(each, 'alarms', 'status')}" if part(each, "alarms") else "",
        )
        name = tail(word(each, "serviceDeploymentArn"))
        yield Fact(subject=f"service deployment {name}", says=says, is_strong=status in _BAD)
    yield from _failures(found)


def list_service_deployments(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    """Yield how many records there are, and the newest."""
    listed = list(members(found, "serviceDeployments"))
    newest = joined(tail(word(listed[0], "serviceDeploymentArn")), word(listed[0], "status"),
                    by=" ") if listed else ""  # fmt: skip
    says = joined(str(len(listed)), f"first {newest}" if newest else "")
    yield Fact(subject="service deployments", says=says)


def describe_service_revisions(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    """Yield what the revisions of a service run."""
    for each in members(found, "serviceRevisions"):
        images = [word(image, "image") for image in members(each, "containerImages")]
        yield Fact(
            subject=f"service revision {tail(word(each, 'serviceRevisionArn'))}",
            says=joined(tail(word(each, "taskDefinition")), *images),
        )
    yield from _failures(found)


def list_tasks(asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    """Yield how many tasks there are."""
    which = word(asked, "desiredStatus").lower() or "all"
    yield Fact(subject=f"tasks, {which}", says=str(size(found, "taskArns")))


def describe_tasks(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    """Yield tasks and how their containers ended."""
    for each in members(found, "tasks"):
        yield _task(each)
    yield from _failures(found)


def one_task(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    """Yield a task that was stopped."""
    task = part(found, "task")
    if isinstance(task, Mapping):
        yield _task(task)


def _task(task: Mapping[str, Any]) -> Fact:
    ended = [_container(each) for each in members(task, "containers")]
    code = word(task, "stopCode")
    return Fact(
        subject=f"task {tail(word(task, 'taskArn'))}",
        says=joined(word(task, "lastStatus"), code, word(task, "stoppedReason"), *ended, by=", "),
        is_strong=code in {"TaskFailedToStart", "EssentialContainerExited"},
    )


def _container(container: Mapping[str, Any]) -> str:
    code, reason = word(container, "exitCode"), word(container, "reason")
    health = word(container, "healthStatus")
    said = joined(f"exit code {code}" if code else "", reason,
                  health if health == "UNHEALTHY" else "", by=" ")  # fmt: skip
    return f"container {word(container, 'name')}: {said}" if said else ""


def task_definition(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    """Yield a revision and its images."""
    revision = part(found, "taskDefinition")
    images = [word(each, "image") for each in members(revision, "containerDefinitions")]
    name = tail(word(revision, "taskDefinitionArn")) or word(revision, "family")
    says = joined(word(revision, "status"), *images)
    yield Fact(subject=f"task definition {name}", says=says)


def stop_service_deployment(_asked: Mapping[str, Any], found: Any) -> Iterator[Fact]:
    """Yield which record was stopped."""
    yield Fact(subject=f"service deployment {tail(word(found, 'serviceDeploymentArn'))}",
               says="asked to stop", is_strong=True)  # fmt: skip


def _failures(found: Any) -> Iterator[Fact]:
    for each in members(found, "failures"):
        said = joined(word(each, "reason"), word(each, "detail"))
        yield Fact(subject=f"failure {tail(word(each, 'arn'))}", says=said, is_strong=True)


def _running(found: Mapping[str, Any]) -> str:
    return f"{word(found, 'runningCount') or 0} of {word(found, 'desiredCount') or 0} running"


def time_of_day(value: Any) -> str:
    """Return the time of a number of seconds since 1970, or of a time as text."""
    try:
        if isinstance(value, (int, float)):
            return f"{dt.datetime.fromtimestamp(value, dt.UTC):%H:%M:%SZ}"
        if isinstance(value, str):
            return f"{dt.datetime.fromisoformat(value).astimezone(dt.UTC):%H:%M:%SZ}"
    except (ValueError, OverflowError, OSError):
        return ""
    return ""


GISTS: Mapping[str, Gist] = {
    "DescribeServices": describe_services,
    "UpdateService": update_service,
    "DescribeServiceDeployments": describe_service_deployments,
    "ListServiceDeployments": list_service_deployments,
    "DescribeServiceRevisions": describe_service_revisions,
    "ListTasks": list_tasks,
    "DescribeTasks": describe_tasks,
    "RunTask": describe_tasks,
    "StopTask": one_task,
    "DescribeTaskDefinition": task_definition,
    "RegisterTaskDefinition": task_definition,
    "StopServiceDeployment": stop_service_deployment,
}
