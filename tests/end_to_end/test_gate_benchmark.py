"""The benchmark of the gate runs, and shows what it is there to show."""

import importlib.util
import sys
from types import ModuleType
from typing import Any

import pytest

import parts
from processes import BIN, ROOT


def loaded(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


gate: Any = loaded("gate")


@pytest.mark.real("aws", "jq")
def test_the_articles_shell_is_green_where_the_gate_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    path = parts.HOST_ENVIRON["PATH"]
    monkeypatch.setenv("PATH", f"{BIN}:{path}")
    [story] = [each for each in gate.STORIES if each.scenario == "scan-list-only"]

    row = gate.measured(story)

    assert (row.as_written != 0, row.tolerant, row.gate) == (True, 0, 1)
    assert list(gate.table([row]))[2:] == [
        (
            "| CRITICAL listed, but not counted | stops "
            f"| right ({row.as_written}) | **falsely green** (0) | right (1) |"
        ),
        "| **wrong** | of 1 | **0** | **1** | **0** |",
    ]


def test_every_story_of_the_table_is_one_of_the_sandboxs() -> None:
    from ecsstep.sandbox.scenarios import SCENARIOS

    assert {story.scenario for story in gate.STORIES} <= set(SCENARIOS)


def test_every_scan_story_of_the_sandbox_is_in_the_table() -> None:
    from ecsstep.sandbox.scenarios import SCENARIOS

    stories = {name for name in SCENARIOS if "scan" in name}

    assert stories - {story.scenario for story in gate.STORIES} == set()


def test_what_is_wrong_is_told_by_the_direction() -> None:
    good = gate.Story(scenario="steady", passes=True, about="fine")
    row = gate.Row(story=good, as_written=254, tolerant=0, gate=0)

    assert list(gate.table([row]))[2:] == [
        "| fine | passes | falsely red (254) | right (0) | right (0) |",
        "| **wrong** | of 1 | **1** | **0** | **0** |",
    ]
