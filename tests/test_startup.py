"""What a start costs: ``--help`` and a usage error load a step's declaration, not its story."""

import json
import subprocess
import sys

import pytest

from ecsstep.cli import STEPS

HEAVY = (
    "boto3", "botocore", "structlog", "yaml", "jmespath", "urllib3", "moto", "werkzeug", "semver",
    # Of the standard library: what takes more than a millisecond.
    "argparse", "asyncio", "base64", "dataclasses", "email", "hashlib", "html", "http.client",
    "inspect", "json", "logging", "pathlib", "shutil", "ssl", "subprocess", "tempfile", "tomllib",
    "urllib.parse", "xml.sax",
    # Of ours: what only a step's story needs.
    "ecsstep.aws", "ecsstep.registry", "ecsstep.core.documents", "ecsstep.core.dotenv",
    "ecsstep.core.files",
)  # fmt: skip
PROGRAM = """
import io, sys
sys.stdout, out = io.StringIO(), sys.stdout
from ecsstep.cli import main
code = main(sys.argv[1:])
stories = [name for name in sys.modules if name.endswith(".story")]
heavy = [name for name in {heavy!r} if name in sys.modules] + stories
import json
out.write(json.dumps([code, heavy]))
"""


def started(*argv: str) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(heavy=HEAVY), *argv],
        capture_output=True, check=True, text=True, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    code, heavy = json.loads(done.stdout)
    return code, heavy


def test_the_list_of_steps_loads_nothing_heavy() -> None:
    assert started("--help") == (0, [])


@pytest.mark.parametrize("name", STEPS)
def test_help_loads_nothing_heavy(name: str) -> None:
    assert started(name, "--help") == (0, [])


@pytest.mark.parametrize("name", STEPS)
def test_a_usage_error_loads_nothing_heavy(name: str) -> None:
    assert started(name, "--no-such-option") == (2, [])
