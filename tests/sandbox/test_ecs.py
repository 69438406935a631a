"""The emulated ECS by its API, and the stories that it tells."""

import json
from typing import Any

import pytest

from ecsstep.sandbox.api import ApiError, model
from ecsstep.sandbox.scenarios import SCENARIOS
from fake_sandbox import ACCOUNT, DIGEST, REGION, EcsWorld, an_ecs

PREFIX = f"arn:aws:ecs:{REGION}:{ACCOUNT}"


def error_of(ecs: EcsWorld, operation: str, **body: Any) -> tuple[str, str]:
    with pytest.raises(ApiError) as caught:
        ecs.call(operation, **body)
    return caught.value.code, caught.value.message


def outcome(ecs: EcsWorld, id_: str) -> list[tuple[bool, str, str]]:
    return [
        (deployment["id"] == id_, deployment["status"], deployment["rolloutState"])
        for deployment in ecs.service()["deployments"]
    ]


def test_it_says_which_operations_it_answers() -> None:
    ecs = an_ecs(is_seeded=False)

    assert ecs.ecs.handles("DescribeServices")
    assert not ecs.ecs.handles("StartTask")
    with pytest.raises(ApiError, match="UnknownOperationException"):
        ecs.ecs.answer("StartTask", {})


def test_a_request_is_checked_before_it_is_answered() -> None:
    assert error_of(an_ecs(), "DescribeServices")[0] == "ClientException"


@pytest.mark.parametrize("name", SCENARIOS)
def test_two_services_have_been_steady_for_a_week_in_every_scenario(name: str) -> None:
    ecs = an_ecs(name)

    services = ecs.call("DescribeServices", cluster="demo", services=["web", "shop"])["services"]

    guard = SCENARIOS[name].circuit_breaker
    for service in services:
        (deployment,) = service["deployments"]
        assert deployment["status"] == "PRIMARY"
        # Documented for rolling deployments only.
        is_rolling = "strategy" not in SCENARIOS[name].configuration
        assert deployment.get("rolloutState") == ("COMPLETED" if is_rolling else None)
        wanted = 1 if SCENARIOS[name].desired is None else SCENARIOS[name].desired
        assert (service["status"], service["desiredCount"], service["runningCount"]) == (
            "ACTIVE", wanted, wanted
        )  # fmt: skip
        assert deployment["updatedAt"] < ecs.clock.now().timestamp() - 6 * 86400
        assert service["deploymentConfiguration"]["deploymentCircuitBreaker"] == {
            "enable": guard,
            "rollback": guard and SCENARIOS[name].rolls_back,
        }
    logs = [(group, stream.split("/")[1]) for group, stream, *_ in ecs.logs]
    assert (
        sorted(each for each in logs if each[0] != "/ecs/blue")
        == [
            ("/ecs/shop", "app"),
            ("/ecs/shop", "nginx"),
            ("/ecs/web", "app"),
        ][: 3 if SCENARIOS[name].desired is None else 0]
    )


def test_steady_ends_with_the_new_deployment() -> None:
    ecs = an_ecs()
    ours = ecs.deploy()

    assert outcome(ecs.go_to(35), ours) == [(True, "PRIMARY", "IN_PROGRESS")]
    assert outcome(ecs.go_to(36), ours) == [(True, "PRIMARY", "COMPLETED")]
    assert ecs.record()["status"] == "SUCCESSFUL"
    assert ecs.events() == [
        (2, "(service web) has started 1 tasks"),
        (12, "(service web) has stopped 1 running tasks"),
        (36, f"(service web) (deployment {ours}) deployment completed."),
        (36, "(service web) has reached a steady state."),
    ]


def test_crash_loop_never_ends() -> None:
    ecs = an_ecs("crash-loop")
    ours = ecs.deploy()

    for at in (60, 3000):
        assert outcome(ecs.go_to(at), ours) == [
            (True, "PRIMARY", "IN_PROGRESS"),
            (False, "ACTIVE", "COMPLETED"),
        ]


def test_crash_loop_ends_by_going_back_to_what_went_well() -> None:
    ecs = an_ecs("crash-loop")
    definition = ecs.call("DescribeTaskDefinition", taskDefinition="web")["taskDefinition"]
    ecs.call(
        "RegisterTaskDefinition",
        **{
            name: definition[name]
            for name in definition
            if name in model("ecs").operation_model("RegisterTaskDefinition").input_shape.members
        },
    )
    ecs.update(taskDefinition="web:2")
    assert ecs.go_to(60).service()["taskDefinition"].endswith(":task-definition/web:2")

    back = ecs.update(taskDefinition="web:1")["deployments"][0]["id"]

    assert outcome(ecs.go_to(120), back) == [(True, "PRIMARY", "COMPLETED")]


