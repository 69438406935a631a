"""Every step, option and exit code is in the README, and every example runs."""

import re
from pathlib import Path

import pytest

from ecsstep.cli import STEPS
from ecsstep.errors import Exit
from processes import ROOT, run, sandboxed
from readme import TABLED, with_tables

README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("name", TABLED)
def test_the_tables_are_what_the_code_declares(name: str) -> None:
    text = (ROOT / name).read_text()

    assert with_tables(text) == text, "write them anew: .venv/bin/python .ci/tables"


@pytest.mark.parametrize("code", [code for code in Exit if code])
def test_every_exit_code_has_its_row(code: Exit) -> None:
    name = {Exit.TERMINATED: "terminated"}.get(code, code.name.lower())

    assert f"| {code.value} | {name} |" in README


def test_the_examples_of_the_steps_are_one_deployment_that_runs(tmp_path: Path) -> None:
    section = README.partition("\n## The steps\n")[2].partition("\n## ")[0]
    examples = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    layout = run("python3", f"{ROOT}/examples/app/layout.py", str(tmp_path / "image"), "app",
                 f"{ROOT}/examples/app/page.html")  # fmt: skip
    assert layout.code == 0, layout.err

    ended = sandboxed("".join(examples), cwd=tmp_path)

    assert ended.code == 0, ended.err
    *_, outcome, invalidation, slack, sns = ended.out.splitlines()
    assert (outcome, invalidation[0], slack, sns) == ("deployed", "I", "slack", "sns")
    assert all(any(name in example for example in examples) for name in STEPS)


def test_the_first_screen_shows_the_two_commands_and_the_failure() -> None:
    first = README.partition("\n## Install\n")[0]

    for words in ("make demo", "make test", "--scenario rolled-back", "wait services-stable"):
        assert words in first
