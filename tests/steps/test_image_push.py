"""image-push, against a small registry on loopback."""

import base64
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from registries import NO_DISPLAY, FakeRegistry, serving

from ecsstep.core import arguments
from ecsstep.core.output import Result
from ecsstep.core.process import Completed
from ecsstep.errors import Exit
from ecsstep.registry.client import Repository
from ecsstep.registry.sources import FromSource, opened
from ecsstep.registry.transport import Transport
from ecsstep.rules.mutability import Mutability
from ecsstep.rules.pushes import FileSource
from ecsstep.steps.image_push import main
from ecsstep.steps.image_push.options import ImagePushOptions
from ecsstep.steps.image_push.story import push as push_image
from fakes import Ended, FakeRun, a_world, completed, invoke
from images import OCI_MANIFEST, a_layout, docker_save, sha256, tarred, to_bytes

FAILED = {"CODEBUILD_BUILD_SUCCEEDING": "0"}
COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    with serving(FakeRegistry()) as made:
        yield made


class Push:
    """image-push of a tiny layout to a registry."""

    def __init__(self, registry: FakeRegistry, folder: Path) -> None:
        self.registry = registry
        self.folder = folder
        layout = a_layout("v1")
        self.source = f"oci:{layout.write(folder / 'layout')}"
        self.digest = layout.entries[0]["digest"]
        self.name = f"{registry.host}/team/app"

    def __call__(
        self,
        *argv: str,
        source: str | None = None,
        run: FakeRun | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Ended:
        return invoke(
            main,
            source or self.source,
            "--repository",
            self.name,
            *argv,
            environ={"HOME": str(self.folder), **(environ or {})},
            run=run,
        )

    def other(self, tag: str) -> str:
        """Let another image have a tag and return its digest."""
        raw = to_bytes({"config": {"digest": "sha256:other"}, "tag": tag})
        for reference in (tag, sha256(raw)):
            self.registry.manifests["team/app", reference] = (OCI_MANIFEST, raw)
        return sha256(raw)


@pytest.fixture
def push(registry: FakeRegistry, tmp_path: Path) -> Push:
    return Push(registry, tmp_path)


def test_stdout_is_the_pinned_reference_and_the_next_step_gets_it(push: Push) -> None:
    file = push.folder / "deploy.env"

    ended = push("--tag", "v1.2.3", "--dotenv", str(file))

    assert (ended.code, ended.out) == (0, f"{push.name}@{push.digest}\n")
    assert push.registry.tag("team/app", "v1.2.3") == push.digest
    assert file.read_text().splitlines() == [
        f"ECSSTEP_IMAGE={push.name}@{push.digest}",
        f"ECSSTEP_IMAGE_DIGEST={push.digest}",
        "ECSSTEP_IMAGE_TAG=v1.2.3",
    ]


def test_the_whole_result_is_json(push: Push) -> None:
    ended = push("--tag", "v1", "--tag", "v2", "--tag", "v1", "--format", "json", "--pin", "tag")

    assert json.loads(ended.out) == {
        "image": f"{push.name}:v1",
        "registry": push.registry.host,
        "repository": "team/app",
        "tags": ["v1", "v2"],
        "digest": push.digest,
        "alreadyThere": False,
    }
    assert push.registry.tag("team/app", "v2") == push.digest


@pytest.mark.parametrize(
    ("environ", "tag"),
    [
        ({"IMAGE_TAG": "v9", "CI_COMMIT_TAG": "v1"}, "v9"),
        ({"CI_COMMIT_TAG": "v1.0.0", "CI_COMMIT_SHA": COMMIT}, "v1.0.0"),
        ({"CI_COMMIT_SHA": COMMIT}, "01234567"),
        ({"CODEBUILD_WEBHOOK_TRIGGER": "tag/v1.0.0"}, "v1.0.0"),
        ({"CODEBUILD_RESOLVED_SOURCE_VERSION": COMMIT}, "01234567"),
    ],
    ids=lambda each: each if isinstance(each, str) else ",".join(each),
)
def test_the_tag_comes_from_the_platform(push: Push, environ: dict[str, str], tag: str) -> None:
    ended = push("--pin", "tag", environ=environ)

    assert ended.out == f"{push.name}:{tag}\n"


def test_twice_is_fine_and_uploads_nothing(push: Push) -> None:
    first = push("--tag", "v1")
    push.registry.asked.clear()

    second = push("--tag", "v1")

    assert (second.code, second.out) == (0, first.out)
    assert "already there" in second.err
    assert push.registry.asked == ["GET /v2/team/app/manifests/v1"]


def test_a_tag_of_another_image_is_refused_with_both_digests(push: Push) -> None:
    other = push.other("v1")

    ended = push("--tag", "v2", "--tag", "v1")

    assert (ended.code, ended.out) == (Exit.REFUSED, "")
    assert f"there: {other}" in ended.err
    assert push.digest in ended.err
    assert push.registry.tag("team/app", "v1") == other
    assert push.registry.tag("team/app", "v2") is None
    assert not any(asked.startswith("POST") for asked in push.registry.asked)


def test_a_moving_tag_is_a_mistake_unless_it_is_allowed(push: Push) -> None:
    push.other("latest")

    refused = push(environ={"IMAGE_TAG": "latest"})
    allowed = push("--tag", "v1", "--tag", "latest", "--allow-mutable-tag")

    assert refused.code == Exit.USAGE
    assert "the tag 'latest' moves from image to image" in refused.err
    assert allowed.code == 0
    assert push.registry.tag("team/app", "latest") == push.digest


def test_floating_tags_move_forward_only(push: Push) -> None:
    push.other("v1.9.0")
    push.other("v1")
    before = push.other("v1.2")

    ended = push("--tag", "v1.2.3", "--floating-tags")

    assert ended.code == 0
    assert push.registry.tag("team/app", "v1.2") == push.digest != before
    assert push.registry.tag("team/app", "v1") != push.digest


def test_what_is_no_release_has_no_floating_tags(push: Push) -> None:
    ended = push("--tag", "01234567", "--floating-tags")

    assert ended.code == 0
    assert "no floating tag moves" in ended.err


def test_an_immutable_repository_with_a_faster_push_is_refused(push: Push) -> None:
    push.registry.locked = True

    def faster(asked: str) -> None:
        if asked.startswith("PUT /v2/team/app/manifests"):
            push.other("v1")

    push.registry.fault = faster

    ended = push("--tag", "v1")

    assert ended.code == Exit.REFUSED
    assert "is another image already" in ended.err


def test_the_same_push_that_was_faster_is_success(push: Push) -> None:
    def faster(asked: str) -> int | None:
        if not asked.startswith("PUT /v2/team/app/manifests") or push.registry.manifests:
            return None
        raw = (push.folder / "layout/blobs" / push.digest.replace(":", "/")).read_bytes()
        push.registry.manifests["team/app", "v1"] = (OCI_MANIFEST, raw)
        return 409

    push.registry.fault = faster
    push.registry.fault_code = "TAG_INVALID"

    ended = push("--tag", "v1")

    assert (ended.code, ended.out) == (0, f"{push.name}@{push.digest}\n")


def test_a_refusal_of_a_free_tag_is_told_as_it_is(push: Push) -> None:
    push.registry.fault_code = "TAG_INVALID"
    push.registry.fault = lambda asked: 409 if "PUT /v2/team/app/manifests" in asked else None

    ended = push("--tag", "v1")

    assert (ended.code, ended.out) == (Exit.REFUSED, "")
    assert "as asked for" in ended.err


def test_codepipelines_files_are_merged_and_written(push: Push) -> None:
    definitions, detail = push.folder / "out/defs.json", push.folder / "out/detail.json"
    definitions.parent.mkdir()
    definitions.write_text('[{"name":"log","imageUri":"r/log:1"},{"name":"web","imageUri":"x"}]')

    ended = push(
        "--tag", "v1", "--container", "web",
        "--definitions", str(definitions), "--image-detail", str(detail),
    )  # fmt: skip

    reference = f"{push.name}@{push.digest}"
    assert ended.code == 0
    assert json.loads(definitions.read_text()) == [
        {"name": "log", "imageUri": "r/log:1"},
        {"name": "web", "imageUri": reference},
    ]
    assert json.loads(detail.read_text()) == {"ImageURI": reference}


@pytest.mark.parametrize(
    ("content", "said"),
    [('{"ImageURI": "x"}', "--image-detail writes"), ("[", "is not JSON")],
    ids=["mixed up", "broken"],
)
def test_a_broken_definitions_file_is_told_before_the_push(
    push: Push, content: str, said: str
) -> None:
    definitions = push.folder / "defs.json"
    definitions.write_text(content)

    ended = push(
        "--tag", "v1", "--definitions", str(definitions), environ={"CONTAINER_NAME": "web"}
    )

    assert (ended.code, definitions.read_text()) == (Exit.USAGE, content)
    assert said in ended.err
    assert push.registry.asked == []


def test_all_mistakes_are_told_at_once() -> None:
    ended = invoke(
        main, "app:1", "--repository", "https://r.example/app", "--tool", "none",
        "--definitions", "x", "--tag", "main", "--tag", "a b",
    )  # fmt: skip

    assert (ended.code, ended.out) == (Exit.USAGE, "")
    for said in (
        "leave 'https://' out",
        "'a b' is no image tag",
        "--definitions needs the container's name",
        "'app:1' is an image of an engine and --tool is none",
    ):
        assert said in ended.err


@pytest.mark.parametrize(
    ("argv", "environ", "said"),
    [
        pytest.param([], {}, "there is no tag", id="no tag"),
        pytest.param([], {"CI_COMMIT_TAG": "a/b"}, "the Git tag can't be used", id="Git tag"),
        pytest.param([], {"CI_COMMIT_TAG": "latest"}, "moves from image to image", id="moving"),
        pytest.param(
            ["--tag", "v1", "--registry", "q.example"], {}, "is not in the registry", id="two hosts"
        ),
        pytest.param(
            ["--tag", "v1", "--repository", "r.example/app:v2"], {}, "different values", id="twice"
        ),
    ],
)
def test_a_mistake_is_told_before_any_call(
    push: Push, argv: list[str], environ: dict[str, str], said: str
) -> None:
    ended = push(*argv, environ=environ)

    assert ended.code == Exit.USAGE
    assert said in ended.err
    assert push.registry.asked == []


def test_after_a_failed_build_nothing_is_pushed_unless_it_is_asked_for(push: Push) -> None:
    refused = push("--tag", "v1", environ=FAILED)
    asked = list(push.registry.asked)
    pushed = push("--tag", "v1", "--even-after-failure", environ=FAILED)

    assert (refused.code, refused.out, asked) == (Exit.REFUSED, "", [])
    assert "the build has failed" in refused.err
    assert pushed.code == 0


@pytest.mark.parametrize("kind", ["oci", "docker-archive"])
def test_a_dry_run_checks_everything_and_changes_nothing(push: Push, kind: str) -> None:
    archive = push.folder / "save.tar"
    archive.write_bytes(tarred(docker_save({"a": b"1"})))
    env = push.folder / "deploy.env"

    ended = push(
        "--tag", "v1", "--dry-run", "--dotenv", str(env),
        source=None if kind == "oci" else f"docker-archive:{archive}",
    )  # fmt: skip

    assert ended.code == 0
    assert ended.out.startswith(f"{push.name}@sha256:")
    assert "would push" in ended.err
    assert (push.registry.manifests, push.registry.blobs) == ({}, {})
    assert not env.exists()


def test_a_dry_run_finds_a_broken_layer(push: Push) -> None:
    for path in (push.folder / "layout/blobs/sha256").iterdir():
        path.write_bytes(path.read_bytes()[::-1])

    ended = push("--tag", "v1", "--dry-run")

    assert ended.code == Exit.USAGE
    assert "holds something else" in ended.err


def test_a_docker_archive_pushed_twice_is_already_there_by_its_configuration(push: Push) -> None:
    archive = push.folder / "save.tar"
    archive.write_bytes(tarred(docker_save({"a": b"1"})))
    first = push("--tag", "v1", source=f"docker-archive:{archive}")

    second = push("--tag", "v1", "--tag", "v2", source=f"docker-archive:{archive}:app:build")

    assert (second.code, second.out) == (0, first.out)
    assert push.registry.tag("team/app", "v2") == push.registry.tag("team/app", "v1")


class FakeEngine(FakeRun):
    """A docker whose pushes arrive in the registry."""

    def __init__(self, push: Push, *, spoken: str | None = None, arrives: bool = True) -> None:
        super().__init__()
        self.raw = to_bytes({"config": {"digest": "sha256:" + "1" * 64}})
        image = [{"Id": "sha256:" + "1" * 64, "RepoDigests": []}]

        def pushed(argv: tuple[str, ...]) -> Completed:
            tag = argv[-1].rpartition(":")[2]
            if arrives:
                for reference in (tag, sha256(self.raw)):
                    push.registry.manifests["team/app", reference] = (OCI_MANIFEST, self.raw)
            return completed(f"{tag}: digest: {spoken or sha256(self.raw)} size: 1")

        self.answers = {
            ("docker", "version"): completed("28"),
            ("docker", "image", "inspect"): completed(json.dumps(image)),
            ("docker", "tag"): completed(),
            ("docker", "push"): pushed,
        }


def test_an_engines_image_is_pushed_by_it_and_pinned_as_the_registry_reports(push: Push) -> None:
    engine = FakeEngine(push)

    ended = push("--tag", "v1", "--tag", "v2", source="app:build", run=engine)

    assert ended.out == f"{push.name}@{sha256(engine.raw)}\n"
    assert engine.calls[-2:] == [
        ("docker", "tag", "app:build", f"{push.name}:v1"),
        ("docker", "push", f"{push.name}:v1"),
    ]
    assert push.registry.tag("team/app", "v2") == sha256(engine.raw)


def test_an_engines_image_that_is_there_already_is_not_pushed_again(push: Push) -> None:
    push("--tag", "v1", source="app:build", run=FakeEngine(push))
    engine = FakeEngine(push)

    ended = push("--tag", "v1", source="app:build", run=engine)

    assert ended.code == 0
    assert ("docker", "push", f"{push.name}:v1") not in engine.calls


@pytest.mark.parametrize(
    "engine",
    [{"spoken": "sha256:" + "9" * 64}, {"arrives": False}],
    ids=["another digest", "nothing arrived"],
)
def test_what_the_registry_does_not_show_is_not_reported(
    push: Push, engine: dict[str, Any]
) -> None:
    ended = push("--tag", "v1", source="app:build", run=FakeEngine(push, **engine))

    assert (ended.code, ended.out) == (Exit.TEMPORARY, "")
    assert "and the registry holds" in ended.err


def test_an_engines_plan_has_no_digest(push: Push) -> None:
    ended = push("--tag", "v1", "--dry-run", source="app:build", run=FakeEngine(push))

    assert ended.out == f"{push.name}:v1\n"


def test_a_login_from_the_auth_file_is_used(push: Push) -> None:
    push.registry.users = {"user": "pass-word"}
    entry = {"auth": base64.b64encode(b"user:pass-word").decode()}
    (push.folder / ".docker").mkdir()
    (push.folder / ".docker/config.json").write_text(
        json.dumps({"auths": {push.registry.host: entry}})
    )

    assert push("--tag", "v1").code == 0


def test_without_a_login_the_hint_is_the_step_that_logs_in(push: Push) -> None:
    push.registry.users = {"user": "pass-word"}

    ended = push("--tag", "v1")

    assert (ended.code, ended.out) == (Exit.ACCESS, "")
    assert f"ecr-login --registry {push.registry.host}" in ended.err


@pytest.mark.parametrize(
    ("repository", "said"),
    [
        ("012345678901.dkr.ecr.p-northeast-1.amazonaws.com/app", "did you mean 'ap-northeast-1'?"),
        ("app", "there is no AWS region"),
    ],
)
def test_a_host_that_can_not_be_ecrs_is_told_without_a_call(
    tmp_path: Path, repository: str, said: str
) -> None:
    source = f"oci:{a_layout().write(tmp_path / 'l')}"

    ended = invoke(main, source, "--repository", repository, "--tag", "v1")

    assert ended.code == Exit.USAGE
    assert said in ended.err


def test_pushes_at_once_keep_each_others_definitions(push: Push) -> None:
    definitions = push.folder / "defs.json"
    ended = []

    def run(container: str) -> None:
        ended.append(
            push("--tag", "v1", "--definitions", str(definitions), "--container", container)
        )

    threads = [threading.Thread(target=run, args=(f"web-{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [each.err for each in ended if each.code] == []
    names = {each["name"] for each in json.loads(definitions.read_text())}
    assert names == {f"web-{number}" for number in range(8)}


@pytest.mark.parametrize("source", ["oci:" + "x" * 5000, "oci-archive:a\0b"])
def test_what_can_not_be_a_path_is_no_bug(push: Push, source: str) -> None:
    ended = push("--tag", "v1", source=source)

    assert ended.code == Exit.USAGE
    assert "can't read" in ended.err


def test_the_same_image_within_one_registry_is_promoted_with_its_digest(push: Push) -> None:
    push("--tag", "v1")
    push.registry.elsewhere = set(push.registry.blobs)
    name = f"{push.registry.host}/prod/app"

    ended = invoke(
        main, "--from", "team/app:v1", "--repository", name, "--tag", "v2", "--tag", "latest",
        "--allow-mutable-tag", environ={"HOME": str(push.folder)},
    )  # fmt: skip

    assert (ended.code, ended.out) == (0, f"{name}@{push.digest}\n")
    assert push.registry.tag("prod/app", "v2") == push.registry.tag("prod/app", "latest")
    assert "mounted=2" in ended.err


@pytest.mark.parametrize(
    ("environ", "tag"),
    [
        ({}, "v1"),
        ({"CI_COMMIT_SHA": COMMIT}, "v1"),
        ({"CI_COMMIT_TAG": "v1.0.0+5"}, "v1.0.0_5"),
        ({"IMAGE_TAG": "v1.0.0+5"}, "v1.0.0_5"),
    ],
)
def test_a_promoted_image_keeps_its_tag_unless_the_pipeline_has_one(
    push: Push, environ: dict[str, str], tag: str
) -> None:
    push("--tag", "v1")

    ended = invoke(
        main, "--from", "team/app:v1", "--repository", f"{push.registry.host}/prod/app", "--pin",
        "tag", environ={"HOME": str(push.folder), **environ},
    )  # fmt: skip

    assert ended.out == f"{push.registry.host}/prod/app:{tag}\n"


def test_a_dry_run_of_a_promotion_reads_manifests_alone(push: Push) -> None:
    push("--tag", "v1")
    push.registry.asked.clear()

    ended = invoke(
        main, "--from", f"team/app@{push.digest}", "--repository", f"{push.registry.host}/prod/app",
        "--tag", "v1", "--dry-run", environ={"HOME": str(push.folder)},
    )  # fmt: skip

    assert ended.out == f"{push.registry.host}/prod/app@{push.digest}\n"
    assert {asked.split("/")[-2] for asked in push.registry.asked} == {"manifests"}


@pytest.mark.parametrize(
    ("argv", "environ", "said"),
    [
        pytest.param([], {}, "SOURCE is missing", id="none"),
        pytest.param(["app:1", "--from", "a:1"], {}, "are two images", id="both by flag"),
        pytest.param(
            [], {"ECSSTEP_SOURCE": "app:1", "ECSSTEP_FROM": "a:1"}, "are two images", id="variables"
        ),
        pytest.param(["--from", "team/app"], {}, "names neither tag nor digest", id="no tag"),
        pytest.param(["--from", "a:latest"], {}, "the tag 'latest' moves", id="its own tag moves"),
    ],
)
def test_the_source_is_one_image(argv: list[str], environ: dict[str, str], said: str) -> None:
    ended = invoke(main, *argv, "--repository", "r.example/app", environ=environ)

    assert ended.code == Exit.USAGE
    assert said in ended.err


def test_a_source_by_flag_beats_one_by_variable(push: Push) -> None:
    ended = push("--tag", "v1", environ={"ECSSTEP_FROM": "other/app:v9"})

    assert (ended.code, ended.out) == (0, f"{push.name}@{push.digest}\n")


class FakeSettings:
    """A repository's settings."""

    def __init__(self, found: Mutability | None = None) -> None:
        self.found = found
        self.ensured: list[list[str]] = []

    def mutability(self) -> Mutability | None:
        return self.found

    def ensure(self, *, movable: Sequence[str]) -> None:
        self.ensured.append(list(movable))


def pushed(push: Push, settings: FakeSettings, *argv: str) -> Result:
    """Push the layout with these settings and return the result."""
    said = a_world({"HOME": str(push.folder)})
    given = arguments.parse(
        ImagePushOptions,
        [push.source, "--repository", push.name, *argv],
        said.world.environ,
        prog="image-push",
    )
    assert isinstance(given, ImagePushOptions)
    transport = Transport(push.registry.host, logins=[], clock=said.clock, environ={})
    target = Repository(transport=transport, name="team/app")
    image = FromSource(
        source=opened(FileSource(form="oci", place=push.source.removeprefix("oci:"))),
        target=target,
        log=said.world.log,
        display=NO_DISPLAY,
    )
    return push_image(given, said.world, settings=settings, image=image, target=target)


@pytest.mark.parametrize(
    ("found", "exit_code"),
    [
        pytest.param(Mutability(setting="IMMUTABLE"), Exit.REFUSED, id="immutable"),
        pytest.param(
            Mutability(setting="IMMUTABLE_WITH_EXCLUSION", filters=("latest",)),
            Exit.OK,
            id="filter",
        ),
        pytest.param(Mutability(setting="MUTABLE"), Exit.OK, id="mutable"),
        pytest.param(None, Exit.OK, id="nobody may tell"),
    ],
)
def test_a_tag_that_can_not_move_is_refused_before_the_upload(
    push: Push, found: Mutability | None, exit_code: Exit
) -> None:
    push.other("latest")

    result = pushed(
        push, FakeSettings(found), "--tag", "v1", "--tag", "latest", "--allow-mutable-tag"
    )

    assert result.exit is exit_code
    if exit_code is Exit.REFUSED:
        assert "IMMUTABLE_WITH_EXCLUSION" in result.hint
        assert push.registry.blobs == {}


@pytest.mark.parametrize(
    ("argv", "ensured"),
    [
        pytest.param(["--create-repository"], [[]], id="asked for"),
        pytest.param(
            ["--create-repository", "--tag", "latest", "--allow-mutable-tag"],
            [["latest"]],
            id="with a tag that moves",
        ),
        pytest.param([], [], id="not asked for"),
        pytest.param(["--create-repository", "--dry-run"], [], id="dry run"),
    ],
)
def test_a_missing_repository_is_created_where_it_is_asked_for(
    push: Push, argv: list[str], ensured: list[list[str]]
) -> None:
    settings = FakeSettings()

    result = pushed(push, settings, "--tag", "v1", *argv)

    assert (result.exit, settings.ensured) == (Exit.OK, ensured)
