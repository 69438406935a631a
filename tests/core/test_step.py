"""A step from argv to exit code."""

import gc
import io
import json
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import pytest

from ecsstep.core.options import CLUSTER, DRY_RUN, Option, Options
from ecsstep.core.output import Result
from ecsstep.core.step import Step, World
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.secret import Secret
from fakes import invoke


class GreetOptions(Options):
    cluster: str = CLUSTER.field(required=True)
    tags: tuple[str, ...] = Option(flag="--tag", help="a tag", repeatable=True).field()
    dry_run: bool = DRY_RUN.field()


def greet(options: GreetOptions, world: World) -> Result:
    world.log.info("greeting", cluster=options.cluster)
    return Result(
        lines=(f"hello {options.cluster}",),
        data={"cluster": options.cluster, "tags": list(options.tags), "dry": options.dry_run},
        dotenv={"ECSSTEP_GREETED": options.cluster},
        links={"cluster": f"https://console.example/{options.cluster}"},
    )


GREET = Step(name="greet", about="Greet a cluster.\n\nKindly.", options=GreetOptions, run=greet)


def test_a_flag_beats_its_variable_and_that_beats_the_articles_variable() -> None:
    environ = {"ECSSTEP_CLUSTER": "second", "ECS_CLUSTER": "third"}

    assert invoke(GREET, "--cluster", "first", environ=environ).out == "hello first\n"
    assert invoke(GREET, environ=environ).out == "hello second\n"
    assert invoke(GREET, environ={**environ, "ECSSTEP_CLUSTER": ""}).out == "hello third\n"


def test_all_mistakes_are_told_at_once_before_any_work() -> None:
    ended = invoke(GREET, "--clustr", "x", "--format", "xml", "--query", "[", "--tag")

    assert ended.code == Exit.USAGE
    assert ended.out == ""
    assert "did you mean '--cluster'?" in ended.err
    assert "--cluster is missing: give --cluster or ECSSTEP_CLUSTER or ECS_CLUSTER" in ended.err
    assert "--format: 'xml' is not one of text, json" in ended.err
    assert "--query: '[' is not JMESPath" in ended.err
    assert "--tag: needs a value" in ended.err


def test_a_repeatable_option_takes_one_value_a_line_from_its_variable() -> None:
    ended = invoke(
        GREET, "--query", "tags", environ={"ECS_CLUSTER": "c", "ECSSTEP_TAG": "a\r\nb\n\nc"}
    )

    assert ended.out == "a\nb\nc\n"


@pytest.mark.parametrize(
    ("argv", "out"),
    [
        pytest.param(["--format", "json", "--query", "cluster"], '"c"\n', id="json"),
        pytest.param(["--query", "dry"], "false\n", id="scalar"),
        pytest.param(["--query", "nothing"], "\n", id="nothing is an empty line"),
        pytest.param(["--dry-run", "--query", "dry"], "true\n", id="switch"),
    ],
)
def test_a_query_picks_from_the_json_result(argv: list[str], out: str) -> None:
    assert invoke(GREET, *argv, environ={"ECS_CLUSTER": "c"}).out == out


def test_links_are_added_to_the_annotations_of_the_job(tmp_path: Path) -> None:
    file = tmp_path / "annotations.json"

    ended = invoke(GREET, "--cluster", "c", "--annotations", str(file))

    assert ended.code == Exit.OK
    link = {"external_link": {"label": "cluster", "url": "https://console.example/c"}}
    assert json.loads(file.read_text()) == {"ecsstep": [link]}


def test_annotations_that_cant_be_added_to_are_told_before_any_work(tmp_path: Path) -> None:
    file = tmp_path / "annotations.json"
    file.write_text("[]")

    ended = invoke(ended_by(ZeroDivisionError()), "--annotations", str(file))

    assert ended.code == Exit.USAGE
    assert "is no report of annotations" in ended.err


def test_values_for_later_steps_are_merged_into_the_dotenv_file(tmp_path: Path) -> None:
    file = tmp_path / "deploy.env"
    file.write_text("OTHER=kept\nECSSTEP_GREETED=old\n")

    invoke(GREET, "--cluster", "c", "--dotenv", str(file))

    assert file.read_text() == "OTHER=kept\nECSSTEP_GREETED=c\n"


