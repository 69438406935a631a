"""The benchmarks run; what they measure is judged by people."""

import sys

import pytest

import parts
from processes import BIN, ROOT, run


@pytest.mark.real("docker", "registry", "htpasswd", "skopeo")
def test_a_small_push_is_measured_for_every_tool() -> None:
    path = f"{BIN}:{parts.HOST_ENVIRON['PATH']}"

    done = run(
        *(sys.executable, f"{ROOT}/benchmarks/push.py"),
        *("--size", "4", "--layers", "2", "--rounds", "1"),
        env={**parts.HOST_ENVIRON, "PATH": path},
    )

    assert done.code == 0, done.err
    rows = [line.split("|")[1].strip() for line in done.out.splitlines() if line.startswith("| ")]
    assert rows == ["", "image-push", "skopeo", "docker"]
