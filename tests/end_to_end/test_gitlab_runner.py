"""The GitLab templates in a real runner (gitlab-ci-local), from a tag's push, in the sandbox."""

import base64
import hashlib
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import jsonschema
import pytest
import yaml

from gitlab import SCHEMA
from parts import HOST_ENVIRON
from processes import ROOT, environ, run
from runner import GITLAB, TOKEN, a_project, an_example, piped, with_inputs

pytestmark = pytest.mark.real("gitlab-ci-local", "rsync", "docker")

TEMPLATE = "ci-templates/gitlab/ecs-pipeline.gitlab-ci.yml"
ROLE = "arn:aws:iam::123456789012:role/deploy"
PUSH_ALONE = """\
include:
  - local: ci-templates/gitlab/image-push.gitlab-ci.yml
    inputs:
      repository: app
      install: none
"""
ONE = "gitlab-one-container"


def made(project: Path, job: str) -> Path:
    """Return the folder of what a job has kept as its artifacts."""
    return project / ".gitlab-ci-local" / "artifacts" / job


@pytest.mark.parametrize("name", [ONE, "gitlab-two-containers", ""])
def test_what_the_runner_makes_of_a_pipeline_is_one_by_gitlabs_schema(
    tmp_path: Path, name: str
) -> None:
    own = (ROOT / ".gitlab-ci.yml").read_text()
    project = an_example(tmp_path, name) if name else a_project(tmp_path, own)

    preview = run("gitlab-ci-local", "--preview", cwd=project)

    assert preview.code == 0, preview.err
    expanded = yaml.safe_load(preview.out)
    jsonschema.validate(expanded, SCHEMA)
    assert "ecs-deploy" in expanded


def test_every_stage_passes_and_the_deployment_can_be_run_again_alone(tmp_path: Path) -> None:
    project = an_example(tmp_path, ONE)
    log = tmp_path / "calls.jsonl"
    again = "rm -rf .gitlab-ci-local\n"

    ended = piped(
        project,
        f"{GITLAB}\n{again}{GITLAB} ecs-deploy\n{again}"
        f"{GITLAB} --variable CI_COMMIT_TAG=v9.9.9 ecs-deploy\n",
        log=log,
    )

    assert ended.code == 0, ended.out
    whole, alone, other = ended.out.split("json schema validated")[1:]
    # The image comes by the dotenv report, and the gate has judged that very digest.
    assert "found this commit's image" not in whole
    assert whole.count("wait-stable: deployed") == 1
    assert "scan-gate: the scan is within the limits" in whole
    # The earlier job's artifacts are gone: the registry still has the image under the tag.
    assert "found this commit's image" in alone
    assert "service-update: nothing to change" in alone
    assert "v9.9.9': nothing was pushed for this commit" in other
    assert " FAIL  ecs-deploy" in other
    # The one way to AWS is the role, by GitLab's token.
    calls = Counter(json.loads(line)["operation"] for line in log.read_text().splitlines())
    assert calls["AssumeRoleWithWebIdentity"] > 0
    assert TOKEN not in ended.out
    assert TOKEN not in log.read_text()


def test_a_rolled_back_deployment_is_a_red_job_with_the_reason(tmp_path: Path) -> None:
    # With a code that is allowed, this runner ends with 0 whatever the job's code is.
    project = an_example(tmp_path, ONE, inputs={"superseded": "failure"})

    ended = piped(project, scenario="rolled-back")

    assert ended.code != 0
    assert "container 'app' exited with code 1" in ended.out
    assert "ECS deployment circuit breaker: tasks failed to start." in ended.out
    assert " FAIL  ecs-deploy" in ended.out
    report = json.loads((made(project, "ecs-deploy") / "wait-stable.json").read_text())
    assert report["outcome"] == "rolled-back"
    [record] = (made(project, "ecs-deploy") / ".ecsstep").iterdir()
    again = run("ecsstep", "replay", str(record), env={"PATH": environ()["PATH"]})
    assert (again.code, again.out) == (3, "rolled-back\n"), again.err
    assert again.err.endswith("replay: replayed as recorded\n")
    assert TOKEN not in record.read_text()


