"""Our buildspecs, run as CodeBuild runs them, in the sandbox with a real Docker engine."""

import io
import json
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from buildspecs import COMMIT, Build, Project, build, client, read
from ecsstep.sandbox.cloudfront import DISTRIBUTION
from ecsstep.sandbox.server import Sandbox
from parts import HOST_ENVIRON
from processes import ROOT, environ, run, sandboxed
from stacks import allowed

pytestmark = pytest.mark.real("docker", "busybox")

TEMPLATES = ROOT / "ci-templates" / "codebuild"
PROJECT = {
    "IMAGE_REPO_NAME": "app",
    "CONTAINER_NAME": "app",
    "IMAGE_REPO_NAME_1": "laravel-php",
    "CONTAINER_NAME_1": "app",
    "IMAGE_REPO_NAME_2": "laravel-nginx",
    "CONTAINER_NAME_2": "nginx",
    "ECS_CLUSTER": "demo",
    "ECS_SERVICE": "web",
    "ECSSTEP_DISTRIBUTION": DISTRIBUTION,
}
PARAMETERS = {
    "DOCKER_HUB_ID": "hub-user",
    "DOCKER_HUB_PASSWORD": "hub-pass-word",
}
# What a build must not meet here: a package index, Docker Hub, this project's tests in itself.
STAND_INS = {
    "pip": """\
case "$*" in
    "install .") ;;
    "install ecsstep==$(ecsstep --version | cut -d ' ' -f 2)") ;;
    *) echo "pip $*: not what is pinned" >&2; exit 1 ;;
esac
""",
    "make": '[ "$*" = test ]\n',
    # All builds here share one engine: each gets names of its own.
    "docker": """\
for word do
    shift
    case "$word" in build:*) word="build-{name}:${word#*:}" ;; esac
    set -- "$@" "$word"
done
case "$*" in
    *login*index.docker.io*) cat >"$(dirname "$0")/hub-password" ;;
    *) exec {docker} "$@" ;;
esac
""",
}
# Where a service has another name in IAM.
_PREFIXES = {"elbv2": "elasticloadbalancing"}
# Everybody may ask who they are.
FREE = {"sts:GetCallerIdentity"}


@dataclass(frozen=True, kw_only=True)
class CodeBuild:
    """A CodeBuild project in a sandbox, with the repository that it builds.

    Attributes:
        folder: Where source, artifacts and stand-ins lie.
        environ: The way to the sandbox.
        log: One line for each request that the sandbox gets.
    """

    folder: Path
    environ: Mapping[str, str]
    log: io.StringIO

    @property
    def source(self) -> Path:
        return self.folder / "source"

    def run(self, spec: Path | dict[str, Any], *, source: Path | None = None, **more: str) -> Build:
        """Run a buildspec, with some variables more."""
        out = self.folder / f"build-{len([*self.folder.glob('build-*')])}"
        project = Project(
            environ=self.environ, variables={**PROJECT, **more}, stand_ins=self.folder / "bin"
        )
        found = read(spec) if isinstance(spec, Path) else spec
        return build(found, project, source=source or self.source, out=out)

    def called(self, spec: Path, *, source: Path | None = None) -> tuple[Build, set[str]]:
        """Run a buildspec; return the IAM actions of what it called as well."""
        before = len(self.log.getvalue())
        ended = self.run(spec, source=source)
        lines = [json.loads(line) for line in self.log.getvalue()[before:].splitlines()]
        return ended, {
            f"{_PREFIXES.get(line['service'], line['service'])}:{line['operation']}"
            for line in lines
            if line["service"] != "registry"
        }

    def aws(self, service: str) -> Any:
        return client(self.environ, service)

    def images(self, repository: str) -> list[str]:
        """Return the tags of the images that a repository has got from us."""
        with self.aws("ecr") as ecr:
            found = ecr.describe_images(repositoryName=repository)["imageDetails"]
        return sorted(tag for each in found for tag in each.get("imageTags", ()))

    def running_image(self, service: str) -> str:
        """Return the image of a service's first container."""
        with self.aws("ecs") as ecs:
            [found] = ecs.describe_services(cluster="demo", services=[service])["services"]
            taskdef = found.get("taskDefinition") or found["taskSets"][0]["taskDefinition"]
            answer = ecs.describe_task_definition(taskDefinition=taskdef)
        image: str = answer["taskDefinition"]["containerDefinitions"][0]["image"]
        return image