def test_a_value_that_a_shell_would_misread_is_an_error_but_the_result_is_still_told(
    tmp_path: Path,
) -> None:
    file = tmp_path / "deploy.env"

    ended = invoke(GREET, "--cluster", "a b", "--dotenv", str(file))

    assert (ended.code, ended.out, file.exists()) == (Exit.USAGE, "hello a b\n", False)


def ended_by(error: BaseException) -> Step:
    def run(_options: Options, _world: World) -> Result:
        raise error

    return Step(name="greet", about="x", options=Options, run=run)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        pytest.param(
            StepError("no\x1b[31m such thing", exit=Exit.FAILED, hint="look"),
            3,
            "greet: error: no such thing\ngreet: hint: look\n",
            id="step error, cleaned",
        ),
        pytest.param(KeyboardInterrupt(), 130, "greet: error: interrupted\n", id="ctrl-c"),
        pytest.param(Terminated(), 143, "greet: error: ended by SIGTERM\n", id="sigterm"),
    ],
)
def test_every_end_has_its_code_and_words(error: BaseException, code: int, said: str) -> None:
    ended = invoke(ended_by(error))

    assert (ended.code, ended.err) == (code, said)


def test_an_unexpected_error_is_a_bug_with_its_traceback() -> None:
    ended = invoke(ended_by(ZeroDivisionError("oh")))

    assert ended.code == Exit.BUG
    assert "ZeroDivisionError: oh" in ended.err
    assert "Traceback" in ended.err


def test_help_names_every_option_its_default_and_its_variables() -> None:
    ended = invoke(GREET, "--help")

    assert ended.code == 0
    assert "--cluster NAME" in ended.out
    assert "ECSSTEP_CLUSTER, ECS_CLUSTER" in ended.out
    assert "default: text" in ended.out


def test_log_format_json_makes_every_event_one_object() -> None:
    ended = invoke(GREET, "--log-format", "json")

    assert ended.err.startswith('{"')
    assert '"exit": 2' in ended.err


def refusing(_options: Options, _world: World) -> Result:
    return Result(
        lines=("refused",),
        dotenv={"ECSSTEP_X": "a b"},
        exit=Exit.REFUSED,
        message="the answer is no",
    )


def test_a_refusal_stays_one_where_handing_it_on_fails_and_both_are_told(tmp_path: Path) -> None:
    step = Step(name="gate", about="Gate.", options=Options, run=refusing)

    ended = invoke(step, "--dotenv", str(tmp_path / "deploy.env"), "--query", "sum(@)")

    assert (ended.code, ended.out) == (Exit.REFUSED, "")
    assert "can't write ECSSTEP_X" in ended.err
    assert "does not fit the result" in ended.err
    assert ended.err.endswith("gate: error: the answer is no\n")


def test_what_has_begun_is_told_where_handing_it_on_fails(tmp_path: Path) -> None:
    def deploy(_options: Options, _world: World) -> Result:
        return Result(
            lines=("7",), dotenv={"ECSSTEP_X": "a b"}, begun="the deployment has begun: 7"
        )

    step = Step(name="deploy", about="Deploy.", options=Options, run=deploy)

    ended = invoke(step, "--dotenv", str(tmp_path / "deploy.env"))

    assert (ended.code, ended.out) == (Exit.USAGE, "7\n")
    assert "\n  the deployment has begun: 7\n" in ended.err


def test_a_step_leaves_room_in_the_dotenv_file_for_what_it_will_hand_on(tmp_path: Path) -> None:
    class Handing(Options):
        hands_on: ClassVar[Mapping[str, int]] = {"ECSSTEP_X": 200}

    (tmp_path / "deploy.env").write_text("A=" + "x" * 5000 + "\n")
    step = Step(
        name="deploy", about="Deploy.", options=Handing, run=lambda *_: pytest.fail("it ran")
    )

    ended = invoke(step, "--dotenv", str(tmp_path / "deploy.env"))

    assert ended.code == Exit.USAGE
    assert "limit of 5 KB" in ended.err


def test_a_dry_run_hands_nothing_on_and_needs_no_room(tmp_path: Path) -> None:
    class Handing(Options):
        dry_run: bool = DRY_RUN.field()
        hands_on: ClassVar[Mapping[str, int]] = {"ECSSTEP_X": 200}

    (tmp_path / "deploy.env").write_text("A=" + "x" * 5000 + "\n")
    step = Step(name="deploy", about="Deploy.", options=Handing, run=lambda *_: Result())
    argv = ("--dotenv", str(tmp_path / "deploy.env"))

    assert invoke(step, *argv, "--dry-run").code == Exit.OK
    assert invoke(step, *argv).code == Exit.USAGE