def test_a_superseded_deployment_is_a_warning(tmp_path: Path) -> None:
    ended = piped(an_example(tmp_path, ONE), scenario="superseded")

    assert ended.code == 0, ended.out
    assert " WARN  ecs-deploy" in ended.out
    assert "superseded: it was replaced by" in ended.out


def test_what_the_gate_refuses_is_not_deployed(tmp_path: Path) -> None:
    project = an_example(tmp_path, ONE)

    # The job by itself, as where somebody presses its button all the same.
    ended = piped(project, f"! {GITLAB}\n{GITLAB} ecs-deploy", scenario="findings")

    assert ended.code == 0, ended.out
    gated, deployed = ended.out.split("json schema validated")[1:]
    assert " FAIL  scan-gate" in gated
    assert " FAIL  ecs-deploy" in deployed
    assert "is 'refused' by the record './scan-gate.json'" in deployed
    assert "$ service-update" not in ended.out
    assert json.loads((made(project, "scan-gate") / "scan-gate.json").read_text())["counts"]


@pytest.mark.real("buildah")
def test_two_containers_are_two_images_and_one_deployment(tmp_path: Path) -> None:
    project = an_example(tmp_path, "gitlab-two-containers")

    ended = piped(project)

    assert ended.code == 0, ended.out
    pinned = dict(
        line.removeprefix("ECSSTEP_IMAGE=").rsplit("/", 1)[1].split("@")
        for job in ("php-image-push", "nginx-image-push")
        for line in (made(project, job) / ".gitlab-ci-reports/dotenv/image.env")
        .read_text()
        .splitlines()
        if line.startswith("ECSSTEP_IMAGE=")
    )
    assert set(pinned) == {"laravel-php", "laravel-nginx"}
    for container, repository in (("app", "laravel-php"), ("nginx", "laravel-nginx")):
        change = f"containerDefinitions[{container}].image"
        [line] = [each for each in ended.out.splitlines() if f"render: ~ {change}" in each]
        assert f"/{repository}@{pinned[repository]}" in line
    assert ended.out.count("scan-gate: the scan is within the limits") == 2


# What buildx is asked for, done by buildah: BuildKit is no part of this machine.
BUILDX = """\
#!/bin/sh
case "$1 $2" in
    "buildx create") exit 0 ;;
    "buildx build") ;;
    *) exec {docker} "$@" ;;
esac
for word; do
    case $word in
        type=oci,dest=*) archive=${{word#type=oci,dest=}} ;;
    esac
    before=$last last=$word
    [ "$before" != --file ] || dockerfile=$word
done
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs
{buildah} build --quiet --file "$dockerfile" --tag made "$last"
{buildah} push --quiet made "oci-archive:$archive"
"""


@pytest.mark.real("buildah")
def test_an_archive_of_buildkit_is_pushed_without_an_engine(tmp_path: Path) -> None:
    shim = tmp_path / "bin" / "docker"
    shim.parent.mkdir()
    found = {name: shutil.which(name, path=HOST_ENVIRON["PATH"]) for name in ("docker", "buildah")}
    shim.write_text(BUILDX.format(**found))
    shim.chmod(0o755)
    pipeline = with_inputs(PUSH_ALONE, {"builder": "buildkit", "role-arn": ROLE})
    # This runner would start services in the engine.
    project = a_project(tmp_path / "project", pipeline + "\nimage-push:\n  services: []\n")

    ended = piped(project, f'PATH="{shim.parent}:$PATH"\n{GITLAB}')

    assert ended.code == 0, ended.out
    assert "image-push: image pushed" in ended.out


def a_role(folder: Path, *words: str) -> Path:
    """Return the policy of those who push to app, with further words about it."""
    made = run(*("ecsstep", "iam-policy", "ecr-login", "image-push", "--repository", "app"), *words)
    assert made.code == 0, made.err
    (folder / "policy.json").write_text(made.out)
    return folder / "policy.json"


