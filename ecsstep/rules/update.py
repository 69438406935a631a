"""What has to change in a service, and how UpdateService is asked for it."""

from collections.abc import Iterator, Mapping
from typing import Any

from ecsstep.rules.model import Shape, faults, spelled
from ecsstep.rules.service import LONG_AGO, Service
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
_PERCENTAGES = ("minimumHealthyPercent", "maximumPercent")
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

    @property
    def changes_configuration(self) -> bool:
        """Whether a flag is for a member of ``deploymentConfiguration``."""
        flags = (self.circuit_breaker, self.minimum_healthy, self.maximum)
        return any(flag is not None for flag in flags)

    @property
    def is_nothing(self) -> bool:
        """Whether nothing at all was asked."""
        return self == Wanted()

    @property
    def is_forced(self) -> bool:
        """Whether a deployment is to be begun though nothing else changes."""
        return self.force_new_deployment or bool(self.parameters.get("forceNewDeployment"))


def request_for(
    cluster: str,
    service: str,
    wanted: Wanted,
    *,
    taskdef_arn: str | None,
    configuration: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the UpdateService request with exactly what was asked.

    A desired count of 0 is sent as 0, and what was not asked is not there: ECS keeps it. AWS
    doesn't say whether a circuit breaker that names some members keeps the others, so the flag for
    it is laid over the service's own; of the rest of its deploymentConfiguration nothing is sent.

    Args:
        cluster: The cluster.
        service: The service.
        wanted: What was asked.
        taskdef_arn: The revision, where one is to be named.
        configuration: The service's ``deploymentConfiguration``, as it stands.
    """
    request: dict[str, Any] = {"cluster": cluster, "service": service, **wanted.parameters}
    if taskdef_arn is not None:
        request["taskDefinition"] = taskdef_arn
    if wanted.force_new_deployment:
        request["forceNewDeployment"] = True
    if wanted.desired_count is not None:
        request["desiredCount"] = wanted.desired_count
    if wanted.changes_configuration:
        request["deploymentConfiguration"] = _configuration(wanted, configuration or {})
    return request


def _configuration(wanted: Wanted, current: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the file and the flags ask of the deploymentConfiguration."""
    given = wanted.parameters.get("deploymentConfiguration", {})
    result = dict(given)
    if wanted.circuit_breaker is not None:
        result["deploymentCircuitBreaker"] = {
            **(current.get("deploymentCircuitBreaker") or {}),
            **given.get("deploymentCircuitBreaker", {}),
            "enable": wanted.circuit_breaker != "off",
            "rollback": wanted.circuit_breaker == "rollback",
        }
    if wanted.minimum_healthy is not None:
        result["minimumHealthyPercent"] = wanted.minimum_healthy
    if wanted.maximum is not None:
        result["maximumPercent"] = wanted.maximum
    return result


def percent_faults(request: Mapping[str, Any], service: Service) -> Iterator[str]:
    """Yield why ECS could never replace a task with the percentages that were asked.

    What was not asked is the service's own. Only a rolling deployment of ECS's replaces tasks so.
    """
    asked = request.get("deploymentConfiguration", {})
    after = service.replaced(configuration={**service.configuration, **asked})
    is_rolling = service.controller == "ECS" and not after.is_shifting
    if not is_rolling or not any(name in asked for name in _PERCENTAGES):
        return
    least, most = (after.configuration.get(name) for name in _PERCENTAGES)
    if isinstance(least, int) and isinstance(most, int) and least >= most:
        yield (
            f"minimumHealthyPercent {least} leaves no room below maximumPercent {most}: "
            "ECS could neither start a new task first nor stop an old one"
        )


def codedeploy_faults(wanted: Wanted) -> Iterator[str]:
    """Yield what was asked that ECS refuses of a service whose deployments CodeDeploy makes."""
    if wanted.circuit_breaker is not None:
        yield (
            "--circuit-breaker is for ECS's own deployments; CodeDeploy's deployment group has "
            "its own rollback"
        )
    # A forced one is a deployment of CodeDeploy's then.
    for name in sorted(set(wanted.parameters) - _UNDER_CODEDEPLOY - {"forceNewDeployment"}):
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
    is not proven either) one that an older deployment has completed; failing that, one that is
    still under way, or what the service points at. Never one whose only deployment has failed, nor
    a task set that has not served yet.
    """
    serving = service.serving
    older = [
        each
        for each in service.task_sets
        if serving is None or (each.created_at or LONG_AGO) < (serving.created_at or LONG_AGO)
    ]
    for task_set in (each for each in (serving, *older) if each is not None):
        if task_set.taskdef_arn not in {"", new}:
            return task_set.taskdef_arn
    others = [each for each in service.deployments if each.taskdef_arn not in {"", new}]
    proven = [each for each in others if each.rollout_state in {"COMPLETED", None}]
    hopeful = [each for each in others if each.rollout_state != "FAILED"]
    if others:
        return next((each.taskdef_arn for each in (*proven, *hopeful)), None)
    return service.taskdef_arn if service.taskdef_arn != new else None


def has_failed(service: Service, *, taskdef_arn: str) -> bool:
    """Whether the service was brought to this revision, and ECS has given it up."""
    primary = service.primary
    return (
        primary is not None
        and primary.taskdef_arn == taskdef_arn
        and primary.rollout_state == "FAILED"
    )


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
    yield from _unasked(
        before.configuration,
        after.configuration,
        request.get("deploymentConfiguration", {}),
        "deploymentConfiguration",
    )
    if "desiredCount" not in request and before.desired != after.desired:
        yield f"the desired count changed from {before.desired} to {after.desired} meanwhile"


def _unasked(old: Any, new: Any, asked: Any, path: str) -> Iterator[str]:
    """Yield what changed below a member and differs from what was asked of it."""
    if isinstance(old, Mapping) and isinstance(asked, Mapping):
        after = new if isinstance(new, Mapping) else {}
        for name in sorted({*old, *after}):
            yield from _unasked(old.get(name), after.get(name), asked.get(name), f"{path}.{name}")
    elif old != new and (asked is None or asked == old):
        yield f"{path} changed from {old} to {new}, which nobody asked"


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
