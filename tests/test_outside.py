"""Nothing gets past the seam: who touches the outside for real is known by name."""

import re

import pytest

from processes import ROOT

HOME = ROOT / "ecsstep"
RINGS = ("steps", "aws", "registry", "core", "rules")
TOUCHES = {
    "files": r"\.(?:is_file|exists|read_text|read_bytes|stat)\(\)"
    r"|(?<!def )(?<![\w.])open\(|\)\.open\(",
    "programs": r"\bsubprocess\.",
    "the environment": r"\bos\.environ\b",
    "the network": r"\burllib3\.(?:request|PoolManager)|\bsocket\.|http\.client",
}
ALLOWED = {
    "files": {
        "core/files.py",  # the seam itself
        "core/step.py",  # stderr that is closed
        "registry/files.py",  # an image's bytes, behind registry/taped_image.py
    },
    "programs": {"core/process.py"},  # behind World.run
    "the environment": {"core/step.py"},
    "the network": {"registry/wire.py"},  # behind registry/taped.py
}


@pytest.mark.parametrize("what", TOUCHES)
def test_the_outside_is_touched_behind_the_seam_alone(what: str) -> None:
    found = {
        path.relative_to(HOME).as_posix()
        for ring in RINGS
        for path in (HOME / ring).rglob("*.py")
        if re.search(TOUCHES[what], path.read_text())
    }

    assert found == ALLOWED[what]
