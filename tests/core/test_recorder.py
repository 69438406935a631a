"""When a record is written, where, and that it is never a reason for another exit code."""

import gzip
import io
import json
import signal
from pathlib import Path
from typing import Any

import pytest

from ecsstep.core.options import Option, Options
from ecsstep.core.output import Result
from ecsstep.core.step import Step, World
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.secret import Secret
from fakes import Ended, FakeClock, FakeRun, completed
from replays import replay


class GreetOptions(Options):
    name: str = Option(flag="--name", help="whom", required=True).field()
    end: str = Option(flag="--end", help="how it ends", default="fine").field()
    password: Secret | None = Option(help="a secret", variable="GREET_SECRET", secret=True).field()


def greet(options: GreetOptions, world: World) -> Result:
    done = world.run(("cowsay", options.name))
    world.log.info("greeted", said=done.stdout.strip(), by=options.password)
    world.clock.sleep(60)
    match options.end:
        case "refused":
            return Result(exit=Exit.REFUSED, message=f"no {options.name}", why=("a", "b"), hint="h")
        case "bug":
            raise ZeroDivisionError("oh")
        case "SIGTERM":
            signal.raise_signal(signal.SIGTERM)
        case "terminated":
            raise Terminated
        case "interrupted":
            raise KeyboardInterrupt
        case "large":
            raise StepError("x" * 300_000, exit=Exit.TOOL)
        case _:
            pass
    return Result(lines=("moo",))


GREET = Step(name="greet", about="Greet.", options=GreetOptions, run=greet)
RUN = FakeRun({("cowsay",): completed("moo s3cr3t-of-a-cow")})


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def greeted(*argv: str, environ: dict[str, str] | None = None) -> Ended:
    out, err = io.StringIO(), io.StringIO()
    code = GREET.invoke(
        argv, environ=environ or {}, stdin=io.StringIO(), stdout=out, stderr=err,
        clock=FakeClock(), run=RUN,
    )  # fmt: skip
    return Ended(code=code, out=out.getvalue(), err=err.getvalue())


def left() -> list[str]:
    return sorted(path.as_posix() for path in Path().rglob("*") if path.is_file())


@pytest.mark.parametrize(
    ("end", "code"),
    [("refused", 1), ("bug", 70), ("terminated", 143), ("interrupted", 130), ("large", 6)],
)
def test_a_failed_run_leaves_a_record_that_replays_to_the_same_end(end: str, code: int) -> None:
    ended = greeted("--name", "cow", "--end", end, environ={"GREET_SECRET": "s3cr3t-of-a-cow"})

    [name] = left()
    assert ended.code == code
    assert name == f".ecsstep/greet-20260102T030405Z.json{'.gz' if end == 'large' else ''}"
    assert ended.err.endswith(
        f"greet: record written  file={name}\ngreet: hint: replay it: ecsstep replay {name}\n"
    )
    raw = Path(name).read_bytes()
    text = gzip.decompress(raw) if end == "large" else raw
    assert b"s3cr3t" not in text
    again = replay(Path(name), step=GREET)
    assert (again.code, again.out) == (code, ended.out)
    assert again.err.endswith("replay: replayed as recorded\n"), again.err


