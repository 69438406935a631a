"""The file that joins two steps."""

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecsstep.core.dotenv import check, merge, parse, render
from ecsstep.errors import Exit, StepError

NAMES = st.from_regex(r"ECSSTEP_[A-Z_]{1,12}", fullmatch=True)
REAL_VALUES = st.text(st.characters(categories=("L", "N", "P", "S"), codec="utf-8"), max_size=60)


@given(st.dictionaries(NAMES, REAL_VALUES, max_size=25))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_what_is_written_is_read_back_the_same_by_us_and_by_a_shell(values: dict[str, str]) -> None:
    try:
        text = render(values, name="deploy.env")
    except StepError as error:
        assert error.exit is Exit.USAGE  # noqa: PT017 - both ends are right
        return

    assert parse(text, name="deploy.env") == values
    assert read_by_shell(text) == values


def read_by_shell(text: str) -> dict[str, str]:
    read = Path("/proc/self/fd/0")
    done = subprocess.run(
        ["sh", "-c", f"set -a; . {read}; env -0"],
        input=text.encode(),
        capture_output=True,
        check=True,
        env={"PATH": os.defpath},
    )
    pairs = (each.decode().partition("=") for each in done.stdout.split(b"\0") if each)
    return {name: value for name, _, value in pairs if name.startswith("ECSSTEP_")}


@given(st.text())
def test_any_value_is_written_truly_or_refused(value: str) -> None:
    try:
        text = render({"ECSSTEP_X": value}, name="f")
    except StepError:
        return
    assert text.encode().decode() == f"ECSSTEP_X={value}\n"
    assert parse(text, name="f") == {"ECSSTEP_X": value}


@pytest.mark.parametrize(
    "value",
    ["a b", "a\nb", "a\tb", "'a'", '"a"', "$HOME", "`id`", "a;b", "a\\b", "~", "a\x00b", "\u00a0",
     "a&b", "a|b", "<a", "(a)", "\udc80", "\x85"],
)  # fmt: skip
def test_a_value_that_is_read_as_something_else_is_refused(value: str) -> None:
    with pytest.raises(StepError, match="can't write ECSSTEP_X to 'f'") as caught:
        render({"ECSSTEP_X": value}, name="f")

    assert (caught.value.exit, bool(caught.value.hint)) == (Exit.USAGE, True)


def test_a_value_that_holds_no_longer_is_taken_out(tmp_path: Path) -> None:
    file = tmp_path / "deploy.env"
    file.write_text("A=1\nB=2\nC=3\n")

    merge(str(file), {"C": "4"}, without={"B": "2", "A": "2", "X": "2"})

    assert file.read_text() == "A=1\nC=4\n"


def test_gitlabs_limits_are_kept() -> None:
    many = {f"ECSSTEP_{n}": "x" for n in range(21)}

    with pytest.raises(StepError, match="would hold 21 variables; GitLab accepts 20"):
        render(many, name="f")
    with pytest.raises(StepError, match="limit of 5 KB"):
        render({"A": "x" * (5 * 1024 - 3)}, name="f")
    assert len(render({"A": "x" * (5 * 1024 - 4)}, name="f")) == 5 * 1024 - 1


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param("", {}, id="empty"),
        pytest.param("A=1\nB=2\n", {"A": "1", "B": "2"}, id="two"),
        pytest.param("A=1\r\nB=2", {"A": "1", "B": "2"}, id="windows, no last line end"),
        pytest.param(" A = x=y \n", {"A": "x=y"}, id="stripped, split at the first sign"),
        pytest.param('A="1"\n', {"A": '"1"'}, id="quotes are part of it"),
        pytest.param("A=1\nA=2\n", {"A": "2"}, id="the last one wins"),
    ],
)
def test_a_file_is_read_by_gitlabs_rules(text: str, values: dict[str, str]) -> None:
    assert parse(text, name="f") == values


@pytest.mark.parametrize(
    "text", ["\n", "A=1\n\nB=2\n", "# note\n", "export A=1\n", "A\n", "1A=x\n", "=x\n"]
)
def test_what_gitlab_refuses_is_named_by_line(text: str) -> None:
    with pytest.raises(StepError, match=r"line \d is not NAME=value"):
        parse(text, name="f")


def test_all_such_lines_are_named() -> None:
    with pytest.raises(StepError, match="lines 2, 4 and 5 are not NAME=value"):
        parse("A=1\n#\nB=2\n\nexport C=3\n", name="f")


def test_room_for_what_will_be_handed_on_is_looked_for_before_the_work(tmp_path: Path) -> None:
    file = tmp_path / "deploy.env"
    file.write_text("A=" + "x" * 5000 + "\n")

    check(str(file))
    check(str(file), {"A": 5000, "B": 90})
    with pytest.raises(StepError, match="limit of 5 KB"):
        check(str(file), {"B": 200})
    file.write_text("".join(f"A{n}=1\n" for n in range(19)))
    with pytest.raises(StepError, match="would hold 21 variables"):
        check(str(file), {"B": 1, "C": 1})


def test_the_other_lines_stay_whatever_a_shell_thinks_of_them(tmp_path: Path) -> None:
    file = tmp_path / "deploy.env"
    file.write_text('TITLE="a b"\nECSSTEP_A=old\nZ=1\n')

    check(str(file))
    merge(str(file), {"ECSSTEP_A": "new", "ECSSTEP_B": "b"})

    assert file.read_text() == 'TITLE="a b"\nECSSTEP_A=new\nZ=1\nECSSTEP_B=b\n'


def test_a_refused_value_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "deploy.env"
    file.write_text("A=1\n")

    with pytest.raises(StepError):
        merge(str(file), {"B": "a b"})

    assert file.read_text() == "A=1\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("# note\n", "no dotenv file", id="a comment"),
        pytest.param("".join(f"A{n}=1\n" for n in range(21)), "21 variables", id="too many"),
        pytest.param(f"A={'x' * 6000}\n", "5 KB", id="too large"),
    ],
)
def test_a_file_that_cant_be_merged_into_is_known_before_the_work(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "deploy.env"
    file.write_text(text)

    with pytest.raises(StepError, match=said):
        check(str(file))


def test_a_new_file_is_fine_and_a_stream_gets_the_new_lines(tmp_path: Path) -> None:
    merge(str(tmp_path / "new" / "deploy.env"), {"A": "1"})
    check("/dev/null")
    merge("/dev/null", {"A": "1"})

    assert (tmp_path / "new" / "deploy.env").read_text() == "A=1\n"
