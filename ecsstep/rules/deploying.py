"""What has to be done to bring a service to a revision, as the requests that do it."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from ecsstep.rules.codedeploy import CodeDeployment
from ecsstep.rules.service import Service
from ecsstep.rules.update import asks_for_something, codedeploy_request
from ecsstep.value import Value

# What begins a deployment when it changes
# (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html).
_BEGINNING = frozenset(
    {
        "capacityProviderStrategy", "forceNewDeployment", "loadBalancers", "networkConfiguration",
        "platformVersion", "serviceConnectConfiguration", "serviceRegistries", "taskDefinition",
        "volumeConfigurations", "vpcLatticeConfigurations",
    }
)  # fmt: skip
_BAD_ENDS = frozenset({"Failed", "Stopped"})


class Plan(Value):
    """What is to be done.

    Attributes:
        service: The service as it stands.
        definition: The definition to register; nothing where none is new.
        arn: The revision to run, where none is registered.
        content: What that revision holds, where it was read.
        update: The UpdateService request, its revision aside where that is not registered yet.
        application: CodeDeploy's application and deployment group, where it makes the deployment.
        appspec: What CodeDeploy is told, given the revision.
        deployment: CodeDeploy's deployment that does already what was asked.
    """

    service: Service
    definition: Mapping[str, Any]
    arn: str
    content: Mapping[str, Any] = {}
    update: Mapping[str, Any]
    application: tuple[str, str] | None = None
    appspec: Callable[[str], Mapping[str, Any]] = lambda _: {}
    deployment: str = ""

    @property
    def begins_a_deployment(self) -> bool:
        """Whether tasks are going to be started by it."""
        return bool(self.definition or self.application or _BEGINNING & set(self.update))

    def requests(self, arn: str) -> dict[str, Any]:
        """Return the requests that are left to make when the revision is known, in their order."""
        found: dict[str, Any] = {}
        request = dict(self.update)
        if self.definition and self.application is None:
            request["taskDefinition"] = arn
        if asks_for_something(request):
            found["UpdateService"] = request
        if self.application:
            found["CreateDeployment"] = codedeploy_request(*self.application, self.appspec(arn))
        return found

    def all_requests(self) -> dict[str, Any]:
        """Return every request, with words in the place of a revision that has no number yet."""
        if not self.definition:
            return self.requests(self.arn)
        family = self.definition["family"]
        return {
            "RegisterTaskDefinition": self.definition,
            **self.requests(f"{family}:(the new revision)"),
        }


class Course(Enum):
    """What is to be done where CodeDeploy makes the deployments."""

    BEGIN = "begin a deployment"
    AGAIN = "begin it again: the last one of this revision ended badly"
    ADOPT = "the newest deployment is what was asked"
    WAIT = "another deployment is under way"
    KEEP = "nothing is to be deployed"


def course(
    last: CodeDeployment | None,
    *,
    is_ours: bool,
    is_new: bool,
    is_repeatable: bool,
    is_forced: bool = False,
) -> Course:
    """Return what is to be done, given the newest deployment of the group.

    Args:
        last: That deployment; None where there is none, or it can't be read.
        is_ours: Whether it brings exactly what was asked.
        is_new: Whether something was asked that the service doesn't run, or is not brought to.
        is_repeatable: Whether what was asked is to be done again though it was done.
        is_forced: Whether another one is wanted, whatever is under way.
    """
    if last is not None and not last.is_over:
        return Course.ADOPT if is_ours and not is_forced else Course.WAIT
    if is_new:
        return Course.BEGIN
    if last is not None and is_ours and last.status in _BAD_ENDS:
        return Course.AGAIN
    if is_repeatable:
        return Course.ADOPT if last is not None and is_ours else Course.BEGIN
    return Course.KEEP
