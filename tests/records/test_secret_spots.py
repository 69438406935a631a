"""Secrets in files that people write: marked in place, the text around them as it is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.records.secret_spots import marked
from ecsstep.rules.redaction.hidden import Hidden, Pieces
from ecsstep.rules.redaction.walk import redacted

YAML = """\
family: web   # a comment that stays
containerDefinitions:
  - name: app
    environment: &shared
      - name: PLAIN
        value: kanarie-1
      - {name: QUOTED, value: "kanarie-2"}
      - name: SINGLE
        value: 'kanarie-3'
      - name: BLOCK
        value: |
          kanarie-4
          kanarie-5
      - name: NUMBER
        value: 012
    secrets:
      - name: S
        valueFrom: kanarie-6
  - name: side
    environment: *shared
    password: kanarie-7
  - name: object
    environment:
      A: kanarie-8
      B: [kanarie]
"""


def found(text: str, name: str = "t.yaml") -> list[str]:
    pieces = marked(text.encode(), name)
    assert isinstance(pieces, Pieces)
    assert "".join(pieces) == text
    return [str(part) for part in pieces if isinstance(part, Hidden)]


def test_every_secret_of_a_yaml_file_is_marked_in_its_place() -> None:
    assert found(YAML) == [
        "kanarie-1",
        "kanarie-2",
        "kanarie-3",
        "kanarie-4\n          kanarie-5",
        "kanarie-6",
        "kanarie-7",
        "kanarie-8",
    ]


def test_commands_and_tags_of_a_yaml_file_are_marked_too() -> None:
    text = """\
containerDefinitions:
  - name: app
    command: [migrate, --password, hunter, "--db-token=kanarie-1", "--key", "a\\tb"]
    dockerLabels:
      traefik.basicauth.users: kanarie-2
    environment:
      - {name: A_TOKEN, value: kanarie-3}
tags:
  - {key: token, value: kanarie-4}
  - {key: [odd], value: plain}
"""

    assert found(text) == [
        "hunter", "kanarie-1", "a\\tb", "kanarie-2", "kanarie-3", "kanarie-4",
    ]  # fmt: skip


def test_what_is_left_is_the_same_file_with_other_values() -> None:
    clean, _ = redacted({"text": marked(YAML.encode(), "t.yaml")})

    assert clean["text"].startswith("family: web   # a comment that stays\n")
    assert "value: 012\n" in clean["text"]
    assert clean["text"].count("\n") == YAML.count("\n") - 1
    assert "kanarie-" not in clean["text"]


@pytest.mark.parametrize(
    ("text", "name", "secrets"),
    [
        pytest.param('{"a": {"value": "s1"}, "a": 1}', "t.json", ["s1"], id="a name twice"),
        pytest.param('{"value": "s1", "b": }', "t.json", ["s1"], id="broken JSON"),
        pytest.param("value: s1\n\tb: [", "t.yaml", ["s1"], id="broken YAML"),
        pytest.param("db_password: 's1", "t.yaml", ["s1"], id="an open quote"),
        pytest.param("a: &a [*a]\npassword: s1", "t.yaml", ["s1"], id="an alias of itself"),
        pytest.param("", "t.yaml", [], id="nothing"),
        pytest.param("- 1\n---\n- 2", "t.yaml", [], id="two documents"),
    ],
)
def test_what_cant_be_read_is_searched_by_words(text: str, name: str, secrets: list[str]) -> None:
    assert found(text, name) == secrets


def test_json_that_is_in_order_is_walked_through_like_any_other() -> None:
    raw = json.dumps({"value": "s"}).encode()

    assert marked(raw, "t.json") is raw


def test_what_is_no_text_or_too_large_is_left_to_the_scan() -> None:
    for raw in (b"\xff", b"x" * 5_000_000, {"left_out": 7}):
        assert marked(raw, "t") is raw


def test_a_line_of_stdin_is_a_secret_as_a_whole() -> None:
    pieces = marked(b"hunter2\r\n", "stdin", is_secret=True)

    assert pieces == ("hunter2", "\r\n")
    assert isinstance(pieces[0], Hidden)


@given(text=st.text(max_size=200))
def test_any_text_comes_back_as_it_was(text: str) -> None:
    pieces = marked(text.encode(errors="replace"), "t.yaml")

    assert "".join(pieces) == text.encode(errors="replace").decode()
