"""A record comes from somebody else: whatever is wrong with it is told, and nothing is done."""

import copy
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.errors import Exit, StepError
from ecsstep.replay.reader import read
from ecsstep.rules.record.reading import NewerError
from replays import a_document, parsed, replay, written


def refused(path: Path) -> StepError:
    with pytest.raises(StepError) as raised:
        read(str(path))
    assert raised.value.exit is Exit.USAGE
    return raised.value


def test_a_record_is_read_plain_and_compressed(tmp_path: Path) -> None:
    plain = written(tmp_path, a_document())
    packed = tmp_path / "record.json.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    assert read(str(plain)) == read(str(packed)) == parsed(a_document())
    assert replay(plain).code == Exit.USAGE


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "no JSON object", id="empty"),
        pytest.param(b"hello", "no JSON object", id="text"),
        pytest.param(b"- a: yaml", "no JSON object", id="yaml"),
        pytest.param(b'{"record": 1', "not JSON", id="cut short"),
        pytest.param(b'{"record": 1, "record": 1}', "twice", id="a name twice"),
        pytest.param(b'{"record": NaN}', "NaN", id="not a number"),
        pytest.param(b'{"record": 1e999}', "1e999", id="an endless number"),
        pytest.param(b'{"a":' * 5000 + b"1" + b"}" * 5000, "too deeply", id="deep"),
        pytest.param(b'{"record": ' + b"9" * 5000 + b"}", "can't be read", id="long number"),
        pytest.param(b'{"a": "\xff"}', "not UTF-8", id="no text"),
        pytest.param(b"\x1f\x8b\x08\x00broken", "broken or cut short", id="broken gzip"),
        pytest.param(gzip.compress(b"{" * 9999)[:40], "broken or cut short", id="half a gzip"),
        pytest.param(gzip.compress(b" " * (130 * 1024 * 1024), 9), "expands to more", id="a bomb"),
        pytest.param(b"[]", "no JSON object", id="a list"),
        pytest.param(b"{}", "which form", id="an object"),
        pytest.param(b'{"record": true}', "which form", id="form that is no number"),
        pytest.param(b'{"record": 0}', "which form", id="form nought"),
    ],
)
def test_what_is_no_record_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(content)

    assert said in refused(path).message


def test_a_file_that_isnt_there_or_is_a_folder_is_told(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "nothing").message
    assert "is a directory" in refused(tmp_path).message
    assert "null byte" in refused(Path("a\0b")).message


def test_a_huge_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    with path.open("wb") as file:
        file.truncate(10**10)

    assert "larger than" in refused(path).message


def test_a_newer_record_wants_a_newer_version(tmp_path: Path) -> None:
    error = refused(written(tmp_path, a_document(record=2)))

    assert "form 2" in error.message
    assert error.hint == "pip install -U ecsstep"
    with pytest.raises(NewerError):
        parsed(a_document(record=2))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"step": "../../bin/sh"}, "no step's name"),
        ({"step": 7}, "'step' is no text"),
        ({"argv": "--file"}, "'argv' is no list"),
        ({"argv": ["a\0b"]}, "holds what is no text"),
        ({"argv": ["\ud800"]}, "holds what is no text"),
        ({"variables": {"A B": "x"}}, "can't be one"),
        ({"variables": {"A": "x\0y"}}, "can't be one"),
        ({"variables": {"A": 1}}, "holds what is no text"),
        ({"began": "yesterday"}, "no time"),
        ({"began": "2026-01-01T00:00:00"}, "no time zone"),
        ({"seconds": -1}, "out of range"),
        ({"seconds": 10**400}, "too large"),
        ({"seconds": "1"}, "no number"),
        ({"end": {"exit": 256}}, "no exit code"),
        ({"end": None}, "no object"),
        ({"tape": [{"kind": "AWS", "at": 0}]}, "'tape[0].kind'"),
        ({"tape": [{"kind": "aws", "at": 0, "answer": {"b": {"body": 3}}}]}, "isn't there"),
        ({"tape": [[]]}, "'tape[0]' is no object"),
        ({"bodies": [{"text": 1}]}, "'bodies[0].text'"),
        ({"bodies": [{"text": "a", "json": 1}]}, "neither"),
        ({"bodies": [{"latin1": "€"}]}, "no byte"),
        ({"events": [{"at": 0, "level": "info", "event": 1}]}, "'events[0].event'"),
        ({"redactions": [{"placeholder": "x"}]}, "'redactions[0].kind'"),
    ],
)
def test_the_place_of_a_mistake_is_named(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        parsed(a_document(**changes))

    assert said in str(raised.value)


def test_bodies_come_back_as_they_were() -> None:
    found = parsed(
        a_document(
            bodies=[{"json": {"ü": [1.5]}}, {"text": "a\n"}, {"latin1": "\xff\x00"}],
            tape=[
                {
                    "kind": "aws",
                    "at": 0,
                    "answer": {"status": 200, "body": {"body": at}, "x": {"body": 1, "y": 2}},
                }
                for at in range(3)
            ],
        )
    )

    assert [entry.answer["body"] for entry in found.entries] == [
        '{"ü": [1.5]}'.encode(),
        b"a\n",
        b"\xff\x00",
    ]
    assert found.entries[0].answer["x"] == {"body": 1, "y": 2}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)


def places(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of everything in a document."""
    members: Any = ()
    if isinstance(value, dict):
        members = value.items()
    elif isinstance(value, list):
        members = enumerate(value)
    return [path for key, each in members for path in ((*above, key), *places(each, (*above, key)))]


@given(data=st.data(), replaced=JSON)
def test_a_document_with_anything_anywhere_is_a_record_or_a_value_error(
    data: st.DataObject, replaced: Any
) -> None:
    document = copy.deepcopy(a_document())
    *way, last = data.draw(st.sampled_from(places(document)))
    inside: Any = document
    for key in way:
        inside = inside[key]
    inside[last] = replaced

    try:
        parsed(document)
    except ValueError:
        return


@given(text=st.binary(max_size=300))
def test_any_bytes_are_refused_with_exit_2(
    tmp_path_factory: pytest.TempPathFactory, text: bytes
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "record.json"
    path.write_bytes(text)

    refused(path)


@given(at=st.integers(min_value=0, max_value=500))
def test_a_record_cut_anywhere_is_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "record.json"
    path.write_text(json.dumps(a_document())[:at])

    refused(path)
