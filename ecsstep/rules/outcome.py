"""How a wait ended, in words: the outcome, the reason, and what to do next."""

from collections import Counter
from collections.abc import Iterable
from typing import assert_never

from ecsstep.errors import Exit, StepError
from ecsstep.rules.cause_table import EXITED, Cause
from ecsstep.rules.causes import cause_in_log, cause_of
from ecsstep.rules.proof import Proof
from ecsstep.rules.rollout import (
    Deployed,
    Failed,
    Going,
    Gone,
    Hopeless,
    Mistaken,
    Reached,
    RolledBack,
    Stopped,
    Superseded,
    Unknown,
    Verdict,
)
from ecsstep.rules.service import Event, TargetHealth
from ecsstep.rules.stops import Group
from ecsstep.rules.times import clock_time
from ecsstep.value import Value

_NO_REASON = "ECS gives no reason"
_NO_SERVICE = "the cluster has no service of this name (any more)"
NEVER_LISTED = "ECS never listed the deployment"
_HOPELESS = "hopeless"
_NO_LOG = (
    "no log lines of container '{}': its stream in CloudWatch Logs is empty, or it has none "
    "(logDriver awslogs with awslogs-stream-prefix)"
)
_BY_AWS = frozenset({"failed", "rolled-back", "stopped"})
_WORST_FIRST = (
    Exit.FAILED,
    Exit.TIMEOUT,
    Exit.TERMINATED,
    Exit.INTERRUPTED,
    Exit.TEMPORARY,
    Exit.ACCESS,
    Exit.USAGE,
    Exit.SUPERSEDED,
    Exit.OK,
)
_SHOWN_TARGETS = 5


class Outcome(Value):
    """How a deployment ended.

    Attributes:
        word: The one word on stdout.
        exit: The exit code.
        reason: ECS's own words, or ours where it has none.
    """

    word: str
    exit: Exit
    reason: str


def outcome_of(verdict: Verdict) -> Outcome:  # noqa: C901 - a case for each verdict
    """Return how a wait ended; a deployment that is still going has run into the time limit."""
    match verdict:
        case Deployed(deployment=deployment):
            nothing = "completed, and the service wants no task: nothing runs"
            reason = deployment.rollout_reason or "completed"
            return Outcome(
                word="deployed", exit=Exit.OK, reason=reason if deployment.desired else nothing
            )
        case RolledBack(reason=reason):
            return Outcome(word="rolled-back", exit=Exit.FAILED, reason=reason or _NO_REASON)
        case Failed(reason=reason):
            return Outcome(word="failed", exit=Exit.FAILED, reason=reason or _NO_REASON)
        case Stopped(reason=reason):
            return Outcome(word="stopped", exit=Exit.FAILED, reason=reason or _NO_REASON)
        case Gone(status=status):
            reason = _NO_SERVICE if status == "MISSING" else f"the service is deleted ({status})"
            return Outcome(word="gone", exit=Exit.FAILED, reason=reason)
        case Superseded(by=other):
            by = f"by '{other.id}' with {revision(other.taskdef_arn)}" if other else "by another"
            return Outcome(word="superseded", exit=Exit.SUPERSEDED, reason=f"it was replaced {by}")
        case Going(deployment=deployment):
            return Outcome(
                word="timeout",
                exit=Exit.TIMEOUT,
                reason=f"it is still under way: {deployment.running} of {deployment.desired} "
                f"tasks running, {deployment.failed} failed",
            )
        case Hopeless(reason=reason):
            return Outcome(word="failed", exit=Exit.FAILED, reason=f"{_HOPELESS}: {reason}")
        case Reached(stage=stage):
            return Outcome(word="reached", exit=Exit.OK, reason=f"it has come to {stage}")
        case Mistaken(message=message):
            return Outcome(word="unknown", exit=Exit.USAGE, reason=message)
        case Unknown():
            return Outcome(word="timeout", exit=Exit.TIMEOUT, reason=NEVER_LISTED)
        case _:
            assert_never(verdict)


def is_hopeless(outcome: Outcome) -> bool:
    """Whether it is our judgement and not ECS's that it failed."""
    return outcome.reason.startswith(_HOPELESS)


