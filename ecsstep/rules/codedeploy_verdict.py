"""How a deployment of CodeDeploy stands.

https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ErrorInformation.html
"""

from ecsstep.rules.codedeploy import CodeDeployment, Target
from ecsstep.rules.rollout import (
    Deployed,
    Failed,
    Going,
    Gone,
    Mistaken,
    RolledBack,
    Stopped,
    Unknown,
    Verdict,
)
from ecsstep.rules.service import Deployment, Service
from ecsstep.text import listed

# A deployment that CodeDeploy has stopped for such a reason was stopped by nobody.
_GIVEN_UP = frozenset(
    {"ALARM_ACTIVE", "HEALTH_CONSTRAINTS", "HEALTH_CONSTRAINTS_INVALID", "TIMEOUT"}
)


def judge_code(
    service: Service | None, code: CodeDeployment | None, target: Target | None
) -> Verdict:
    """Return how a deployment of CodeDeploy stands.

    A lifecycle event that failed decides it before CodeDeploy says so of the whole.
    """
    if service is None or service.status in {"DRAINING", "INACTIVE"}:
        return Gone(status=service.status if service else "MISSING")
    ours = as_deployment(code, target, service)
    if code is None or ours is None:
        return Unknown()
    reason = _reason(code, target)
    if code.undoes:
        return RolledBack(reason=f"it is CodeDeploy's way back from '{code.undoes}'")
    match code.status:
        case "Succeeded":
            return Deployed(deployment=ours)
        case "Stopped" if code.error_code not in _GIVEN_UP:
            return Stopped(reason=reason)
        case "Failed" | "Stopped":
            is_undone = code.rollback_id or code.rollback_message
            return RolledBack(reason=reason) if is_undone else Failed(reason=reason)
        case _ if target is not None and target.failed_events:
            return Failed(reason=reason)
        case _:
            return Going(deployment=ours)


def as_deployment(
    code: CodeDeployment | None, target: Target | None, service: Service | None = None
) -> Deployment | None:
    """Return the new tasks of a deployment of CodeDeploy as ECS would list them.

    Where CodeDeploy tells nothing of them, what the service wants and runs stands for it.
    """
    if code is None:
        return None
    green = target.task_set("Green") if target else None
    counts = green or service
    return Deployment(
        id=code.id,
        status=green.status if green else "",
        taskdef_arn="",
        rollout_state=code.status,
        rollout_reason="CodeDeploy's deployment succeeded" if code.status == "Succeeded" else "",
        desired=counts.desired if counts else 0,
        pending=counts.pending if counts else 0,
        running=counts.running if counts else 0,
        created_at=code.created_at,
    )


def is_for_another(
    service: Service | None, code: CodeDeployment | None, target: Target | None
) -> Mistaken | None:
    """Return what is wrong where a deployment of CodeDeploy deploys to another service.

    Its target names the service. Where the target can't be read, the service's task sets name
    the deployments that made them.
    """
    if service is None or code is None:
        return None
    cluster, _, name = target.id.rpartition(":") if target else ("", "", "")
    ours = service.cluster_arn.rpartition("/")[2]
    if name and (name != service.name or (cluster and ours and cluster != ours)):
        where = name if name != service.name else f"{name}' of cluster '{cluster}"
        return Mistaken(
            message=f"'{code.id}' deploys '{where}', not '{service.name}'",
            hint=f"name that service, or the deployment of '{service.name}': "
            "aws deploy list-deployments shows them",
        )
    made = [each.deployment for each in service.task_sets if each.deployment]
    if not name and code.status == "Succeeded" and made and code.id not in made:
        return Mistaken(
            message=f"no task set of '{service.name}' was made by '{code.id}', but by "
            f"{listed(made)}",
            hint="name the service that it deploys to; codedeploy:ListDeploymentTargets and "
            "codedeploy:BatchGetDeploymentTargets would tell which",
        )
    return None


def _reason(code: CodeDeployment, target: Target | None) -> str:
    events = target.failed_events if target else ()
    said = [f"{event.name} failed: {event.message or event.error_code}" for event in events]
    own = ": ".join(part for part in (code.error_code, code.error_message) if part)
    return "; ".join(part for part in (own, *said, code.rollback_message) if part)
