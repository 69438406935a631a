"""image-push, against a small registry on loopback."""

import base64
import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from registries import NO_DISPLAY, FakeRegistry, serving

from ecsstep.core import arguments
from ecsstep.core.output import Result
from ecsstep.core.process import Completed
from ecsstep.errors import Exit, StepError
from ecsstep.registry.client import Repository
from ecsstep.registry.sources import FromSource, opened
from ecsstep.registry.transport import Transport
from ecsstep.rules.mutability import Mutability
from ecsstep.rules.pushes import FileSource
from ecsstep.rules.rebuilds import REVISION
from ecsstep.steps.image_push import main
from ecsstep.steps.image_push.options import ImagePushOptions
from ecsstep.steps.image_push.story import push as push_image
from fakes import Ended, FakeRun, a_world, completed, invoke
from images import OCI_MANIFEST, Layout, a_layout, docker_save, sha256, tarred, to_bytes

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
        self.digest = str(layout.entries[0]["digest"])
        self.raw = layout.blobs[self.digest]
        self.blobs = [each for each in layout.blobs if each != self.digest]
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

    def __init__(
        self, push: Push, *, spoken: str | None = None, arrives: bool = True, commit: str = ""
    ) -> None:
        super().__init__()
        self.raw = to_bytes({"config": {"digest": "sha256:" + "1" * 64}, "layers": [{}]})
        image = [
            {
                "Id": "sha256:" + "1" * 64,
                "RepoDigests": [],
                "RootFS": {"Layers": ["sha256:a"]},
                "Config": {"Labels": {REVISION: commit}},
            }
        ]

        def pushed(argv: tuple[str, ...]) -> Completed:
            tag = argv[-1].rpartition(":")[2]
            if arrives:
                for reference in (tag, sha256(self.raw)):
                    push.registry.manifests["team/app", reference] = (OCI_MANIFEST, self.raw)
            said = sha256(self.raw) if spoken is None else spoken
            return completed(f"{tag}: digest: {said} size: 1" if said else "")

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
    ("engine", "code", "said"),
    [
        pytest.param(
            {"spoken": "sha256:" + "9" * 64},
            Exit.REFUSED,
            "ours:  sha256:9999",
            id="another digest",
        ),
        pytest.param(
            {"arrives": False, "spoken": ""}, Exit.TEMPORARY, "holds nothing", id="no word of it"
        ),
    ],
)
def test_what_the_registry_does_not_show_is_not_reported(
    push: Push, engine: dict[str, Any], code: Exit, said: str
) -> None:
    ended = push("--tag", "v1", source="app:build", run=FakeEngine(push, **engine))

    assert (ended.code, ended.out) == (code, "")
    assert said in ended.err


def test_an_engine_that_speaks_of_no_digest_is_pinned_as_the_registry_has_it(push: Push) -> None:
    engine = FakeEngine(push, spoken="")

    ended = push("--tag", "v1", source="app:build", run=engine)

    assert ended.out == f"{push.name}@{sha256(engine.raw)}\n"


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
    assert "can't read" in ended.err or "holds a control character" in ended.err


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
    assert "mounting from another repository, if it can" in ended.err
    assert ": uploading" not in ended.err


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

    def __init__(self, found: Mutability | None = None, *, is_ecr: bool = False) -> None:
        self.found = found
        self.is_ecr = is_ecr
        self.ensured: list[list[str]] = []

    def mutability(self) -> Mutability | None:
        return self.found

    def ensure(self, *, movable: Sequence[str]) -> None:
        self.ensured.append(list(movable))


def pushed(push: Push, settings: FakeSettings, *argv: str, told: list[str] | None = None) -> Result:
    """Push the layout with these settings and return the result; ``told`` gets what was said."""
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
    result = push_image(given, said.world, settings=settings, image=image, target=target)
    if told is not None:
        told.append(said.err.getvalue())
    return result


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


class Builds:
    """Builds of one image, each another one to the byte, and pushes of them."""

    def __init__(self, push: Push) -> None:
        self.push = push
        self._count = 0

    def build(self, *commits: str, archive: bool = False) -> tuple[str, str]:
        """Return the source and the digest of another build, an index for several platforms."""
        self._count += 1
        layout = Layout()
        images = [
            layout.image(
                {"made": str(self._count).encode()}, labels={REVISION: each} if each else {}
            )
            for each in commits
        ]
        digest = layout.name(images[0] if len(images) == 1 else layout.index(*images))
        place = self.push.folder / f"build-{self._count}"
        if archive:
            return f"oci-archive:{layout.archive(place.with_suffix('.tar'))}", digest
        return f"oci:{layout.write(place)}", digest

    def pushed(self, *commits: str, tags: Sequence[str] = ("v1",)) -> str:
        """Let a build be under these tags and return its digest."""
        source, digest = self.build(*commits)
        argv = [word for tag in tags for word in ("--tag", tag)]
        assert self.push(*argv, source=source).code == 0
        self.push.registry.asked.clear()
        return digest


