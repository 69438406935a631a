"""When a deployment can't come to a good end any more."""

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


def coming() -> Task:
    return up(0).replaced(started_at=None)


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
        pytest.param(DYING, [up(103)], False, None, id="one is up since the last death"),
        pytest.param(DYING, [up(94)], False, None, id="one outlived all the dead"),
        pytest.param(DYING, [up(97)], False, "none stayed up", id="one is as young as they died"),
        pytest.param(DYING, [up(97)], True, None, id="then too the breaker decides"),
        pytest.param(DYING, [up(97), up(101)], False, None, id="one of two is up since then"),
        pytest.param(DYING, [up(100)], False, None, id="one came up with the last death"),
        pytest.param(DYING, [coming()], False, "none stayed up", id="one is not up yet"),
        pytest.param(
            [each.replaced(started_at=None) for each in DYING], [], False, "none stayed up",
            id="ECS doesn't tell when they came up",
        ),
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


@given(
    st.lists(st.integers(1, 600), max_size=12),
    st.lists(st.integers(600, 3600), min_size=1),
    st.lists(st.none(), max_size=3),
    st.booleans(),
)
def test_what_has_come_up_at_last_is_never_hopeless(
    deaths: list[int], starts: list[int], still_coming: list[None], breaker: bool
) -> None:
    """A database that is late: whatever died before, and however young the task that is up."""
    dead = [died(number, every=1).replaced(stopped_at=at(moment), started_at=at(moment - 5))
            for number, moment in enumerate(deaths)]  # fmt: skip
    running = [*(up(start) for start in starts), *(coming() for _ in still_coming)]

    assert hopeless(dead, running, has_breaker=breaker) is None


def in_a_crash_loop(tasks: int, life: int, now: int) -> tuple[list[Task], list[Task]]:
    """Return the stopped and the running of tasks that each end after their life, again and again.

    They came up ten seconds after one another, and each comes up again seven seconds after its end.
    """
    starts = [start for number in range(tasks) for start in range(number * 10, now, life + 7)]
    dead = [start + life for start in starts if start + life <= now]
    stopped = [died(1, every=moment, life=life) for moment in dead]
    return stopped, [up(start) for start in starts if start + life > now]


@pytest.mark.parametrize("tasks", [1, 2, 4])
@pytest.mark.parametrize("life", [3, 20, 45])
def test_a_crash_loop_of_several_tasks_is_given_up_within_minutes(tasks: int, life: int) -> None:
    looks = (in_a_crash_loop(tasks, life, now) for now in range(0, 600, 5))

    assert any(hopeless(*look, has_breaker=False) for look in looks)


@given(st.lists(st.integers(0, 3600)), st.booleans())
def test_a_slow_start_without_a_death_is_never_hopeless(starts: list[int], breaker: bool) -> None:
    taken_away = [died(1, life=1).replaced(stop_code="ServiceSchedulerInitiated")] * 9
    still_coming = [coming() for _ in starts]

    assert hopeless(taken_away, still_coming, has_breaker=breaker) is None
