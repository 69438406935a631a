"""Register the task definition if it is new and point the service at exactly that revision.

A definition that is equal to what the service runs is not registered again, and UpdateService gets
only what was asked. Before anything is registered, every image in ECR that the definition names is
looked up. A service whose deployments CodeDeploy makes gets a deployment of CodeDeploy. What comes
back is the id of the deployment, which wait-stable follows.

The way back is the same step with the revision before: service-update --taskdef
"$ECSSTEP_PREVIOUS_TASKDEF_ARN"
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeVar

from ecsstep.core.documents import read_document
from ecsstep.core.options import CLUSTER, DRY_RUN, SERVICE, Given, Option, Options
from ecsstep.core.output import Result, to_json
from ecsstep.core.step import Step, World
from ecsstep.core.terminal import width_of
from ecsstep.core.values import count, one_of
from ecsstep.errors import Exit, StepError
from ecsstep.rules import appspec, update
from ecsstep.rules.changes import Changes
from ecsstep.rules.codedeploy import default_names
from ecsstep.rules.deploying import Plan
from ecsstep.rules.diff import difference, side_by_side
from ecsstep.rules.ecr_images import EcrImage, ecr_images, hint_for, odd_references
from ecsstep.rules.equality import are_equal, normal
from ecsstep.rules.model import Shape
from ecsstep.rules.service import Service
from ecsstep.rules.taskdef import Faulty, Model, Source, as_source, render
from ecsstep.rules.taskfile import unquoted
from ecsstep.text import listed

_REVISION = re.compile(
    r"[A-Za-z0-9_-]{1,255}:\d+|arn:[^:]+:ecs:[^:]+:\d{12}:task-definition/[^/\s]+:\d+"
)

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
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
        if taskdef is not None and re.fullmatch(r"[A-Za-z0-9_-]+|arn:.*/[^:]*", taskdef):
            if taskdef == "-" or Path(taskdef).is_file():
                return
            yield (
                f"'{taskdef}' is a family without a revision, which means whatever is newest at "
                f"that moment; give {taskdef}:REVISION, or a file as ./{taskdef}"
            )


class Revision(Protocol):
    """A registered revision."""

    @property
    def arn(self) -> str: ...  # noqa: D102
    @property
    def status(self) -> str: ...  # noqa: D102
    @property
    def raw(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def tags(self) -> tuple[Mapping[str, Any], ...]: ...  # noqa: D102


class Updater(Protocol):
    """What this step does with ECS."""

    def service(self, cluster: str, name: str) -> Service | None: ...  # noqa: D102
    def task_definition(self, name: str) -> Revision: ...  # noqa: D102
    def register(self, definition: Mapping[str, Any]) -> str: ...  # noqa: D102
    def update_service(self, request: Mapping[str, Any]) -> Service: ...  # noqa: D102


class Deployer(Protocol):
    """What this step does with CodeDeploy."""

    def services(self, application: str, group: str) -> tuple[tuple[str, str], ...]: ...  # noqa: D102
    def create_deployment(self, request: Mapping[str, Any]) -> str: ...  # noqa: D102


HasImage = Callable[[EcrImage], bool]
"""Looks an image up in ECR."""


@dataclass(frozen=True, kw_only=True)
class Clients:
    """What this step reaches AWS by; CodeDeploy and ECR only where they are needed.

    Attributes:
        is_emulated: Whether a registry on this machine is ECR's.
    """

    ecs: Updater
    codedeploy: Callable[[], Deployer]
    has_image: HasImage
    is_emulated: bool = False


@dataclass(frozen=True, kw_only=True)
class Api:
    """The API's own description: of a task definition, and of UpdateService."""

    task_definition: Model
    update_service: Shape


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What the options and their files say.

    Attributes:
        definition: The definition to run; nothing where a revision or nothing was named.
        appspec: The AppSpec in the file, if one was given.
    """

    wanted: update.Wanted
    definition: Mapping[str, Any]
    appspec: Mapping[str, Any] | None


@dataclass(frozen=True, kw_only=True)
class Job:
    """What one run of this step has to do with."""

    options: UpdateOptions
    world: World
    clients: Clients
    api: Api
    inputs: Inputs


def service_update(options: UpdateOptions, world: World, clients: Clients, api: Api) -> Result:
    """Find what is new, register it, update the service, and hand the deployment's id on."""
    inputs = _inputs(options, world, api)
    job = Job(options=options, world=world, clients=clients, api=api, inputs=inputs)
    service = _handled(clients.ecs.service(options.cluster, options.service), options, inputs)
    plan = _with_codedeploy(job, _plan(job, service))
    if plan.definition:
        _check_images(job, plan.definition)
    requests = plan.all_requests()
    if options.dry_run:
        lines = to_json(requests).splitlines() if requests else ["nothing to change"]
        return Result(lines=tuple(lines), data={"dryRun": True, "requests": requests})
    if not requests:
        world.log.info("nothing to change", service=service.name, revision=plan.arn)
        return _told(plan, service, arn=plan.arn)
    arn = plan.arn
    if plan.definition:
        arn = clients.ecs.register(plan.definition)
        world.log.info("revision registered", revision=arn)
    return _carried_out(job, plan, arn)


