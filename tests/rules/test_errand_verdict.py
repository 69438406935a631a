from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_fakes import ACCOUNT, NEW, at
from ecsstep.rules.errand.verdict import (
    CutShort,
    Exited,
    Going,
    NeverRan,
    Succeeded,
    TaskVerdict,
    ended_before,
    judged,
)
from ecsstep.rules.service import Container, Task

BOTH = frozenset({"app", "nginx"})
EXITED = "EssentialContainerExited"


def a_container(code: int | None = None, name: str = "app", **more: Any) -> Container:
    status = "RUNNING" if code is None else "STOPPED"
    return Container(**{"name": name, "exit_code": code, "status": status, **more})


def a_task(
    *containers: Container, status: str = "STOPPED", code: str = EXITED, **more: Any
) -> Task:
    given: dict[str, Any] = {
        "arn": f"{ACCOUNT}:task/prod/t",
        "taskdef_arn": NEW,
        "status": status,
        "stop_code": code,
        "started_at": at(1),
        "containers": containers,
    }
    return Task(**{**given, **more})


ROWS = [
    pytest.param(
        a_task(a_container(), status="RUNNING", code=""), Going(status="RUNNING"), id="running"
    ),
    pytest.param(a_task(status="PENDING", code=""), Going(status="PENDING"), id="no container yet"),
    pytest.param(a_task(a_container(0)), Succeeded(), id="exited with 0"),
    pytest.param(
        a_task(a_container(0), status="RUNNING", code=""),
        Going(status="RUNNING"),
        id="exited with 0, and ECS hasn't said why yet",
    ),
    pytest.param(
        a_task(a_container(0), status="DEPROVISIONING"), Succeeded(), id="0, on its way out"
    ),
    pytest.param(a_task(a_container(3)), Exited(code=3), id="exited with 3"),
    pytest.param(
        a_task(a_container(137, reason="OutOfMemoryError: killed")),
        Exited(code=137, reason="OutOfMemoryError: killed"),
        id="out of memory",
    ),
    pytest.param(
        a_task(
            a_container(None, reason="CannotPullContainerError: x", status="STOPPED"),
            code="TaskFailedToStart",
            stopped_reason="CannotPullContainerError: x",
            started_at=None,
        ),
        NeverRan(reason="CannotPullContainerError: x"),
        id="never ran, and both say the same",
    ),
    pytest.param(
        a_task(code="", started_at=None), NeverRan(reason="ECS gives no reason"), id="no reason"
    ),
    pytest.param(
        a_task(a_container(None, status="STOPPED"), code="", stopped_reason="Host EC2 terminated."),
        CutShort(reason="Host EC2 terminated."),
        id="its host is gone, and no code is known",
    ),
    pytest.param(
        a_task(a_container(0), code="UserInitiated", stopped_reason="Task stopped by user"),
        CutShort(reason="Task stopped by user", code=0),
        id="a person stopped it, and it ended with grace",
    ),
    pytest.param(
        a_task(a_container(143), code="SpotInterruption"),
        CutShort(reason="SpotInterruption", code=143),
        id="Spot took its capacity back",
    ),
    pytest.param(
        a_task(a_container(0), a_container(1, "nginx")),
        CutShort(
            reason="container 'nginx' ended as well, perhaps before 'app' was done", code=0
        ),
        id="another essential container failed by itself",
    ),
    pytest.param(
        a_task(a_container(0), a_container(143, "nginx")), Succeeded(), id="ECS ended the other"
    ),
    pytest.param(
        a_task(a_container(0), a_container(1, "sidecar")), Succeeded(), id="a sidecar failed"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("task", "verdict"), ROWS)
def test_only_the_containers_own_exit_code_tells(task: Task, verdict: TaskVerdict) -> None:
    assert judged(task, "app", BOTH) == verdict


@pytest.mark.parametrize(("code", "verdict"), [(0, Succeeded(runs_on=True)), (3, None)])
def test_a_container_that_isnt_essential_ends_while_the_task_runs_on(
    code: int, verdict: TaskVerdict | None
) -> None:
    task = a_task(a_container(code), a_container(None, "nginx"), status="RUNNING", code="")

    assert judged(task, "app", {"nginx"}) == (verdict or Exited(code=3, runs_on=True))


def test_a_zero_after_another_container_was_seen_ended_is_no_success() -> None:
    before = a_task(a_container(), a_container(0, "nginx"), status="RUNNING", code="")
    after = a_task(a_container(0), a_container(0, "nginx"))

    other = ended_before(before, "app", BOTH)

    assert other == "nginx"
    assert isinstance(judged(after, "app", BOTH, ended_before=other), CutShort)


@pytest.mark.parametrize(
    "containers",
    [
        (a_container(), a_container(None, "nginx")),
        (a_container(0), a_container(0, "nginx")),
        (a_container(),),
        (a_container(), a_container(0, "sidecar")),
        (a_container(0, "nginx"),),
        (a_container(None, status="STOPPED"), a_container(0, "nginx")),
    ],
    ids=["both run", "both ended", "one alone", "a sidecar", "not ours", "ours never ran"],
)
def test_nothing_is_held_against_containers_that_end_in_their_turn(
    containers: tuple[Container, ...],
) -> None:
    assert ended_before(a_task(*containers), "app", BOTH) == ""


@given(
    st.sampled_from(["", EXITED, "TaskFailedToStart", "UserInitiated", "SpotInterruption", "New"]),
    st.sampled_from(["PENDING", "RUNNING", "DEPROVISIONING", "STOPPED"]),
    st.one_of(st.none(), st.integers(0, 255)),
    st.one_of(st.none(), st.integers(0, 255)),
)
def test_success_is_never_said_without_the_containers_zero(
    stop_code: str, status: str, ours: int | None, other: int | None
) -> None:
    task = a_task(a_container(ours), a_container(other, "nginx"), status=status, code=stop_code)

    verdict = judged(task, "app", BOTH)

    if isinstance(verdict, Succeeded):
        assert ours == 0
        assert stop_code in {"", EXITED}
        assert other in {None, 0, 137, 143}
