"""What speaks against waiting at all, or against going on with it."""

from shlex import quote

from ecsstep.rules.absent import no_service
from ecsstep.rules.codedeploy import default_names
from ecsstep.rules.outcome import revision
from ecsstep.rules.rollout import Deployed, Mistaken, Unknown
from ecsstep.rules.service import Deployment, Service
from ecsstep.rules.stages import CODEDEPLOY_STAGES, ECS_STAGES
from ecsstep.rules.times import in_utc
from ecsstep.rules.watch import Watch


def fault_at_start(watch: Watch, cluster: str, *, is_named: bool) -> Mistaken | None:
    """Return what is wrong with what the user named, as the first look shows it.

    Args:
        watch: What the first look says.
        cluster: The cluster, as the user named it.
        is_named: Whether the user named a deployment.
    """
    service = watch.service
    if isinstance(watch.verdict, Mistaken):
        return watch.verdict
    if service is None:
        return None if is_named else _no_service(watch.name, cluster)
    if isinstance(watch.verdict, Deployed):
        return None
    if service.controller == "EXTERNAL" or (service.controller == "CODE_DEPLOY") != watch.is_code:
        return _other_controller(watch.name, cluster, service)
    if service.status == "ACTIVE" and not watch.id:
        return Mistaken(
            message=f"service '{watch.name}' has no deployment to wait for",
            hint=f"deploy to it first: service-update --cluster {quote(cluster)} "
            f"--service {quote(watch.name)} --taskdef REVISION",
        )
    if watch.is_code and isinstance(watch.verdict, Unknown):
        return Mistaken(
            message=f"CodeDeploy has no deployment '{watch.id}'",
            hint="take the id that service-update printed; "
            f"{_list_code(watch.name, cluster)} shows them",
        )
    return None


def unknown(watch: Watch) -> Mistaken:
    """Return what is wrong with an id that ECS doesn't list.

    A deployment that another one replaced is listed until its last task is gone; an hour later
    its stopped tasks are gone too, and no call tells an id that never was from it.
    """
    primary = watch.service.primary if watch.service else None
    return Mistaken(
        message=f"service '{watch.name}' has no deployment '{watch.id}'",
        why=_in_its_place(primary),
        hint="take the id that service-update printed, or leave --deployment out to follow what "
        "the service runs now",
    )


def unseen_stage(watch: Watch, stage: str) -> str:
    """Return why the stage that is waited for will not be seen, or nothing."""
    if not stage or watch.is_over:
        return ""
    known, deployer = (CODEDEPLOY_STAGES, "CodeDeploy") if watch.is_code else (ECS_STAGES, "ECS")
    if stage not in known:
        return f"{deployer} has no such stage"
    if watch.is_code:
        return ""
    if watch.record is None:
        return "ECS's own record of the deployment can't be read, and that alone tells its stages"
    return "" if watch.record.is_shifting else "a rolling deployment has no stages"


def _in_its_place(primary: Deployment | None) -> tuple[str, ...]:
    if primary is None:
        return ()
    since = f" since {in_utc(primary.created_at)}" if primary.created_at else ""
    runs = f"it runs deployment '{primary.id}' of {revision(primary.taskdef_arn)}{since}"
    return (f"{runs}: one from before has been replaced, and ECS lists it no more",)


def _no_service(name: str, cluster: str) -> Mistaken:
    error = no_service(name, cluster)
    return Mistaken(message=error.message, hint=error.hint)


def _other_controller(name: str, cluster: str, service: Service) -> Mistaken:
    if service.controller == "CODE_DEPLOY":
        return Mistaken(
            message=f"service '{name}' is deployed by CODE_DEPLOY, not by ECS itself",
            hint="give CodeDeploy's deployment, as service-update printed it: --deployment d-…; "
            f"{_list_code(name, cluster)} shows them",
        )
    if service.controller == "ECS":
        return Mistaken(
            message=f"service '{name}' is deployed by ECS itself, not by CodeDeploy",
            hint="give ECS's deployment, as service-update printed it: --deployment ecs-svc/…",
        )
    return Mistaken(
        message=f"service '{name}' is deployed by {service.controller}, not by ECS itself",
        hint="wait with that controller's own command",
    )


def _list_code(name: str, cluster: str) -> str:
    application, group = map(quote, default_names(cluster, name))
    return (
        f"aws deploy list-deployments --application-name {application} "
        f"--deployment-group-name {group}"
    )