def _plan(job: Job, service: Service) -> Plan:
    """Find out what ECS has to be asked for; reads only."""
    options, ecs = job.options, job.clients.ecs
    running = service.wanted_taskdef_arn
    definition: Mapping[str, Any] = {}
    if job.inputs.definition:
        current = ecs.task_definition(running)
        if not _is_same(job.inputs.definition, current, job.api.task_definition):
            definition = job.inputs.definition
            job.world.log.info("a new revision is needed", since=current.arn)
            _log_difference(job, current, definition)
    arn = running if job.inputs.definition else _existing(job, running)
    # Without --taskdef none is sent: the service keeps its own, or what another pipeline gave it
    # meanwhile. With one, a forced deployment is pinned to it.
    is_pinned = arn != running or (options.taskdef and options.force_new_deployment)
    request = update.request_for(
        options.cluster,
        options.service,
        job.inputs.wanted,
        taskdef_arn=arn if is_pinned and not definition else None,
    )
    return Plan(service=service, definition=definition, arn=arn, update=request)


def _with_codedeploy(job: Job, plan: Plan) -> Plan:
    """Return the plan with a deployment of CodeDeploy where ECS itself makes none."""
    service, options = plan.service, job.options
    if service.controller != "CODE_DEPLOY":
        given = {"appspec", "codedeploy_application", "codedeploy_group"} & set(options.by_flag)
        if given:
            job.world.log.warning(
                "ECS itself deploys this service: what was said for CodeDeploy is not used",
                service=service.name,
            )
        return plan
    by_deployment = {"taskDefinition", "forceNewDeployment"}
    request = {name: value for name, value in plan.update.items() if name not in by_deployment}
    if not plan.definition and request == plan.update:
        return plan
    application, group = default_names(service.cluster_arn, service.name)
    names = (options.codedeploy_application or application, options.codedeploy_group or group)
    _check_group(job, service, *names)
    return replace(plan, update=request, application=names, appspec=_appspec(job, plan))


def _check_group(job: Job, service: Service, application: str, group: str) -> None:
    """Find out whether CodeDeploy deploys to this service by these names.

    Raises:
        StepError: It does not (exit 2). Whether it does may be hidden from the role.
    """
    try:
        targets = job.clients.codedeploy().services(application, group)
    except StepError as error:
        if error.exit is not Exit.ACCESS:
            raise
        job.world.log.warning(error.message, hint=error.hint)
        return
    ours = (service.cluster_arn.rpartition("/")[2], service.name)
    if ours not in targets:
        named = listed(f"{cluster}/{name}" for cluster, name in targets)
        raise StepError(
            f"deployment group '{group}' of application '{application}' is for {named}, not for "
            f"'{'/'.join(ours)}'",
            exit=Exit.USAGE,
            hint="name another one: --codedeploy-application and --codedeploy-group",
        )


