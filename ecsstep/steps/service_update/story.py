"""Find what is new, register it, update the service, and hand the deployment on."""

from functools import cache
from typing import TYPE_CHECKING, Any

from ecsstep.aws.codedeploy import CodeDeploy
from ecsstep.aws.definitions import check_images, image_lookup
from ecsstep.aws.ecs import Ecs
from ecsstep.aws.models import input_shape, task_definition_model
from ecsstep.aws.session import connect
from ecsstep.core.output import Result, to_json
from ecsstep.core.step import World
from ecsstep.errors import Exit, StepError, mistakes
from ecsstep.rules import update
from ecsstep.rules.deploying import Plan
from ecsstep.rules.links import by_label, service_links
from ecsstep.rules.registered import is_same
from ecsstep.rules.service import Service
from ecsstep.steps.service_update.codedeploy import with_codedeploy
from ecsstep.steps.service_update.inputs import inputs_of
from ecsstep.steps.service_update.job import Api, Clients, Inputs, Job
from ecsstep.steps.service_update.options import UpdateOptions
from ecsstep.steps.service_update.revisions import existing, log_difference

if TYPE_CHECKING:
    from collections.abc import Mapping


def service_update(options: UpdateOptions, world: World, clients: Clients, api: Api) -> Result:
    """Find what is new, register it, update the service, and hand the deployment's id on."""
    inputs = inputs_of(options, world, api)
    job = Job(options=options, world=world, clients=clients, api=api, inputs=inputs)
    service = _handled(clients.ecs.service(options.cluster, options.service), options, inputs)
    plan = with_codedeploy(job, _plan(job, service))
    if plan.definition:
        check_images(
            plan.definition,
            clients.has_image,
            world.log,
            is_emulated=clients.is_emulated,
            may_be_missing=options.allow_missing_images,
        )
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
        if not is_same(job.inputs.definition, current, job.api.task_definition):
            definition = job.inputs.definition
            job.world.log.info("a new revision is needed", since=current.arn)
            log_difference(job, current, definition)
    arn = running if job.inputs.definition else existing(job, running)
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
        raise mistakes(f"{where} is deployed by CodeDeploy", found)
    return service


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
        links=by_label(service_links(after.arn, followed)),
    )


def run(options: UpdateOptions, world: World) -> Result:
    """Build the collaborators and update."""
    aws = connect(options, world.environ, world.log)
    return service_update(
        options,
        world,
        Clients(
            ecs=Ecs(aws.client("ecs")),
            codedeploy=cache(lambda: CodeDeploy(aws.client("codedeploy"))),
            has_image=image_lookup(aws),
            is_emulated=aws.is_emulated,
        ),
        Api(
            task_definition=task_definition_model(),
            update_service=input_shape("ecs", "UpdateService"),
        ),
    )
