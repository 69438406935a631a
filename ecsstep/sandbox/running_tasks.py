"""The emulated ECS's operations on tasks."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from ecsstep.sandbox.api import ApiError
from ecsstep.sandbox.clusters import Cluster, Clusters
from ecsstep.sandbox.one_off import OneOff
from ecsstep.sandbox.place import Place, paged
from ecsstep.sandbox.service import Service
from ecsstep.sandbox.tasks import Ending, StopCode, Task
from ecsstep.sandbox.views import task_arn, task_view

_MOST_DESCRIBED = 100
_PAGE = 100
_FILTERS = ("containerInstance", "family", "serviceName", "launchType", "daemonName")


class RunningTasks:
    """ListTasks, DescribeTasks and StopTask; stopped ones are kept for an hour."""

    def __init__(self, clusters: Clusters, place: Place) -> None:
        self._clusters = clusters
        self._place = place

    def list_all(self, body: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
        """Answer ListTasks."""
        cluster = self._clusters.find(body.get("cluster"))
        started_by = body.get("startedBy")
        if started_by and any(body.get(name) for name in _FILTERS):
            raise _invalid("startedBy can't be combined with another filter.")
        if body.get("serviceName"):
            self._clusters.service(body.get("cluster"), body["serviceName"])
        wanted = (body.get("desiredStatus") or "RUNNING") != "STOPPED"
        arns = [
            task_arn(service, task)
            for service, task in _tasks(cluster)
            if _matches(service, task, body)
            and started_by in (None, task.deployment_id)
            and task.is_wanted(now) == wanted
        ]
        page, token = paged(arns, body, most=_PAGE)
        return {"taskArns": page, "nextToken": token}

    def describe(self, body: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
        """Answer DescribeTasks."""
        cluster = self._clusters.find(body.get("cluster"))
        if not body["tasks"]:
            raise _invalid("Tasks cannot be empty.")
        if len(body["tasks"]) > _MOST_DESCRIBED:
            raise _invalid(f"Tasks cannot have more than {_MOST_DESCRIBED} elements.")
        known = {task.id: (service, task) for service, task in _tasks(cluster)}
        found, failures = [], []
        for reference in body["tasks"]:
            task_id = reference.rpartition("/")[2]
            if task_id in known:
                found.append(task_view(*known[task_id], now))
            else:
                arn = self._place.arn(f"task/{cluster.name}/{task_id}")
                failures.append({"arn": arn, "reason": "MISSING"})
        return {"tasks": found, "failures": failures}

    def stop(self, body: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
        """Answer StopTask."""
        cluster = self._clusters.find(body.get("cluster"))
        task_id = body["task"].rpartition("/")[2]
        for owner, task in _tasks(cluster):
            if task.id == task_id:
                if task.is_wanted(now):
                    _stop(owner, task, now, body.get("reason") or "Task stopped by user")
                return {"task": task_view(owner, _again(owner, task), now)}
        raise _invalid("The referenced task was not found.")


def _stop(owner: Service | OneOff, task: Task, now: dt.datetime, reason: str) -> None:
    if isinstance(owner, Service):
        owner.rollout.stop_task(now, task.id, reason)
    else:
        ending = Ending(at=now, code=StopCode.BY_USER, reason=reason)
        owner.task = task.stopping(ending)


def _again(owner: Service | OneOff, task: Task) -> Task:
    return owner.rollout.tasks[task.id] if isinstance(owner, Service) else owner.task


def _tasks(cluster: Cluster) -> list[tuple[Service | OneOff, Task]]:
    of_services: list[tuple[Service | OneOff, Task]] = [
        (service, task)
        for service in cluster.services.values()
        for task in service.rollout.tasks.values()
    ]
    return [*of_services, *((one_off, one_off.task) for one_off in cluster.one_offs.values())]


def _matches(owner: Service | OneOff, task: Task, body: Mapping[str, Any]) -> bool:
    family = task.task_definition.rpartition("/")[2].partition(":")[0]
    name = (body.get("serviceName") or "").rpartition("/")[2]
    return (
        not body.get("containerInstance")
        and not body.get("daemonName")
        and body.get("family") in (None, family)
        and body.get("launchType") in (None, owner.settings["launchType"])
        and (not name or owner.group == f"service:{name}")
    )


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidParameterException", message)
