"""The result, as stdout gets it."""

import io
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.core.output import Result, compiled, rendered, to_json, write
from ecsstep.errors import Exit, StepError

RESULT = Result(
    lines=("one", "two\x1b[1m"),
    data={"name": "\x1b[1mé", "n": 1, "list": ["a", {"b": None}], "none": None},
)


@pytest.mark.parametrize(
    ("form", "query", "out"),
    [
        pytest.param("text", None, "one\ntwo\n", id="one value a line, cleaned"),
        pytest.param("text", "name", "é\n", id="query for people, cleaned"),
        pytest.param("text", "list", 'a\n{"b": null}\n', id="a list, one item a line"),
        pytest.param("text", "none", "\n", id="nothing is an empty line"),
        pytest.param("text", "n", "1\n", id="a number"),
        pytest.param("json", "name", '"\\u001b[1mé"\n', id="data stays as it is"),
        pytest.param("json", "none", "null\n", id="null"),
    ],
)
def test_a_result_has_three_forms(form: str, query: str | None, out: str) -> None:
    assert rendered(RESULT, form=form, query=query) == out


def test_json_is_the_whole_result() -> None:
    assert json.loads(rendered(RESULT, form="json", query=None)) == RESULT.data


def test_a_document_is_the_result_in_every_form_but_a_query() -> None:
    result = Result(verbatim="{ }\n", data={"a": 1})

    assert [rendered(result, form=form, query=None) for form in ("text", "json")] == ["{ }\n"] * 2
    assert rendered(result, form="text", query="a") == "1\n"


def test_a_query_that_doesnt_fit_is_a_mistake() -> None:
    with pytest.raises(StepError, match="does not fit the result") as caught:
        rendered(RESULT, form="text", query="sum(name)")

    assert caught.value.exit is Exit.USAGE


def test_a_query_that_is_nested_too_deep_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="is not JMESPath: it is nested too deep"):
        compiled("(" * 3000 + "a" + ")" * 3000)
    with pytest.raises(StepError, match="does not fit the result") as caught:
        rendered(RESULT, form="text", query="||".join(["nothing"] * 5000))

    assert caught.value.exit is Exit.USAGE


@given(st.text())
def test_a_query_is_jmespath_or_a_mistake(text: str) -> None:
    try:
        assert compiled(text) == text
    except ValueError as error:
        assert "is not JMESPath" in str(error)  # noqa: PT017 - both ends are right


@given(
    st.recursive(
        st.text() | st.none() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_json_says_the_same_in_utf8(value: object) -> None:
    assert json.loads(to_json(value).encode()) == value


def test_a_full_disk_is_told() -> None:
    with Path("/dev/full").open("w") as full, pytest.raises(StepError) as caught:
        write(full, "x")

    assert caught.value.message == "can't write the result to stdout: no space left on device"
    assert caught.value.exit is Exit.USAGE


def test_a_stream_without_a_descriptor_may_fail_too() -> None:
    class Broken(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError("gone")

    with pytest.raises(StepError, match="stdout: gone"):
        write(Broken(), "x")
    with pytest.raises(StepError, match="stdout: it is closed"):
        write(None, "x")


PROGRAM = """
    import sys
    from ecsstep.core.options import Options
    from ecsstep.core.output import Result
    from ecsstep.core.step import Step

    def run(options, world):
        return Result(lines=("hello",), dotenv={"ECSSTEP_A": "1"})

    sys.exit(Step(name="greet", about="Greet.", options=Options, run=run)())
"""


@pytest.mark.parametrize(
    ("redirection", "code", "said"),
    [
        pytest.param(">/dev/full", 2, "no space left on device", id="full disk"),
        pytest.param(">&-", 2, "it is closed", id="closed stdout"),
        pytest.param("--nope 2>&-", 2, "", id="closed stderr"),
        pytest.param("--nope 2>/dev/full", 2, "", id="full stderr"),
        pytest.param(">&- 2>&-", 2, "", id="both closed"),
        pytest.param("--dotenv /dev/stderr", 0, "ECSSTEP_A=1\n", id="a stream for dotenv"),
        pytest.param("<&-", 0, "", id="closed stdin"),
    ],
)
def test_the_exit_code_is_true_whatever_becomes_of_the_streams(
    tmp_path: Path, redirection: str, code: int, said: str
) -> None:
    program = tmp_path / "greet.py"
    program.write_text(textwrap.dedent(PROGRAM))

    done = subprocess.run(
        ["sh", "-c", f"'{sys.executable}' '{program}' {redirection}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_went_away_is_no_crash(tmp_path: Path) -> None:
    program = tmp_path / "greet.py"
    program.write_text(textwrap.dedent(PROGRAM))

    done = subprocess.run(
        ["sh", "-c", f"{{ sleep 0.3; '{sys.executable}' '{program}'; echo $? >&2; }} | true"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.stderr.splitlines() == [
        "greet: error: can't write the result to stdout: broken pipe",
        "greet: hint: the step itself is done; run it again to get its result",
        "2",
    ]
