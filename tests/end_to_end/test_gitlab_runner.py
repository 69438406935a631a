"""The GitLab template in a real runner (gitlab-ci-local), from a tag push, in the sandbox."""

from pathlib import Path

import pytest

from processes import ROOT, Ended, environ, run, sandboxed

pytestmark = pytest.mark.real("gitlab-ci-local", "rsync", "docker", "busybox")

PIPELINE = """\
stages:
  - build
  - deploy

include:
  - local: ecs-pipeline.gitlab-ci.yml
    inputs:
      role-arn: arn:aws:iam::123456789012:role/deploy
      repository: app
      cluster: demo
      service: web

# The runner's machine has its own engine here.
image-build:
  services: []
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    template = ROOT / "ci-templates" / "gitlab" / "ecs-pipeline.gitlab-ci.yml"
    (folder / "ecs-pipeline.gitlab-ci.yml").write_text(template.read_text())
    (folder / ".gitlab-ci.yml").write_text(PIPELINE)
    (folder / "Dockerfile").write_text((ROOT / "examples/app/Dockerfile").read_text())
    (folder / "page.html").write_text("<p>it runs")
    for argv in (
        ("cp", "/bin/busybox", "program"),
        ("git", "init", "-q", "-b", "main"),
        ("git", "remote", "add", "origin", "git@gitlab.example:team/app.git"),
        ("git", "add", "-A"),
        ("git", "-c", "user.name=t", "-c", "user.email=t@example", "commit", "-qm", "x"),
    ):
        done = run(*argv, cwd=folder, env=environ())
        assert done.code == 0, done.err
    return folder


def pipeline(project: Path, scenario: str) -> Ended:
    """Run the whole pipeline as a push of the tag v1.2.3 would."""
    return sandboxed(
        "gitlab-ci-local --force-shell-executor --shell-isolation --no-artifacts-to-source "
        "--no-color --variable CI_COMMIT_TAG=v1.2.3 --unset-variable CI_COMMIT_BRANCH "
        "--variable GITLAB_OIDC_TOKEN=a-token-from-gitlab 2>&1",
        scenario=scenario,
        cwd=project,
    )


def test_both_stages_pass_and_the_image_comes_by_dotenv(project: Path) -> None:
    ended = pipeline(project, "steady")

    assert ended.code == 0, ended.out
    assert "image-push: " in ended.out
    assert "wait-stable: deployed" in ended.out
    assert "a-token-from-gitlab" not in ended.out


def test_a_rolled_back_deployment_is_a_red_job_with_the_reason(project: Path) -> None:
    ended = pipeline(project, "rolled-back")

    assert ended.code != 0
    assert "container 'app' exited with code 1" in ended.out
    assert "ECS deployment circuit breaker: tasks failed to start." in ended.out
