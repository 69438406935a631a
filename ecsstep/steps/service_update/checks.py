"""What has to be so before anything is changed."""

from ecsstep.aws.definitions import check_images
from ecsstep.errors import Exit, StepError, mistakes
from ecsstep.rules import update
from ecsstep.rules.absent import no_service
from ecsstep.rules.deploying import Plan
from ecsstep.rules.ecr_images import by_tag
from ecsstep.rules.service import Service
from ecsstep.steps.service_update.job import Inputs, Job
from ecsstep.steps.service_update.options import UpdateOptions
from ecsstep.text import listed


def handled(service: Service | None, options: UpdateOptions, inputs: Inputs) -> Service:
    """Return the service if it is one that this step can update so.

    Raises:
        StepError: It isn't there, is deleted, is under a controller that this step doesn't handle,
            or doesn't allow what was asked (exit 2).
    """
    where = f"service '{options.service}' in cluster '{options.cluster}'"
    if service is None:
        raise no_service(options.service, options.cluster)
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
        raise mistakes(
            f"{where} is deployed by CodeDeploy",
            found,
            hint="leave it out here; CodeDeploy reads the AppSpec (--appspec FILE) and its own "
            "deployment group",
        )
    return service


def check_request(plan: Plan) -> Plan:
    """Return the plan if ECS can do what it asks for.

    Raises:
        StepError: It can't (exit 2).
    """
    found = list(update.percent_faults(plan.update, plan.service))
    if found:
        raise mistakes(
            f"ECS could not deploy service '{plan.service.name}' so",
            found,
            hint="give --maximum a higher number, or --minimum-healthy a lower one",
        )
    return plan


def check_plan_images(job: Job, plan: Plan) -> None:
    """Look up every image in ECR of what is going to be started.

    Raises:
        StepError: One is not there (exit 2).
    """
    if not plan.begins_a_deployment:
        return
    content = plan.content
    if not content:
        try:
            content = job.clients.ecs.task_definition(plan.arn).raw
        except StepError as error:
            if error.exit is not Exit.ACCESS:
                raise
            job.world.log.warning(error.message, hint=error.hint)
            return
    check_images(
        content,
        job.clients.has_image,
        job.world.log,
        is_emulated=job.clients.is_emulated,
        may_be_missing=job.options.allow_missing_images,
    )


def tell_of_tags(job: Job, plan: Plan) -> None:
    """Say where an equal definition needn't mean equal images."""
    tagged = by_tag(plan.content)
    if tagged and job.options.taskdef:
        job.world.log.info(
            f"{listed(tagged)} is named by a tag: an image pushed under it since would not run",
            hint="pin it by digest (image-push hands it on), or give --force-new-deployment",
        )
