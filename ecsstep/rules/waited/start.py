"""What speaks against waiting at all."""

from ecsstep.errors import Exit, StepError
from ecsstep.rules.outcome import revision
from ecsstep.rules.rollout import Deployed, Unknown
from ecsstep.rules.service import Deployment
from ecsstep.rules.watch import Watch


def fault_at_start(watch: Watch, cluster: str, *, is_named: bool) -> StepError | None:
    """Return what is wrong with what the user named, as the first look shows it.

    Args:
        watch: What the first look says.
        cluster: The cluster, as the user named it.
        is_named: Whether the user named a deployment.
    """
    service = watch.service
    if service is None:
        return None if is_named else _no_service(watch.name, cluster)
    if isinstance(watch.verdict, Deployed):
        return None
    if service.controller == "EXTERNAL" or (service.controller == "CODE_DEPLOY") != watch.is_code:
        return _other_controller(watch.name, service.controller)
    if service.status == "ACTIVE" and not watch.id:
        return StepError(
            f"service '{watch.name}' has no deployment to wait for",
            exit=Exit.USAGE,
            hint="deploy to it first: service-update",
        )
    if watch.is_code and isinstance(watch.verdict, Unknown):
        return StepError(
            f"CodeDeploy has no deployment '{watch.id}'",
            exit=Exit.USAGE,
            hint="take the id that service-update printed; aws deploy list-deployments shows them",
        )
    return None


def unknown(watch: Watch) -> StepError:
    """Return the error for an id that ECS doesn't list.

    A deployment that another one replaced is listed until its last task is gone; no call tells an
    id that never was from one that is gone since.
    """
    primary = watch.service.primary if watch.service else None
    return StepError(
        f"service '{watch.name}' has no deployment '{watch.id}'",
        exit=Exit.USAGE,
        why=_in_its_place(primary),
        hint="take the id that service-update printed, or leave --deployment out to follow what "
        "the service runs now",
    )


def _in_its_place(primary: Deployment | None) -> tuple[str, ...]:
    if primary is None:
        return ()
    since = f" since {primary.created_at:%Y-%m-%d %H:%M:%S %Z}" if primary.created_at else ""
    runs = f"it runs deployment '{primary.id}' of {revision(primary.taskdef_arn)}{since}"
    return (f"{runs}: one from before has been replaced, and ECS lists it no more",)


def _no_service(name: str, cluster: str) -> StepError:
    return StepError(
        f"there is no service '{name}' in cluster '{cluster}'",
        exit=Exit.USAGE,
        hint=f"aws ecs list-services --cluster {cluster}",
    )


def _other_controller(name: str, controller: str) -> StepError:
    if controller == "CODE_DEPLOY":
        return StepError(
            f"service '{name}' is deployed by CODE_DEPLOY, not by ECS itself",
            exit=Exit.USAGE,
            hint="give CodeDeploy's deployment, as service-update printed it: --deployment d-…",
        )
    if controller == "ECS":
        return StepError(
            f"service '{name}' is deployed by ECS itself, not by CodeDeploy",
            exit=Exit.USAGE,
            hint="give ECS's deployment, as service-update printed it: --deployment ecs-svc/…",
        )
    return StepError(
        f"service '{name}' is deployed by {controller}, not by ECS itself",
        exit=Exit.USAGE,
        hint="wait with that controller's own command",
    )
