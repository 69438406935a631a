"""Events on stderr."""

import io
import json
from pathlib import Path

import pytest

from ecsstep.core.log import Log
from ecsstep.secret import Secret


def test_people_get_a_line_a_block_and_a_hint() -> None:
    stream = io.StringIO()
    log = Log(step="push", stream=stream)

    log.info("image pushed", tag="v1", size=3, names=["a", "b c"], at={"x": 1}, empty="")
    log.warning("slow", hint="wait")
    log.error("can't\x1b[31m go on", why=["line \x1b]0;x\x07one"], exit=3, hint="look \x1b[1mthere")
    log.info("said", words="a\x1b[2Jb\u202ec")

    assert stream.getvalue() == (
        'push: image pushed  tag=v1  size=3  names=a,"b c"  at=x:1  empty=""\n'
        "push: warning: slow\n"
        "push: hint: wait\n"
        "push: error: can't go on\n"
        "  line one\n"
        "push: hint: look there\n"
        "push: said  words=abc\n"
    )


def test_machines_get_one_object_a_line_with_the_data_as_it_is() -> None:
    stream = io.StringIO()
    log = Log(step="push", stream=stream, form="json")

    log.info("image pushed", path=Path("a"), text="\x9b1mé\u202e")
    log.error("no", why=("a\nb",), exit=1, hint="h")

    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first.pop("timestamp").endswith("Z")
    assert first == {
        "step": "push", "event": "image pushed", "level": "info", "path": "a",
        "text": "\x9b1mé\u202e",
    }  # fmt: skip
    assert (second["why"], second["exit"], second["hint"]) == (["a\nb"], 1, "h")
    assert "\x9b" not in stream.getvalue()
    assert "é" in stream.getvalue()


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_secret_shows_in_no_event(form: str) -> None:
    stream = io.StringIO()
    log = Log(step="push", stream=stream, form=form)
    secret = Secret('pass"word\\1234\nsecond-line')

    log.info(f"said {secret.reveal()}", data=secret, list=[secret], said=secret.reveal())
    log.error("no", why=[secret.reveal()], hint=secret.reveal())

    assert "word" not in stream.getvalue().replace("password", "")
    assert "second-line" not in stream.getvalue()


def test_a_percent_sign_is_only_a_sign() -> None:
    stream = io.StringIO()

    Log(step="s", stream=stream).info("100% of %s {x}")

    assert stream.getvalue() == "s: 100% of %s {x}\n"


class Full(io.StringIO):
    def flush(self) -> None:
        raise OSError(28, "No space left on device")


def test_a_full_or_closed_stderr_fails_no_deployment() -> None:
    closed = io.StringIO()
    closed.close()

    for stream in (closed, Full()):
        Log(step="s", stream=stream).info("said")
