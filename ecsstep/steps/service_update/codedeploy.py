"""The deployment of CodeDeploy, where ECS itself makes none."""

from collections.abc import Callable, Mapping
from typing import Any

from ecsstep.errors import Exit, StepError
from ecsstep.rules import appspec
from ecsstep.rules.codedeploy import default_names
from ecsstep.rules.deploying import Plan
from ecsstep.rules.service import Service
from ecsstep.steps.service_update.job import Job
from ecsstep.text import listed


def with_codedeploy(job: Job, plan: Plan) -> Plan:
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
    return plan.replaced(update=request, application=names, appspec=_appspec(job, plan))


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
