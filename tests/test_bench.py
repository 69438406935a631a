"""The benchmarks' frame: what is compared with the recorded bounds, and how it is told."""

import importlib
import tomllib
from types import ModuleType
from typing import Any

import pytest

from processes import ROOT


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    return importlib.import_module("bench")


def figure(bench: Any, **values: float) -> Any:
    return bench.Figure(title="Some", lines=["| a |"], values=values, goals={"fast": 1.0})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("fast = 2", [], id="within"),
        pytest.param("fast = 1", ["worse than its bound: fast: 1.50, at most 1"], id="worse"),
        pytest.param("slow = 1", ["there is a bound, but no figure: slow"], id="gone"),
    ],
)
def test_the_short_form_names_what_got_worse(bench: Any, text: str, told: list[str]) -> None:
    bounds = tomllib.loads(text)
    found = {"fast": 1.5}

    assert [*bench.missing(found, bounds), *bench.worse(found, bounds)] == told


@pytest.mark.parametrize(
    ("measured", "believed", "takes"),
    [
        pytest.param([1.5], 1.5, 1, id="within at once"),
        pytest.param([2.5, 1.5], 1.5, 2, id="a slow moment"),
        pytest.param([2.5, 3.5, 2.2], 2.2, 3, id="really slower"),
    ],
)
def test_a_figure_over_its_bound_is_taken_again_before_it_is_believed(
    bench: Any, measured: list[float], believed: float, takes: int
) -> None:
    values = iter(measured)
    taken: list[float] = []

    def take() -> Any:
        taken.append(next(values))
        return figure(bench, fast=taken[-1])

    settled = bench.settled(take, {"fast": 2.0, "of another figure": 1.0})

    assert settled.values == {"fast": believed}
    assert len(taken) == takes


def test_the_results_say_which_goals_are_missed_and_by_how_much(bench: Any) -> None:
    text = "\n".join(bench.report([figure(bench, fast=1.5)], 3.0))

    assert "| fast | 1 | 1.50 | missed by 0.50 |" in text
    assert "## Some\n\n| a |" in text


def test_every_bound_is_a_number() -> None:
    bounds = tomllib.loads((ROOT / "benchmarks" / "bounds.toml").read_text())["bounds"]

    assert bounds
    assert all(isinstance(value, int | float) for value in bounds.values())
