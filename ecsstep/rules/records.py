"""What ECS's own record of a deployment adds to what DescribeServices tells."""

import datetime as dt
import re

from ecsstep.rules.rollout import (
    Deployed,
    Failed,
    Going,
    Gone,
    RolledBack,
    Stopped,
    Superseded,
    Verdict,
)
from ecsstep.rules.service import Deployment, Revision, ServiceDeployment
from ecsstep.rules.stages import ECS_STAGES

_SAME_MOMENT = dt.timedelta(seconds=10)
_SURELY = dt.timedelta(seconds=2)
_BY_A_PERSON = re.compile(
    r"stopped (?:by|manually)|by (?:a |the )?user|StopServiceDeployment|user request", re.IGNORECASE
)
_ONGOING = frozenset({"PENDING", "IN_PROGRESS"})


def refined(
    verdict: Verdict, record: ServiceDeployment | None, deployment: Deployment | None = None
) -> Verdict:
    """Return the verdict with what ECS's own record of the deployment adds to it.

    Args:
        verdict: What DescribeServices says.
        record: The record that belongs to the deployment.
        deployment: The deployment, as it was last seen.
    """
    if record is None or isinstance(verdict, Gone):
        return verdict
    words = record.rollback_reason or record.status_reason
    if record.status.startswith("ROLLBACK_"):
        if _BY_A_PERSON.search(words) and not record.was_given_up_by_ecs:
            return Stopped(reason=words)
        known = verdict.reason if isinstance(verdict, RolledBack | Failed) else ""
        return RolledBack(reason=known or words)
    if record.status in {"STOPPED", "STOP_REQUESTED"}:
        return _stopped(verdict, record, words)
    if record.status in _ONGOING and isinstance(verdict, Deployed):
        # An alarm may still send it back after ECS has called the rollout completed.
        return Going(deployment=verdict.deployment)
    if record.status in _ONGOING and isinstance(verdict, Superseded | RolledBack):
        # A blue/green deployment need not be the primary one before its traffic has moved.
        return Going(deployment=deployment) if record.is_shifting and deployment else verdict
    if record.status == "SUCCESSFUL" and isinstance(verdict, Going):
        return _successful(verdict, record)
    return verdict


def is_behind(record: ServiceDeployment, verdict: Verdict) -> bool:
    """Whether a record doesn't know yet of the bad end that the service shows.

    It was read a moment before; read again, it tells who or what ended the deployment.
    """
    return record.status in _ONGOING and isinstance(verdict, RolledBack | Failed)


def _stopped(verdict: Verdict, record: ServiceDeployment, words: str) -> Verdict:
    if isinstance(verdict, Superseded):
        return verdict
    if record.was_given_up_by_ecs:
        known = verdict.reason if isinstance(verdict, RolledBack | Failed) else ""
        return verdict if known else Failed(reason=words)
    return Stopped(reason=words)


def _successful(verdict: Going, record: ServiceDeployment) -> Verdict:
    """Only a rolling deployment goes on after SUCCESSFUL, by its early success criteria."""
    ours = verdict.deployment
    if not record.is_shifting and ours.rollout_state is not None:
        return verdict
    return Deployed(deployment=ours)


def record_of(
    deployment: Deployment | None, records: tuple[ServiceDeployment, ...]
) -> ServiceDeployment | None:
    """Return ECS's record of a deployment: the one that was created with it.

    AWS names no link between ``ecs-svc/…`` and the record's ARN, so the moment tells; without a
    match there is none.
    """
    if deployment is None or deployment.created_at is None:
        return None
    near = [
        (abs(record.created_at - deployment.created_at), record)
        for record in records
        if record.created_at is not None
    ]
    near = [pair for pair in near if pair[0] <= _SAME_MOMENT]
    return min(near, key=lambda pair: pair[0])[1] if near else None


def is_surely(record: ServiceDeployment | None, deployment: Deployment | None) -> bool:
    """Whether a record was made with a deployment, and can't be that of one shortly before it."""
    if record is None or deployment is None:
        return False
    if record.created_at is None or deployment.created_at is None:
        return False
    return abs(record.created_at - deployment.created_at) <= _SURELY


def is_for(revision: Revision | None, deployment: Deployment | None) -> bool:
    """Whether a record's target revision brings the task definition of this deployment.

    What can't be read speaks against nothing.
    """
    return revision is None or deployment is None or revision.taskdef_arn == deployment.taskdef_arn


def has_reached(stage: str, wanted: str) -> bool:
    """Whether a deployment in one lifecycle stage has come to another one."""
    known = [each for each in (stage, wanted) if each in ECS_STAGES]
    return len(known) == len((stage, wanted)) and ECS_STAGES.index(stage) >= ECS_STAGES.index(
        wanted
    )