def test_a_signal_is_kept_where_it_arrived(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECSSTEP_RECORD", "")

    def stop(_options: Options, world: World) -> Result:
        world.run(("true",))
        signal.raise_signal(signal.SIGTERM)
        return Result()

    step = Step(name="stop", about="Stop.", options=Options, run=stop)

    assert step([]) == Exit.TERMINATED
    [name] = left()
    tape = json.loads(Path(name).read_text())["tape"]
    assert [entry["kind"] for entry in tape] == ["run", "interrupt"]
    assert "record written" in capsys.readouterr().err


def test_two_records_of_one_second_have_two_names() -> None:
    for _ in range(3):
        greeted("--name", "cow", "--end", "refused")

    assert left() == [
        ".ecsstep/greet-20260102T030405Z-2.json",
        ".ecsstep/greet-20260102T030405Z-3.json",
        ".ecsstep/greet-20260102T030405Z.json",
    ]


@pytest.mark.parametrize(
    ("argv", "environ", "files"),
    [
        pytest.param(["--name", "c"], {}, [], id="success"),
        pytest.param(["--name", "c"], {"ECSSTEP_RECORD": "always"}, [".ecsstep/greet-*"],
                     id="always"),
        pytest.param(["--name", "c"], {"ECSSTEP_RECORD": "r.json"}, ["r.json"], id="a path"),
        pytest.param(["--name", "c", "--record", "r/x.gz"], {}, ["r/x.gz"], id="a flag"),
        pytest.param(["--name", "c", "--record", "r.json"], {"ECSSTEP_RECORD": "never"}, ["r.json"],
                     id="a flag beats never"),
        pytest.param(["--name", "c", "--end", "refused"], {"ECSSTEP_RECORD": "never"}, [],
                     id="never"),
        pytest.param(["--name", "c", "--end", "refused", "--record=never"], {}, [],
                     id="never by flag"),
        pytest.param(["--nmae", "c"], {}, [], id="a typo"),
        pytest.param(["--nmae", "c"], {"ECSSTEP_RECORD": "always"}, [".ecsstep/greet-*"],
                     id="a typo, always"),
        pytest.param(["--nmae", "c", "--record", "r.json"], {}, ["r.json"], id="a typo, by flag"),
        pytest.param(["--nmae", "c", "--record=r.json"], {"ECSSTEP_RECORD": "always"}, ["r.json"],
                     id="a typo, both"),
        pytest.param(["--nmae", "c", "--record", "never"], {"ECSSTEP_RECORD": "always"}, [],
                     id="a typo, never"),
        pytest.param(["--nmae", "c", "--", "--record", "x"], {}, [], id="somebody else's flag"),
        pytest.param(["--name", "c"], {"ECSSTEP_RECORD": "1"}, [".ecsstep/greet-*"], id="1"),
        pytest.param(["--name", "c"], {"ECSSTEP_RECORD": "ALWAYS"}, [".ecsstep/greet-*"],
                     id="capitals"),
        pytest.param(["--name", "c", "--record", "True"], {}, [".ecsstep/greet-*"], id="true"),
        pytest.param(["--name", "c", "--end", "refused"], {"ECSSTEP_RECORD": "0"}, [], id="0"),
        pytest.param(["--help"], {"ECSSTEP_RECORD": "always"}, [], id="help"),
        pytest.param(["--version"], {"ECSSTEP_RECORD": "always"}, [], id="version"),
    ],
)  # fmt: skip
def test_a_record_is_left_where_it_is_wanted(
    argv: list[str], environ: dict[str, str], files: list[str]
) -> None:
    greeted(*argv, environ=environ)

    found = left()
    assert len(found) == len(files)
    assert all(Path(name).match(pattern) for name, pattern in zip(found, files, strict=True))


def test_a_mistake_in_the_arguments_replays_too() -> None:
    ended = greeted("--nmae", "c", "--record", "x", environ={"ECSSTEP_RECORD": "always"})
    [name] = left()

    again = replay(Path(name), step=GREET)

    assert ended.code == again.code == Exit.USAGE
    assert "did you mean '--name'" in again.err
    assert replay(Path(name), "name=cow", step=GREET).code == Exit.USAGE


def test_what_follows_an_option_that_isnt_there_is_no_public_word() -> None:
    greeted("--greet-secret", "s3cr3t-typed", "--name", "x", environ={"ECSSTEP_RECORD": "r.json"})

    record = Path("r.json").read_text()
    assert "s3cr3t-typed" not in record
    assert '"--greet-secret",\n  "redacted-1"' in record


@pytest.mark.parametrize("name", ["folder/r.json", ".ecsstep"])
def test_a_record_that_cant_be_written_is_a_warning(name: str) -> None:
    Path(name.partition("/")[0]).write_text("in the way")

    ended = greeted("--name", "c", "--end", "refused", *(["--record", name] if "/" in name else []))

    assert ended.code == Exit.REFUSED
    assert "warning: the record can't be written  reason=" in ended.err


def test_a_mistake_of_ours_in_writing_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: Any, **_more: Any) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("ecsstep.records.recording.draft_of", broken)

    ended = greeted("--name", "c", "--end", "refused")

    assert ended.code == Exit.REFUSED
    assert 'reason="ZeroDivisionError: oh"' in ended.err


def test_a_program_that_isnt_there_is_not_there_in_the_replay_either() -> None:
    def look(_options: Options, world: World) -> Result:
        world.run(("no-such-program",))
        return Result()

    step = Step(name="look", about="Look.", options=Options, run=look)
    step.invoke(
        [], environ={}, stdin=io.StringIO(), stdout=io.StringIO(), stderr=io.StringIO(),
        clock=FakeClock(), run=FakeRun(),
    )  # fmt: skip
    [name] = left()

    assert replay(Path(name), step=step).code == Exit.TOOL


def test_ctrl_c_is_kept_where_it_arrived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECSSTEP_RECORD", "")

    def stop(_options: Options, world: World) -> Result:
        signal.raise_signal(signal.SIGINT)
        return Result(lines=(str(world),))

    step = Step(name="stop", about="Stop.", options=Options, run=stop)

    assert step([]) == Exit.INTERRUPTED
    [name] = left()
    assert json.loads(Path(name).read_text())["tape"][0]["answer"] == {"signal": "SIGINT"}


def test_ctrl_c_stays_ignored_where_a_shell_lets_it_be(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    monkeypatch.setattr("sys.argv", ["greet", "--version"])
    try:
        assert GREET() == 0
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
