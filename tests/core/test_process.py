"""Other programs."""

import sys
from pathlib import Path

import pytest

from ecsstep.core.process import Completed, run
from ecsstep.errors import Exit, StepError
from ecsstep.secret import Secret


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_a_program_is_run_to_its_end_whatever_its_exit_code() -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"

    assert run(python(code)) == Completed(code=3, stdout="out\n", stderr="err\n")


def test_a_secret_goes_in_by_stdin_and_never_comes_back() -> None:
    done = run(
        python("import sys; t = sys.stdin.read(); print(len(t), t); print(t, file=sys.stderr)"),
        stdin=Secret("pass-word-1"),
    )

    assert (done.stdout, done.stderr) == ("11 ***\n", "***\n")


def test_a_program_reads_nothing_by_default_and_gets_our_environment_or_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HERE", "ours")
    code = "import os, sys; print(repr(sys.stdin.read()), os.environ.get('HERE'))"

    assert run(python(code)).stdout == "'' ours\n"
    assert run(python(code), environ={"HERE": "its"}).stdout == "'' its\n"


def test_bytes_that_are_no_text_go_in_and_come_out() -> None:
    done = run(python("import sys; print(sys.stdin.buffer.read())"), stdin="\udcff")

    assert done.stdout == "b'\\xff'\n"
    assert run(python("import os; os.write(1, b'\\xff')")).stdout == "\N{REPLACEMENT CHARACTER}"


def test_a_program_that_isnt_there_or_cant_start_is_told(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("x")

    with pytest.raises(StepError, match="there is no 'no-such-tool' on this machine") as missing:
        run(("no-such-tool",))
    with pytest.raises(StepError, match="can't be started: permission denied") as closed:
        run((str(tmp_path / "plain"),))

    assert (missing.value.exit, closed.value.exit) == (Exit.TOOL, Exit.TOOL)


@pytest.mark.parametrize(
    ("stdout", "stderr", "said"),
    [
        pytest.param("a", "b\nlast \n\n", "last", id="stderr's last line"),
        pytest.param("a\nb\n", " \n", "b", id="else stdout's"),
        pytest.param("", "", "it ended with 7 and said nothing", id="else its code"),
    ],
)
def test_what_a_program_said_last(stdout: str, stderr: str, said: str) -> None:
    assert Completed(code=7, stdout=stdout, stderr=stderr).said == said