def _appspec(job: Job, plan: Plan) -> Callable[[str], Mapping[str, Any]]:
    """Return what makes the AppSpec once the revision is known, checked against its containers."""
    service, document = plan.service, job.inputs.appspec
    traffic: appspec.Traffic | str | None = (
        appspec.traffic_of(document) if document else appspec.traffic_behind(service.load_balancers)
    )
    if not isinstance(traffic, appspec.Traffic):
        raise StepError(
            f"can't make an AppSpec for service '{service.name}': {traffic}",
            exit=Exit.USAGE,
            hint="say where the traffic goes: --appspec FILE",
        )
    definition = plan.definition or job.clients.ecs.task_definition(plan.arn).raw
    found = appspec.traffic_faults(traffic, definition)
    if found:
        raise StepError(
            found[0],
            exit=Exit.USAGE,
            hint=f"mend '{job.options.appspec}' or the definition" if document else
            "keep the container and its port in the definition, or give --appspec",
        )  # fmt: skip
    if document:
        named = appspec.named_revision(document)
        if named not in {"", plan.arn}:
            job.world.log.warning(
                "the AppSpec names another revision, which is replaced", named=named
            )
    return appspec.maker(
        document,
        traffic,
        platform_version=service.platform_version,
        capacity_providers=service.capacity_providers,
    )


def _check_images(job: Job, definition: Mapping[str, Any]) -> None:
    """Look up every image in ECR; what may not be looked up is a warning.

    Raises:
        StepError: One is not there (exit 2), told with all others that are not.
    """
    for odd in odd_references(definition):
        job.world.log.warning(odd)
    missing = []
    for image in ecr_images(definition, is_emulated=job.clients.is_emulated):
        try:
            if not job.clients.has_image(image):
                missing.append((image, f"image '{image.text}' is not in ECR"))
        except StepError as error:
            if error.exit is Exit.ACCESS:
                job.world.log.warning(
                    f"whether '{image.text}' is there can't be looked up",
                    reason=error.message,
                    hint=error.hint,
                )
            elif error.exit is Exit.USAGE:
                missing.append((image, f"image '{image.text}': {error.message}"))
            else:
                raise
    found = [f"{why} (container {listed(image.containers)})" for image, why in missing]
    if not found:
        return
    if job.options.allow_missing_images:
        for line in found:
            job.world.log.warning(line)
        return
    raise _mistakes(
        "the definition names images that are not there" if len(found) > 1 else found[0],
        found if len(found) > 1 else [],
        hint=hint_for(missing[0][0]),
    )


def _carried_out(job: Job, plan: Plan, arn: str) -> Result:
    """Send what is left to send and tell which deployment came of it."""
    log, service, after = job.world.log, plan.service, plan.service
    requests = plan.requests(arn)
    if "UpdateService" in requests:
        after = job.clients.ecs.update_service(requests["UpdateService"])
        for effect in update.side_effects(service, after, requests["UpdateService"]):
            log.warning(effect)
    deployment = ""
    if "CreateDeployment" in requests:
        deployment = job.clients.codedeploy().create_deployment(requests["CreateDeployment"])
    result = _told(plan, after, arn=arn, deployment=deployment)
    log.info(
        "deployment created" if deployment else "service updated",
        service=service.name,
        deployment=result.data["deployment"],
        revision=result.data["taskDefinition"],
    )
    return result


def _inputs(options: UpdateOptions, world: World, api: Api) -> Inputs:
    """Return what was asked; what is wrong in any of the files is told at once."""
    errors: list[StepError] = []

    def read(reader: Callable[..., T], *more: Any) -> T | None:
        try:
            return reader(options, world, *more)
        except StepError as error:
            errors.append(error)
            return None

    wanted = read(_wanted, api.update_service)
    definition = read(_definition, api.task_definition)
    spec = read(_given_appspec)
    if len(errors) == 1:
        raise errors[0]
    if errors or wanted is None or definition is None:
        raise StepError(
            f"{len(errors)} files can't be used",
            exit=Exit.USAGE,
            why=tuple(line for error in errors for line in (error.message, *error.why)),
            hint=next((error.hint for error in errors if error.hint), ""),
        )
    return Inputs(wanted=wanted, definition=definition, appspec=spec)


