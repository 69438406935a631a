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
from ecsstep.rules.service import Deployment, Service, TaskSet
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

    Where CodeDeploy tells nothing of them, what the service wants stands for it. What the service
    runs does so once the deployment has succeeded: before that its tasks may be the old ones.
    """
    if code is None:
        return None
    is_done = code.status == "Succeeded"
    green = target.task_set("Green") if target else None
    wanting = green or service
    running = green or (service if is_done else None)
    return Deployment(
        id=code.id,
        status=green.status if green else "",
        taskdef_arn="",
        rollout_state=code.status,
        rollout_reason="CodeDeploy's deployment succeeded" if is_done else "",
        desired=wanting.desired if wanting else 0,
        pending=running.pending if running else 0,
        running=running.running if running else 0,
        created_at=code.created_at,
    )


def is_for_another(
    service: Service | None, code: CodeDeployment | None, target: Target | None
) -> Mistaken | None:
    """Return what is wrong where a deployment of CodeDeploy deploys to another service.

    Its target names the service, after a ':'; what stands before it is the cluster in one place of
    AWS's documentation and the application in another, and therefore isn't compared. Where the
    target can't be read, the service's task sets name the deployments that made them. One that is
    newer than the deployment is of a later one, and says nothing of this.

    https://docs.aws.amazon.com/codedeploy/latest/userguide/tutorial-ecs-deployment.html
    """
    if service is None or code is None:
        return None
    name = target.id.rpartition(":")[2] if target else ""
    if name and name != service.name:
        return Mistaken(
            message=f"'{code.id}' deploys '{name}', not '{service.name}'",
            hint=f"name that service, or the deployment of '{service.name}': "
            "aws deploy list-deployments shows them",
        )
    made = [each.deployment for each in service.task_sets if each.deployment]
    is_known = code.id in made or not any(_is_before(each, code) for each in service.task_sets)
    if not name and code.status == "Succeeded" and not is_known:
        return Mistaken(
            message=f"no task set of '{service.name}' was made by '{code.id}', but by "
            f"{listed(made)}",
            hint="name the service that it deploys to; codedeploy:ListDeploymentTargets and "
            "codedeploy:BatchGetDeploymentTargets would tell which",
        )
    return None


def _is_before(task_set: TaskSet, code: CodeDeployment) -> bool:
    """Whether a deployment made a task set, and no later one than this did."""
    if not task_set.deployment or task_set.created_at is None or code.created_at is None:
        return False
    return task_set.created_at <= code.created_at


def _reason(code: CodeDeployment, target: Target | None) -> str:
    events = target.failed_events if target else ()
    said = [f"{event.name} failed: {event.message or event.error_code}" for event in events]
    own = ": ".join(part for part in (code.error_code, code.error_message) if part)
    return "; ".join(part for part in (own, *said, code.rollback_message) if part)
