"""ECS's own strategies, stage by stage."""

import datetime as dt
from typing import Any

import pytest

from ecsstep.sandbox.stages import Stages, strategy_of
from fakes import START


def course(configuration: dict[str, Any], *, until: str = "CLEAN_UP") -> list[tuple[str, float]]:
    """Return every stage with the weight that it had, as time goes by."""
    strategy = strategy_of(configuration)
    assert strategy is not None
    stages = Stages(strategy=strategy, since=START)
    found = [(stages.name, stages.weight)]
    for second in range(2000):
        stages.advance(START + dt.timedelta(seconds=second), "h", is_scaled_up=second > 20)
        if (stages.name, stages.weight) != found[-1]:
            found.append((stages.name, stages.weight))
        if stages.name == until:
            break
    return found


def test_a_rolling_deployment_has_no_stages() -> None:
    assert strategy_of({}) is None
    assert strategy_of({"strategy": "ROLLING"}) is None


def test_blue_green_moves_all_traffic_at_once() -> None:
    assert course({"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 1}) == [
        ("RECONCILE_SERVICE", 0),
        ("PRE_SCALE_UP", 0),
        ("SCALE_UP", 0),
        ("POST_SCALE_UP", 0),
        ("TEST_TRAFFIC_SHIFT", 0),
        ("POST_TEST_TRAFFIC_SHIFT", 0),
        ("PRODUCTION_TRAFFIC_SHIFT", 0),
        ("PRODUCTION_TRAFFIC_SHIFT", 100),
        ("POST_PRODUCTION_TRAFFIC_SHIFT", 100),
        ("BAKE_TIME", 100),
        ("CLEAN_UP", 100),
    ]


@pytest.mark.parametrize(
    ("configuration", "weights"),
    [
        ({"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 30.0}}, [30, 60, 90, 100]),
        ({"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 10.0}}, [10, 100]),
        ({"strategy": "CANARY"}, [5, 100]),
        ({"strategy": "LINEAR"}, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]),
    ],
)
def test_the_traffic_moves_in_steps(configuration: dict[str, Any], weights: list[float]) -> None:
    moved = [weight for name, weight in course(configuration) if name.startswith("PRODUCTION")]

    assert moved[1:] == weights


def test_a_pause_waits_for_its_answer() -> None:
    hook = {"targetType": "PAUSE", "lifecycleStages": ["PRE_SCALE_UP"]}
    strategy = strategy_of({"strategy": "BLUE_GREEN", "lifecycleHooks": [hook]})
    assert strategy is not None
    stages = Stages(strategy=strategy, since=START)
    later = START + dt.timedelta(hours=1)

    stages.advance(later, "h1", is_scaled_up=True)
    assert stages.advance(later + dt.timedelta(hours=1), "h2", is_scaled_up=True) is None

    [begun] = stages.hooks
    assert (begun["hookId"], begun["status"]) == ("h1", "AWAITING_ACTION")
    assert begun["timeoutAction"] == "ROLLBACK"
    assert not stages.answer("other")
    assert stages.answer("h1")
    assert stages.advance(later + dt.timedelta(hours=1), "h2", is_scaled_up=True) is not None
