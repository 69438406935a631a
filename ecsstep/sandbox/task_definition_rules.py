"""What ECS refuses in a task definition, and what it fills in."""

import re
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from ecsstep.sandbox.api import ApiError

_FAMILY = re.compile(r"[A-Za-z0-9_-]{1,255}")
_CPU_UNITS = 1024
_MEGABYTES = 1024

# Memory in MiB that Fargate offers with so many CPU units: least, most, step.
_FARGATE_MEMORY = {
    256: (512, 2048, None),
    512: (1024, 4096, 1024),
    1024: (2048, 8192, 1024),
    2048: (4096, 16384, 1024),
    4096: (8192, 30720, 1024),
    8192: (16384, 61440, 4096),
    16384: (32768, 122880, 8192),
}
_SMALLEST_MEMORY = (512, 1024, 2048)


def refuse(body: Mapping[str, Any]) -> None:
    """Find out whether ECS would register this.

    Raises:
        ApiError: ClientException in words like AWS's.
    """
    if not _FAMILY.fullmatch(body.get("family") or ""):
        raise _fault(
            "Family contains invalid characters. Valid characters are a-z, A-Z, 0-9, - and _."
        )
    containers = body.get("containerDefinitions") or []
    if not containers:
        raise _fault("Container list cannot be empty.")
    names = [container.get("name") for container in containers]
    for container in containers:
        _refuse_container(container, names, has_task_memory=bool(body.get("memory")))
    for name, following in pairwise(sorted(names)):
        if name == following:
            raise _fault(f"Container names must be unique; '{name}' is used more than once.")
    if not any(container.get("essential", True) for container in containers):
        raise _fault("A task definition must have at least one essential container.")
    if "FARGATE" in body.get("requiresCompatibilities", ()):
        _refuse_fargate(body)


def _refuse_container(
    container: Mapping[str, Any], names: list[Any], *, has_task_memory: bool
) -> None:
    for member in ("name", "image"):
        if not container.get(member):
            raise _fault(f"Container.{member} should not be null or empty.")
    name = container["name"]
    if (
        not has_task_memory
        and not container.get("memory")
        and not container.get("memoryReservation")
    ):
        raise _fault(
            f"Invalid setting for container '{name}'. At least one of 'memory' or "
            "'memoryReservation' must be specified."
        )
    taken = {variable.get("name") for variable in container.get("environment", ())}
    for secret in container.get("secrets", ()):
        if secret["name"] in taken:
            raise _fault(
                "The secret name must be unique and not shared with any new or existing "
                f"environment variables set on the container, such as '{secret['name']}'."
            )
        taken.add(secret["name"])
    for dependency in container.get("dependsOn", ()):
        if dependency["containerName"] not in names:
            raise _fault(
                f"Container '{name}' depends on '{dependency['containerName']}', which is not "
                "in the task definition."
            )


def _refuse_fargate(body: Mapping[str, Any]) -> None:
    for member in ("cpu", "memory"):
        if not body.get(member):
            raise _fault(f"Fargate requires that '{member}' be defined at the task level.")
    if body.get("networkMode") != "awsvpc":
        raise _fault("Fargate only supports network mode 'awsvpc'.")
    cpu, memory = int(cpu_units(body["cpu"])), int(megabytes(body["memory"]))
    least, most, step = _FARGATE_MEMORY.get(cpu, (0, -1, None))
    offered = _SMALLEST_MEMORY if step is None else range(least, most + 1, step)
    if not least <= memory <= most or memory not in offered:
        raise _fault(
            f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. "
            "See the Amazon ECS documentation for the valid values."
        )
    logs = {c.get("logConfiguration", {}).get("logDriver") for c in body["containerDefinitions"]}
    if "awslogs" in logs and not body.get("executionRoleArn"):
        raise _fault(
            "Fargate requires task definition to have execution role ARN to support log driver "
            "awslogs."
        )


def filled_in(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the definition as ECS gives it back: complete, and in its own spelling.

    Lists of variables come back in another order: nobody may rely on the order that was
    registered, so here it is turned round.
    """
    definition = dict(body)
    if "cpu" in definition:
        definition["cpu"] = cpu_units(definition["cpu"])
    if "memory" in definition:
        definition["memory"] = megabytes(definition["memory"])
    is_awsvpc = definition.get("networkMode") == "awsvpc"
    definition["containerDefinitions"] = [
        _filled_in_container(container, is_awsvpc=is_awsvpc)
        for container in definition["containerDefinitions"]
    ]
    definition.setdefault("volumes", [])
    definition.setdefault("placementConstraints", [])
    definition["requiresAttributes"] = [{"name": name} for name in _attributes(definition)]
    can_fargate = is_awsvpc and "cpu" in definition and "memory" in definition
    definition["compatibilities"] = ["EC2", "FARGATE"] if can_fargate else ["EC2"]
    return definition


def _filled_in_container(container: Mapping[str, Any], *, is_awsvpc: bool) -> dict[str, Any]:
    filled = {
        "cpu": 0,
        "essential": True,
        "environment": [],
        "mountPoints": [],
        "volumesFrom": [],
        "portMappings": [],
        "systemControls": [],
        **container,
    }
    filled["environment"] = list(reversed(filled["environment"]))
    filled["portMappings"] = [
        {
            **(
                {"hostPort": port["containerPort"]} if is_awsvpc and "containerPort" in port else {}
            ),
            "protocol": "tcp",
            **port,
        }
        for port in filled["portMappings"]
    ]
    return filled


def _attributes(definition: Mapping[str, Any]) -> list[str]:
    found = {"com.amazonaws.ecs.capability.docker-remote-api.1.18"}
    if definition.get("networkMode") == "awsvpc":
        found.add("ecs.capability.task-eni")
    if definition.get("taskRoleArn"):
        found.add("com.amazonaws.ecs.capability.task-iam-role")
    for container in definition["containerDefinitions"]:
        driver = container.get("logConfiguration", {}).get("logDriver")
        if driver:
            found.add(f"com.amazonaws.ecs.capability.logging-driver.{driver}")
        if container.get("secrets"):
            found.add("ecs.capability.secrets.ssm.environment-variables")
    return sorted(found)


def cpu_units(text: str) -> str:
    """Return a task's CPU as ECS keeps it: ``.25 vCPU`` is ``256``.

    Raises:
        ApiError: It is no number.
    """
    return _quantity(text, r"vcpu", _CPU_UNITS, "cpu")


def megabytes(text: str) -> str:
    """Return a task's memory as ECS keeps it: ``0.5 GB`` is ``512``.

    Raises:
        ApiError: It is no number.
    """
    return _quantity(text, r"gb", _MEGABYTES, "memory")


def _quantity(text: str, unit: str, factor: int, member: str) -> str:
    found = re.fullmatch(rf"(\d*\.?\d+)\s*({unit})?", text.strip(), re.IGNORECASE)
    if not found or (not found[2] and not found[1].isdecimal()):
        raise _fault(f"Invalid '{member}' setting for task: {text}")
    return str(round(float(found[1]) * factor)) if found[2] else found[1]


def _fault(message: str) -> ApiError:
    return ApiError("ClientException", message)
