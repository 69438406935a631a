"""Docker, podman and buildah behind one shape."""

import json
from pathlib import Path

import pytest

from ecsstep.core.process import Completed
from ecsstep.errors import Exit, StepError
from ecsstep.registry.auth import Credentials
from ecsstep.registry.errors import TagTakenError
from ecsstep.registry.sources import local_image
from ecsstep.registry.tools import LocalImage, Tool, find_tool
from ecsstep.rules.rebuilds import REVISION
from ecsstep.secret import Secret
from fakes import FakeRun, completed

HOST = "012345678901.dkr.ecr.eu-west-1.amazonaws.com"
ID, OTHER = "sha256:" + "1" * 64, "sha256:" + "2" * 64
LOGIN = Credentials(user="AWS", password=Secret("the-password"))


@pytest.mark.parametrize(
    ("name", "host", "folder", "argv"),
    [
        pytest.param("docker", HOST, None, ("docker", "login"), id="docker"),
        pytest.param("docker", HOST, "/f", ("docker", "--config", "/f", "login"), id="own folder"),
        pytest.param("podman", HOST, None, ("podman", "login"), id="podman"),
        pytest.param(
            "podman",
            "localhost:5000",
            "/f",
            ("podman", "login", "--tls-verify=false", "--authfile", "/f/config.json"),
            id="podman, on this machine",
        ),
    ],
)
def test_the_password_goes_in_on_stdin_and_never_in_argv(
    name: str, host: str, folder: str | None, argv: tuple[str, ...]
) -> None:
    run = FakeRun({(name,): completed("Login Succeeded")})

    Tool(name=name, run=run, folder=folder).login(host, LOGIN)

    assert run.calls == [(*argv, "--username", "AWS", "--password-stdin", host)]
    assert run.stdins == ["the-password"]


def test_docker_hub_is_logged_in_to_under_its_old_key() -> None:
    run = FakeRun({("docker",): completed()})

    Tool(name="docker", run=run).login("docker.io", LOGIN)

    assert run.calls[0][-1] == "https://index.docker.io/v1/"


@pytest.mark.parametrize(
    ("said", "exit_code", "hint"),
    [
        ("Error: 401 Unauthorized", Exit.ACCESS, "check user and password"),
        ("dial tcp: connection refused", Exit.TEMPORARY, "can be reached"),
        ("Cannot connect to the Docker daemon", Exit.TOOL, "start the engine"),
        ("Error saving credentials: not implemented", Exit.TOOL, ""),
    ],
)
def test_a_login_that_fails_is_told_by_its_cause(said: str, exit_code: Exit, hint: str) -> None:
    run = FakeRun({("docker",): completed(code=1, stderr=f"WARNING: x\n{said}\n")})

    with pytest.raises(StepError) as caught:
        Tool(name="docker", run=run).login(HOST, LOGIN)

    assert caught.value.exit is exit_code
    assert said in caught.value.message
    assert hint in caught.value.hint


def test_logging_out_twice_is_fine() -> None:
    run = FakeRun({("podman",): completed(code=125, stderr="Error: Not logged into x")})

    Tool(name="podman", run=run).logout("localhost:5000")

    assert run.calls == [("podman", "logout", "localhost:5000")]


def test_a_logout_that_fails_is_an_error() -> None:
    run = FakeRun({("docker",): completed(code=1, stderr="disk full")})

    with pytest.raises(StepError, match="disk full"):
        Tool(name="docker", run=run).logout(HOST)


@pytest.mark.parametrize(
    ("name", "argv", "answer", "image"),
    [
        pytest.param(
            "docker",
            ("docker", "image", "inspect", "app:build"),
            [
                {
                    "Id": ID,
                    "RepoDigests": [f"r/app@{OTHER}"],
                    "RootFS": {"Type": "layers", "Layers": ["a", "b"]},
                    "Config": {"Labels": {REVISION: "abc"}},
                }
            ],
            LocalImage(id=ID, digests=frozenset({OTHER}), layers=2, revision="abc"),
            id="docker",
        ),
        pytest.param(
            "podman",
            ("podman", "image", "inspect", "app:build"),
            [{"Id": "1" * 64, "Digest": OTHER, "RepoDigests": None, "Config": {"Labels": None}}],
            LocalImage(id=ID, digests=frozenset({OTHER})),
            id="podman",
        ),
        pytest.param(
            "buildah",
            ("buildah", "inspect", "--type", "image", "app:build"),
            {
                "FromImageID": "1" * 64,
                "FromImageDigest": OTHER,
                "OCIv1": {
                    "config": {"Labels": {REVISION: "abc"}},
                    "rootfs": {"type": "layers", "diff_ids": ["a"]},
                },
            },
            LocalImage(id=ID, digests=frozenset({OTHER}), layers=1, revision="abc"),
            id="buildah",
        ),
    ],
)
def test_an_engine_says_what_its_image_is(
    name: str, argv: tuple[str, ...], answer: object, image: LocalImage
) -> None:
    run = FakeRun({argv: completed(json.dumps(answer))})

    assert Tool(name=name, run=run).image("app:build") == image
    assert image.identity.digests == (ID, OTHER)


