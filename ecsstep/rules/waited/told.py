"""How the wait for one service went: what every form of the report is made from."""

import datetime as dt
from typing import Any

from ecsstep.errors import Exit
from ecsstep.rules.cause_table import Cause
from ecsstep.rules.outcome import Outcome, told
from ecsstep.rules.proof import Proof
from ecsstep.rules.service import Event, TargetHealth
from ecsstep.rules.stops import Group
from ecsstep.rules.watch import Watch
from ecsstep.value import Value

NO_COUNTS = {"desired": 0, "running": 0, "pending": 0, "failed": 0}


class Moment(Value):
    """How a deployment stood at a look that showed something new.

    Attributes:
        others: How many tasks of other deployments ran.
        weight: The share of the traffic that the new revision had, in percent.
    """

    at: dt.datetime
    state: str | None
    desired: int
    running: int
    pending: int
    failed: int
    others: int = 0
    stage: str = ""
    weight: float | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The moment, for the JSON result."""
        return {
            "at": self.at.astimezone(dt.UTC).isoformat(),
            "state": self.state,
            "desired": self.desired,
            "running": self.running,
            "pending": self.pending,
            "failed": self.failed,
            "others": self.others,
            **({"stage": self.stage} if self.stage else {}),
            **({"traffic": self.weight} if self.weight is not None else {}),
        }


def moment(watch: Watch, at: dt.datetime) -> Moment:
    """Return how a deployment stands."""
    return Moment(
        at=at,
        state=watch.seen.rollout_state if watch.seen else None,
        others=watch.others_running,
        stage=watch.stage,
        weight=watch.weight,
        **watch.counts,
    )


class Told(Value):
    """How the wait for one service went.

    Attributes:
        service: As the user named it.
        why: The lines that explain a bad outcome.
        started: When the wait began.
        ended: When it ended.
        rollback: What became of the rollback that ``--on-timeout`` asks for; nothing without one.
    """

    service: str
    deployment: str
    outcome: Outcome
    counts: dict[str, int]
    started: dt.datetime
    ended: dt.datetime
    timeline: tuple[Moment, ...] = ()
    cause: Cause | None = None
    groups: tuple[Group, ...] = ()
    targets: tuple[TargetHealth, ...] = ()
    events: tuple[Event, ...] = ()
    log: tuple[str, tuple[str, ...]] | None = None
    why: tuple[str, ...] = ()
    hint: str = ""
    proof: Proof | None = None
    rollback: str = ""

    @property
    def is_well(self) -> bool:
        """Whether it ended as it should."""
        return self.outcome.exit is Exit.OK

    @property
    def message(self) -> str:
        """What happened, in one line."""
        which = f"deployment '{self.deployment}' of service" if self.deployment else "service"
        return f"{which} '{self.service}': {self.outcome.word}: {self.outcome.reason}"

    @property
    def runs(self) -> tuple[str, ...]:
        """What the tasks were seen to run, a line for each image."""
        return self.proof.lines if self.proof else ()

    @property
    def data(self) -> dict[str, Any]:
        """The JSON result of this service."""
        return {
            "outcome": self.outcome.word,
            "reason": self.outcome.reason,
            "deployment": self.deployment,
            "service": self.service,
            "counts": self.counts,
            "causes": [self.cause.name] if self.cause else [],
            "stopped": [told(group) for group in self.groups],
            "targets": [
                {
                    "targetGroup": each.group,
                    "target": each.target,
                    "state": each.state,
                    "reason": each.reason,
                    "description": each.words,
                }
                for each in self.targets
            ],
            "images": self.proof.data if self.proof else [],
            "events": [
                {"at": each.at.astimezone(dt.UTC).isoformat(), "message": each.text}
                for each in self.events
            ],
            "log": {"container": self.log[0], "lines": list(self.log[1])} if self.log else None,
            "hint": self.hint,
            **({"rollback": self.rollback} if self.rollback else {}),
            "timeline": [each.data for each in self.timeline],
        }
