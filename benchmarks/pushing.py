"""The push of 500 MB beside skopeo and docker, by push.py, as one of the figures."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from measuring import Figure

_SCRIPT = Path(__file__).with_name("push.py")
_NEEDED = ("docker", "docker-registry", "htpasswd", "skopeo")
_ROW = re.compile(r"\| (\S+) \| ([\d.]+) s \| [\d.]+ s \| (\d+) MB \| ([\d.]+) s \|")
TITLE = "Pushing 500 MB in eight layers without an engine"


def figure(rounds: int) -> Figure:
    """Run push.py, where its tools are there."""
    missing = [tool for tool in _NEEDED if shutil.which(tool) is None]
    if missing:
        return Figure(title=TITLE, lines=[f"Not measured; not there: {', '.join(missing)}."])
    done = subprocess.run(
        (sys.executable, str(_SCRIPT), "--rounds", str(rounds)),
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found = {
        name: (float(first), float(memory), float(again))
        for name, first, memory, again in _ROW.findall(done.stdout)
    }
    first, memory, again = found["image-push"]
    others = [each for name, each in found.items() if name != "image-push"]
    return Figure(
        title=TITLE,
        lines=done.stdout.strip().splitlines(),
        values={
            "push: time, of the next best": first / min(other[0] for other in others),
            "push: MB of memory": memory,
            "push: time of the second push, of the next best": again
            / min(other[2] for other in others),
        },
        goals={"push: time, of the next best": 1.0, "push: MB of memory": 100.0},
    )
