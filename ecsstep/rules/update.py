"""What has to change in a service, and how UpdateService is asked for it."""

from collections.abc import Iterator, Mapping
from typing import Any

from ecsstep.rules.model import Shape, faults, spelled
from ecsstep.rules.service import Service
from ecsstep.value import Value

# What ECS still changes by UpdateService where CodeDeploy makes the deployments
# (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html).
_UNDER_CODEDEPLOY = frozenset(
    {
        "deploymentConfiguration", "desiredCount", "enableECSManagedTags",
        "healthCheckGracePeriodSeconds", "placementConstraints", "placementStrategy",
        "propagateTags",
    }
)  # fmt: skip
_BY_FLAG = {"cluster": "--cluster", "service": "--service", "taskDefinition": "--taskdef"}


class Wanted(Value):
    """What was asked of a service. None means: not asked.

    Attributes:
        circuit_breaker: ``rollback``, ``on`` or ``off``.
        parameters: Any other members of UpdateService.
    """

    force_new_deployment: bool = False
    desired_count: int | None = None
    circuit_breaker: str | None = None
    minimum_healthy: int | None = None
    maximum: int | None = None
    parameters: Mapping[str, Any] = {}


def request_for(
    cluster: str, service: str, wanted: Wanted, *, taskdef_arn: str | None
) -> dict[str, Any]:
    """Return the UpdateService request with exactly what was asked.

    A desired count of 0 is sent as 0, and what was not asked is not there: ECS keeps it.
    """
    request: dict[str, Any] = {"cluster": cluster, "service": service, **wanted.parameters}
    if taskdef_arn is not None:
        request["taskDefinition"] = taskdef_arn
    if wanted.force_new_deployment:
        request["forceNewDeployment"] = True
    if wanted.desired_count is not None:
        request["desiredCount"] = wanted.desired_count
    configuration = dict(wanted.parameters.get("deploymentConfiguration", {}))
    if wanted.circuit_breaker is not None:
        configuration["deploymentCircuitBreaker"] = {
            **configuration.get("deploymentCircuitBreaker", {}),
            "enable": wanted.circuit_breaker != "off",
            "rollback": wanted.circuit_breaker == "rollback",
        }
    if wanted.minimum_healthy is not None:
        configuration["minimumHealthyPercent"] = wanted.minimum_healthy
    if wanted.maximum is not None:
        configuration["maximumPercent"] = wanted.maximum
    if configuration:
        request["deploymentConfiguration"] = configuration
    return request


def codedeploy_faults(wanted: Wanted) -> Iterator[str]:
    """Yield what was asked that ECS refuses of a service whose deployments CodeDeploy makes."""
    if wanted.circuit_breaker is not None:
        yield (
            "--circuit-breaker is for ECS's own deployments; CodeDeploy's deployment group has "
            "its own rollback"
        )
    for name in sorted(set(wanted.parameters) - _UNDER_CODEDEPLOY):
        yield f"{name} can only be changed by a deployment: say it in --appspec"


def codedeploy_request(application: str, group: str, appspec: Mapping[str, Any]) -> dict[str, Any]:
    """Return the CreateDeployment request for an AppSpec."""
    import json

    content = json.dumps(appspec)
    return {
        "applicationName": application,
        "deploymentGroupName": group,
        "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}},
    }


def asks_for_something(request: Mapping[str, Any]) -> bool:
    """Whether a request would change anything at all."""
    return bool(set(request) - {"cluster", "service"})


def previous_revision(service: Service, *, new: str) -> str | None:
    """Return the revision to go back to when ``new`` turns out bad, if there is another one.

    That of the primary deployment if it is completed, else (the step runs again, or what runs now
    is not proven either) one that an older deployment has completed; failing that, what the
    service points at.
    """
    sets = [service.serving, *service.task_sets]
    for task_set in (each for each in sets if each is not None):
        if task_set.taskdef_arn not in {"", new}:
            return task_set.taskdef_arn
    others = [each for each in service.deployments if each.taskdef_arn != new]
    proven = [each for each in others if each.rollout_state in {"COMPLETED", None}]
    first = [each for each in (*proven, *others) if each.taskdef_arn]
    if first:
        return first[0].taskdef_arn
    return service.taskdef_arn if service.taskdef_arn != new else None


def followed(after: Service, *, taskdef_arn: str) -> str | None:
    """Return the id of the deployment that brings a revision; None where another one does.

    For a service under CodeDeploy that is the deployment that made the newest task set, or that
    task set itself where CodeDeploy made none yet.
    """
    if after.task_sets:
        newest = after.newest
        is_it = newest is not None and newest.taskdef_arn == taskdef_arn
        return (newest.deployment or newest.id) if newest is not None and is_it else None
    primary = after.primary
    return primary.id if primary is not None and primary.taskdef_arn == taskdef_arn else None


def side_effects(before: Service, after: Service, request: Mapping[str, Any]) -> Iterator[str]:
    """Yield what changed though nobody asked for it.

    AWS doesn't say whether a deploymentConfiguration that names some members keeps the others, so
    the answer is compared.
    """
    asked = request.get("deploymentConfiguration", {})
    for name in sorted(set(before.configuration) | set(after.configuration)):
        old, new = before.configuration.get(name), after.configuration.get(name)
        if name not in asked and old != new:
            yield f"deploymentConfiguration.{name} changed from {old} to {new}, which nobody asked"
    if "desiredCount" not in request and before.desired != after.desired:
        yield f"the desired count changed from {before.desired} to {after.desired} meanwhile"


def parameter_faults(parameters: Any, shape: Shape) -> Iterator[str]:
    """Yield what of a --parameters file doesn't fit UpdateService, by the API's own shape."""
    if not isinstance(parameters, Mapping):
        yield "it holds no object"
        return
    for fault in faults({"service": "", **parameters}, shape):
        yield f"{spelled(fault.path, parameters)} {fault.says}"
    for name, flag in _BY_FLAG.items():
        if name in parameters:
            yield f"{name} is given by {flag}, not in the file"
