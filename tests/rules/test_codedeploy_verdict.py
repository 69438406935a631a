"""How a deployment of CodeDeploy stands."""

from typing import Any

import pytest

from ecs_fakes import a_service
from ecsstep.rules.codedeploy import CodeDeployment, LifecycleEvent, Target
from ecsstep.rules.codedeploy_verdict import as_deployment, judge_code
from ecsstep.rules.rollout import Deployed, Failed, Going, Gone, RolledBack, Stopped, Unknown

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
