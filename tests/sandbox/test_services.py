from typing import Any

import pytest

from ecsstep.sandbox.api import ApiError
from fake_sandbox import ACCOUNT, REGION, EcsWorld, a_definition, an_ecs

PREFIX = f"arn:aws:ecs:{REGION}:{ACCOUNT}"


def error_of(ecs: EcsWorld, operation: str, **body: Any) -> tuple[str, str]:
    with pytest.raises(ApiError) as caught:
        ecs.call(operation, **body)
    return caught.value.code, caught.value.message


def with_worker() -> EcsWorld:
    ecs = an_ecs()
    ecs.call("RegisterTaskDefinition", **a_definition())
    return ecs


def test_a_service_is_created_with_the_defaults_of_ecs() -> None:
    ecs = with_worker()

    made = ecs.call(
        "CreateService",
        cluster="demo",
        serviceName="worker",
        taskDefinition="worker",
        tags=[{"key": "a", "value": "b"}],
    )["service"]

    assert (made["launchType"], made["desiredCount"], made["status"]) == ("EC2", 1, "ACTIVE")
    assert made["deploymentConfiguration"] == {"maximumPercent": 200, "minimumHealthyPercent": 100}
    assert made["deploymentController"] == {"type": "ECS"}
    assert "platformVersion" not in made
    assert ecs.go_to(30).service("worker")["deployments"][0]["rolloutState"] == "COMPLETED"
    described = ecs.call(
        "DescribeServices", cluster="demo", services=[f"{PREFIX}:service/demo/worker"],
        include=["TAGS"],
    )  # fmt: skip
    assert described["services"][0]["tags"] == [{"key": "a", "value": "b"}]
    assert ecs.events("worker")[-1] == (24, "(service worker) has reached a steady state.")


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        pytest.param({"cluster": "no"}, "ClusterNotFoundException", "not found", id="cluster"),
        pytest.param(
            {"serviceName": "web"}, "InvalidParameterException", "not idempotent", id="name"
        ),
        pytest.param(
            {"deploymentController": {"type": "EXTERNAL"}},
            "InvalidParameterException",
            "EXTERNAL",
            id="controller",
        ),
        pytest.param({"taskDefinition": "no"}, "ClientException", "not found", id="definition"),
        pytest.param({"taskDefinition": None}, "ClientException", "not found", id="none"),
        pytest.param({"taskDefinition": "web"}, "InvalidParameterException", "Network", id="vpc"),
    ],
)
def test_a_service_that_ecs_would_not_create_is_refused(
    body: dict[str, Any], code: str, words: str
) -> None:
    asked = {"cluster": "demo", "serviceName": "new", "taskDefinition": "worker", **body}

    found = error_of(with_worker(), "CreateService", **asked)

    assert found[0] == code
    assert words in found[1]


@pytest.mark.parametrize(
    ("body", "starts"),
    [
        pytest.param({}, False, id="nothing"),
        pytest.param({"desiredCount": 2}, False, id="desired count"),
        pytest.param({"taskDefinition": "web"}, False, id="the same revision"),
        pytest.param({"taskDefinition": "web:1"}, False, id="the same revision by number"),
        pytest.param({"taskDefinition": "shop"}, True, id="another revision"),
        pytest.param({"forceNewDeployment": True}, True, id="forced"),
        pytest.param({"forceNewDeployment": False}, False, id="not forced"),
        pytest.param({"platformVersion": "LATEST"}, False, id="the same platform"),
        pytest.param({"platformVersion": "1.4.0"}, True, id="another platform"),
        pytest.param({"volumeConfigurations": None}, False, id="null"),
        pytest.param(
            {"serviceRegistries": [{"registryArn": "arn:a"}]}, True, id="service registries"
        ),
        pytest.param({"deploymentConfiguration": {"maximumPercent": 150}}, False, id="percentages"),
        pytest.param({"healthCheckGracePeriodSeconds": 0}, False, id="grace period"),
        pytest.param({"enableExecuteCommand": True, "propagateTags": "SERVICE"}, False, id="exec"),
    ],
)
def test_an_update_starts_a_deployment_only_where_aws_says_so(
    body: dict[str, Any], starts: bool
) -> None:
    ecs = an_ecs()
    before = ecs.service()["deployments"][0]["id"]

    after = ecs.update(**body)["deployments"]

    assert (after[0]["id"] != before) is starts
    assert len(after) == 1 + starts


def test_an_update_changes_what_it_names_and_nothing_else() -> None:
    ecs = an_ecs("rolled-back")
    before = ecs.service()

    after = ecs.update(
        desiredCount=0,
        enableExecuteCommand=True,
        deploymentConfiguration={"minimumHealthyPercent": 0},
    )

    changed = {name for name in after if after[name] != before[name]}
    assert changed == {
        "desiredCount", "enableExecuteCommand", "deploymentConfiguration", "deployments",
        "currentServiceRevisions",
    }  # fmt: skip
    assert after["deploymentConfiguration"] == {
        **before["deploymentConfiguration"],
        "minimumHealthyPercent": 0,
    }
    assert ecs.go_to(30).service()["runningCount"] == 0


