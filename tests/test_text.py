"""Words for people: nothing from outside moves a cursor or hides a word."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.text import harmless_json, listed, meant, nearest, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b[31mred\x1b[0m", "red", id="colour"),
        pytest.param("\x9b31mred", "red", id="colour in one byte"),
        pytest.param("\x1b]8;;http://x\x07link\x1b]8;;\x1b\\", "link", id="link"),
        pytest.param("a\x1b]0;title\nb", "a b", id="an unfinished title hides no next line"),
        pytest.param("a\r\nb\rc\td", "a b c d", id="line ends and tabs are spaces"),
        pytest.param("section_start:1:x\r\x1b[0Khide", "section_start:1:x hide", id="gitlab"),
        pytest.param("abc\u202etxt.exe", "abctxt.exe", id="bidirectional override"),
        pytest.param("a\x00b\x7fc\ud800d", "abcd", id="controls and lone surrogates"),
        pytest.param("grüße 東京 🚀", "grüße 東京 🚀", id="letters of every script stay"),
        pytest.param(12, "12", id="not a text"),
        pytest.param("end\x1b", "end", id="a lone escape"),
    ],
)
def test_outside_text_is_cleaned(text: object, shown: str) -> None:
    assert printable(text) == shown


def test_a_block_keeps_its_lines() -> None:
    assert printable("a\x1b[1m\r\nb\rc", lines=True) == "a\nb\nc"


@given(st.text(), st.booleans())
def test_nothing_that_a_terminal_acts_on_is_left(text: str, lines: bool) -> None:
    found = printable(text, lines=lines)

    kept = {"\n"} if lines else set()
    bad = {c for c in found if unicodedata.category(c) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}}
    assert bad <= kept
    assert printable(found, lines=lines) == found


@given(st.recursive(st.text() | st.integers(), st.lists))
def test_harmless_json_says_the_same(value: object) -> None:
    text = harmless_json(json.dumps(value, ensure_ascii=False, indent=2))

    assert json.loads(text) == value
    assert printable(text, lines=True) == text


@pytest.mark.parametrize(
    ("names", "said"),
    [
        pytest.param([], "none", id="nothing"),
        pytest.param(["a"], "'a'", id="one"),
        pytest.param(["a", "b", "c"], "'a', 'b' and 'c'", id="three"),
        pytest.param(range(12), "'0', '1' and 10 more", id="too many"),
        pytest.param(["\x1b[1mx"], "'x'", id="cleaned"),
    ],
)
def test_names_are_listed(names: list[object], said: str) -> None:
    assert listed(names, most=2 if len(names) > 3 else 10) == said


def test_a_near_name_is_offered() -> None:
    assert nearest("clustr", ["cluster", "service"]) == "cluster"
    assert nearest("zzz", ["cluster"]) is None
    assert meant("clustr", ["cluster"]) == "; did you mean 'cluster'?"
    assert meant("zzz", ["cluster"]) == ""
