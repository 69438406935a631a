"""The calls that change something, in their order, and what came of them."""

from collections.abc import Mapping
from typing import Any

from ecsstep.aws.codedeploy import GroupBusyError
from ecsstep.aws.ecs import FamilyBusyError
from ecsstep.core.output import Result
from ecsstep.errors import Exit, StepError
from ecsstep.rules import update
from ecsstep.rules.deploying import Plan
from ecsstep.rules.links import by_label, service_links
from ecsstep.rules.service import Service
from ecsstep.steps.service_update.codedeploy import under_way
from ecsstep.steps.service_update.job import Job

_PAUSES = (1, 2, 4, 8)
"""Seconds between attempts to register where somebody else registers the same family."""


def carried_out(job: Job, plan: Plan) -> Result:
    """Register what is new, send the requests, and tell which deployment came of it."""
    if not plan.definition:
        return _sent(job, plan, plan.arn)
    arn = _registered(job, plan.definition)
    job.world.log.info("revision registered", revision=arn)
    try:
        return _sent(job, plan, arn)
    except StepError as error:
        again = f"revision {arn} is registered: run the step again, it will use it"
        raise StepError(
            error.message,
            exit=error.exit,
            why=error.why,
            hint=f"{error.hint}; {again}" if error.hint else again,
        ) from error


def _registered(job: Job, definition: Mapping[str, Any]) -> str:
    for pause in _PAUSES:
        try:
            return job.clients.ecs.register(definition)
        except FamilyBusyError as error:
            job.world.log.info("somebody else registers this family", reason=error.message)
            job.world.clock.sleep(pause)
    return job.clients.ecs.register(definition)


def _sent(job: Job, plan: Plan, arn: str) -> Result:
    log, service, after = job.world.log, plan.service, plan.service
    requests = plan.requests(arn)
    if "UpdateService" in requests:
        after = job.clients.ecs.update_service(requests["UpdateService"])
        for effect in update.side_effects(service, after, requests["UpdateService"]):
            log.warning(effect)
    created = ""
    if "CreateDeployment" in requests:
        if "UpdateService" in requests:
            # Whatever becomes of the deployment, that is done.
            log.info("service updated", service=service.name)
        created = _begun(job, plan, requests["CreateDeployment"], arn)
    result = told(plan, after, arn=arn, created=created)
    log.info(
        "deployment created" if created else "service updated",
        service=service.name,
        deployment=result.data["deployment"],
        revision=result.data["taskDefinition"],
    )
    return result


def _begun(job: Job, plan: Plan, request: Mapping[str, Any], arn: str) -> str:
    """Begin a deployment of CodeDeploy and return its id."""
    try:
        return job.clients.codedeploy().create_deployment(request)
    except GroupBusyError as error:
        # It may be this very one: where an answer is lost, the SDK asks once more by itself.
        ours = under_way(job, plan, arn)
        if not ours:
            raise
        job.world.log.info("the deployment is under way already", reason=error.message)
        return ours


def told(plan: Plan, after: Service, *, arn: str, created: str = "") -> Result:
    """Return the result: which deployment to follow, and the way back.

    Raises:
        StepError: The service is not brought to this revision, but to another one (exit 4).
    """
    deployment = created or plan.deployment or update.followed(after, taskdef_arn=arn)
    if deployment is None:
        raise StepError(
            f"the primary deployment of service '{after.name}' is not of '{arn}'",
            exit=Exit.SUPERSEDED,
            hint=f"somebody else deploys too: aws ecs describe-services --cluster "
            f"{after.cluster_arn} --services {after.name}",
        )
    previous = update.previous_revision(plan.service, new=arn)
    is_changed = bool(created) or after is not plan.service
    dotenv = {"ECSSTEP_DEPLOYMENT": deployment, "ECSSTEP_TASKDEF_ARN": arn}
    if previous:
        dotenv["ECSSTEP_PREVIOUS_TASKDEF_ARN"] = previous
    return Result(
        lines=(deployment,),
        data={
            "deployment": deployment,
            "taskDefinition": arn,
            "previousTaskDefinition": previous,
            "registered": bool(plan.definition),
            "changed": is_changed,
        },
        dotenv=dotenv,
        # What an earlier run has left in the same file may be the revision that runs now.
        withdrawn={"ECSSTEP_PREVIOUS_TASKDEF_ARN": arn},
        begun=f"the deployment has begun: {deployment}" if is_changed else "",
        links=by_label(service_links(after.arn, deployment)),
    )