@pytest.fixture
def builds(push: Push) -> Builds:
    return Builds(push)


@pytest.mark.parametrize("archive", [False, True], ids=["oci", "oci-archive"])
@pytest.mark.parametrize("platforms", [1, 2], ids=["an image", "an index"])
def test_a_rebuild_of_a_commit_is_handed_on_as_the_image_that_is_there(
    push: Push, builds: Builds, archive: bool, platforms: int
) -> None:
    there = builds.pushed(*[COMMIT] * platforms)
    source, ours = builds.build(*[COMMIT] * platforms, archive=archive)
    env, detail = push.folder / "deploy.env", push.folder / "detail.json"

    ended = push(
        "--tag", "v1", "--accept-rebuild", "--dotenv", str(env), "--image-detail", str(detail),
        source=source,
    )  # fmt: skip

    assert (ended.code, ended.out) == (0, f"{push.name}@{there}\n")
    assert f"ECSSTEP_IMAGE_DIGEST={there}\n" in env.read_text()
    assert json.loads(detail.read_text()) == {"ImageURI": f"{push.name}@{there}"}
    assert "the image of this commit is there already; a rebuild of it isn't pushed" in ended.err
    assert there in ended.err
    assert ours in ended.err
    assert {asked.split()[0] for asked in push.registry.asked} == {"GET"}


def test_a_rebuild_from_a_docker_archive_or_an_engine_is_accepted_as_well(
    push: Push, builds: Builds
) -> None:
    there = builds.pushed(COMMIT)
    archive = push.folder / "save.tar"
    archive.write_bytes(tarred(docker_save({"a": b"1"}, config={"Labels": {REVISION: COMMIT}})))
    engine = FakeEngine(push, commit=COMMIT)

    saved = push("--tag", "v1", "--accept-rebuild", source=f"docker-archive:{archive}")
    built = push("--tag", "v1", "--accept-rebuild", source="app:build", run=engine)

    assert saved.out == built.out == f"{push.name}@{there}\n"
    assert not any("push" in argv for argv in engine.calls)


@pytest.mark.parametrize(
    ("there", "ours", "said"),
    [
        pytest.param("", COMMIT, "the one that is there has no label", id="theirs without"),
        pytest.param(COMMIT, "", "our image has no label", id="ours without"),
        pytest.param("abc", "def", "ours is built of commit def", id="another commit"),
    ],
)
def test_without_the_same_label_another_image_is_refused_as_before(
    push: Push, builds: Builds, there: str, ours: str, said: str
) -> None:
    digest = builds.pushed(there)
    source, _ = builds.build(ours)

    ended = push("--tag", "v1", "--accept-rebuild", source=source)

    assert (ended.code, ended.out) == (Exit.REFUSED, "")
    assert f"there: {digest}" in ended.err
    assert f"no rebuild: {said}" in ended.err
    assert push.registry.tag("team/app", "v1") == digest


@pytest.mark.parametrize("variable", ["CI_COMMIT_SHA", "CODEBUILD_RESOLVED_SOURCE_VERSION"])
def test_a_label_that_is_not_the_jobs_own_commit_is_no_proof_of_a_rebuild(
    push: Push, builds: Builds, variable: str
) -> None:
    there = builds.pushed("base")
    source, _ = builds.build("base")
    argv = ("--tag", "v1", "--accept-rebuild")

    inherited = push(*argv, source=source, environ={variable: COMMIT})
    own = push(*argv, source=source, environ={variable: "base"})

    assert (inherited.code, inherited.out) == (Exit.REFUSED, "")
    assert f"names another commit (base) than this job's ({COMMIT})" in inherited.err
    assert (own.code, own.out) == (0, f"{push.name}@{there}\n")


def test_without_the_option_a_rebuild_is_refused_and_the_hint_names_it(
    push: Push, builds: Builds
) -> None:
    builds.pushed(COMMIT)
    source, _ = builds.build(COMMIT)

    ended = push("--tag", "v1", source=source)

    assert ended.code == Exit.REFUSED
    assert "--accept-rebuild" in ended.err


