"""What one run of service-update has to do with."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ecsstep.aws.definitions import HasImage
from ecsstep.core.step import World
from ecsstep.rules import update
from ecsstep.rules.codedeploy import CodeDeployment, DeploymentGroup
from ecsstep.rules.model import Shape
from ecsstep.rules.registered import Registered
from ecsstep.rules.service import Service
from ecsstep.rules.taskdef import Model
from ecsstep.steps.service_update.options import UpdateOptions
from ecsstep.value import Value


class Updater(Protocol):
    """What this step does with ECS."""

    def service(self, cluster: str, name: str) -> Service | None: ...  # noqa: D102
    def task_definition(self, name: str) -> Registered: ...  # noqa: D102
    def register(self, definition: Mapping[str, Any]) -> str: ...  # noqa: D102
    def update_service(self, request: Mapping[str, Any]) -> Service: ...  # noqa: D102


class Deployer(Protocol):
    """What this step does with CodeDeploy."""

    def group(self, application: str, group: str) -> DeploymentGroup: ...  # noqa: D102
    def deployment(self, deployment: str) -> CodeDeployment | None: ...  # noqa: D102
    def create_deployment(self, request: Mapping[str, Any]) -> str: ...  # noqa: D102


class Clients(Value):
    """What this step reaches AWS by; CodeDeploy and ECR only where they are needed.

    Attributes:
        is_emulated: Whether a registry on this machine is ECR's.
    """

    ecs: Updater
    codedeploy: Callable[[], Deployer]
    has_image: HasImage
    is_emulated: bool = False


class Api(Value):
    """The API's own description: of a task definition, and of UpdateService."""

    task_definition: Model
    update_service: Shape


class Inputs(Value):
    """What the options and their files say.

    Attributes:
        definition: The definition to run; nothing where a revision or nothing was named.
        appspec: The AppSpec in the file, if one was given.
    """

    wanted: update.Wanted
    definition: Mapping[str, Any]
    appspec: Mapping[str, Any] | None


class Job(Value):
    """What one run of this step has to do with."""

    options: UpdateOptions
    world: World
    clients: Clients
    api: Api
    inputs: Inputs