def test_rolled_back_is_steady_on_the_old_revision_in_the_end() -> None:
    ecs = an_ecs("rolled-back")
    ours = ecs.deploy()

    assert outcome(ecs.go_to(32), ours) == [
        (False, "PRIMARY", "IN_PROGRESS"),
        (True, "ACTIVE", "FAILED"),
        (False, "ACTIVE", "COMPLETED"),
    ]
    assert outcome(ecs.go_to(68), ours) == [(False, "PRIMARY", "COMPLETED")]
    record = ecs.record()
    assert (record["status"], record["deploymentCircuitBreaker"]) == (
        "ROLLBACK_SUCCESSFUL",
        {"status": "TRIGGERED", "failureCount": 3, "threshold": 3},
    )
    assert record["rollback"]["serviceRevisionArn"] == record["sourceServiceRevisions"][0]["arn"]


def test_rolled_back_says_why_in_tasks_and_logs() -> None:
    ecs = an_ecs("rolled-back")
    ours = ecs.deploy("shop")
    ecs.go_to(40)

    failed = [task for task in ecs.tasks("shop", "STOPPED") if task["startedBy"] == ours]

    assert len(failed) == 3
    app, nginx = failed[0]["containers"]
    assert (failed[0]["stopCode"], failed[0]["stoppedReason"], failed[0]["lastStatus"]) == (
        "EssentialContainerExited", "Essential container in task exited", "STOPPED"
    )  # fmt: skip
    assert (app["exitCode"], nginx["exitCode"], failed[0]["group"]) == (1, 0, "service:shop")
    task_id = failed[0]["taskArn"].rpartition("/")[2]
    (written,) = [log for log in ecs.logs if log[1] == f"ecs/app/{task_id}" and len(log[2]) > 1]
    assert written[0] == "/ecs/shop"
    assert "cannot connect to database" in written[2][-1]


def test_image_missing_fails_before_anything_runs() -> None:
    ecs = an_ecs("image-missing")
    ecs.deploy()
    (task,) = ecs.go_to(12).tasks(status="STOPPED")

    image = "127.0.0.1:5000/app:v1.0.0"
    reason = (
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): "
        f"failed to resolve ref {image}: {image}: not found"
    )
    assert (task["stopCode"], task["stoppedReason"]) == ("TaskFailedToStart", reason)
    assert task["containers"][0]["reason"] == reason
    assert not {"exitCode", "imageDigest", "runtimeId"} & set(task["containers"][0])
    assert not {"startedAt", "connectivity", "executionStoppedAt"} & set(task)


def test_an_image_that_is_not_there_fails_in_every_story() -> None:
    ecs = an_ecs()
    ecs.missing.add("127.0.0.1:5000/laravel-nginx:prod-1")
    ecs.deploy("shop")

    (task,) = ecs.go_to(12).tasks("shop", status="STOPPED")

    assert task["stopCode"] == "TaskFailedToStart"
    assert [("reason" in container) for container in task["containers"]] == [False, True]


def test_superseded_is_somebody_elses_deployment() -> None:
    ecs = an_ecs("superseded")
    ours = ecs.deploy()
    record = ecs.record()["serviceDeploymentArn"]

    ecs.go_to(6)
    assert outcome(ecs, ours) == [
        (False, "PRIMARY", "IN_PROGRESS"),
        (True, "ACTIVE", "IN_PROGRESS"),
        (False, "ACTIVE", "COMPLETED"),
    ]
    assert outcome(ecs.go_to(42), ours) == [(False, "PRIMARY", "COMPLETED")]
    theirs = ecs.call("DescribeTaskDefinition", taskDefinition="web")["taskDefinition"]
    assert (theirs["revision"], theirs["registeredBy"]) == (
        2, f"arn:aws:iam::{ACCOUNT}:user/somebody-else"
    )  # fmt: skip
    (stopped,) = ecs.call("DescribeServiceDeployments", serviceDeploymentArns=[record])[
        "serviceDeployments"
    ]
    assert (stopped["status"], "newer" in stopped["statusReason"]) == ("STOPPED", True)


def test_somebody_else_comes_once() -> None:
    ecs = an_ecs("superseded")
    ecs.deploy()
    ecs.go_to(60)

    again = ecs.deploy()

    assert outcome(ecs.go_to(120), again) == [(True, "PRIMARY", "COMPLETED")]


def test_a_service_that_never_was_steady_is_taken_over_as_it_is() -> None:
    ecs = an_ecs("superseded")
    service = ecs.service()
    ecs.call(
        "CreateService",
        cluster="demo",
        serviceName="new",
        taskDefinition="web",
        networkConfiguration=service["networkConfiguration"],
    )
    ecs.deploy("new")

    ecs.go_to(60)

    assert ecs.service("new")["taskDefinition"].endswith("/web:2")


def test_service_gone_drains_and_is_missing_in_the_end() -> None:
    ecs = an_ecs("service-gone")
    ecs.deploy()

    statuses = [ecs.go_to(at).service()["status"] for at in (5, 6, 17, 18, 317)]
    answer = ecs.go_to(318).call("DescribeServices", cluster="demo", services=["web"])

    assert statuses == ["ACTIVE", "DRAINING", "DRAINING", "INACTIVE", "INACTIVE"]
    assert answer == {
        "services": [],
        "failures": [{"arn": f"{PREFIX}:service/demo/web", "reason": "MISSING"}],
    }


