"""CodeDeploy's calls, checked against AWS's model by the Stubber."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ecs_fakes import at
from ecsstep.aws.codedeploy import CodeDeploy, GroupBusyError
from ecsstep.errors import Exit, StepError
from ecsstep.rules.codedeploy import (
    CodeDeployment,
    DeploymentGroup,
    LifecycleEvent,
    Target,
    TaskSet,
)

ID = "d-A1B2C3D4E"
ASKED = {"deploymentId": ID}
REQUEST: dict[str, Any] = {
    "applicationName": "AppECS-prod-web",
    "deploymentGroupName": "DgpECS-prod-web",
    "revision": {"revisionType": "AppSpecContent", "appSpecContent": {"content": "{}"}},
}


@pytest.fixture
def stub() -> Iterator[tuple[CodeDeploy, Stubber]]:
    made = boto3.client(
        "codedeploy", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(made) as stubber:
        yield CodeDeploy(made), stubber


def test_a_deployment_begins_with_exactly_the_request(stub: tuple[CodeDeploy, Stubber]) -> None:
    codedeploy, stubber = stub
    stubber.add_response("create_deployment", ASKED, REQUEST)

    assert codedeploy.create_deployment(REQUEST) == ID


@pytest.mark.parametrize(
    ("code", "exit_code", "hint"),
    [
        ("ApplicationDoesNotExistException", Exit.USAGE, "--codedeploy-application"),
        ("DeploymentGroupDoesNotExistException", Exit.USAGE, "--codedeploy-group"),
        (
            "DeploymentLimitExceededException",
            Exit.TEMPORARY,
            "aws deploy list-deployments --application-name AppECS-prod-web --deployment-group",
        ),
        (
            "InvalidECSServiceException",
            Exit.USAGE,
            "get-deployment-group --application-name AppECS-prod-web --deployment-group-name Dgp",
        ),
        ("AccessDeniedException", Exit.ACCESS, "codedeploy:CreateDeployment"),
        ("ThrottlingException", Exit.TEMPORARY, "again later"),
    ],
)
def test_a_refused_deployment_says_what_to_do(
    stub: tuple[CodeDeploy, Stubber], code: str, exit_code: Exit, hint: str
) -> None:
    codedeploy, stubber = stub
    stubber.add_client_error("create_deployment", code, "No such thing.")

    with pytest.raises(StepError) as caught:
        codedeploy.create_deployment(REQUEST)

    assert caught.value.exit is exit_code
    assert caught.value.message.startswith(
        "can't begin a deployment of 'AppECS-prod-web' to 'DgpECS-prod-web': No such thing."
    )
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("operation", "call"),
    [
        ("create_deployment", lambda codedeploy: codedeploy.create_deployment(REQUEST)),
        ("get_deployment", lambda codedeploy: codedeploy.deployment(ID)),
        ("get_deployment_group", lambda codedeploy: codedeploy.group("app", "group")),
    ],
    ids=["create", "get", "group"],
)
def test_an_empty_answer_is_temporary(
    stub: tuple[CodeDeploy, Stubber], operation: str, call: Callable[[CodeDeploy], object]
) -> None:
    codedeploy, stubber = stub
    stubber.add_response(operation, {})

    with pytest.raises(StepError, match="answer is empty") as caught:
        call(codedeploy)

    assert caught.value.exit is Exit.TEMPORARY


def test_a_deployment_is_read_with_its_error_and_its_rollback(
    stub: tuple[CodeDeploy, Stubber],
) -> None:
    codedeploy, stubber = stub
    info = {
        "deploymentId": ID,
        "status": "Failed",
        "applicationName": "app",
        "deploymentGroupName": "group",
        "deploymentConfigName": "CodeDeployDefault.ECSAllAtOnce",
        "creator": "user",
        "description": "by ecsstep",
        "errorInformation": {"code": "ALARM_ACTIVE", "message": "an alarm"},
        "rollbackInfo": {
            "rollbackDeploymentId": "d-ROLLBACK1",
            "rollbackTriggeringDeploymentId": "d-TRIGGER01",
            "rollbackMessage": "went back",
        },
        "deploymentStatusMessages": ["one"],
        "createTime": at(0),
        "startTime": at(1),
        "completeTime": at(2),
        "instanceTerminationWaitTimeStarted": True,
    }
    stubber.add_response("get_deployment", {"deploymentInfo": info}, ASKED)

    assert codedeploy.deployment(ID) == CodeDeployment(
        id=ID,
        status="Failed",
        application="app",
        group="group",
        configuration="CodeDeployDefault.ECSAllAtOnce",
        creator="user",
        description="by ecsstep",
        error_code="ALARM_ACTIVE",
        error_message="an alarm",
        rollback_id="d-ROLLBACK1",
        undoes="d-TRIGGER01",
        rollback_message="went back",
        messages=("one",),
        created_at=at(0),
        started_at=at(1),
        completed_at=at(2),
        is_waiting_for_termination=True,
    )


def test_what_aws_leaves_out_is_nothing(stub: tuple[CodeDeploy, Stubber]) -> None:
    codedeploy, stubber = stub
    stubber.add_response("get_deployment", {"deploymentInfo": {"deploymentId": ID}}, ASKED)

    assert codedeploy.deployment(ID) == CodeDeployment(id=ID, status="")


def test_there_is_no_deployment_of_an_unknown_id(stub: tuple[CodeDeploy, Stubber]) -> None:
    codedeploy, stubber = stub
    stubber.add_client_error("get_deployment", "DeploymentDoesNotExistException")

    assert codedeploy.deployment(ID) is None


def test_a_denied_look_names_the_action(stub: tuple[CodeDeploy, Stubber]) -> None:
    codedeploy, stubber = stub
    for operation in ("get_deployment", "list_deployment_targets"):
        stubber.add_client_error(operation, "AccessDeniedException")

    with pytest.raises(StepError) as caught:
        codedeploy.deployment(ID)
    with pytest.raises(StepError) as targets:
        codedeploy.targets(ID)

    assert caught.value.hint == "allow the role the action codedeploy:GetDeployment"
    assert targets.value.hint == "allow the role the action codedeploy:ListDeploymentTargets"


def test_targets_come_with_their_stages_and_task_sets(stub: tuple[CodeDeploy, Stubber]) -> None:
    codedeploy, stubber = stub
    stubber.add_response("list_deployment_targets", {"targetIds": ["prod:web"]}, ASKED)
    ecs = {
        "targetId": "prod:web",
        "status": "InProgress",
        "lifecycleEvents": [
            {
                "lifecycleEventName": "Install",
                "status": "Failed",
                "startTime": at(1),
                "endTime": at(2),
                "diagnostics": {"errorCode": "UnknownError", "message": "no"},
            },
            {"lifecycleEventName": "AfterInstall"},
        ],
        "taskSetsInfo": [
            {
                "identifer": "ecs-svc/2",
                "taskSetLabel": "Green",
                "status": "ACTIVE",
                "desiredCount": 2,
                "pendingCount": 1,
                "runningCount": 1,
                "trafficWeight": 10.0,
                "targetGroup": {"name": "green"},
            },
            {},
        ],
    }
    stubber.add_response(
        "batch_get_deployment_targets",
        {
            "deploymentTargets": [
                {"deploymentTargetType": "ECSTarget", "ecsTarget": ecs},
                {"deploymentTargetType": "LambdaTarget", "lambdaTarget": {}},
            ]
        },
        {**ASKED, "targetIds": ["prod:web"]},
    )

    assert codedeploy.targets(ID) == (
        Target(
            id="prod:web",
            status="InProgress",
            events=(
                LifecycleEvent(
                    name="Install",
                    status="Failed",
                    error_code="UnknownError",
                    message="no",
                    started_at=at(1),
                    ended_at=at(2),
                ),
                LifecycleEvent(name="AfterInstall", status=""),
            ),
            task_sets=(
                TaskSet(
                    id="ecs-svc/2",
                    label="Green",
                    status="ACTIVE",
                    desired=2,
                    pending=1,
                    running=1,
                    traffic=10.0,
                    target_group="green",
                ),
                TaskSet(id=""),
            ),
        ),
    )


def test_before_it_has_begun_a_deployment_has_no_targets(stub: tuple[CodeDeploy, Stubber]) -> None:
    codedeploy, stubber = stub
    stubber.add_client_error("list_deployment_targets", "DeploymentNotStartedException")
    stubber.add_response("list_deployment_targets", {})

    assert (codedeploy.targets(ID), codedeploy.targets(ID)) == ((), ())


def test_a_deployment_is_stopped_with_its_rollback(stub: tuple[CodeDeploy, Stubber]) -> None:
    codedeploy, stubber = stub
    stubber.add_response("stop_deployment", {}, {**ASKED, "autoRollbackEnabled": True})

    codedeploy.stop_deployment(ID)
    stubber.assert_no_pending_responses()


def test_a_busy_group_is_an_error_of_its_own(stub: tuple[CodeDeploy, Stubber]) -> None:
    codedeploy, stubber = stub
    stubber.add_client_error("create_deployment", "DeploymentLimitExceededException", "active")

    with pytest.raises(GroupBusyError, match="active"):
        codedeploy.create_deployment(REQUEST)


def test_a_deployment_group_names_its_services_and_its_newest_deployment(
    stub: tuple[CodeDeploy, Stubber],
) -> None:
    codedeploy, stubber = stub
    asked = {"applicationName": "app", "deploymentGroupName": "group"}
    info = {
        "ecsServices": [{"serviceName": "web", "clusterName": "prod"}],
        "lastAttemptedDeployment": {"deploymentId": ID, "status": "InProgress"},
    }
    stubber.add_response("get_deployment_group", {"deploymentGroupInfo": info}, asked)
    nothing = {"deploymentGroupInfo": {"deploymentGroupName": "group"}}
    stubber.add_response("get_deployment_group", nothing, asked)

    assert codedeploy.group("app", "group") == DeploymentGroup(services=(("prod", "web"),), last=ID)
    assert codedeploy.group("app", "group") == DeploymentGroup()


@pytest.mark.parametrize(
    "revision",
    [
        {"revisionType": "AppSpecContent", "appSpecContent": {"content": "spec"}},
        {"revisionType": "String", "string": {"content": "spec"}},
    ],
    ids=["AppSpec", "as it was called before"],
)
def test_a_deployment_tells_its_appspec(
    stub: tuple[CodeDeploy, Stubber], revision: dict[str, Any]
) -> None:
    codedeploy, stubber = stub
    info = {"deploymentId": ID, "revision": revision}
    stubber.add_response("get_deployment", {"deploymentInfo": info}, ASKED)

    assert codedeploy.deployment(ID) == CodeDeployment(id=ID, status="", appspec="spec")
