"""What wait-stable reads, or stops."""

from collections.abc import Callable
from typing import Protocol

from ecsstep.aws import evidence, looks
from ecsstep.value import Value


class EcsCalls(looks.Ecs, evidence.Ecs, Protocol):
    """What this step needs from ECS."""

    def stop_deployment(self, arn: str) -> None: ...  # noqa: D102


class CodeDeployCalls(looks.CodeDeploy, Protocol):
    """What this step needs from CodeDeploy."""

    def stop_deployment(self, deployment: str) -> None: ...  # noqa: D102


class Sources(Value):
    """Everything that this step reads, or stops; CodeDeploy only where a service is under it."""

    ecs: EcsCalls
    code: Callable[[], CodeDeployCalls]
    read_log: evidence.ReadLog
    sick_targets: evidence.SickTargets
