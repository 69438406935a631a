"""When a deployment can't come to a good end any more."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_fakes import a_container, a_task, at
from ecsstep.rules.hopeless import hopeless
from ecsstep.rules.service import Task

MISSING = "CannotPullContainerError: failed to resolve ref app:2: app:2: not found"
NO_ROUTE = "CannotPullContainerError: dial tcp 1.2.3.4:443: i/o timeout"


def unable(number: int, reason: str = MISSING) -> Task:
    return a_task(
        a_container(code=None, reason=reason),
        task_id=f"u{number}",
        reason=reason,
        code="TaskFailedToStart",
        stopped=number * 10,
    )


def died(number: int, *, every: float = 20, life: float = 5, **changes: Any) -> Task:
    task = a_task(task_id=f"d{number}", stopped=number * every, **changes)
    return task.replaced(started_at=at(number * every - life))


def up(since: float) -> Task:
    return a_task(task_id="up").replaced(stopped_at=None, stop_code="", started_at=at(since))


DYING = [died(number) for number in range(1, 6)]


@pytest.mark.parametrize(
    ("stopped", "running", "breaker", "reason"),
    [
        pytest.param([unable(1), unable(2)], [], False, "isn't in the registry", id="image"),
        pytest.param(
            [unable(1), unable(2)], [], True, "the image isn't in the registry",
            id="the breaker doesn't decide what can't heal",
        ),
        pytest.param([unable(1)], [], False, None, id="one task alone tells nothing"),
        pytest.param([unable(1), unable(2)], None, False, None, id="running tasks unreadable"),
        pytest.param([unable(1), unable(2)], [up(19)], False, None, id="one has come up"),
        pytest.param(
            [unable(1, NO_ROUTE), unable(2, NO_ROUTE)], [], False, None, id="that may heal"
        ),
        pytest.param(DYING, [], False, "5 of its tasks have ended", id="dying"),
        pytest.param(DYING, [], True, None, id="dying is left to the breaker"),
        pytest.param(DYING[:4], [], False, None, id="four are too few"),
        pytest.param(
            [died(number, every=2) for number in range(1, 6)], [], False, None, id="all at once"
        ),
        pytest.param([*DYING, died(6, life=60)], [], False, None, id="one stayed up"),
        pytest.param(DYING, [up(30)], False, None, id="one has been up for a minute"),
        pytest.param(DYING, [up(90)], False, "none stayed up", id="one is up for a moment"),
        pytest.param(
            [each.replaced(stop_code="ServiceSchedulerInitiated") for each in DYING],
            [], False, None, id="stopped by ECS",
        ),
        pytest.param([], [up(1)], False, None, id="nothing stopped"),
    ],
)  # fmt: skip
def test_hopeless_is_what_time_does_not_heal(
    stopped: list[Task], running: list[Task] | None, breaker: bool, reason: str | None
) -> None:
    found = hopeless(stopped, running, has_breaker=breaker)

    assert (found is None) == (reason is None)
    assert reason is None or (found is not None and reason in found.reason)


@given(st.lists(st.integers(1, 300)), st.booleans())
def test_a_start_that_is_slow_but_healthy_is_never_hopeless(
    starts: list[int], breaker: bool
) -> None:
    coming = [
        up(start).replaced(started_at=None if start % 2 else at(start) - dt.timedelta(hours=1))
        for start in starts
    ]

    assert hopeless([], coming, has_breaker=breaker) is None
