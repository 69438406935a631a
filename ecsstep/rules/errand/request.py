"""How ECS is asked to run one task as a service's own tasks are run."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ecsstep.rules.model import Shape, faults, spelled
from ecsstep.rules.service import Service
from ecsstep.text import listed, meant
from ecsstep.value import Value

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
_NOT_IN_STARTED_BY = re.compile(r"[^A-Za-z0-9/_-]")
_MOST_IN_STARTED_BY = 128
_BY_FLAG = {
    "cluster": "--cluster",
    "taskDefinition": "--taskdef",
    "count": "nothing: this step runs one task",
    "clientToken": "the AWS SDK, anew for each run",
    "startedBy": "the step itself",
}


class Wanted(Value):
    """What was asked of the task.

    Attributes:
        container: The container that does the work.
        command: What it runs; nothing for the definition's own command.
        environment: Variables to set in it.
        parameters: Any other members of RunTask.
    """

    container: str
    command: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    parameters: Mapping[str, Any] = {}


def worker(definition: Mapping[str, Any], named: str | None) -> str:
    """Return the name of the container that does the work.

    Raises:
        ValueError: It can't be told which, or there is none of this name.
    """
    names = [str(each.get("name")) for each in definition.get("containerDefinitions", ())]
    if named is not None:
        if named in names:
            return named
        raise ValueError(
            f"the task definition has no container '{named}', it has {listed(names)}"
            f"{meant(named, names)}"
        )
    if len(names) == 1:
        return names[0]
    raise ValueError(f"which container does the work? give --container: {listed(names)}")


def essentials(definition: Mapping[str, Any]) -> frozenset[str]:
    """Return the containers whose end is the task's end; ECS's default is that each is one."""
    return frozenset(
        str(each.get("name"))
        for each in definition.get("containerDefinitions", ())
        if each.get("essential", True)
    )


def wanted_faults(wanted: Wanted, definition: Mapping[str, Any]) -> Iterator[str]:
    """Yield what ECS would refuse: a name that stands among the container's secrets."""
    for container in definition.get("containerDefinitions", ()):
        if container.get("name") == wanted.container:
            secrets = {each.get("name") for each in container.get("secrets", ())}
            for name, _ in wanted.environment:
                if name in secrets:
                    yield f"--env: '{name}' is a secret of container '{wanted.container}' already"


def parameter_faults(parameters: Any, shape: Shape) -> Iterator[str]:
    """Yield what of a --parameters file doesn't fit RunTask, by the API's own shape."""
    if not isinstance(parameters, Mapping):
        yield "it holds no object"
        return
    for fault in faults({"taskDefinition": "", **parameters}, shape):
        yield f"{spelled(fault.path, parameters)} {fault.says}"
    for name, by in _BY_FLAG.items():
        if name in parameters:
            yield f"{name} is given by {by}, not in the file"


def request_for(
    service: Service, wanted: Wanted, *, taskdef_arn: str, started_by: str
) -> dict[str, Any]:
    """Return the RunTask request.

    Network, platform version, capacity providers or launch type and the constraints on hosts are
    the service's, unless the parameters say otherwise.
    """
    request: dict[str, Any] = {
        "cluster": service.cluster_arn,
        "taskDefinition": taskdef_arn,
        "count": 1,
        "startedBy": _NOT_IN_STARTED_BY.sub("-", started_by)[:_MOST_IN_STARTED_BY],
        **_like(service, wanted.parameters),
        **wanted.parameters,
    }
    overrides = _overrides(wanted)
    return {**request, **({"overrides": overrides} if overrides else {})}


def _like(service: Service, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return where the service's tasks run; ECS refuses a launch type beside providers."""
    found: dict[str, Any] = {}
    if service.network:
        found["networkConfiguration"] = service.network
    if service.platform_version:
        found["platformVersion"] = service.platform_version
    # distinctInstance is about the tasks of one service among themselves.
    hosts = [each for each in service.placement_constraints if each.get("type") == "memberOf"]
    if hosts:
        found["placementConstraints"] = hosts
    if not {"launchType", "capacityProviderStrategy"} & set(parameters):
        if service.capacity_providers:
            found["capacityProviderStrategy"] = list(service.capacity_providers)
        elif service.launch_type:
            found["launchType"] = service.launch_type
    return found


def _overrides(wanted: Wanted) -> dict[str, Any]:
    given = dict(wanted.parameters.get("overrides", {}))
    containers: tuple[Mapping[str, Any], ...] = tuple(given.get("containerOverrides", ()))
    ours = next((dict(each) for each in containers if each.get("name") == wanted.container), {})
    if wanted.command:
        ours["command"] = list(wanted.command)
    if wanted.environment:
        before = {each["name"]: each.get("value", "") for each in ours.get("environment", ())}
        both = before | dict(wanted.environment)
        ours["environment"] = [{"name": name, "value": value} for name, value in both.items()]
    others = [each for each in containers if each.get("name") != wanted.container]
    if ours:
        others = [{**ours, "name": wanted.container}, *others]
    return {**given, "containerOverrides": others} if others else given
