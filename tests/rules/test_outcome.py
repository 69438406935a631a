"""How a wait ended, in words."""

from typing import Any

import pytest

from ecs_fakes import OTHER_ID, TRIPPED, a_container, a_deployment, a_task, an_event
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.rules.outcome import (
    Outcome,
    blamed,
    health_lines,
    likely,
    lines_for,
    outcome_of,
    revision,
    told,
    unfinished,
    worst,
)
from ecsstep.rules.rollout import (
    Deployed,
    Failed,
    Going,
    Gone,
    Hopeless,
    Mistaken,
    Reached,
    RolledBack,
    Stopped,
    Superseded,
    Unknown,
    Verdict,
)
from ecsstep.rules.service import TargetHealth
from ecsstep.rules.stops import grouped

OTHER = a_deployment(OTHER_ID, taskdef="arn:aws:ecs:us-east-1:1:task-definition/web:9")
EXITED = grouped([a_task()])[0]
PULLED = grouped(
    [
        a_task(
            a_container(code=None, reason="CannotPullContainerError: not found"),
            code="TaskFailedToStart",
            reason="Task failed to start",
        )
    ]
)[0]
ODD = grouped([a_task(a_container(code=None), reason="odd", code="")])[0]
SCALED = grouped([a_task(a_container(code=143), reason="Scaling activity initiated by (x)")])[0]


@pytest.mark.parametrize(
    ("verdict", "word", "code", "reason"),
    [
        (Deployed(deployment=a_deployment(reason="all good")), "deployed", 0, "all good"),
        (Deployed(deployment=a_deployment()), "deployed", 0, "completed"),
        (
            Deployed(deployment=a_deployment(desired=0, reason="all good")),
            "deployed",
            0,
            "completed, and the service wants no task: nothing runs",
        ),
        (RolledBack(reason=TRIPPED), "rolled-back", 3, TRIPPED),
        (RolledBack(reason=""), "rolled-back", 3, "ECS gives no reason"),
        (Failed(reason=TRIPPED), "failed", 3, TRIPPED),
        (Failed(reason=""), "failed", 3, "ECS gives no reason"),
        (Stopped(reason="by ops"), "stopped", 3, "by ops"),
        (Stopped(reason=""), "stopped", 3, "ECS gives no reason"),
        (Gone(status="MISSING"), "gone", 3, "the cluster has no service of this name (any more)"),
        (Gone(status="DRAINING"), "gone", 3, "the service is deleted (DRAINING)"),
        (Superseded(by=OTHER), "superseded", 4, f"it was replaced by '{OTHER_ID}' with web:9"),
        (Superseded(by=None), "superseded", 4, "it was replaced by another"),
        (
            Going(deployment=a_deployment(running=1, failed=3)),
            "timeout",
            124,
            "it is still under way: 1 of 2 tasks running, 3 failed",
        ),
        (Unknown(), "timeout", 124, "ECS never listed the deployment"),
        (Hopeless(reason="no image"), "failed", 3, "hopeless: no image"),
        (Reached(stage="BAKE_TIME"), "reached", 0, "it has come to BAKE_TIME"),
    ],
)
def test_every_verdict_has_a_word_a_code_and_a_reason(
    verdict: Verdict, word: str, code: int, reason: str
) -> None:
    assert outcome_of(verdict) == Outcome(word=word, exit=Exit(code), reason=reason)


ROLLED_BACK = outcome_of(RolledBack(reason=TRIPPED))
TIMEOUT = outcome_of(Going(deployment=a_deployment()))


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        pytest.param([], None, id="none"),
        pytest.param([EXITED, PULLED], EXITED, id="the most frequent one"),
        pytest.param([ODD, PULLED], PULLED, id="one whose cause is known"),
        pytest.param([ODD], ODD, id="one whose cause isn't known, if it is alone"),
        pytest.param([SCALED], None, id="never what ECS took away by plan"),
        pytest.param([SCALED, ODD], ODD, id="the other one"),
    ],
)
def test_the_tasks_that_tell_most_are_blamed(groups: Any, expected: Any) -> None:
    assert blamed(groups) == expected


@pytest.mark.parametrize(
    ("group", "reason", "expected"),
    [
        pytest.param(PULLED, "", "image-missing", id="the tasks"),
        pytest.param(ODD, "Task failed ELB health checks", "load-balancer-health-check", id="ECS"),
        pytest.param(
            None, "Task failed container health checks", "container-health-check", id="no task"
        ),
        pytest.param(None, "", None, id="nothing"),
    ],
)
def test_the_cause_is_in_the_tasks_or_else_in_ecs_reason(
    group: Any, reason: str, expected: str | None
) -> None:
    found = likely(group, outcome_of(Failed(reason=reason)))

    assert (found and found.name) == expected


