"""How a deployment of CodeDeploy stands."""

from ecsstep.rules.codedeploy import CodeDeployment, Target
from ecsstep.rules.rollout import (
    Deployed,
    Failed,
    Going,
    Gone,
    RolledBack,
    Stopped,
    Unknown,
    Verdict,
)
from ecsstep.rules.service import Deployment, Service


def judge_code(
    service: Service | None, code: CodeDeployment | None, target: Target | None
) -> Verdict:
    """Return how a deployment of CodeDeploy stands.

    A lifecycle event that failed decides it before CodeDeploy says so of the whole.
    """
    if service is None or service.status in {"DRAINING", "INACTIVE"}:
        return Gone(status=service.status if service else "MISSING")
    ours = as_deployment(code, target)
    if code is None or ours is None:
        return Unknown()
    reason = _reason(code, target)
    match code.status:
        case "Succeeded":
            return Deployed(deployment=ours)
        case "Stopped":
            return Stopped(reason=reason)
        case "Failed":
            is_undone = code.rollback_id or code.rollback_message
            return RolledBack(reason=reason) if is_undone else Failed(reason=reason)
        case _ if target is not None and target.failed_events:
            return Failed(reason=reason)
        case _:
            return Going(deployment=ours)


def as_deployment(code: CodeDeployment | None, target: Target | None) -> Deployment | None:
    """Return the new tasks of a deployment of CodeDeploy as ECS would list them."""
    if code is None:
        return None
    green = target.task_set("Green") if target else None
    return Deployment(
        id=code.id,
        status=green.status if green else "",
        taskdef_arn="",
        rollout_state=code.status,
        rollout_reason="CodeDeploy's deployment succeeded" if code.status == "Succeeded" else "",
        desired=green.desired if green else 0,
        pending=green.pending if green else 0,
        running=green.running if green else 0,
        created_at=code.created_at,
    )


def _reason(code: CodeDeployment, target: Target | None) -> str:
    events = target.failed_events if target else ()
    said = [f"{event.name} failed: {event.message or event.error_code}" for event in events]
    own = ": ".join(part for part in (code.error_code, code.error_message) if part)
    return "; ".join(part for part in (own, *said, code.rollback_message) if part)
