"""A secret shows nowhere."""

import copy
import json
import pickle

import pytest

from ecsstep.secret import Secret, scrubbed


def test_a_secret_prints_as_stars_in_every_way() -> None:
    secret = Secret("hunter2-hunter2")

    shown = [str(secret), repr(secret), f"{secret}", f"{secret:>40}", "%s" % secret, str([secret])]  # noqa: UP031 - one more way

    assert shown == ["***", "***", "***", "***", "***", "[***]"]
    assert secret.reveal() == "hunter2-hunter2"


def test_secrets_compare_by_value_and_know_whether_they_are_empty() -> None:
    assert Secret("abc") == Secret("abc")
    assert Secret("abc") != Secret("abd")
    assert Secret("abc") != "abc"
    assert len({Secret("abc"), Secret("abc")}) == 1
    assert (bool(Secret("a")), bool(Secret(""))) == (True, False)


@pytest.mark.parametrize("copied", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_secret_is_not_pickled(copied: object) -> None:
    with pytest.raises(TypeError, match="not pickled"):
        copied(Secret("abc"))  # type: ignore[operator]


def test_a_text_is_scrubbed_of_every_secret_the_longest_first() -> None:
    Secret("scrub-me"), Secret("scrub-me-too"), Secret("abc")

    assert scrubbed("x scrub-me-too y scrub-me z abc") == "x *** y *** z abc"


def test_a_secret_is_scrubbed_line_by_line_and_as_json_writes_it() -> None:
    secret = 'first-line\nsec"ond\\lin\u00e9'
    Secret(secret)

    assert scrubbed(json.dumps({"a": secret})) == '{"a": "***"}'
    assert scrubbed(json.dumps({"a": secret}, ensure_ascii=False)) == '{"a": "***"}'
    assert scrubbed("said first-line and no more") == "said *** and no more"


def test_a_secret_is_scrubbed_as_python_shows_it() -> None:
    secret = "it's\x0bo\u00f6dd\udc80"
    Secret(secret)

    raw = secret.encode(errors="surrogatepass")
    assert scrubbed(f"Invalid header value {raw!r}") in {
        "Invalid header value b'***'", 'Invalid header value b"***"',
    }  # fmt: skip
    assert scrubbed(f"{[secret]}") in {"['***']", '["***"]'}
