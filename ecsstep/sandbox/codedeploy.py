"""AWS CodeDeploy as the sandbox emulates it: deployments to ECS, and nothing else.

Why not moto's: a deployment of its never moves.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ecsstep.sandbox.api import ApiError
from ecsstep.sandbox.blue_green import BlueGreen
from ecsstep.sandbox.codedeploy_views import (
    deployment_view,
    group_view,
    target_id,
    target_view,
)
from ecsstep.sandbox.ecs import Ecs
from ecsstep.sandbox.revisions import TargetService, target_service
from ecsstep.sandbox.scenarios import Fate
from ecsstep.sandbox.service import Service
from ecsstep.sandbox.shifts import Shift

_Answer = Callable[[Mapping[str, Any]], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Group:
    """A deployment group: the service that an application is deployed to."""

    application: str
    name: str
    cluster: str
    service: str


class CodeDeploy:
    """The emulated CodeDeploy, over the emulated ECS."""

    def __init__(self, ecs: Ecs, groups: tuple[Group, ...] = ()) -> None:
        self._ecs = ecs
        self._groups = {(group.application, group.name): group for group in groups}
        self._answers: dict[str, _Answer] = {
            "BatchGetDeploymentTargets": self._targets,
            "ContinueDeployment": self._continue,
            "CreateDeployment": self._create,
            "GetApplication": self._application,
            "GetDeployment": self._get,
            "GetDeploymentGroup": self._group,
            "GetDeploymentTarget": self._target,
            "ListApplications": self._applications,
            "ListDeploymentGroups": self._list_groups,
            "ListDeploymentTargets": self._list_targets,
            "ListDeployments": self._list,
            "StopDeployment": self._stop,
        }

    def handles(self, operation: str) -> bool:
        """Whether this operation is emulated."""
        return operation in self._answers

    def answer(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the operation's result at this moment, in the API's names.

        Raises:
            ApiError: AWS would refuse it.
        """
        return self._answers[operation](body)

    def _create(self, body: Mapping[str, Any]) -> dict[str, Any]:
        group = self._known(body["applicationName"], body.get("deploymentGroupName", ""))
        service, rollout = self._service(group)
        if rollout.shift is not None:
            raise ApiError(
                "DeploymentLimitExceededException",
                f"The Deployment Group '{group.name}' already has an active Deployment "
                f"'{rollout.shift.id}'",
            )
        wanted = target_service(body.get("revision") or {})
        arn = self._registered(service, wanted)
        fate = Fate.WELL if arn in rollout.proven else service.surroundings.story.fate
        now = self._ecs.now()
        service.is_seeded = False
        shift = rollout.begin(
            now, task_definition=arn, revision=service.revise(now, arn), fate=fate
        )
        shift.description, shift.content = body.get("description", ""), wanted.content
        service.tell_story(now)
        return {"deploymentId": shift.id}

    def _registered(self, service: Service, wanted: TargetService) -> str:
        found = service.surroundings.definitions.find(wanted.task_definition)
        if found is None or found["status"] != "ACTIVE":
            raise _invalid(f"the task definition '{wanted.task_definition}' is not active")
        ports = {
            (container["name"], port.get("containerPort"))
            for container in found["containerDefinitions"]
            for port in container["portMappings"]
        }
        if (wanted.container, wanted.port) not in ports:
            raise _invalid(
                f"the container '{wanted.container}' with the port {wanted.port} is not in the "
                "task definition"
            )
        arn: str = found["taskDefinitionArn"]
        return arn

    def _get(self, body: Mapping[str, Any]) -> dict[str, Any]:
        group, _, shift = self._shift(body["deploymentId"])
        return {"deploymentInfo": deployment_view(group.application, group.name, shift)}

    def _list(self, body: Mapping[str, Any]) -> dict[str, Any]:
        wanted = (body.get("applicationName"), body.get("deploymentGroupName"))
        ids = [
            shift.id
            for group, _, shift in self._shifts()
            if all(want in (None, name) for want, name in zip(
                wanted, (group.application, group.name), strict=True))
            and shift.status in (body.get("includeOnlyStatuses") or [shift.status])
        ]  # fmt: skip
        return {"deployments": ids}

    def _list_targets(self, body: Mapping[str, Any]) -> dict[str, Any]:
        _, service, shift = self._shift(body["deploymentId"])
        if shift.started_at is None:
            raise ApiError(
                "DeploymentNotStartedException", f"The deployment {shift.id} has not started."
            )
        return {"targetIds": [target_id(service)]}

    def _targets(self, body: Mapping[str, Any]) -> dict[str, Any]:
        _, service, shift = self._shift(body["deploymentId"])
        if body["targetIds"] != [target_id(service)]:
            raise ApiError("DeploymentTargetDoesNotExistException", "There is no such target.")
        return {"deploymentTargets": [target_view(service, shift, self._ecs.now())]}

    def _target(self, body: Mapping[str, Any]) -> dict[str, Any]:
        [found] = self._targets({**body, "targetIds": [body["targetId"]]})["deploymentTargets"]
        return {"deploymentTarget": found}

    def _stop(self, body: Mapping[str, Any]) -> dict[str, Any]:
        group, _, shift = self._shift(body["deploymentId"])
        if shift.is_over:
            raise ApiError(
                "DeploymentAlreadyCompletedException",
                f"The deployment {shift.id} has already completed.",
            )
        _, rollout = self._service(group)
        rollout.stop_shift(self._ecs.now(), shift)
        return {"status": "Succeeded", "statusMessage": "The deployment was stopped."}

    def _continue(self, body: Mapping[str, Any]) -> dict[str, Any]:
        group, _, shift = self._shift(body["deploymentId"])
        if shift.status != "Ready":
            raise ApiError(
                "DeploymentIsNotInReadyStateException",
                f"The deployment {shift.id} is not in a ready state.",
            )
        _, rollout = self._service(group)
        rollout.continue_shift(self._ecs.now(), shift)
        return {}

    def _application(self, body: Mapping[str, Any]) -> dict[str, Any]:
        name = body["applicationName"]
        if name not in {group.application for group in self._groups.values()}:
            raise _no_application(name)
        return {"application": {"applicationName": name, "computePlatform": "ECS"}}

    def _applications(self, _body: Mapping[str, Any]) -> dict[str, Any]:
        return {"applications": sorted({group.application for group in self._groups.values()})}

    def _group(self, body: Mapping[str, Any]) -> dict[str, Any]:
        group = self._known(body["applicationName"], body["deploymentGroupName"])
        service, rollout = self._service(group)
        info = group_view(group.application, group.name, service, rollout.shifts)
        return {"deploymentGroupInfo": info}

    def _list_groups(self, body: Mapping[str, Any]) -> dict[str, Any]:
        name = body["applicationName"]
        self._application(body)
        groups = [group.name for group in self._groups.values() if group.application == name]
        return {"applicationName": name, "deploymentGroups": groups}

    def _known(self, application: str, name: str) -> Group:
        if application not in {group.application for group in self._groups.values()}:
            raise _no_application(application)
        if (application, name) not in self._groups:
            raise ApiError(
                "DeploymentGroupDoesNotExistException",
                f"No Deployment Group found for name: {name}",
            )
        return self._groups[application, name]

    def _service(self, group: Group) -> tuple[Service, BlueGreen]:
        service = self._ecs.service(group.cluster, group.service)
        rollout = service.rollout if service else None
        if service is None or not isinstance(rollout, BlueGreen) or rollout.status != "ACTIVE":
            raise ApiError(
                "InvalidECSServiceException",
                f"The ECS service '{group.service}' in '{group.cluster}' can't be deployed to.",
            )
        return service, rollout

    def _shifts(self) -> list[tuple[Group, Service, Shift]]:
        found = []
        for group in self._groups.values():
            service = self._ecs.service(group.cluster, group.service)
            if service is not None and isinstance(service.rollout, BlueGreen):
                found += [(group, service, shift) for shift in service.rollout.shifts]
        return found

    def _shift(self, id_: str) -> tuple[Group, Service, Shift]:
        for found in self._shifts():
            if found[2].id == id_:
                return found
        raise ApiError(
            "DeploymentDoesNotExistException", f"The deployment {id_} could not be found"
        )


def _no_application(name: str) -> ApiError:
    return ApiError("ApplicationDoesNotExistException", f"No application found for name: {name}")


def _invalid(what: str) -> ApiError:
    return ApiError("InvalidRevisionException", f"The AppSpec is not valid: {what}.")