def test_a_rerun_after_half_a_push_puts_the_other_tags_on_the_image_that_is_there(
    push: Push, builds: Builds
) -> None:
    push.other("latest")
    there = builds.pushed(COMMIT, tags=["v1.2.3"])
    source, _ = builds.build(COMMIT)

    ended = push(
        "--tag", "v1.2.3", "--tag", "latest", "--allow-mutable-tag", "--floating-tags",
        "--accept-rebuild", source=source,
    )  # fmt: skip

    assert (ended.code, ended.out) == (0, f"{push.name}@{there}\n")
    for tag in ("v1.2.3", "v1.2", "v1", "latest"):
        assert push.registry.tag("team/app", tag) == there
    assert not any(asked.startswith("POST") for asked in push.registry.asked)


def test_two_builds_of_the_commit_under_two_tags_are_refused(push: Push, builds: Builds) -> None:
    builds.pushed(COMMIT)
    builds.pushed(COMMIT, tags=["v2"])
    source, _ = builds.build(COMMIT)

    ended = push("--tag", "v1", "--tag", "v2", "--accept-rebuild", source=source)

    assert ended.code == Exit.REFUSED
    assert "its tags name several builds of this commit" in ended.err


def test_a_plan_says_that_the_image_that_is_there_is_kept(push: Push, builds: Builds) -> None:
    there = builds.pushed(COMMIT)
    source, _ = builds.build(COMMIT)

    ended = push("--tag", "v1", "--accept-rebuild", "--dry-run", source=source)

    assert (ended.code, ended.out) == (0, f"{push.name}@{there}\n")
    assert "would keep" in ended.err


def at(asked: str, push: Push, deed: Callable[[], object]) -> None:
    """Let something happen once, when the registry is asked this for the first time."""
    done: list[object] = []

    def fault(said: str) -> None:
        if said == asked and not done:
            done.append(said)
            deed()

    push.registry.fault = fault


def having(push: Push, tag: str, digest: str) -> None:
    """Let a tag name an image that is there."""
    push.registry.manifests["team/app", tag] = push.registry.manifests["team/app", digest]


def test_a_tag_that_came_while_layers_were_sent_is_seen_before_it_is_put(push: Push) -> None:
    blob = f"HEAD /v2/team/app/blobs/{push.blobs[0]}"
    at(blob, push, lambda: push.other("v1"))

    ended = push("--tag", "v1")

    assert (ended.code, ended.out) == (Exit.REFUSED, "")
    assert "is another image already" in ended.err
    assert push.registry.tag("team/app", "v1") != push.digest
    assert not any(asked.startswith("PUT /v2/team/app/manifests") for asked in push.registry.asked)


def test_a_tag_that_is_replaced_as_soon_as_it_is_put_is_no_success(push: Push) -> None:
    gets: list[str] = []

    def fault(asked: str) -> None:
        if asked == "GET /v2/team/app/manifests/v1":
            gets.append(asked)
            if len(gets) == 3:  # the plan's look, the one before the put, the one after it
                push.other("v1")

    push.registry.fault = fault

    ended = push("--tag", "v1")

    assert (ended.code, ended.out) == (Exit.REFUSED, "")
    assert "names another image than the one that was just put there" in ended.err
    assert f"ours:  {push.digest}" in ended.err
    assert f"there: {push.registry.tag('team/app', 'v1')}" in ended.err


def lagging(push: Push, tag: str, *, times: int) -> list[str]:
    """Let a tag that was put be shown so many times as it was before; return when it was."""
    held, name = push.registry.manifests, ("team/app", tag)
    before = held.get(name)
    late: list[str] = []
    put: list[tuple[str, bytes]] = []

    def fault(asked: str) -> int | None:
        if not put and held.get(name) != before:
            put.append(held[name])
        if not put or asked != f"GET /v2/team/app/manifests/{tag}":
            return None
        is_late = len(late) < times
        late.extend([asked] if is_late else [])
        held[name] = before if is_late and before else put[0]
        return 404 if is_late and not before else None

    push.registry.fault, push.registry.fault_code = fault, "MANIFEST_UNKNOWN"
    return late


@pytest.mark.parametrize("times", [1, 5], ids=["once", "almost too long"])
def test_a_tag_that_the_registry_does_not_show_at_once_is_looked_at_again(
    push: Push, times: int
) -> None:
    late = lagging(push, "v1", times=times)

    ended = push("--tag", "v1")

    assert (ended.code, ended.out, len(late)) == (0, f"{push.name}@{push.digest}\n", times)
    assert "doesn't show it yet" not in ended.err


