"""What several looks together say of a deployment."""

from typing import Any

import pytest

from ecs_fakes import (
    BREAKER,
    NEW,
    OLD_ID,
    OTHER_ID,
    OUR_ID,
    WAY_BACK,
    a_deployment,
    a_record,
    a_service,
    a_steady_service,
    an_event,
    the_old_one,
)
from ecsstep.rules.codedeploy import CodeDeployment, LifecycleEvent, Target
from ecsstep.rules.codedeploy import TaskSet as CodeTaskSet
from ecsstep.rules.rollout import (
    Deployed,
    Failed,
    Going,
    Gone,
    Hopeless,
    Reached,
    RolledBack,
    Stopped,
    Superseded,
    Unknown,
)
from ecsstep.rules.service import Service
from ecsstep.rules.watch import Watch, begun

OURS = a_deployment(running=1, pending=1, failed=3)
OTHER = a_deployment(OTHER_ID, created=9)
NOTHING = {"desired": 0, "running": 0, "pending": 0, "failed": 0}


def looked(*services: Service | None, deployment: str | None = OUR_ID) -> Watch:
    watch = begun(services[0], deployment)
    for service in services:
        watch = watch.after(service)
    return watch


@pytest.mark.parametrize(
    ("service", "deployment", "expected"),
    [
        pytest.param(a_service(OTHER), OUR_ID, Watch(id=OUR_ID, name="web"), id="the given id"),
        pytest.param(
            a_service(OTHER),
            None,
            Watch(id=OTHER_ID, name="web", is_named=False),
            id="the primary one",
        ),
        pytest.param(
            a_service(), None, Watch(id="", name="web", is_named=False), id="there is none"
        ),
        pytest.param(None, OUR_ID, Watch(id=OUR_ID), id="no service"),
        pytest.param(
            a_steady_service(
                events=[an_event(f"rolled back to deployment {OLD_ID}.", event_id="e")]
            ),
            None,
            Watch(
                id=OLD_ID,
                name="web",
                is_named=False,
                old_events=frozenset({"e"}),
                is_way_back=True,
            ),
            id="the primary one is a way back",
        ),
        pytest.param(
            a_steady_service(
                events=[an_event(f"rolled back to deployment {OLD_ID}.", event_id="e")]
            ),
            OLD_ID,
            Watch(id=OLD_ID, name="web", old_events=frozenset({"e"})),
            id="a way back that was asked for by its id",
        ),
    ],
)
def test_a_watch_begins_with_an_id_and_what_is_old(
    service: Service | None, deployment: str | None, expected: Watch
) -> None:
    assert begun(service, deployment) == expected


@pytest.mark.parametrize(
    ("services", "verdict", "is_over"),
    [
        pytest.param([a_steady_service()], Unknown(), False, id="not listed yet"),
        pytest.param(
            [a_steady_service(), a_service(OURS, the_old_one())],
            Going(deployment=OURS),
            False,
            id="listed a moment later",
        ),
        pytest.param(
            [a_service(OURS), a_service(a_deployment(state="COMPLETED"))],
            Deployed(deployment=a_deployment(state="COMPLETED")),
            True,
            id="deployed",
        ),
        pytest.param([a_service(OURS), None], Gone(status="MISSING"), True, id="gone"),
        pytest.param([None], Gone(status="MISSING"), True, id="gone from the start"),
        pytest.param(
            [a_service(OURS), a_service(OTHER)],
            Superseded(by=OTHER),
            False,
            id="superseded is not believed at once",
        ),
        pytest.param(
            [a_service(OURS), a_service(OTHER), a_service(OTHER)],
            Superseded(by=OTHER),
            True,
            id="superseded is believed at the second look",
        ),
        pytest.param(
            [
                a_service(OURS),
                a_service(OTHER),
                a_service(a_deployment(OTHER_ID, created=9, reason=f"{WAY_BACK} {OTHER_ID}")),
            ],
            RolledBack(reason=f"{WAY_BACK} {OTHER_ID}"),
            True,
            id="what looked like superseded is a way back",
        ),
        pytest.param(
            [a_service(OURS), a_service(OTHER), a_service(OURS, OTHER), a_service(OTHER)],
            Superseded(by=OTHER),
            False,
            id="the looks must be in a row",
        ),
    ],
)
def test_each_look_adds_to_the_verdict(services: Any, verdict: Any, is_over: bool) -> None:
    watch = looked(*services)

    assert (watch.verdict, watch.is_over) == (verdict, is_over)


