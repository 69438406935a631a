import datetime as dt
from typing import Any

import pytest

from ecsstep.sandbox.api import ApiError
from fake_sandbox import ACCOUNT, DIGEST, REGION, EcsWorld, an_ecs

PREFIX = f"arn:aws:ecs:{REGION}:{ACCOUNT}"


def error_of(ecs: EcsWorld, operation: str, **body: Any) -> str:
    with pytest.raises(ApiError) as caught:
        ecs.call(operation, **body)
    return caught.value.code


def test_a_service_deployment_is_described_on_its_way() -> None:
    ecs = an_ecs()
    before = ecs.service()
    ecs.deploy()
    record = ecs.go_to(8).record()

    now = ecs.clock.now().timestamp()
    assert record == {
        "serviceDeploymentArn": ecs.service()["currentServiceDeployment"],
        "serviceArn": f"{PREFIX}:service/demo/web",
        "clusterArn": f"{PREFIX}:cluster/demo",
        "createdAt": now - 8,
        "startedAt": now - 6,
        "updatedAt": now - 6,
        "sourceServiceRevisions": [before["currentServiceRevisions"][0]],
        "targetServiceRevision": {
            "arn": ecs.service()["currentServiceRevisions"][0]["arn"],
            "requestedTaskCount": 1,
            "runningTaskCount": 1,
            "pendingTaskCount": 0,
        },
        "status": "IN_PROGRESS",
        "deploymentConfiguration": before["deploymentConfiguration"],
        "deploymentCircuitBreaker": {"status": "DISABLED", "failureCount": 0, "threshold": 0},
    }


def test_service_deployments_are_listed_newest_first() -> None:
    ecs = an_ecs()
    ecs.go_to(10).deploy()
    first = ecs.clock.now().timestamp()

    def listed(**body: Any) -> list[str]:
        answer = ecs.call("ListServiceDeployments", cluster="demo", service="web", **body)
        return [brief["status"] for brief in answer["serviceDeployments"]]

    assert listed() == ["PENDING", "SUCCESSFUL"]
    assert listed(status=["SUCCESSFUL"]) == ["SUCCESSFUL"]
    assert listed(createdAt={"after": first}) == ["PENDING"]
    assert listed(createdAt={"before": dt.datetime.fromtimestamp(first - 1, dt.UTC)}) == [
        "SUCCESSFUL"
    ]


def test_a_service_revision_says_what_runs() -> None:
    ecs = an_ecs()
    arn = ecs.service("shop")["currentServiceRevisions"][0]["arn"]
    web = ecs.service("web")["currentServiceRevisions"][0]["arn"]

    answer = ecs.call("DescribeServiceRevisions", serviceRevisionArns=[arn, web, "no"])

    shop_revision, web_revision = answer["serviceRevisions"]
    assert answer["failures"] == [{"arn": "no", "reason": "MISSING"}]
    assert shop_revision["taskDefinition"] == f"{PREFIX}:task-definition/shop:1"
    assert [image["containerName"] for image in shop_revision["containerImages"]] == [
        "app", "nginx"
    ]  # fmt: skip
    assert web_revision["containerImages"] == [
        {"containerName": "app", "image": "127.0.0.1:5000/app:v1.0.0", "imageDigest": DIGEST}
    ]


def test_a_pinned_image_runs_by_its_digest() -> None:
    ecs = an_ecs()
    definition = ecs.call("DescribeTaskDefinition", taskDefinition="web")["taskDefinition"]
    pinned = "sha256:" + "1" * 64
    ecs.call(
        "RegisterTaskDefinition",
        family="web",
        containerDefinitions=[
            {**definition["containerDefinitions"][0], "memory": 64, "image": f"app@{pinned}"}
        ],
    )
    ecs.update(taskDefinition="web:2")
    (task,) = ecs.go_to(40).tasks()

    assert task["containers"][0]["imageDigest"] == pinned


def test_a_forced_deployment_has_a_revision_of_its_own() -> None:
    ecs = an_ecs()
    ecs.deploy()

    arns = [revision["arn"] for revision in ecs.service()["currentServiceRevisions"]]

    assert len(set(arns)) == 2


def test_a_deployment_is_stopped_by_a_person() -> None:
    ecs = an_ecs()
    ours = ecs.deploy()
    arn = ecs.go_to(3).record()["serviceDeploymentArn"]

    assert ecs.call("StopServiceDeployment", serviceDeploymentArn=arn) == {
        "serviceDeploymentArn": arn
    }

    assert ecs.record()["status"] == "ROLLBACK_REQUESTED"
    assert ecs.go_to(70).record()["status"] == "ROLLBACK_SUCCESSFUL"
    assert error_of(ecs, "StopServiceDeployment", serviceDeploymentArn=arn) == "ConflictException"
    (deployment,) = ecs.service()["deployments"]
    assert deployment["id"] != ours
    assert deployment["rolloutState"] == "COMPLETED"


@pytest.mark.parametrize(
    ("operation", "body", "code"),
    [
        pytest.param(
            "StopServiceDeployment",
            {"serviceDeploymentArn": "no"},
            "ServiceDeploymentNotFoundException",
            id="unknown",
        ),
        pytest.param(
            "ListServiceDeployments",
            {"cluster": "demo", "service": "no"},
            "ServiceNotFoundException",
            id="unknown service",
        ),
        pytest.param(
            "DescribeServiceDeployments",
            {"serviceDeploymentArns": ["a"] * 21},
            "InvalidParameterException",
            id="too many deployments",
        ),
        pytest.param(
            "DescribeServiceRevisions",
            {"serviceRevisionArns": ["a"] * 21},
            "InvalidParameterException",
            id="too many revisions",
        ),
    ],
)
def test_what_aws_would_refuse_is_refused(operation: str, body: dict[str, Any], code: str) -> None:
    assert error_of(an_ecs(), operation, **body) == code


def test_a_deployment_cannot_be_aborted() -> None:
    ecs = an_ecs()
    ecs.deploy()
    arn = ecs.record()["serviceDeploymentArn"]

    assert error_of(ecs, "StopServiceDeployment", serviceDeploymentArn=arn, stopType="ABORT") == (
        "InvalidParameterException"
    )
