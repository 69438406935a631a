"""A command line is taken apart as its author meant it, and every mistake in it has its words."""

from typing import Any

import pytest

from ecsstep.core.command_line import taken_apart
from ecsstep.core.options import Option

ONE = {
    "image": Option(flag="IMAGE", help="i"),
    "tags": Option(flag="--tag", help="t", repeatable=True),
    "number": Option(flag="--number", help="n"),
    "dry_run": Option(flag="--dry-run", help="d", is_switch=True, default=False),
    "token": Option(variable="TOKEN", help="t", secret=True),
}
MANY = {
    "names": Option(flag="NAME", help="n", repeatable=True),
    "tag": Option(flag="--tag", help="t"),
    "command": Option(flag="COMMAND", help="c", repeatable=True, is_rest=True),
}


@pytest.mark.parametrize(
    ("words", "texts"),
    [
        pytest.param("", {}, id="nothing"),
        pytest.param("i --tag a --tag=b", {"image": ["i"], "tags": ["a", "b"]}, id="both forms"),
        pytest.param("--number -3 -", {"number": ["-3"], "image": ["-"]}, id="number and dash"),
        pytest.param("--number -.5", {"number": ["-.5"]}, id="a fraction"),
        pytest.param("--tag=--x", {"tags": ["--x"]}, id="a value that looks like a flag"),
        pytest.param("--dry-run --no-dry-run", {"dry_run": [False]}, id="the last switch"),
        pytest.param("--tag --dry-run", {"tags": [None], "dry_run": [True]}, id="no value"),
        pytest.param("--tag --", {"tags": [None]}, id="no value before the dashes"),
        pytest.param("--tag", {"tags": [None]}, id="no value at the end"),
        pytest.param("-- --tag", {"image": ["--tag"]}, id="a positional that looks like a flag"),
        pytest.param("--tag=", {"tags": [""]}, id="an empty value"),
    ],
)
def test_what_was_given(words: str, texts: dict[str, Any]) -> None:
    assert taken_apart(ONE, words.split()) == (texts, [])


@pytest.mark.parametrize(
    ("words", "faults"),
    [
        pytest.param(["--tagg=a"], ["there is no option '--tagg'; did you mean '--tag'?"], id="?"),
        pytest.param(["--no-tag"], [
            "there is no option '--no-tag'; did you mean '--tag'?"], id="no switch"),
        pytest.param(["--token", "x", "y"], ["there is no option '--token'"], id="not a flag"),
        pytest.param(["--token", "x", "y", "z"], [
            "there is no option '--token'", "'z' is one argument too many"], id="one more"),
        pytest.param(["--token=x", "y", "z"], [
            "there is no option '--token'", "'z' is one argument too many"], id="with ="),
        pytest.param(["--token", "x"], ["there is no option '--token'"], id="an only word"),
        pytest.param(["--toke", "--token", "--", "x"], [
            "there is no option '--toke'", "there is no option '--token'"], id="no value"),
        pytest.param(["--dry-run=1", "--no-dry-run=1"], [
            "--dry-run takes no value", "--no-dry-run takes no value"], id="switch"),
        pytest.param(["--", "a", "--"], ["'--' is one argument too many"], id="dashes"),
    ],
)  # fmt: skip
def test_what_is_wrong(words: list[str], faults: list[str]) -> None:
    assert taken_apart(ONE, words)[1] == faults


def test_many_positionals_and_a_command_line_of_somebody_else() -> None:
    assert taken_apart(MANY, ["a", "--tag", "t", "b", "--", "rm", "--tag", "--", "x"]) == (
        {"names": ["a", "b"], "tag": ["t"], "command": ["rm", "--tag", "--", "x"]},
        [],
    )
    assert taken_apart(MANY, ["--"]) == ({"command": []}, [])
