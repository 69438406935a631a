"""The guides for GitLab, followed as they stand: in a fresh clone, with a real runner."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from gitlab import SCHEMA, References, blocks, pipelines
from processes import ROOT, environ, run
from runner import GITLAB, a_project, piped, with_inputs

GUIDE = (ROOT / "docs" / "gitlab.md").read_text()
COMPOSE = (ROOT / "docs" / "compose.md").read_text()
# For a machine with its own engine and ecsstep, as the guide says.
HERE = {"builder": "engine", "install": "none"}


@pytest.mark.real("gitlab-ci-local", "rsync", "docker", "aws")
def test_a_newcomers_way_leads_to_a_deployment(tmp_path: Path) -> None:
    pipeline = with_inputs(pipelines("gitlab.md")[0], HERE)
    project = a_project(tmp_path / "app", "stages: []\n")
    (project / ".gitlab-ci.yml").write_text(pipeline)
    origin = tmp_path / "origin.git"
    commands = (
        ("git", "init", "--quiet", "--bare", str(origin)),
        ("git", "remote", "set-url", "--push", "origin", str(origin)),
        ("git", "config", "user.name", "a newcomer"),
        ("git", "config", "user.email", "newcomer@localhost"),
    )
    for argv in commands:
        assert run(*argv, cwd=project, env=environ()).code == 0

    ended = piped(project, "\n".join(blocks("gitlab.md", "sh")))

    assert ended.code == 0, ended.out
    assert "wait-stable: deployed" in ended.out
    assert "stands in the environment" not in ended.out
    tags = run("git", "tag", cwd=origin, env=environ()).out.split()
    assert tags == ["v1.2.3"]
    # The role of the guide is enough, also for the deployment alone.
    again = piped(
        project,
        f"{GITLAB}\nrm -rf .gitlab-ci-local\n{GITLAB} ecs-deploy",
        policies=[project / "policy.json"],
    )
    assert again.code == 0, again.out
    assert again.out.count("wait-stable: deployed") == 2, again.out
    assert "found this commit's image" in again.out
    assert "denied" not in again.out
    assert "not allowed" not in again.out


@pytest.mark.real("gitlab-ci-local", "rsync", "docker")
def test_composed_pipelines_run(tmp_path: Path) -> None:
    own, promotion = (with_inputs(each, {"install": "none"}) for each in pipelines("compose.md"))
    project = a_project(tmp_path, own)
    (project / "promotion.yml").write_text(promotion)
    assert run("git", "add", "-A", cwd=project, env=environ()).code == 0
    made = run("sh", "-euc", "\n".join(blocks("compose.md", "sh")), cwd=project, env=environ())
    assert made.code == 0, made.err

    ended = piped(
        project,
        f"{GITLAB}\n{GITLAB} --file promotion.yml",
        policies=[project / name for name in ("policy.json", "promotion.json")],
    )

    assert ended.code == 0, ended.out
    assert ended.out.count("wait-stable: deployed") == 2
    assert "not allowed" not in ended.out
    # What the migration ran with is what is deployed. (This runner gives an after_script a clean
    # folder, so the message is told from the job's status.)
    [ran] = re.findall(
        r"^migration .* revision registered  revision=(\S+)", ended.out, re.MULTILINE
    )
    assert re.search(
        rf"^deploy .* service updated .*revision={re.escape(ran)}$", ended.out, re.MULTILINE
    )
    for words in ("task-run: succeeded", "cache-invalidate: ", "notify: "):
        assert words in ended.out
    assert re.search(r'^migration +> +"cpu": ', ended.out, re.MULTILINE)
    assert "scan-gate: the scan is within the limits" in ended.out


@pytest.mark.parametrize("text", [GUIDE, COMPOSE], ids=["gitlab", "compose"])
def test_every_link_of_the_guides_leads_somewhere(text: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", text)

    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


def test_every_hidden_job_stands_in_the_guide() -> None:
    text = (ROOT / "ci-templates" / "gitlab" / "steps.gitlab-ci.yml").read_text()
    hidden = re.findall(r"^(\.[a-z-]+):$", text, re.MULTILINE)

    assert [job for job in hidden if f"| `{job}` |" not in COMPOSE] == []


@pytest.mark.parametrize("block", [*blocks("gitlab.md", "yaml"), *blocks("compose.md", "yaml")])
def test_every_pipeline_of_the_guides_is_one_by_gitlabs_schema(block: str) -> None:
    pipeline = yaml.load(block, Loader=References)

    jsonschema.validate(pipeline, SCHEMA)


def test_a_catalogue_mirrors_the_templates_under_the_names_of_components(tmp_path: Path) -> None:
    mirror = yaml.safe_load(pipelines("gitlab.md")[1])["mirror"]
    # That image's own entry point is git, and the project's templates are not for everybody.
    assert mirror["image"]["entrypoint"] == [""]
    assert "gitlab-ci-token:$CI_JOB_TOKEN@" in mirror["variables"]["SOURCE"]
    source = a_project(tmp_path / "source", "stages: []\n")
    target, catalogue = tmp_path / "target.git", tmp_path / "catalogue"
    script = "\n".join(
        (
            f"git -C {source} tag v0.1.0",
            f"git init --quiet --bare {target}",
            f"git init --quiet --initial-branch main {catalogue}",
            f"cd {catalogue}",
            *mirror["script"],
        )
    )
    variables = {
        "RELEASE": mirror["variables"]["RELEASE"],
        "SOURCE": f"file://{source}",
        "TARGET": str(target),
        "CI_DEFAULT_BRANCH": "main",
    }

    done = run("sh", "-euc", script, env=environ(**variables))

    assert done.code == 0, done.err
    assert (catalogue / "templates" / "ecs-pipeline.yml").read_text() == (
        ROOT / "ci-templates" / "gitlab" / "ecs-pipeline.gitlab-ci.yml"
    ).read_text()
    assert run("git", "tag", cwd=target, env=environ()).out == "0.1.0\n"


def test_the_hash_in_the_guide_has_the_form_that_gitlab_checks() -> None:
    [remote] = [
        yaml.safe_load(block) for block in blocks("gitlab.md", "yaml") if "integrity:" in block
    ]

    assert json.dumps(remote).count("sha256-") == 1
