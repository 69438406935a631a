"""Answers, each once, to their question; time that goes on as it went then."""

import datetime as dt
import threading
from pathlib import Path
from typing import Any

import pytest

from ecsstep import __version__, cli
from ecsstep.core.options import Options
from ecsstep.core.output import Result
from ecsstep.core.outside import Outside, current, using
from ecsstep.core.step import Step, World
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.replay.answers import Answers, NoAnswerError
from ecsstep.replay.clock import ReplayClock
from ecsstep.replay.command import main
from ecsstep.replay.disk import Disk
from ecsstep.replay.errors import error_of
from replays import BEGAN, HINT, a_document, parsed, replay, written


def aws(at: float, name: str = "web", *, attempt: int = 1, **answer: Any) -> dict[str, Any]:
    question = {"service": "ecs", "operation": "DescribeServices", "region": "eu-west-1",
                "parameters": {"services": [name]}, "attempt": attempt}  # fmt: skip
    return {"kind": "aws", "at": at, "question": question, "answer": {"status": 200, **answer}}


def answers(*tape: dict[str, Any], **more: Any) -> Answers:
    return Answers(parsed(a_document(tape=list(tape), **more)), Disk())


def never() -> Any:
    raise AssertionError("it was asked for real")


def test_equal_questions_get_their_answers_in_turn_whatever_is_asked_between() -> None:
    found = answers(aws(1, n=1), aws(2, "other", n=2), aws(3, n=3))
    web, other = aws(0)["question"], aws(0, "other")["question"]

    got = [found.ask("aws", question, never)["n"] for question in (other, web, web)]

    assert got == [2, 1, 3]
    assert found.now() == 3
    assert found.time() == dt.datetime.fromisoformat(BEGAN) + dt.timedelta(seconds=3)


def test_a_question_too_many_is_named_with_its_number_and_no_step_takes_it_for_a_refusal() -> None:
    found = answers(aws(1))
    found.ask("aws", aws(0)["question"], never)

    with pytest.raises(NoAnswerError) as raised:
        found.ask("aws", aws(0)["question"], never)

    assert not isinstance(raised.value, Exception)
    assert (raised.value.question, raised.value.number) == (
        "ecs DescribeServices(services=web) in eu-west-1",
        2,
    )


def test_an_image_that_was_not_opened_then_is_named() -> None:
    with pytest.raises(NoAnswerError) as raised:
        answers().ask("image", {"do": "open", "source": "oci:x"}, never)

    assert raised.value.question == "image open oci:x"


def test_tokens_that_are_made_anew_make_no_other_question() -> None:
    entry = aws(1)
    entry["question"]["parameters"]["clientToken"] = "then"
    asked = aws(1)["question"] | {"parameters": {"services": ["web"], "clientToken": "now"}}

    assert answers(entry).ask("aws", asked, never)["status"] == 200


def test_uploads_side_by_side_may_change_their_places() -> None:
    def http(method: str, url: str, **more: Any) -> dict[str, Any]:
        return {"method": method, "url": f"https://r/v2/app/blobs/uploads/{url}", **more}

    tape = [
        {
            "kind": "http",
            "at": 1,
            "question": http("PUT", "one?_state=a&digest=sha256:1"),
            "answer": {"status": 201},
        },
        {
            "kind": "http",
            "at": 2,
            "question": http("PATCH", "two?_state=b", size=7),
            "answer": {"status": 202},
        },
    ]
    found = answers(*tape)

    found.ask("http", http("PUT", "two?_state=b&digest=sha256:1"), never)
    with pytest.raises(NoAnswerError):
        found.ask("http", http("PATCH", "one?_state=a", size=8), never)
    found.ask("http", http("PATCH", "one?_state=a", size=7), never)
    assert found.left() == ()


def test_whether_a_call_was_tried_again_the_record_says() -> None:
    found = answers(aws(1), aws(2, attempt=2), aws(3))
    question = aws(0)["question"]

    found.ask("aws", question, never)
    assert found.has_another(question)
    found.ask("aws", question | {"attempt": 2}, never)
    assert not found.has_another(question | {"attempt": 2})
    found.ask("aws", question, never)
    assert not found.has_another(question)