@pytest.mark.parametrize("state", ["IN_PROGRESS", "COMPLETED"])
def test_a_way_back_that_nobody_named_is_not_deployed(state: str) -> None:
    back = a_deployment(OTHER_ID, taskdef=NEW, state=state, reason=f"{WAY_BACK} {OTHER_ID}.")

    watch = looked(a_service(back), deployment=None)

    assert watch.verdict == RolledBack(
        reason="the primary deployment is ECS's rollback of another one"
    )


def test_the_counts_are_those_last_seen() -> None:
    assert looked(a_steady_service()).counts == NOTHING
    assert looked(a_service(OURS), a_steady_service()).counts == {
        "desired": 2, "running": 1, "pending": 1, "failed": 3,
    }  # fmt: skip


def test_the_events_are_those_since_the_deployments_start_the_oldest_first() -> None:
    old, first, second = (an_event("x", seconds=at) for at in (-1, 0, 2))

    watch = looked(a_service(OURS, events=[second, first, old]))

    assert watch.events == (first, second)


def test_the_events_of_a_service_that_went_away_are_kept() -> None:
    event = an_event("x")

    assert looked(a_service(OURS, events=[event]), None).events == (event,)
    assert looked(None).events == ()


@pytest.mark.parametrize("ours", [(), (a_deployment(created=None),)])
def test_without_a_start_the_events_are_those_since_the_first_look(ours: Any) -> None:
    old, new = an_event("x", event_id="1"), an_event("y", event_id="2")

    watch = looked(a_service(*ours, events=[old]), a_service(*ours, events=[new, old]))

    assert watch.events == (new,)


def test_ecs_own_record_refines_the_verdict() -> None:
    watch = looked(a_service(OURS))

    assert watch.after(
        a_service(OURS), a_record("ROLLBACK_IN_PROGRESS", rollback="why")
    ).verdict == RolledBack(reason="why")
    assert watch.after(a_service(OURS), None).record is None


def test_stopped_is_believed_at_the_second_look() -> None:
    record = a_record("STOPPED", reason="by ops")
    once = looked(a_service(OURS)).after(a_service(OURS), record)

    assert (once.verdict, once.is_over) == (Stopped(reason="by ops"), False)
    assert once.after(a_service(OURS), record).is_over


def test_a_stage_and_a_weight_come_from_the_record() -> None:
    record = a_record("IN_PROGRESS").replaced(stage="BAKE_TIME", production_weight=50.0)
    watch = looked(a_service(OURS, the_old_one())).after(a_service(OURS, the_old_one()), record)

    assert (watch.stage, watch.weight, watch.others_running) == ("BAKE_TIME", 50.0, 2)
    assert watch.until("PRODUCTION_TRAFFIC_SHIFT").verdict == Reached(
        stage="PRODUCTION_TRAFFIC_SHIFT"
    )
    assert watch.until("CLEAN_UP").verdict == Going(deployment=OURS)
    assert watch.until("") == watch
    assert looked(a_service(OURS)).until("BAKE_TIME").verdict == Going(deployment=OURS)


def test_a_hopeless_one_is_over() -> None:
    given_up = looked(a_service(OURS)).given_up(Hopeless(reason="x"))

    assert (given_up.verdict, given_up.is_over) == (Hopeless(reason="x"), True)
    assert looked(a_service(OURS)).given_up(None).verdict == Going(deployment=OURS)


