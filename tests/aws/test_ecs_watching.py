"""The calls of ECS that wait-stable makes, checked against AWS's model by the Stubber."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ecs_fakes import ACCOUNT, NEW, OUR_ID, at
from ecsstep.aws.ecs import Ecs
from ecsstep.errors import Exit, StepError
from ecsstep.rules.service import Hook, Revision, ServiceDeployment

RECORD = f"{ACCOUNT}:service-deployment/prod/web/1"
REVISION = f"{ACCOUNT}:service-revision/prod/web/1"


@pytest.fixture
def stub() -> Iterator[tuple[Ecs, Stubber]]:
    made = boto3.client(
        "ecs", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(made) as stubber:
        yield Ecs(made), stubber


def a_reply(name: str) -> dict[str, Any]:
    return {"serviceName": name, "serviceArn": f"{ACCOUNT}:service/prod/{name}"}


def missing(name: str, reason: str = "MISSING") -> dict[str, Any]:
    return {"arn": f"{ACCOUNT}:service/prod/{name}", "reason": reason}


def test_services_are_described_ten_at_a_time(stub: tuple[Ecs, Stubber]) -> None:
    ecs, stubber = stub
    names = [f"s{number}" for number in range(12)]
    for some in (names[:10], names[10:]):
        stubber.add_response(
            "describe_services",
            {"services": [a_reply(name) for name in reversed(some) if name != "s11"],
             "failures": [missing("s11")] if "s11" in some else []},
            {"cluster": "prod", "services": some},
        )  # fmt: skip

    found = ecs.services("prod", names)

    assert list(found) == names
    assert found["s11"] is None
    assert [service.name for service in found.values() if service] == names[:11]


@pytest.mark.parametrize(
    ("failures", "said"), [([], "AWS's answer is empty"), ([missing("web", "BUSY")], "BUSY")]
)
def test_an_answer_that_says_nothing_of_a_service_is_no_answer(
    stub: tuple[Ecs, Stubber], failures: Any, said: str
) -> None:
    ecs, stubber = stub
    stubber.add_response("describe_services", {"services": [], "failures": failures})

    with pytest.raises(StepError) as caught:
        ecs.services("prod", ["web"])

    assert (caught.value.message, caught.value.exit) == (
        f"can't describe service 'web' in cluster 'prod': {said}",
        Exit.TEMPORARY,
    )


def test_several_services_are_named_in_an_error(stub: tuple[Ecs, Stubber]) -> None:
    ecs, stubber = stub
    stubber.add_client_error("describe_services", "ClusterNotFoundException", "Cluster not found.")

    with pytest.raises(StepError, match="can't describe services 'a' and 'b' in cluster 'prod'"):
        ecs.services("prod", ["a", "b"])


def test_records_are_read_by_their_arns_with_everything_that_moves(
    stub: tuple[Ecs, Stubber],
) -> None:
    ecs, stubber = stub
    reply = {
        "serviceDeploymentArn": RECORD,
        "status": "IN_PROGRESS",
        "createdAt": at(0),
        "lifecycleStage": "POST_TEST_TRAFFIC_SHIFT",
        "deploymentConfiguration": {"strategy": "CANARY"},
        "targetServiceRevision": {
            "arn": REVISION,
            "requestedProductionTrafficWeight": 10.0,
            "requestedTestTrafficWeight": 100.0,
        },
        "lifecycleHookDetails": [
            {
                "hookId": "h",
                "targetType": "PAUSE",
                "status": "AWAITING_ACTION",
                "expiresAt": at(60),
                "timeoutAction": "ROLLBACK",
            }
        ],
        "deploymentCircuitBreaker": {"status": "MONITORING", "failureCount": 0, "threshold": 3},
        "alarms": {"status": "x", "alarmNames": ["a"], "triggeredAlarmNames": ["a"]},
    }
    stubber.add_response(
        "describe_service_deployments",
        {"serviceDeployments": [reply]},
        {"serviceDeploymentArns": [RECORD, "gone"]},
    )

    assert ecs.records([RECORD, "gone"]) == {
        RECORD: ServiceDeployment(
            arn=RECORD,
            status="IN_PROGRESS",
            target_revision_arn=REVISION,
            created_at=at(0),
            stage="POST_TEST_TRAFFIC_SHIFT",
            strategy="CANARY",
            hooks=(
                Hook(
                    id="h",
                    kind="PAUSE",
                    status="AWAITING_ACTION",
                    expires_at=at(60),
                    on_timeout="ROLLBACK",
                ),
            ),
            production_weight=10.0,
            test_weight=100.0,
            breaker="MONITORING",
            alarms=("a",),
        )
    }


def test_a_revision_tells_its_task_definition_and_what_its_images_stand_for(
    stub: tuple[Ecs, Stubber],
) -> None:
    ecs, stubber = stub
    reply = {
        "serviceRevisionArn": REVISION,
        "taskDefinition": NEW,
        "containerImages": [{"containerName": "app", "image": "app:1", "imageDigest": "sha256:1"}],
    }
    asked = {"serviceRevisionArns": [REVISION]}
    stubber.add_response("describe_service_revisions", {"serviceRevisions": [reply]}, asked)
    stubber.add_response("describe_service_revisions", {"serviceRevisions": []}, asked)

    assert ecs.revisions([REVISION]) == {
        REVISION: Revision(arn=REVISION, taskdef_arn=NEW, images={"app": "sha256:1"})
    }
    assert ecs.revisions([REVISION]) == {}


def test_a_deployment_is_stopped_with_a_rollback(stub: tuple[Ecs, Stubber]) -> None:
    ecs, stubber = stub
    stubber.add_response(
        "stop_service_deployment",
        {"serviceDeploymentArn": RECORD},
        {"serviceDeploymentArn": RECORD, "stopType": "ROLLBACK"},
    )

    ecs.stop_deployment(RECORD)

    stubber.assert_no_pending_responses()


def test_the_running_tasks_are_those_of_the_deployment(stub: tuple[Ecs, Stubber]) -> None:
    ecs, stubber = stub
    arns = [f"{ACCOUNT}:task/prod/{name}" for name in "ab"]
    stubber.add_response(
        "list_tasks",
        {"taskArns": arns},
        {"cluster": "prod", "serviceName": "web", "desiredStatus": "RUNNING"},
    )
    stubber.add_response(
        "describe_tasks",
        {
            "tasks": [
                {"taskArn": arns[0], "startedBy": OUR_ID, "startedAt": at(3)},
                {"taskArn": arns[1], "startedBy": "ecs-svc/other"},
            ]
        },
        {"cluster": "prod", "tasks": arns},
    )

    [task] = ecs.running_tasks("prod", "web", OUR_ID)

    assert (task.arn, task.started_at) == (arns[0], at(3))
