"""The standalone file: every step starts from it, with nothing installed beside."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ecsstep.cli import STEPS
from processes import ROOT, Ended, run


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist") / "ecsstep.pyz"
    subprocess.run((sys.executable, str(ROOT / ".ci" / "pyz"), str(target)), check=True)
    return target


def started(file: Path, *argv: str, cache: Path) -> Ended:
    # -I -S: no environment's packages, and no site-packages of this Python's.
    env = {"PATH": os.defpath, "XDG_CACHE_HOME": str(cache)}
    return run(sys.executable, "-S", str(file), *argv, env=env)


@pytest.mark.parametrize("step", STEPS)
def test_every_step_shows_its_help(file: Path, step: str, tmp_path: Path) -> None:
    ended = started(file, step, "--help", cache=tmp_path)

    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith(f"usage: {step}")


def test_it_unpacks_once_and_leaves_nothing_half_done(file: Path, tmp_path: Path) -> None:
    started(file, "--version", cache=tmp_path)
    first = sorted((tmp_path / "ecsstep").iterdir())

    started(file, "--version", cache=tmp_path)

    assert len(first) == 1
    assert sorted((tmp_path / "ecsstep").iterdir()) == first


def test_without_a_cache_that_can_be_written_it_runs_all_the_same(
    file: Path, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("no folder")

    ended = started(file, "--version", cache=tmp_path / "cache")

    assert (ended.code, ended.err) == (0, "")


def test_the_service_models_of_the_steps_are_in_it(file: Path, tmp_path: Path) -> None:
    definition = tmp_path / "web.json"
    definition.write_text(
        '{"family": "web", "containerDefinitions": [{"name": "app", "image": "a:1"}]}'
    )

    ended = started(
        file, "taskdef-render", "--file", str(definition), "--image", "app:v2", cache=tmp_path
    )

    assert ended.code == 0
    assert '"image": "app:v2"' in ended.out
