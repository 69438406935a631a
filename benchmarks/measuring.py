"""What a program costs, measured in turns, and the sandbox to measure it in."""

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
MILLI = 1000
MEGABYTE = 1_000_000
_STARTED_WITHIN = 30


@dataclass(frozen=True)
class Cost:
    """What a run cost: seconds, seconds of processor time, peak memory in bytes.

    Memory is the peak of the largest process, processor time that of all.
    """

    seconds: float
    processor: float
    memory: float


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One part of the results.

    Attributes:
        title: Its headline.
        lines: What is shown, in Markdown.
        values: The numbers that a bound may stand for, by name; less is better.
        goals: The goals among them.
    """

    title: str
    lines: Sequence[str]
    values: Mapping[str, float] = field(default_factory=dict)
    goals: Mapping[str, float] = field(default_factory=dict)


def measured(
    argv: Sequence[str],
    *,
    environ: Mapping[str, str] | None = None,
    codes: tuple[int, ...] = (0,),
) -> Cost:
    """Run a program to its end and return what it and its children cost."""
    begun = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            argv, env=None if environ is None else dict(environ),
            stdin=subprocess.DEVNULL, stdout=said, stderr=said,
        )  # fmt: skip
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.monotonic() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in codes:
            said.seek(0)
            words = said.read().decode(errors="replace")
            raise SystemExit(f"{' '.join(argv)} ended with {process.returncode}: {words}")
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def in_turns(
    commands: Mapping[str, Sequence[str]],
    rounds: int,
    *,
    environ: Mapping[str, str] | None = None,
    codes: tuple[int, ...] = (0,),
) -> dict[str, list[Cost]]:
    """Run each command once a round, so that what slows the machine down slows them all."""
    costs: dict[str, list[Cost]] = {name: [] for name in commands}
    for argv in commands.values():
        measured(argv, environ=environ, codes=codes)  # warms the file system's cache
    for _ in range(rounds):
        for name, argv in commands.items():
            costs[name].append(measured(argv, environ=environ, codes=codes))
    return costs


def middle(costs: Sequence[Cost], what: str) -> float:
    """Return the median of ``seconds``, ``processor`` or ``memory``."""
    return statistics.median(getattr(cost, what) for cost in costs)


def spread(costs: Sequence[Cost], what: str = "seconds") -> str:
    """Return median and range, in milliseconds."""
    values = [getattr(cost, what) * MILLI for cost in costs]
    return f"{statistics.median(values):.0f} ms ({min(values):.0f} to {max(values):.0f})"


def megabytes(costs: Sequence[Cost]) -> str:
    """Return the median peak of memory."""
    return f"{middle(costs, 'memory') / MEGABYTE:.0f} MB"


def ratio(costs: Mapping[str, Sequence[Cost]], ours: str, theirs: str, what: str) -> float:
    """Return how much of theirs ours takes."""
    return middle(costs[ours], what) / middle(costs[theirs], what)


def rows(costs: Mapping[str, Sequence[Cost]]) -> list[str]:
    """Return a table: time, processor time and memory of each."""
    return [
        "| | time | processor | peak memory |",
        "|---|---|---|---|",
        *(
            f"| {name} | {spread(each)} | {spread(each, 'processor')} | {megabytes(each)} |"
            for name, each in costs.items()
        ),
    ]


@contextlib.contextmanager
def sandbox(
    *options: str, program: Sequence[str] = ("ecsstep", "sandbox")
) -> Iterator[dict[str, str]]:
    """Run a sandbox and give the environment that its command gets."""
    with tempfile.TemporaryDirectory() as temporary:
        there = Path(temporary) / "environ"
        script = f"env -0 >{there}.part && mv {there}.part {there} && exec cat"
        environ = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
        with subprocess.Popen(
            (*program, *options, "--", "sh", "-c", script), env=environ, stdin=subprocess.PIPE
        ) as process:
            try:
                for _ in range(_STARTED_WITHIN * 20):
                    if there.exists() or process.poll() is not None:
                        break
                    time.sleep(0.05)
                pairs = there.read_text().split("\0")
                yield dict(pair.split("=", 1) for pair in pairs if pair)
            finally:
                if process.stdin:
                    process.stdin.close()


def pushed(environ: Mapping[str, str], tags: Sequence[str], folder: Path) -> list[str]:
    """Push a tiny image under these tags of the sandbox's repository and return their names."""
    layout = str(ROOT / "examples" / "app" / "layout.py")
    page = str(ROOT / "examples" / "app" / "page.html")
    subprocess.run((sys.executable, layout, str(folder), "app", page), check=True)
    argv = ["image-push", f"oci:{folder}", "--repository", "app", "--pin", "tag"]
    for tag in tags:
        argv += ["--tag", tag]
    subprocess.run(argv, env=dict(environ), check=True, capture_output=True)
    return [f"{environ['ECR_REGISTRY']}/app:{tag}" for tag in tags]
