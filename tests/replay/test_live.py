"""A recorded run once more, for real."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from ecsstep.aws.caller import Caller
from ecsstep.core.arguments import parse
from ecsstep.core.files import exists, read_text, write_whole
from ecsstep.core.log import Log
from ecsstep.core.options import DRY_RUN, Option, Options
from ecsstep.core.output import Result
from ecsstep.core.outside import Answer, Outside, Question, current, using
from ecsstep.core.step import Step, World
from ecsstep.errors import Exit, StepError
from ecsstep.replay.command import main
from ecsstep.replay.consent import Consent, check_account
from ecsstep.replay.disk import Disk
from ecsstep.replay.live import live
from ecsstep.replay.options import ReplayOptions
from ecsstep.rules.record.reading import parsed
from fakes import Ended
from replays import a_document, written

if TYPE_CHECKING:
    from ecsstep.core.process import Completed

ACCOUNT = "123456789012"
ROLE = "arn:aws:iam::123456789012:role/mine"
_ARN = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:service/demo/web"


class _Terminal(io.StringIO):
    """Somebody who types an answer."""

    def isatty(self) -> bool:
        return True


class _Options(Options):
    cluster: str | None = Option(flag="--cluster", help="cluster").field()
    service: str | None = Option(flag="--service", help="service").field()
    taskdef: str | None = Option(flag="--taskdef", help="definition").field()
    report: str | None = Option(flag="--report", help="report").field()
    password: Any = Option(help="the password", variable="PASSWORD", secret=True).field()
    docker_config: str | None = Option(flag="--docker-config", help="folder").field()
    start: str = Option(flag="--start", help="scan", default="never").field()
    sns_topic: str | None = Option(flag="--sns-topic", help="topic").field()
    docker_hub_user: str | None = Option(help="Docker Hub's user", variable="HUB_USER").field()
    docker_user: str | None = Option(help="the same", variable="DOCKER_USER").field()
    dry_run: bool = DRY_RUN.field()


Deed = Callable[[_Options, World], Result]


def _cluster(options: _Options, _world: World) -> Result:
    return Result(lines=(f"{options.region} {options.cluster} {options.dry_run}",))


def a_step(deed: Deed = _cluster, *, name: str = "service-update") -> Step:
    return Step(name=name, about="", options=_Options, run=deed)


class _Identified:
    """Stands for AWS: whose credentials these are."""

    def __init__(self) -> None:
        self.asked: list[tuple[str | None, str]] = []

    def __call__(
        self, settings: Options, environ: Mapping[str, str], log: Log, *, meant: str
    ) -> Caller:
        self.asked.append((settings.role_arn, meant))
        arn = f"arn:aws:iam::{ACCOUNT}:user/me"
        return Caller(account=ACCOUNT, arn=arn, region=settings.region or "")


_CALL = {
    "kind": "aws",
    "at": 0.2,
    "question": {"service": "ecs", "operation": "DescribeServices", "region": "eu-west-1"},
    "answer": {"status": 200, "body": {"body": 0}},
}
_POST = {"kind": "http", "at": 0, "question": {}, "answer": {"status": 200}}


def a_file(path: str, body: int = 1) -> dict[str, Any]:
    return {
        "kind": "file", "at": 0.1, "question": {"do": "read", "path": path},
        "answer": {"content": {"body": body}},
    }  # fmt: skip


def go_live(
    *flags: str,
    step: Step | None = None,
    typed: str | None = None,
    environ: Mapping[str, str] | None = None,
    identify: _Identified | None = None,
    disk: Disk | None = None,
    capsys: pytest.CaptureFixture[str],
    **changes: Any,
) -> Ended:
    """Run a record of service-update for real, with these flags and what somebody types."""
    document = {
        "step": "service-update",
        "argv": ["--cluster", "demo", "--service", "web"],
        "tape": [_CALL],
        "bodies": [{"json": {"arn": _ARN}}],
        **changes,
    }
    wish = cast(
        "ReplayOptions", parse(ReplayOptions, ["FILE", "--live", *flags], {}, prog="replay")
    )
    err = io.StringIO()
    log = Log(step="replay", stream=err)
    try:
        code = live(
            parsed(a_document(**document)),
            step or a_step(),
            wish,
            disk or Disk(),
            log=log,
            environ=environ or {},
            stdin=io.StringIO() if typed is None else _Terminal(typed),
            identify=identify or _Identified(),
        )
    except StepError as error:
        log.error(error.message, why=error.why, hint=error.hint)
        code = error.exit
    said = capsys.readouterr()
    return Ended(code=code, out=said.out, err=said.err + err.getvalue())


def test_a_step_runs_once_somebody_has_agreed(capsys: pytest.CaptureFixture[str]) -> None:
    ended = go_live(typed="y\n", capsys=capsys)

    assert (ended.code, ended.out) == (0, "eu-west-1 demo False\n")
    assert ended.err.startswith(
        "service-update --cluster demo --service web\n"
        "this updates service 'web' in cluster 'demo', account 123456789012 (eu-west-1) as "
        "arn:aws:iam::123456789012:user/me: go on? [y/N] "
    )


@pytest.mark.parametrize("typed", ["", "n\n", "\n", "yess\n"])
def test_nothing_is_done_without_a_yes(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    ended = go_live(typed=typed, capsys=capsys)

    assert (ended.code, ended.out) == (Exit.REFUSED, "")
    assert "nothing was done" in ended.err


def test_without_a_terminal_somebody_has_to_say_yes_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    identify = _Identified()

    ended = go_live(identify=identify, capsys=capsys)

    assert (ended.code, identify.asked) == (Exit.USAGE, [])
    assert "there is no terminal to ask on" in ended.err
    assert "--live --dry-run" in ended.err


@pytest.mark.parametrize("flags", [("--yes",), ("--dry-run",), ("--option", "dry-run")])
def test_a_yes_before_or_a_dry_run_needs_no_answer(
    flags: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    ended = go_live(*flags, capsys=capsys)

    assert (ended.code, ended.out) == (0, f"eu-west-1 demo {flags[-1].endswith('dry-run')}\n")


def test_a_step_that_reads_asks_nobody(capsys: pytest.CaptureFixture[str]) -> None:
    assert go_live(step=a_step(name="scan-gate"), capsys=capsys).code == 0


def test_an_option_is_given_anew(capsys: pytest.CaptureFixture[str]) -> None:
    flags = ("--yes", "--option", "cluster=other", "--option", "region=us-east-1")

    assert go_live(*flags, capsys=capsys).out == "us-east-1 other False\n"


def test_the_account_of_the_record_or_the_one_that_is_named_is_the_one_that_is_meant(
    capsys: pytest.CaptureFixture[str],
) -> None:
    identify = _Identified()

    go_live("--yes", identify=identify, capsys=capsys)
    go_live("--yes", "--account", "2" * 12, identify=identify, capsys=capsys)

    assert [meant for _, meant in identify.asked] == [ACCOUNT, "2" * 12]


def test_a_yes_is_none_where_nobody_knows_the_account_that_is_meant(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ended = go_live("--yes", tape=[], argv=["--region", "eu-west-1"], capsys=capsys)

    assert ended.code == Exit.USAGE
    assert f"--account {ACCOUNT}" in ended.err


def test_the_recorded_role_and_logins_are_left_out_and_that_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def deed(options: _Options, _world: World) -> Result:
        return Result(lines=(f"{options.role_arn} {options.docker_config} {options.record}",))

    argv = ["--role-arn", "arn:of:ci", "--docker-config", "/builds/x", "--record", "r.json"]
    ended = go_live("--yes", step=a_step(deed), argv=argv, capsys=capsys)

    assert ended.out == "None None never\n"
    assert "the recorded role is not assumed" in ended.err
    assert "--option role-arn=arn:of:ci" in ended.err


def test_the_role_of_this_machine_is_assumed(capsys: pytest.CaptureFixture[str]) -> None:
    identify = _Identified()

    mine = f"arn:aws:iam::{ACCOUNT}:role/mine"
    go_live("--yes", environ={"AWS_ROLE_ARN": mine}, identify=identify, capsys=capsys)

    assert identify.asked == [(mine, ACCOUNT)]


def test_the_steps_variables_are_the_records_and_all_others_this_machines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def deed(options: _Options, world: World) -> Result:
        return Result(lines=(f"{options.cluster} {options.report} {world.environ.get('HOME')}",))

    ended = go_live(
        "--yes",
        step=a_step(deed),
        argv=["--region=eu-west-1"],
        variables={"ECSSTEP_CLUSTER": "then", "HOME": "/of/ci"},
        environ={"ECSSTEP_CLUSTER": "now", "ECSSTEP_REPORT": "now.json", "HOME": "/of/mine"},
        capsys=capsys,
    )

    assert ended.out == "then None /of/mine\n"


def test_a_scan_is_started_only_once_somebody_has_agreed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Gating(Options):
        image: str = Option(flag="IMAGE", help="image", required=True).field()
        start: str = Option(flag="--start", help="scan", default="auto").field()

    step = Step(name="scan-gate", about="", options=Gating, run=lambda *_: Result())
    argv = ["app:v1", "--region", "eu-west-1"]

    asked = go_live(step=step, argv=argv, capsys=capsys)
    kept = go_live("--option", "start=never", step=step, argv=argv, capsys=capsys)

    assert asked.code == Exit.USAGE
    assert "this starts a scan of image 'app:v1'" in asked.err
    assert "look first: --live --option start=never; then agree to it" in asked.err
    assert kept.code == 0


@pytest.mark.parametrize("name", ["service-update", "scan-gate"])
def test_whose_credentials_they_are_is_found_out_whatever_the_record_says_it_did_not_ask(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    identify = _Identified()
    step = Step(name=name, about="", options=_Options, run=lambda *_: Result())

    go_live(
        "--yes", "--account", ACCOUNT, step=step, tape=[_POST], identify=identify, capsys=capsys
    )

    assert identify.asked == [(None, ACCOUNT)]


def test_a_step_that_asks_no_aws_needs_no_credentials(
    capsys: pytest.CaptureFixture[str],
) -> None:
    identify = _Identified()

    ended = go_live(
        "--yes", step=a_step(name="notify"), tape=[_POST], identify=identify, capsys=capsys
    )

    assert (ended.code, identify.asked) == (0, [])


def test_a_dry_run_of_a_step_that_has_none_is_a_mistake(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class Reading(Options):
        cluster: str | None = Option(flag="--cluster", help="cluster").field()

    step = Step(name="scan-gate", about="", options=Reading, run=lambda *_: Result())

    ended = go_live("--dry-run", step=step, argv=[], capsys=capsys)

    assert ended.code == Exit.USAGE
    assert "service-update has no --dry-run" in ended.err
    assert "this changes nothing: ecsstep replay FILE --live\n" in ended.err


def _rewrite(options: _Options, world: World) -> Result:
    """Read the definition, write the report and the machine's own login."""
    text = read_text(str(options.taskdef), stdin=world.stdin)
    write_whole(str(options.report), text.upper())
    return Result(lines=(read_text(str(options.report)), str(exists(str(options.report)))))


