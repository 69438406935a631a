"""What service-update can be told."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from ecsstep.core.options import CLUSTER, DRY_RUN, LONGEST_ARN, SERVICE, Given, Option, Options
from ecsstep.core.values import count, one_of
from ecsstep.rules.revision_names import family_fault, names_a_family, names_a_revision

_ASKING = (
    "taskdef", "force_new_deployment", "desired_count", "circuit_breaker", "minimum_healthy",
    "maximum", "parameters", "appspec",
)  # fmt: skip
NOTHING_ASKED = (
    "nothing is asked of the service: give --taskdef or ECSSTEP_RENDERED (it is empty where the "
    "job that renders handed nothing on), --force-new-deployment, --desired-count or another change"
)


class UpdateOptions(Options):
    """What service-update can be told."""

    cluster: str = CLUSTER.field(required=True)
    service: str = SERVICE.field(required=True)
    taskdef: str | None = Option(
        flag="--taskdef",
        help="what the service is to run: a file from taskdef-render (- for stdin), "
        "FAMILY:REVISION or an ARN with its revision",
        metavar="FILE|REVISION",
        variable="ECSSTEP_RENDERED",
    ).field()
    force_new_deployment: bool = Option(
        flag="--force-new-deployment",
        help="start a deployment though nothing else changes",
        is_switch=True,
        default=False,
    ).field()
    desired_count: int | None = Option(
        flag="--desired-count", help="number of tasks; 0 stays 0", metavar="N", parse=count
    ).field()
    circuit_breaker: str | None = Option(
        flag="--circuit-breaker",
        help="ECS's circuit breaker, with rollback, without, or off",
        metavar="MODE",
        parse=one_of("rollback", "on", "off"),
    ).field()
    minimum_healthy: int | None = Option(
        flag="--minimum-healthy",
        help="minimumHealthyPercent of the deployment configuration",
        metavar="PERCENT",
        parse=count,
    ).field()
    maximum: int | None = Option(
        flag="--maximum",
        help="maximumPercent of the deployment configuration",
        metavar="PERCENT",
        parse=count,
    ).field()
    parameters: str | None = Option(
        flag="--parameters",
        help="JSON or YAML file with any other members of UpdateService; flags beat it",
        metavar="FILE",
    ).field()
    codedeploy_application: str | None = Option(
        flag="--codedeploy-application",
        help="CodeDeploy's application, for a service under CODE_DEPLOY; by default "
        "AppECS-CLUSTER-SERVICE, as ECS's console names it",
        metavar="NAME",
    ).field()
    codedeploy_group: str | None = Option(
        flag="--codedeploy-group",
        help="CodeDeploy's deployment group; by default DgpECS-CLUSTER-SERVICE",
        metavar="NAME",
    ).field()
    appspec: str | None = Option(
        flag="--appspec",
        help="JSON or YAML AppSpec for CodeDeploy, its task definition is filled in; by default "
        "one is made from the service's load balancer",
        metavar="FILE",
    ).field()
    allow_missing_images: bool = Option(
        flag="--allow-missing-images",
        help="go on where an image is not in ECR (a pull-through cache fetches it later)",
        is_switch=True,
        default=False,
    ).field()
    dry_run: bool = DRY_RUN.field()

    hands_on: ClassVar[Mapping[str, int]] = {
        "ECSSTEP_DEPLOYMENT": 64,
        "ECSSTEP_TASKDEF_ARN": LONGEST_ARN,
        "ECSSTEP_PREVIOUS_TASKDEF_ARN": LONGEST_ARN,
    }

    @classmethod
    def faults(cls, given: Given) -> Iterator[str]:
        """Yield a task definition that is neither a revision nor a file, and a stdin read twice.

        And that nothing is asked, which is what a job sees whose dotenv file got lost: to end well
        would be to say that the new revision runs.
        """
        found = list(cls._between(given))
        yield from found
        files = list(_files(given)) if found or given.wrong else []
        if files:
            from ecsstep.core.files import absent

            yield from absent(files)

    @classmethod
    def _between(cls, given: Given) -> Iterator[str]:
        if not any(_is_asked(given, name) for name in _ASKING):
            yield NOTHING_ASKED
        taskdef = given.values.get("taskdef")
        files = [given.values.get(name) for name in ("taskdef", "parameters", "appspec")]
        if files.count("-") > 1:
            yield "only one of --taskdef, --parameters and --appspec can be read from stdin"
        if taskdef is not None and names_a_family(taskdef):
            from ecsstep.core.files import is_file

            if not is_file(taskdef):
                yield family_fault(taskdef)


def _files(given: Given) -> Iterator[str]:
    """Yield the files to read; a family's name is told as that."""
    taskdef = given.values.get("taskdef")
    if taskdef is not None and not names_a_revision(taskdef) and not names_a_family(taskdef):
        yield taskdef
    yield from (given.values[name] for name in ("parameters", "appspec") if name in given.values)


def _is_asked(given: Given, name: str) -> bool:
    value = given.values.get(name)
    return name in given.wrong or (value is not None and value is not False)
