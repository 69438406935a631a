"""How the wait for one service went, with the reasons for a bad end."""

import datetime as dt
from typing import Any

from ecsstep.aws.evidence import Evidence
from ecsstep.core.step import World
from ecsstep.errors import Exit
from ecsstep.rules import outcome as outcomes
from ecsstep.rules.outcome import Outcome
from ecsstep.rules.rollout import Deployed
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
    if isinstance(watch.verdict, Deployed):
        proof = evidence.proof(watch)
        ended = outcomes.proved(ended, proof)
        known["proof"] = proof
        if proof is not None and proof.mixed:
            world.log.warning("tasks of one container run different images", containers=proof.mixed)
    if ended.exit is Exit.OK:
        world.log.info(ended.word, deployment=watch.id, reason=ended.reason)
        return Told(outcome=ended, **known)
    world.log.info("gathering the reasons", outcome=ended.word)
    goes_back = waiting.rollback.is_requested(watch)
    return Told(outcome=ended, **known, **_reasons(watch, ended, evidence, goes_back=goes_back))


def _reasons(
    watch: Watch, ended: Outcome, evidence: Evidence, *, goes_back: bool
) -> dict[str, Any]:
    events = watch.events[-_SHOWN_EVENTS:]
    groups = evidence.stopped(watch)
    blamed = outcomes.blamed(groups)
    cause = outcomes.likely(blamed, ended, events)
    targets = evidence.targets(watch)
    lines = evidence.last_log_lines(blamed)
    return {
        "cause": cause,
        "groups": groups,
        "targets": targets,
        "log": lines,
        "why": outcomes.lines_for(cause, groups[:_SHOWN_GROUPS], events, lines, targets),
        "hint": report.hint(ended, cause, blamed, watch, goes_back=goes_back),
    }
