"""Console scripts as processes, as a user's shell starts them."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import parts

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
_KEPT = ("PATH", "HOME", "LANG", "DOCKER_HOST", "XDG_RUNTIME_DIR", "TMPDIR")


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int
    out: str
    err: str


def environ(**more: str) -> dict[str, str]:
    """Return a clean environment with the console scripts on its path."""
    kept = {name: parts.HOST_ENVIRON[name] for name in _KEPT if name in parts.HOST_ENVIRON}
    kept["HOME"] = os.environ["HOME"]
    kept["PATH"] = f"{BIN}{os.pathsep}{kept.get('PATH', '')}"
    kept["AWS_EC2_METADATA_DISABLED"] = "true"
    # A step that fails leaves a record, which is a matter of the tests of records alone.
    kept["ECSSTEP_RECORD"] = "never"
    return kept | more


def run(
    *argv: str,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str = "",
    timeout: float = 120,
) -> Ended:
    """Run a program to its end."""
    done = subprocess.run(
        argv,
        env=dict(env if env is not None else environ()),
        cwd=cwd,
        input=stdin,
        capture_output=True,
        check=False,
        text=True,
        timeout=timeout,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def sandboxed(
    script: str,
    *,
    scenario: str = "steady",
    look: float = 5,
    deny: tuple[str, ...] = (),
    cwd: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> Ended:
    """Run a shell script in the sandbox, with some variables more.

    Time goes on by looks of ``look`` seconds, so that no story is over before a slow machine sees
    it.
    """
    denied = [word for action in deny for word in ("--deny", action)]
    return run(
        "ecsstep",
        "sandbox",
        *("--scenario", scenario, "--look", str(look), *denied),
        *("--", "sh", "-euc", script),
        env=environ(**(variables or {})),
        cwd=cwd,
    )