def _given_appspec(options: UpdateOptions, world: World) -> Mapping[str, Any] | None:
    if options.appspec is None:
        return None
    document = read_document(options.appspec, stdin=world.stdin)
    found = appspec.faults(document.value)
    if found:
        raise _mistakes(f"'{document.name}' is no AppSpec for an ECS service", found)
    value: Mapping[str, Any] = document.value
    return value


def _wanted(options: UpdateOptions, world: World, shape: Shape) -> update.Wanted:
    parameters: Mapping[str, Any] = {}
    if options.parameters:
        document = read_document(options.parameters, stdin=world.stdin)
        found = list(update.parameter_faults(document.value, shape))
        if found:
            raise _mistakes(f"'{document.name}' does not fit UpdateService", found)
        parameters = document.value
    return update.Wanted(
        force_new_deployment=options.force_new_deployment,
        desired_count=options.desired_count,
        circuit_breaker=options.circuit_breaker,
        minimum_healthy=options.minimum_healthy,
        maximum=options.maximum,
        parameters=parameters,
    )


def _definition(options: UpdateOptions, world: World, model: Model) -> dict[str, Any]:
    """Return the definition in the file that was given; nothing for a revision's name."""
    if options.taskdef is None or _REVISION.fullmatch(options.taskdef):
        return {}
    document = read_document(options.taskdef, stdin=world.stdin)
    value, found = unquoted(document.name, document.value, document.plain)
    source = as_source(document.name, value)
    outcome = source if isinstance(source, Faulty) else render(source, Changes(), model)
    if found or isinstance(outcome, Faulty):
        more = outcome.faults if isinstance(outcome, Faulty) else ()
        is_newer = isinstance(outcome, Faulty) and outcome.is_newer
        raise _mistakes(
            f"'{document.name}' is no task definition to register",
            [*found, *more],
            hint="pip install -U ecsstep botocore; or render it with taskdef-render "
            "--allow-unknown-fields"
            if is_newer
            else "",
        )
    return outcome.definition


def _handled(service: Service | None, options: UpdateOptions, inputs: Inputs) -> Service:
    """Return the service if it is one that this step can update so."""
    where = f"service '{options.service}' in cluster '{options.cluster}'"
    if service is None:
        raise StepError(
            f"there is no {where}",
            exit=Exit.USAGE,
            hint=f"aws ecs list-services --cluster {options.cluster}",
        )
    if service.status != "ACTIVE":
        raise StepError(
            f"{where} is {service.status}, it can't be updated",
            exit=Exit.USAGE,
            hint="the service was deleted; create it again, or name another one",
        )
    if service.controller not in {"ECS", "CODE_DEPLOY"}:
        raise StepError(
            f"{where} is deployed by {service.controller}, neither by ECS itself nor by CodeDeploy",
            exit=Exit.USAGE,
            hint="use that controller's own action in the pipeline; "
            "taskdef-render and image-push serve it as well",
        )
    found = list(update.codedeploy_faults(inputs.wanted))
    if service.controller == "CODE_DEPLOY" and found:
        raise _mistakes(f"{where} is deployed by CodeDeploy", found)
    return service


def _is_same(definition: Mapping[str, Any], current: Revision, model: Model) -> bool:
    """Whether the revision that the service runs is this definition already."""
    outcome = render(_source(current), Changes(), model)
    # What AWS says in words that this version doesn't know can't be compared: it is new then.
    return not isinstance(outcome, Faulty) and are_equal(definition, outcome.definition)


