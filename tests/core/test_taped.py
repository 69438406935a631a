"""The ends of a process through the one in use."""

import io
from typing import Any

import pytest

from ecsstep.core.outside import Answer, Outside, Question, using
from ecsstep.core.tape import Tape
from ecsstep.core.taped import Stdin, Variables, taped
from ecsstep.errors import Exit, StepError
from fakes import FakeClock, FakeRun, completed


class Then(Outside):
    def __init__(self, **answer: Any) -> None:
        self._answer = answer

    def ask(self, kind: str, question: Question, live: Any) -> Answer:
        del kind, question, live
        return self._answer


def test_what_is_read_of_stdin_is_kept() -> None:
    tape = Tape(FakeClock())
    binary = io.TextIOWrapper(io.BytesIO("ü\n1\n2".encode()), encoding="utf-8")

    with using(tape):
        text = Stdin(io.StringIO("first\nrest"))
        assert (text.readline(), text.read(2), text.read()) == ("first\n", "re", "st")
        assert not text.isatty()
        assert Stdin(binary).buffer.read(3) == "ü\n".encode()
        assert Stdin(io.StringIO("all")).buffer.read(99) == b"all"

    kept = [noted.answer["content"].raw for noted in tape if "content" in noted.answer]
    assert kept == [b"first\n", b"re", b"st", "ü\n".encode(), b"all"]
    with using(Then(content=b"then", **{"is": True})):
        again = Stdin(io.StringIO())
        assert (again.readline(), again.isatty()) == ("then", True)
        assert again.buffer.read() == b"then"


def test_a_closed_stdin_cant_be_read() -> None:
    stdin = Stdin(None)

    assert stdin.isatty()
    for read in (stdin.read, stdin.readline, stdin.buffer.read):
        with pytest.raises(StepError, match="can't read stdin: it is closed") as caught:
            read()
        assert (caught.value.exit, bool(caught.value.hint)) == (Exit.USAGE, True)


def test_a_programs_end_is_kept_and_given_again() -> None:
    run = FakeRun({("docker",): completed("out \udcff", code=3, stderr="err")})
    tape = Tape(FakeClock())

    with using(tape):
        done = taped(run)(("docker", "info"), stdin="x", environ={"A": "b"})

    assert (done.code, done.stderr) == (3, "err")
    [noted] = tape
    assert noted.question == {"argv": ["docker", "info"]}
    assert noted.answer["stdout"].raw == b"out \\udcff"
    assert (run.stdins, run.environs) == (["x"], [{"A": "b"}])
    with using(Then(code=7, stdout=b"a", stderr=b"")):
        assert taped(run)(("docker",)).stdout == "a"


def test_the_variables_that_are_read_are_noted() -> None:
    found = Variables({"A": "1", "B": "2"})

    assert (found.get("A"), found.get("C", "x"), "B" in found) == ("1", "x", True)
    assert (len(found), set(found)) == (2, {"A", "B"})
    with pytest.raises(KeyError):
        found["D"]
    assert found.read == {"A": "1", "B": "2"}