def test_a_deleted_service_is_not_deleted_again_by_the_story() -> None:
    ecs = an_ecs("service-gone")
    ecs.deploy()
    ecs.call("DeleteService", cluster="demo", service="web", force=True)

    assert ecs.go_to(30).service()["status"] == "INACTIVE"
    assert ecs.service()["taskDefinition"].endswith("/web:1")


def test_the_failing_container_is_the_first_essential_one_if_there_is_no_other() -> None:
    ecs = an_ecs("crash-loop", failing_container="php", exit_code=137)
    ecs.deploy("shop")

    (task,) = ecs.go_to(12).tasks("shop", status="STOPPED")

    assert [container.get("exitCode") for container in task["containers"]] == [137, 0]


@pytest.mark.parametrize("at", [0, 3, 9, 15, 23, 33, 40, 70])
@pytest.mark.parametrize("name", ["steady", "rolled-back", "image-missing", "service-gone"])
def test_every_answer_is_as_the_model_has_it(name: str, at: float) -> None:
    from botocore.parsers import JSONParser
    from botocore.validate import ParamValidator

    ecs = an_ecs(name)
    ecs.deploy()
    ecs.go_to(at)
    tasks = [
        arn
        for status in ("RUNNING", "STOPPED")
        for arn in ecs.call("ListTasks", cluster="demo", desiredStatus=status)["taskArns"]
    ]
    service = ecs.service()
    requests: list[tuple[str, dict[str, Any]]] = [
        ("DescribeClusters", {"clusters": ["demo"]}),
        ("DescribeServices", {"cluster": "demo", "services": ["web", "shop", "no"]}),
        ("DescribeTasks", {"cluster": "demo", "tasks": tasks}),
        ("DescribeTaskDefinition", {"taskDefinition": "shop", "include": ["TAGS"]}),
        ("ListServiceDeployments", {"cluster": "demo", "service": "web"}),
        (
            "DescribeServiceDeployments",
            {"serviceDeploymentArns": [service["currentServiceDeployment"]]},
        ),
        (
            "DescribeServiceRevisions",
            {"serviceRevisionArns": [r["arn"] for r in service["currentServiceRevisions"]] or [""]},
        ),
    ]
    for operation, body in requests:
        answer = ecs.call(operation, **body)
        shape = model("ecs").operation_model(operation).output_shape
        report = ParamValidator().validate(answer, shape)
        response = {"status_code": 200, "headers": {}, "body": json.dumps(answer).encode()}
        parsed = JSONParser().parse(response, shape)
        parsed.pop("ResponseMetadata")
        assert (operation, report.generate_report()) == (operation, "")
        assert set(parsed) == set(answer)


def test_a_service_has_the_members_that_ecs_shows() -> None:
    ecs = an_ecs()
    ours = ecs.deploy()
    service = ecs.go_to(8).service()

    assert set(service) == {
        "availabilityZoneRebalancing",
        "clusterArn",
        "createdAt",
        "createdBy",
        "currentServiceDeployment",
        "currentServiceRevisions",
        "deploymentConfiguration",
        "deploymentController",
        "deployments",
        "desiredCount",
        "enableECSManagedTags",
        "enableExecuteCommand",
        "events",
        "launchType",
        "loadBalancers",
        "networkConfiguration",
        "pendingCount",
        "placementConstraints",
        "placementStrategy",
        "platformFamily",
        "platformVersion",
        "propagateTags",
        "roleArn",
        "runningCount",
        "schedulingStrategy",
        "serviceArn",
        "serviceName",
        "serviceRegistries",
        "status",
        "taskDefinition",
    }
    primary, active = service["deployments"]
    assert primary == {
        "id": ours,
        "status": "PRIMARY",
        "taskDefinition": f"{PREFIX}:task-definition/web:1",
        "desiredCount": 1,
        "pendingCount": 0,
        "runningCount": 1,
        "failedTasks": 0,
        "createdAt": ecs.clock.now().timestamp() - 8,
        "updatedAt": ecs.clock.now().timestamp() - 8,
        "launchType": "FARGATE",
        "platformVersion": "LATEST",
        "platformFamily": "Linux",
        "networkConfiguration": service["networkConfiguration"],
        "rolloutState": "IN_PROGRESS",
        "rolloutStateReason": f"ECS deployment {ours} in progress.",
    }
    assert (active["desiredCount"], service["runningCount"]) == (1, 2)
    assert [r["runningTaskCount"] for r in service["currentServiceRevisions"]] == [1, 1]


def test_a_running_task_has_the_digest_of_what_runs() -> None:
    (task,) = an_ecs().tasks()

    (container,) = task["containers"]
    assert (container["image"], container["imageDigest"], container["lastStatus"]) == (
        "127.0.0.1:5000/app:v1.0.0", DIGEST, "RUNNING"
    )  # fmt: skip
    assert (task["lastStatus"], task["desiredStatus"], task["cpu"], task["memory"]) == (
        "RUNNING", "RUNNING", "256", "512"
    )  # fmt: skip


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_has_one_line(name: str) -> None:
    about = SCENARIOS[name].about

    assert 10 < len(about) < 80
    assert "\n" not in about
