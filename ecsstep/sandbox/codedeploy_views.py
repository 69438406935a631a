"""The emulated CodeDeploy's things in the API's shapes."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from ecsstep.sandbox.deployments import Deployment
from ecsstep.sandbox.service import Service
from ecsstep.sandbox.shifts import Shift
from ecsstep.sandbox.tasks import CREATED

CONFIGURATION = "CodeDeployDefault.ECSAllAtOnce"
_ROLLBACK = {
    "enabled": True,
    "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"],
}
_STYLE = {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}


def deployment_view(application: str, group: str, shift: Shift) -> dict[str, Any]:
    """Return the shape DeploymentInfo."""
    went_wrong = {"code": shift.code, "message": shift.message} if shift.code else None
    rollback = {}
    if shift.rollback_id:
        rollback["rollbackDeploymentId"] = shift.rollback_id
        rollback["rollbackMessage"] = (
            f"Deployment {shift.id} failed, so that deployment {shift.rollback_id} goes back to "
            "what was there before it."
        )
    if shift.undoes:
        rollback["rollbackTriggeringDeploymentId"] = shift.undoes
    return {
        "applicationName": application,
        "deploymentGroupName": group,
        "deploymentConfigName": CONFIGURATION,
        "deploymentId": shift.id,
        "status": shift.status,
        "errorInformation": went_wrong,
        "createTime": shift.created_at,
        "startTime": shift.started_at,
        "completeTime": shift.completed_at,
        "description": shift.description or None,
        "creator": shift.creator,
        "autoRollbackConfiguration": _ROLLBACK,
        "rollbackInfo": rollback or None,
        "revision": {
            "revisionType": "AppSpecContent",
            "appSpecContent": {"content": shift.content},
        },
        "deploymentStyle": _STYLE,
        "instanceTerminationWaitTimeStarted": shift.has_shifted,
        "computePlatform": "ECS",
    }


def group_view(
    application: str, group: str, service: Service, shifts: Sequence[Shift]
) -> dict[str, Any]:
    """Return the shape DeploymentGroupInfo; of the deployments the newest comes first."""
    good = [shift for shift in shifts if shift.status == "Succeeded"]
    return {
        "lastAttemptedDeployment": _brief(shifts[0]) if shifts else None,
        "lastSuccessfulDeployment": _brief(good[0]) if good else None,
        "applicationName": application,
        "deploymentGroupName": group,
        "deploymentConfigName": CONFIGURATION,
        "autoRollbackConfiguration": _ROLLBACK,
        "deploymentStyle": _STYLE,
        "computePlatform": "ECS",
        "blueGreenDeploymentConfiguration": {
            "terminateBlueInstancesOnDeploymentSuccess": {
                "action": "TERMINATE",
                "terminationWaitTimeInMinutes": 5,
            },
            "deploymentReadyOption": {
                "actionOnTimeout": "CONTINUE_DEPLOYMENT",
                "waitTimeInMinutes": 0,
            },
        },
        "loadBalancerInfo": {
            "targetGroupPairInfoList": [
                {"targetGroups": [{"name": name} for name in ("blue-1", "blue-2")]}
            ]
        },
        "ecsServices": [{"serviceName": service.name, "clusterName": service.cluster}],
    }


def _brief(shift: Shift) -> dict[str, Any]:
    """Return the shape LastDeploymentInfo."""
    return {
        "deploymentId": shift.id,
        "status": shift.status,
        "createTime": shift.created_at,
        "endTime": shift.completed_at,
    }


def target_id(service: Service) -> str:
    """Return the id of a service as a target of CodeDeploy."""
    return f"{service.cluster}:{service.name}"


def target_view(service: Service, shift: Shift, now: dt.datetime) -> dict[str, Any]:
    """Return the shape DeploymentTarget."""
    return {
        "deploymentTargetType": "ECSTarget",
        "ecsTarget": {
            "deploymentId": shift.id,
            "targetId": target_id(service),
            "targetArn": service.arn,
            "lastUpdatedAt": now,
            "status": {"Created": "Pending", "Stopped": "Failed"}.get(shift.status, shift.status),
            "lifecycleEvents": [
                {
                    "lifecycleEventName": name,
                    "status": stage.status,
                    "startTime": stage.started_at,
                    "endTime": stage.ended_at,
                    "diagnostics": {"errorCode": "UnknownError", "message": stage.message}
                    if stage.status == "Failed"
                    else None,
                }
                for name, stage in shift.stages.items()
            ],
            "taskSetsInfo": [
                _task_set_view(service, task_set, label, weight, now)
                for task_set, label, weight in _sides(shift)
            ],
        },
    }


def _sides(shift: Shift) -> list[tuple[Deployment, str, float]]:
    if shift.blue is shift.green:
        return [(shift.green, "Blue", 100.0)]
    to_green = 100.0 if shift.has_shifted and not shift.code else 0.0
    return [(shift.blue, "Blue", 100.0 - to_green), (shift.green, "Green", to_green)]


def _task_set_view(
    service: Service, task_set: Deployment, label: str, weight: float, now: dt.datetime
) -> dict[str, Any]:
    tasks = service.rollout.tasks_of(task_set)
    return {
        "identifer": task_set.id,
        "desiredCount": service.rollout.settings.desired,
        "pendingCount": sum(task.status(now) in CREATED for task in tasks),
        "runningCount": sum(task.is_running(now) for task in tasks),
        "status": task_set.status,
        "trafficWeight": weight,
        "targetGroup": {"name": "blue-1" if label == "Blue" else "blue-2"},
        "taskSetLabel": label,
    }
