"""The lifecycle stages of a deployment by one of ECS's own strategies: blue/green and its like.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ecsstep.sandbox.tasks import seconds

_ORDER = (
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
    "BAKE_TIME",
    "CLEAN_UP",
)
_STEP = 2  # seconds that a stage takes, at speed 1
_ALL = 100.0
_DEFAULT_TIMEOUT = 1440


@dataclass(frozen=True, kw_only=True)
class Strategy:
    """What a service's deploymentConfiguration says of its strategy.

    Attributes:
        weights: The shares of the production traffic, one after another, in percent.
        step: Seconds between two of them.
        bake: Seconds for which the old tasks are kept.
        pauses: The stages at which somebody has to say so, with what happens otherwise.
    """

    weights: tuple[float, ...] = (_ALL,)
    step: float = _STEP
    bake: float = _STEP
    pauses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def strategy_of(configuration: Mapping[str, Any]) -> Strategy | None:
    """Return the strategy, or None for a rolling deployment."""
    kind = configuration.get("strategy") or "ROLLING"
    if kind == "ROLLING":
        return None
    weights: tuple[float, ...] = (_ALL,)
    minutes = 0.0
    if kind == "LINEAR":
        linear = configuration.get("linearConfiguration") or {}
        share = float(linear.get("stepPercent") or 10.0)
        minutes = linear.get("stepBakeTimeInMinutes") or 0
        weights = tuple(min(share * step, _ALL) for step in range(1, int(-(-_ALL // share)) + 1))
    elif kind == "CANARY":
        canary = configuration.get("canaryConfiguration") or {}
        minutes = canary.get("canaryBakeTimeInMinutes") or 0
        weights = (float(canary.get("canaryPercent") or 5.0), _ALL)
    return Strategy(
        weights=weights,
        step=max(minutes * 60, _STEP),
        bake=max((configuration.get("bakeTimeInMinutes") or 0) * 60, _STEP),
        pauses={
            stage: hook.get("timeoutConfiguration") or {}
            for hook in configuration.get("lifecycleHooks", ())
            if hook.get("targetType") == "PAUSE"
            for stage in hook.get("lifecycleStages", ())
        },
    )


@dataclass(kw_only=True)
class Stages:
    """How far one deployment has come.

    Attributes:
        name: The stage.
        since: When it began, or its last step did.
        weight: The new revision's share of the production traffic.
        hooks: The pauses that have begun, in AWS's shape.
    """

    strategy: Strategy
    since: dt.datetime
    name: str = _ORDER[0]
    weight: float = 0.0
    test_weight: float = 0.0
    hooks: list[dict[str, Any]] = field(default_factory=list)

    @property
    def keeps_old(self) -> bool:
        """Whether the old tasks stay."""
        return self.name != "CLEAN_UP"

    def advance(self, now: dt.datetime, hook_id: str, *, is_scaled_up: bool) -> dt.datetime | None:
        """Get on as far as possible, and return when it goes on by itself."""
        if self.name == "CLEAN_UP" or any(h["status"] == "AWAITING_ACTION" for h in self.hooks):
            return None
        if self.name == "SCALE_UP" and not is_scaled_up:
            return None
        left = [each for each in self.strategy.weights if each > self.weight]
        is_shifting = self.name == "PRODUCTION_TRAFFIC_SHIFT" and bool(left)
        due = self.since + seconds(self._length(is_shifting=is_shifting))
        if now < due:
            return due
        self.since = now
        if is_shifting:
            self.weight = left[0]
        else:
            self._enter(_ORDER[_ORDER.index(self.name) + 1], now, hook_id)
        return now + seconds(_STEP / 2)

    def answer(self, hook_id: str) -> bool:
        """Let a paused deployment go on; False if there is no such pause."""
        for hook in self.hooks:
            if hook["hookId"] == hook_id and hook["status"] == "AWAITING_ACTION":
                hook["status"] = "SUCCEEDED"
                return True
        return False

    def _enter(self, name: str, now: dt.datetime, hook_id: str) -> None:
        self.name = name
        if name == "TEST_TRAFFIC_SHIFT":
            self.test_weight = _ALL
        if name in self.strategy.pauses:
            timeout = self.strategy.pauses[name]
            minutes = timeout.get("timeoutInMinutes") or _DEFAULT_TIMEOUT
            self.hooks.append(
                {
                    "hookId": hook_id,
                    "targetType": "PAUSE",
                    "status": "AWAITING_ACTION",
                    "expiresAt": now + seconds(minutes * 60),
                    "timeoutAction": timeout.get("action") or "ROLLBACK",
                }
            )

    def _length(self, *, is_shifting: bool) -> float:
        if self.name == "BAKE_TIME":
            return self.strategy.bake
        return self.strategy.step if is_shifting and self.weight else _STEP
