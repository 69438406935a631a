"""RunTask, and the life of a task that no service started."""

from typing import Any

import pytest

from ecsstep.sandbox.api import ApiError
from fake_sandbox import ACCOUNT, REGION, EcsWorld, a_definition, an_ecs

NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
TOKEN = "0" * 32


def ran(ecs: EcsWorld, **body: Any) -> dict[str, Any]:
    asked = {"cluster": "demo", "taskDefinition": "web", "networkConfiguration": NETWORK, **body}
    return ecs.call("RunTask", **{k: v for k, v in asked.items() if v is not None})


def a_run(ecs: EcsWorld, **body: Any) -> dict[str, Any]:
    task: dict[str, Any] = ran(ecs, **body)["tasks"][0]
    return task


def seen(ecs: EcsWorld, task: dict[str, Any]) -> dict[str, Any]:
    answer = ecs.call("DescribeTasks", cluster="demo", tasks=[task["taskArn"]])
    found: dict[str, Any] = answer["tasks"][0]
    return found


def exit_codes(task: dict[str, Any]) -> dict[str, int | None]:
    return {each["name"]: each.get("exitCode") for each in task["containers"]}


def test_a_task_comes_up_works_and_ends_well_with_its_words_one_after_another() -> None:
    ecs = an_ecs()

    task = a_run(ecs, launchType="FARGATE", startedBy="job/7")

    assert (task["lastStatus"], task["group"]) == ("PROVISIONING", "family:web")
    assert (task["startedBy"], task["launchType"]) == ("job/7", "FARGATE")
    assert seen(ecs.go_to(6), task)["lastStatus"] == "RUNNING"
    ended = seen(ecs.go_to(30), task)
    assert (ended["lastStatus"], ended["stopCode"]) == ("STOPPED", "EssentialContainerExited")
    assert exit_codes(ended) == {"app": 0}
    ours = [each for each in ecs.logs if each[1].endswith(task["taskArn"].rpartition("/")[2])]
    assert [each[0] for each in ours] == ["/ecs/web"] * 4
    assert [at for *_, at in ours] == sorted(at for *_, at in ours)
    assert 5 < ours[0][3] < ours[-1][3] < 17


@pytest.mark.parametrize(
    ("scenario", "code", "reason"),
    [
        ("task-failed", 3, None),
        ("task-killed", 137, "OutOfMemoryError: Container killed due to memory usage"),
    ],
)
def test_a_container_that_fails_shows_how(scenario: str, code: int, reason: str | None) -> None:
    ecs = an_ecs(scenario)
    task = a_run(ecs)

    [app] = seen(ecs.go_to(30), task)["containers"]

    assert (app["exitCode"], app.get("reason")) == (code, reason)


def test_a_fast_task_is_over_within_a_second_and_has_said_everything() -> None:
    ecs = an_ecs("task-fast")
    task = a_run(ecs)

    ended = seen(ecs.go_to(1), task)

    assert (ended["lastStatus"], exit_codes(ended)) == ("STOPPED", {"app": 0})
    assert len([each for each in ecs.logs if each[1].endswith(task["taskArn"][-32:])]) == 4


def test_a_task_that_cant_start_has_no_exit_code() -> None:
    ecs = an_ecs("task-cannot-start")
    task = a_run(ecs)

    ended = seen(ecs.go_to(30), task)

    assert (ended["lastStatus"], ended["stopCode"]) == ("STOPPED", "TaskFailedToStart")
    assert ended["stoppedReason"].startswith("ResourceInitializationError")
    assert exit_codes(ended) == {"app": None}


def test_a_missing_image_cant_be_pulled() -> None:
    ecs = an_ecs()
    ecs.missing.add("127.0.0.1:5000/app:v1.0.0")
    task = a_run(ecs)

    assert seen(ecs.go_to(30), task)["stoppedReason"].startswith("CannotPullContainerError")


def test_without_capacity_no_task_is_started_and_the_answer_says_why() -> None:
    answer = ran(an_ecs("task-no-capacity"))

    assert answer["tasks"] == []
    assert answer["failures"][0]["reason"].startswith("Capacity is unavailable at this time")


