"""What wait-stable can be told."""

from typing import TYPE_CHECKING, NamedTuple

from ecsstep.core.options import CLUSTER, SERVICE, Given, Option, Options
from ecsstep.core.shared import INTERVAL, LOGS, ON_CANCEL, ON_TIMEOUT, TIMEOUT
from ecsstep.core.values import one_of
from ecsstep.rules.deployment_id import deployment_id
from ecsstep.rules.stages import parse_until
from ecsstep.rules.waited.endings import parse_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Subject(NamedTuple):
    """A service, and its deployment where one was named."""

    service: str
    deployment: str | None


def _subject(text: str) -> Subject:
    service, equals, deployment = text.partition("=")
    if not service or (equals and not deployment):
        raise ValueError(f"'{text}' is not NAME or NAME=DEPLOYMENT")
    return Subject(service, deployment_id(deployment) if deployment else None)


class WaitOptions(Options):
    """What wait-stable can be told."""

    cluster: str = CLUSTER.field(required=True)
    service: tuple[Subject, ...] = SERVICE.field(
        required=True,
        repeatable=True,
        parse=_subject,
        metavar="NAME[=DEPLOYMENT]",
        help="ECS service, with the deployment to follow or without",
    )
    deployment: str | None = Option(
        flag="--deployment",
        help="id of the deployment to follow, as service-update printed it; without it, the "
        "service's primary deployment at the start",
        metavar="ID",
        parse=deployment_id,
    ).field()
    timeout: float = TIMEOUT.field(default="30m")
    interval: float = INTERVAL.field(
        help="time between two looks; longer while nothing changes and after throttling"
    )
    logs: int = LOGS.field(help="how many of the failing container's last log lines to show")
    until: str = Option(
        flag="--until",
        help="how far to wait: deployed, or a stage of ECS or CodeDeploy that has to be reached",
        metavar="STAGE",
        parse=parse_until,
        default="deployed",
    ).field()
    on_timeout: str = ON_TIMEOUT.field(
        help="what to do with a deployment that is still under way when the time is over, or that "
        "is hopeless without a circuit breaker",
        parse=one_of("keep", "rollback"),
    )
    on_cancel: str = ON_CANCEL.field(parse=one_of("keep", "rollback"))
    report: tuple[str, ...] = Option(
        flag="--report",
        help="write a report to this file, by its ending: .json, .md, .xml (JUnit) or .html; with "
        "its form before it (junit=FILE) as well",
        metavar="FILE",
        parse=parse_path,
        repeatable=True,
    ).field()

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """The services with the deployments to follow."""
        alone = len(self.service) == 1
        return tuple(
            Subject(name, id_ or (self.deployment if alone else None)) for name, id_ in self.service
        )

    @property
    def stage(self) -> str:
        """The stage to wait for; nothing for the end."""
        return "" if self.until == "deployed" else self.until

    @classmethod
    def faults(cls, given: Given) -> "Iterator[str]":
        """Yield what is wrong between the services and the deployment."""
        services: Sequence[Subject] = given.values.get("service", ())
        # A name and the ARN that ends in it are the same service.
        names = [each.service.rpartition("/")[2] for each in services]
        yield from (
            f"--service: '{name}' is given {names.count(name)} times"
            for name in dict.fromkeys(names)
            if names.count(name) > 1
        )
        is_by_flag = "deployment" in given.by_flag
        if "deployment" not in given.values or not services:
            return
        if len(services) > 1 and (is_by_flag or not all(each.deployment for each in services)):
            given_as = "--deployment" if is_by_flag else "ECSSTEP_DEPLOYMENT"
            yield f"{given_as} names one deployment; with several services: --service NAME=ID"
        elif is_by_flag and services[0].deployment:
            yield "--deployment and --service NAME=ID both name a deployment"
