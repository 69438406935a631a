"""Whether two task definitions are the same to ECS."""

from collections.abc import Callable, Mapping
from typing import Any

# What orders mean nothing to ECS, and by what their items are told apart.
_UNORDERED: dict[str, Callable[[Any], Any]] = {
    "add": str,
    "dependsOn": lambda item: str(item.get("containerName")),
    "drop": str,
    "environment": lambda item: item.get("name"),
    "extraHosts": lambda item: (str(item.get("hostname")), str(item.get("ipAddress"))),
    "mountPoints": lambda item: str(item.get("containerPath")),
    "placementConstraints": lambda item: (str(item.get("type")), str(item.get("expression"))),
    "properties": lambda item: str(item.get("name")),
    "requiresCompatibilities": str,
    "resourceRequirements": lambda item: (str(item.get("type")), str(item.get("value"))),
    "secretOptions": lambda item: str(item.get("name")),
    "secrets": lambda item: item.get("name"),
    "systemControls": lambda item: str(item.get("namespace")),
    "tags": lambda item: str(item.get("key")),
    "ulimits": lambda item: str(item.get("name")),
    "volumes": lambda item: str(item.get("name")),
    "volumesFrom": lambda item: str(item.get("sourceContainer")),
}
# What ECS fills in by itself when a definition is registered
# (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html,
# API_HealthCheck.html, API_RegisterTaskDefinition.html; without a mode ECS chooses bridge on EC2),
# and what it takes for granted where nothing is said; by the member that it is in.
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "": {"networkMode": "bridge", "enableFaultInjection": False},
    "authorizationConfig": {"iam": "DISABLED"},
    "containerDefinitions": {
        "cpu": 0,
        "disableNetworking": False,
        "essential": True,
        "interactive": False,
        "privileged": False,
        "pseudoTerminal": False,
        "readonlyRootFilesystem": False,
        "versionConsistency": "enabled",
    },
    "dockerVolumeConfiguration": {"autoprovision": False},
    "efsVolumeConfiguration": {"rootDirectory": "/", "transitEncryption": "DISABLED"},
    "healthCheck": {"interval": 30, "timeout": 5, "retries": 3, "startPeriod": 0},
    "linuxParameters": {"initProcessEnabled": False},
    "mountPoints": {"readOnly": False},
    "portMappings": {"protocol": "tcp"},
    "proxyConfiguration": {"type": "APPMESH"},
    "restartPolicy": {"restartAttemptPeriod": 300},
    "volumes": {"configuredAtLaunch": False},
    "volumesFrom": {"readOnly": False},
}
_UNITS_IN_A_CPU = 1024
_MIB_IN_A_GB = 1024


def are_equal(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two task definitions are the same to ECS.

    Equal after what ECS fills in and reorders: variables, ports, mounts and the like go by name,
    empty lists and defaults count as absent, and cpu and memory compare in their units.
    """
    return normal(one) == normal(other)


def normal(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return a definition without what ECS fills in and in one order, for comparison alone."""
    mode = str(definition.get("networkMode", "bridge"))
    result: dict[str, Any] = _plain("", definition)
    for name, spelled in (("cpu", _cpu_units), ("memory", _memory_mib)):
        if name in result:
            result[name] = spelled(str(result[name]))
    for container in result.get("containerDefinitions", ()):
        ports = [_normal_port(port, mode) for port in container.get("portMappings", ())]
        if ports:
            container["portMappings"] = sorted(
                ports, key=lambda port: sorted(map(str, port.items()))
            )
    return result


def _normal_port(port: Mapping[str, Any], mode: str) -> dict[str, Any]:
    result = dict(port)
    # In bridge mode ECS chooses a host port where none, or 0, is given; awsvpc and host know no
    # other host port than the container's own.
    filled_in = port.get("containerPort") if mode in {"awsvpc", "host"} else 0
    if result.get("hostPort") == filled_in:
        result.pop("hostPort", None)
    return result


def _plain(name: str, value: Any) -> Any:
    """Return a value with its unordered lists in one order, without defaults and empty members."""
    if isinstance(value, Mapping):
        members = {key: _plain(key, item) for key, item in value.items()}
        defaults = _DEFAULTS.get(name, {})
        return {
            key: item
            for key, item in members.items()
            if not _is_empty(item) and (key not in defaults or item != defaults[key])
        }
    if isinstance(value, list):
        items = [_plain(name, item) for item in value]
        order = _UNORDERED.get(name)
        return sorted(items, key=lambda item: str(order(item))) if order else items
    return value


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, (list, Mapping)) and not value)


def _cpu_units(text: str) -> str:
    """``.5 vCPU`` is 512 units."""
    number = text.lower().removesuffix("vcpu").strip()
    if number == text.strip():
        return number
    return _scaled(number, _UNITS_IN_A_CPU, text)


def _memory_mib(text: str) -> str:
    """``1 GB`` is 1024 MiB."""
    number = text.lower().removesuffix("gb").strip()
    if number == text.strip():
        return number
    return _scaled(number, _MIB_IN_A_GB, text)


def _scaled(number: str, factor: int, text: str) -> str:
    try:
        return str(round(float(number) * factor))
    except (ValueError, OverflowError):
        return text