# Every build here makes another image, though of the same commit.
ANEW = """\
#!/bin/sh
[ "$1" != build ] || {{ shift; set -- build --no-cache "$@"; }}
exec {docker} "$@"
"""


def test_a_push_that_is_run_again_keeps_the_image_of_the_same_commit(tmp_path: Path) -> None:
    shim = tmp_path / "bin" / "docker"
    shim.parent.mkdir()
    shim.write_text(ANEW.format(docker=shutil.which("docker", path=HOST_ENVIRON["PATH"])))
    shim.chmod(0o755)
    pipeline = with_inputs(PUSH_ALONE, {"builder": "engine", "role-arn": ROLE})
    project = a_project(tmp_path / "project", pipeline)
    role = a_role(tmp_path, "--accept-rebuild")

    ended = piped(project, f'PATH="{shim.parent}:$PATH"\n{GITLAB}\n{GITLAB}', policies=[role])

    assert ended.code == 0, ended.out
    pinned = re.findall(r"^image-push > (\S+/app@sha256:\w+)$", ended.out, re.MULTILINE)
    assert (len(pinned), len({*pinned})) == (2, 1)
    assert "a rebuild of it isn't pushed" in ended.out
    assert "warning" not in ended.out


@pytest.mark.real("buildah")
@pytest.mark.parametrize("builder", ["engine", "buildah"])
def test_a_cache_that_cant_be_written_fails_nothing(tmp_path: Path, builder: str) -> None:
    pipeline = with_inputs(PUSH_ALONE, {"builder": builder, "role-arn": ROLE})
    project = a_project(tmp_path / "project", pipeline)
    cached = f'{GITLAB} --variable "BUILD_CACHE=$ECR_REGISTRY/laravel-php:cache"'

    ended = piped(project, cached, policies=[a_role(tmp_path)])

    assert ended.code == 0, ended.out
    assert re.search("> the cache .*/laravel-php:cache was not written", ended.out)
    assert (
        "ECSSTEP_IMAGE="
        in (made(project, "image-push") / ".gitlab-ci-reports/dotenv/image.env").read_text()
    )


def test_a_build_takes_its_cache_from_the_registry_and_puts_it_there(tmp_path: Path) -> None:
    pipeline = with_inputs(PUSH_ALONE, {"builder": "engine", "role-arn": ROLE})
    project = a_project(tmp_path / "project", pipeline)
    role = a_role(tmp_path, "--cache", "laravel-php:cache")
    cached = f'{GITLAB} --variable "BUILD_CACHE=$ECR_REGISTRY/laravel-php:cache"'

    ended = piped(
        project,
        f"{cached}\nunset IMAGE_TAG\n"
        "docker image rm --force $ECR_REGISTRY/laravel-php:cache\n"
        f"{cached} --variable CI_COMMIT_TAG=v1.2.4\n"
        "docker pull $ECR_REGISTRY/laravel-php:cache\n",
        policies=[role],
    )

    assert ended.code == 0, ended.out
    assert ended.out.count("image-push: image pushed") == 2
    assert "> the cache" not in ended.out


@pytest.mark.real("busybox")
def test_the_projects_own_pipeline_runs_by_its_own_templates(tmp_path: Path) -> None:
    project = a_project(
        tmp_path,
        with_inputs((ROOT / ".gitlab-ci.yml").read_text(), {"builder": "engine", "role-arn": ROLE}),
        {
            **{
                f"examples/app/{name}": (ROOT / "examples" / "app" / name).read_text()
                for name in ("Dockerfile", "page.html")
            },
            "Makefile": "test:\n\t@echo tested\n",
            ".ci/integrity": (ROOT / ".ci" / "integrity").read_text(),
        },
    )

    ended = piped(project)

    assert ended.code == 0, ended.out
    assert "> tested" in ended.out
    template = (ROOT / TEMPLATE).read_bytes()
    integrity = base64.b64encode(hashlib.sha256(template).digest()).decode()
    assert f"> sha256-{integrity}  {TEMPLATE}" in ended.out
    assert "wait-stable: deployed" in ended.out