def test_the_answer_to_an_update_has_the_new_deployment_first() -> None:
    ecs = an_ecs()
    before = ecs.service()

    after = ecs.update(taskDefinition=f"{PREFIX}:task-definition/shop:1")

    assert [deployment["status"] for deployment in after["deployments"]] == ["PRIMARY", "ACTIVE"]
    assert after["taskDefinition"] == f"{PREFIX}:task-definition/shop:1"
    assert after["currentServiceDeployment"] != before["currentServiceDeployment"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        pytest.param({"service": "no"}, "ServiceNotFoundException", id="service"),
        pytest.param({"cluster": "no"}, "ClusterNotFoundException", id="cluster"),
        pytest.param({"cluster": None}, "ClusterNotFoundException", id="no default cluster"),
        pytest.param({"taskDefinition": "web:9"}, "ClientException", id="definition"),
    ],
)
def test_an_update_of_what_is_not_there_is_refused(body: dict[str, Any], code: str) -> None:
    assert (
        error_of(an_ecs(), "UpdateService", **{"cluster": "demo", "service": "web", **body})[0]
        == code
    )


def test_an_inactive_definition_is_not_deployed() -> None:
    ecs = with_worker()
    ecs.call("DeregisterTaskDefinition", taskDefinition="worker:1")

    found = error_of(ecs, "UpdateService", cluster="demo", service="web", taskDefinition="worker:1")

    assert found == ("ClientException", "TaskDefinition is inactive")


def test_a_deleted_service_is_not_updated() -> None:
    ecs = an_ecs()
    code, message = error_of(ecs, "DeleteService", cluster="demo", service="web")
    gone = ecs.call("DeleteService", cluster="demo", service="web", force=True)["service"]
    again = ecs.call("DeleteService", cluster="demo", service="web")["service"]

    assert (code, "scaled above 0" in message) == ("InvalidParameterException", True)
    assert (gone["status"], again["status"], gone["desiredCount"]) == ("DRAINING", "DRAINING", 0)
    assert error_of(ecs, "UpdateService", cluster="demo", service="web")[0] == (
        "ServiceNotActiveException"
    )


def test_an_inactive_service_is_made_anew() -> None:
    ecs = with_worker()
    ecs.update(desiredCount=0)
    ecs.call("DeleteService", cluster="demo", service="web")
    ecs.go_to(60)

    made = ecs.call(
        "CreateService", cluster="demo", serviceName="web", taskDefinition="worker"
    )["service"]  # fmt: skip

    assert made["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("services", "words"),
    [([], "cannot be empty"), ([f"s{n}" for n in range(11)], "more than 10")],
    ids=["none", "eleven"],
)
def test_services_are_described_by_ten(services: list[str], words: str) -> None:
    code, message = error_of(an_ecs(), "DescribeServices", cluster="demo", services=services)

    assert (code, words in message) == ("InvalidParameterException", True)


def test_services_are_listed_but_inactive_ones() -> None:
    ecs = an_ecs()
    ecs.call("DeleteService", cluster="demo", service="web", force=True)

    def listed(**body: Any) -> list[str]:
        arns = ecs.call("ListServices", cluster="demo", **body)["serviceArns"]
        return [arn.rpartition("/")[2] for arn in arns]

    assert listed() == ["web", "shop"]
    ecs.go_to(60)
    assert listed() == ["shop"]
    assert listed(launchType="EC2") == listed(schedulingStrategy="DAEMON") == []


def test_clusters_are_made_described_and_listed() -> None:
    ecs = an_ecs()
    tags = [{"key": "a", "value": "b"}]

    made = ecs.call("CreateCluster", clusterName="two", tags=tags)["cluster"]
    again = ecs.call("CreateCluster", clusterName="two")["cluster"]
    default = ecs.call("CreateCluster")["cluster"]

    assert made == again == {
        "clusterArn": f"{PREFIX}:cluster/two",
        "clusterName": "two",
        "status": "ACTIVE",
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": 0,
        "pendingTasksCount": 0,
        "activeServicesCount": 0,
        "statistics": [],
        "tags": tags,
        "settings": [],
        "capacityProviders": [],
        "defaultCapacityProviderStrategy": [],
    }  # fmt: skip
    assert default["clusterName"] == "default"
    assert ecs.call("ListClusters")["clusterArns"] == [
        f"{PREFIX}:cluster/{name}" for name in ("demo", "two", "default")
    ]
    described = ecs.call("DescribeClusters", clusters=[f"{PREFIX}:cluster/demo", "no"])
    assert described["failures"] == [{"arn": f"{PREFIX}:cluster/no", "reason": "MISSING"}]
    assert [
        (cluster["activeServicesCount"], cluster["runningTasksCount"])
        for cluster in described["clusters"]
    ] == [(2, 2)]
    assert ecs.call("DescribeClusters")["clusters"] == [default]


@pytest.mark.parametrize(
    "body",
    [{"maxResults": 101}, {"nextToken": "x"}, {"maxResults": -1}],
    ids=["too many", "token", "negative"],
)
def test_a_page_that_cannot_be_is_refused(body: dict[str, Any]) -> None:
    assert error_of(an_ecs(), "ListServices", cluster="demo", **body)[0] == (
        "InvalidParameterException"
    )


def test_arns_in_china_have_their_partition() -> None:
    from ecsstep.sandbox.place import Place

    place = Place(region="cn-north-1", account=ACCOUNT)

    assert place.arn("cluster/demo") == f"arn:aws-cn:ecs:cn-north-1:{ACCOUNT}:cluster/demo"
    assert place.somebody == f"arn:aws-cn:iam::{ACCOUNT}:user/somebody-else"