def test_a_tag_that_moved_and_is_shown_as_it_was_is_looked_at_again(push: Push) -> None:
    push.other("latest")
    late = lagging(push, "latest", times=1)

    ended = push("--tag", "latest", "--allow-mutable-tag")

    assert (ended.code, ended.out, len(late)) == (0, f"{push.name}@{push.digest}\n", 1)


@pytest.mark.parametrize("spoken", [None, ""], ids=["an engine's digest", "no word of it"])
def test_an_engines_tag_that_is_shown_as_it_was_is_looked_at_again(
    push: Push, spoken: str | None
) -> None:
    push.other("latest")
    late = lagging(push, "latest", times=3)
    engine = FakeEngine(push, spoken=spoken)

    ended = push("--tag", "latest", "--allow-mutable-tag", source="app:build", run=engine)

    assert (ended.code, ended.out, len(late)) == (0, f"{push.name}@{sha256(engine.raw)}\n", 3)


def test_a_tag_that_is_shown_as_it_was_for_ever_is_no_success(push: Push) -> None:
    other = push.other("latest")
    late = lagging(push, "latest", times=99)

    ended = push("--tag", "latest", "--allow-mutable-tag")

    assert (ended.code, ended.out, len(late)) == (Exit.TEMPORARY, "", 6)
    assert f"still shows the image that was there before, '{other}'" in ended.err


@pytest.mark.parametrize("kind", ["oci", "engine"])
def test_a_tag_that_the_registry_took_and_never_shows_is_a_warning(push: Push, kind: str) -> None:
    if kind == "oci":
        lagging(push, "v1", times=99)
        ended = push("--tag", "v1")
        digest = push.digest
    else:
        engine = FakeEngine(push, arrives=False)
        ended = push("--tag", "v1", source="app:build", run=engine)
        digest = sha256(engine.raw)

    assert (ended.code, ended.out) == (0, f"{push.name}@{digest}\n")
    assert "warning" in ended.err
    assert "doesn't show it yet" in ended.err


def test_a_floating_tag_stays_behind_a_release_that_came_meanwhile(push: Push) -> None:
    higher = push.other("v1.9.0")
    del push.registry.manifests["team/app", "v1.9.0"]

    def came() -> None:
        for tag in ("v1.9.0", "v1"):
            having(push, tag, higher)

    at("PUT /v2/team/app/manifests/v1.2.3", push, came)

    ended = push("--tag", "v1.2.3", "--floating-tags")

    assert ended.code == 0
    assert "a floating tag stays: a higher release came meanwhile" in ended.err
    assert push.registry.tag("team/app", "v1") == higher
    assert push.registry.tag("team/app", "v1.2") == push.digest


def test_a_floating_tag_that_a_higher_release_takes_over_is_fine(push: Push) -> None:
    higher = push.other("v1.9.0")
    del push.registry.manifests["team/app", "v1.9.0"]
    gets: list[str] = []

    def fault(asked: str) -> None:
        if asked == "GET /v2/team/app/manifests/v1":
            gets.append(asked)
            if len(gets) == 3:
                having(push, "v1.9.0", higher)
                having(push, "v1", higher)

    push.registry.fault = fault

    ended = push("--tag", "v1.2.3", "--floating-tags", "--format", "json")

    assert ended.code == 0
    assert "has moved on to a higher release" in ended.err
    assert json.loads(ended.out)["tags"] == ["v1.2.3", "v1.2"]


def test_a_floating_tag_that_was_put_over_a_higher_release_is_told(push: Push) -> None:
    push.other("v1.9.0")
    higher = push.registry.manifests.pop(("team/app", "v1.9.0"))

    def came() -> None:
        push.registry.manifests["team/app", "v1.9.0"] = higher

    at("PUT /v2/team/app/manifests/v1", push, came)

    ended = push("--tag", "v1.2.3", "--floating-tags")

    assert (ended.code, ended.out) == (Exit.REFUSED, "")
    assert "names this release, and a higher one came meanwhile" in ended.err


