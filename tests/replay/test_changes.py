"""One thing changed: options given anew, files with another content."""

import re
from pathlib import Path

import pytest

from ecsstep.cli import step
from ecsstep.errors import StepError
from ecsstep.replay.changes import Call, changed
from replays import a_document, replay, written

DECLARED = step("taskdef-render").options.declared()
PUSH = step("image-push").options.declared()


@pytest.mark.parametrize(
    ("argv", "wishes", "expected"),
    [
        pytest.param(["--family", "a", "--diff"], ["family=b"], ["--diff", "--family=b"],
                     id="flag"),
        pytest.param(["--family=a"], ["--family=b"], ["--family=b"], id="with its dashes"),
        pytest.param(["--family", "a"], ["family="], [], id="taken away"),
        pytest.param(["--family", "--diff"], ["family=b"], ["--diff", "--family=b"], id="no value"),
        pytest.param(["--file", "-", "x"], ["file=y"], ["x", "--file=y"], id="stdin"),
        pytest.param(["--env", "A=1", "--env=B=2"], ["env=C=3", "env=D=4"],
                     ["--env=C=3", "--env=D=4"], id="repeatable"),
        pytest.param(["--no-diff"], ["diff"], ["--diff"], id="switch"),
        pytest.param(["--diff"], ["diff=false"], ["--no-diff"], id="switch off"),
        pytest.param(["--diff"], ["diff=yes"], ["--diff"], id="switch on"),
        pytest.param(["--diff", "--", "x"], ["family=b"], ["--diff", "--family=b", "--", "x"],
                     id="before two dashes"),
        pytest.param(["--unknown", "x"], ["family=b"], ["--unknown", "x", "--family=b"],
                     id="a mistake stays one"),
    ],
)  # fmt: skip
def test_a_flag_is_given_anew(argv: list[str], wishes: list[str], expected: list[str]) -> None:
    found = changed(Call(argv=tuple(argv), variables={}), wishes, DECLARED, prog="taskdef-render")

    assert list(found.argv) == expected


def test_a_variable_gives_way_to_what_is_given_anew() -> None:
    call = Call(argv=(), variables={"TASK_DEFINITION": "web", "ECSSTEP_TASKDEF": "w", "HOME": "/"})

    found = changed(call, ["TASK_DEFINITION=web:2"], DECLARED, prog="taskdef-render")

    assert found == Call(argv=("--taskdef=web:2",), variables={"HOME": "/"})


def test_a_positional_and_an_option_of_variables_alone_are_given_anew() -> None:
    call = Call(argv=("app:build", "--tag", "v1"), variables={"CI_COMMIT_TAG": "v1"})

    found = changed(call, ["SOURCE=oci:app", "CI_COMMIT_TAG=v2"], PUSH, prog="image-push")

    assert found.argv == ("--tag", "v1", "oci:app")
    assert found.variables == {"CI_COMMIT_TAG": "v2"}


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("famly=x", "taskdef-render has no option 'famly'; did you mean 'family'?"),
        ("=x", "taskdef-render has no option ''"),
        ("family", "needs a value"),
        ("diff=maybe", "is true or false"),
        ("ECSSTEP_ID_TOKEN=x", "is a secret"),
    ],
)
def test_what_cant_be_changed_so_is_told(wish: str, said: str) -> None:
    with pytest.raises(StepError, match=re.escape(said)):
        changed(Call(argv=(), variables={}), [wish], DECLARED, prog="taskdef-render")


DEFINITION = (
    b'{"family": "web", "containerDefinitions": [{"name": "app", "image": "x:1", "memory": 64}]}'
)


def test_another_file_gives_another_end(tmp_path: Path) -> None:
    path = written(tmp_path, a_document())

    ended = replay(path, files={"t.json": DEFINITION})

    assert ended.code == 0
    assert '"family": "web"' in ended.out
    assert ended.err.startswith("replay: replayed with a change: the end is another\n")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("T.json", "it read 't.json'"), ("./t.json", "it read 't.json'"), ("-", "it read 't.json'")],
)
def test_another_content_for_a_file_that_the_step_has_not_is_a_mistake(
    name: str, hint: str, tmp_path: Path
) -> None:
    ended = replay(written(tmp_path, a_document()), files={name: DEFINITION})

    assert (ended.code, ended.out) == (2, "")
    assert f"--file: the step reads no file '{name}'\nreplay: hint: {hint}\n" in ended.err


def test_a_step_that_read_nothing_says_so(tmp_path: Path) -> None:
    ended = replay(written(tmp_path, a_document(tape=[])), files={"x": DEFINITION})

    assert "hint: it read none\n" in ended.err


def test_a_file_that_the_changed_options_name_may_be_given(tmp_path: Path) -> None:
    ended = replay(written(tmp_path, a_document()), "file=new.json", files={"new.json": DEFINITION})

    assert ended.code == 0


def test_a_name_that_turns_out_to_be_no_files_is_told(tmp_path: Path) -> None:
    document = a_document(argv=["--file", "t.json", "--family", "web"])

    ended = replay(written(tmp_path, document), files={"web": DEFINITION})

    assert "warning: nobody read what was given  files=web\n" in ended.err


def test_what_the_step_writes_is_written_only_where_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    document = a_document(argv=["--file", "t.json", "--output", "../../deep/r.json"])
    path = written(tmp_path, document)
    files = {"t.json": DEFINITION}

    replay(path, files=files)
    assert list(folder.iterdir()) == []

    ended = replay(path, "dotenv=x.env", files=files, write_to=str(tmp_path / "out"))
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == ["r.json", "x.env"]
    assert "replay: file written  file=" in ended.err
    assert not list(folder.iterdir())

    twice = replay(path, "dotenv=r.json", files=files, write_to=str(tmp_path / "out"))
    assert "two of the written files have the name 'r.json'" in twice.err


def test_stdin_is_a_file_too(tmp_path: Path) -> None:
    document = a_document(argv=["--file=-"], tape=[])

    assert replay(written(tmp_path, document), files={"-": DEFINITION}).code == 0
    assert "'stdin' is empty" in replay(written(tmp_path, document)).err