GREEN = CodeTaskSet(
    id="ecs-svc/9", label="Green", status="ACTIVE", desired=2, running=1, traffic=10
)
BLUE = CodeTaskSet(id="ecs-svc/8", label="Blue", status="PRIMARY", running=2, traffic=90)
TARGET = Target(
    id="prod:web",
    status="InProgress",
    events=(
        LifecycleEvent(name="Install", status="Succeeded"),
        LifecycleEvent(name="AllowTraffic", status="InProgress"),
        LifecycleEvent(name="AfterAllowTraffic", status="Pending"),
    ),
    task_sets=(BLUE, GREEN),
)
CODE = CodeDeployment(id="d-ABCDEFGHI", status="InProgress")


def test_a_deployment_of_codedeploy_is_followed_by_its_own_words() -> None:
    watch = begun(a_service(), CODE.id).after_code(a_service(), CODE, TARGET)

    assert (watch.stage, watch.weight, watch.others_running, watch.starter) == (
        "AllowTraffic", 10, 2, "ecs-svc/9",
    )  # fmt: skip
    assert watch.counts == {"desired": 2, "running": 1, "pending": 0, "failed": 0}
    assert watch.until("Install").verdict == Reached(stage="Install")
    assert not watch.until("AllowTraffic").is_over
    early = begun(a_service(), CODE.id).after_code(a_service(), CODE, None)
    assert (early.stage, early.weight, early.others_running, early.starter) == ("", None, 0, "")


def test_a_stage_that_was_skipped_has_not_begun() -> None:
    skipped = TARGET.events[-1].replaced(status="Skipped")
    target = TARGET.replaced(events=(*TARGET.events[:-1], skipped))

    assert Watch(id=CODE.id, code=CODE, target=target).stage == "AllowTraffic"


def test_a_stopped_deployment_of_codedeploy_is_believed_at_once() -> None:
    stopped = CODE.replaced(status="Stopped", error_message="by ops")

    watch = begun(a_service(), CODE.id).after_code(a_service(), stopped, TARGET)

    assert watch.is_over


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        pytest.param(None, Deployed, id="no record"),
        pytest.param("SUCCESSFUL", Deployed, id="the last one went well"),
        pytest.param("ROLLBACK_SUCCESSFUL", RolledBack, id="the last one was rolled back"),
        pytest.param("ROLLBACK_IN_PROGRESS", RolledBack, id="it is being rolled back"),
    ],
)
def test_without_an_id_the_last_deployments_record_tells_a_way_back(
    status: str | None, verdict: type
) -> None:
    service = a_steady_service()
    record = None if status is None else a_record(status)

    watch = begun(service, None).after_the_last(record).after(service)

    assert isinstance(watch.verdict, verdict)


@pytest.mark.parametrize("is_recorded", [True, False])
def test_a_healthy_blue_green_deployment_is_not_red_while_blue_is_primary(
    is_recorded: bool,
) -> None:
    green = a_deployment(status="ACTIVE", state=None)
    service = a_service(
        green,
        the_old_one(status="PRIMARY", state=None),
        configuration={"strategy": "BLUE_GREEN"} if not is_recorded else {},
    )
    record = a_record("IN_PROGRESS").replaced(strategy="BLUE_GREEN") if is_recorded else None

    watch = begun(service, OUR_ID).after(service, record)

    assert (watch.verdict, watch.is_over) == (Going(deployment=green), False)


def test_a_first_deployment_that_the_breaker_gives_up_is_not_told_to_go_back() -> None:
    service = a_service(a_deployment(state="FAILED", reason="tripped"), configuration=BREAKER)
    record = a_record("STOPPED").replaced(breaker="TRIGGERED")
    with_a_past = record.replaced(status="IN_PROGRESS", source_revisions=("r",))

    assert begun(service, OUR_ID).after(service, record).verdict == Failed(reason="tripped")
    assert begun(service, OUR_ID).after(service, with_a_past).verdict == RolledBack(
        reason="tripped"
    )


def test_an_unnamed_blue_green_deployment_that_is_a_way_back_is_red() -> None:
    back = a_deployment(OTHER_ID, state=None, running=2, created=9)
    service = a_service(
        back,
        configuration={"strategy": "BLUE_GREEN"},
        events=[an_event(f"rolling back to deployment {OLD_ID}.", seconds=9)],
    )

    assert isinstance(looked(service, deployment=None).verdict, RolledBack)
