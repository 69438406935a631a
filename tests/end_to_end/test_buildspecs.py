"""The buildspecs, item by item in one shell as CodeBuild runs them, with a real Docker engine."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from processes import ROOT, Ended, run, sandboxed

pytestmark = pytest.mark.real("docker", "busybox")

TEMPLATES = ROOT / "ci-templates" / "codebuild"
PROJECT = {
    "IMAGE_REPO_NAME": "app",
    "CONTAINER_NAME": "app",
    "IMAGE_REPO_NAME_1": "laravel-php",
    "CONTAINER_NAME_1": "app",
    "IMAGE_REPO_NAME_2": "laravel-nginx",
    "CONTAINER_NAME_2": "nginx",
    "CODEBUILD_RESOLVED_SOURCE_VERSION": "4f2a9c1d7e6b5a3f",
}


def items(spec: dict[str, Any], *phases: str) -> list[str]:
    """Return the commands of some phases; what installs the tool is left out."""
    return [item for phase in phases for item in spec["phases"][phase]["commands"]]


def built(path: Path, folder: Path, *, succeeding: str = "1") -> Ended:
    """Run a buildspec's phases in a project with the Dockerfiles that it names."""
    app = ROOT / "examples" / "app"
    for place in ("Dockerfile", "docker/php/Dockerfile", "docker/nginx/Dockerfile"):
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text((app / "Dockerfile").read_text())
    (folder / "page.html").write_text(f"<p>{path.name}")
    assert run("cp", "/bin/busybox", str(folder / "program")).code == 0
    spec = yaml.safe_load(path.read_text())
    # An item is judged by its last command's exit status, like a line under `set -e`.
    script = "\n".join(items(spec, "pre_build", "build", "post_build"))
    variables = {**PROJECT, "CODEBUILD_BUILD_SUCCEEDING": succeeding}
    return sandboxed(script, cwd=folder, variables=variables)


@pytest.mark.parametrize(
    ("name", "containers"),
    [
        ("one-container", ["app"]),
        ("two-containers", ["app", "nginx"]),
        ("scan-gate", ["app"]),
    ],
)
def test_a_buildspec_hands_its_images_on_pinned(
    tmp_path: Path, name: str, containers: list[str]
) -> None:
    ended = built(TEMPLATES / f"{name}.buildspec.yml", tmp_path)

    assert ended.code == 0, ended.err
    entries = json.loads((tmp_path / "imagedefinitions.json").read_text())
    assert [entry["name"] for entry in entries] == containers
    assert all("@sha256:" in entry["imageUri"] for entry in entries)


def test_post_build_after_a_failed_build_pushes_nothing(tmp_path: Path) -> None:
    ended = built(TEMPLATES / "one-container.buildspec.yml", tmp_path, succeeding="0")

    assert ended.code == 1
    assert "the build has failed" in ended.err
    assert not (tmp_path / "imagedefinitions.json").exists()
