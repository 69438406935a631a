"""The emulated ECS's RunTask."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from ecsstep.sandbox import errands, tasks
from ecsstep.sandbox.api import ApiError, without_nulls
from ecsstep.sandbox.clusters import Cluster, Clusters
from ecsstep.sandbox.deployments import Ids
from ecsstep.sandbox.errands import ERRANDS
from ecsstep.sandbox.one_off import OneOff
from ecsstep.sandbox.service import Surroundings
from ecsstep.sandbox.views import task_view

_MOST = 10
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
_STARTED_BY = re.compile(r"[A-Za-z0-9/_-]{1,128}")


class RunTask:
    """RunTask, once for each client token."""

    def __init__(self, clusters: Clusters, surroundings: Surroundings) -> None:
        self._clusters = clusters
        self._surroundings = surroundings
        self._ids = Ids(f"RunTask {surroundings.place.region}")
        self._done: dict[str, tuple[Mapping[str, Any], tuple[str, ...]]] = {}

    def run(self, body: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
        """Answer RunTask."""
        cluster = self._clusters.find(body.get("cluster"))
        asked = without_nulls(body)
        token = asked.pop("clientToken", "") or self._ids.uuid()
        before, ids = self._done.get(token, (asked, ()))
        if before != asked:
            raise ApiError(
                "ConflictException",
                "The clientToken was already used with a different RunTask request.",
            )
        if not ids:
            definition = self._definition(asked["taskDefinition"])
            _refuse(asked, definition)
            errand = ERRANDS[self._surroundings.story.task]
            if errand.not_placed:
                return {"tasks": [], "failures": [{"reason": errand.not_placed}]}
            ids = tuple(
                self._start(cluster, asked, definition, now) for _ in range(asked.get("count", 1))
            )
            self._done[token] = (asked, ids)
        started = [cluster.one_offs[id_] for id_ in ids if id_ in cluster.one_offs]
        return {"tasks": [task_view(one, one.task, now) for one in started], "failures": []}

    def _start(
        self, cluster: Cluster, asked: Mapping[str, Any], definition: Mapping[str, Any],
        now: dt.datetime,
    ) -> str:  # fmt: skip
        surroundings = self._surroundings
        errand = ERRANDS[surroundings.story.task]
        containers = definition["containerDefinitions"]
        named = {each["name"] for each in _overrides(asked)}
        essential = [each for each in containers if each["essential"]]
        worker = next((each for each in containers if each["name"] in named), essential[0])
        task = tasks.well(
            self._ids.hexadecimal(), asked.get("startedBy", ""), definition["taskDefinitionArn"],
            now,
        )  # fmt: skip
        missing = [c for c in containers if not surroundings.image_exists(c["image"])]
        if missing:
            task = tasks.unpullable(task, container=missing[0]["name"], image=missing[0]["image"])
        else:
            others = tuple(c["name"] for c in essential if c is not worker)
            task = errands.sent(errand, task, container=worker["name"], others=others)
        cluster.one_offs[task.id] = OneOff(
            task=task,
            cluster=cluster.name,
            surroundings=surroundings,
            request=asked,
            errand=errand,
            container=worker,
            definition=definition,
        )
        return task.id

    def _definition(self, reference: str) -> dict[str, Any]:
        found = self._surroundings.definitions.find(reference)
        if found is None:
            raise ApiError("ClientException", "TaskDefinition not found.")
        if found["status"] != "ACTIVE":
            raise ApiError("ClientException", "TaskDefinition is inactive")
        return found


def _overrides(asked: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = asked.get("overrides", {}).get("containerOverrides", [])
    return found


def _refuse(asked: Mapping[str, Any], definition: Mapping[str, Any]) -> None:
    """Refuse what ECS refuses."""
    if asked.get("launchType") and asked.get("capacityProviderStrategy"):
        raise _invalid(
            "Specifying both a launch type and capacity provider strategy is not supported. "
            "Remove one and try again."
        )
    if not 1 <= asked.get("count", 1) <= _MOST:
        raise _invalid(f"count should be between 1 and {_MOST}.")
    if definition.get("networkMode") == "awsvpc" and not asked.get("networkConfiguration"):
        raise _invalid(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        )
    if "startedBy" in asked and not _STARTED_BY.fullmatch(asked["startedBy"]):
        raise _invalid("Invalid startedBy.")
    known = {each["name"] for each in definition["containerDefinitions"]}
    for override in _overrides(asked):
        if override.get("name") not in known:
            raise _invalid(
                f"Override for container named {override.get('name')} is not a container in the "
                "TaskDefinition."
            )


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidParameterException", message)
