"""A tape becomes a record's document, whatever is on it."""

import datetime as dt
import json
from pathlib import Path

import pytest

from ecsstep import cli
from ecsstep.core.options import Options
from ecsstep.core.tape import Tape
from ecsstep.core.taped import Variables
from ecsstep.errors import Exit, StepError
from ecsstep.records.recording import draft_of, write
from ecsstep.rules.record.reading import parsed
from ecsstep.rules.record.value import Record
from ecsstep.rules.record.writing import Draft, document
from fakes import FakeClock


def a_draft(tape: Tape, *, variables: Variables | None = None) -> Draft:
    return draft_of(
        "greet",
        ["--env", "A=of-a-flag-7"],
        3,
        tape=tape,
        variables=variables or Variables({}),
        declared=Options.declared(),
    )


def a_record(tape: Tape, *, variables: Variables | None = None) -> Record:
    return parsed(json.loads(json.dumps(document(a_draft(tape, variables=variables)))))


def test_a_record_is_read_back_as_it_was_made() -> None:
    clock = FakeClock()
    tape = Tape(clock)
    clock.elapsed = 1.5
    question = {"service": "ecs", "operation": "DescribeServices", "parameters": {}}
    for body in (b'{"services": []}', b"<xml/>", b"12", b"{oh"):
        tape.note("aws", question, {"status": 200, "body": body})
    tape.note("file", {"do": "read", "path": "x"}, {"content": b"\xff\x00"})
    tape.said("error", "it went wrong", {"exit": Exit.FAILED, "why": ("a", "b"), "hint": "do"})
    variables = Variables({"ECSSTEP_ID_TOKEN": "a.b.c-of-gitlab", "AWS_REGION": "eu-west-1"})
    assert variables.get("ECSSTEP_ID_TOKEN")

    found = a_record(tape, variables=variables)

    assert (found.step, found.began, found.seconds) == ("greet", tape.began, 1.5)
    assert [entry.answer.get("body", entry.answer.get("content")) for entry in found.entries] == [
        b'{"services": []}',
        b"<xml/>",
        b"12",
        b"{oh",
        b"\xff\x00",
    ]
    assert (found.end.exit, found.end.why, found.end.hint) == (3, ("a", "b"), "do")
    assert found.argv == ("--env", "A=redacted-1")
    assert found.variables == {"AWS_REGION": "eu-west-1", "ECSSTEP_ID_TOKEN": "redacted-2"}
    assert {each.kind for each in found.redactions} == {"environment value", "password"}


def test_a_body_that_is_the_answer_twice_stands_there_once() -> None:
    tape = Tape(FakeClock())
    for _ in range(2):
        tape.note("http", {"method": "GET", "url": "u"}, {"status": 200, "body": b"same"})
        tape.note("run", {"argv": ["docker"]}, {"stdout": b"same"})
        tape.note("stdin", {"do": "bytes"}, {"content": b"same"})
        tape.note("image", {"do": "open"}, {})

    assert len(document(a_draft(tape))["bodies"]) == 3


def test_a_gap_is_told() -> None:
    clock = FakeClock()
    tape = Tape(clock, most=4000)
    for number in range(9):
        clock.elapsed = number
        tape.note("aws", {"number": number}, {"status": 200})

    kinds = [(entry.kind, entry.answer.get("left_out")) for entry in a_record(tape).entries]

    assert ("gap", 9 - len(kinds) + 1) in kinds


def test_events_that_went_are_counted() -> None:
    tape = Tape(FakeClock())
    for number in range(2003):
        tape.said("info", str(number), {})

    first, second, *_ = a_record(tape).events

    assert (first.event, first.data) == ("events that were too many stood here", {"left_out": 3})
    assert second.event == "3"


@pytest.mark.parametrize("step", ["taskdef-render", "task-run"])
def test_a_variable_for_containers_is_known_by_the_options_declaration(step: str) -> None:
    declared = cli.step(step).options.declared()
    [name] = declared["env"].variables
    variables = Variables({name: "A=kanarie 1\nB=kanarie 2"})
    assert variables.get(name)

    draft = draft_of(step, ["--env", "C=kanarie 3"], 2, tape=Tape(FakeClock()), variables=variables,
                     declared=declared)  # fmt: skip

    assert "kanarie" not in json.dumps(document(draft))


def test_a_secret_for_containers_and_secret_options_are_known_by_the_options_declaration() -> None:
    declared = cli.step("taskdef-render").options.declared()
    variables = Variables({"ECSSTEP_SECRET": "S=kanarie/1", "ECSSTEP_ID_TOKEN": "kanarie 2"})
    assert all(map(variables.get, variables))
    argv = ["--diff", "--no-diff", "--secret", "S=kanarie/3"]

    draft = draft_of("x", argv, 2, tape=Tape(FakeClock()), variables=variables, declared=declared)

    made = document(draft)
    assert "kanarie" not in json.dumps(made)
    assert made["argv"][:3] == ["--diff", "--no-diff", "--secret"]


def test_the_name_of_a_secret_is_none_where_an_option_takes_it() -> None:
    declared = cli.step("ecr-login").options.declared()
    argv = ["--docker-hub-user", "bob", "--docker-hub-secret", "hub"]

    draft = draft_of("x", argv, 2, tape=Tape(FakeClock()), variables=Variables({}),
                     declared=declared)  # fmt: skip

    assert document(draft)["argv"] == argv


def test_what_a_step_said_of_an_environments_value_is_hidden_in_its_place() -> None:
    tape = Tape(FakeClock())
    tape.said("info", '+ containerDefinitions[app].environment[SHORT]: "Ca20n"', {})

    [said] = a_record(tape).events

    assert said.event == "+ containerDefinitions[app].environment[SHORT]: redacted-2"


def test_whatever_an_event_holds_becomes_json() -> None:
    tape = Tape(FakeClock())
    when = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    tape.said("info", "x", {"a": {"b": (1, 2.5, None, True)}, "t": when, "p": Path("x"), "r": b"y"})

    [said] = a_record(tape).events

    assert said.data == {
        "a": {"b": [1, 2.5, None, True]},
        "t": "2026-01-02T00:00:00+00:00",
        "p": "x",
        "r": "y",
    }


def test_a_line_of_stdin_is_a_password() -> None:
    tape = Tape(FakeClock())
    tape.note("stdin", {"do": "readline"}, {"content": b"pw\n"})

    [entry] = a_record(tape).entries

    assert entry.answer["content"] == b"redacted-2\n"


def test_a_folder_that_cant_be_made_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".ecsstep").write_text("")

    with pytest.raises(StepError, match=r"can't write '\.ecsstep/greet-"):
        write(a_draft(Tape(FakeClock())), None)


def test_after_a_hundred_names_the_processs_own_number_makes_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ecsstep.records.recording._ATTEMPTS", 2)
    draft = a_draft(Tape(FakeClock()))

    first, second = write(draft, "always"), write(draft, "")

    assert first == ".ecsstep/greet-20260102T030405Z.json"
    assert second.startswith(".ecsstep/greet-20260102T030405Z-")
