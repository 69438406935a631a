"""What has to be done to bring a service to a revision, as the requests that do it."""

from collections.abc import Callable, Mapping
from typing import Any

from ecsstep.rules.service import Service
from ecsstep.rules.update import asks_for_something, codedeploy_request
from ecsstep.value import Value


class Plan(Value):
    """What is to be done.

    Attributes:
        service: The service as it stands.
        definition: The definition to register; nothing where none is new.
        arn: The revision to run, where none is registered.
        update: The UpdateService request, its revision aside where that is not registered yet.
        application: CodeDeploy's application and deployment group, where it makes the deployment.
        appspec: What CodeDeploy is told, given the revision.
    """

    service: Service
    definition: Mapping[str, Any]
    arn: str
    update: Mapping[str, Any]
    application: tuple[str, str] | None = None
    appspec: Callable[[str], Mapping[str, Any]] = lambda _: {}

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
