"""Pipelines of one's own from the hidden jobs: each step a whole job, and what such jobs have."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitlab import pipelines
from processes import run
from runner import GITLAB, a_project, an_example, piped

pytestmark = pytest.mark.real("gitlab-ci-local", "rsync", "docker")

# Each step is a job, and what one finds out reaches the next by GitLab's artifacts alone.
A_JOB_A_STEP = """\
include:
  - local: ci-templates/gitlab/steps.gitlab-ci.yml
    inputs:
      role-arn: arn:aws:iam::123456789012:role/deploy
      install: none

variables:
  ECSSTEP_REPOSITORY: app
  ECSSTEP_CLUSTER: demo
  ECSSTEP_SERVICE: web

push:
  extends: .image-push
  stage: build
  variables:
    ECSSTEP_SOURCE: composed:build
  script:
    - docker build --tag composed:build .
    - !reference [.image-push, script]

render:
  extends: .taskdef-render
  stage: deploy

migrate:
  extends: .task-run
  stage: deploy
  needs: [render]
  variables:
    ECSSTEP_COMMAND: migrate

update:
  extends: .service-update
  stage: deploy
  needs: [render, migrate]

wait:
  extends: .wait-stable
  stage: deploy
  needs: [update]
"""


def test_each_step_may_be_a_job_and_what_is_lost_on_the_way_is_red(tmp_path: Path) -> None:
    project = a_project(tmp_path, A_JOB_A_STEP)
    # As after the end of an artifact's time: the job runs, and nothing of the others is there.
    alone = [
        f"rm -rf .gitlab-ci-local\n! {GITLAB} {job}\n" for job in ("migrate", "update", "wait")
    ]

    ended = piped(project, f"{GITLAB}\n{''.join(alone)}")

    assert ended.code == 0, ended.out
    whole, *others = ended.out.split("json schema validated")[1:]
    [pushed] = re.findall(r"^push .* digest=(sha256:[0-9a-f]{64})$", whole, re.MULTILINE)
    assert re.search(rf"^render .*\[app\].*@{pushed}", whole, re.MULTILINE)
    [updated] = re.findall(r"service updated .* deployment=(\S+) ", whole)
    assert f"wait-stable: deployed  deployment={updated}" in whole
    # What the migration ran with is what was deployed.
    assert whole.count("revision registered") == 1
    for job, flag, said in zip(
        ("migrate", "update", "wait"),
        ("--taskdef", "--taskdef", "--deployment"),
        others,
        strict=True,
    ):
        assert f"{flag}: needs a value" in said
        assert f" FAIL  {job}\n" in said


def test_a_dry_run_that_deploys_nothing_is_no_success(tmp_path: Path) -> None:
    project = an_example(tmp_path, "gitlab-one-container")

    # ecs-deploy may end with 4, for which this runner's own exit code is 0 in any case.
    ended = piped(project, f"{GITLAB}\n{GITLAB} --variable ECSSTEP_DRY_RUN=true ecs-deploy")

    assert ended.code == 0, ended.out
    _, tried = ended.out.split("json schema validated")[1:]
    assert "--deployment: needs a value" in tried
    assert " FAIL  ecs-deploy" in tried


def expanded(project: Path) -> dict[str, dict[str, Any]]:
    """Return the jobs of a project's pipeline as the runner makes them of it."""
    preview = run("gitlab-ci-local", "--preview", cwd=project)
    assert preview.code == 0, preview.err
    found = yaml.safe_load(preview.out)
    return {name: job for name, job in found.items() if isinstance(job, dict) and "script" in job}


@pytest.mark.parametrize("pipeline", [A_JOB_A_STEP, *pipelines("compose.md")])
def test_a_composed_job_hands_on_what_it_found_out_and_migrates_once(
    tmp_path: Path, pipeline: str
) -> None:
    jobs = expanded(a_project(tmp_path, pipeline))

    for name, job in jobs.items():
        lines = "\n".join(job["script"])
        if "--dotenv deploy.env" in lines:
            assert job["artifacts"]["reports"]["dotenv"] == "deploy.env", name
        if "--output taskdef.json" in lines and not re.search("task-run|service-update", lines):
            assert "taskdef.json" in job["artifacts"]["paths"], name
        # A second run would start a second task (docs/around.md).
        again = job.get("retry", 0)
        assert "task-run" not in lines or again in (0, {"max": 0}), name