def _existing(job: Job, running: str) -> str:
    """Return the registered revision that is to run; without one asked for, the one that runs."""
    options, ecs = job.options, job.clients.ecs
    if options.taskdef is None:
        return running
    revision = ecs.task_definition(options.taskdef)
    if revision.status != "ACTIVE":
        raise StepError(
            f"revision '{options.taskdef}' is {revision.status}, a service can't be pointed at it",
            exit=Exit.USAGE,
            hint="register it again: taskdef-render --taskdef REVISION | service-update "
            "--taskdef -",
        )
    if options.dry_run and revision.arn != running:
        job.world.log.info("another revision is asked for", since=running)
        _log_difference(job, ecs.task_definition(running), revision.raw)
    return revision.arn


def _log_difference(job: Job, current: Revision, after: Mapping[str, Any]) -> None:
    """Show what changes, as far as this version can read what runs."""
    model = job.api.task_definition
    before = render(_source(current), Changes(), model, allow_unknown=True)
    wanted = render(Source(name="", definition=after, is_answer=True), Changes(), model,
                    allow_unknown=True)  # fmt: skip
    if isinstance(before, Faulty) or isinstance(wanted, Faulty):
        return
    # What ECS fills in and reorders is no change.
    one, other = normal(before.definition), normal(wanted.definition)
    width = width_of(job.world.stderr, job.world.environ)
    if width is None or job.options.log_format == "json":
        lines: Sequence[str] = difference(one, other)
    else:
        lines = side_by_side(one, other, width=width - len(f"{main.name}: "))
    for line in lines:
        job.world.log.info(line)


def _source(revision: Revision) -> Source:
    return Source(name=revision.arn, definition=revision.raw, tags=revision.tags, is_answer=True)


def _told(plan: Plan, after: Service, *, arn: str, deployment: str = "") -> Result:
    """Return the result: which deployment to follow, and the way back."""
    followed = deployment or update.followed(after, taskdef_arn=arn)
    if followed is None:
        raise StepError(
            f"the primary deployment of service '{after.name}' is not of '{arn}'",
            exit=Exit.SUPERSEDED,
            hint=f"somebody else deploys too: aws ecs describe-services --cluster "
            f"{after.cluster_arn} --services {after.name}",
        )
    previous = update.previous_revision(plan.service, new=arn)
    dotenv = {"ECSSTEP_DEPLOYMENT": followed, "ECSSTEP_TASKDEF_ARN": arn}
    if previous:
        dotenv["ECSSTEP_PREVIOUS_TASKDEF_ARN"] = previous
    return Result(
        lines=(followed,),
        data={
            "deployment": followed,
            "taskDefinition": arn,
            "previousTaskDefinition": previous,
            "registered": bool(plan.definition),
            "changed": bool(deployment) or after is not plan.service,
        },
        dotenv=dotenv,
    )


def _mistakes(message: str, found: Sequence[str], *, hint: str = "") -> StepError:
    if len(found) == 1:
        return StepError(f"{message}: {found[0]}", exit=Exit.USAGE, hint=hint)
    return StepError(message, exit=Exit.USAGE, why=tuple(found), hint=hint)


def run(options: UpdateOptions, world: World) -> Result:
    """Build the collaborators and update."""
    from ecsstep.aws.codedeploy import CodeDeploy
    from ecsstep.aws.ecr import Ecr
    from ecsstep.aws.ecs import Ecs
    from ecsstep.aws.models import input_shape, task_definition_model
    from ecsstep.aws.session import connect

    aws = connect(options, world.environ, world.log)

    def has_image(image: EcrImage) -> bool:
        found = Ecr(aws.client("ecr", region=image.region)).image(
            image.repository, tag=image.tag, digest=image.digest, registry_id=image.account
        )
        return found is not None

    return service_update(
        options,
        world,
        Clients(
            ecs=Ecs(aws.client("ecs")),
            codedeploy=lambda: CodeDeploy(aws.client("codedeploy")),
            has_image=has_image,
            is_emulated=aws.is_emulated,
        ),
        Api(
            task_definition=task_definition_model(),
            update_service=input_shape("ecs", "UpdateService"),
        ),
    )


main = Step(name="service-update", about=__doc__ or "", options=UpdateOptions, run=run)
