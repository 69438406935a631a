"""The simulation alone, at points of time."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecsstep.sandbox import tasks
from ecsstep.sandbox.deployments import Breaker, Deployment, Ids, Settings, settings_of
from ecsstep.sandbox.rollouts import Rollout
from ecsstep.sandbox.tasks import Task, seconds
from fakes import START


def birth(task_id: str, deployment: Deployment, at: dt.datetime) -> Task:
    task = tasks.well(task_id, deployment.id, deployment.task_definition, at)
    match deployment.fate:
        case "crash":
            return tasks.crashing(task, container="app", exit_code=1)
        case "unpullable":
            return tasks.unpullable(task, container="app", image="app:2")
        case _:
            return task


def a_rollout(**members: Any) -> Rollout:
    """Return a service that has been steady on web:1 at second 0."""
    rollout = Rollout(
        service="web",
        ids=Ids("seed"),
        birth=birth,
        settings=Settings(**{"desired": 1, **members}),
    )
    deploy(rollout, "web:1", "well", -1000)
    rollout.advance(START)
    return rollout


def deploy(rollout: Rollout, definition: str, fate: str, at: float = 0) -> Deployment:
    rollout.advance(START + seconds(at))
    return rollout.deploy(
        START + seconds(at),
        task_definition=definition,
        revision=f"revision of {definition}",
        fate=fate,
    )


def seen(rollout: Rollout, at: float) -> list[tuple[str, str, str, int, int]]:
    """Return per deployment what a poll at this second shows."""
    now = START + seconds(at)
    rollout.advance(now)
    return [
        (
            deployment.task_definition,
            deployment.status,
            deployment.rollout_state,
            deployment.failed_tasks,
            sum(task.is_running(now) for task in rollout.tasks_of(deployment)),
        )
        for deployment in rollout.deployments
    ]


def said(rollout: Rollout) -> list[tuple[float, str]]:
    """Return the events from second 0 on, oldest first, without tasks and service."""
    return [
        ((event.at - START).total_seconds(), event.message.removeprefix("(service web) "))
        for event in reversed(rollout.events)
        if event.at >= START
    ]


def test_a_steady_deployment_takes_about_half_a_minute() -> None:
    rollout = a_rollout()
    first = rollout.deployments[0]
    second = deploy(rollout, "web:2", "well")

    assert {at: seen(rollout, at) for at in (0, 7, 12, 24, 35.9, 36)} == {
        0: [
            ("web:2", "PRIMARY", "IN_PROGRESS", 0, 0),
            ("web:1", "ACTIVE", "COMPLETED", 0, 1),
        ],
        7: [
            ("web:2", "PRIMARY", "IN_PROGRESS", 0, 1),
            ("web:1", "ACTIVE", "COMPLETED", 0, 1),
        ],
        12: [
            ("web:2", "PRIMARY", "IN_PROGRESS", 0, 1),
            ("web:1", "ACTIVE", "COMPLETED", 0, 0),
        ],
        24: [("web:2", "PRIMARY", "IN_PROGRESS", 0, 1)],
        35.9: [("web:2", "PRIMARY", "IN_PROGRESS", 0, 1)],
        36: [("web:2", "PRIMARY", "COMPLETED", 0, 1)],
    }
    old, new = (task.id for d in (first, second) for task in rollout.tasks_of(d))
    assert said(rollout) == [
        (2, f"has started 1 tasks: (task {new})."),
        (12, f"has stopped 1 running tasks: (task {old})."),
        (36, f"(deployment {second.id}) deployment completed."),
        (36, "has reached a steady state."),
    ]
    assert second.rollout_reason == f"ECS deployment {second.id} completed."
    assert (second.record.status, second.record.sources) == ("SUCCESSFUL", ("revision of web:1",))


def test_how_often_it_is_asked_makes_no_difference() -> None:
    def told(times: list[float]) -> tuple[list[tuple[float, str]], Any]:
        rollout = a_rollout(desired=3, breaker=Breaker(rollback=True))
        deploy(rollout, "web:2", "crash")
        for at in times:
            rollout.advance(START + seconds(at))
        return said(rollout), seen(rollout, 200)

    assert told([float(at) / 4 for at in range(800)]) == told([13.7, 200.0])


def test_a_crash_loop_goes_on_for_ever_beside_the_old_deployment() -> None:
    rollout = a_rollout()
    deploy(rollout, "web:2", "crash")

    for at in (10, 60, 600, 3500):
        new, old = seen(rollout, at)
        assert new[:3] == ("web:2", "PRIMARY", "IN_PROGRESS")
        assert old == ("web:1", "ACTIVE", "COMPLETED", 0, 1)
    assert rollout.deployments[0].failed_tasks > 20
    assert len(rollout.events) == 100
    assert said(rollout)[-1][1].startswith(
        ("is unable to consistently start tasks successfully.", "has started 1 tasks")
    )
    assert len(rollout.failures) == rollout.deployments[0].failed_tasks


def test_stopped_tasks_are_kept_for_an_hour() -> None:
    rollout = a_rollout()
    deploy(rollout, "web:2", "well")
    rollout.advance(START + seconds(24 + 3599))
    before = len(rollout.tasks)

    rollout.advance(START + seconds(24 + 3600))

    assert (before, len(rollout.tasks)) == (2, 1)


@pytest.mark.parametrize("fate", ["crash", "unpullable"])
def test_the_circuit_breaker_rolls_back(fate: str) -> None:
    rollout = a_rollout(breaker=Breaker(rollback=True))
    completed = rollout.deployments[0]
    failed = deploy(rollout, "web:2", fate)

    assert seen(rollout, 31.9)[0] == (
        "web:2", "PRIMARY", "IN_PROGRESS", 2, 1 if fate == "crash" else 0
    )  # fmt: skip
    assert seen(rollout, 32) == [
        ("web:1", "PRIMARY", "IN_PROGRESS", 0, 0),
        ("web:2", "ACTIVE", "FAILED", 3, 0),
        ("web:1", "ACTIVE", "COMPLETED", 0, 1),
    ]
    rollback = rollout.deployments[0]
    assert failed.rollout_reason == "ECS deployment circuit breaker: tasks failed to start."
    assert rollback.id not in (failed.id, completed.id)
    assert rollback.rollout_reason == (
        f"ECS deployment circuit breaker: rolling back to deploymentId {completed.id}."
    )
    record = failed.record
    assert (record.status, record.breaker_status, record.failures, record.threshold) == (
        "ROLLBACK_IN_PROGRESS", "TRIGGERED", 3, 3
    )  # fmt: skip
    assert record.rollback == {
        "reason": "Service deployment rolled back because the circuit breaker threshold was "
        "exceeded.",
        "startedAt": START + seconds(32),
        "serviceRevisionArn": "revision of web:1",
    }
    assert [what for at, what in said(rollout) if at == 32] == [
        f"(deployment {failed.id}) deployment failed: tasks failed to start.",
        f"rolling back to deployment {completed.id}.",
    ]

    assert seen(rollout, 68) == [("web:1", "PRIMARY", "COMPLETED", 0, 1)]
    assert (record.status, record.failures) == ("ROLLBACK_SUCCESSFUL", 3)
    assert record.finished_at == START + seconds(68)


def test_a_rollback_may_be_listed_as_the_old_deployment() -> None:
    rollout = Rollout(
        service="web",
        ids=Ids("seed"),
        birth=birth,
        settings=Settings(desired=1, breaker=Breaker(rollback=True)),
        rollback_id="old",
    )
    completed = deploy(rollout, "web:1", "well", -1000)
    deploy(rollout, "web:2", "crash")

    assert seen(rollout, 32) == [
        ("web:1", "PRIMARY", "IN_PROGRESS", 0, 1),
        ("web:2", "ACTIVE", "FAILED", 3, 0),
    ]
    assert rollout.deployments[0] is completed
    assert seen(rollout, 58.9) == [("web:1", "PRIMARY", "IN_PROGRESS", 0, 1)]
    assert seen(rollout, 59) == [("web:1", "PRIMARY", "COMPLETED", 0, 1)]
    assert rollout.records[0].status == "ROLLBACK_SUCCESSFUL"
    assert rollout.records[1].status == "SUCCESSFUL"


def test_without_rollback_the_failed_deployment_stays_primary() -> None:
    rollout = a_rollout(breaker=Breaker(rollback=False))
    failed = deploy(rollout, "web:2", "crash")

    for at in (32, 1000):
        assert seen(rollout, at) == [
            ("web:2", "PRIMARY", "FAILED", 3, 0),
            ("web:1", "ACTIVE", "COMPLETED", 0, 1),
        ]
    assert (failed.record.status, failed.record.reason) == (
        "STOPPED", "ECS deployment circuit breaker: tasks failed to start."
    )  # fmt: skip
    assert failed.record.stopped_at == START + seconds(32)


def test_without_anything_completed_there_is_no_way_back() -> None:
    rollout = Rollout(
        service="web",
        ids=Ids("seed"),
        birth=birth,
        settings=Settings(desired=1, breaker=Breaker(rollback=True)),
    )
    deploy(rollout, "web:1", "crash")

    assert seen(rollout, 100) == [("web:1", "PRIMARY", "FAILED", 3, 0)]
    assert rollout.records[0].status == "STOPPED"


def test_a_rollback_can_fail_as_well() -> None:
    rollout = a_rollout(breaker=Breaker(rollback=True))
    assert rollout.completed
    rollout.completed.fate = "unpullable"
    deploy(rollout, "web:2", "crash")

    assert seen(rollout, 200) == [
        ("web:1", "PRIMARY", "FAILED", 3, 0),
        ("web:1", "ACTIVE", "COMPLETED", 0, 1),
    ]
    assert rollout.records[0].status == "ROLLBACK_FAILED"


def test_a_newer_deployment_supersedes_one_that_is_under_way() -> None:
    rollout = a_rollout()
    ours = deploy(rollout, "web:2", "well")
    deploy(rollout, "web:3", "well", 6)

    assert seen(rollout, 6) == [
        ("web:3", "PRIMARY", "IN_PROGRESS", 0, 0),
        ("web:2", "ACTIVE", "IN_PROGRESS", 0, 0),
        ("web:1", "ACTIVE", "COMPLETED", 0, 1),
    ]
    assert seen(rollout, 42) == [("web:3", "PRIMARY", "COMPLETED", 0, 1)]
    assert (ours.record.status, ours.record.reason) == (
        "STOPPED", "A newer service deployment has started."
    )  # fmt: skip
    assert ours.rollout_state == "IN_PROGRESS"


def test_a_deployment_is_stopped_with_a_rollback() -> None:
    rollout = a_rollout(breaker=Breaker())
    ours = deploy(rollout, "web:2", "well")
    rollout.advance(START + seconds(5))
    rollout.stop_deployment(START + seconds(5))

    statuses = []
    for at in (5, 7, 60):
        rollout.advance(START + seconds(at))
        statuses.append(ours.record.status)

    assert statuses == ["ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_SUCCESSFUL"]
    assert ours.rollout_reason == f"ECS deployment {ours.id} was stopped by the user."
    assert seen(rollout, 60) == [("web:1", "PRIMARY", "COMPLETED", 0, 1)]
    assert ours.record.breaker_status == "MONITORING_COMPLETE"


def test_a_first_deployment_is_stopped_for_good() -> None:
    rollout = Rollout(service="web", ids=Ids("s"), birth=birth, settings=Settings(desired=1))
    ours = deploy(rollout, "web:1", "crash")

    rollout.stop_deployment(START)

    assert (ours.record.status, ours.rollout_state) == ("STOPPED", "FAILED")


@pytest.mark.parametrize(
    "prepare",
    [
        pytest.param(lambda rollout: rollout.advance(START), id="nothing under way"),
        pytest.param(lambda rollout: rollout.close(START), id="the service was deleted"),
    ],
)
def test_what_is_not_under_way_cannot_be_stopped(prepare: Callable[[Rollout], None]) -> None:
    rollout = a_rollout()
    prepare(rollout)
    before = [(record.status, record.updated_at) for record in rollout.records]

    rollout.stop_deployment(START + seconds(1))

    assert [(record.status, record.updated_at) for record in rollout.records] == before


def test_desired_count_nought_is_deployed_without_a_task() -> None:
    rollout = a_rollout(desired=0)
    deploy(rollout, "web:2", "well")

    assert seen(rollout, 14) == [("web:2", "PRIMARY", "COMPLETED", 0, 0)]
    assert rollout.tasks == {}


def test_scaling_reaches_another_steady_state_without_a_deployment() -> None:
    rollout = a_rollout(desired=1)
    rollout.configure(START, Settings(desired=3))
    grown = seen(rollout, 60)
    rollout.configure(START + seconds(60), Settings(desired=1))
    shrunk = seen(rollout, 100)

    assert grown == [("web:1", "PRIMARY", "COMPLETED", 0, 3)]
    assert shrunk == [("web:1", "PRIMARY", "COMPLETED", 0, 1)]
    assert [what.partition(":")[0] for _, what in said(rollout)] == [
        "has started 2 tasks",
        "has reached a steady state.",
        "has stopped 2 running tasks",
        "has reached a steady state.",
    ]
    assert len(rollout.records) == 1


def test_a_task_that_was_stopped_by_hand_is_replaced() -> None:
    rollout = a_rollout()
    (task,) = rollout.tasks.values()
    rollout.stop_task(START, task.id, "because")

    rollout.advance(START + seconds(30))

    assert rollout.tasks[task.id].ending == tasks.Ending(
        at=START, code=tasks.StopCode.BY_USER, reason="because"
    )
    assert seen(rollout, 30) == [("web:1", "PRIMARY", "COMPLETED", 0, 1)]
    assert said(rollout)[-1] == (24, "has reached a steady state.")


def test_a_steady_service_says_so_once_whatever_else_is_set() -> None:
    rollout = a_rollout()
    rollout.advance(START + seconds(30))
    before = said(rollout)

    rollout.configure(START + seconds(30), rollout.settings)
    rollout.advance(START + seconds(90))

    assert said(rollout) == before


def test_a_deleted_service_drains_and_is_inactive() -> None:
    rollout = a_rollout()
    ours = deploy(rollout, "web:2", "well")
    rollout.advance(START + seconds(6))
    rollout.close(START + seconds(6))

    assert (rollout.status, [d[0] for d in seen(rollout, 17)]) == ("DRAINING", ["web:2", "web:1"])
    assert (seen(rollout, 18), rollout.status) == ([], "INACTIVE")
    assert rollout.ended_at == START + seconds(18)
    assert (ours.record.status, ours.record.reason) == ("STOPPED", "The service was deleted.")


@pytest.mark.parametrize(
    ("minimum", "maximum", "least", "most"),
    [(100, 200, 4, 8), (50, 100, 2, 4), (100, 150, 4, 6), (0, 100, 0, 4), (100, 125, 4, 5)],
)
def test_the_percentages_are_kept(minimum: int, maximum: int, least: int, most: int) -> None:
    rollout = a_rollout(desired=4, minimum_percent=minimum, maximum_percent=maximum)
    deploy(rollout, "web:2", "well")

    running, wanted = [], []
    for at in range(200):
        now = START + seconds(at)
        rollout.advance(now)
        running.append(sum(task.is_running(now) for task in rollout.tasks.values()))
        wanted.append(sum(task.is_wanted(now) for task in rollout.tasks.values()))

    assert (min(running) >= least, max(wanted) <= most) == (True, True)
    assert seen(rollout, 200) == [("web:2", "PRIMARY", "COMPLETED", 0, 4)]


def test_percentages_that_leave_no_room_are_said_once() -> None:
    rollout = a_rollout(minimum_percent=100, maximum_percent=100)
    deploy(rollout, "web:2", "well")
    rollout.configure(START + seconds(5), rollout.settings)
    rollout.advance(START + seconds(100))

    assert [(at, what[:42]) for at, what in said(rollout)] == [
        (2, "was unable to start or stop tasks during a")
    ]


def test_a_healthy_task_resets_the_count_unless_told_not_to() -> None:
    def failed_tasks(*, resets: bool) -> int:
        rollout = a_rollout(desired=2, breaker=Breaker(resets=resets, kind="COUNT", value=5))
        ours = deploy(rollout, "web:2", "crash")
        rollout.advance(START + seconds(11))
        ours.fate = "well"
        rollout.advance(START + seconds(60))
        return ours.failed_tasks

    assert (failed_tasks(resets=True), failed_tasks(resets=False)) == (0, 2)


@pytest.mark.parametrize(
    ("configuration", "desired", "threshold"),
    [
        pytest.param({}, 1, 3, id="at least three"),
        pytest.param({}, 25, 13, id="half of them, rounded up"),
        pytest.param({}, 1000, 200, id="at most two hundred"),
        pytest.param({"type": "UNBOUNDED_PERCENT", "value": 10}, 5, 1, id="unbounded"),
        pytest.param({"type": "UNBOUNDED_PERCENT", "value": 100}, 500, 500, id="unbounded, many"),
        pytest.param({"type": "COUNT", "value": 7}, 1, 7, id="a count"),
    ],
)
def test_the_breaker_has_its_threshold(
    configuration: dict[str, Any], desired: int, threshold: int
) -> None:
    asked = settings_of(
        desired,
        {"deploymentCircuitBreaker": {"enable": True, "thresholdConfiguration": configuration}},
    )

    assert asked.breaker
    assert asked.breaker.threshold(desired) == threshold


def test_settings_have_the_defaults_of_the_api() -> None:
    assert settings_of(3, {}) == Settings(
        desired=3, minimum_percent=100, maximum_percent=200, breaker=None
    )


actions = st.lists(
    st.tuples(
        st.sampled_from(["well", "crash", "unpullable", "scale", "stop task", "stop", "wait"]),
        st.integers(0, 40),
        st.integers(0, 3),
    ),
    max_size=6,
)


@settings(deadline=None)  # an hour of a crash loop, on a machine that may be busy
@given(
    actions=actions,
    desired=st.integers(0, 4),
    percentages=st.sampled_from([(100, 200), (50, 100), (0, 200), (100, 150), (50, 200)]),
    breaker=st.sampled_from([None, Breaker(), Breaker(rollback=True)]),
    rollback_id=st.sampled_from(["new", "old"]),
)
def test_whatever_is_done_the_service_comes_to_rest_or_fails_for_a_reason(
    actions: list[tuple[str, int, int]],
    desired: int,
    percentages: tuple[int, int],
    breaker: Breaker | None,
    rollback_id: Any,
) -> None:
    asked = Settings(
        desired=desired,
        minimum_percent=percentages[0],
        maximum_percent=percentages[1],
        breaker=breaker,
    )
    rollout = Rollout(
        service="web", ids=Ids("s"), birth=birth, settings=asked, rollback_id=rollback_id
    )
    known = {deploy(rollout, "web:0", "well", 0).id}
    clock, number = 100.0, 0
    for what, wait, count in actions:
        clock += wait
        now = START + seconds(clock)
        rollout.advance(now)
        match what:
            case "scale":
                rollout.configure(
                    now,
                    Settings(
                        desired=count,
                        minimum_percent=percentages[0],
                        maximum_percent=percentages[1],
                        breaker=breaker,
                    ),
                )
            case "stop task":
                for task in [t for t in rollout.tasks.values() if t.is_wanted(now)][:count]:
                    rollout.stop_task(now, task.id, "by hand")
            case "stop":
                rollout.stop_deployment(now)
            case "wait":
                pass
            case fate:
                number += 1
                deploy(rollout, f"web:{number}", fate, clock)
        known |= {deployment.id for deployment in rollout.deployments}
    for at in range(0, 3000, 13):
        shown = seen(rollout, clock + at)
        known |= {deployment.id for deployment in rollout.deployments}
        assert [status for _, status, *_ in shown].count("PRIMARY") == 1
        assert all(failed >= 0 and running >= 0 for *_, failed, running in shown)
        assert {task.deployment_id for task in rollout.tasks.values()} <= known

    primary = rollout.primary
    assert primary
    has_nothing_to_run = rollout.settings.desired == 0
    if primary.rollout_state == "COMPLETED":
        assert len(rollout.deployments) == 1
        # What was completed with nothing to run may fail when it is scaled up.
        assert shown[0][4] == rollout.settings.desired or primary.fate != "well"
        assert not primary.record.is_ongoing
    elif primary.is_in_progress:
        is_small = rollout.settings.maximum <= rollout.settings.minimum
        assert primary.fate in {"crash", "unpullable"} or is_small
        assert not has_nothing_to_run
    else:
        assert breaker or primary.record.status in {"STOPPED", "ROLLBACK_FAILED"}
