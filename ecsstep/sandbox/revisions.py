"""What a revision of CodeDeploy says to do with an ECS service."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecsstep.sandbox.api import ApiError


@dataclass(frozen=True, kw_only=True)
class TargetService:
    """What an AppSpec says.

    Attributes:
        content: The AppSpec, as it came.
        task_definition: The revision to deploy.
        container: The container that gets the traffic.
        port: That container's port.
    """

    content: str
    task_definition: str
    container: str
    port: int


def target_service(revision: Mapping[str, Any]) -> TargetService:
    """Return what a CreateDeployment's ``revision`` asks for.

    Raises:
        ApiError: It asks for nothing that can be read.
    """
    content = (revision.get("appSpecContent") or revision.get("string") or {}).get("content", "")
    try:
        resources = _member(_parsed(content), "resources")
        [service] = resources[0].values()
        properties = _member(service, "properties")
        balancer = _member(properties, "loadBalancerInfo")
        return TargetService(
            content=content,
            task_definition=str(_member(properties, "taskDefinition")),
            container=str(_member(balancer, "containerName")),
            port=int(_member(balancer, "containerPort")),
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise ApiError(
            "InvalidRevisionException", f"The AppSpec can't be read: {type(error).__name__} {error}"
        ) from error


def _parsed(content: str) -> Any:
    import yaml

    try:
        return json.loads(content)
    except ValueError:
        return yaml.safe_load(content)


def _member(value: Mapping[str, Any], name: str) -> Any:
    """Return a member by its name in any case, as CodeDeploy does."""
    [found] = [item for key, item in value.items() if key.lower() == name.lower()]
    return found