def test_an_hour_goes_by_as_it_did() -> None:
    found = answers(
        {"kind": "clock", "at": 1.0},
        aws(2),
        {"kind": "clock", "at": 3.0},
        {"kind": "clock", "at": 8.5, "question": {"slept": 5}},
        aws(9),
    )
    clock = ReplayClock(found)

    assert clock.monotonic() == 1.0
    found.ask("aws", aws(0)["question"], never)
    assert clock.monotonic() == 3.0
    assert clock.monotonic() == 3.0
    clock.sleep(5)
    assert clock.monotonic() == 8.5
    clock.sleep(100)
    assert clock.monotonic() == 108.5
    assert clock.now() == dt.datetime.fromisoformat(BEGAN) + dt.timedelta(seconds=108.5)


def test_a_sleep_of_another_length_is_no_recorded_one() -> None:
    clock = ReplayClock(answers({"kind": "clock", "at": 8.5, "question": {"slept": 5}}))

    clock.sleep(3)

    assert clock.monotonic() == 3


@pytest.mark.parametrize(
    ("signal", "error"), [("SIGTERM", Terminated), ("SIGINT", KeyboardInterrupt)]
)
def test_a_signal_arrives_where_it_arrived(signal: str, error: type[BaseException]) -> None:
    tape = (
        aws(1),
        {"kind": "clock", "at": 2},
        {"kind": "interrupt", "at": 3, "answer": {"signal": signal}},
        aws(4),
    )
    asleep, asking = answers(*tape), answers(*tape)

    for found in (asleep, asking):
        found.ask("aws", aws(0)["question"], never)
    with pytest.raises(error):
        asleep.sleep(1)
    with pytest.raises(error):
        asking.ask("aws", aws(0)["question"], never)

    assert asking.ask("aws", aws(0)["question"], never)["status"] == 200
    asleep.sleep(1)