def lines_for(
    cause: Cause | None,
    groups: Iterable[Group],
    events: Iterable[Event],
    log: tuple[str, tuple[str, ...]] | None,
    health: Iterable[str] = (),
) -> tuple[str, ...]:
    """Return the lines that say why: cause, stopped tasks, health, events, log."""
    lines = [f"likely cause: {cause.says}; {cause.hint}"] if cause else []
    lines += [str(group) for group in groups]
    lines += health
    happened = [f"{clock_time(event.at)} {event.text}" for event in events]
    if happened:
        lines += ["service events since the start:", *(f"  {line}" for line in happened)]
    if log is not None:
        name, said = log
        lines.append(f"last log lines of container '{name}':" if said else _NO_LOG.format(name))
        lines += [f"  {line.rstrip()}" for line in said]
    return tuple(lines)


def _tasks(count: int) -> str:
    return "1 task" if count == 1 else f"{count} tasks"


def unfinished(error: BaseException) -> Outcome:
    """Return what is to be told where the step ends before the wait does."""
    if isinstance(error, StepError):
        word = "unknown" if error.exit is Exit.USAGE else "unfinished"
        return Outcome(word=word, exit=error.exit, reason=error.message)
    is_ctrl_c = isinstance(error, KeyboardInterrupt)
    return Outcome(
        word="unfinished",
        exit=Exit.INTERRUPTED if is_ctrl_c else Exit.TERMINATED,
        reason=f"{'Ctrl-C' if is_ctrl_c else 'SIGTERM'} ended the wait before the deployment did",
    )


BEGUN = Outcome(
    word="unfinished",
    exit=Exit.TEMPORARY,
    reason="this was written when the wait began; nothing has been written since",
)
"""What a report says until there is more to say."""


def proved(outcome: Outcome, proof: Proof | None) -> Outcome:
    """Return the outcome of a completed deployment, with what its tasks were seen to run."""
    if proof is None or not proof.differs:
        return outcome
    wrong = proof.differs[0]
    pinned = wrong.image.partition("@")[2]
    return Outcome(
        word="failed",
        exit=Exit.FAILED,
        reason=f"ECS completed it, but container '{wrong.container}' runs '{wrong.digest}' instead "
        f"of the pinned '{pinned}'",
    )


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """Return the outcome that decides the exit code of several."""
    return min(outcomes, key=lambda each: _WORST_FIRST.index(each.exit))


def health_lines(targets: Iterable[TargetHealth], unwell: Iterable[str]) -> tuple[str, ...]:
    """Return what health checks say, in lines.

    Args:
        targets: The load balancer's targets that aren't healthy.
        unwell: The containers that run and fail their own check, once for each task.
    """
    own = (
        f"container '{name}' runs and fails its own health check: {_tasks(count)}"
        for name, count in sorted(Counter(unwell).items())
    )
    return (*own, *[sick(target) for target in targets][:_SHOWN_TARGETS])


def sick(target: TargetHealth) -> str:
    """Return what a load balancer says of a target, in a line."""
    why = ": ".join(part for part in (target.reason, target.words) if part)
    said = f": {why}" if why else ""
    return f"target group '{target.group}': {target.target} is {target.state}{said}"


def blamed(groups: Iterable[Group]) -> Group | None:
    """Return the stopped tasks that tell most of what went wrong.

    The most frequent ones with a cause that is known, else the most frequent ones; never those
    that ECS took away by plan.
    """
    failed = [group for group in groups if not group.was_planned]
    return next((group for group in failed if _cause_of(group)), failed[0] if failed else None)


def likely(
    group: Group | None,
    outcome: Outcome,
    events: Iterable[Event] = (),
    log: Iterable[str] = (),
) -> Cause | None:
    """Return the cause that the stopped tasks, ECS's reason or the newest events point to.

    A task that can't be placed, or a target that isn't healthy, is told by events alone. That a
    container ended by itself is no cause where its last words tell one.
    """
    found = _cause_of(group) if group else None
    if found == EXITED:
        found = cause_in_log(log) or found
    if found is None and outcome.word in _BY_AWS:
        found = cause_of(outcome.reason)
    told_by_events = (cause_of(event.text) for event in reversed(tuple(events)))
    return found or next((cause for cause in told_by_events if cause), None)


def told(group: Group) -> dict[str, object]:
    """Return stopped tasks as the JSON result has them."""
    return {
        "count": group.count,
        "reason": group.reason,
        "stopCode": group.stop_code,
        "containers": [
            {"name": each.name, "exitCode": each.exit_code, "reason": each.reason}
            for each in group.containers
        ],
    }


def _cause_of(group: Group) -> Cause | None:
    return cause_of(group.text, group.failing.exit_code if group.failing else None)


def revision(arn: str) -> str:
    """Return ``FAMILY:REVISION`` of a task definition's ARN."""
    return arn.rpartition("/")[2]
