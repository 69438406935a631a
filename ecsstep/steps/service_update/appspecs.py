"""What CodeDeploy is told: the AppSpec of a file, or one that is made from the service."""

from collections.abc import Callable, Mapping
from typing import Any

from ecsstep.errors import Exit, StepError
from ecsstep.rules import appspec
from ecsstep.rules.deploying import Plan
from ecsstep.steps.service_update.job import Job


def with_appspec(job: Job, plan: Plan) -> Plan:
    """Return the plan with what makes the AppSpec once the revision is known.

    Raises:
        StepError: CodeDeploy would refuse it (exit 2).
    """
    content = plan.content or job.clients.ecs.task_definition(plan.arn).raw
    return plan.replaced(content=content, appspec=_appspec(job, plan, content))


def _appspec(
    job: Job, plan: Plan, content: Mapping[str, Any]
) -> Callable[[str], Mapping[str, Any]]:
    """Return what makes the AppSpec, checked against the definition's containers."""
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
    found = appspec.traffic_faults(traffic, content)
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