def test_a_dotenv_file_that_cant_be_merged_into_is_told_before_any_work(tmp_path: Path) -> None:
    ended = invoke(ended_by(ZeroDivisionError()), "--dotenv", str(tmp_path))

    assert ended.code == Exit.USAGE
    assert "is a folder" in ended.err


def test_the_version_is_told_and_a_word_after_two_dashes_is_only_a_word() -> None:
    assert invoke(GREET, "--version").out.startswith("greet ")
    assert invoke(GREET, "--cluster", "c", "--", "--help").code == Exit.USAGE


@pytest.mark.parametrize(
    ("argv", "environ", "is_json"),
    [
        pytest.param(["--log-format=json"], {}, True, id="joined"),
        pytest.param(["--log-format", "text"], {"ECSSTEP_LOG_FORMAT": "json"}, False, id="flag"),
        pytest.param([], {"ECSSTEP_LOG_FORMAT": "json"}, True, id="variable"),
        pytest.param(["--nothing"], {}, False, id="default"),
        pytest.param(["--", "--log-format", "json"], {}, False, id="somebody else's"),
    ],
)
def test_mistakes_are_told_in_the_form_that_is_asked_for(
    argv: list[str], environ: dict[str, str], is_json: bool
) -> None:
    assert invoke(GREET, *argv, environ=environ).err.startswith("{") is is_json


def test_a_step_is_a_process_with_its_own_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["greet", "--cluster", "c"])

    assert GREET() == 0

    said = capsys.readouterr()
    assert (said.out, said.err) == ("hello c\n", "greet: greeting  cluster=c\n")


def test_a_result_goes_to_whatever_stands_in_for_stdout(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr("sys.stdout", out)

    assert GREET(["--cluster", "c"]) == 0

    assert out.getvalue() == "hello c\n"


# The system closes it with the process, which ends then.
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_where_stderr_is_closed_the_result_is_told_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr", None)

    assert GREET(["--cluster", "c"]) == 0

    assert capsys.readouterr().out == "hello c\n"


def test_sigterm_ends_a_step_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    def run(_options: Options, _world: World) -> Result:
        signal.raise_signal(signal.SIGTERM)
        return Result()

    assert Step(name="greet", about="x", options=Options, run=run)([]) == Exit.TERMINATED
    assert capsys.readouterr().err == "greet: error: ended by SIGTERM\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_the_process_without_a_traceback(number: signal.Signals) -> None:
    seen: list[object] = []

    def run(_options: Options, _world: World) -> Result:
        try:
            signal.raise_signal(number)
        finally:
            seen.extend(map(signal.getsignal, (signal.SIGINT, signal.SIGTERM)))
        return Result()

    Step(name="greet", about="x", options=Options, run=run)([])

    assert seen == [signal.SIG_DFL, signal.SIG_DFL]
    # What comes after the step, in Python's own end, has no traceback either.
    assert signal.getsignal(number) is signal.SIG_DFL


def test_a_step_runs_beside_the_main_thread_too(capsys: pytest.CaptureFixture[str]) -> None:
    codes: list[int] = []

    thread = threading.Thread(target=lambda: codes.append(GREET(["--cluster", "c"])))
    thread.start()
    thread.join()

    assert codes == [0]


def test_a_secret_in_an_error_is_hidden_in_every_form() -> None:
    def run(_options: Options, _world: World) -> Result:
        password = Secret('pass"word-42')
        raise StepError(
            f"refused {password.reveal()}", exit=Exit.TOOL, hint=password.reveal(),
            why=(password.reveal(),),
        )  # fmt: skip

    step = Step(name="greet", about="x", options=Options, run=run)

    for form in ("text", "json"):
        ended = invoke(step, "--log-format", form)
        assert "word-42" not in ended.err + ended.out
        assert "***" in ended.err


def test_the_collector_of_garbage_is_as_it_was_after_a_step() -> None:
    before = gc.get_threshold()

    GREET(["--no-such-option"])

    assert gc.get_threshold() == before
