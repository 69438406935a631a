"""CodeDeploy's replies in our types; what AWS leaves out becomes the type's own nothing."""

from typing import Any

from ecsstep.rules.codedeploy import (
    CodeDeployment,
    DeploymentGroup,
    LifecycleEvent,
    Target,
    TaskSet,
)


def group_from(reply: Any) -> DeploymentGroup:
    """Return a deployment group of GetDeploymentGroup."""
    return DeploymentGroup(
        services=tuple(
            (each.get("clusterName", ""), each.get("serviceName", ""))
            for each in reply.get("ecsServices", ())
        ),
        last=reply.get("lastAttemptedDeployment", {}).get("deploymentId", ""),
    )


def deployment_from(reply: Any) -> CodeDeployment:
    """Return a deployment of GetDeployment."""
    error, rollback = reply.get("errorInformation", {}), reply.get("rollbackInfo", {})
    return CodeDeployment(
        id=reply["deploymentId"],
        status=reply.get("status", ""),
        application=reply.get("applicationName", ""),
        group=reply.get("deploymentGroupName", ""),
        configuration=reply.get("deploymentConfigName", ""),
        creator=reply.get("creator", ""),
        description=reply.get("description", ""),
        error_code=error.get("code", ""),
        error_message=error.get("message", ""),
        rollback_id=rollback.get("rollbackDeploymentId", ""),
        undoes=rollback.get("rollbackTriggeringDeploymentId", ""),
        rollback_message=rollback.get("rollbackMessage", ""),
        messages=tuple(reply.get("deploymentStatusMessages", ())),
        created_at=reply.get("createTime"),
        started_at=reply.get("startTime"),
        completed_at=reply.get("completeTime"),
        is_waiting_for_termination=reply.get("instanceTerminationWaitTimeStarted", False),
        appspec=_content(reply.get("revision", {})),
    )


def _content(revision: Any) -> str:
    """Return the AppSpec of a revision; ``string`` is its older name of the same."""
    held = revision.get("appSpecContent") or revision.get("string") or {}
    content: str = held.get("content", "")
    return content


def target_from(reply: Any) -> Target:
    """Return an ECS target of BatchGetDeploymentTargets."""
    return Target(
        id=reply.get("targetId", ""),
        status=reply.get("status", ""),
        events=tuple(_event_from(each) for each in reply.get("lifecycleEvents", ())),
        task_sets=tuple(_task_set_from(each) for each in reply.get("taskSetsInfo", ())),
    )


def _event_from(reply: Any) -> LifecycleEvent:
    diagnostics = reply.get("diagnostics", {})
    return LifecycleEvent(
        name=reply.get("lifecycleEventName", ""),
        status=reply.get("status", ""),
        error_code=diagnostics.get("errorCode", ""),
        message=diagnostics.get("message", ""),
        started_at=reply.get("startTime"),
        ended_at=reply.get("endTime"),
    )


def _task_set_from(reply: Any) -> TaskSet:
    return TaskSet(
        id=reply.get("identifer", ""),  # AWS's own spelling
        label=reply.get("taskSetLabel", ""),
        status=reply.get("status", ""),
        desired=reply.get("desiredCount", 0),
        pending=reply.get("pendingCount", 0),
        running=reply.get("runningCount", 0),
        traffic=reply.get("trafficWeight", 0),
        target_group=reply.get("targetGroup", {}).get("name", ""),
    )