def test_our_own_words_are_searched_for_no_cause() -> None:
    by = a_deployment(OTHER_ID, taskdef="x/RESOURCE:ENI")

    assert likely(None, outcome_of(Superseded(by=by))) is None


def test_the_lines_that_say_why_stand_in_their_order() -> None:
    cause = likely(EXITED, ROLLED_BACK)

    assert lines_for(
        cause, [EXITED], [an_event("has started 1 tasks.")], ("app", ("one\n", "two"))
    ) == (
        (
            "likely cause: an essential container ends by itself; read its log, run the image "
            "locally"
        ),
        ("1 task stopped: Essential container in task exited; container 'app' exited with code 1"),
        "service events since the start:",
        "  03:04:06Z (service web) has started 1 tasks.",
        "last log lines of container 'app':",
        "  one",
        "  two",
    )


def test_what_is_not_known_has_no_line() -> None:
    assert lines_for(None, [], [], None) == ()
    [no_lines] = lines_for(None, [], [], ("app", ()))
    assert no_lines.startswith("no log lines of container 'app': its stream in CloudWatch Logs is")


def test_health_checks_are_told_with_the_containers_own_first() -> None:
    target = TargetHealth(group_arn="arn/web-tg/1", target="10.0.0.1:80", state="initial")

    assert health_lines([target] * 9, ["b", "a", "b"]) == (
        "container 'a' runs and fails its own health check: 1 task",
        "container 'b' runs and fails its own health check: 2 tasks",
        *["target group 'web-tg': 10.0.0.1:80 is initial"] * 5,
    )


def test_last_words_tell_more_than_that_a_container_ended() -> None:
    words = ["exec /run.sh: exec format error"]

    by_words = likely(EXITED, ROLLED_BACK, (), words)
    by_code = likely(PULLED, ROLLED_BACK, (), words)

    assert by_words is not None
    assert by_words.name == "wrong-architecture"
    assert by_code is not None
    assert by_code.name == "image-missing"


@pytest.mark.parametrize(
    ("error", "word", "code"),
    [
        (StepError("throttled", exit=Exit.TEMPORARY), "unfinished", 75),
        (StepError("no such deployment", exit=Exit.USAGE), "unknown", 2),
        (KeyboardInterrupt(), "unfinished", 130),
        (Terminated(), "unfinished", 143),
    ],
)
def test_what_ends_before_the_deployment_does_is_told_so(
    error: BaseException, word: str, code: int
) -> None:
    found = unfinished(error)

    assert (found.word, found.exit) == (word, code)
    assert found.reason


def test_what_was_named_wrongly_is_worse_than_superseded() -> None:
    wrong, superseded = outcome_of(Mistaken(message="no")), outcome_of(Superseded(by=None))

    assert (wrong.word, wrong.exit, wrong.reason) == ("unknown", Exit.USAGE, "no")
    assert worst([superseded, wrong]) == wrong
    assert worst([wrong, TIMEOUT]) == TIMEOUT


def test_a_group_in_json_names_its_members() -> None:
    assert told(EXITED) == {
        "count": 1,
        "reason": "Essential container in task exited",
        "stopCode": "EssentialContainerExited",
        "containers": [{"name": "app", "exitCode": 1, "reason": ""}],
    }


def test_a_revision_is_named_shortly() -> None:
    assert revision("arn:aws:ecs:us-east-1:1:task-definition/web:9") == "web:9"


def test_what_no_task_tells_the_events_may_tell() -> None:
    events = [
        an_event("was unable to place a task because no container instance met the needs."),
        an_event("has started 1 tasks."),
    ]

    cause = likely(None, TIMEOUT, events)

    assert cause is not None
    assert cause.name == "no-capacity"
    assert likely(None, TIMEOUT, events[1:]) is None


def test_the_worst_of_several_is_failed_then_timeout_then_superseded() -> None:
    deployed, superseded = outcome_of(Deployed(deployment=OTHER)), outcome_of(Superseded(by=None))

    assert worst([deployed, superseded]) == superseded
    assert worst([deployed, superseded, TIMEOUT]) == TIMEOUT
    assert worst([deployed, ROLLED_BACK, TIMEOUT]) == ROLLED_BACK
    assert worst([deployed]) == deployed
