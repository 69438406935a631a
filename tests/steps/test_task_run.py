"""Running one task as a service's tasks are run, and telling its exit code."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ecs_fakes import (
    A_DEFINITION,
    ACCOUNT,
    DENIED,
    NEW,
    OLD,
    THROTTLED,
    FakeEcs,
    a_revision,
    a_steady_service,
    at,
)
from ecsstep.aws.logs import Page
from ecsstep.aws.models import input_shape, task_definition_model
from ecsstep.core.arguments import parse
from ecsstep.core.output import Result
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.rules.errand.verdict import NotPlaced
from ecsstep.rules.service import Container, Task
from ecsstep.steps.task_run import main
from ecsstep.steps.task_run.options import TaskOptions
from ecsstep.steps.task_run.sources import Sources
from ecsstep.steps.task_run.story import task_run
from fakes import Said, a_world, invoke

ARN = f"{ACCOUNT}:task/prod/t1"
NO_FAMILY = StepError("Unable to describe task definition.", exit=Exit.USAGE)
LOGGING = {
    "logConfiguration": {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": "/ecs/web",
            "awslogs-region": "eu-west-1",
            "awslogs-stream-prefix": "web",
        },
    }
}
WITH_LOG: dict[str, Any] = {
    "family": "web",
    "containerDefinitions": [{"name": "app", "image": "app:1", "memory": 128, **LOGGING}],
}
PAIR: dict[str, Any] = {
    **A_DEFINITION,
    "containerDefinitions": [
        {"name": "app", "image": "app:1", "memory": 128},
        {"name": "migrate", "image": "app:1", "memory": 128, "essential": False},
    ],
}
COMMAND = ("--", "php", "artisan", "migrate")


def a_task(
    status: str = "RUNNING", code: int | None = None, *, name: str = "app", **more: Any
) -> Task:
    is_over = status == "STOPPED"
    given: dict[str, Any] = {
        "arn": ARN,
        "taskdef_arn": OLD,
        "status": status,
        "stop_code": "EssentialContainerExited" if is_over else "",
        "started_at": at(1),
        "containers": (
            Container(name=name, exit_code=code, status="STOPPED" if code is not None else status),
        ),
    }
    return Task(**{**given, **more})


BORN = a_task("PROVISIONING", started_at=None)
DONE = a_task("STOPPED", 0)


@dataclass
class FakeTasks:
    """Tasks whose looks come in turn, the last one for ever; an exception is raised."""

    looks: list[Any] = field(default_factory=lambda: [a_task(), DONE])
    started: Any = BORN
    stop_error: StepError | None = None
    requests: list[Mapping[str, Any]] = field(default_factory=list)
    stops: list[str] = field(default_factory=list)

    def run(self, request: Mapping[str, Any]) -> Any:
        self.requests.append(request)
        return self.started

    def task(self, cluster: str, arn: str) -> Task | None:
        answer = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(answer, BaseException):
            raise answer
        found: Task | None = answer
        return found

    def stop(self, cluster: str, arn: str, reason: str) -> None:
        if self.stop_error is not None:
            raise self.stop_error
        self.stops.append(reason)


@dataclass
class Ran:
    """What one run did and said."""

    result: Result
    said: Said
    tasks: FakeTasks
    ecs: FakeEcs

    @property
    def err(self) -> str:
        return self.said.err.getvalue()


def an_ecs(**changes: Any) -> FakeEcs:
    given: dict[str, Any] = {
        "services": [a_steady_service(launch_type="FARGATE")],
        "revisions": {OLD: a_revision(A_DEFINITION)},
    }
    return FakeEcs(**{**given, **changes})


def ran(
    tasks: FakeTasks | None = None,
    *words: str,
    ecs: FakeEcs | None = None,
    pages: Callable[[str], Page] | None = None,
    environ: Mapping[str, str] | None = None,
    stdin: str = "",
    has_image: bool = True,
) -> Ran:
    tasks, ecs = tasks or FakeTasks(), ecs or an_ecs()
    argv = ("--cluster", "prod", "--service", "web", *(words or COMMAND))
    options = parse(TaskOptions, argv, environ or {}, prog="task-run")
    assert isinstance(options, TaskOptions)
    said = a_world(environ, stdin=stdin)

    def read_on(region: str, group: str, stream: str, token: str) -> Page:
        assert (region, group, stream) == ("eu-west-1", "/ecs/web", "web/app/t1")
        return pages(token) if pages else Page()

    sources = Sources(
        ecs=ecs,
        tasks=tasks,
        read_on=read_on,
        has_image=lambda _: has_image,
        is_emulated=False,
        task_definition=task_definition_model,
        run_task=lambda: input_shape("ecs", "RunTask"),
    )
    try:
        result = task_run(options, said.world, sources)
    except BaseException as error:
        error.ran = Ran(Result(), said, tasks, ecs)  # type: ignore[attr-defined]
        raise
    return Ran(result, said, tasks, ecs)


def lines_by_token(*lines: str) -> Callable[[str], Page]:
    """Return a stream that gives one line a page."""

    def page(token: str) -> Page:
        number = int(token or "0")
        return Page(lines=lines[number : number + 1], token=str(min(number + 1, len(lines))))

    return page


def test_a_command_that_ends_with_0_is_a_success_and_its_code_is_handed_on() -> None:
    done = ran(None, *COMMAND, environ={"CI_JOB_ID": "7"})

    assert (done.result.exit, done.result.lines) == (Exit.OK, (ARN,))
    assert done.result.dotenv == {"ECSSTEP_TASK_ARN": ARN, "ECSSTEP_TASK_EXIT_CODE": "0"}
    assert done.result.data == {
        "outcome": "succeeded",
        "reason": "container 'app' exited with code 0",
        "exitCode": 0,
        "causes": [],
        "task": ARN,
        "service": "web",
        "container": "app",
        "taskDefinition": OLD,
        "stop": "",
        "log": [],
    }
    [request] = done.tasks.requests
    assert request["startedBy"] == "task-run/7"
    assert request["overrides"]["containerOverrides"] == [
        {"name": "app", "command": ["php", "artisan", "migrate"]}
    ]


def test_another_code_is_told_apart_from_the_steps_own() -> None:
    done = ran(FakeTasks(looks=[a_task("STOPPED", 42)]))

    assert done.result.exit is Exit.FAILED
    assert done.result.dotenv["ECSSTEP_TASK_EXIT_CODE"] == "42"
    assert done.result.message == (
        "task of service 'web': failed: container 'app' exited with code 42"
    )


def test_a_task_that_never_ran_has_no_code_and_leaves_none_of_an_earlier_run() -> None:
    reason = "CannotPullContainerError: app:1: not found"
    gone = a_task("STOPPED", stop_code="TaskFailedToStart", stopped_reason=reason, started_at=None)

    done = ran(FakeTasks(looks=[gone]), ecs=an_ecs(revisions={OLD: a_revision(WITH_LOG)}))

    assert (done.result.exit, done.result.data["outcome"]) == (Exit.FAILED, "not-started")
    assert done.result.dotenv["ECSSTEP_TASK_EXIT_CODE"] == ""
    assert done.result.data["causes"] == ["image-missing"]
    # There is no log to wait for.
    assert done.said.clock.slept == []


def test_what_isnt_placed_is_no_success_and_safe_to_run_again() -> None:
    done = ran(FakeTasks(started=NotPlaced(reason="RESOURCE:MEMORY")))

    assert (done.result.exit, done.result.lines) == (Exit.TEMPORARY, ())
    assert done.result.dotenv == {"ECSSTEP_TASK_ARN": "", "ECSSTEP_TASK_EXIT_CODE": ""}
    assert "can be run again as it is" in done.result.hint


def test_the_log_is_shown_while_it_runs_and_its_end_is_kept() -> None:
    ecs = an_ecs(revisions={OLD: a_revision(WITH_LOG)})
    tasks = FakeTasks(looks=[a_task(), a_task("STOPPED", 1)])

    done = ran(
        tasks,
        "--logs",
        "2",
        *COMMAND,
        ecs=ecs,
        pages=lines_by_token("one\n", "two", "\x1b[1mthree"),
    )

    shown = [line for line in done.err.splitlines() if " | " in line]
    assert shown == ["step: app | one", "step: app | two", "step: app | three"]
    assert done.result.data["log"] == ["two", "\x1b[1mthree"]
    assert done.result.why[-3:] == (
        "last log lines of container 'app':", "  two", "  \x1b[1mthree",
    )  # fmt: skip


def test_the_last_words_of_a_fast_task_may_come_after_its_end() -> None:
    ecs = an_ecs(revisions={OLD: a_revision(WITH_LOG)})
    late: list[Page] = [Page(), Page(), Page(lines=("done",), token="1")]

    def pages(token: str) -> Page:
        return late.pop(0) if late else Page(token=token)

    done = ran(FakeTasks(looks=[DONE]), ecs=ecs, pages=pages)

    assert done.result.data["log"] == ["done"]
    assert 0 < sum(done.said.clock.slept) <= 10


def test_a_container_that_says_nothing_isnt_waited_for_for_long() -> None:
    ecs = an_ecs(revisions={OLD: a_revision(WITH_LOG)})

    done = ran(FakeTasks(looks=[DONE]), ecs=ecs)

    assert (done.result.exit, sum(done.said.clock.slept)) == (Exit.OK, 10)


def test_a_log_that_may_not_be_read_is_no_failure() -> None:
    ecs = an_ecs(revisions={OLD: a_revision(WITH_LOG)})

    def denied(_: str) -> Page:
        raise DENIED

    done = ran(None, ecs=ecs, pages=denied)

    assert done.result.exit is Exit.OK
    assert done.err.count("the log '/ecs/web' can't be read") == 1


def test_without_a_wish_for_lines_the_log_isnt_read() -> None:
    def never(_: str) -> Page:
        raise AssertionError("the log was read")

    done = ran(
        None,
        "--logs",
        "0",
        *COMMAND,
        ecs=an_ecs(revisions={OLD: a_revision(WITH_LOG)}),
        pages=never,
    )

    assert (done.result.exit, done.result.data["log"]) == (Exit.OK, [])


def test_only_the_log_of_the_container_that_works_is_shown() -> None:
    two = [
        {"name": "nginx", "image": "nginx:1", "memory": 128, **LOGGING},
        *WITH_LOG["containerDefinitions"],
    ]
    ecs = an_ecs(revisions={OLD: a_revision({**WITH_LOG, "containerDefinitions": two})})

    done = ran(None, "--container", "app", *COMMAND, ecs=ecs, pages=lines_by_token("one"))

    assert done.result.data["log"] == ["one"]


def test_where_no_log_can_be_found_that_is_said() -> None:
    assert "its log can't be shown" in ran().err


def test_a_container_that_isnt_essential_is_done_and_the_rest_is_stopped() -> None:
    ecs = an_ecs(revisions={OLD: a_revision(PAIR)})
    others = Container(name="app", status="RUNNING")
    look = a_task(
        "RUNNING",
        containers=(others, Container(name="migrate", exit_code=0, status="STOPPED")),
    )

    done = ran(FakeTasks(looks=[look]), "--container", "migrate", *COMMAND, ecs=ecs)

    assert (done.result.exit, done.result.data["container"]) == (Exit.OK, "migrate")
    assert done.tasks.stops == ["ecsstep task-run: container 'migrate' has done its work"]


def test_a_zero_after_another_essential_container_went_first_is_no_success() -> None:
    both = {
        **PAIR,
        "containerDefinitions": [
            {**each, "essential": True} for each in PAIR["containerDefinitions"]
        ],
    }

    def a_look(status: str, app: int | None, migrate: int | None) -> Task:
        return a_task(
            status,
            containers=tuple(
                Container(
                    name=name, exit_code=code, status="RUNNING" if code is None else "STOPPED"
                )
                for name, code in (("app", app), ("migrate", migrate))
            ),
        )

    done = ran(
        FakeTasks(looks=[a_look("RUNNING", 0, None), a_look("STOPPED", 0, 0)]),
        *("--container", "migrate", *COMMAND),
        ecs=an_ecs(revisions={OLD: a_revision(both)}),
    )

    assert (done.result.exit, done.result.data["outcome"]) == (Exit.FAILED, "cut-short")
    assert "container 'app' ended as well" in done.result.message
    assert (done.result.data["exitCode"], done.result.dotenv["ECSSTEP_TASK_EXIT_CODE"]) == (0, "")


def test_a_new_task_may_be_unknown_at_first() -> None:
    done = ran(FakeTasks(looks=[None, None, a_task(), DONE]))

    assert done.result.exit is Exit.OK


def test_a_task_that_ecs_no_longer_knows_is_no_success() -> None:
    done = ran(FakeTasks(looks=[a_task(), None]))

    assert (done.result.exit, done.result.data["outcome"]) == (Exit.FAILED, "gone")
    assert done.said.clock.elapsed >= 60


@pytest.mark.parametrize(
    ("words", "stops", "hint"),
    [
        ((), [], "aws ecs stop-task --cluster prod --task"),
        (
            ("--on-timeout", "stop"),
            ["ecsstep task-run: it took longer than 1m"],
            "ECS was asked to stop it",
        ),
    ],
)
def test_a_timeout_says_what_becomes_of_the_task(
    words: tuple[str, ...], stops: list[str], hint: str
) -> None:
    tasks = FakeTasks(looks=[a_task()])

    done = ran(tasks, "--timeout", "1m", *words, *COMMAND)

    assert (done.result.exit, done.result.data["outcome"]) == (Exit.TIMEOUT, "timeout")
    assert done.result.data["stop"] == ("requested" if stops else "")
    assert (tasks.stops, hint in done.result.hint) == (stops, True)


def test_a_task_that_cant_be_stopped_is_said_and_the_outcome_stays() -> None:
    tasks = FakeTasks(looks=[a_task()], stop_error=DENIED)

    done = ran(tasks, "--on-timeout", "stop", *COMMAND)

    assert done.result.exit is Exit.TIMEOUT
    assert done.result.data["stop"] == "refused: not authorized"
    assert "aws ecs stop-task" in done.result.hint


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), Terminated()])
@pytest.mark.parametrize("end", ["keep", "stop"])
def test_a_cancelled_step_keeps_or_stops_its_task(interruption: Any, end: str) -> None:
    tasks = FakeTasks(looks=[a_task(), interruption])

    with pytest.raises(type(interruption)) as caught:
        ran(tasks, "--on-cancel", end, *COMMAND)

    err = caught.value.ran.err
    assert "no longer watching; the task goes on in ECS" in err
    assert f"aws ecs stop-task --cluster prod --task {ARN}" in err
    assert len(tasks.stops) == (end == "stop")


def test_looks_may_fail_but_not_for_ever() -> None:
    assert ran(FakeTasks(looks=[THROTTLED, a_task(), THROTTLED, DONE])).result.exit is Exit.OK


@pytest.mark.parametrize(
    ("error", "exit_", "hint"),
    [
        # Not 75: a pipeline would run the step again by itself, and start a second task.
        (THROTTLED, Exit.FAILED, "later; it goes on in ECS"),
        (DENIED, Exit.ACCESS, "allow the role the action ecs:X; it goes on in ECS"),
    ],
)
def test_a_task_that_cant_be_watched_any_more_is_never_run_again_by_itself(
    error: StepError, exit_: Exit, hint: str
) -> None:
    done = ran(FakeTasks(looks=[error]))

    assert (done.result.exit, done.result.lines) == (exit_, (ARN,))
    assert done.result.data["outcome"] == "unknown"
    assert done.result.hint.startswith(hint)
    assert "no longer watching; the task goes on in ECS" in done.err


def test_an_interruption_while_it_is_started_says_how_to_find_the_task() -> None:
    class Interrupted(FakeTasks):
        def run(self, request: Mapping[str, Any]) -> Any:
            raise Terminated

    with pytest.raises(Terminated) as caught:
        ran(Interrupted())

    err = caught.value.ran.err  # type: ignore[attr-defined]
    assert "aws ecs list-tasks --cluster" in err
    assert "--started-by task-run" in err


def a_file(folder: Path, definition: Mapping[str, Any] = A_DEFINITION, **changes: Any) -> str:
    path = folder / "taskdef.json"
    path.write_text(json.dumps({**definition, **changes}))
    return str(path)


def test_a_definition_in_a_file_is_registered_and_handed_on(tmp_path: Path) -> None:
    ecs = an_ecs(revisions={OLD: a_revision(A_DEFINITION), "web": a_revision(A_DEFINITION)})

    done = ran(None, "--taskdef", a_file(tmp_path, cpu="512"), *COMMAND, ecs=ecs)

    assert [each["cpu"] for each in ecs.registered] == ["512"]
    assert done.tasks.requests[0]["taskDefinition"] == NEW
    assert done.result.dotenv["ECSSTEP_RENDERED"] == NEW
    assert "a new revision is needed" in done.err


@pytest.mark.parametrize(
    ("revisions", "arn"),
    [
        ({OLD: a_revision(A_DEFINITION)}, OLD),
        (
            {
                OLD: a_revision(A_DEFINITION, status="INACTIVE"),
                "web": a_revision(A_DEFINITION, arn=NEW),
            },
            NEW,
        ),
    ],
    ids=["the service's own", "the family's newest, of an earlier run"],
)
def test_a_definition_that_is_registered_already_isnt_again(
    tmp_path: Path, revisions: dict[str, Any], arn: str
) -> None:
    ecs = an_ecs(revisions=revisions)

    done = ran(None, "--taskdef", a_file(tmp_path), *COMMAND, ecs=ecs)

    assert ecs.registered == []
    assert done.tasks.requests[0]["taskDefinition"] == arn
    assert done.result.dotenv["ECSSTEP_RENDERED"] == arn


def test_a_file_may_be_named_as_a_family_could_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "web").write_text(json.dumps(A_DEFINITION))

    done = ran(None, "--taskdef", "web", *COMMAND)

    assert done.result.dotenv["ECSSTEP_RENDERED"] == OLD


def test_a_new_family_has_no_revision_to_compare_with(tmp_path: Path) -> None:
    revisions = {OLD: a_revision(A_DEFINITION), "once": NO_FAMILY}

    done = ran(None, "--taskdef", a_file(tmp_path, family="once"), ecs=an_ecs(revisions=revisions))

    assert [each["family"] for each in done.ecs.registered] == ["once"]
    with pytest.raises(StepError, match="not authorized"):
        ran(
            None,
            *("--taskdef", a_file(tmp_path, family="once")),
            ecs=an_ecs(revisions={**revisions, "once": DENIED}),
        )


def test_an_image_that_isnt_there_is_told_before_anything_is_registered(tmp_path: Path) -> None:
    ours = "123456789012.dkr.ecr.us-east-1.amazonaws.com/app:2"
    containers = [{"name": "app", "image": ours, "memory": 128}]
    path = a_file(tmp_path, containerDefinitions=containers)
    ecs = an_ecs(revisions={OLD: a_revision(A_DEFINITION), "web": a_revision(A_DEFINITION)})

    with pytest.raises(StepError, match="is not in ECR"):
        ran(None, "--taskdef", path, ecs=ecs, has_image=False)

    assert ecs.registered == []
    done = ran(None, "--taskdef", path, "--allow-missing-images", ecs=ecs, has_image=False)
    assert done.result.exit is Exit.OK


def test_a_revision_by_name_is_run_if_it_is_active() -> None:
    revisions = {"web:2": a_revision(A_DEFINITION, arn=NEW), "web:1": a_revision(
        A_DEFINITION, status="INACTIVE")}  # fmt: skip

    done = ran(None, "--taskdef", "web:2", ecs=an_ecs(revisions=revisions))

    assert done.tasks.requests[0]["taskDefinition"] == NEW
    assert "ECSSTEP_RENDERED" not in done.result.dotenv
    with pytest.raises(StepError, match="'web:1' is INACTIVE"):
        ran(None, "--taskdef", "web:1", ecs=an_ecs(revisions=revisions))


def test_a_dry_run_shows_the_requests_and_starts_nothing(tmp_path: Path) -> None:
    ecs = an_ecs(revisions={OLD: a_revision(A_DEFINITION), "web": a_revision(A_DEFINITION)})

    done = ran(None, "--taskdef", a_file(tmp_path, cpu="512"), "--dry-run", *COMMAND, ecs=ecs)

    requests = json.loads("\n".join(done.result.lines))
    assert list(requests) == ["RegisterTaskDefinition", "RunTask"]
    assert requests["RunTask"]["taskDefinition"] == "(the revision that is registered first)"
    assert (done.tasks.requests, ecs.registered) == ([], [])
    registered = ran(None, "--dry-run", *COMMAND).result.data["requests"]
    assert list(registered) == ["RunTask"]


def test_parameters_may_bring_the_command_and_more(tmp_path: Path) -> None:
    path = tmp_path / "parameters.yaml"
    path.write_text("enableExecuteCommand: true\nlaunchType: EC2\n")

    done = ran(None, "--parameters", str(path))

    assert done.tasks.requests[0]["enableExecuteCommand"] is True
    assert done.tasks.requests[0]["launchType"] == "EC2"
    path.write_text("count: 3\n")
    with pytest.raises(StepError, match="does not fit RunTask: count is given by"):
        ran(None, "--parameters", str(path))


@pytest.mark.parametrize(
    ("ecs", "words", "said"),
    [
        (an_ecs(services=[None]), COMMAND, "there is no service 'web' in cluster 'prod'"),
        (
            an_ecs(services=[a_steady_service(status="INACTIVE")]),
            COMMAND,
            "service 'web' in cluster 'prod' is INACTIVE",
        ),
        (an_ecs(revisions={OLD: a_revision(PAIR)}), COMMAND, "which container does the work"),
        (an_ecs(), ("--container", "ap", *COMMAND), "no container 'ap'"),
        (
            an_ecs(
                revisions={
                    OLD: a_revision(
                        {"family": "web", "containerDefinitions": [
                            {"name": "app", "secrets": [{"name": "DB", "valueFrom": "x"}]}]}
                    )
                }
            ),
            ("--env", "DB=1", *COMMAND),
            "'DB' is a secret of container 'app' already",
        ),
    ],
    ids=["no service", "deleted", "which", "unknown", "secret"],
)  # fmt: skip
def test_what_cant_be_run_is_told_before_anything_is_started(
    ecs: FakeEcs, words: tuple[str, ...], said: str
) -> None:
    tasks = FakeTasks()

    with pytest.raises(StepError, match=said) as caught:
        ran(tasks, *words, ecs=ecs)

    assert caught.value.exit is Exit.USAGE
    assert (caught.value.hint != "", tasks.requests) == (True, [])


def test_the_words_after_the_dashes_are_the_commands_own() -> None:
    words = ("--", "app", "--help", "--log-format", "json", "", "--", "-x")

    done = ran(None, *words)

    [override] = done.tasks.requests[0]["overrides"]["containerOverrides"]
    assert override["command"] == list(words[1:])


def test_a_command_may_come_from_its_variable_one_word_a_line() -> None:
    done = ran(
        None, "--env", "A=1", environ={"ECSSTEP_COMMAND": "sh\n-c\necho it works", "CI_JOB_ID": ""}
    )

    [override] = done.tasks.requests[0]["overrides"]["containerOverrides"]
    assert override == {
        "name": "app",
        "command": ["sh", "-c", "echo it works"],
        "environment": [{"name": "A", "value": "1"}],
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--cluster", "c", "--service", "s"), "the service's own program would not end by itself"),
        (("--cluster", "c", "--service", "s", "--"), "COMMAND: needs a value"),
        (("--taskdef", "web", "--"), "4 mistakes in the arguments"),
        (("--taskdef", "-", "--parameters", "-"), "only one of --taskdef and --parameters"),
        (("--env", "A=1", "--env", "A=2", *COMMAND), "--env: 'A' is given 2 times"),
        (("--on-timeout", "rollback", *COMMAND), "not one of keep, stop"),
        (("migrate",), "'migrate' is one argument too many"),
    ],
)
def test_mistakes_are_told_before_any_call(words: tuple[str, ...], said: str) -> None:
    ended = invoke(main, *words)

    assert (ended.code, said in ended.err) == (Exit.USAGE, True), ended.err


def test_a_secret_that_is_no_variable_is_not_repeated() -> None:
    ended = invoke(main, "--env", "hunter22hunter22", *COMMAND)

    assert "--env: is not NAME=VALUE" in ended.err
    assert "hunter22" not in ended.err


OTHER_TASK = f"{ACCOUNT}:task/prod/{'0' * 32}"


def test_a_task_of_an_earlier_run_is_followed_and_none_started() -> None:
    tasks = FakeTasks(looks=[a_task(), a_task("STOPPED", 3)])

    done = ran(tasks, "--task", OTHER_TASK, environ={"ECSSTEP_COMMAND": "migrate"})

    assert (done.result.exit, tasks.requests) == (Exit.FAILED, [])
    assert done.result.dotenv["ECSSTEP_TASK_EXIT_CODE"] == "3"
    assert done.result.data["taskDefinition"] == OLD
    assert "following the task" in done.err


def test_a_task_that_is_forgotten_cant_be_followed() -> None:
    with pytest.raises(StepError, match="there is no task") as caught:
        ran(FakeTasks(looks=[None]), "--task", OTHER_TASK)

    assert (caught.value.exit, "an hour after its end" in caught.value.hint) == (Exit.USAGE, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--task", "t1"), "'t1' is no task's ARN"),
        (("--task", OTHER_TASK, *COMMAND), "--task starts nothing, so COMMAND says nothing"),
        (("--task", OTHER_TASK, "--env", "A=1"), "so --env says nothing"),
    ],
)
def test_what_is_about_a_start_is_a_mistake_beside_a_task(
    words: tuple[str, ...], said: str
) -> None:
    ended = invoke(main, *words, environ={"ECS_CLUSTER": "c", "ECS_SERVICE": "s"})

    assert (ended.code, said in ended.err) == (Exit.USAGE, True), ended.err
