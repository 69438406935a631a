"""What an ECS service's rollout is made of: settings, deployments and their records."""

import datetime as dt
import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from ecsstep.sandbox.stages import Stages, Strategy, strategy_of

_DEFAULT_MAXIMUM = 200
_DEFAULT_MINIMUM = 100
_BREAKER_VALUE = 50
_BREAKER_LEAST = 3
_BREAKER_MOST = 200

# Statuses of a service deployment that can still change.
ONGOING = frozenset({"PENDING", "IN_PROGRESS", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS"})


class Ids:
    """A stream of made-up ids, the same for the same seed."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._count = 0

    def hexadecimal(self) -> str:
        """Return 32 hexadecimal digits, as a task has."""
        self._count += 1
        return hashlib.sha256(f"{self._seed}:{self._count}".encode()).hexdigest()[:32]

    def number(self) -> str:
        """Return 19 decimal digits, as a deployment has."""
        return str(10**18 + int(self.hexadecimal(), 16) % (9 * 10**18))

    def uuid(self) -> str:
        """Return a UUID, as an event has."""
        return str(UUID(self.hexadecimal(), version=4))


@dataclass(frozen=True, kw_only=True)
class Breaker:
    """The deployment circuit breaker's settings, with the API model's defaults."""

    rollback: bool = False
    resets: bool = True
    kind: str = "BOUNDED_PERCENT"
    value: int = _BREAKER_VALUE

    def threshold(self, desired: int) -> int:
        """Return how many tasks have to fail."""
        if self.kind == "COUNT":
            return self.value
        share = math.ceil(desired * self.value / 100)
        if self.kind == "UNBOUNDED_PERCENT":
            return max(share, 1)
        return min(max(share, _BREAKER_LEAST), _BREAKER_MOST)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What of a service's settings decides about its rollouts.

    Attributes:
        desired: How many tasks there should be.
        minimum_percent: How many of them have to stay healthy meanwhile.
        maximum_percent: How many there may be meanwhile.
        breaker: The circuit breaker, if it is on.
        strategy: ECS's own strategy, if it isn't a rolling deployment.
    """

    desired: int
    minimum_percent: int = _DEFAULT_MINIMUM
    maximum_percent: int = _DEFAULT_MAXIMUM
    breaker: Breaker | None = None
    strategy: Strategy | None = None

    @property
    def minimum(self) -> int:
        """The tasks that stay, rounded up as ECS does."""
        return math.ceil(self.desired * self.minimum_percent / 100)

    @property
    def maximum(self) -> int:
        """The tasks that there may be, rounded down as ECS does."""
        return self.desired * self.maximum_percent // 100


def settings_of(desired: int, configuration: Mapping[str, Any]) -> Settings:
    """Return the settings that an API request's deploymentConfiguration means."""
    breaker = configuration.get("deploymentCircuitBreaker") or {}
    limit = breaker.get("thresholdConfiguration") or {}
    return Settings(
        desired=desired,
        minimum_percent=configuration.get("minimumHealthyPercent", _DEFAULT_MINIMUM),
        maximum_percent=configuration.get("maximumPercent", _DEFAULT_MAXIMUM),
        breaker=Breaker(
            rollback=breaker.get("rollback", False),
            resets=breaker.get("resetOnHealthyTask", True),
            kind=limit.get("type", "BOUNDED_PERCENT"),
            value=limit.get("value", _BREAKER_VALUE),
        )
        if breaker.get("enable")
        else None,
        strategy=strategy_of(configuration),
    )


@dataclass(kw_only=True)
class Record:
    """A service deployment: what ECS keeps about one deployment, its rollback included.

    Attributes:
        id: The last part of its ARN.
        sources: The service revisions that were deployed before.
        target: The service revision to deploy; a rollback doesn't change it.
        stages: How far it has come, where it isn't a rolling deployment.
        alarms: The alarms that were triggered.
    """

    id: str
    sources: tuple[str, ...]
    target: str
    created_at: dt.datetime
    updated_at: dt.datetime
    status: str = "PENDING"
    reason: str | None = None
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    stopped_at: dt.datetime | None = None
    failures: int = 0
    threshold: int = 0
    breaker_status: str = "DISABLED"
    rollback: dict[str, Any] | None = None
    stages: Stages | None = None
    alarms: tuple[str, ...] = ()

    @property
    def is_ongoing(self) -> bool:
        """Whether its status can still change."""
        return self.status in ONGOING

    def change(self, status: str, at: dt.datetime, reason: str | None = None) -> None:
        """Move to another status; a final one stays."""
        if not self.is_ongoing:
            return
        self.status, self.updated_at = status, at
        self.reason = reason or self.reason
        if status == "IN_PROGRESS":
            self.started_at = at
        if status not in ONGOING:
            self.finished_at = at
            self.stopped_at = at if status == "STOPPED" else None
            if self.breaker_status == "MONITORING":
                self.breaker_status = "MONITORING_COMPLETE"


@dataclass(kw_only=True)
class Deployment:
    """One entry of a service's ``deployments``.

    Attributes:
        id: ``ecs-svc/…``.
        revision: The ARN of its service revision.
        record: Its service deployment; a rollback shares the failed one's.
        starts_at: Before that, no task is started.
        settled_since: Since when nothing is left to do.
        vanishes_at: Until then it is listed, though nothing of it runs.
        is_rollback: Whether it brings back an earlier one.
        is_steady: Whether the steady state was announced.
        is_blocked: Whether it was announced that the percentages leave no room.
    """

    id: str
    task_definition: str
    revision: str
    record: Record
    fate: Any
    created_at: dt.datetime
    updated_at: dt.datetime
    starts_at: dt.datetime
    status: str = "PRIMARY"
    rollout_state: str = "IN_PROGRESS"
    rollout_reason: str = ""
    failed_tasks: int = 0
    healthy_tasks: frozenset[str] = field(default_factory=frozenset)
    settled_since: dt.datetime | None = None
    vanishes_at: dt.datetime | None = None
    is_rollback: bool = False
    is_steady: bool = False
    is_blocked: bool = False

    @property
    def is_in_progress(self) -> bool:
        """Whether its rollout is neither completed nor failed."""
        return self.rollout_state == "IN_PROGRESS"

    def change(self, state: str, reason: str, at: dt.datetime) -> None:
        """Move to another rollout state."""
        self.rollout_state, self.rollout_reason, self.updated_at = state, reason, at
