"""Whether two task definitions are the same to ECS."""

from collections.abc import Callable, Mapping
from typing import Any

# What orders mean nothing to ECS, and by what their items are told apart.
_UNORDERED: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "environment": lambda item: item.get("name"),
    "secrets": lambda item: item.get("name"),
    "mountPoints": lambda item: str(item.get("containerPath")),
    "volumes": lambda item: str(item.get("name")),
    "tags": lambda item: str(item.get("key")),
    "ulimits": lambda item: str(item.get("name")),
    "dependsOn": lambda item: str(item.get("containerName")),
    "extraHosts": lambda item: (str(item.get("hostname")), str(item.get("ipAddress"))),
    "systemControls": lambda item: str(item.get("namespace")),
    "volumesFrom": lambda item: str(item.get("sourceContainer")),
}
# What ECS fills in by itself when a definition is registered
# (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html,
# API_HealthCheck.html, API_RegisterTaskDefinition.html; without a mode ECS chooses bridge on EC2),
# and what it takes for granted where nothing is said.
_TASK_DEFAULTS: Mapping[str, Any] = {"networkMode": "bridge", "enableFaultInjection": False}
_CONTAINER_DEFAULTS: Mapping[str, Any] = {
    "cpu": 0,
    "essential": True,
    "versionConsistency": "enabled",
}
_PORT_DEFAULTS: Mapping[str, Any] = {"protocol": "tcp"}
_MOUNT_DEFAULTS: Mapping[str, Any] = {"readOnly": False}
_EFS_DEFAULTS: Mapping[str, Any] = {"rootDirectory": "/", "transitEncryption": "DISABLED"}
_HEALTH_DEFAULTS: Mapping[str, Any] = {"interval": 30, "timeout": 5, "retries": 3}
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
    mode = definition.get("networkMode", "bridge")
    result = {name: _plain(name, value) for name, value in definition.items()}
    for name, spelled in (("cpu", _cpu_units), ("memory", _memory_mib)):
        if name in result:
            result[name] = spelled(str(result[name]))
    if isinstance(result.get("requiresCompatibilities"), list):
        result["requiresCompatibilities"] = sorted(result["requiresCompatibilities"])
    result["containerDefinitions"] = [
        _normal_container(container, str(mode))
        for container in result.get("containerDefinitions", ())
    ]
    if "volumes" in result:
        result["volumes"] = [_normal_volume(volume) for volume in result["volumes"]]
    result = _without_defaults(result, _TASK_DEFAULTS)
    return {name: value for name, value in result.items() if not _is_empty(value)}


def _normal_container(container: Mapping[str, Any], mode: str) -> dict[str, Any]:
    result = _without_defaults(container, _CONTAINER_DEFAULTS)
    if "portMappings" in container:
        ports = [_normal_port(port, mode) for port in container["portMappings"]]
        result["portMappings"] = sorted(ports, key=lambda port: sorted(map(str, port.items())))
    if "mountPoints" in container:
        result["mountPoints"] = [
            _without_defaults(each, _MOUNT_DEFAULTS) for each in container["mountPoints"]
        ]
    if "healthCheck" in container:
        result["healthCheck"] = _without_defaults(container["healthCheck"], _HEALTH_DEFAULTS)
    return result


def _normal_volume(volume: Mapping[str, Any]) -> dict[str, Any]:
    result = dict(volume)
    if "efsVolumeConfiguration" in volume:
        result["efsVolumeConfiguration"] = _without_defaults(
            volume["efsVolumeConfiguration"], _EFS_DEFAULTS
        )
    return result


def _normal_port(port: Mapping[str, Any], mode: str) -> dict[str, Any]:
    result = _without_defaults(port, _PORT_DEFAULTS)
    # In bridge mode ECS chooses a host port where none, or 0, is given; awsvpc and host know no
    # other host port than the container's own.
    filled_in = port.get("containerPort") if mode in {"awsvpc", "host"} else 0
    if result.get("hostPort") == filled_in:
        result.pop("hostPort", None)
    return result


def _without_defaults(value: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: item for name, item in value.items() if name not in defaults or item != defaults[name]
    }


def _plain(name: str, value: Any) -> Any:
    """Return a value with its unordered lists in one order and its empty members gone."""
    if isinstance(value, Mapping):
        members = {key: _plain(key, item) for key, item in value.items()}
        return {key: item for key, item in members.items() if not _is_empty(item)}
    if isinstance(value, list):
        items = [_plain("", item) for item in value]
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
