"""Stopped tasks, gathered by the way in which they stopped."""

from typing import Any

import pytest

from ecs_fakes import a_container, a_task, at
from ecsstep.rules.stops import Group, grouped

EXITED = "Essential container in task exited"
SCALED = "Scaling activity initiated by (deployment ecs-svc/0002)"


def a_group(*containers: Any, **task: Any) -> Group:
    return grouped([a_task(*containers, **task)])[0]


def test_tasks_that_stopped_alike_are_counted_the_most_frequent_first() -> None:
    pulled = a_task(a_container(code=None, reason="gone"), task_id="p", reason="pull", stopped=1)
    first, second = a_task(task_id="1", stopped=2), a_task(task_id="2", stopped=9)

    assert grouped([second, pulled, first]) == (
        Group(
            count=2,
            reason=EXITED,
            stop_code="EssentialContainerExited",
            containers=(a_container(),),
            newest=second,
            moments=(at(2), at(9)),
        ),
        Group(
            count=1,
            reason="pull",
            stop_code="EssentialContainerExited",
            containers=(a_container(code=None, reason="gone"),),
            newest=pulled,
            moments=(at(1),),
        ),
    )


def test_tasks_that_ecs_took_away_by_plan_come_last() -> None:
    planned = [
        a_task(a_container(code=143), task_id=str(at), reason=SCALED, code="UserInitiated")
        for at in range(3)
    ]

    groups = grouped([*planned, a_task()])

    assert [(group.count, group.was_planned) for group in groups] == [(1, False), (3, True)]


def test_no_tasks_are_no_groups() -> None:
    assert grouped([]) == ()


@pytest.mark.parametrize(
    ("containers", "expected"),
    [
        pytest.param([a_container("a", 1)], ("a", 1), id="one"),
        pytest.param(
            [a_container("a", 0), a_container("b", 2)], ("b", 2), id="not one that ended well"
        ),
        pytest.param(
            [a_container("a", 137), a_container("b", 1)], ("b", 1), id="not one that ECS killed"
        ),
        pytest.param(
            [a_container("a", 143), a_container("b", None)],
            ("a", 143),
            id="the killed one, if alone",
        ),
        pytest.param(
            [a_container("a", 1), a_container("b", 137, "OutOfMemoryError")],
            ("b", 137),
            id="the one with a reason",
        ),
        pytest.param([a_container("a", None)], None, id="none has ended"),
        pytest.param([a_container("a", 0)], None, id="all ended well"),
    ],
)
def test_the_container_to_blame_is_found(containers: Any, expected: Any) -> None:
    failing = a_group(*containers).failing

    assert (failing and (failing.name, failing.exit_code)) == expected


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        pytest.param(
            a_group(), f"1 task stopped: {EXITED}; container 'app' exited with code 1", id="exit"
        ),
        pytest.param(
            a_group(a_container("a", 137, "OOM"), a_container("b", 0), a_container("c", None)),
            f"1 task stopped: {EXITED}; container 'a' exited with code 137 (OOM)",
            id="only those that tell something",
        ),
        pytest.param(
            a_group(a_container("a", 0), a_container("b", None)),
            f"1 task stopped: {EXITED}; container 'a' exited with code 0",
            id="those that ended, where none failed",
        ),
        pytest.param(
            a_group(
                a_container(code=None, reason="CannotPull"), reason="", code="TaskFailedToStart"
            ),
            "1 task stopped: TaskFailedToStart; container 'app' (CannotPull)",
            id="no reason of the task",
        ),
        pytest.param(
            a_group(a_container(code=None, reason="CannotPull: x"), reason="CannotPull: x"),
            "1 task stopped: CannotPull: x; container 'app'",
            id="the same words once",
        ),
        pytest.param(
            a_group(a_container(code=None), reason="", code=""),
            "1 task stopped: no reason given",
            id="nothing at all",
        ),
        pytest.param(
            grouped([a_task(task_id="1"), a_task(task_id="2", stopped=1)])[0],
            f"2 tasks stopped: {EXITED}; container 'app' exited with code 1",
            id="several",
        ),
    ],
)
def test_a_group_is_one_sentence(group: Group, expected: str) -> None:
    assert str(group) == expected