_FILES: dict[str, Any] = {
    "argv": ["--taskdef", "t.json", "--report", "out/r.json"],
    "tape": [a_file("t.json", 0)],
    "bodies": [{"text": "recorded"}],
}


def test_the_steps_files_come_from_the_record_and_are_written_to_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.json").write_text("of this machine")
    disk = Disk()

    ended = go_live("--yes", "--account", ACCOUNT, step=a_step(_rewrite), disk=disk,
                    capsys=capsys, **_FILES)  # fmt: skip

    assert (ended.code, ended.out) == (0, "RECORDED\nTrue\n")
    assert disk.written == {"out/r.json": b"RECORDED"}
    assert [each.name for each in tmp_path.iterdir()] == ["t.json"]


def test_a_file_that_is_named_now_is_read_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "new.json").write_text("new")

    ended = go_live("--yes", "--account", ACCOUNT, "--option", "taskdef=new.json",
                    step=a_step(_rewrite), capsys=capsys, **_FILES)  # fmt: skip

    assert ended.out == "NEW\nTrue\n"


def test_a_document_that_came_by_stdin_comes_from_the_record(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stdin = {"kind": "stdin", "at": 0, "question": {"do": "bytes"},
             "answer": {"content": {"body": 0}}}  # fmt: skip

    ended = go_live("--account", ACCOUNT, step=a_step(_rewrite), typed="y\n", capsys=capsys,
                    **{**_FILES, "tape": [stdin],
                       "argv": ["--taskdef=-", "--report=r.json"]})  # fmt: skip

    assert ended.out == "RECORDED\nTrue\n"


def test_a_login_of_this_machine_is_read_and_written_for_real(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config.json"
    config.write_text("mine")

    def deed(_options: _Options, _world: World) -> Result:
        text = read_text(str(config))
        write_whole(str(config), text + "!")
        return Result()

    ended = go_live("--yes", step=a_step(deed, name="ecr-login"), capsys=capsys)

    assert (ended.code, config.read_text()) == (0, "mine!")


def test_a_login_is_the_machines_also_under_a_relative_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    def deed(_options: _Options, _world: World) -> Result:
        write_whole("docker/config.json", "a login")
        return Result()

    ended = go_live("--yes", step=a_step(deed, name="ecr-login"),
                    environ={"DOCKER_CONFIG": "docker"}, capsys=capsys)  # fmt: skip

    assert ended.code == 0
    assert (tmp_path / "docker" / "config.json").read_text() == "a login"


def test_what_was_kept_in_memory_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    ended = go_live("--yes", "--account", ACCOUNT, step=a_step(_rewrite), capsys=capsys, **_FILES)

    assert "kept in memory  files=out/r.json" in ended.err
    assert "--write-to DIR writes them" in ended.err


def test_a_document_of_stdin_is_given_anew(capsys: pytest.CaptureFixture[str]) -> None:
    ended = go_live("--account", ACCOUNT, "--yes", step=a_step(_rewrite), capsys=capsys,
                    disk=Disk({"-": b"mended"}),
                    **{**_FILES, "argv": ["--taskdef=-", "--report=r.json"]})  # fmt: skip

    assert ended.out == "MENDED\nTrue\n"


def test_what_is_interrupted_before_anything_is_done_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Leaving:
        def isatty(self) -> bool:
            return True

        def readline(self) -> str:
            raise KeyboardInterrupt

    monkeypatch.setattr("sys.stdin", Leaving())
    path = written(tmp_path, a_document(step="notify", argv=[], tape=[_POST]))

    code = main([str(path), "--live"], steps=("notify",), step=lambda name: a_step(name=name))

    assert code == Exit.INTERRUPTED
    assert "ended before anything was done" in capsys.readouterr().err


def test_what_the_step_writes_is_saved_into_the_folder_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def deed(options: _Options, _world: World) -> Result:
        write_whole(str(options.report), "written")
        return Result(lines=("done",))

    monkeypatch.setattr("sys.stdin", _Terminal("y\n"))
    document = a_document(step="notify", argv=["--report", "out/r.json"], tape=[_POST])
    path, folder = written(tmp_path, document), tmp_path / "now"

    code = main(
        [str(path), "--live", "--write-to", str(folder)],
        steps=("notify",),
        step=lambda name: a_step(deed, name=name),
    )

    said = capsys.readouterr()
    assert (code, said.out) == (0, "done\n")
    assert (folder / "r.json").read_text() == "written"
    assert f"file written  file={folder / 'r.json'}" in said.err


class _Sts(Outside):
    """Whose credentials these are, in the words of AWS's own service."""

    is_replay = True

    def ask(self, kind: str, question: Question, live: Callable[[], Answer]) -> Answer:
        return {"value": None} if kind == "setting" else {"method": "x"}

    def recorded(self, kind: str, question: Question) -> Answer | None:
        if kind != "aws":
            return None
        body = (
            "<GetCallerIdentityResponse><GetCallerIdentityResult>"
            f"<Account>{ACCOUNT}</Account><Arn>arn:aws:iam::{ACCOUNT}:user/me</Arn>"
            "</GetCallerIdentityResult></GetCallerIdentityResponse>"
        )
        return {"status": 200, "body": body.encode()}


def test_whose_credentials_are_in_use_is_said_before_anything_is_done() -> None:
    err = io.StringIO()

    with using(_Sts()):
        found = check_account(_Options(), {}, Log(step="replay", stream=err), meant=ACCOUNT)

    assert found == Caller(
        account=ACCOUNT, arn=f"arn:aws:iam::{ACCOUNT}:user/me", region="us-east-1"
    )
    assert f"for real  account={ACCOUNT}" in err.getvalue()


def test_credentials_of_another_account_than_the_one_that_is_meant_are_refused() -> None:
    err = io.StringIO()

    with using(_Sts()), pytest.raises(StepError) as caught:
        check_account(_Options(), {}, Log(step="replay", stream=err), meant="2" * 12)

    assert caught.value.exit is Exit.USAGE
    assert f"are of account {ACCOUNT}, and {'2' * 12} is meant" in caught.value.message
    assert f"--account {ACCOUNT}" in caught.value.hint
    assert err.getvalue() == ""


_HIDDEN: dict[str, Any] = {
    "redactions": [
        {
            "placeholder": "redacted-1",
            "kind": "environment value",
            "places": ["file read t.json #0.text.environment[DB]"],
            "count": 1,
        }
    ]
}


def test_what_the_record_lacks_is_named_and_nothing_is_sent(
    capsys: pytest.CaptureFixture[str],
) -> None:
    identify = _Identified()

    ended = go_live(
        "--yes",
        step=a_step(_rewrite),
        identify=identify,
        capsys=capsys,
        **{**_FILES, "bodies": [{"text": "value: redacted-1"}]},
        **_HIDDEN,
        variables={"PASSWORD": "redacted-2"},
    )

    assert (ended.code, identify.asked) == (Exit.USAGE, [])
    assert "the record lacks 2 secrets that the step would send" in ended.err
    assert "in 't.json': environment value environment[DB]" in ended.err
    assert "the password: set PASSWORD" in ended.err
    assert "--file t.json=PATH" in ended.err


def test_what_is_given_is_lacking_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    ended = go_live(
        "--yes",
        "--account",
        ACCOUNT,
        step=a_step(_rewrite),
        disk=Disk({"t.json": b"whole"}),
        environ={"PASSWORD": "mine"},
        capsys=capsys,
        **{**_FILES, "bodies": [{"text": "value: redacted-1"}]},
        **_HIDDEN,
        variables={"PASSWORD": "redacted-2"},
    )

    assert ended.out == "WHOLE\nTrue\n"


@pytest.mark.parametrize("kind", ["aws", "run", "http"])
def test_a_placeholder_is_never_sent_even_where_nobody_expected_one(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def deed(_options: _Options, _world: World) -> Result:
        question = {"parameters": {"value": "a redacted-1"}}
        if kind == "aws":
            current().recorded(kind, question)
        current().ask(kind, question, dict)
        return Result()

    ended = go_live("--yes", step=a_step(deed), capsys=capsys, **_HIDDEN)

    assert ended.code == Exit.USAGE
    assert "'redacted-1', which only stands for a secret" in ended.err


def test_credentials_are_fetched_for_real_whatever_only_stands_for_a_secret(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def deed(_options: _Options, _world: World) -> Result:
        found = current().recorded("identity", {"do": "fetch", "of": "redacted-1"})
        return Result(lines=(str(found),))

    assert go_live("--yes", step=a_step(deed), capsys=capsys, **_HIDDEN).out == "None\n"


def test_a_program_is_run_for_real(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def deed(_options: _Options, world: World) -> Result:
        done: Completed = world.run(("true",))
        current().note("aws", {}, {})
        return Result(lines=(str(done.code), str(world.stdin.isatty())))

    ended = go_live("--yes", step=a_step(deed), typed="", capsys=capsys)

    assert ended.out == "0\nTrue\n"


def test_a_question_never_acts_on_the_terminal() -> None:
    err = io.StringIO()
    consent = Consent(
        deed="pushes '\x1b[2J'", is_given=False, words=("image-push", "\x1b[2J"), look=""
    )

    consent.ask(None, _Terminal("y"), is_certain=True, stderr=err)

    assert err.getvalue() == "image-push ''\nthis pushes '': go on? [y/N] "
