"""What task-run does with AWS."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ecsstep.aws.definitions import HasImage
from ecsstep.aws.tail import ReadOn
from ecsstep.rules.errand.verdict import NotPlaced
from ecsstep.rules.model import Shape
from ecsstep.rules.registered import Registered
from ecsstep.rules.service import Service, Task
from ecsstep.rules.taskdef import Model
from ecsstep.value import Value


class EcsCalls(Protocol):
    """What this step needs from ECS's services and definitions."""

    def service(self, cluster: str, name: str) -> Service | None: ...  # noqa: D102
    def task_definition(self, name: str) -> Registered: ...  # noqa: D102
    def register(self, definition: Mapping[str, Any]) -> str: ...  # noqa: D102


class TaskCalls(Protocol):
    """What this step does with tasks."""

    def run(self, request: Mapping[str, Any]) -> Task | NotPlaced: ...  # noqa: D102
    def task(self, cluster: str, arn: str) -> Task | None: ...  # noqa: D102
    def stop(self, cluster: str, arn: str, reason: str) -> None: ...  # noqa: D102


class Sources(Value):
    """Everything that this step reads or asks for.

    Attributes:
        is_emulated: Whether a registry on this machine is ECR's.
        task_definition: The API's own description of a task definition.
        run_task: And of RunTask.
    """

    ecs: EcsCalls
    tasks: TaskCalls
    read_on: ReadOn
    has_image: HasImage
    is_emulated: bool = False
    task_definition: Callable[[], Model]
    run_task: Callable[[], Shape]
