"""ECS's replies in our types; what AWS leaves out becomes the type's own nothing."""

from typing import Any

from ecsstep.rules.service import (
    Container,
    Deployment,
    Event,
    Hook,
    Revision,
    Service,
    ServiceDeployment,
    Task,
    TaskSet,
)


def service_from(reply: Any) -> Service:
    """Return a service of DescribeServices or UpdateService."""
    return Service(
        name=reply["serviceName"],
        arn=reply["serviceArn"],
        cluster_arn=reply.get("clusterArn", ""),
        status=reply.get("status", ""),
        taskdef_arn=reply.get("taskDefinition", ""),
        controller=reply.get("deploymentController", {}).get("type", "ECS"),
        desired=reply.get("desiredCount", 0),
        running=reply.get("runningCount", 0),
        pending=reply.get("pendingCount", 0),
        deployments=tuple(deployment_from(each) for each in reply.get("deployments", ())),
        events=tuple(
            Event(id=each["id"], at=each["createdAt"], text=each.get("message", ""))
            for each in reply.get("events", ())
        ),
        current_service_deployment=reply.get("currentServiceDeployment"),
        configuration=reply.get("deploymentConfiguration", {}),
        task_sets=tuple(task_set_from(each) for each in reply.get("taskSets", ())),
        load_balancers=tuple(reply.get("loadBalancers", ())),
        platform_version=reply.get("platformVersion", ""),
        capacity_providers=tuple(reply.get("capacityProviderStrategy", ())),
        launch_type=reply.get("launchType", ""),
        network=reply.get("networkConfiguration", {}),
        placement_constraints=tuple(reply.get("placementConstraints", ())),
    )


def task_set_from(reply: Any) -> TaskSet:
    """Return an entry of a service's ``taskSets``."""
    return TaskSet(
        id=reply["id"],
        status=reply.get("status", ""),
        taskdef_arn=reply.get("taskDefinition", ""),
        # ECS's own words on externalId: for a task set of CodeDeploy's, its deployment's id.
        deployment=reply.get("externalId", ""),
        created_at=reply.get("createdAt"),
        balancers=tuple(reply.get("loadBalancers", ())),
    )


def deployment_from(reply: Any) -> Deployment:
    """Return an entry of a service's ``deployments``."""
    return Deployment(
        id=reply["id"],
        status=reply.get("status", ""),
        taskdef_arn=reply.get("taskDefinition", ""),
        rollout_state=reply.get("rolloutState"),
        rollout_reason=reply.get("rolloutStateReason", ""),
        desired=reply.get("desiredCount", 0),
        pending=reply.get("pendingCount", 0),
        running=reply.get("runningCount", 0),
        failed=reply.get("failedTasks", 0),
        created_at=reply.get("createdAt"),
    )


def service_deployment_from(reply: Any) -> ServiceDeployment:
    """Return a record of DescribeServiceDeployments."""
    target = reply.get("targetServiceRevision", {})
    return ServiceDeployment(
        arn=reply["serviceDeploymentArn"],
        status=reply.get("status", ""),
        status_reason=reply.get("statusReason", ""),
        rollback_reason=reply.get("rollback", {}).get("reason", ""),
        target_revision_arn=target.get("arn", ""),
        created_at=reply.get("createdAt"),
        stage=reply.get("lifecycleStage", ""),
        strategy=reply.get("deploymentConfiguration", {}).get("strategy", ""),
        hooks=tuple(
            Hook(
                id=each.get("hookId", ""),
                kind=each.get("targetType", ""),
                status=each.get("status", ""),
                expires_at=each.get("expiresAt"),
                on_timeout=each.get("timeoutAction", ""),
            )
            for each in reply.get("lifecycleHookDetails", ())
        ),
        production_weight=target.get("requestedProductionTrafficWeight"),
        test_weight=target.get("requestedTestTrafficWeight"),
        breaker=reply.get("deploymentCircuitBreaker", {}).get("status", ""),
        alarms=tuple(reply.get("alarms", {}).get("triggeredAlarmNames", ())),
        source_revisions=tuple(
            each.get("arn", "") for each in reply.get("sourceServiceRevisions", ())
        ),
    )


def revision_from(reply: Any) -> Revision:
    """Return a revision of DescribeServiceRevisions."""
    return Revision(
        arn=reply["serviceRevisionArn"],
        taskdef_arn=reply.get("taskDefinition", ""),
        images={
            each.get("containerName", ""): each.get("imageDigest", "")
            for each in reply.get("containerImages", ())
        },
    )


def task_from(reply: Any) -> Task:
    """Return a task of DescribeTasks."""
    return Task(
        arn=reply["taskArn"],
        taskdef_arn=reply.get("taskDefinitionArn", ""),
        started_by=reply.get("startedBy", ""),
        status=reply.get("lastStatus", ""),
        stop_code=reply.get("stopCode", ""),
        stopped_reason=reply.get("stoppedReason", ""),
        started_at=reply.get("startedAt"),
        stopped_at=reply.get("stoppedAt"),
        containers=tuple(
            Container(
                name=each.get("name", ""),
                image=each.get("image", ""),
                image_digest=each.get("imageDigest", ""),
                exit_code=each.get("exitCode"),
                reason=each.get("reason", ""),
                status=each.get("lastStatus", ""),
                health=each.get("healthStatus", ""),
            )
            for each in reply.get("containers", ())
        ),
    )
