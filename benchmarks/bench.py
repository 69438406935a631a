#!/usr/bin/env python3
"""Measure what the steps cost beside what they replace, and write benchmarks/RESULTS.md.

    .venv/bin/python benchmarks/bench.py                 # everything, under ten minutes
    .venv/bin/python benchmarks/bench.py deploy start    # some of it; nothing is written
    .venv/bin/python benchmarks/bench.py --check         # the short form, against bounds.toml

Needs the AWS CLI and jq; with a docker engine, skopeo and docker-registry it measures more.
"""

import argparse
import datetime as dt
import os
import platform
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

import deploy
import install
import large
import login
import many
import portable
import pushing
import start
import waiting
from measuring import BIN, Figure

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "RESULTS.md"
BOUNDS = HERE / "bounds.toml"
# What the machine may have set and the steps would read.
_LENT = ("CI_", "CODEBUILD_", "CONTAINER_", "ECR_", "ECS_", "ECSSTEP_", "IMAGE_", "TASK_DEFINITION")
# How often a figure over its bound is taken, before it is believed.
_TAKES = 3
# How many rounds each figure gets: in full, and in the short form (0: not at all).
FIGURES: Mapping[str, tuple[Callable[[int], Figure], int, int]] = {
    "start": (start.figure, 15, 7),
    "deploy": (deploy.figure, 11, 5),
    "login": (login.figure, 9, 5),
    "waiting": (waiting.figure, 2, 0),
    "many": (many.figure, 1, 0),
    "pushing": (pushing.figure, 3, 0),
    "large": (large.figure, 3, 2),
    "portable": (portable.figure, 9, 3),
    "install": (install.figure, 2, 0),
}


def main(argv: Sequence[str]) -> int:
    """Print the figures; 1 where the short form finds a number over its bound."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="the short form, against the bounds")
    parser.add_argument("names", nargs="*", choices=[*FIGURES, []], help="which figures")
    options = parser.parse_args(argv)
    for name in [each for each in os.environ if each.startswith(_LENT)]:
        del os.environ[name]
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    begun = time.monotonic()
    bounds = tomllib.loads(BOUNDS.read_text(encoding="utf-8"))["bounds"] if options.check else {}
    figures = list(taken(options.names or FIGURES, bounds, is_short=options.check))
    text = "\n".join(report(figures, time.monotonic() - begun))
    print(text)
    if options.check:
        found = {name: value for each in figures for name, value in each.values.items()}
        faults = [*missing(found, bounds), *worse(found, bounds)]
        print("\n".join(["", *faults]) if faults else "\nno figure is over its bound")
        return int(bool(faults))
    if not options.names:
        RESULTS.write_text(text + "\n", encoding="utf-8")
    return 0


def taken(names: Iterable[str], bounds: Mapping[str, float], *, is_short: bool) -> Iterator[Figure]:
    """Yield the figures, one after the other."""
    for name in names:
        take, full, short = FIGURES[name]
        rounds = short if is_short else full
        if not rounds:
            continue
        begun = time.monotonic()
        yield settled(partial(apart, take, rounds), bounds)
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr)


def settled(take: Callable[[], Figure], bounds: Mapping[str, float]) -> Figure:
    """Take a figure, again where it is over a bound, and return it with the best of each number.

    What a machine does beside makes a figure worse and never better: the best of three takes is
    within the bound unless the program itself became slower.
    """
    figure = take()
    for _ in range(_TAKES - 1):
        faults = list(worse(figure.values, bounds))
        if not faults:
            break
        print("\n".join((*faults, "taken again")), file=sys.stderr)
        before, figure = figure.values, take()
        best = {name: min(value, before[name]) for name, value in figure.values.items()}
        figure = replace(figure, values=best)
    return figure


def apart(take: Callable[[int], Figure], rounds: int) -> Figure:
    """Take a figure in a new process: a program's peak of memory begins with its parent's."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(take, rounds).result()


def report(figures: Sequence[Figure], seconds: float) -> Iterator[str]:
    """Yield the lines of the results, in Markdown."""
    yield "# Results"
    yield ""
    yield f"Written by `make bench` on {dt.datetime.now(dt.UTC):%Y-%m-%d} in {seconds:.0f} s."
    yield "Each table is one run, its commands in turns; a time is the median, and the range."
    yield "What it means: [docs/performance.md](../docs/performance.md)."
    yield ""
    yield from (f"- {line}" for line in machine())
    goals = [(name, goal, each) for each in figures for name, goal in each.goals.items()]
    if goals:
        yield from ("", "## Goals", "", "| | goal | measured | |", "|---|---|---|---|")
    for name, goal, each in goals:
        found = each.values[name]
        word = "met" if found <= goal else f"missed by {found - goal:.2f}"
        yield f"| {name} | {goal:g} | {found:.2f} | {word} |"
    for each in figures:
        yield from ("", f"## {each.title}", "", *each.lines)


def machine() -> Iterator[str]:
    """Yield what it was measured on."""
    yield f"{os.cpu_count()} processors, {platform.system()} {platform.release()}"
    packages = ("ecsstep", "botocore", "moto")
    yield ", ".join(f"{name} {version(name)}" for name in packages)
    yield f"Python {platform.python_version()}"
    for argv in (
        ("aws", "--version"), ("jq", "--version"), ("docker", "--version"),
        ("skopeo", "--version"), ("docker-registry", "--version"),
    ):  # fmt: skip
        if shutil.which(argv[0]):
            yield subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()
        else:
            yield f"{argv[0]}: not there"


def worse(found: Mapping[str, float], bounds: Mapping[str, float]) -> Iterator[str]:
    """Yield what is over its recorded bound, in words."""
    for name, value in found.items():
        if value > bounds.get(name, value):
            yield f"worse than its bound: {name}: {value:.2f}, at most {bounds[name]:g}"


def missing(found: Mapping[str, float], bounds: Mapping[str, float]) -> Iterator[str]:
    """Yield the bounds that no figure stands for any more, in words."""
    for name in bounds:
        if name not in found:
            yield f"there is a bound, but no figure: {name}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
