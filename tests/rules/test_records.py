"""What ECS's own record of a deployment adds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_fakes import OTHER_ID, a_deployment, a_record
from ecsstep.rules.records import has_reached, is_for, is_surely, record_of, refined
from ecsstep.rules.rollout import (
    Deployed,
    Failed,
    Going,
    Gone,
    RolledBack,
    Stopped,
    Superseded,
    Unknown,
    Verdict,
)
from ecsstep.rules.service import Revision, ServiceDeployment

OURS = a_deployment()
DONE = a_deployment(state="COMPLETED", running=2)
OTHER = a_deployment(OTHER_ID, taskdef="x:3", created=9)
VERDICTS: list[Verdict] = [
    Going(deployment=OURS),
    Deployed(deployment=DONE),
    RolledBack(reason="a"),
    Failed(reason="b"),
    Superseded(by=OTHER),
    Gone(status="MISSING"),
    Unknown(),
]
STATUSES = ["SUCCESSFUL", "STOPPED", "IN_PROGRESS", "ROLLBACK_SUCCESSFUL", "STOP_REQUESTED"]


@given(st.sampled_from(VERDICTS), st.sampled_from(STATUSES))
def test_it_never_makes_a_verdict_better(verdict: Verdict, status: str) -> None:
    with_record = refined(verdict, a_record(status))

    is_bad = isinstance(verdict, RolledBack | Failed | Gone)
    assert isinstance(with_record, RolledBack | Failed | Gone | Stopped) or not is_bad
    assert isinstance(verdict, Deployed) or not isinstance(with_record, Deployed)


@pytest.mark.parametrize(
    ("verdict", "record", "expected"),
    [
        pytest.param(Superseded(by=None), None, Superseded(by=None), id="no record"),
        pytest.param(
            Superseded(by=OTHER),
            a_record("ROLLBACK_IN_PROGRESS", rollback="breaker"),
            RolledBack(reason="breaker"),
            id="a rollback that looked like another deployment",
        ),
        pytest.param(
            Failed(reason="tasks"),
            a_record("ROLLBACK_REQUESTED", rollback="breaker"),
            RolledBack(reason="tasks"),
            id="the deployment's own words stay",
        ),
        pytest.param(
            RolledBack(reason=""),
            a_record("ROLLBACK_FAILED", reason="status"),
            RolledBack(reason="status"),
            id="status reason where there is no rollback reason",
        ),
        pytest.param(
            RolledBack(reason=""),
            a_record("STOPPED", reason="by ops"),
            Stopped(reason="by ops"),
            id="stopped by a person",
        ),
        pytest.param(
            Superseded(by=OTHER), a_record("STOPPED"), Superseded(by=OTHER), id="superseded"
        ),
        pytest.param(
            Failed(reason="x"), a_record("SUCCESSFUL"), Failed(reason="x"), id="never better"
        ),
        pytest.param(
            Deployed(deployment=DONE),
            a_record("ROLLBACK_SUCCESSFUL", reason="alarm"),
            RolledBack(reason="alarm"),
            id="a rollback that succeeded is no success",
        ),
        pytest.param(
            Going(deployment=DONE),
            a_record("ROLLBACK_REQUESTED", rollback="Service deployment stopped by the user."),
            Stopped(reason="Service deployment stopped by the user."),
            id="a person's stop goes back as well",
        ),
        pytest.param(
            Going(deployment=DONE),
            a_record("STOPPED", reason="threshold").replaced(breaker="TRIGGERED"),
            Failed(reason="threshold"),
            id="the breaker without a way back",
        ),
        pytest.param(
            Failed(reason="tasks"),
            a_record("STOPPED", reason="threshold").replaced(breaker="TRIGGERED"),
            Failed(reason="tasks"),
            id="the breaker, and the deployment's own words",
        ),
        pytest.param(
            Going(deployment=DONE),
            a_record("ROLLBACK_IN_PROGRESS", reason="alarm by user").replaced(alarms=("5xx",)),
            RolledBack(reason="alarm by user"),
            id="an alarm",
        ),
        pytest.param(
            Deployed(deployment=DONE),
            a_record("IN_PROGRESS"),
            Going(deployment=DONE),
            id="completed, but an alarm may still send it back",
        ),
        pytest.param(
            Superseded(by=OTHER),
            a_record("IN_PROGRESS").replaced(strategy="BLUE_GREEN"),
            Superseded(by=OTHER),
            id="nothing was seen of it",
        ),
        pytest.param(
            Superseded(by=OTHER),
            a_record("IN_PROGRESS"),
            Superseded(by=OTHER),
            id="a record that lags behind",
        ),
        pytest.param(
            Going(deployment=DONE),
            a_record("SUCCESSFUL"),
            Going(deployment=DONE),
            id="early success isn't the end of a rolling deployment",
        ),
        pytest.param(
            Going(deployment=DONE),
            a_record("SUCCESSFUL").replaced(strategy="BLUE_GREEN"),
            Deployed(deployment=DONE),
            id="blue/green has no rollout state",
        ),
    ],
)
def test_ecs_own_record_adds_what_the_service_does_not_tell(
    verdict: Verdict, record: ServiceDeployment | None, expected: Verdict
) -> None:
    assert refined(verdict, record) == expected


def test_the_record_is_the_one_created_with_the_deployment() -> None:
    before, ours, after = (a_record(str(at), created=at) for at in (-60, 1, 8))

    assert record_of(OURS, (after, ours, before)) is ours
    assert record_of(OURS, (before,)) is None
    assert record_of(OURS, ()) is None
    assert record_of(None, (ours,)) is None
    assert record_of(a_deployment(created=None), (ours,)) is None


@pytest.mark.parametrize(
    ("stage", "wanted", "expected"),
    [
        ("SCALE_UP", "SCALE_UP", True),
        ("BAKE_TIME", "SCALE_UP", True),
        ("SCALE_UP", "BAKE_TIME", False),
        ("", "SCALE_UP", False),
        ("SOMETHING_NEW", "SCALE_UP", False),
    ],
)
def test_a_stage_is_reached_in_its_order(stage: str, wanted: str, expected: bool) -> None:
    assert has_reached(stage, wanted) is expected


def test_a_record_is_ours_by_what_it_brings() -> None:
    ours = Revision(arn="r", taskdef_arn=DONE.taskdef_arn)

    assert is_for(ours, DONE)
    assert not is_for(ours.replaced(taskdef_arn="other"), DONE)
    assert is_for(None, DONE)
    assert is_for(ours, None)


def test_a_blue_green_deployment_need_not_be_primary_yet() -> None:
    record = a_record("IN_PROGRESS").replaced(strategy="BLUE_GREEN")

    assert refined(Superseded(by=OTHER), record, OURS) == Going(deployment=OURS)


@pytest.mark.parametrize("verdict", [Superseded(by=OTHER), RolledBack(reason="")])
def test_a_record_under_way_knows_better_where_the_traffic_has_not_moved(
    verdict: Verdict,
) -> None:
    shifting = a_record("IN_PROGRESS").replaced(strategy="CANARY")

    assert refined(verdict, shifting, OURS) == Going(deployment=OURS)
    assert refined(verdict, a_record("IN_PROGRESS"), OURS) == verdict


def test_a_record_of_the_very_moment_is_surely_ours() -> None:
    record = a_record("IN_PROGRESS", created=1)

    assert is_surely(record, OURS)
    assert not is_surely(a_record("IN_PROGRESS", created=6), OURS)
    assert not is_surely(None, OURS)
    assert not is_surely(record, None)
    assert not is_surely(record.replaced(created_at=None), OURS)