def test_another_essential_container_may_end_a_task() -> None:
    ecs = an_ecs("task-cut-short")
    override = {"containerOverrides": [{"name": "app", "command": ["migrate"]}]}
    task = a_run(ecs, taskDefinition="shop", overrides=override)

    ended = seen(ecs.go_to(30), task)

    assert exit_codes(ended) == {"app": 0, "nginx": 1}
    assert ended["overrides"]["containerOverrides"] == [
        {"name": "app", "command": ["migrate"]},
        {"name": "nginx"},
    ]


def test_a_task_that_never_ends_can_be_stopped() -> None:
    ecs = an_ecs("task-endless")
    task = a_run(ecs)
    ecs.go_to(3000)

    ecs.call("StopTask", cluster="demo", task=task["taskArn"], reason="enough")

    ended = seen(ecs.go_to(3020), task)
    assert (ended["lastStatus"], ended["stopCode"]) == ("STOPPED", "UserInitiated")
    assert ended["stoppedReason"] == "enough"


def test_tasks_of_no_service_are_listed_and_counted_and_forgotten_after_an_hour() -> None:
    ecs = an_ecs()
    task = a_run(ecs, startedBy="job/7")
    filters: tuple[dict[str, str], ...] = (
        {"startedBy": "job/7"}, {"family": "web"}, {"serviceName": "web"}, {},
    )  # fmt: skip

    found = [len(ecs.call("ListTasks", cluster="demo", **by)["taskArns"]) for by in filters]

    assert found == [1, 2, 1, 3]
    [cluster] = ecs.go_to(6).call("DescribeClusters", clusters=["demo"])["clusters"]
    assert cluster["runningTasksCount"] == 3
    ecs.go_to(3700)
    answer = ecs.call("DescribeTasks", cluster="demo", tasks=[task["taskArn"]])
    assert answer["failures"] == [{"arn": task["taskArn"], "reason": "MISSING"}]


def test_the_same_token_starts_no_second_task() -> None:
    ecs = an_ecs()

    first, second = a_run(ecs, clientToken=TOKEN), a_run(ecs, clientToken=TOKEN)

    assert first["taskArn"] == second["taskArn"]
    assert a_run(ecs)["taskArn"] != a_run(ecs)["taskArn"]


def test_several_tasks_are_started_by_one_call() -> None:
    assert len(ran(an_ecs(), count=2)["tasks"]) == 2


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        ({"networkConfiguration": None}, "InvalidParameterException", "Network Configuration"),
        (
            {"launchType": "FARGATE", "capacityProviderStrategy": [{"capacityProvider": "x"}]},
            "InvalidParameterException",
            "Specifying both",
        ),
        ({"count": 11}, "InvalidParameterException", "between 1 and 10"),
        ({"startedBy": "a b"}, "InvalidParameterException", "startedBy"),
        (
            {"overrides": {"containerOverrides": [{"name": "no"}]}},
            "InvalidParameterException",
            "container named no is not",
        ),
        ({"taskDefinition": "no"}, "ClientException", "TaskDefinition not found."),
        ({"taskDefinition": "old:1"}, "ClientException", "TaskDefinition is inactive"),
        ({"cluster": "no"}, "ClusterNotFoundException", "Cluster not found."),
    ],
)
def test_what_ecs_refuses_is_refused(body: dict[str, Any], code: str, words: str) -> None:
    ecs = an_ecs()
    ecs.call("RegisterTaskDefinition", **a_definition(family="old"))
    ecs.call("DeregisterTaskDefinition", taskDefinition="old:1")

    with pytest.raises(ApiError, match=words) as caught:
        ran(ecs, **body)

    assert caught.value.code == code


def test_a_token_with_another_request_is_a_conflict() -> None:
    ecs = an_ecs()
    a_run(ecs, clientToken=TOKEN)

    with pytest.raises(ApiError) as caught:
        ran(ecs, clientToken=TOKEN, count=2)

    assert caught.value.code == "ConflictException"


def test_a_container_without_awslogs_says_nothing() -> None:
    ecs = an_ecs()
    ecs.call("RegisterTaskDefinition", **a_definition())
    before = len(ecs.logs)
    task = a_run(ecs, taskDefinition="worker", networkConfiguration=None)

    ended = seen(ecs.go_to(30), task)

    assert (ended["launchType"], ecs.logs[before:]) == ("EC2", [])
    assert ended["taskArn"].startswith(f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/demo/")