def test_an_engine_without_the_image_has_none() -> None:
    run = FakeRun({("podman",): completed(code=125, stderr="app:1: image not known")})

    assert Tool(name="podman", run=run).image("app:1") is None


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (completed(code=1, stderr="Cannot connect to the Docker daemon"), "Cannot connect"),
        (completed(code=1, stderr="odd"), "odd"),
        (completed("{"), "printed no JSON"),
        (completed("[]"), "printed no image"),
    ],
)
def test_an_engine_that_does_not_answer_is_no_missing_image(answer: Completed, said: str) -> None:
    with pytest.raises(StepError, match=said) as caught:
        Tool(name="docker", run=FakeRun({("docker",): answer})).image("app:1")

    assert caught.value.exit is Exit.TOOL


def test_a_push_returns_the_digest_that_docker_speaks_of() -> None:
    run = FakeRun({("docker", "push"): completed(f"v1: digest: {ID} size: 527\n")})

    assert Tool(name="docker", run=run).push(f"{HOST}/a:v1", host=HOST, repository="a") == ID


def test_a_push_by_buildah_is_asked_for_its_digest_and_names_a_file_only_if_it_is_there(
    tmp_path: Path,
) -> None:
    run = FakeRun({("buildah", "push", "--digestfile"): completed(ID), ("buildah",): completed()})
    tool = Tool(name="buildah", run=run, folder=str(tmp_path))

    assert tool.push("x/a:v1", host="x", repository="a") == ID
    (tmp_path / "config.json").write_text("{}")
    assert tool.push("x/a:v1", host="x", repository="a") is None

    file = f"{tmp_path}/config.json"
    asked = ("--digestfile", "/dev/stdout", "x/a:v1")
    assert run.calls == [
        ("buildah", "push", *asked),
        ("buildah", "push", "--authfile", file, *asked),
    ]


@pytest.mark.parametrize(
    ("said", "exit_code", "hint"),
    [
        (
            "name unknown: The repository with name 'a' does not exist",
            Exit.USAGE,
            "aws ecr create-repository --region eu-west-1 --repository-name a",
        ),
        ("no basic auth credentials", Exit.ACCESS, f"ecr-login --registry {HOST}"),
        ("denied: not authorized to perform: ecr:UploadLayerPart on x", Exit.ACCESS, "ecr:Upload"),
        ("denied: requested access to the resource is denied", Exit.ACCESS, "ecr:PutImage"),
    ],
)
def test_a_push_that_fails_says_what_to_do(said: str, exit_code: Exit, hint: str) -> None:
    run = FakeRun({("docker",): completed(code=1, stderr=said)})

    with pytest.raises(StepError) as caught:
        Tool(name="docker", run=run).push(f"{HOST}/a:v1", host=HOST, repository="a")

    assert caught.value.exit is exit_code
    assert hint in caught.value.hint


def test_an_immutable_tag_is_told_apart() -> None:
    run = FakeRun({("docker",): completed(code=1, stderr="tag invalid: the tag is immutable")})

    with pytest.raises(TagTakenError):
        Tool(name="docker", run=run).push(f"{HOST}/a:v1", host=HOST, repository="a")


def test_tagging_names_both() -> None:
    run = FakeRun({("docker", "tag"): completed(code=1, stderr="No such image: app:1")})

    with pytest.raises(StepError, match="can't tag 'app:1' as 'x/a:v1' by docker") as caught:
        Tool(name="docker", run=run).tag("app:1", "x/a:v1")

    assert caught.value.exit is Exit.USAGE


DOCKER_DOWN = completed(code=1, stderr="Cannot connect to the Docker daemon")


@pytest.mark.parametrize(
    ("wanted", "answers", "found"),
    [
        ("none", {("docker",): completed("28")}, None),
        ("auto", {("docker",): completed("28"), ("podman",): completed()}, "docker"),
        ("auto", {("docker",): DOCKER_DOWN, ("podman",): completed()}, "podman"),
        ("auto", {}, None),
        ("docker", {("docker", "--version"): completed()}, "docker"),
    ],
)
def test_auto_takes_the_first_that_answers(
    wanted: str, answers: dict[tuple[str, ...], Completed], found: str | None
) -> None:
    tool = find_tool(wanted, among=("docker", "podman"), run=FakeRun(dict(answers)))

    assert (tool.name if tool else None) == found


def test_a_tool_asked_for_by_name_must_be_there() -> None:
    with pytest.raises(StepError, match="there is no 'podman' on this machine") as caught:
        find_tool("podman", among=("docker", "podman"), run=FakeRun())

    assert caught.value.exit is Exit.TOOL


def test_the_engine_that_has_the_image_pushes_it() -> None:
    run = FakeRun(
        {
            ("docker", "version"): completed("28"),
            ("docker", "image"): completed(code=1, stderr="No such image: app:1"),
            ("podman", "--version"): completed(),
            ("podman", "image"): completed(json.dumps([{"Id": ID}])),
        }
    )

    tool, image = local_image("app:1", "auto", run=run, folder=None)

    assert (tool.name, image) == ("podman", LocalImage(id=ID))


@pytest.mark.parametrize(
    ("answers", "exit_code", "said"),
    [
        ({}, Exit.TOOL, "none of 'docker', 'podman' and 'buildah' answers on this machine"),
        (
            {
                ("podman", "--version"): completed(),
                ("podman", "image"): completed(code=125, stderr="app:1: image not known"),
            },
            Exit.USAGE,
            "there is no image 'app:1' in podman",
        ),
    ],
)
def test_without_an_engine_or_its_image_nothing_is_pushed(
    answers: dict[tuple[str, ...], Completed], exit_code: Exit, said: str
) -> None:
    with pytest.raises(StepError, match=said) as caught:
        local_image("app:1", "auto", run=FakeRun(dict(answers)), folder=None)

    assert caught.value.exit is exit_code
