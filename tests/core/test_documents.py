"""JSON and YAML, read strictly."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.core.documents import Document, parse_document, read_document
from ecsstep.errors import Exit, StepError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)  # fmt: skip
OBJECTS = st.dictionaries(st.text(), VALUES)


def value_of(text: str, name: str = "f.yaml") -> Any:
    return parse_document(text, name=name).value


@given(OBJECTS)
def test_json_is_read_back_the_same(value: dict[str, Any]) -> None:
    assert value_of(json.dumps(value), "f.json") == value
    assert list(value_of(json.dumps(value), "f.json")) == list(value)


PLAIN_TEXT = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x17F, exclude_characters="\x7f\x85")
)


@given(st.dictionaries(PLAIN_TEXT, PLAIN_TEXT | st.booleans() | st.integers() | st.none()))
def test_yaml_is_read_back_the_same(value: dict[str, Any]) -> None:
    assert value_of(yaml.safe_dump(value, allow_unicode=True)) == value


@given(st.text(), st.sampled_from(["f.json", "f.yaml", "f", "stdin"]))
def test_any_text_is_a_document_or_a_mistake(text: str, name: str) -> None:
    try:
        json.dumps(value_of(text, name), allow_nan=False)
    except StepError as error:
        assert error.exit is Exit.USAGE  # noqa: PT017 - both ends are right


@given(
    st.text(alphabet="{}[]:,-?!&*#|>'\"%@` \n\tab01.<=~_e+", max_size=40),
    st.sampled_from(["f.json", "f.yaml"]),
)
def test_any_text_that_looks_like_one_is_a_document_or_a_mistake(text: str, name: str) -> None:
    test_any_text_is_a_document_or_a_mistake.hypothesis.inner_test(text, name)  # type: ignore[attr-defined]


@given(
    st.sampled_from(["bool", "int", "float", "null", "timestamp", "binary", "set"]),
    st.text("ab01.:_+-ey", max_size=5),
)
def test_any_tagged_scalar_is_read_or_a_mistake(tag: str, text: str) -> None:
    test_any_text_is_a_document_or_a_mistake.hypothesis.inner_test(  # type: ignore[attr-defined]
        f"a: !!{tag} '{text}'\n", "f.yaml"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "'f.json' is empty", id="empty"),
        pytest.param(" \n", "'f.json' is empty", id="blank"),
        pytest.param(
            '{"a": 1,\n  "b" 2}',
            "'f.json' is not JSON: expecting ':' delimiter at line 2, column 7",
            id="json syntax",
        ),
        pytest.param('{"a": {"b": 1, "b": 2}}', "'f.json' says 'b' twice", id="json twice"),
        pytest.param('{"a": NaN}', "holds NaN, which is not JSON", id="nan"),
        pytest.param('{"a": 1e999}', "holds 1e999, which is not JSON", id="too large a number"),
        pytest.param('{"a": ' + "1" * 5000 + "}", "'f.json' can't be read", id="too many digits"),
        pytest.param("[" * 101 + "]" * 101, "nested too deeply", id="deep"),
        pytest.param("[" * 100_000, "nested too deeply", id="bottomless"),
    ],
)
def test_json_mistakes_are_told_with_their_place(text: str, said: str) -> None:
    with pytest.raises(StepError) as caught:
        parse_document(text, name="f.json")

    assert caught.value.exit is Exit.USAGE
    assert said in caught.value.message


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('{"a": 1,\n  "PASSWORD" "hunter2"}', "f.json"),
        ("a: 1\nb: hunter2: d", "f.yaml"),
        ("a: !!int hunter2", "f.yaml"),
    ],
)
def test_the_place_of_a_mistake_is_told_and_not_what_stands_there(text: str, name: str) -> None:
    with pytest.raises(StepError, match=r"at line \d, column") as caught:
        parse_document(text, name=name)

    assert "hunter2" not in " ".join((caught.value.message, *caught.value.why))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("a: b: c\n", "not YAML: mapping values are not allowed", id="syntax"),
        pytest.param("a: \x01", "not YAML", id="control character"),
        pytest.param("a: *nowhere", "undefined alias", id="alias"),
        pytest.param("a: 1\n---\nb: 2\n", "holds 2 YAML documents; one is wanted", id="two"),
        pytest.param("# only a comment\n", "holds 0 YAML documents", id="none"),
        pytest.param(
            "a: 1\na: 2\n", "holds 'a' twice in one mapping, at line 2, column 1", id="twice"
        ),
        pytest.param("? [a]\n: 1\n", "a key that is not text", id="list as key"),
        pytest.param("a: &x {b: 1}\nc:\n  <<: *x\n", "a merge key", id="merge key"),
        pytest.param("a: !Sub '${X}'", "the tag '!Sub'", id="tag"),
        pytest.param("a: !Ref {b: c}", "the tag '!Ref'", id="tag on a mapping"),
        pytest.param("a: !!set {b, c}", "set'", id="set"),
        pytest.param("a: !!binary aGk=", "binary'", id="binary"),
        pytest.param("a: !!int x", "what can't be read as 'tag:yaml.org,2002:int'", id="no number"),
        pytest.param(
            "a: !!bool maybe", "what can't be read as 'tag:yaml.org,2002:bool'", id="no boolean"
        ),
        pytest.param("a: =", "a lone = without quotes; if it is text, quote it", id="="),
        pytest.param("a: .inf", "no number in JSON", id="infinity"),
        pytest.param("a: &a [*a]", "too large or too deeply nested", id="within itself"),
        pytest.param("[" * 5000 + "]" * 5000, "not YAML", id="bottomless"),
        pytest.param(
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + "".join(
                f"{b}: &{b} [{','.join([f'*{a}'] * 9)}]\n"
                for a, b in zip("abcdef", "bcdefg", strict=True)
            ),
            "too large",
            id="a small file that becomes endless",
        ),
    ],
)
def test_yaml_mistakes_are_told(text: str, said: str) -> None:
    with pytest.raises(StepError) as caught:
        parse_document(text, name="f.yaml")

    assert caught.value.exit is Exit.USAGE
    assert said in caught.value.message


def test_unquoted_scalars_that_are_no_text_are_remembered_as_they_stand() -> None:
    text = "a: 012\nb: [yes, 'yes', 2026-01-01, 1:30]\nc: ~\n1: x\n"

    assert parse_document(text, name="f.yaml") == Document(
        name="f.yaml",
        value={"a": 10, "b": [True, "yes", "2026-01-01", 90], "c": None, "1": "x"},
        plain={
            ("a",): "012",
            ("b", 0): "yes",
            ("b", 2): "2026-01-01",
            ("b", 3): "1:30",
            ("c",): "~",
        },
    )


def test_aliases_are_followed() -> None:
    assert value_of("a: &x [1]\nb: *x\n") == {"a": [1], "b": [1]}


def test_a_document_comes_from_a_file_or_from_stdin(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text('{"a": 1}')

    assert read_document(str(tmp_path / "t.json")).value == {"a": 1}
    assert read_document("-", stdin=io.StringIO("a: 1")) == Document(
        name="stdin", value={"a": 1}, plain={("a",): "1"}
    )
