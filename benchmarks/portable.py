"""The standalone file: how large it is, and what its first start and the later ones take."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from measuring import BIN, MEGABYTE, MILLI, ROOT, Figure, in_turns, measured, middle, spread

if TYPE_CHECKING:
    from measuring import Cost


def figure(rounds: int) -> Figure:
    """Build the file and start it beside the installed script."""
    with tempfile.TemporaryDirectory() as work:
        file = Path(work) / "ecsstep.pyz"
        subprocess.run((sys.executable, str(ROOT / ".ci" / "pyz"), str(file)), check=True)
        cache = Path(work) / "cache"
        environ = {"PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": str(cache)}
        argv = (sys.executable, str(file), "wait-stable", "--help")
        first: list[Cost] = []
        for _ in range(rounds):
            shutil.rmtree(cache, ignore_errors=True)
            first.append(measured(argv, environ=environ))
        later = in_turns(
            {"pyz": argv, "script": (str(BIN / "ecsstep"), "wait-stable", "--help")},
            rounds,
            environ=environ,
        )
        size = file.stat().st_size / MEGABYTE
    more = (middle(later["pyz"], "seconds") - middle(later["script"], "seconds")) * MILLI
    return Figure(
        title="The standalone file `ecsstep.pyz`",
        lines=[
            f"{size:.1f} MB.", "", "| `wait-stable --help` | time |", "|---|---|",
            f"| its first start, which unpacks | {spread(first)} |",
            f"| every later start | {spread(later['pyz'])} |",
            f"| installed by pip | {spread(later['script'])} |",
        ],
        values={
            "pyz: MB": size,
            "pyz: ms more than the installed script": more,
            "pyz: s of its first start": middle(first, "seconds"),
        },
    )  # fmt: skip
