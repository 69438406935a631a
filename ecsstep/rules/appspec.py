"""The AppSpec: what CodeDeploy is told to do with an ECS service."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ecsstep.text import listed
from ecsstep.value import Value

_TYPE = "AWS::ECS::Service"
_LATEST = "LATEST"
_PORTS_OF_ONE = 1


class Traffic(Value):
    """Where the load balancer's traffic goes.

    Attributes:
        container: The container's name.
        port: Its port.
    """

    container: str
    port: int


def built(
    traffic: Traffic,
    *,
    taskdef_arn: str,
    platform_version: str = "",
    capacity_providers: Iterable[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return an AppSpec that changes the revision and nothing else.

    What the AppSpec leaves out comes from the service, with two exceptions that are therefore
    repeated: platform version (LATEST otherwise) and capacity providers
    (https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html).
    """
    properties: dict[str, Any] = {
        "TaskDefinition": taskdef_arn,
        "LoadBalancerInfo": {"ContainerName": traffic.container, "ContainerPort": traffic.port},
    }
    if platform_version not in {"", _LATEST}:
        properties["PlatformVersion"] = platform_version
    providers = [
        {_capitalised(name): value for name, value in each.items()} for each in capacity_providers
    ]
    if providers:
        properties["CapacityProviderStrategy"] = providers
    return {
        "version": 0.0,
        "Resources": [{"TargetService": {"Type": _TYPE, "Properties": properties}}],
    }


def maker(
    document: Mapping[str, Any] | None,
    traffic: Traffic,
    *,
    platform_version: str,
    capacity_providers: tuple[Mapping[str, Any], ...],
) -> Callable[[str], dict[str, Any]]:
    """Return what makes the AppSpec once the revision is known: from a sound document, or anew."""
    if document:
        return lambda arn: filled(document, taskdef_arn=arn)
    return lambda arn: built(
        traffic,
        taskdef_arn=arn,
        platform_version=platform_version,
        capacity_providers=capacity_providers,
    )


def filled(document: Mapping[str, Any], *, taskdef_arn: str) -> dict[str, Any]:
    """Return a sound AppSpec with its task definition filled in; all else stays as it stands."""
    resources = _key(document, "Resources")
    [named] = document[resources]
    [(name, target)] = named.items()
    properties = _key(target, "Properties")
    inside = target[properties]
    written = _key(inside, "TaskDefinition")
    changed = {**inside, written: taskdef_arn}
    return {**document, resources: [{name: {**target, properties: changed}}]}


def faults(document: Any) -> tuple[str, ...]:
    """Return what is wrong with an AppSpec; its keys may be in any case, as CodeDeploy allows."""
    if not isinstance(document, Mapping):
        return ("it holds no object",)
    resources = document.get(_key(document, "Resources"))
    if not isinstance(resources, list) or len(resources) != 1:
        return ("Resources must be a list of one target service",)
    named = resources[0]
    target = next(iter(named.values())) if isinstance(named, Mapping) and len(named) == 1 else None
    if not isinstance(target, Mapping):
        return ("Resources[0] must be one name with an object: {TargetService: {…}}",)
    found = []
    kind = target.get(_key(target, "Type"))
    if kind != _TYPE:
        found.append(f"Type must be {_TYPE}, not {kind if kind is not None else 'missing'}")
    properties = target.get(_key(target, "Properties"))
    if not isinstance(properties, Mapping):
        return (*found, "Properties is missing, or no object")
    if traffic_of(document) is None:
        found.append("LoadBalancerInfo must have a ContainerName and a ContainerPort")
    return tuple(found)


def named_revision(document: Mapping[str, Any]) -> str:
    """Return the task definition that a sound AppSpec names, or nothing for a placeholder."""
    properties = _properties(document)
    text = str(properties.get(_key(properties, "TaskDefinition")) or "").strip()
    return "" if text.startswith("<") else text


def traffic_of(document: Mapping[str, Any]) -> Traffic | None:
    """Return where an AppSpec sends the traffic, if it says so."""
    properties = _properties(document)
    balancer = properties.get(_key(properties, "LoadBalancerInfo"))
    if not isinstance(balancer, Mapping):
        return None
    container = balancer.get(_key(balancer, "ContainerName"))
    port = balancer.get(_key(balancer, "ContainerPort"))
    is_port = str(port).isdecimal() and not isinstance(port, bool)
    if not isinstance(container, str) or not container or not is_port:
        return None
    return Traffic(container=container, port=int(str(port)))


def traffic_behind(load_balancers: tuple[Mapping[str, Any], ...]) -> Traffic | str:
    """Return where a service's load balancer sends the traffic, or why that can't be told."""
    places = {(each.get("containerName"), each.get("containerPort")) for each in load_balancers}
    if len(places) == _PORTS_OF_ONE:
        [(container, port)] = places
        if container and port:
            return Traffic(container=str(container), port=int(port))
    if not places:
        return "the service has no load balancer"
    ports = (f"{container}:{port}" for container, port in sorted(places, key=str))
    return f"the service has several container ports behind load balancers: {listed(ports)}"


def traffic_faults(traffic: Traffic, definition: Mapping[str, Any]) -> tuple[str, ...]:
    """Return why a definition can't take this traffic: CodeDeploy would refuse it later."""
    containers = {str(each.get("name")): each for each in definition["containerDefinitions"]}
    if traffic.container not in containers:
        missing = f"the traffic goes to container '{traffic.container}', which is not in the task"
        return (f"{missing} definition; it has {listed(containers)}",)
    ports = [
        each.get("containerPort") for each in containers[traffic.container].get("portMappings", ())
    ]
    if traffic.port not in ports:
        place = f"port {traffic.port} of container '{traffic.container}'"
        return (f"the traffic goes to {place}, which opens {listed(ports)}",)
    return ()


def _properties(document: Mapping[str, Any]) -> Mapping[str, Any]:
    [named] = document[_key(document, "Resources")]
    [target] = named.values()
    properties: Mapping[str, Any] = target[_key(target, "Properties")]
    return properties


def _key(value: Mapping[Any, Any], name: str) -> str:
    """Return how a key is written in this object; as CodeDeploy's own pages do, where it isn't."""
    return next(
        (key for key in value if isinstance(key, str) and key.lower() == name.lower()), name
    )


def _capitalised(name: str) -> str:
    return f"{name[:1].upper()}{name[1:]}"
