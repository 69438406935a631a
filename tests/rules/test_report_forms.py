"""The forms of reports, as ``--report`` names them."""

import pytest

from ecsstep.rules.report_forms import ENDINGS, FORMS, GATE, WAIT, parse_report
from ecsstep.rules.waited.endings import parse_path


@pytest.mark.parametrize(
    ("text", "step", "expected"),
    [
        pytest.param("junit=a=b.txt", GATE, ("junit", "a=b.txt"), id="form and file"),
        pytest.param("gitlab=gl.json", GATE, ("gitlab", "gl.json"), id="the form goes first"),
        pytest.param("r/scan.XML", GATE, ("junit", "r/scan.XML"), id="junit by ending"),
        pytest.param("passed.json", GATE, ("json", "passed.json"), id="json by ending"),
        pytest.param("scan.sarif", GATE, ("sarif", "scan.sarif"), id="sarif by ending"),
        pytest.param("scan.md", GATE, ("markdown", "scan.md"), id="markdown by ending"),
        pytest.param("./a=b.json", GATE, ("json", "./a=b.json"), id="a sign within a path"),
        pytest.param("deploy=prod.html", WAIT, ("html", "deploy=prod.html"), id="a sign in a name"),
        pytest.param("wait.html", WAIT, ("html", "wait.html"), id="html by ending"),
        pytest.param("junit=wait.xml", WAIT, ("junit", "wait.xml"), id="the gate's grammar"),
    ],
)
def test_a_report_is_form_and_file_or_a_file_whose_ending_says_it(
    text: str, step: str, expected: tuple[str, str]
) -> None:
    assert parse_report(text, step=step) == expected


@pytest.mark.parametrize(
    ("text", "step", "said"),
    [
        pytest.param("gitlab=gl.json", WAIT, "'gitlab' is a form of scan-gate's", id="the gate's"),
        pytest.param("scan.sarif", WAIT, "'sarif' is a form of scan-gate's", id="by its ending"),
        pytest.param("html=a.html", GATE, "'html' is a form of wait-stable's", id="the wait's"),
        pytest.param("wait.html", GATE, "'html' is a form of wait-stable's", id="likewise"),
        pytest.param("jnit=scan.xml", GATE, "'jnit' is no form of a report", id="misspelled"),
        pytest.param("jnit=scan.xml", WAIT, "'jnit' is no form of a report", id="never a file"),
        pytest.param("json=", GATE, "names no file; write json=FILE", id="no file"),
        pytest.param("json=-", GATE, "names no file; write json=FILE", id="no standard output"),
        pytest.param("x=report", GATE, "'x=report' says no form", id="a name without an ending"),
        pytest.param("json", GATE, "'json' says no form; scan-gate writes FORM=FILE", id="bare"),
        pytest.param("scan.txt", GATE, "or a file in .json, .xml, .sarif, .md", id="no ending"),
        pytest.param("", WAIT, "says no form", id="nothing"),
    ],
)
def test_anything_else_is_a_mistake_that_names_the_ways(text: str, step: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"form|file") as caught:
        parse_report(text, step=step)

    assert said in str(caught.value)


def test_each_form_that_has_an_ending_is_some_steps() -> None:
    assert ENDINGS.keys() <= {form for forms in FORMS.values() for form in forms}


def test_the_wait_writes_by_a_files_ending() -> None:
    assert parse_path("junit=wait.xml") == "wait.xml"
    assert parse_path("a/b.HTML") == "a/b.HTML"
    with pytest.raises(ValueError, match=r"'junit=wait.txt' has to end in .xml"):
        parse_path("junit=wait.txt")