def test_threads_get_each_answer_once() -> None:
    found = answers(*(aws(number, n=number) for number in range(50)))
    got: list[int] = []

    def ask() -> None:
        got.extend(found.ask("aws", aws(0)["question"], never)["n"] for _ in range(10))

    threads = [threading.Thread(target=ask) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(got) == list(range(50))


def test_what_may_be_asked_at_any_time_has_an_answer_always() -> None:
    found = answers()

    assert found.ask("setting", {"name": "region"}, never) == {"value": None}
    assert found.ask("identity", {"do": "load"}, never) == {"method": "replay"}
    assert found.ask("stdin", {"do": "readline"}, never)["content"] == b""
    assert found.recorded("identity", {"do": "fetch"}) is None


def test_a_fetch_of_credentials_breaks_where_it_broke() -> None:
    fetch = {"kind": "identity", "at": 2, "question": {"do": "fetch"}, "answer": {"broken": {}}}
    found = answers(aws(1), fetch)

    assert found.recorded("identity", {"do": "fetch"}) is None
    found.ask("aws", aws(0)["question"], never)
    assert found.recorded("identity", {"do": "fetch"}) == {"broken": {}}


@pytest.mark.parametrize(
    ("told", "exit_code"),
    [
        ({"type": "TagTakenError", "message": "m", "exit": 1, "hint": "h", "why": ["w"]}, 1),
        ({"type": "SystemExit", "exit": 99, "why": "w"}, 2),
        ("nothing", 2),
    ],
)
def test_an_error_of_then_is_one_of_ours(told: Any, exit_code: int) -> None:
    found = error_of(told)

    assert isinstance(found, StepError)
    assert found.exit == exit_code


def file(do: str, path: str = "x", **answer: Any) -> dict[str, Any]:
    return {"kind": "file", "at": 0, "question": {"do": do, "path": path}, "answer": answer}


def test_files_are_as_they_were_and_as_they_would_be() -> None:
    found = answers(
        file("read", content={"body": 0}), file("exists") | {"answer": {"is": True}},
        file("read", "large", content={"left_out": 9}),
        file("check", "bad", error={"message": "no", "exit": 2}),
        file("read", "odd", os_error={"errno": "x"}),
        bodies=[{"text": "then"}],
    )  # fmt: skip

    def ask(do: str, path: str = "x") -> Any:
        return found.ask("file", {"do": do, "path": path}, never)

    assert ask("read")["content"] == ask("read")["content"] == b"then"
    assert (ask("exists")["is"], ask("exists", "y")["is"]) == (True, False)
    found.wrote("x", b"now")
    found.wrote("y", b"new")
    assert ask("read")["content"] == b"now"
    assert (ask("is_file", "y")["is"], ask("is_stream", "y")["is"]) == (True, False)
    with pytest.raises(StepError, match="does not hold 'large'"):
        ask("read", "large")
    with pytest.raises(StepError, match="no"):
        ask("check", "bad")
    with pytest.raises(FileNotFoundError):
        ask("read", "nothing")
    with pytest.raises(OSError, match="can't be read"):
        ask("read", "odd")


def test_another_end_than_then_is_told_with_the_versions(tmp_path: Path) -> None:
    document = a_document(
        versions={"ecsstep": "0.0.1"},
        end={"exit": 1, "message": "other", "why": ["line"], "hint": "do"},
    )
    document["tape"] += [aws(1, str(number)) for number in range(12)] + [aws(2, "1")]

    ended = replay(written(tmp_path, document))

    assert ended.code == Exit.USAGE
    said = ended.err.partition("replay: ")[2].splitlines()
    assert said[0] == "warning: this version decides otherwise than the recorded one"
    assert said[1].startswith("  ecsstep 0.0.1 then, ")
    assert said[2:8] == [
        "  exit code: recorded 1, now 2",
        "  message: recorded: other",
        "  message: now: can't read 't.json': no such file or directory",
        "  hint: recorded: do",
        f"  hint: now: {HINT}",
        "  line: recorded: line",
    ]
    assert "  not asked: ecs DescribeServices(services=1), 2 times" in said
    assert said[-1] == "  and 2 calls more"


def test_the_same_end_by_other_calls_is_told(tmp_path: Path) -> None:
    document = a_document()
    document["tape"].append(aws(1))

    assert (
        "warning: this version asks less than the recorded one"
        in replay(written(tmp_path, document)).err
    )


def _describing(*names: str) -> Step:
    def run(_options: Options, _world: World) -> Result:
        for name in names:
            current().ask("aws", aws(0, name)["question"], never)
        return Result()

    return Step(name="x", about="X.", options=Options, run=run)


@pytest.mark.parametrize(
    ("names", "options", "more", "hint"),
    [
        (["other"], [], [], ("this version asks what the recorded one didn't; take that one (pip "
         "install ecsstep==0.0.1), or ask AWS")),
        (["other"], ["format=json"], [], "with the change the step asks what it didn't ask then"),
        (["web", "web"], ["format=json"], [], ("what happened after the record's end, only AWS "
         "knows")),
        (["other"], [], [{"kind": "gap", "at": 2, "answer": {"left_out": 3}}],
         "answers that were too many were left out of the record"),
    ],
)  # fmt: skip
def test_a_missing_answer_comes_with_its_reason_and_its_region(
    names: list[str], options: list[str], more: list[Any], hint: str, tmp_path: Path
) -> None:
    versions = {"ecsstep": "0.0.1"}
    document = a_document(step="x", argv=[], tape=[aws(1), *more], versions=versions)

    ended = replay(written(tmp_path, document), *options, step=_describing(*names))

    assert ended.code == Exit.USAGE
    assert (
        f"ecs DescribeServices(services={names[-1]}) in eu-west-1 number {len(names)}" in ended.err
    )
    assert f"replay: hint: {hint}" in ended.err
    assert ended.err.endswith("ecsstep replay FILE --live\n")


def test_a_missing_answer_of_this_very_version_names_no_other_one(tmp_path: Path) -> None:
    versions = {"ecsstep": __version__}
    document = a_document(step="x", argv=[], tape=[], versions=versions)

    ended = replay(written(tmp_path, document), step=_describing("web"))

    assert "hint: the step asks what it didn't ask then; to ask AWS" in ended.err


def test_an_option_that_isnt_there_comes_with_where_all_of_them_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = told(capsys, str(written(tmp_path, a_document())), "--option", "bogus=1")

    assert code == Exit.USAGE
    assert "--option: taskdef-render has no option 'bogus'" in err
    assert err.endswith("hint: taskdef-render --help shows every option\n")


def told(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    code = main(argv, steps=cli.STEPS, step=cli.step)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_command_replays_lists_and_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    redaction = {"placeholder": "redacted-1", "kind": "token\x1b[1m", "places": ["a"], "count": 2}
    path = str(written(tmp_path, a_document(redactions=[redaction])))
    other = str(written(tmp_path, a_document(step="no-step"), "other.json"))
    (tmp_path / "t.json").write_text("[]")

    assert told(capsys, path)[0] == Exit.USAGE
    assert told(capsys, path, "--show-redactions") == (0, "redacted-1  token, 2 times: a\n", "")
    assert told(capsys, "--help")[1].startswith("usage: ecsstep replay FILE")
    for argv, words in (
        ([other], "which this version has not"),
        ([path, "--no-such"], "there is no option '--no-such'"),
        ([], "FILE is missing"),
        ([path, "--file", "t.json"], "is not NAME=PATH"),
        ([path, "--file", f"t.json={tmp_path}"], "is a directory"),
        ([path, "--option", "x=1"], "taskdef-render has no option 'x'"),
    ):
        code, out, err = told(capsys, *argv)
        assert (code, out) == (Exit.USAGE, "")
        assert words in err
    assert "holds no object" in told(capsys, path, "--file", f"t.json={tmp_path}/t.json")[2]


def test_no_program_is_started_and_the_environment_is_the_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    seen: dict[str, str] = {}

    def run(_options: Options, world: World) -> Result:
        seen.update(os.environ)
        world.run(("rm", "-rf", "x"))
        return Result()

    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "of this machine")
    step = Step(name="x", about="X.", options=Options, run=run)
    path = written(tmp_path, a_document(step="x", argv=[], variables={"A": "b"}))

    ended = replay(path, step=step)

    assert "the record has no answer to rm -rf x number 1" in ended.err
    assert (seen["A"], "AWS_SECRET_ACCESS_KEY" in seen) == ("b", False)
    assert os.environ["AWS_SECRET_ACCESS_KEY"] == "of this machine"


def test_not_even_what_goes_past_the_record_starts_a_program(tmp_path: Path) -> None:
    def run(_options: Options, world: World) -> Result:
        with using(Outside()):
            world.run(("rm", "-rf", "x"))
        return Result()

    step = Step(name="x", about="X.", options=Options, run=run)

    ended = replay(written(tmp_path, a_document(step="x", argv=[])), step=step)

    assert ended.code == Exit.BUG
    assert "a replay starts no program" in ended.err


def test_a_file_that_is_gone_when_it_is_needed_is_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mended = tmp_path / "mended.json"
    mended.touch()

    def step(name: str) -> Step:
        mended.unlink()
        return cli.step(name)

    path = written(tmp_path, a_document())
    code = main([str(path), "--file", f"t.json={mended}"], steps=cli.STEPS, step=step)

    assert code == Exit.USAGE
    assert f"can't read '{mended}': no such file or directory" in capsys.readouterr().err


def test_a_stdin_that_is_too_large_for_a_record_is_wanted_anew() -> None:
    entry = {"kind": "stdin", "at": 0, "question": {"do": "bytes"},
             "answer": {"content": {"left_out": 9}}}  # fmt: skip

    with pytest.raises(StepError, match="does not hold '-'"):
        answers(entry).ask("stdin", {"do": "bytes"}, never)


def test_files_with_no_name_are_not_saved(tmp_path: Path) -> None:
    disk = Disk()
    disk.wrote("..", b"x")
    disk.wrote("a/b", b"y")

    assert disk.save(str(tmp_path)) == [str(tmp_path / "b")]
