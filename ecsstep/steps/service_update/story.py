"""Find what is new, register it, update the service, and hand the deployment on."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from ecsstep.aws.codedeploy import CodeDeploy
from ecsstep.aws.definitions import image_lookup
from ecsstep.aws.ecs import Ecs
from ecsstep.aws.models import input_shape, task_definition_model
from ecsstep.aws.session import connect
from ecsstep.core.output import Result, to_json
from ecsstep.core.step import World
from ecsstep.rules import update
from ecsstep.rules.deploying import Plan
from ecsstep.rules.redaction.masks import masked_values
from ecsstep.rules.service import Service
from ecsstep.steps.service_update.checks import (
    check_plan_images,
    check_request,
    handled,
    tell_of_tags,
)
from ecsstep.steps.service_update.codedeploy import with_codedeploy
from ecsstep.steps.service_update.deeds import carried_out, told
from ecsstep.steps.service_update.inputs import inputs_of
from ecsstep.steps.service_update.job import Api, Clients, Job
from ecsstep.steps.service_update.options import UpdateOptions
from ecsstep.steps.service_update.revisions import target_of

_HIDDEN = "(hidden: it looks secret)"


def service_update(options: UpdateOptions, world: World, clients: Clients, api: Api) -> Result:
    """Find what is new, register it, update the service, and hand the deployment's id on."""
    inputs = inputs_of(options, world, api)
    job = Job(options=options, world=world, clients=clients, api=api, inputs=inputs)
    service = handled(clients.ecs.service(options.cluster, options.service), options, inputs)
    plan = check_request(with_codedeploy(job, _plan(job, service)))
    check_plan_images(job, plan)
    requests = plan.all_requests()
    if options.dry_run:
        return _shown(job, requests)
    if not requests:
        world.log.info("nothing to change", service=service.name, revision=plan.arn)
        tell_of_tags(job, plan)
        return told(plan, service, arn=plan.arn)
    return carried_out(job, plan)


def _shown(job: Job, requests: Mapping[str, Any]) -> Result:
    """Return the requests as they may stand in a job's log."""
    shown = masked_values(requests, _HIDDEN)
    if shown != requests:
        job.world.log.info("values that look secret are hidden here; what is sent has them")
    lines = to_json(shown).splitlines() if requests else ["nothing to change"]
    return Result(lines=tuple(lines), data={"dryRun": True, "requests": shown})


def _plan(job: Job, service: Service) -> Plan:
    """Find out what ECS has to be asked for; reads only."""
    options, wanted = job.options, job.inputs.wanted
    running = service.wanted_taskdef_arn
    target = target_of(job, running)
    is_asked = options.taskdef is not None and not target.definition
    if is_asked and not wanted.is_forced and update.has_failed(service, taskdef_arn=target.arn):
        job.world.log.info(
            "the last deployment of this revision failed, so it is begun again",
            deployment=service.primary.id if service.primary else "",
        )
        wanted = wanted.replaced(force_new_deployment=True)
    # Without --taskdef none is sent: the service keeps its own, or what another pipeline gave it
    # meanwhile. With one, a forced deployment is pinned to it.
    is_pinned = is_asked and (target.arn != running or wanted.is_forced)
    request = update.request_for(
        options.cluster,
        options.service,
        wanted,
        taskdef_arn=target.arn if is_pinned else None,
        configuration=service.configuration,
    )
    return Plan(
        service=service,
        definition=target.definition,
        arn=target.arn,
        content=target.content,
        update=request,
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
