"""One stem everywhere: console script, module, test, README section."""

import tomllib
from pathlib import Path

import pytest

from ecsstep.cli import STEPS, step
from processes import ROOT

SCRIPTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]


def test_the_console_scripts_are_the_steps_and_the_umbrella_command() -> None:
    assert set(SCRIPTS) == {*STEPS, "ecsstep"}


@pytest.mark.parametrize("name", STEPS)
def test_a_step_has_one_stem_everywhere(name: str) -> None:
    stem = name.replace("-", "_")
    places = [
        Path("ecsstep/steps") / stem / "options.py",
        Path("ecsstep/steps") / stem / "story.py",
        Path("tests/steps") / f"test_{stem}.py",
    ]

    assert step(name).name == name
    assert SCRIPTS[name] == f"ecsstep.steps.{stem}:main"
    assert [place for place in places if not (ROOT / place).is_file()] == []
    assert f"### {name}\n" in (ROOT / "README.md").read_text()
