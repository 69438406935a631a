"""The real parts of the machine that some tests need, and whether they are there."""

import functools
import os
import shutil
import subprocess
from collections.abc import Mapping

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


@functools.cache
def is_here(part: str) -> bool:
    """Whether a part is on this machine and answers."""
    argv = _PROBES[part]
    if shutil.which(argv[0], path=HOST_ENVIRON.get("PATH")) is None:
        return False
    done = subprocess.run(argv, env=HOST_ENVIRON, capture_output=True, check=False, timeout=60)
    return done.returncode == 0


def are_required() -> bool:
    """Whether a missing part is a failure: ``ECSSTEP_REAL_PARTS=required``, as in .ci/run."""
    return HOST_ENVIRON.get("ECSSTEP_REAL_PARTS") == "required"
