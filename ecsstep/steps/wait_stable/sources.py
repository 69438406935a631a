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


class Deployers(Value):
    """What deploys, and can be told to go back; CodeDeploy only where a service is under it."""

    ecs: EcsCalls
    code: Callable[[], CodeDeployCalls]


class Sources(Value):
    """Everything that this step reads, or stops.

    Attributes:
        deployers: What deploys.
        hurried: The same, for calls that give up within seconds: the step is being ended.
    """

    deployers: Deployers
    hurried: Callable[[], Deployers]
    read_log: evidence.ReadLog
    sick_targets: evidence.SickTargets
    parts_of: evidence.PartsOf
