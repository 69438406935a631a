"""What is shown to people, with the values that look secret hidden."""

from typing import Any

import pytest

from ecsstep.rules.redaction.masks import masked, masked_values, masked_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Server=x;Password=hunter3;Port=1", "Server=x;Password=***;Port=1"),
        ("postgres://u:p/w@h:5432/db", "postgres://u:***@h:5432/db"),
        ("http://h:8080/a@b", "http://h:8080/a@b"),
        ("run --password hunter --verbose on", "run --password *** --verbose on"),
        ("Authorization: Bearer abc12345", "Authorization: Bearer ***"),
        ("nothing to hide", "nothing to hide"),
        # Two looks that overlap are hidden as one.
        ("amqp://u:pass=secret1@h", "amqp://u:***"),
    ],
)
def test_what_looks_secret_in_a_text_is_hidden(text: str, expected: str) -> None:
    assert masked(text) == expected


def test_a_word_behind_a_flag_that_says_so_is_hidden() -> None:
    words = ["run", "--token", "hunter", "--password=x1", "--level", "info"]

    assert masked_words(words) == ["run", "--token", "***", "--password=***", "--level", "info"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(
            {"environment": [{"name": "DB_PASSWORD", "value": "x"}, {"name": "A", "value": "b"}]},
            {"environment": [{"name": "DB_PASSWORD", "value": "?"}, {"name": "A", "value": "b"}]},
            id="variables",
        ),
        pytest.param(
            {"secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:x"}]},
            {"secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:x"}]},
            id="a reference is none",
        ),
        pytest.param(
            {"dockerLabels": {"api-key": "x", "team": "a"}, "options": {"splunk-token": "t"}},
            {"dockerLabels": {"api-key": "?", "team": "a"}, "options": {"splunk-token": "?"}},
            id="maps of the user's own names",
        ),
        pytest.param(
            {"tags": [{"key": "team", "value": "a"}, {"key": "token", "value": "b"}]},
            {"tags": [{"key": "team", "value": "a"}, {"key": "token", "value": "?"}]},
            id="tags",
        ),
        pytest.param(
            {"command": ["run", "--password", "x"], "cpu": 0, "privileged": False},
            {"command": ["run", "--password", "?"], "cpu": 0, "privileged": False},
            id="a command",
        ),
        pytest.param(
            {"environment": [{"name": "KEY", "value": ""}], "mountPoints": []},
            {"environment": [{"name": "KEY", "value": ""}], "mountPoints": []},
            id="nothing is no secret",
        ),
    ],
)
def test_a_request_is_shown_without_what_looks_secret(value: Any, expected: Any) -> None:
    assert masked_values(value, "?") == expected
