from typing import Any

import pytest

from ecsstep.sandbox.api import ApiError
from fake_sandbox import ACCOUNT, REGION, EcsWorld, an_ecs

PREFIX = f"arn:aws:ecs:{REGION}:{ACCOUNT}"


def error_of(ecs: EcsWorld, operation: str, **body: Any) -> tuple[str, str]:
    with pytest.raises(ApiError) as caught:
        ecs.call(operation, cluster="demo", **body)
    return caught.value.code, caught.value.message


def count(ecs: EcsWorld, **body: Any) -> int:
    return len(ecs.call("ListTasks", cluster="demo", **body)["taskArns"])


@pytest.mark.parametrize(
    ("filters", "number"),
    [
        pytest.param({}, 3, id="all that should run"),
        pytest.param({"serviceName": "web"}, 2, id="of a service"),
        pytest.param({"serviceName": f"{PREFIX}:service/demo/web"}, 2, id="by its arn"),
        pytest.param({"family": "shop"}, 1, id="of a family"),
        pytest.param({"launchType": "FARGATE", "family": "web"}, 2, id="launch type"),
        pytest.param({"launchType": "EC2"}, 0, id="another launch type"),
        pytest.param({"desiredStatus": "PENDING"}, 3, id="pending is running to be"),
        pytest.param({"desiredStatus": "STOPPED"}, 1, id="stopped"),
        pytest.param({"desiredStatus": "STOPPED", "serviceName": "shop"}, 0, id="of another"),
        pytest.param({"containerInstance": "x"}, 0, id="container instance"),
        pytest.param({"daemonName": "x"}, 0, id="daemon"),
        pytest.param({"startedBy": "ecs-svc/1"}, 0, id="started by nobody"),
    ],
)
def test_tasks_are_listed_by_filters(filters: dict[str, Any], number: int) -> None:
    ecs = an_ecs("crash-loop")
    ecs.deploy()
    ecs.go_to(15)

    assert count(ecs, **filters) == number


def test_tasks_are_listed_by_deployment_alone() -> None:
    ecs = an_ecs()
    ours = ecs.deploy()
    ecs.go_to(3)

    assert count(ecs, startedBy=ours) == 1
    assert error_of(ecs, "ListTasks", startedBy=ours, serviceName="web")[0] == (
        "InvalidParameterException"
    )


def test_tasks_of_an_unknown_service_are_an_error() -> None:
    assert error_of(an_ecs(), "ListTasks", serviceName="no")[0] == "ServiceNotFoundException"


def test_tasks_are_described_by_id_and_arn() -> None:
    ecs = an_ecs()
    (arn,) = ecs.call("ListTasks", cluster="demo", serviceName="web")["taskArns"]

    answer = ecs.call("DescribeTasks", cluster="demo", tasks=[arn, arn.rpartition("/")[2], "no"])

    assert [task["taskArn"] for task in answer["tasks"]] == [arn, arn]
    assert answer["failures"] == [{"arn": f"{PREFIX}:task/demo/no", "reason": "MISSING"}]


@pytest.mark.parametrize(
    ("tasks", "words"),
    [([], "cannot be empty"), (["a"] * 101, "more than 100")],
    ids=["none", "too many"],
)
def test_tasks_are_described_by_a_hundred(tasks: list[str], words: str) -> None:
    code, message = error_of(an_ecs(), "DescribeTasks", tasks=tasks)

    assert (code, words in message) == ("InvalidParameterException", True)


def test_a_task_goes_through_its_statuses() -> None:
    ecs = an_ecs()
    ours = ecs.deploy()

    seen = []
    for at in (2, 4, 7):
        (task,) = [t for t in ecs.go_to(at).tasks() if t["startedBy"] == ours]
        seen.append((task["lastStatus"], task["containers"][0]["lastStatus"], task["version"]))

    assert seen == [
        ("PROVISIONING", "PENDING", 1),
        ("PENDING", "PENDING", 2),
        ("RUNNING", "RUNNING", 3),
    ]


def test_a_task_is_stopped_by_hand_and_replaced() -> None:
    ecs = an_ecs()
    (before,) = ecs.tasks()
    arn = before["taskArn"]

    stopping = ecs.call("StopTask", cluster="demo", task=arn, reason="enough")["task"]
    again = ecs.go_to(1).call("StopTask", cluster="demo", task=arn)["task"]

    assert (stopping["desiredStatus"], stopping["lastStatus"]) == ("STOPPED", "STOPPING")
    assert (again["stopCode"], again["stoppedReason"]) == ("UserInitiated", "enough")
    (stopped,) = ecs.go_to(20).tasks(status="STOPPED")
    assert (stopped["lastStatus"], stopped["containers"][0]["exitCode"]) == ("STOPPED", 0)
    (after,) = ecs.tasks()
    assert (after["lastStatus"], after["startedBy"]) == ("RUNNING", before["startedBy"])


def test_a_task_that_is_not_there_is_not_stopped() -> None:
    assert error_of(an_ecs(), "StopTask", task="no") == (
        "InvalidParameterException",
        "The referenced task was not found.",
    )