def test_an_image_whose_tag_goes_away_after_the_look_is_sent_after_all(push: Push) -> None:
    push("--tag", "v1")
    push.registry.manifests.clear()
    having_v1 = {("team/app", "v1"): (OCI_MANIFEST, push.raw)}
    push.registry.manifests.update(having_v1)
    gone = lambda: push.registry.manifests.pop(("team/app", "v1"))  # noqa: E731 - a deed
    at("GET /v2/team/app/manifests/v2", push, gone)

    ended = push("--tag", "v1", "--tag", "v2")

    assert (ended.code, ended.out) == (0, f"{push.name}@{push.digest}\n")
    assert push.registry.tag("team/app", "v1") == push.registry.tag("team/app", "v2")


def test_a_new_tag_that_an_immutable_repository_would_keep_is_refused(push: Push) -> None:
    immutable = FakeSettings(Mutability(setting="IMMUTABLE"))

    floating = pushed(push, immutable, "--tag", "v1.2.3", "--floating-tags")
    plain = pushed(push, immutable, "--tag", "v1.2.3")

    assert (floating.exit, plain.exit) == (Exit.REFUSED, Exit.OK)
    assert "filter=v1.2 filterType=WILDCARD,filter=v1" in floating.hint


@pytest.mark.parametrize(
    ("is_ecr", "argv", "said"),
    [
        pytest.param(True, [], "there is no such repository", id="missing"),
        pytest.param(True, ["--create-repository"], "would create the repository", id="created"),
        pytest.param(False, [], "", id="elsewhere"),
    ],
)
def test_a_dry_run_says_that_the_repository_is_missing_and_may_be_made_on_push(
    push: Push,
    is_ecr: bool,
    argv: list[str],
    said: str,
) -> None:
    push.registry.known = {"another"}
    settings, told = FakeSettings(is_ecr=is_ecr), list[str]()

    result = pushed(push, settings, "--tag", "v1", "--dry-run", *argv, told=told)

    assert (result.exit, settings.ensured) == (Exit.OK, [])
    assert said in told[0]
    assert said or "the repository" not in told[0]


def test_a_dry_run_passes_by_a_repository_that_is_there_and_empty(push: Push) -> None:
    result = pushed(push, FakeSettings(is_ecr=True), "--tag", "v1", "--dry-run")

    assert result.exit is Exit.OK


def test_a_dry_run_that_may_not_look_is_told_so(push: Push) -> None:
    push.registry.fault = lambda asked: 403 if asked.endswith("/latest") else None
    argv = ("--tag", "v1", "--dry-run", "--create-repository")

    with pytest.raises(StepError) as caught:
        pushed(push, FakeSettings(is_ecr=True), *argv)

    assert caught.value.exit is Exit.ACCESS


@pytest.mark.parametrize("dry", [False, True], ids=["push", "dry run"])
@pytest.mark.parametrize("what", ["layer", "manifest"])
def test_what_neither_source_nor_registry_has_is_told_before_anything_is_sent(
    push: Push, what: str, dry: bool
) -> None:
    layout = Layout()
    images = [layout.image({"a": b"1"}), layout.image({"a": b"2"})]
    layout.name(layout.index(*images))
    lacking = images[1]["digest"] if what == "manifest" else list(layout.blobs)[1]
    del layout.blobs[lacking]
    source = f"oci:{layout.write(push.folder / 'lacking')}"

    ended = push("--tag", "v1", *(["--dry-run"] if dry else []), source=source)

    assert (ended.code, ended.out) == (Exit.USAGE, "")
    assert f"'{lacking}', and so does the registry" in ended.err
    assert push.registry.received == 0


@pytest.mark.parametrize(
    "options",
    [("--definitions", "--image-detail"), ("--image-detail", "--dotenv"),
     ("--definitions", "--annotations")],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("is_link", [False, True], ids=["the same", "a link"])
def test_one_file_for_two_outputs_is_told_before_the_push(
    push: Push, options: tuple[str, str], is_link: bool
) -> None:
    file, other = push.folder / "out.json", push.folder / "link.json"
    if is_link:
        other.symlink_to(file)
    given = [options[0], str(file), options[1], str(other if is_link else file)]

    ended = push("--tag", "v1", "--container", "web", *given)

    assert (ended.code, ended.out) == (Exit.USAGE, "")
    assert "are one file" in ended.err
    assert (push.registry.asked, file.exists()) == ([], False)


def test_a_definitions_file_that_says_null_is_not_taken_for_none(push: Push) -> None:
    definitions = push.folder / "defs.json"
    definitions.write_text("null")

    ended = push("--tag", "v1", "--container", "web", "--definitions", str(definitions))

    assert (ended.code, definitions.read_text()) == (Exit.USAGE, "null")
