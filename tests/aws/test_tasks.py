"""The calls about single tasks, checked against AWS's model by the Stubber."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.stub import Stubber

from ecs_fakes import ACCOUNT, NEW, at
from ecsstep.aws.tasks import Tasks
from ecsstep.errors import Exit, StepError
from ecsstep.rules.errand.verdict import NotPlaced
from ecsstep.rules.service import Container

ARN = f"{ACCOUNT}:task/prod/t1"
ASKED = {"cluster": "prod", "taskDefinition": NEW, "count": 1, "startedBy": "task-run"}
RUNNING: dict[str, Any] = {
    "taskArn": ARN,
    "taskDefinitionArn": NEW,
    "lastStatus": "RUNNING",
    "startedBy": "task-run",
    "startedAt": at(1),
    "containers": [{"name": "app", "lastStatus": "STOPPED", "exitCode": 3}],
}


@pytest.fixture
def stub() -> Iterator[tuple[Tasks, Stubber]]:
    made = boto3.client(
        "ecs", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(made) as stubber:
        yield Tasks(made), stubber


def test_a_task_is_started_looked_at_and_stopped(stub: tuple[Tasks, Stubber]) -> None:
    tasks, stubber = stub
    stubber.add_response("run_task", {"tasks": [RUNNING], "failures": []}, ASKED)
    look = {"cluster": "prod", "tasks": [ARN]}
    stubber.add_response("describe_tasks", {"tasks": [RUNNING]}, look)
    stubber.add_response(
        "describe_tasks", {"tasks": [], "failures": [{"arn": ARN, "reason": "MISSING"}]}, look
    )
    stubber.add_response(
        "stop_task", {"task": RUNNING}, {"cluster": "prod", "task": ARN, "reason": "enough"}
    )

    started = tasks.run(ASKED)

    assert not isinstance(started, NotPlaced)
    assert (started.arn, started.status, started.started_at) == (ARN, "RUNNING", at(1))
    assert started.containers == (Container(name="app", exit_code=3, status="STOPPED"),)
    assert tasks.task("prod", ARN) == started
    assert tasks.task("prod", ARN) is None
    tasks.stop("prod", ARN, "enough")
    stubber.assert_no_pending_responses()


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        ({"reason": "RESOURCE:MEMORY", "arn": "arn:x"}, "RESOURCE:MEMORY arn:x"),
        ({"reason": "AGENT", "detail": "it is away"}, "AGENT it is away"),
        ({}, "no reason given"),
    ],
)
def test_an_answer_with_failures_is_no_success(
    stub: tuple[Tasks, Stubber], failure: dict[str, str], reason: str
) -> None:
    tasks, stubber = stub
    stubber.add_response("run_task", {"tasks": [], "failures": [failure]}, ASKED)

    assert tasks.run(ASKED) == NotPlaced(reason=reason)


def test_a_retried_call_has_the_same_token_since_botocore_makes_it_once(
    stub: tuple[Tasks, Stubber],
) -> None:
    tasks, _ = stub
    run_task = tasks._client.meta.service_model.operation_model("RunTask")

    assert run_task.idempotent_members == ["clientToken"]


def test_an_empty_answer_says_how_to_look_for_the_task(stub: tuple[Tasks, Stubber]) -> None:
    tasks, stubber = stub
    stubber.add_response("run_task", {}, ASKED)

    with pytest.raises(StepError, match="AWS's answer is empty; whether a task was") as caught:
        tasks.run(ASKED)

    assert caught.value.exit is Exit.FAILED
    assert "--started-by task-run" in caught.value.hint


@pytest.mark.parametrize(
    ("code", "status", "exit_"),
    [
        ("ThrottlingException", 400, Exit.TEMPORARY),
        ("ServerException", 500, Exit.FAILED),
        ("InvalidParameterException", 400, Exit.USAGE),
    ],
)
def test_what_may_be_run_again_by_itself_has_surely_started_nothing(
    stub: tuple[Tasks, Stubber], code: str, status: int, exit_: Exit
) -> None:
    tasks, stubber = stub
    stubber.add_client_error("run_task", code, "no", http_status_code=status)

    with pytest.raises(StepError) as caught:
        tasks.run(ASKED)

    assert caught.value.exit is exit_
    assert ("is not known" in caught.value.message) is (exit_ is Exit.FAILED)


def test_a_connection_that_breaks_leaves_it_open_whether_a_task_was_started() -> None:
    class Broken:
        def run_task(self, **_: Any) -> Any:
            raise ReadTimeoutError(endpoint_url="https://ecs")

    with pytest.raises(StepError, match="whether a task was started is not known") as caught:
        Tasks(Broken()).run(ASKED)  # type: ignore[arg-type]

    assert caught.value.exit is Exit.FAILED


@pytest.mark.parametrize(
    ("method", "action"), [("run", "ecs:RunTask"), ("task", "ecs:DescribeTasks"),
                           ("stop", "ecs:StopTask")]
)  # fmt: skip
def test_a_denied_call_names_its_action(
    stub: tuple[Tasks, Stubber], method: str, action: str
) -> None:
    tasks, stubber = stub
    operation = {"run": "run_task", "task": "describe_tasks", "stop": "stop_task"}[method]
    stubber.add_client_error(operation, "AccessDeniedException", "no")
    words: dict[str, tuple[Any, ...]] = {"run": (ASKED,), "task": ("prod", ARN)}

    with pytest.raises(StepError) as caught:
        getattr(tasks, method)(*words.get(method, ("prod", ARN, "x")))

    assert (caught.value.exit, caught.value.hint) == (
        Exit.ACCESS,
        f"allow the role the action {action}",
    )