@pytest.fixture
def codebuild(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[CodeBuild]:
    """A project in the sandbox of the scenario that the test asks for; steady by default."""
    _lay_out(tmp_path / "source", title=request.node.name)
    (tmp_path / "bin").mkdir()
    docker = shutil.which("docker", path=HOST_ENVIRON["PATH"]) or ""
    own = uuid4().hex
    for name, script in STAND_INS.items():
        text = script.replace("{docker}", docker).replace("{name}", own)
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{text}")
        (tmp_path / "bin" / name).chmod(0o755)
    here = {name: value for name, value in environ().items() if name != "ECSSTEP_RECORD"}
    scenario = getattr(request, "param", "steady")
    log = io.StringIO()
    with Sandbox(scenario, look=5, environ=here, log=log) as sandbox:
        project = CodeBuild(folder=tmp_path, environ=sandbox.environ(), log=log)
        with project.aws("ssm") as ssm:
            for name, value in PARAMETERS.items():
                ssm.put_parameter(Name=name, Value=value, Type="SecureString")
        yield project
    built = run(docker, "images", "--quiet", "--filter", f"reference=build-{own}").out.split()
    if built:
        run(docker, "rmi", "--force", *{*built})


def _lay_out(source: Path, *, title: str) -> None:
    app = ROOT / "examples" / "app"
    for place in ("Dockerfile", "docker/php/Dockerfile", "docker/nginx/Dockerfile"):
        (source / place).parent.mkdir(parents=True, exist_ok=True)
        (source / place).write_text((app / "Dockerfile").read_text())
    # Another page makes another image; one that doesn't build is made by taking the page away.
    (source / "page.html").write_text(f"<p>{title}")
    shutil.copy("/bin/busybox", source / "program")


@pytest.mark.parametrize(
    ("name", "containers"), [("one-container", ["app"]), ("two-containers", ["app", "nginx"])]
)
def test_a_buildspec_hands_its_images_on_pinned(
    codebuild: CodeBuild, name: str, containers: list[str]
) -> None:
    ended = codebuild.run(TEMPLATES / f"{name}.buildspec.yml")

    assert ended.succeeded, ended.log
    assert ended.artifacts == {"": ("imagedefinitions.json",)}
    entries = json.loads((ended.folder / "primary/imagedefinitions.json").read_text())
    assert [entry["name"] for entry in entries] == containers
    exported = {name: value for name, value in ended.exported.items() if name[-3:] != "TAG"}
    assert [entry["imageUri"] for entry in entries] == [*exported.values()]
    assert all("@sha256:" in entry["imageUri"] for entry in entries)
    assert (codebuild.folder / "bin/hub-password").read_text() == "hub-pass-word"
    assert "hub-pass-word" not in ended.log


def test_the_gate_of_a_clean_image_lets_it_through_with_a_report(codebuild: CodeBuild) -> None:
    ended, actions = codebuild.called(TEMPLATES / "scan-gate.buildspec.yml")

    assert ended.succeeded, ended.log
    assert actions <= allowed("BuildPolicy") | FREE
    assert ended.artifacts == {"": ("imagedefinitions.json", "passed.json")}
    assert ended.reports["scan"][1] == 0
    assert ended.exported["ECSSTEP_IMAGE_TAG"] == COMMIT[:8]
    assert COMMIT[:8] in codebuild.images("app")


def test_every_commit_goes_through_the_gate_where_no_tag_may_move(codebuild: CodeBuild) -> None:
    spec = TEMPLATES / "scan-gate.buildspec.yml"
    with codebuild.aws("ecr") as ecr:
        ecr.put_image_tag_mutability(repositoryName="app", imageTagMutability="IMMUTABLE")
        [app] = ecr.describe_repositories(repositoryNames=["app"])["repositories"]
    host = app["repositoryUri"].rpartition("/")[0]
    cache, nowhere = f"{host}/laravel-php:cache", f"{host}/nowhere:cache"

    first = codebuild.run(spec, BUILD_CACHE=cache)
    again = codebuild.run(spec)
    later = codebuild.run(spec, CODEBUILD_RESOLVED_SOURCE_VERSION=COMMIT[::-1], BUILD_CACHE=nowhere)

    for ended in (first, again, later):
        assert ended.succeeded, ended.log
    assert {COMMIT[:8], COMMIT[::-1][:8]} <= {*codebuild.images("app")}
    assert first.exported["ECSSTEP_IMAGE"] == again.exported["ECSSTEP_IMAGE"]
    # The cache decides on nothing: written where it can be, and told where it can't.
    assert "cache" in codebuild.images("laravel-php")
    assert f"the cache {cache} was not written" not in first.log
    assert f"the cache {nowhere} was not written" in later.log


@pytest.mark.parametrize("codebuild", ["findings"], indirect=True)
def test_a_refused_image_is_a_red_build_with_its_findings_in_the_report(
    codebuild: CodeBuild,
) -> None:
    ended = codebuild.run(TEMPLATES / "scan-gate.buildspec.yml")

    assert ended.phases["build"] == "FAILED"
    assert ended.reports["scan"][1] > 0
    assert "CRITICAL" in ended.log


@pytest.mark.parametrize("name", ["two-containers", "blue-green"])
def test_a_build_that_fails_pushes_nothing(codebuild: CodeBuild, name: str) -> None:
    _blue_green_files(codebuild.source)
    (codebuild.source / "page.html").unlink()
    before = {repository: codebuild.images(repository) for repository in ("app", "laravel-php")}

    ended = codebuild.run(TEMPLATES / f"{name}.buildspec.yml")

    assert ended.phases["build"] == "FAILED"
    assert before == {repository: codebuild.images(repository) for repository in before}
    assert not ended.exported


def test_a_push_in_post_build_refuses_by_itself_after_a_failed_build(codebuild: CodeBuild) -> None:
    spec = read(TEMPLATES / "one-container.buildspec.yml")
    *_, push, load = spec["phases"]["build"]["commands"]
    spec["phases"] = {"build": {"commands": ["false"]}, "post_build": {"commands": [push, load]}}

    ended = codebuild.run(spec)

    assert (ended.phases["build"], ended.phases["post_build"]) == ("FAILED", "FAILED")
    assert "the build has failed" in ended.log
    assert "imagedefinitions.json" not in ended.artifacts[""]


def _blue_green_files(source: Path) -> None:
    example = ROOT / "examples" / "codebuild-blue-green"
    for name in ("taskdef.json", "appspec.yaml"):
        shutil.copy(example / name, source / name)


def test_the_stage_after_it_deploys_what_the_build_handed_on(codebuild: CodeBuild) -> None:
    first = codebuild.run(TEMPLATES / "one-container.buildspec.yml")

    ended, actions = codebuild.called(
        TEMPLATES / "deploy.buildspec.yml", source=first.folder / "primary"
    )

    assert ended.succeeded, ended.log
    assert actions <= allowed("DeployPolicy") | FREE
    assert ended.reports == {"deployment": (1, 0)}
    assert codebuild.running_image("web") == first.exported["ECSSTEP_IMAGE"]
    assert ended.exported["ECSSTEP_PREVIOUS_TASKDEF_ARN"].endswith("/web:1")


def test_one_project_builds_gates_and_deploys(codebuild: CodeBuild) -> None:
    ended = codebuild.run(TEMPLATES / "build-and-deploy.buildspec.yml")

    assert ended.succeeded, ended.log
    assert codebuild.running_image("web") == ended.exported["ECSSTEP_IMAGE"]
    assert ended.reports["deployment"] == (1, 0)


@pytest.mark.parametrize("codebuild", ["rolled-back"], indirect=True)
def test_a_rolled_back_deployment_is_a_red_build_that_says_why(codebuild: CodeBuild) -> None:
    ended, actions = codebuild.called(TEMPLATES / "build-and-deploy.buildspec.yml")

    assert ended.phases["build"] == "FAILED"
    assert actions <= allowed("BuildPolicy", "DeployPolicy") | FREE
    assert "container 'app' exited with code 1" in ended.log
    assert "ECS deployment circuit breaker: tasks failed to start." in ended.log
    assert ended.reports["deployment"] == (1, 1)
    [record] = [path for path in ended.artifacts[""] if path.startswith(".ecsstep/")]
    assert f"ecsstep replay {record}" in ended.log


@pytest.mark.parametrize("codebuild", ["codedeploy"], indirect=True)
def test_codedeploy_gets_the_files_that_its_action_wants(codebuild: CodeBuild) -> None:
    _blue_green_files(codebuild.source)

    ended = codebuild.run(TEMPLATES / "blue-green.buildspec.yml")

    assert ended.succeeded, ended.log
    assert ended.artifacts == {"": ("appspec.yaml", "imageDetail.json", "taskdef.json")}
    detail = json.loads((ended.folder / "primary/imageDetail.json").read_text())
    assert detail == {"ImageURI": ended.exported["ECSSTEP_IMAGE"]}
    _deploy_as_the_action_does(codebuild, ended.folder / "primary", detail["ImageURI"])
    assert codebuild.running_image("blue") == detail["ImageURI"]


def _deploy_as_the_action_does(codebuild: CodeBuild, folder: Path, image: str) -> None:
    """Fill the placeholders in, register, and give CodeDeploy the AppSpec, as CodeDeployToECS."""
    taskdef = json.loads((folder / "taskdef.json").read_text().replace("<IMAGE1_NAME>", image))
    with codebuild.aws("ecs") as ecs, codebuild.aws("codedeploy") as codedeploy:
        arn = ecs.register_task_definition(**taskdef)["taskDefinition"]["taskDefinitionArn"]
        appspec = (folder / "appspec.yaml").read_text().replace("<TASK_DEFINITION>", arn)
        begun = codedeploy.create_deployment(
            applicationName="AppECS-demo-blue",
            deploymentGroupName="DgpECS-demo-blue",
            revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": appspec}},
        )
        for _ in range(10_000):
            found = codedeploy.get_deployment(deploymentId=begun["deploymentId"])
            if (status := found["deploymentInfo"]["status"]) in ("Succeeded", "Failed", "Stopped"):
                break
    assert status == "Succeeded"


def test_the_same_lines_where_you_are_say_that_codedeploy_went_back(tmp_path: Path) -> None:
    script = f"sh {ROOT}/examples/codebuild-blue-green/deploy.sh"

    ended = sandboxed(script, scenario="codedeploy-rolled-back", cwd=tmp_path)

    assert (ended.code, ended.out.splitlines()[-1]) == (3, "rolled-back"), ended.err
    assert "container 'app' exited with code 1" in ended.err


def test_a_faulty_task_definition_is_told_before_anything_is_built(codebuild: CodeBuild) -> None:
    _blue_green_files(codebuild.source)
    taskdef = codebuild.source / "taskdef.json"
    taskdef.write_text(taskdef.read_text().replace("containerPort", "containerPorts"))

    ended = codebuild.run(TEMPLATES / "blue-green.buildspec.yml")

    assert ended.phases == {"install": "SUCCEEDED", "pre_build": "FAILED"}
    assert "containerPorts" in ended.log


def test_the_cache_is_invalidated_in_a_stage_of_its_own(codebuild: CodeBuild) -> None:
    spec = TEMPLATES / "cache-invalidate.buildspec.yml"

    ended, actions = codebuild.called(spec)

    assert ended.succeeded, ended.log
    assert actions <= allowed("CachePolicy") | FREE


def test_the_projects_own_buildspec_runs(codebuild: CodeBuild) -> None:
    shutil.copytree(ROOT / "examples/app", codebuild.source / "examples/app")

    ended = codebuild.run(ROOT / "buildspec.yml", IMAGE_REPO_NAME="", ECR_REPOSITORY="app")

    assert ended.succeeded, ended.log
    assert ended.artifacts == {"": ("imagedefinitions.json",)}


@pytest.mark.parametrize("path", [*TEMPLATES.glob("*.yml"), ROOT / "buildspec.yml"],
                         ids=lambda path: path.name)  # fmt: skip
def test_a_buildspec_has_the_shape_that_codebuild_knows(path: Path) -> None:
    read(path)
