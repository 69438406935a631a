"""The deployment of CodeDeploy, where ECS itself makes none."""

from typing import assert_never

from ecsstep.core.documents import parse_document
from ecsstep.errors import Exit, StepError
from ecsstep.rules import appspec
from ecsstep.rules.codedeploy import CodeDeployment, DeploymentGroup, default_names
from ecsstep.rules.deploying import Course, Plan, course
from ecsstep.rules.registered import Registered, is_same
from ecsstep.rules.service import Service
from ecsstep.steps.service_update.appspecs import with_appspec
from ecsstep.steps.service_update.job import Job
from ecsstep.text import listed

_BY_DEPLOYMENT = frozenset({"taskDefinition", "forceNewDeployment"})
_NAMES = frozenset({"codedeploy_application", "codedeploy_group"})


def with_codedeploy(job: Job, plan: Plan) -> Plan:
    """Return the plan with a deployment of CodeDeploy where ECS itself makes none.

    Raises:
        StepError: CodeDeploy would refuse it (exit 2), or deploys something else now (exit 75).
    """
    if plan.service.controller != "CODE_DEPLOY":
        _tell_what_is_not_used(job, plan)
        return plan
    rest = {name: value for name, value in plan.update.items() if name not in _BY_DEPLOYMENT}
    is_new = bool(plan.definition) or rest != plan.update
    plan = plan.replaced(update=rest)
    newest = plan.service.newest
    is_on_its_way = job.options.taskdef is not None and newest != plan.service.serving
    if not is_new and not job.inputs.appspec and not is_on_its_way:
        if _NAMES & set(job.options.by_flag):
            _group(job, plan.service)
        return plan
    group = _group(job, plan.service)
    plan = with_appspec(job, plan)
    return _on_course(job, plan, _last(job, group), is_new=is_new)


def under_way(job: Job, plan: Plan, arn: str) -> str:
    """Return the deployment that is under way, if it brings exactly this revision."""
    last = _last(job, _group(job, plan.service))
    plan = plan.replaced(definition={}, arn=arn)
    return last.id if last is not None and not last.is_over and _revision(job, plan, last) else ""


def _on_course(job: Job, plan: Plan, last: CodeDeployment | None, *, is_new: bool) -> Plan:
    ours = _revision(job, plan, last) if last is not None else ""
    log, names = job.world.log, _names(job, plan.service)
    is_repeatable = bool(job.inputs.appspec)
    match course(
        last,
        is_ours=bool(ours),
        is_new=is_new,
        is_repeatable=is_repeatable,
        is_forced=job.inputs.wanted.is_forced,
    ):
        case Course.BEGIN:
            return plan.replaced(application=names)
        case Course.AGAIN:
            log.info(
                "the last deployment of this revision ended badly, so it is begun again",
                deployment=last.id if last else "",
            )
            return plan.replaced(application=names)
        case Course.ADOPT:
            deployment = last.id if last else ""
            log.info("the newest deployment is what is asked for", deployment=deployment)
            return plan.replaced(definition={}, arn=ours, deployment=deployment)
        case Course.WAIT:
            raise _busy(last, names)
        case Course.KEEP:
            return plan
        case never:
            assert_never(never)


def _busy(last: CodeDeployment | None, names: tuple[str, str]) -> StepError:
    id_, status = (last.id, last.status) if last else ("", "")
    return StepError(
        f"another deployment of '{names[0]}' to '{names[1]}' is under way: '{id_}' is {status}",
        exit=Exit.TEMPORARY,
        hint=f"wait for its end, then run the step again; or stop it: aws deploy stop-deployment "
        f"--deployment-id {id_}",
    )


def _tell_what_is_not_used(job: Job, plan: Plan) -> None:
    given = {"appspec", *_NAMES} & set(job.options.by_flag)
    if not given and not job.inputs.appspec:
        return
    if job.inputs.wanted.is_nothing and job.options.taskdef is None:
        raise StepError(
            f"ECS itself deploys service '{plan.service.name}', so an AppSpec changes nothing",
            exit=Exit.USAGE,
            hint="leave --appspec out and give --taskdef or --force-new-deployment",
        )
    job.world.log.warning(
        "ECS itself deploys this service: what was said for CodeDeploy is not used",
        service=plan.service.name,
    )


def _names(job: Job, service: Service) -> tuple[str, str]:
    application, group = default_names(service.cluster_arn, service.name)
    options = job.options
    return options.codedeploy_application or application, options.codedeploy_group or group


def _group(job: Job, service: Service) -> DeploymentGroup:
    """Return what the deployment group says; nothing where that is hidden from the role.

    Raises:
        StepError: It does not deploy to this service (exit 2).
    """
    application, name = _names(job, service)
    try:
        group = job.clients.codedeploy().group(application, name)
    except StepError as error:
        if error.exit is not Exit.ACCESS:
            raise
        job.world.log.warning(error.message, hint=error.hint)
        return DeploymentGroup()
    ours = (service.cluster_arn.rpartition("/")[2], service.name)
    if ours not in group.services:
        named = listed(f"{cluster}/{each}" for cluster, each in group.services)
        raise StepError(
            f"deployment group '{name}' of application '{application}' is for {named}, not for "
            f"'{'/'.join(ours)}'",
            exit=Exit.USAGE,
            hint="name another one: --codedeploy-application and --codedeploy-group",
        )
    return group


def _last(job: Job, group: DeploymentGroup) -> CodeDeployment | None:
    """Return the newest deployment of a group; None where that is hidden from the role."""
    if not group.last:
        return None
    try:
        return job.clients.codedeploy().deployment(group.last)
    except StepError as error:
        if error.exit is not Exit.ACCESS:
            raise
        job.world.log.warning(error.message, hint=error.hint)
        return None


def _described(job: Job, name: str) -> Registered | None:
    """Return a revision; None where it is gone or hidden from the role: then it is not ours."""
    try:
        return job.clients.ecs.task_definition(name)
    except StepError as error:
        if error.exit not in {Exit.USAGE, Exit.ACCESS}:
            raise
        return None


def _revision(job: Job, plan: Plan, last: CodeDeployment) -> str:
    """Return the revision of a deployment that brings exactly what is asked for, or nothing."""
    try:
        spec = parse_document(last.appspec, name=last.id).value
        named = "" if appspec.faults(spec) else appspec.named_revision(spec)
    except StepError:
        named = ""
    if not named:
        return ""
    arn = plan.arn
    if plan.definition:
        revision = _described(job, named)
        if revision is None or not is_same(plan.definition, revision, job.api.task_definition):
            return ""
        arn = revision.arn
    elif named not in {arn, arn.rpartition("/")[2]}:
        return ""
    is_same_spec = not job.inputs.appspec or appspec.filled(spec, taskdef_arn=arn) == plan.appspec(
        arn
    )
    return arn if is_same_spec else ""
