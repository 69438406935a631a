"""How the wait for one service went, with the reasons for a bad end."""

import datetime as dt
from typing import Any

from ecsstep.aws.evidence import Evidence
from ecsstep.core.step import World
from ecsstep.errors import Exit, StepError
from ecsstep.rules import outcome as outcomes
from ecsstep.rules.advice import asked_back
from ecsstep.rules.outcome import Outcome
from ecsstep.rules.proof import Proof
from ecsstep.rules.rollout import Deployed, Mistaken
from ecsstep.rules.waited import report
from ecsstep.rules.waited.told import Told
from ecsstep.rules.watch import Watch
from ecsstep.steps.wait_stable.waiting import Waiting

_SHOWN_EVENTS = 12
_SHOWN_GROUPS = 5


def told(
    watch: Watch, waiting: Waiting, evidence: Evidence, world: World, *, started: dt.datetime
) -> Told:
    """Return what is to be told of one service; what a bad end needs is read now."""
    known: dict[str, Any] = {
        "service": watch.name,
        "deployment": watch.id,
        "counts": watch.counts,
        "started": started,
        "ended": world.clock.now(),
        "timeline": tuple(waiting.talk.timelines.get(watch.name, ())),
        "events": watch.events[-_SHOWN_EVENTS:],
        "rollback": waiting.rollback.answer(watch),
    }
    ended = outcomes.outcome_of(watch.verdict)
    if isinstance(watch.verdict, Mistaken):
        return Told(outcome=ended, why=watch.verdict.why, hint=watch.verdict.hint, **known)
    if isinstance(watch.verdict, Deployed):
        known["proof"] = proof = evidence.proof(watch)
        ended = outcomes.proved(ended, proof)
        _say(proof, world)
    if ended.exit is Exit.OK:
        world.log.info(ended.word, deployment=watch.id, reason=ended.reason)
        return Told(outcome=ended, **known)
    world.log.info("gathering the reasons", outcome=ended.word)
    goes_back = waiting.rollback.is_requested(watch)
    return Told(outcome=ended, **known, **_reasons(watch, ended, evidence, goes_back=goes_back))


def untold(watch: Watch, waiting: Waiting, error: BaseException, *, started: dt.datetime,
           ended: dt.datetime) -> Told:  # fmt: skip
    """Return what is known of one service where the step ends before the wait does.

    Nothing more is read: there may be no time, or no AWS.
    """
    is_known = watch.is_over and not isinstance(watch.verdict, Mistaken)
    outcome = outcomes.outcome_of(watch.verdict) if is_known else outcomes.unfinished(error)
    return Told(
        outcome=outcome,
        service=watch.name,
        deployment=watch.id,
        counts=watch.counts,
        started=started,
        ended=ended,
        timeline=tuple(waiting.talk.timelines.get(watch.name, ())),
        events=watch.events[-_SHOWN_EVENTS:],
        rollback=waiting.rollback.answer(watch),
        hint=error.hint if isinstance(error, StepError) else "",
    )


def _say(proof: Proof | None, world: World) -> None:
    """Say what the tasks run, a line for each container."""
    if proof is None:
        return
    for image in proof.images:
        world.log.info(
            "runs", container=image.container, tasks=image.tasks, image=image.image,
            digest=image.digest,
        )  # fmt: skip
    if proof.mixed:
        world.log.warning("tasks of one container run different images", containers=proof.mixed)
    for image in proof.doubtful:
        world.log.warning(
            f"container '{image.container}' runs another digest than the pinned one, and whether "
            "that is a platform of the pinned image can't be read",
            image=image.image,
            digest=image.digest,
            hint=f"compare them: docker buildx imagetools inspect {image.image}",
        )


def _reasons(
    watch: Watch, ended: Outcome, evidence: Evidence, *, goes_back: bool
) -> dict[str, Any]:
    events = watch.events[-_SHOWN_EVENTS:]
    groups = evidence.stopped(watch)
    blamed = outcomes.blamed(groups)
    targets = evidence.targets(watch)
    unwell = evidence.unwell(watch) if ended.exit is Exit.TIMEOUT else ()
    health = outcomes.health_lines(targets, unwell)
    lines = evidence.last_log_lines(blamed)
    cause = outcomes.likely(blamed, ended, events, lines[1] if lines else ())
    advised = report.hint(ended, cause, blamed, watch, evidence.cluster)
    return {
        "cause": cause,
        "groups": groups,
        "targets": targets,
        "log": lines,
        "why": outcomes.lines_for(cause, groups[:_SHOWN_GROUPS], events, lines, health),
        "hint": asked_back(watch) if goes_back else advised,
    }
