"""What service-update can be told."""

from collections.abc import Iterator

from ecsstep.core.options import CLUSTER, DRY_RUN, SERVICE, Given, Option, Options
from ecsstep.core.values import count, one_of
from ecsstep.rules.revision_names import family_fault, names_a_family


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

    @classmethod
    def faults(cls, given: Given) -> Iterator[str]:
        """Yield a task definition that is neither a revision nor a file, and a stdin read twice."""
        taskdef = given.values.get("taskdef")
        files = [given.values.get(name) for name in ("taskdef", "parameters", "appspec")]
        if files.count("-") > 1:
            yield "only one of --taskdef, --parameters and --appspec can be read from stdin"
        if taskdef is not None and names_a_family(taskdef):
            from ecsstep.core.files import is_file

            if not is_file(taskdef):
                yield family_fault(taskdef)
