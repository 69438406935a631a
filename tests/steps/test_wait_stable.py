"""Waiting for one deployment, by its identity."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ecs_fakes import (
    ACCOUNT,
    BREAKER,
    DENIED,
    NEW,
    OLD,
    OLD_ID,
    OTHER_ID,
    OUR_ID,
    THROTTLED,
    TRIPPED,
    WAY_BACK,
    FakeEcs,
    a_container,
    a_deployment,
    a_record,
    a_revision,
    a_service,
    a_steady_service,
    a_task,
    an_event,
    at,
    the_old_one,
)
from ecsstep.aws.ecs import TaskDefinition
from ecsstep.core.output import Result
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.rules.codedeploy import CodeDeployment, Target
from ecsstep.rules.service import (
    Container,
    Hook,
    Revision,
    Service,
    ServiceDeployment,
    TargetHealth,
    Task,
)
from ecsstep.steps.wait_stable import main
from ecsstep.steps.wait_stable.options import Subject, WaitOptions
from ecsstep.steps.wait_stable.sources import Deployers, Sources
from ecsstep.steps.wait_stable.story import wait_stable
from fakes import FakeClock, Said, a_world, invoke

GOING = a_service(a_deployment(running=1, pending=1), the_old_one())
DEPLOYED = a_service(a_deployment(state="COMPLETED", running=2, reason="all went well"))
FAILED = a_service(a_deployment(state="FAILED", failed=3, reason=TRIPPED), the_old_one())
OTHER = a_service(a_deployment(OTHER_ID, created=9, taskdef="arn/web:3"))
ROLLED_BACK = a_service(
    a_deployment(OTHER_ID, taskdef=OLD, created=20, running=2, reason=f"{WAY_BACK} {OTHER_ID}."),
    a_deployment(status="ACTIVE", state="FAILED", failed=3, reason=TRIPPED),
    configuration=BREAKER,
)
LOGGING: dict[str, Any] = {
    "containerDefinitions": [
        {
            "name": "app",
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": "/ecs/web",
                    "awslogs-region": "eu-west-1",
                    "awslogs-stream-prefix": "web",
                },
            },
        }
    ]
}


@dataclass
class Waited:
    """A wait, and what it said."""

    result: Result
    said: Said
    ecs: FakeEcs
    logs_read: list[tuple[str, str, str, int]]
    stopped: list[str]
    calls: int = 0

    @property
    def err(self) -> str:
        return self.said.err.getvalue()


def options(**changes: Any) -> WaitOptions:
    given = {
        "cluster": "prod",
        "service": (Subject("web", None),),
        "deployment": OUR_ID,
        **changes,
    }
    return WaitOptions(**given)


@dataclass
class Watched:
    """FakeEcs behind the calls that this step makes."""

    ecs: FakeEcs
    running: Any = ()
    stopped: list[str] = field(default_factory=list)
    calls: int = 0

    def services(self, cluster: str, names: Sequence[str]) -> dict[str, Service | None]:
        self.calls += 1
        return {name: self.ecs.service(cluster, name) for name in names}

    def deployments(self, cluster: str, service: str) -> tuple[str, ...]:
        return tuple(each.arn for each in self.ecs.service_deployments(cluster, service))

    def records(self, arns: Sequence[str]) -> dict[str, ServiceDeployment]:
        self.calls += 1
        found = self.ecs.service_deployments("", "")
        return {each.arn: each for each in found if each.arn in arns}

    def revisions(self, arns: Sequence[str]) -> dict[str, Revision]:
        return {}

    def stopped_tasks(self, cluster: str, service: str, deployment: str) -> tuple[Task, ...]:
        self.calls += 2
        return self.ecs.stopped_tasks(cluster, service, deployment)

    def running_tasks(self, cluster: str, service: str, deployment: str) -> tuple[Task, ...]:
        self.calls += 2
        if isinstance(self.running, BaseException):
            raise self.running
        return tuple(task for task in self.running if task.started_by == deployment)

    def task_definition(self, name: str) -> TaskDefinition:
        return self.ecs.task_definition(name)

    def stop_deployment(self, arn: str) -> None:
        self.stopped.append(arn)


class NoCodeDeploy:
    """CodeDeploy, where nothing of it is used."""

    def deployment(self, deployment: str) -> CodeDeployment | None:
        raise AssertionError(deployment)

    def targets(self, deployment: str) -> tuple[Target, ...]:
        raise AssertionError(deployment)

    def stop_deployment(self, deployment: str) -> None:
        raise AssertionError(deployment)


def wait(
    *services: Service | BaseException | None,
    read_log: Callable[..., tuple[str, ...]] | None = None,
    said: Said | None = None,
    watched: "Watched | None" = None,
    tasks: Any = (),
    records: Any = (),
    revisions: Any = None,
    running: Any = (),
    sick: Any = (),
    code: Any = None,
    parts_of: Callable[[str], frozenset[str] | None] = lambda _: frozenset(),
    **changes: Any,
) -> Waited:
    said = said or a_world()
    ecs = FakeEcs(
        services=list(services),
        tasks=tasks,
        records=records,
        revisions=revisions or {NEW: a_revision(LOGGING, arn=NEW)},
    )
    logs_read: list[tuple[str, str, str, int]] = []

    def reads(*what: Any) -> tuple[str, ...]:
        logs_read.append(what)
        return read_log(*what) if read_log else ("starting", "boom")

    watched = watched or Watched(ecs, running=running)
    deployers = Deployers(ecs=watched, code=lambda: code or NoCodeDeploy())
    sources = Sources(
        deployers=deployers,
        hurried=lambda: deployers,
        read_log=reads,
        sick_targets=lambda _: sick,
        parts_of=parts_of,
    )
    result = wait_stable(options(**changes), said.world, sources)
    return Waited(result=result, said=said, ecs=ecs, logs_read=logs_read, stopped=watched.stopped)


@pytest.mark.parametrize(
    ("services", "word", "code", "message"),
    [
        pytest.param([GOING, GOING, DEPLOYED], "deployed", 0, "", id="deployed"),
        pytest.param(
            [GOING, FAILED],
            "failed",
            3,
            f"deployment '{OUR_ID}' of service 'web': failed: {TRIPPED}",
            id="failed",
        ),
        pytest.param(
            [GOING, ROLLED_BACK],
            "rolled-back",
            3,
            f"deployment '{OUR_ID}' of service 'web': rolled-back: {TRIPPED}",
            id="rolled back, under a new id",
        ),
        pytest.param(
            [GOING, a_steady_service(events=[an_event(f"rolling back to deployment {OLD_ID}.")])],
            "rolled-back",
            3,
            f"deployment '{OUR_ID}' of service 'web': rolled-back: ECS gives no reason",
            id="rolled back, under the old id",
        ),
        pytest.param(
            [GOING, OTHER],
            "superseded",
            4,
            f"deployment '{OUR_ID}' of service 'web': superseded: it was replaced by "
            f"'{OTHER_ID}' with web:3",
            id="superseded",
        ),
        pytest.param(
            [GOING, None],
            "gone",
            3,
            f"deployment '{OUR_ID}' of service 'web': gone: the cluster has no service of this "
            "name (any more)",
            id="gone",
        ),
        pytest.param(
            [a_service(status="INACTIVE")],
            "gone",
            3,
            f"deployment '{OUR_ID}' of service 'web': gone: the service is deleted (INACTIVE)",
            id="gone from the start",
        ),
        pytest.param(
            [GOING],
            "timeout",
            124,
            f"deployment '{OUR_ID}' of service 'web': timeout: it is still under way: 1 of 2 tasks "
            "running, 0 failed",
            id="timeout",
        ),
    ],
)
def test_every_outcome_has_its_word_code_and_message(
    services: Any, word: str, code: int, message: str
) -> None:
    result = wait(*services).result

    assert result.lines == (word,)
    assert (result.exit, result.message, result.data["outcome"]) == (code, message, word)


def test_a_deployment_that_a_person_stopped_is_red() -> None:
    back = a_steady_service()

    result = wait(GOING, back, records=[a_record("STOPPED", reason="stopped by ops")]).result

    assert (result.lines, result.exit) == (("stopped",), Exit.FAILED)
    assert result.message.endswith("stopped: stopped by ops")


def test_a_forced_deployment_of_the_same_revision_that_is_rolled_back_is_red() -> None:
    forced = a_service(a_deployment(taskdef=OLD), the_old_one())
    back = a_service(
        a_deployment(OTHER_ID, taskdef=OLD, created=9, state="COMPLETED", running=2),
        events=[
            an_event(f"rolling back to deployment {OTHER_ID}."),
            an_event(f"(deployment {OUR_ID}) deployment failed: tasks failed to start."),
        ],
    )

    result = wait(forced, back).result

    assert (result.lines, result.exit) == (("rolled-back",), Exit.FAILED)
    assert result.data["reason"] == "tasks failed to start."


def test_it_is_red_as_soon_as_the_outcome_is_sure_not_when_the_way_back_is_done() -> None:
    waited = wait(GOING, ROLLED_BACK, interval=5)

    assert waited.said.clock.slept == [5]


def test_the_whole_result_of_a_deployment_that_went_well() -> None:
    waited = wait(GOING, DEPLOYED)

    assert waited.result == Result(
        lines=("deployed",),
        data={
            "outcome": "deployed",
            "reason": "all went well",
            "deployment": OUR_ID,
            "service": "web",
            "counts": {"desired": 2, "running": 2, "pending": 0, "failed": 0},
            "causes": [],
            "stopped": [],
            "targets": [],
            "images": [],
            "events": [],
            "log": None,
            "hint": "",
            "timeline": [
                {
                    "at": "2026-01-02T03:04:05+00:00",
                    "state": "IN_PROGRESS",
                    "desired": 2,
                    "running": 1,
                    "pending": 1,
                    "failed": 0,
                    "others": 2,
                },
                {
                    "at": "2026-01-02T03:04:10+00:00",
                    "state": "COMPLETED",
                    "desired": 2,
                    "running": 2,
                    "pending": 0,
                    "failed": 0,
                    "others": 0,
                },
            ],
        },
    )
    assert waited.err.splitlines() == [
        f"step: waiting  service=web  deployment={OUR_ID}  timeout=30m",
        "step: 1 of 2 tasks running  pending=1  failed=0  old=2  state=IN_PROGRESS",
        "step: 2 of 2 tasks running  pending=0  failed=0  state=COMPLETED",
        f'step: deployed  deployment={OUR_ID}  reason="all went well"',
    ]


def test_what_does_not_change_is_said_once() -> None:
    assert wait(GOING, GOING, GOING, DEPLOYED).err.count("1 of 2 tasks running") == 1


def test_nothing_is_deployed_where_nothing_is_wanted_and_that_is_said() -> None:
    result = wait(a_service(a_deployment(state="COMPLETED", desired=0))).result

    assert (result.lines, result.exit) == (("deployed",), Exit.OK)
    assert result.data["reason"] == "completed, and the service wants no task: nothing runs"


def test_a_bad_outcome_says_why_in_the_order_of_use() -> None:
    events = [
        an_event("was unable to start a task.", seconds=4),
        an_event("has reached a steady state.", seconds=-5),
    ]
    bad = a_service(
        *ROLLED_BACK.deployments, events=events, configuration=ROLLED_BACK.configuration
    )
    tasks = [
        a_task(a_container(), a_container("log", 137), task_id="t1"),
        a_task(a_container(), a_container("log", 137), task_id="t2", stopped=6),
        a_task(task_id="t3", started_by=OTHER_ID),
    ]

    waited = wait(GOING, bad, tasks=tasks, logs=2)

    assert waited.result.why == (
        (
            "likely cause: an essential container ends by itself; read its log, run the image "
            "locally"
        ),
        (
            "2 tasks stopped: Essential container in task exited; container 'app' exited with "
            "code 1; container 'log' exited with code 137"
        ),
        "service events since the start:",
        "  03:04:09Z (service web) was unable to start a task.",
        "last log lines of container 'app':",
        "  starting",
        "  boom",
    )
    assert waited.result.hint == (
        f"container 'app' exited with code 1 (ECS: {TRIPPED}); read its log, run the image "
        "locally; the service goes back to the old revision; mend this one and deploy again, or "
        "return to one that is known to work: service-update --cluster prod --service web "
        '--taskdef "$ECSSTEP_PREVIOUS_TASKDEF_ARN"'
    )
    assert waited.logs_read == [("eu-west-1", "/ecs/web", "web/app/t2", 2)]
    assert waited.result.data["causes"] == ["essential-container-exited"]
    assert waited.result.data["stopped"] == [
        {
            "count": 2,
            "reason": "Essential container in task exited",
            "stopCode": "EssentialContainerExited",
            "containers": [
                {"name": "app", "exitCode": 1, "reason": ""},
                {"name": "log", "exitCode": 137, "reason": ""},
            ],
        }
    ]


@pytest.mark.parametrize(
    ("changes", "read"),
    [
        pytest.param({"logs": 0}, 0, id="not wanted"),
        pytest.param({"tasks": []}, 0, id="no stopped task"),
        pytest.param({"tasks": [a_task(a_container(code=0))]}, 0, id="no failing container"),
        pytest.param({"tasks": [a_task(a_container("log"))]}, 0, id="it has no log"),
        pytest.param(
            {"tasks": [a_task(a_container(code=None, reason="CannotPull"))]}, 0, id="it never ran"
        ),
        pytest.param({}, 1, id="otherwise"),
    ],
)
def test_a_log_is_read_where_there_is_one(changes: Any, read: int) -> None:
    waited = wait(FAILED, **{"tasks": [a_task()], **changes})

    assert len(waited.logs_read) == read
    assert ("last log lines" in "".join(waited.result.why)) is bool(read)


def test_denied_reads_hide_nothing_of_the_outcome() -> None:
    waited = wait(GOING, ROLLED_BACK, tasks=DENIED, records=DENIED)

    assert (waited.result.lines, waited.result.exit) == (("rolled-back",), Exit.FAILED)
    assert waited.result.message.endswith(TRIPPED)
    assert waited.err.splitlines()[-3:] == [
        "step: gathering the reasons  outcome=rolled-back",
        'step: warning: the stopped tasks can\'t be read  reason="not authorized"',
        "step: hint: allow the role the action ecs:X",
    ]


def test_a_denied_task_definition_or_log_leaves_the_stopped_tasks() -> None:
    def denied(*_: Any) -> tuple[str, ...]:
        raise DENIED

    no_definition = wait(FAILED, tasks=[a_task()], revisions={NEW: DENIED})
    no_log = wait(FAILED, tasks=[a_task()], read_log=denied)

    assert "warning: the task definition can't be read" in no_definition.err
    assert "warning: the log '/ecs/web' can't be read" in no_log.err
    for waited in (no_definition, no_log):
        assert waited.result.why[-1].startswith("1 task stopped")


# Looks that go wrong


def test_a_look_that_went_wrong_is_no_outcome() -> None:
    waited = wait(GOING, THROTTLED, THROTTLED, DEPLOYED)

    assert waited.result.lines == ("deployed",)
    assert waited.err.count("warning: this look failed, trying again") == 2


def test_many_in_a_row_are_an_outage_and_what_is_known_is_said() -> None:
    said = a_world()

    with pytest.raises(StepError) as caught:
        wait(GOING, THROTTLED, said=said)

    assert caught.value is THROTTLED
    assert len(said.clock.slept) == 5
    assert said.err.getvalue().splitlines()[-2:] == [
        (
            "step: warning: no longer watching; the deployment goes on in ECS  desired=2  running=1"
            "  pending=1  failed=0"
        ),
        (
            "step: hint: watch it again: wait-stable --cluster prod --service web --deployment "
            f"{OUR_ID}"
        ),
    ]


def test_throttled_side_calls_are_left_out_and_the_looks_become_rarer() -> None:
    dying = a_service(a_deployment(failed=9), the_old_one())

    waited = wait(*[GOING] * 3, *[dying] * 20, DEPLOYED, tasks=THROTTLED, timeout=3600)

    assert (waited.result.lines, waited.result.exit) == (("deployed",), Exit.OK)
    assert max(waited.said.clock.slept) == 80


def test_the_looks_that_went_wrong_must_be_in_a_row() -> None:
    broken = [THROTTLED] * 4

    assert wait(GOING, *broken, GOING, *broken, DEPLOYED).result.lines == ("deployed",)


def test_a_denied_look_ends_the_wait_at_once() -> None:
    with pytest.raises(StepError) as caught:
        wait(DENIED)

    assert caught.value is DENIED


def test_a_deployment_that_was_never_seen_is_not_timed_out_but_not_known() -> None:
    with pytest.raises(StepError) as caught:
        wait(THROTTLED, timeout=8)

    assert caught.value is THROTTLED


def test_a_timeout_with_a_broken_last_look_tells_what_was_seen_before() -> None:
    result = wait(GOING, THROTTLED, timeout=8).result

    assert (result.lines, result.exit) == (("timeout",), Exit.TIMEOUT)


# Which deployment


def test_a_deployment_that_ecs_lists_a_moment_later_is_found() -> None:
    assert wait(a_steady_service(), a_steady_service(), GOING, DEPLOYED).result.lines == (
        "deployed",
    )


def test_an_id_that_ecs_does_not_list_within_a_minute_is_a_mistake() -> None:
    said = a_world()

    with pytest.raises(StepError) as caught:
        wait(a_steady_service(), said=said)

    assert (caught.value.message, caught.value.exit) == (
        f"service 'web' has no deployment '{OUR_ID}'",
        Exit.USAGE,
    )
    [why] = caught.value.why
    assert why.startswith(f"it runs deployment '{OLD_ID}' of web:1 since 2")
    assert said.clock.elapsed == 60
    assert "no longer watching" not in said.err.getvalue()


def test_a_rerun_for_a_deployment_that_was_replaced_ends_as_before() -> None:
    """ECS lists it no more, and its stopped tasks tell for an hour that it was there."""
    result = wait(OTHER, tasks=[a_task()]).result

    assert (result.lines, result.exit) == (("superseded",), Exit.SUPERSEDED)
    assert result.hint.endswith(f"--cluster prod --service web --deployment {OTHER_ID}")


def test_an_id_that_ecs_does_not_list_within_the_time_is_a_timeout() -> None:
    result = wait(a_steady_service(), timeout=10).result

    assert (result.exit, result.data["reason"]) == (
        Exit.TIMEOUT,
        "ECS never listed the deployment",
    )


def test_without_an_id_the_primary_one_is_followed_and_that_is_warned_of() -> None:
    waited = wait(GOING, DEPLOYED, deployment=None)

    assert waited.result.data["deployment"] == OUR_ID
    assert "warning: no deployment was given: following the primary one" in waited.err


def test_without_an_id_the_way_back_of_another_one_is_red() -> None:
    back = a_steady_service(events=[an_event(f"rolled back to deployment {OLD_ID}.")])

    result = wait(back, deployment=None).result

    assert (result.lines, result.exit) == (("rolled-back",), Exit.FAILED)


def test_a_service_that_is_gone_is_told_without_an_id_too() -> None:
    result = wait(a_service(status="INACTIVE"), deployment=None).result

    assert (result.lines, result.exit, result.message) == (
        ("gone",),
        Exit.FAILED,
        "service 'web': gone: the service is deleted (INACTIVE)",
    )


def test_a_service_without_a_deployment_has_nothing_to_wait_for() -> None:
    with pytest.raises(StepError, match="service 'web' has no deployment to wait for") as caught:
        wait(a_service(), deployment=None)

    assert caught.value.exit is Exit.USAGE


def test_a_missing_service_is_a_mistake_where_no_deployment_was_given() -> None:
    with pytest.raises(StepError) as caught:
        wait(None, deployment=None)

    assert (caught.value.message, caught.value.exit, caught.value.hint) == (
        "there is no service 'web' in cluster 'prod'",
        Exit.USAGE,
        "aws ecs list-services --cluster prod",
    )


def test_a_service_of_another_controller_is_a_mistake() -> None:
    with pytest.raises(StepError) as caught:
        wait(a_service(controller="CODE_DEPLOY"))

    assert (caught.value.message, caught.value.exit) == (
        "service 'web' is deployed by CODE_DEPLOY, not by ECS itself",
        Exit.USAGE,
    )


# What looks like another deployment


def test_another_deployment_is_believed_at_the_second_look() -> None:
    back = a_service(
        a_deployment(OTHER_ID, taskdef=OLD, created=9, reason=f"{WAY_BACK} {OTHER_ID}.")
    )

    assert wait(GOING, OTHER, back).result.lines == ("rolled-back",)
    assert len(wait(GOING, OTHER).said.clock.slept) == 2


def test_ecs_own_record_tells_a_rollback_that_looks_like_another_deployment() -> None:
    result = wait(GOING, OTHER, records=[a_record("ROLLBACK_IN_PROGRESS", rollback="alarm")]).result

    assert (result.lines, result.data["reason"]) == (("rolled-back",), "alarm")


# Ends by signals


@pytest.mark.parametrize("signal", [KeyboardInterrupt(), Terminated()])
def test_a_signal_during_the_wait_says_what_is_known(signal: BaseException) -> None:
    class Interrupted(FakeClock):
        def sleep(self, seconds: float) -> None:
            raise signal

    said = a_world()
    object.__setattr__(said.world, "clock", Interrupted())

    with pytest.raises(type(signal)):
        wait(GOING, said=said)

    assert "no longer watching; the deployment goes on in ECS  desired=2  running=1" in (
        said.err.getvalue()
    )


def test_of_what_was_never_listed_nothing_is_said_to_go_on() -> None:
    said = a_world()

    with pytest.raises(StepError):
        wait(a_steady_service(), DENIED, said=said)

    assert "goes on in ECS" not in said.err.getvalue()


def test_a_last_look_that_is_denied_stops_nothing() -> None:
    going = a_record("IN_PROGRESS")
    said = a_world()
    object.__setattr__(said.world, "clock", Ended(1))
    watched = Watched(FakeEcs(services=[GOING, DENIED], records=[going]))

    with pytest.raises(Terminated):
        wait(watched=watched, said=said, on_cancel="rollback")

    assert watched.stopped == []


def test_what_has_ended_does_not_go_on() -> None:
    said = a_world()
    several = Several(web=[FAILED], worker=[worker("IN_PROGRESS"), DENIED])

    with pytest.raises(StepError):
        wait(watched=several, said=said, **BOTH)

    text = said.err.getvalue()
    assert f'it has ended: failed  service=web  reason="{TRIPPED}"' in text
    assert text.count("goes on in ECS") == 1


def test_a_signal_before_the_first_look_has_nothing_to_say() -> None:
    said = a_world()

    with pytest.raises(KeyboardInterrupt):
        wait(KeyboardInterrupt(), said=said)

    assert said.err.getvalue() == ""


# The command


def test_all_mistakes_of_the_arguments_are_told_at_once() -> None:
    ended = invoke(main, "--timeout", "soon", "--interval", "0", "--logs", "-1")

    assert (ended.code, ended.out) == (Exit.USAGE, "")
    for said in (
        "--cluster is missing: give --cluster or ECSSTEP_CLUSTER or ECS_CLUSTER",
        "--service is missing",
        "--timeout: 'soon' is not a duration",
        "--interval: '0' is no time at all",
        "--logs: '-1' is not a whole number",
    ):
        assert said in ended.err


def test_the_id_comes_from_the_variable_that_service_update_writes() -> None:
    declared = WaitOptions.declared()["deployment"]

    assert declared.variables == ("ECSSTEP_DEPLOYMENT",)


def test_the_result_is_json() -> None:
    result = wait(GOING, ROLLED_BACK, tasks=[a_task()]).result

    assert json.loads(json.dumps(result.data)) == result.data


def test_without_credentials_nothing_is_known() -> None:
    ended = invoke(main, "--cluster", "c", "--service", "s", "--region", "eu-west-1")

    assert (ended.code, ended.out) == (Exit.ACCESS, "")
    assert "there are no AWS credentials" in ended.err


# Hopeless, the images, the load balancer

MISSING = "CannotPullContainerError: failed to resolve ref app:2: not found"
UNABLE = [
    a_task(
        a_container(code=None, reason=MISSING),
        task_id=name,
        reason=MISSING,
        code="TaskFailedToStart",
    )
    for name in "ab"
]


def test_a_deployment_whose_image_is_missing_is_red_at_once() -> None:
    failing = a_service(a_deployment(failed=2), the_old_one(), configuration=BREAKER)

    waited = wait(failing, tasks=UNABLE)

    assert (waited.result.lines, waited.result.exit) == (("failed",), Exit.FAILED)
    assert waited.result.data["reason"].startswith("hopeless: its tasks can't start")
    assert waited.said.clock.slept == []
    assert "(ECS:" not in waited.result.hint
    assert "ECS tries on until its circuit breaker gives up" in waited.result.hint


def test_a_role_that_may_not_read_tasks_waits_on_without_a_word() -> None:
    failing = a_service(a_deployment(failed=2), the_old_one())

    waited = wait(failing, DEPLOYED, tasks=DENIED)

    assert waited.result.lines == ("deployed",)
    assert "warning" not in waited.err


def test_the_digests_that_run_are_shown_and_another_than_the_pinned_one_is_red() -> None:
    pinned, other = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"

    def runs(digest: str) -> Task:
        container = Container(name="app", image=f"app@{pinned}", image_digest=digest)
        return a_task(container).replaced(status="RUNNING")

    well, bad = wait(DEPLOYED, running=[runs(pinned)]), wait(DEPLOYED, running=[runs(other)])
    mixed = wait(DEPLOYED, running=[runs(pinned), runs(other)])
    doubtful = wait(DEPLOYED, running=[runs(other)], parts_of=lambda _: None)
    platform = wait(DEPLOYED, running=[runs(other)], parts_of=lambda _: frozenset({other}))
    unread = wait(DEPLOYED, running=DENIED)

    assert well.result.data["images"] == [
        {"container": "app", "image": f"app@{pinned}", "digest": pinned, "tasks": 1}
    ]
    assert (bad.result.lines, bad.result.exit) == (("failed",), Exit.FAILED)
    assert "instead of the pinned" in bad.result.message
    assert "tasks of one container run different images  containers=app" in mixed.err
    assert (unread.result.exit, unread.result.data["images"]) == (Exit.OK, [])
    assert f"runs  container=app  tasks=1  image=app@{pinned}  digest={pinned}" in well.err
    assert (doubtful.result.exit, platform.result.exit) == (Exit.OK, Exit.OK)
    assert "container 'app' runs another digest than the pinned one" in doubtful.err
    assert "another digest" not in platform.err


def test_the_targets_that_are_not_healthy_are_shown() -> None:
    arn = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/web-tg/0"
    sick = TargetHealth(
        group_arn=arn,
        target="10.0.0.1:80",
        state="unhealthy",
        reason="Target.ResponseCodeMismatch",
        words="Health checks failed with these codes: [502]",
    )
    behind = FAILED.replaced(load_balancers=({"targetGroupArn": arn},))

    result = wait(behind, sick=(sick,)).result

    assert (
        "target group 'web-tg': 10.0.0.1:80 is unhealthy: Target.ResponseCodeMismatch: Health "
        "checks failed with these codes: [502]"
    ) in result.why
    assert result.data["targets"][0]["targetGroup"] == "web-tg"


# Several services


class Several(Watched):
    """Each service has its own answers; an exception is raised."""

    def __init__(self, **answers: list[Any]) -> None:
        super().__init__(FakeEcs())
        self.answers = answers

    def services(self, cluster: str, names: Sequence[str]) -> dict[str, Service | None]:
        found = {
            name: self.answers[name].pop(0)
            if len(self.answers[name]) > 1
            else self.answers[name][0]
            for name in names
        }
        for answer in found.values():
            if isinstance(answer, BaseException):
                raise answer
        return found


BOTH: dict[str, Any] = {
    "service": (Subject("web", OUR_ID), Subject("worker", OTHER_ID)),
    "deployment": None,
}


def worker(state: str) -> Service:
    return a_service(a_deployment(OTHER_ID, state=state, running=2), name="worker")


def test_the_worst_of_several_decides_and_one_bad_outcome_stops_no_other() -> None:
    several = Several(
        web=[GOING, FAILED], worker=[worker("IN_PROGRESS")] * 4 + [worker("COMPLETED")]
    )

    waited = wait(watched=several, **BOTH)

    assert (waited.result.lines, waited.result.exit) == (
        ("web=failed", "worker=deployed"),
        Exit.FAILED,
    )
    assert waited.result.message == "1 of 2 deployments ended badly"
    assert waited.result.why[0] == f"deployment '{OUR_ID}' of service 'web': failed: {TRIPPED}"
    assert [each["outcome"] for each in waited.result.data["services"]] == ["failed", "deployed"]
    assert waited.result.data["outcome"] == "failed"
    assert "service=worker" in waited.err


def test_several_that_went_well() -> None:
    several = Several(web=[DEPLOYED], worker=[worker("COMPLETED")])

    waited = wait(watched=several, **BOTH)

    assert (waited.result.lines, waited.result.exit) == (
        ("web=deployed", "worker=deployed"),
        Exit.OK,
    )


@pytest.mark.parametrize(
    ("answers", "deployment", "said"),
    [
        pytest.param([None], None, "there is no service 'worker' in cluster 'prod'", id="service"),
        pytest.param(
            [a_steady_service(name="worker")],
            "ecs-svc/404",
            "service 'worker' has no deployment 'ecs-svc/404'",
            id="deployment",
        ),
        pytest.param(
            [a_service(name="worker")], None, "has no deployment to wait for", id="none at all"
        ),
    ],
)
def test_a_wrong_name_among_several_takes_nothing_from_the_others(
    tmp_path: Path, answers: Any, deployment: Any, said: str
) -> None:
    file = tmp_path / "report.json"
    subjects = (Subject("web", OUR_ID), Subject("worker", deployment))
    both: dict[str, Any] = {"service": subjects, "deployment": None, "report": (str(file),)}

    bad = wait(watched=Several(web=[GOING, FAILED], worker=list(answers)), **both)
    well = wait(watched=Several(web=[GOING, DEPLOYED], worker=list(answers)), **both)

    assert (bad.result.lines, bad.result.exit) == (("web=failed", "worker=unknown"), Exit.FAILED)
    assert (well.result.lines, well.result.exit) == (
        ("web=deployed", "worker=unknown"),
        Exit.USAGE,
    )
    assert said in well.err + "".join(well.result.why)
    assert json.loads(file.read_text())["services"][0]["outcome"] == "deployed"


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("--service", "web", "--service", "web"), "--service: 'web' is given 2 times"),
        (("--service", "web="), "--service: 'web=' is not NAME or NAME=DEPLOYMENT"),
        (
            ("--service", "a", "--service", "b", "--deployment", "ecs-svc/1"),
            "--deployment names one deployment",
        ),
        (("--service", "a=ecs-svc/1", "--deployment", "d-ABCDEFGHI"), "both name a deployment"),
        (("--service", "a", "--deployment", "web:12"), "'web:12' is no deployment's id"),
        (("--service", "a=web:12"), "'web:12' is no deployment's id"),
        (
            ("--service", "web", "--service", f"{ACCOUNT}:service/prod/web"),
            "--service: 'web' is given 2 times",
        ),
        (("--service", "a", "--until", "soon"), "--until: 'soon' is no stage"),
        (("--service", "a", "--report", "x.pdf"), "or a file in .json, .md, .xml, .html"),
        (("--service", "a", "--on-timeout", "panic"), "is not one of keep, rollback"),
    ],
)
def test_mistakes_are_told(argv: tuple[str, ...], said: str) -> None:
    ended = invoke(main, "--cluster", "c", *argv)

    assert (ended.code, ended.out) == (Exit.USAGE, "")
    assert said in ended.err


@pytest.mark.parametrize("emulated", ["", "http://127.0.0.1:1"])
def test_less_than_a_second_between_looks_is_for_the_sandbox(emulated: str) -> None:
    ended = invoke(
        main, "--cluster", "c", "--service", "s", "--interval", "300ms", "--region", "eu-west-1",
        environ={"AWS_ENDPOINT_URL": emulated},
    )  # fmt: skip

    assert ("less than a second is too often" in ended.err) is (not emulated)
    assert ended.code == (Exit.ACCESS if emulated else Exit.USAGE)


def test_the_variable_of_the_deployment_is_for_one_service() -> None:
    environ = {"ECSSTEP_DEPLOYMENT": "ecs-svc/9"}
    cluster = ("--cluster", "c", "--region", "eu-west-1")
    one, other = ("--service", "a=ecs-svc/1"), ("--service", "b=ecs-svc/2")

    one_lacks = invoke(main, *cluster, *one, "--service", "b", environ=environ)
    all_named = invoke(main, *cluster, *one, *other, environ=environ)
    by_flag = invoke(main, *cluster, *one, environ=environ)

    assert "ECSSTEP_DEPLOYMENT names one deployment" in one_lacks.err
    assert (all_named.code, by_flag.code) == (Exit.ACCESS, Exit.ACCESS)


# Going back


BACK = a_record("ROLLBACK_REQUESTED", rollback="Service deployment stopped by the user.")


class Obedient(Watched):
    """ECS, which rolls back when it is asked to."""

    def stop_deployment(self, arn: str) -> None:
        super().stop_deployment(arn)
        self.ecs.records = [BACK.replaced(arn=arn)]


def test_a_timeout_may_ask_for_a_rollback_and_sees_it_begin() -> None:
    going = [a_record("IN_PROGRESS")]
    arn = going[0].arn
    watched = Obedient(FakeEcs(services=[GOING], records=going))

    waited = wait(watched=watched, timeout=8, on_timeout="rollback")

    assert waited.stopped == [arn]
    assert (waited.result.lines, waited.result.exit) == (("timeout",), Exit.TIMEOUT)
    assert waited.result.data["rollback"] == "requested"
    assert "ECS goes back to the old revision, as was asked" in waited.result.hint
    assert "the rollback has begun" in waited.err


def test_a_look_that_fails_while_the_rollback_begins_is_no_reason_to_stop_looking() -> None:
    class Stumbling(Obedient):
        def services(self, cluster: str, names: Sequence[str]) -> dict[str, Service | None]:
            if self.stopped and not self.has_stumbled:
                self.has_stumbled = True
                raise THROTTLED
            return super().services(cluster, names)

        has_stumbled = False

    watched = Stumbling(FakeEcs(services=[GOING], records=[a_record("IN_PROGRESS")]))

    waited = wait(watched=watched, timeout=8, on_timeout="rollback")

    assert watched.has_stumbled
    assert "the rollback has begun" in waited.err


def test_only_what_is_under_way_is_asked_to_go_back() -> None:
    going = worker("IN_PROGRESS").replaced(current_service_deployment="arn:worker")
    several = Several(web=[DEPLOYED], worker=[going])

    waited = wait(watched=several, **BOTH, timeout=8, on_timeout="rollback")

    assert waited.stopped == ["arn:worker"]


def test_without_a_record_the_services_own_current_one_is_stopped() -> None:
    going = GOING.replaced(current_service_deployment="arn:current")

    assert wait(going, timeout=8, on_timeout="rollback").stopped == ["arn:current"]


def test_what_ended_meanwhile_is_not_stopped() -> None:
    waited = wait(GOING, GOING, GOING, DEPLOYED, timeout=8, on_timeout="rollback")

    assert waited.stopped == []
    assert waited.result.data["rollback"] == "not needed: it is under way no more"


def test_a_rollback_that_is_refused_is_said() -> None:
    waited = wait(GOING, timeout=8, on_timeout="rollback")

    assert "the rollback can't be asked for" in waited.err
    assert waited.result.data["rollback"].startswith("refused: ECS doesn't tell")


def test_a_cancelled_wait_may_go_back_too() -> None:
    class Interrupted(FakeClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if len(self.slept) == 1:
                raise Terminated

    said = a_world()
    object.__setattr__(said.world, "clock", Interrupted())
    watched = Watched(FakeEcs(services=[GOING.replaced(current_service_deployment="arn:current")]))

    with pytest.raises(Terminated):
        wait(watched=watched, said=said, on_cancel="rollback")

    assert watched.stopped == ["arn:current"]
    assert "asked ECS to roll back" in said.err.getvalue()
    assert "goes on in ECS" not in said.err.getvalue()


class Ended(FakeClock):
    """A clock on which the step is ended after some pauses, and each call takes a while."""

    def __init__(self, pauses: int) -> None:
        super().__init__()
        self.pauses = pauses

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if len(self.slept) == self.pauses:
            raise Terminated


def test_a_throttled_last_look_is_no_reason_not_to_go_back() -> None:
    """Its own record names what is to be stopped."""

    class Busy(Watched):
        def services(self, cluster: str, names: Sequence[str]) -> dict[str, Service | None]:
            if ended.slept:
                raise THROTTLED
            return super().services(cluster, names)

    going = a_record("IN_PROGRESS")
    said, ended = a_world(), Ended(1)
    object.__setattr__(said.world, "clock", ended)
    watched = Busy(FakeEcs(services=[GOING], records=[going]))

    with pytest.raises(Terminated):
        wait(watched=watched, said=said, on_cancel="rollback")

    assert watched.stopped == [going.arn]


def test_going_back_after_a_signal_ends_within_its_grace() -> None:
    class Slow(Several):
        def services(self, cluster: str, names: Sequence[str]) -> dict[str, Service | None]:
            if ended.slept:
                ended.elapsed += 6
            return super().services(cluster, names)

    ended = Ended(1)
    said = a_world()
    object.__setattr__(said.world, "clock", ended)
    names = [f"s{number}" for number in range(4)]
    going = GOING.replaced(current_service_deployment="arn:current")
    watched = Slow(**{name: [going.replaced(name=name)] for name in names})

    with pytest.raises(Terminated):
        wait(
            watched=watched,
            said=said,
            on_cancel="rollback",
            service=tuple(Subject(name, OUR_ID) for name in names),
            deployment=None,
        )

    assert watched.stopped == ["arn:current"] * 2
    assert ended.elapsed <= 5 + 12


def test_what_cannot_be_seen_nor_named_is_not_stopped() -> None:
    class Lost(Watched):
        def services(self, cluster: str, names: Sequence[str]) -> dict[str, Service | None]:
            if self.calls:
                raise THROTTLED
            return super().services(cluster, names)

    said = a_world()
    object.__setattr__(said.world, "clock", Ended(1))
    going = GOING.replaced(current_service_deployment="arn:current")
    watched = Lost(FakeEcs(services=[going], records=DENIED))

    with pytest.raises(Terminated):
        wait(watched=watched, said=said, on_cancel="rollback")

    assert watched.stopped == []
    assert "the rollback can't be asked for" in said.err.getvalue()


@pytest.mark.parametrize(("breaker", "is_asked"), [({}, True), (BREAKER, False)])
def test_a_hopeless_deployment_that_nobody_ends_is_asked_to_go_back(
    breaker: Any, is_asked: bool
) -> None:
    going = a_record("IN_PROGRESS")
    failing = a_service(a_deployment(failed=2), the_old_one(), configuration=breaker)
    watched = Obedient(FakeEcs(services=[failing], records=[going], tasks=UNABLE))

    waited = wait(watched=watched, on_timeout="rollback")

    assert (waited.result.lines, waited.result.exit) == (("failed",), Exit.FAILED)
    assert (waited.stopped == [going.arn]) is is_asked
    assert ("ECS goes back to the old revision, as was asked" in waited.result.hint) is is_asked


# Stages, and who is waited for


def test_a_pause_is_said_once_with_the_call_that_ends_it() -> None:
    hook = Hook(
        id="h1", kind="PAUSE", status="AWAITING_ACTION", expires_at=at(60), on_timeout="ROLLBACK"
    )
    record = a_record("IN_PROGRESS").replaced(
        strategy="BLUE_GREEN",
        stage="POST_TEST_TRAFFIC_SHIFT",
        hooks=(hook,),
        production_weight=0.0,
    )

    waited = wait(GOING, records=[record], timeout=30)

    assert waited.err.count("the deployment waits for a person") == 1
    job = wait(GOING, records=[record], timeout=30, said=a_world({"GITLAB_CI": "true"})).err
    assert job.count("section_start") == job.count("section_end") == 2
    assert job.index("section_end") < job.index("waits for a person") < job.rindex("section_start")
    assert "stage=POST_TEST_TRAFFIC_SHIFT  traffic=0%" in waited.err
    assert f"continue-service-deployment --service-deployment-arn {record.arn}" in waited.err
    assert waited.result.hint.startswith("let it go on: aws ecs continue-service-deployment")


def test_a_stage_that_was_asked_for_is_reached() -> None:
    record = a_record("IN_PROGRESS").replaced(stage="BAKE_TIME")

    waited = wait(GOING, records=[record], until="PRODUCTION_TRAFFIC_SHIFT")

    assert (waited.result.lines, waited.result.exit) == (("reached",), Exit.OK)
    assert "until=PRODUCTION_TRAFFIC_SHIFT" in waited.err


@pytest.mark.parametrize(
    ("stage", "records", "reason"),
    [
        ("AllowTraffic", [], "ECS has no such stage"),
        ("BAKE_TIME", [], "ECS's own record of the deployment can't be read"),
        ("BAKE_TIME", [a_record("IN_PROGRESS")], "a rolling deployment has no stages"),
        ("BAKE_TIME", [a_record("IN_PROGRESS").replaced(strategy="CANARY")], ""),
    ],
)
def test_a_stage_that_will_not_be_seen_is_said_at_the_start(
    stage: str, records: Any, reason: str
) -> None:
    err = wait(GOING, DEPLOYED, records=records, until=stage, timeout=30).err

    assert (f"{stage} will not be seen: waiting for the end" in err) is bool(reason)
    assert reason in err


# CodeDeploy


@dataclass
class OneCodeDeploy:
    """One deployment of CodeDeploy, as it moves."""

    statuses: list[str]
    stopped: list[str] = field(default_factory=list)

    def deployment(self, deployment: str) -> CodeDeployment | None:
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if not status:
            return None
        return CodeDeployment(id=deployment, status=status, error_message="boom")

    def targets(self, deployment: str) -> tuple[Target, ...]:
        return ()

    def stop_deployment(self, deployment: str) -> None:
        self.stopped.append(deployment)


CODE_ID = "d-ABCDEFGHI"
UNDER_CODEDEPLOY = a_service(controller="CODE_DEPLOY")


@pytest.mark.parametrize(
    ("statuses", "word", "code"),
    [
        (["InProgress", "Succeeded"], "deployed", 0),
        (["Created", "Failed"], "failed", 3),
        (["Stopped"], "stopped", 3),
        (["Ready"], "timeout", 124),
    ],
)
def test_a_deployment_of_codedeploy_is_followed(statuses: list[str], word: str, code: int) -> None:
    waited = wait(UNDER_CODEDEPLOY, deployment=CODE_ID, code=OneCodeDeploy(statuses), timeout=20)

    assert (waited.result.lines, waited.result.exit) == ((word,), code)
    assert ("deployment-wait-type READY_WAIT" in waited.err) is (statuses == ["Ready"])


def test_a_deployment_of_another_service_is_not_ours() -> None:
    class Another(OneCodeDeploy):
        def targets(self, deployment: str) -> tuple[Target, ...]:
            return (Target(id="prod:blue", status="Succeeded"),)

    with pytest.raises(StepError) as caught:
        wait(UNDER_CODEDEPLOY, deployment=CODE_ID, code=Another(["Succeeded"]))

    assert (caught.value.message, caught.value.exit) == (
        f"'{CODE_ID}' deploys 'blue', not 'web'",
        Exit.USAGE,
    )


def test_a_stage_of_codedeploy_may_be_waited_for_under_codedeploy() -> None:
    code = OneCodeDeploy(["InProgress", "Succeeded"])

    waited = wait(UNDER_CODEDEPLOY, deployment=CODE_ID, code=code, until="AllowTraffic")

    assert "will not be seen" not in waited.err


def test_a_role_that_may_not_read_targets_goes_on_by_the_status() -> None:
    class Denied(OneCodeDeploy):
        def targets(self, deployment: str) -> tuple[Target, ...]:
            raise DENIED

    waited = wait(
        UNDER_CODEDEPLOY.replaced(desired=2, running=2),
        deployment=CODE_ID,
        code=Denied(["InProgress", "Succeeded"]),
    )

    assert (waited.result.lines, waited.result.exit) == (("deployed",), Exit.OK)
    assert waited.err.count("going on by CodeDeploy's status alone") == 1
    assert "nothing runs" not in waited.err


def test_a_deployment_of_codedeploy_is_stopped_by_codedeploy() -> None:
    code = OneCodeDeploy(["InProgress"])

    wait(UNDER_CODEDEPLOY, deployment=CODE_ID, code=code, timeout=8, on_timeout="rollback")

    assert code.stopped == [CODE_ID]


@pytest.mark.parametrize(
    ("service", "deployment", "said"),
    [
        (UNDER_CODEDEPLOY, OUR_ID, "is deployed by CODE_DEPLOY, not by ECS itself"),
        (a_steady_service(), CODE_ID, "is deployed by ECS itself, not by CodeDeploy"),
        (a_service(controller="EXTERNAL"), OUR_ID, "is deployed by EXTERNAL"),
        (UNDER_CODEDEPLOY, CODE_ID, f"CodeDeploy has no deployment '{CODE_ID}'"),
    ],
)
def test_an_id_of_the_other_controller_is_a_mistake(
    service: Service, deployment: str, said: str
) -> None:
    with pytest.raises(StepError, match=said) as caught:
        wait(service, deployment=deployment, code=OneCodeDeploy([""]))

    assert caught.value.exit is Exit.USAGE


# Kindness, reports, live lines


def test_no_more_calls_than_promised() -> None:
    dying = [
        a_service(a_deployment(failed=number), the_old_one(), events=[an_event(f"{number}")])
        for number in range(40)
    ]

    waited = wait(*dying, records=[a_record("IN_PROGRESS")], tasks=[a_task()], timeout=60)

    assert waited.said.clock.elapsed == 60
    assert waited.calls <= 40 + 4 + 2  # the reasons are read once more at the end


def test_it_becomes_slower_while_nothing_changes() -> None:
    assert set(wait(GOING, timeout=600).said.clock.slept) >= {5, 10, 15}


@pytest.mark.parametrize("ending", ["json", "md", "xml", "html"])
def test_a_report_has_the_form_that_its_ending_names(tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"new/report.{ending}"

    waited = wait(GOING, ROLLED_BACK, tasks=[a_task()], report=(str(file),))

    text = file.read_text(encoding="utf-8")
    assert TRIPPED in text.replace("\\", "")
    assert ending != "json" or json.loads(text) == waited.result.data


def test_a_report_that_cannot_be_written_is_a_mistake_before_the_wait(tmp_path: Path) -> None:
    taken = tmp_path / "x.md"
    taken.mkdir()

    with pytest.raises(StepError) as caught:
        wait(RuntimeError("looked"), report=(str(taken),))

    assert caught.value.exit is Exit.USAGE


def test_a_report_that_cannot_be_written_later_hides_no_bad_outcome(tmp_path: Path) -> None:
    def taken(path: Path) -> Any:
        class Taken(FakeClock):
            def sleep(self, seconds: float) -> None:
                super().sleep(seconds)
                path.unlink()
                path.mkdir()

        said = a_world()
        object.__setattr__(said.world, "clock", Taken())
        return {"said": said, "report": (str(path),)}

    bad = wait(GOING, FAILED, **taken(tmp_path / "x.md"))
    with pytest.raises(StepError) as caught:
        wait(GOING, DEPLOYED, **taken(tmp_path / "y.md"))

    assert bad.result.exit is Exit.FAILED
    assert "can't write" in bad.err
    assert caught.value.exit is Exit.USAGE


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        pytest.param(DENIED, "unfinished", id="denied"),
        pytest.param(a_service(), "unknown", id="nothing to wait for"),
        pytest.param(KeyboardInterrupt(), "unfinished", id="Ctrl-C"),
        pytest.param(Terminated(), "unfinished", id="SIGTERM"),
    ],
)
def test_a_report_of_an_earlier_run_never_stays(tmp_path: Path, answer: Any, word: str) -> None:
    file = tmp_path / "report.json"
    wait(DEPLOYED, report=(str(file),))
    before = json.loads(file.read_text())

    with pytest.raises((StepError, KeyboardInterrupt, Terminated)):
        wait(answer, deployment=None, report=(str(file),))

    assert (before["outcome"], json.loads(file.read_text())["outcome"]) == ("deployed", word)


def test_a_report_says_that_nothing_is_known_while_the_wait_goes_on(tmp_path: Path) -> None:
    file, seen = tmp_path / "report.json", []

    class Looking(FakeClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            seen.append(json.loads(file.read_text())["outcome"])

    said = a_world()
    object.__setattr__(said.world, "clock", Looking())

    wait(GOING, DEPLOYED, said=said, report=(str(file),))

    assert seen == ["unfinished"]


def test_what_has_ended_before_the_step_did_keeps_its_outcome(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    several = Several(web=[FAILED], worker=[worker("IN_PROGRESS"), DENIED])

    with pytest.raises(StepError):
        wait(watched=several, **BOTH, report=(str(file),))

    told = json.loads(file.read_text())
    assert [each["outcome"] for each in told["services"]] == ["failed", "unfinished"]
    assert told["outcome"] == "failed"


def test_in_gitlab_the_wait_is_folded() -> None:
    said = a_world({"GITLAB_CI": "true"})

    wait(GOING, DEPLOYED, said=said)

    lines = said.err.getvalue().splitlines()
    assert lines[0].startswith("\x1b[0Ksection_start:1767323045:ecsstep_wait[collapsed=true]")
    assert any("section_end:1767323050:ecsstep_wait" in line for line in lines)


def test_on_a_terminal_a_line_moves_instead() -> None:
    said = a_world()
    said.err.isatty = lambda: True  # type: ignore[method-assign]

    wait(GOING, DEPLOYED, said=said)

    text = said.err.getvalue()
    assert "web  [##########          ]  1/2 running  2 old  0:00" in text
    assert "\x1b[1F\x1b[J" in text
    assert "tasks running" not in text
