"""How one deployment stands, told by its identity.

A service that is stable is no proof: after a rollback it is stable too, on the old revision. So a
deployment is judged by its own id, never by the service's counts or its task definition.
"""

import datetime as dt
import re

from ecsstep.rules.service import Deployment, Service, TaskSet
from ecsstep.value import Value

_FAILED = re.compile(r"\(deployment (?P<id>ecs-svc/\w+)\) deployment failed: (?P<why>.*)")
_ROLLING_BACK = re.compile(
    r"roll(?:ing|ed) ?back to deployment(?:Id)? (?P<id>ecs-svc/\w+)", re.IGNORECASE
)
# ECS's event and the deployment that it tells of are made one after the other.
_SAME_MOMENT = dt.timedelta(seconds=2)


class Going(Value):
    """It is under way."""

    deployment: Deployment


class Deployed(Value):
    """ECS says that it is completed, and it is what the service wants to run."""

    deployment: Deployment


class RolledBack(Value):
    """ECS gave it up and goes back, or has gone back, to another revision."""

    reason: str


class Failed(Value):
    """ECS gave it up and leaves it there."""

    reason: str


class Stopped(Value):
    """Somebody stopped it."""

    reason: str


class Superseded(Value):
    """Another deployment has taken its place; that is neither its success nor its failure."""

    by: Deployment | None


class Gone(Value):
    """The service is deleted, or being deleted."""

    status: str


class Unknown(Value):
    """ECS doesn't list it (yet)."""


class Hopeless(Value):
    """It is under way, and can't come to a good end any more."""

    reason: str


class Reached(Value):
    """It is under way, and has come as far as was asked."""

    stage: str


class Mistaken(Value):
    """There is nothing of what was named to wait for.

    Attributes:
        message: What is wrong.
        hint: The next thing to do.
        why: Further lines.
    """

    message: str
    hint: str = ""
    why: tuple[str, ...] = ()


Verdict = (
    Going
    | Deployed
    | RolledBack
    | Failed
    | Stopped
    | Superseded
    | Gone
    | Unknown
    | Hopeless
    | Reached
    | Mistaken
)


def judge(
    service: Service | None,
    id: str,  # noqa: A002 - AWS's name
    *,
    seen: Deployment | None = None,
    has_past: bool = False,
) -> Verdict:
    """Return how the deployment ``id`` stands in what DescribeServices says.

    Args:
        service: The service, or None where there is none of its name.
        id: ``ecs-svc/…``
        seen: The deployment, as an earlier answer listed it; one that vanishes then has ended.
        has_past: Whether ECS's record of it names a revision that was there before.
    """
    if service is None or service.status in {"DRAINING", "INACTIVE"}:
        return Gone(status=service.status if service else "MISSING")
    standing = next((each for each in service.task_sets if each.id == id), None)
    if standing and standing.status == "PRIMARY" and service.controller == "CODE_DEPLOY":
        return Deployed(deployment=_as_standing(service, standing))
    ours = service.deployment(id)
    known = ours or seen
    words = failure_words(service, id)
    if ours is not None and ours.rollout_state == "FAILED":
        return _given_up(service, ours, ours.rollout_reason or words, has_past=has_past)
    if ours is not None and ours is service.primary:
        return _as_primary(service, ours)
    if words:
        return _given_up(service, known, words, has_past=has_past)
    if known is None and not _is_named(service, id):
        return Unknown()
    if _goes_back(service, known) and not _was_completed(service, id):
        return RolledBack(reason=_primary_words(service))
    if ours is not None and service.is_shifting and _is_older(service.primary, ours):
        # The old side of a blue/green deployment is primary until the traffic has moved.
        return Going(deployment=ours)
    return Superseded(by=service.primary)


def _as_standing(service: Service, task_set: TaskSet) -> Deployment:
    """The task set that a service under CodeDeploy has had from the beginning."""
    return Deployment(
        id=task_set.id,
        status=task_set.status,
        taskdef_arn=task_set.taskdef_arn,
        rollout_reason="its task set has the traffic; CodeDeploy has brought no other one",
        desired=service.desired,
        running=service.running,
        pending=service.pending,
        created_at=task_set.created_at,
    )


def is_rollback(
    service: Service, deployment: Deployment, *, since: dt.datetime | None = None
) -> bool:
    """Whether this deployment is ECS's way back from another one that failed.

    Its own words say so, or an event that names it, or one that is not older than itself: where
    ECS makes a new deployment of the old revision, the event names the old one.

    Args:
        service: The service, whose events tell.
        deployment: The one in question: the primary.
        since: Events from before are about something else.
    """
    if _ROLLING_BACK.search(deployment.rollout_reason):
        return True
    made = deployment.created_at
    return any(
        found["id"] == deployment.id or (made is not None and event.at >= made - _SAME_MOMENT)
        for event in service.events
        if since is None or event.at >= since
        if (found := _ROLLING_BACK.search(event.text))
    )


def failure_words(service: Service, id: str) -> str:  # noqa: A002 - AWS's name
    """Return why ECS's events say that this deployment failed, or nothing."""
    for event in service.events:
        found = _FAILED.search(event.text)
        if found and found["id"] == id:
            return found["why"]
    return ""


def _as_primary(service: Service, ours: Deployment) -> Verdict:
    if ours.rollout_state == "COMPLETED":
        return Deployed(deployment=ours)
    if ours.rollout_state is None:
        # Behind a Classic Load Balancer ECS keeps no rollout state: then the counts must do.
        is_alone = len(service.deployments) == 1
        is_full = ours.running == ours.desired and not ours.pending
        return Deployed(deployment=ours) if is_alone and is_full else Going(deployment=ours)
    return Going(deployment=ours)


def _given_up(
    service: Service, known: Deployment | None, reason: str, *, has_past: bool
) -> Verdict:
    """What failed is rolled back where ECS goes back, or will do so by itself."""
    is_first = not has_past and all(each is known for each in service.deployments)
    if _goes_back(service, known) or (_would(service) and not is_first):
        return RolledBack(reason=reason)
    return Failed(reason=reason)


def _goes_back(service: Service, known: Deployment | None) -> bool:
    """Whether the primary deployment is a way back from ours.

    One that is older than ours can't have taken over: then ECS has made it primary again, under
    its old id and perhaps without saying so. But by ECS's own strategies it stays primary until
    the traffic has moved.
    """
    primary = service.primary
    if primary is None or primary is known:
        return False
    is_beside = service.is_shifting and known in service.deployments
    if not is_beside and _is_older(primary, known):
        return True
    return is_rollback(service, primary, since=known.created_at if known else None)


def _is_older(primary: Deployment | None, known: Deployment | None) -> bool:
    if primary is None or primary.created_at is None or known is None or known.created_at is None:
        return False
    return primary.created_at < known.created_at


def _would(service: Service) -> bool:
    """Whether ECS goes back by itself when a deployment of this service fails."""
    alarms = service.configuration.get("alarms") or {}
    return any(each.get("enable") and each.get("rollback") for each in (service.breaker, alarms))


def _primary_words(service: Service) -> str:
    return service.primary.rollout_reason if service.primary else ""


def _was_completed(service: Service, id: str) -> bool:  # noqa: A002 - AWS's name
    """Whether ECS says that it went well; a way back is then from one that came after it."""
    words = f"(deployment {id}) deployment completed"
    return any(words in event.text for event in service.events)


def _is_named(service: Service, id: str) -> bool:  # noqa: A002 - AWS's name
    return any(f"(deployment {id})" in event.text for event in service.events)
