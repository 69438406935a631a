"""How a deployment of CodeDeploy stands."""

from typing import Any

import pytest

from ecs_fakes import a_service, at
from ecsstep.rules.codedeploy import CodeDeployment, LifecycleEvent, Target
from ecsstep.rules.codedeploy_verdict import as_deployment, is_for_another, judge_code
from ecsstep.rules.rollout import Deployed, Failed, Going, Gone, RolledBack, Stopped, Unknown
from ecsstep.rules.service import TaskSet

CODE = CodeDeployment(id="d-ABCDEFGHI", status="InProgress", error_code="X", error_message="boom")
BROKEN = Target(
    id="prod:web",
    status="Failed",
    events=(LifecycleEvent(name="AfterAllowTestTraffic", status="Failed", message="no"),),
)
OURS = as_deployment(CODE, None)


@pytest.mark.parametrize(
    ("changes", "target", "expected"),
    [
        ({}, None, Going(deployment=OURS) if OURS else None),
        ({"status": "Stopped"}, None, Stopped(reason="X: boom")),
        ({"status": "Failed"}, None, Failed(reason="X: boom")),
        (
            {"status": "Failed", "rollback_id": "d-2", "rollback_message": "back"},
            None,
            RolledBack(reason="X: boom; back"),
        ),
        (
            {"status": "Stopped", "error_code": "ALARM_ACTIVE", "rollback_id": "d-2"},
            None,
            RolledBack(reason="ALARM_ACTIVE: boom"),
        ),
        ({"status": "Stopped", "error_code": "TIMEOUT"}, None, Failed(reason="TIMEOUT: boom")),
        (
            {"status": "Stopped", "error_code": "MANUAL_STOP", "rollback_id": "d-2"},
            None,
            Stopped(reason="MANUAL_STOP: boom"),
        ),
        (
            {"status": "Succeeded", "undoes": "d-1"},
            None,
            RolledBack(reason="it is CodeDeploy's way back from 'd-1'"),
        ),
        ({}, BROKEN, Failed(reason="X: boom; AfterAllowTestTraffic failed: no")),
    ],
)
def test_its_status_and_its_events_decide(changes: Any, target: Any, expected: Any) -> None:
    assert judge_code(a_service(), CODE.replaced(**changes), target) == expected


def test_it_is_deployed_when_codedeploy_says_so() -> None:
    assert isinstance(judge_code(a_service(), CODE.replaced(status="Succeeded"), None), Deployed)


def test_without_a_service_or_a_deployment_there_is_nothing() -> None:
    assert judge_code(None, CODE, None) == Gone(status="MISSING")
    assert judge_code(a_service(status="DRAINING"), CODE, None) == Gone(status="DRAINING")
    assert judge_code(a_service(), None, None) == Unknown()


def test_without_its_tasks_the_services_counts_stand_for_them() -> None:
    service = a_service().replaced(desired=2, running=1)

    found = judge_code(service, CODE.replaced(status="Succeeded"), None)

    assert isinstance(found, Deployed)
    assert (found.deployment.desired, found.deployment.running) == (2, 1)


def test_before_the_end_the_services_tasks_may_be_the_old_ones() -> None:
    service = a_service().replaced(desired=2, running=2, pending=1)

    found = as_deployment(CODE, None, service)

    assert found is not None
    assert (found.desired, found.running, found.pending) == (2, 0, 0)


MADE_BY_OURS = TaskSet(
    id="ts", status="PRIMARY", taskdef_arn="", deployment=CODE.id, created_at=at(10)
)
MADE_BY_ANOTHER = MADE_BY_OURS.replaced(deployment="d-OTHER1234", created_at=at(-90))
MADE_LATER = MADE_BY_ANOTHER.replaced(created_at=at(90))
MADE_FIRST = MADE_BY_ANOTHER.replaced(deployment="")
MADE_SOMETIME = MADE_BY_ANOTHER.replaced(created_at=None)


@pytest.mark.parametrize(
    ("target", "status", "task_sets", "message"),
    [
        pytest.param("prod:web", "Succeeded", (), "", id="ours"),
        pytest.param("web", "Succeeded", (), "", id="without a cluster"),
        pytest.param(
            "prod:blue", "Succeeded", (MADE_BY_OURS,), "'d-ABCDEFGHI' deploys 'blue', not 'web'",
            id="another service",
        ),
        pytest.param(
            "tutorial-bluegreen-app:web", "Succeeded", (), "",
            id="with the application's name before it, as in AWS's tutorial",
        ),
        pytest.param(None, "Succeeded", (MADE_BY_OURS, MADE_BY_ANOTHER), "", id="by a task set"),
        pytest.param(
            None, "Succeeded", (MADE_BY_ANOTHER,),
            "no task set of 'web' was made by 'd-ABCDEFGHI', but by 'd-OTHER1234'",
            id="by no task set",
        ),
        pytest.param(None, "InProgress", (MADE_BY_ANOTHER,), "", id="it has none yet"),
        pytest.param(None, "Succeeded", (MADE_LATER,), "", id="a later one has taken its place"),
        pytest.param(None, "Succeeded", (MADE_FIRST,), "", id="the first one tells nothing"),
        pytest.param(None, "Succeeded", (MADE_SOMETIME,), "", id="nobody knows when"),
        pytest.param(None, "Succeeded", (), "", id="nothing tells"),
    ],
)  # fmt: skip
def test_a_deployment_is_ours_by_its_target_or_by_its_task_set(
    target: Any, status: str, task_sets: Any, message: str
) -> None:
    service = a_service().replaced(task_sets=task_sets)
    found = is_for_another(
        service,
        CODE.replaced(status=status, created_at=at(0)),
        Target(id=target, status=status) if target else None,
    )

    assert (found.message if found else "") == message


def test_what_is_not_there_is_nobodys() -> None:
    assert is_for_another(None, CODE, BROKEN) is None
    assert is_for_another(a_service(), None, None) is None
