"""Elastic Load Balancing."""

from typing import TYPE_CHECKING, Any

from ecsstep.aws.errors import translated
from ecsstep.rules.service import TargetHealth

if TYPE_CHECKING:
    from collections.abc import Iterable

_WELL = frozenset({"healthy", "unused"})


class Elbv2:
    """The calls of Elastic Load Balancing that the steps make."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def sick_targets(self, group_arn: str) -> tuple[TargetHealth, ...]:
        """Return the targets of a group that aren't healthy, with what the health check saw.

        Raises:
            StepError: The call failed: see :func:`ecsstep.aws.errors.translated`.
        """
        with translated(
            f"read the health of target group '{group_arn}'",
            action="elasticloadbalancing:DescribeTargetHealth",
        ):
            reply = self._client.describe_target_health(TargetGroupArn=group_arn)
        found: Iterable[Any] = reply.get("TargetHealthDescriptions", ())
        return tuple(
            _target_from(group_arn, each)
            for each in found
            if each.get("TargetHealth", {}).get("State") not in _WELL
        )


def _target_from(group_arn: str, reply: Any) -> TargetHealth:
    target, health = reply.get("Target", {}), reply.get("TargetHealth", {})
    port = f":{target['Port']}" if target.get("Port") else ""
    return TargetHealth(
        group_arn=group_arn,
        target=f"{target.get('Id', '')}{port}",
        state=health.get("State", ""),
        reason=health.get("Reason", ""),
        words=health.get("Description", ""),
    )
