"""The stories that end a wait, as the API shows them from second to second."""

from typing import Any

import pytest

from ecsstep.sandbox.api import ApiError
from ecsstep.sandbox.faults import BrokenConnection, Faults
from ecsstep.sandbox.server import Sandbox
from ecsstep.sandbox.targets import health
from ecsstep.steps.wait_stable import main
from fake_sandbox import EcsWorld, an_ecs
from fakes import invoke


def paused() -> tuple[EcsWorld, str, str]:
    """Return a deployment that waits for a person, its record's ARN and the hook's id."""
    ecs = an_ecs("pause-hook")
    ecs.deploy()
    record = ecs.go_to(60).record()
    [hook] = record["lifecycleHookDetails"]
    assert (record["lifecycleStage"], hook["status"]) == (
        "POST_TEST_TRAFFIC_SHIFT",
        "AWAITING_ACTION",
    )
    return ecs, record["serviceDeploymentArn"], hook["hookId"]


def test_a_blue_green_deployment_keeps_the_old_tasks_until_it_cleans_up() -> None:
    ecs = an_ecs("blue-green")
    ours = ecs.deploy()

    baking = ecs.go_to(60)
    assert baking.record()["lifecycleStage"] == "BAKE_TIME"
    target = baking.record()["targetServiceRevision"]
    assert (target["requestedProductionTrafficWeight"], target["runningTaskCount"]) == (100, 1)
    assert len(baking.tasks()) == 2

    done = ecs.go_to(150)
    assert done.record()["status"] == "SUCCESSFUL"
    assert [each["startedBy"] for each in done.tasks()] == [ours]
    # Documented for rolling deployments only.
    assert "rolloutState" not in done.service()["deployments"][0]


def test_a_pause_goes_on_when_somebody_says_so() -> None:
    ecs, arn, hook = paused()

    ecs.call("ContinueServiceDeployment", serviceDeploymentArn=arn, hookId=hook, action="CONTINUE")

    assert ecs.go_to(120).record()["status"] == "SUCCESSFUL"


def test_a_pause_may_be_answered_by_a_rollback() -> None:
    ecs, arn, hook = paused()

    ecs.call("ContinueServiceDeployment", serviceDeploymentArn=arn, hookId=hook, action="ROLLBACK")

    assert ecs.record()["status"] == "ROLLBACK_IN_PROGRESS"
    assert ecs.go_to(200).record()["status"] == "ROLLBACK_SUCCESSFUL"


def test_an_unknown_pause_or_deployment_is_refused() -> None:
    ecs, arn, hook = paused()

    with pytest.raises(ApiError, match="isn't awaiting"):
        ecs.call("ContinueServiceDeployment", serviceDeploymentArn=arn, hookId="other")
    with pytest.raises(ApiError, match="was not found"):
        ecs.call("ContinueServiceDeployment", serviceDeploymentArn=f"{arn}x", hookId=hook)


def test_an_alarm_sends_the_deployment_back() -> None:
    ecs = an_ecs("alarm")
    ecs.deploy()

    record = ecs.go_to(13).record()

    assert record["status"] == "ROLLBACK_IN_PROGRESS"
    assert record["alarms"]["triggeredAlarmNames"] == ["web-5xx"]
    assert ecs.go_to(90).record()["status"] == "ROLLBACK_SUCCESSFUL"


def test_an_alarm_after_the_end_changes_nothing() -> None:
    ecs = an_ecs("alarm", alarm_after=100)
    ecs.deploy()

    assert ecs.go_to(120).record()["status"] == "SUCCESSFUL"


def test_somebody_may_stop_it() -> None:
    ecs = an_ecs("stopped")
    ecs.deploy()

    record = ecs.go_to(7).record()

    assert record["status"] == "ROLLBACK_REQUESTED"
    assert record["rollback"]["reason"] == "Service deployment stopped by the user."


def test_a_breaker_without_rollback_leaves_it_there() -> None:
    ecs = an_ecs("failed")
    ours = ecs.deploy()

    record = ecs.go_to(60).record()

    assert (record["status"], record["deploymentCircuitBreaker"]["status"]) == (
        "STOPPED",
        "TRIGGERED",
    )
    deployment = ecs.service()["deployments"][0]
    assert (deployment["id"], deployment["rolloutState"]) == (ours, "FAILED")


def test_a_slow_start_comes_up_in_the_end() -> None:
    ecs = an_ecs("slow-start")
    ecs.deploy()

    assert ecs.go_to(170).service()["runningCount"] == 1
    assert ecs.go_to(240).record()["status"] == "SUCCESSFUL"


@pytest.mark.parametrize(
    ("scenario", "code", "words"),
    [
        ("out-of-memory", "EssentialContainerExited", "OutOfMemoryError"),
        ("secret-denied", "TaskFailedToStart", "ResourceInitializationError"),
    ],
)
def test_a_task_ends_with_ecs_own_words(scenario: str, code: str, words: str) -> None:
    ecs = an_ecs(scenario)
    ecs.deploy()

    task = ecs.go_to(14).tasks(status="STOPPED")[0]

    assert task["stopCode"] == code
    assert task["containers"][0]["reason"].startswith(words)


def test_the_load_balancer_finds_a_task_unhealthy() -> None:
    ecs = an_ecs("unhealthy")
    ecs.deploy()

    task = ecs.go_to(25).tasks(status="STOPPED")[0]

    [balancer] = ecs.service()["loadBalancers"]
    assert task["stopCode"] == "ServiceSchedulerInitiated"
    assert task["stoppedReason"] == (
        f"Task failed ELB health checks in (target-group {balancer['targetGroupArn']})"
    )
    assert ecs.service()["deployments"][0]["failedTasks"] >= 1


@pytest.mark.parametrize(("words", "count"), [("502 <&", 1), ("", 0)])
def test_the_targets_health_is_what_elastic_load_balancing_says(words: str, count: int) -> None:
    text = health(words).get_data(as_text=True)

    assert text.count("<State>unhealthy</State>") == count
    assert "<&" not in text


def test_every_second_call_is_throttled_and_every_third_connection_breaks() -> None:
    faults = Faults({"ecs:ListTasks": "Stumbling", "ecr:*": "Reset"}, account="1", region="r")

    def goes_well(action: str) -> bool:
        try:
            faults.check(action, {})
        except (ApiError, BrokenConnection):
            return False
        return True

    assert [goes_well("ecs:ListTasks") for _ in range(4)] == [False, True, False, True]
    assert [goes_well("ecr:GetImage") for _ in range(4)] == [False, True, True, False]
    assert goes_well("ecs:DescribeTasks")


def test_the_step_that_waits_shows_what_the_health_checks_see(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Sandbox("unhealthy", look=60, environ={}) as sandbox:
        environ = sandbox.environ()
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        service = aws(sandbox, "ecs").update_service(
            cluster="demo", service="web", forceNewDeployment=True
        )["service"]

        ended = invoke(
            main, "--cluster", "demo", "--service", "web",
            "--deployment", service["deployments"][0]["id"],
            "--query", "targets[].description", environ=environ,
        )  # fmt: skip

    assert (ended.code, ended.out) == (3, "Health checks failed with these codes: [502]\n")
    assert "app: GET /health 502" in ended.err
