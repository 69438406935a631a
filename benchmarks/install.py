"""A fresh installation of ecsstep and of the AWS CLI: packages, size, time."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from measuring import MEGABYTE, ROOT, Figure

_QUIET = ("-qq", "--disable-pip-version-check")


def figure(rounds: int) -> Figure:
    """Install each into an empty environment, from the same index, in turns."""
    with tempfile.TemporaryDirectory() as work:
        build = ("-m", "build", "--wheel", "--no-isolation", "--outdir", work, str(ROOT))
        subprocess.run((sys.executable, *build), check=True, capture_output=True)
        wheel = str(next(Path(work).glob("*.whl")))
        locked = ("--require-hashes", "-r", str(ROOT / ".ci" / "awscli.txt"))
        what = {"ecsstep": (wheel,), "awscli": locked}
        found: dict[str, list[tuple[float, int, float]]] = {name: [] for name in what}
        for number in range(rounds):
            for name, words in what.items():
                found[name].append(_installed(Path(work) / f"{name}-{number}", words))
    lines = ["| | packages | size on disk | time |", "|---|---|---|---|"]
    for name, each in found.items():
        size = each[0][2] / MEGABYTE
        lines.append(
            f"| {name} | {each[0][1]} | {size:.0f} MB | {median(one[0] for one in each):.1f} s |"
        )
    ours, theirs = found["ecsstep"], found["awscli"]
    return Figure(
        title="Installing",
        lines=[*lines, "", "By pip into an empty venv, its own packages left out, no cache."],
        values={"install: size, of the AWS CLI's": ours[0][2] / theirs[0][2]},
    )


def _installed(folder: Path, words: tuple[str, ...]) -> tuple[float, int, float]:
    """Return seconds, packages and bytes."""
    subprocess.run((sys.executable, "-m", "venv", str(folder)), check=True)
    python = str(folder / "bin" / "python")
    before = _size(folder)
    begun = time.monotonic()
    argv = (python, "-m", "pip", "install", *_QUIET, "--no-cache-dir", *words)
    subprocess.run(argv, check=True, capture_output=True)
    seconds = time.monotonic() - begun
    listed = (python, "-m", "pip", "list", "--disable-pip-version-check", "--format", "json")
    packages = json.loads(subprocess.run(listed, check=True, capture_output=True).stdout)
    own = {"pip", "setuptools", "wheel"}
    return (
        seconds,
        sum(each["name"] not in own for each in packages),
        _size(folder) - before,
    )


def _size(folder: Path) -> float:
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file())
