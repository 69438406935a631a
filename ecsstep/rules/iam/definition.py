"""What a task definition says about the policy of those who deploy it."""

from collections.abc import Mapping
from typing import Any

from ecsstep.rules.ecr_images import ecr_images
from ecsstep.rules.iam.target import ANY, Repository, Target
from ecsstep.rules.service import LogPlace, log_places

_ROLES = ("taskRoleArn", "executionRoleArn")


def narrowed(target: Target, definition: Mapping[str, Any]) -> Target:
    """Return the target with the definition's family, roles, log groups and images in ECR."""
    family = definition.get("family")
    roles = [str(definition[name]) for name in _ROLES if definition.get(name)]
    groups = [_group(place, target) for place in log_places(definition)]
    images = [
        Repository(name=each.repository, account=each.account, region=each.region)
        for each in ecr_images(definition, is_emulated=True)
    ]
    return target.replaced(
        families=_joined(target.families, [str(family)] if family else []),
        roles=_joined(target.roles, roles),
        log_groups=_joined(target.log_groups, groups),
        # Images elsewhere say nothing of the repository that another step pushes to.
        repositories=_joined(target.repositories or (), images) or target.repositories,
    )


def _group(place: LogPlace, target: Target) -> str:
    """Return a log group's name, or its ARN where it is in a region of its own."""
    if not place.region or place.region == target.region:
        return place.group
    where = f"arn:{target.partition}:logs:{place.region}:{target.account or ANY}"
    return f"{where}:log-group:{place.group}"


def _joined(known: tuple[Any, ...], more: list[Any]) -> tuple[Any, ...]:
    return (*known, *(each for each in more if each not in known))
