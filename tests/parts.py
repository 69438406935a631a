"""The real parts of the machine that some tests need, and whether they are there."""

import functools
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

HOST_ENVIRON: Mapping[str, str] = dict(os.environ)
"""The environment as it was before the tests took it away: the way to the Docker engine."""

_PROBES: Mapping[str, tuple[str, ...]] = {
    "aws": ("aws", "--version"),
    "buildah": ("buildah", "--version"),
    "busybox": ("busybox", "--list"),
    "docker": ("docker", "version"),
    "gitlab-ci-local": ("gitlab-ci-local", "--version"),
    "podman": ("podman", "--version"),
    "registry": ("docker-registry", "--version"),
    "jq": ("jq", "--version"),
    "htpasswd": ("htpasswd", "-nbB", "user", "password"),
    "shellcheck": ("shellcheck", "--version"),
    "skopeo": ("skopeo", "--version"),
    "rsync": ("rsync", "--version"),
}
_SCHEMAS = ("container-scanning-report-format.json", "sarif-2.1.0.json")
# No package brings them: without a folder that is said to hold them they are missed, not required.
_LENT = {"schemas": "ECSSTEP_SCHEMAS"}

MISSED: set[str] = set()
"""The parts that a test of this process asked for and that were not there."""


def need(*parts: str) -> None:
    """Pass over the test whose real parts are missing, or fail it where they are required."""
    missing = [part for part in parts if not is_here(part)]
    if not missing:
        return
    MISSED.update(missing)
    if are_required() and any(HOST_ENVIRON.get(_LENT.get(part, "PATH")) for part in missing):
        pytest.fail(f"required, but not on this machine: {', '.join(missing)}", pytrace=False)
    pytest.skip(f"not on this machine: {', '.join(missing)}")


def schema(name: str) -> Path:
    """Return the file of a published schema, where the folder of :func:`need` holds it."""
    return Path(HOST_ENVIRON.get(_LENT["schemas"], "")).resolve() / name


@functools.cache
def is_here(part: str) -> bool:
    """Whether a part is on this machine and answers."""
    if part == "schemas":
        return bool(HOST_ENVIRON.get(_LENT[part])) and all(schema(f).is_file() for f in _SCHEMAS)
    argv = _PROBES[part]
    if shutil.which(argv[0], path=HOST_ENVIRON.get("PATH")) is None:
        return False
    done = subprocess.run(argv, env=HOST_ENVIRON, capture_output=True, check=False, timeout=60)
    return done.returncode == 0


def are_required() -> bool:
    """Whether a missing part is a failure: ``ECSSTEP_REAL_PARTS=required``, as in .ci/run."""
    return HOST_ENVIRON.get("ECSSTEP_REAL_PARTS") == "required"
