"""Rendering the task definition to deploy; each sentence of the contract."""

import dataclasses
import io
import json
from pathlib import Path
from typing import Any

import pytest

from ecs_fakes import (
    A_DEFINITION,
    ACCOUNT,
    OLD,
    FakeEcs,
    a_revision,
    a_service,
    a_steady_service,
    data,
)
from ecsstep.aws.models import task_definition_model
from ecsstep.core.arguments import parse
from ecsstep.core.output import Result
from ecsstep.errors import Exit, StepError
from ecsstep.rules.image import Reference
from ecsstep.steps.taskdef_render import main
from ecsstep.steps.taskdef_render.commit import Pinned
from ecsstep.steps.taskdef_render.options import RenderOptions
from ecsstep.steps.taskdef_render.story import taskdef_render
from fakes import Ended, Said, a_world, invoke

MODEL = task_definition_model()
ECR = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com"
TWO: dict[str, Any] = {
    "family": "web",
    "containerDefinitions": [{"name": "app", "image": "app:1"}, {"name": "proxy", "image": "p:1"}],
}


def no_aws(*_: Any) -> Any:
    raise AssertionError("AWS was called")


def render(
    *argv: str,
    environ: dict[str, str] | None = None,
    ecs: FakeEcs | None = None,
    said: Said | None = None,
    pinned: Pinned | None = None,
) -> Result:
    options = parse(RenderOptions, argv, environ or {}, prog="taskdef-render")
    assert isinstance(options, RenderOptions)
    said = said or a_world()
    return taskdef_render(
        options,
        said.world,
        ecs=(lambda: ecs) if ecs else no_aws,
        pinned=pinned or no_aws,
        model=MODEL,
    )


def printed(result: Result) -> Any:
    assert result.verbatim is not None
    return json.loads(result.verbatim)


def mistakes(*argv: str, environ: dict[str, str] | None = None, stdin: str = "") -> Ended:
    ended = invoke(main, *argv, environ=environ, stdin=stdin)
    assert (ended.code, ended.out) == (Exit.USAGE, "")
    return ended


@pytest.fixture
def one(tmp_path: Path) -> str:
    file = tmp_path / "one.json"
    file.write_text(json.dumps(A_DEFINITION))
    return str(file)


@pytest.fixture
def two(tmp_path: Path) -> str:
    file = tmp_path / "two.json"
    file.write_text(json.dumps(TWO))
    return str(file)


def images(result: Result) -> list[str]:
    return [each["image"] for each in printed(result)["containerDefinitions"]]


# Source


def live(
    definition: dict[str, Any] = A_DEFINITION, *, name: str = "web", **changes: Any
) -> FakeEcs:
    return FakeEcs(
        services=[a_steady_service()], revisions={name: a_revision(definition, **changes)}
    )


@pytest.mark.parametrize("name", ["web", "web:1", OLD])
def test_a_family_a_revision_or_an_arn_is_read_from_aws(name: str) -> None:
    ecs = live(name=name)

    assert printed(render("--taskdef", name, ecs=ecs)) == A_DEFINITION
    assert ecs.asked == [f"task definition {name}"]


def test_cluster_and_service_mean_the_revision_that_the_service_points_at() -> None:
    ecs = live(name=OLD)

    result = render("--cluster", "prod", "--service", "web", ecs=ecs)

    assert printed(result) == A_DEFINITION
    assert ecs.asked == ["service prod/web", f"task definition {OLD}"]


@pytest.mark.parametrize(
    "service",
    [pytest.param(None, id="missing"), pytest.param(a_service(status="INACTIVE"), id="deleted")],
)
def test_a_missing_service_is_a_mistake(service: Any) -> None:
    with pytest.raises(StepError) as caught:
        render("--cluster", "prod", "--service", "web", ecs=FakeEcs(services=[service]))

    assert (caught.value.message, caught.value.exit, caught.value.hint) == (
        "there is no service 'web' in cluster 'prod'",
        Exit.USAGE,
        "aws ecs list-services --cluster prod",
    )


def test_a_service_without_a_task_definition_of_its_own_is_a_mistake() -> None:
    external = a_service(controller="EXTERNAL", taskdef_arn="")

    with pytest.raises(StepError, match="no task definition of its own: its controller is EXTE"):
        render("--cluster", "prod", "--service", "web", ecs=FakeEcs(services=[external]))


@pytest.mark.parametrize("whole", [True, False], ids=["the whole answer", "a definition"])
def test_a_file_holds_a_definition_or_the_whole_answer(tmp_path: Path, whole: bool) -> None:
    answer = data("fargate.describe.json")
    file = tmp_path / "f.json"
    file.write_text(json.dumps(answer if whole else data("fargate.render.json")))

    assert render("--file", str(file)).verbatim == (
        json.dumps(data("fargate.render.json"), indent=2) + "\n"
    )


def test_a_file_can_be_yaml_and_come_from_stdin() -> None:
    yaml = "family: web\ncpu: 256\ncontainerDefinitions:\n- name: app\n  image: app:1\n"

    result = render("--file", "-", said=a_world(stdin=yaml))

    assert printed(result) == {
        "family": "web",
        "cpu": "256",
        "containerDefinitions": [{"name": "app", "image": "app:1"}],
    }


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        pytest.param(["--taskdef", "a", "--file", "b"], "--taskdef and --file", id="two"),
        pytest.param(["--file", "b", "--service", "s"], "--file and --service", id="service"),
        pytest.param(
            ["--taskdef", "a", "--cluster", "c"], "--taskdef and --service", id="cluster alone"
        ),
    ],
)
def test_two_sources_given_by_flag_are_a_mistake(argv: list[str], said: str) -> None:
    environ = {"ECS_CLUSTER": "c", "ECS_SERVICE": "s"}

    assert f"more than one source: {said}" in mistakes(*argv, environ=environ).err


@pytest.mark.parametrize(
    ("argv", "asked"),
    [
        pytest.param([], ["task definition family"], id="TASK_DEFINITION"),
        pytest.param(
            ["--service", "web"], ["service prod/web", f"task definition {OLD}"], id="--service"
        ),
        pytest.param(
            ["--cluster", "dev"], ["service dev/api", f"task definition {OLD}"], id="--cluster"
        ),
    ],
)
def test_a_source_given_by_flag_silently_beats_a_variable(
    argv: list[str], asked: list[str]
) -> None:
    environ = {"TASK_DEFINITION": "family", "ECS_CLUSTER": "prod", "ECS_SERVICE": "api"}
    revision = a_revision(A_DEFINITION)
    ecs = FakeEcs(services=[a_steady_service()], revisions={OLD: revision, "family": revision})

    render(*argv, environ=environ, ecs=ecs)

    assert ecs.asked == asked


def test_a_file_by_flag_beats_the_variables_of_the_others(one: str) -> None:
    assert printed(render("--file", one, environ={"TASK_DEFINITION": "x"})) == A_DEFINITION


def test_a_file_by_variable_beats_the_family_in_the_pipeline(one: str) -> None:
    environ = {"ECSSTEP_FILE": one, "TASK_DEFINITION": "x", "ECS_SERVICE": "y"}

    assert printed(render(environ=environ)) == A_DEFINITION


@pytest.mark.parametrize(
    ("argv", "environ", "said"),
    [
        pytest.param([], {}, "no source: give --taskdef (or TASK_DEFINITION)", id="none"),
        pytest.param(["--service", "s"], {}, "--cluster is missing: the source is a", id="cluster"),
        pytest.param(
            [], {"ECS_SERVICE": "s"}, "--cluster is missing: the source is", id="variable"
        ),
        pytest.param(
            ["--cluster", "c"], {"TASK_DEFINITION": "x"}, "--service is mis", id="service"
        ),
        pytest.param(["--file", "-", "--merge", "-"], {}, "only one of --file, --def", id="stdin"),
        pytest.param(
            ["--taskdef", "x", "--definitions", "-", "--definitions", "-"],
            {},
            "only one of --file, --definitions and --merge can be read from stdin",
            id="stdin again",
        ),
    ],
)
def test_a_source_that_is_not_whole_is_a_mistake(
    argv: list[str], environ: dict[str, str], said: str
) -> None:
    assert said in mistakes(*argv, environ=environ).err


# Which container


def test_a_setting_without_a_container_is_fine_for_one_container(one: str) -> None:
    result = render("--file", one, "--image", "app:2", "--env", "A=1", "--secret", "S=arn:s")

    assert printed(result)["containerDefinitions"] == [
        {
            "name": "app",
            "image": "app:2",
            "memory": 128,
            "environment": [{"name": "A", "value": "1"}],
            "secrets": [{"name": "S", "valueFrom": "arn:s"}],
        }
    ]


def test_or_where_container_names_it(two: str) -> None:
    by_flag = render("--file", two, "--container", "proxy", "--image", "p:2")
    by_variable = render("--file", two, "--image", "p:2", environ={"CONTAINER_NAME": "proxy"})

    assert images(by_flag) == images(by_variable) == ["app:1", "p:2"]


def test_else_it_is_a_mistake_that_lists_the_containers(two: str) -> None:
    ended = mistakes("--file", two, "--image", "x")

    assert "names no container and there are several: 'app' and 'proxy'" in ended.err


def test_a_name_that_is_no_container_is_a_mistake_that_names_both(two: str) -> None:
    ended = mistakes("--file", two, "--image", "prxy=x")

    assert (
        "there is no container 'prxy' in the task definition; it has 'app' and 'proxy'; did you "
        "mean 'proxy'?"
    ) in ended.err


def test_images_for_several_containers_in_one_call(two: str) -> None:
    assert images(render("--file", two, "--image", "app=a:2", "--image", "proxy=b:2")) == [
        "a:2",
        "b:2",
    ]


def test_the_image_falls_back_to_the_variable_that_image_push_writes(one: str) -> None:
    assert images(render("--file", one, environ={"ECSSTEP_IMAGE": "pushed:1"})) == ["pushed:1"]


@pytest.fixture
def definitions(tmp_path: Path) -> str:
    file = tmp_path / "imagedefinitions.json"
    file.write_text(json.dumps([{"name": "app", "imageUri": "defined:1"}]))
    return str(file)


def test_but_not_where_definitions_are_given(two: str, definitions: str) -> None:
    result = render(
        "--file", two, "--definitions", definitions, environ={"ECSSTEP_IMAGE": "pushed:1"}
    )

    assert images(result) == ["defined:1", "p:1"]


@pytest.mark.parametrize("image", ["app=flag:1", "flag:1"])
def test_an_image_by_flag_beats_definitions(one: str, definitions: str, image: str) -> None:
    assert images(render("--file", one, "--definitions", definitions, "--image", image)) == [
        "flag:1"
    ]


# This commit's image

PUSHED = f"{ECR}/app@sha256:{'a' * 64}"
FOUND = "sha256:" + "f" * 64
TAGGED = {"CI_COMMIT_TAG": "v1.2.3", "CI_COMMIT_SHA": "4f2a9c1d" * 5}


def found(image: Reference) -> Reference:
    """Stand for the registry: whatever is asked for is there."""
    assert image.tag
    return image.replaced(registry=ECR, repository=f"{image.repository}-{image.tag}").pinned(FOUND)


def test_this_commits_image_is_the_one_that_an_earlier_job_handed_on(one: str) -> None:
    environ = {"ECSSTEP_IMAGE": PUSHED, "ECR_REPOSITORY": "app", **TAGGED}

    assert images(render("--file", one, "--commit-image", environ=environ)) == [PUSHED]


@pytest.mark.parametrize(
    ("environ", "tag"),
    [
        pytest.param(TAGGED, "v1.2.3", id="by the Git tag"),
        pytest.param({"CI_COMMIT_SHA": TAGGED["CI_COMMIT_SHA"]}, "4f2a9c1d", id="by the commit"),
        pytest.param({"IMAGE_TAG": "7.0", **TAGGED}, "7.0", id="by the tag that was asked for"),
        pytest.param({"ECSSTEP_IMAGE": PUSHED, **TAGGED}, "v1.2.3", id="of another repository"),
    ],
)
def test_or_it_is_looked_up_where_that_is_gone(one: str, environ: dict[str, str], tag: str) -> None:
    result = render(
        "--file", one, "--commit-image", "--repository", "web", environ=environ, pinned=found
    )

    assert images(result) == [f"{ECR}/web-{tag}@{FOUND}"]


def test_every_sidecar_gets_its_own(two: str) -> None:
    result = render(
        *("--file", two, "--container", "app", "--commit-image"),
        *("--repository", "app", "--sidecar", "proxy=nginx"),
        environ={"ECSSTEP_IMAGE": PUSHED, **TAGGED},
        pinned=found,
    )

    assert images(result) == [PUSHED, f"{ECR}/nginx-v1.2.3@{FOUND}"]


def test_an_image_by_flag_and_definitions_beat_the_commits(two: str, definitions: str) -> None:
    result = render(
        *("--file", two, "--commit-image", "--sidecar", "app=app", "--sidecar", "proxy=nginx"),
        *("--definitions", definitions, "--image", "proxy=flag:1"),
        environ=TAGGED,
        pinned=found,
    )

    assert images(result) == ["defined:1", "flag:1"]


def test_without_a_repository_what_was_handed_on_is_taken_as_it_is(one: str) -> None:
    environ = {"ECSSTEP_IMAGE": "pushed:1"}

    assert images(render("--file", one, "--commit-image", environ=environ)) == ["pushed:1"]


def test_without_the_switch_a_repository_in_the_pipeline_means_nothing(one: str) -> None:
    assert images(render("--file", one, environ={"ECR_REPOSITORY": "app", **TAGGED})) == ["app:1"]


@pytest.mark.parametrize(
    ("argv", "environ", "said"),
    [
        pytest.param(["--commit-image"], TAGGED, "there is no image: --commit-image needs", id="-"),
        pytest.param(
            ["--repository", "app"], TAGGED, "give --commit-image as well", id="without the switch"
        ),
        pytest.param(
            ["--sidecar", "a=app"], TAGGED, "give --commit-image as well", id="nor for a sidecar"
        ),
        pytest.param(
            ["--commit-image", "--repository", "app"],
            {},
            "it is not known which commit's image is meant",
            id="which commit",
        ),
        pytest.param(
            ["--commit-image", "--repository", "app", "--tag", "latest"],
            {},
            "the tag 'latest' moves from image to image, so it doesn't say which is this commit's; "
            "it is from --tag",
            id="a tag that moves",
        ),
        pytest.param(
            ["--commit-image", "--repository", "app"],
            {"IMAGE_TAG": "prod"},
            "it is from ECSSTEP_TAG or IMAGE_TAG: leave that empty",
            id="a variable with a tag that moves",
        ),
        pytest.param(
            ["--commit-image", "--repository", "app"],
            {"CI_COMMIT_TAG": "stable"},
            "it is from the Git tag",
            id="a Git tag that moves",
        ),
        pytest.param(
            ["--commit-image", "--repository", "app", "--tag", "a b"],
            {},
            "'a b' is no image tag",
            id="no tag",
        ),
        pytest.param(
            ["--commit-image", "--repository", "app"],
            {"CI_COMMIT_TAG": "release/1"},
            "the Git tag can't be used",
            id="a Git tag that is none",
        ),
        pytest.param(
            ["--commit-image", "--repository", "one.example/app", "--registry", "two.example"],
            TAGGED,
            "is not in the registry 'two.example'",
            id="two registries",
        ),
    ],
)
def test_a_commits_image_that_is_not_clear_is_a_mistake(
    one: str, argv: list[str], environ: dict[str, str], said: str
) -> None:
    assert said in mistakes("--file", one, *argv, environ=environ).err


def test_a_commits_image_without_a_container_is_a_mistake_that_shows_the_form(two: str) -> None:
    with pytest.raises(StepError, match="write --sidecar app=… or give --container"):
        render("--file", two, "--commit-image", "--repository", "app", environ=TAGGED, pinned=found)


# Environment, secrets, merge


def test_the_fragment_is_laid_over_and_flags_beat_it(one: str, tmp_path: Path) -> None:
    fragment = tmp_path / "m.yaml"
    fragment.write_text(
        "cpu: 512\n"
        "containerDefinitions:\n"
        "- name: app\n  memory: null\n  environment: [{name: A, value: merged}]\n"
        "- {name: log, image: log:1}\n"
    )

    result = render("--file", one, "--merge", str(fragment), "--env", "app:A=flag=1")

    assert printed(result) == {
        "family": "web",
        "containerDefinitions": [
            {
                "name": "app",
                "image": "app:1",
                "environment": [{"name": "A", "value": "flag=1"}],
            },
            {"name": "log", "image": "log:1"},
        ],
        "cpu": "512",
    }


def test_to_unset_an_absent_name_is_a_warning(one: str) -> None:
    said = a_world()

    assert printed(render("--file", one, "--unset", "NOPE", said=said)) == A_DEFINITION
    assert "warning: --unset 'NOPE': container 'app' has no such variable" in said.err.getvalue()


def test_another_family_can_be_given(one: str) -> None:
    assert printed(render("--file", one, "--family", "api"))["family"] == "api"


def test_all_faults_of_the_files_and_the_settings_are_told_at_once(tmp_path: Path) -> None:
    source, fragment, images_file = (tmp_path / name for name in ("s.yaml", "m.json", "i.json"))
    source.write_text(
        "famly: web\ncontainerDefinitions: [{name: app, environment: [{name: A, value: yes}]}]"
    )
    fragment.write_text("[]")
    images_file.write_text("{}")

    ended = mistakes(
        "--file", str(source), "--merge", str(fragment), "--definitions", str(images_file),
        "--env", "web:B=1",
    )  # fmt: skip

    for said in (
        "6 mistakes in the task definition",
        f"'{images_file}' is no imagedefinitions.json: it must be an array",
        f"'{fragment}' holds no object to merge",
        'environment[A].value is yes without quotes, which YAML does not read as text; write "yes"',
        "famly is no field that the API knows; did you mean 'family'?",
        "family is missing",
        "there is no container 'web' in the task definition; it has 'app'",
    ):
        assert said in ended.err


def test_one_fault_is_the_message_itself(tmp_path: Path, one: str) -> None:
    missing = tmp_path / "none.json"

    ended = mistakes("--file", one, "--merge", str(missing))

    assert f"error: can't read '{missing}': no such file or directory" in ended.err


def test_an_unreadable_source_is_told_with_the_other_files_faults(tmp_path: Path) -> None:
    broken, fragment = tmp_path / "b.json", tmp_path / "m.json"
    broken.write_text('{"family": ')
    fragment.write_text("5")

    ended = mistakes("--file", str(broken), "--merge", str(fragment))

    assert f"'{broken}' is not JSON" in ended.err
    assert f"'{fragment}' holds no object to merge" in ended.err


def test_a_file_that_is_no_object_is_told(tmp_path: Path) -> None:
    file = tmp_path / "f.json"
    file.write_text("[]")

    assert f"error: '{file}' holds no object" in mistakes("--file", str(file)).err


def test_a_files_fault_is_told_before_aws_is_asked() -> None:
    with pytest.raises(StepError, match=r"can't read 'none\.json'"):
        render("--taskdef", "web", "--merge", "none.json")


def test_a_missing_definitions_file_is_told() -> None:
    with pytest.raises(StepError, match=r"can't read 'none\.json'"):
        render("--taskdef", "web", "--definitions", "none.json")


# Fields that this version doesn't know

NEWER = {**A_DEFINITION, "newField": 1}


def test_a_new_field_in_awss_answer_is_a_mistake_with_the_hint_to_upgrade() -> None:
    with pytest.raises(StepError) as caught:
        render("--taskdef", "web", ecs=live(NEWER))

    assert (caught.value.message, caught.value.exit) == (
        f"'newField' in '{OLD}' is newer than this version knows",
        Exit.USAGE,
    )
    assert caught.value.hint.startswith("upgrade ecsstep and botocore: pip install -U")


def test_or_a_warning_if_that_is_allowed() -> None:
    said = a_world()

    result = render("--taskdef", "web", "--allow-unknown-fields", ecs=live(NEWER), said=said)

    assert printed(result) == A_DEFINITION
    assert (
        f"warning: 'newField' in '{OLD}' is newer than this version knows and is left out"
        in said.err.getvalue()
    )


def test_in_a_file_it_is_a_mistake_with_its_path(tmp_path: Path) -> None:
    file = tmp_path / "f.json"
    file.write_text(json.dumps(NEWER))

    ended = mistakes("--file", str(file), "--allow-unknown-fields")

    assert f"error: '{file}': newField is no field that the API knows" in ended.err


# What comes out


def test_the_json_is_the_whole_result_in_every_format(one: str) -> None:
    text, as_json = (invoke(main, "--file", one, "--format", form) for form in ("text", "json"))

    assert text.out == as_json.out == json.dumps(A_DEFINITION, indent=2) + "\n"
    assert invoke(main, "--file", one, "--query", "family").out == "web\n"


def test_what_is_rendered_renders_to_itself(tmp_path: Path) -> None:
    file = tmp_path / "f.json"
    file.write_text(json.dumps(data("ec2.describe.json")))
    once = invoke(main, "--file", str(file)).out

    again = invoke(main, "--file", "-", stdin=once).out

    assert json.loads(once) == data("ec2.render.json")
    assert again == once


def test_with_output_the_file_gets_it_and_stdout_its_path(one: str, tmp_path: Path) -> None:
    file, env = tmp_path / "new" / "rendered.json", tmp_path / "deploy.env"

    ended = invoke(main, "--file", one, "--output", str(file), "--dotenv", str(env))

    assert (ended.code, ended.out) == (0, f"{file}\n")
    assert json.loads(file.read_text()) == A_DEFINITION
    assert env.read_text() == f"ECSSTEP_RENDERED={file}\n"


def test_an_output_that_cannot_be_written_is_told_before_any_work(tmp_path: Path) -> None:
    with pytest.raises(StepError, match="is a folder, not a file"):
        render("--taskdef", "web", "--output", str(tmp_path))


def test_nothing_is_written_where_there_is_a_fault(one: str, tmp_path: Path) -> None:
    file = tmp_path / "rendered.json"

    mistakes("--file", one, "--env", "web:A=1", "--output", str(file))

    assert not file.exists()


def test_the_difference_is_shown_on_stderr_with_secrets_masked(one: str) -> None:
    ended = invoke(
        main, "--file", one, "--diff", "--image", "app:2", "--env", "DB_PASSWORD=hunter2"
    )

    assert json.loads(ended.out)["containerDefinitions"][0]["image"] == "app:2"
    assert ended.err.splitlines() == [
        "taskdef-render: changes against the source",
        'taskdef-render: ~ containerDefinitions[app].image: "app:1" → "app:2"',
        "taskdef-render: + containerDefinitions[app].environment[DB_PASSWORD]: ***",
    ]


def test_no_difference_is_said_too(one: str) -> None:
    assert invoke(main, "--file", one, "--diff").err == (
        "taskdef-render: no change against the source\n"
    )


def test_a_live_source_is_named() -> None:
    said = a_world()

    render("--taskdef", "web", ecs=live(), said=said)

    assert said.err.getvalue().startswith(
        f"step: rendering from  revision={ACCOUNT}:task-definition/web:1\n"
    )


def test_without_credentials_nothing_is_rendered() -> None:
    ended = invoke(main, "--taskdef", "web", "--region", "eu-west-1")

    assert (ended.code, ended.out) == (Exit.ACCESS, "")
    assert "there are no AWS credentials" in ended.err


def test_a_word_that_is_not_known_has_the_hint_to_the_option(tmp_path: Path) -> None:
    file = tmp_path / "f.json"
    file.write_text(json.dumps({**A_DEFINITION, "networkMode": "newer"}))

    with pytest.raises(StepError) as caught:
        render("--file", str(file))

    assert caught.value.exit is Exit.USAGE
    assert caught.value.hint.endswith("--allow-unknown-fields")
    render("--file", str(file), "--allow-unknown-fields")


# Only what has passed the scan gate


PASSED, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64


@pytest.fixture
def record(tmp_path: Path) -> str:
    file = tmp_path / "passed.json"
    file.write_text(json.dumps({"verdict": "passed", "digest": PASSED}))
    return str(file)


def test_an_image_that_has_passed_is_rendered(record: str) -> None:
    image = f"host.example/app@{PASSED}"

    result = render("--taskdef", "web", "--image", image, "--require-passed", record, ecs=live())

    assert images(result)[0] == image


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (f"host.example/app@{OTHER}", "has no record of having passed scan-gate"),
        ("host.example/app:v1", "is not named by its digest"),
    ],
)
def test_an_image_that_has_not_passed_is_refused(record: str, image: str, said: str) -> None:
    with pytest.raises(StepError, match=said) as caught:
        render("--taskdef", "web", "--image", image, "--require-passed", record, ecs=live())

    assert caught.value.exit is Exit.REFUSED
    assert "scan-gate --report json=FILE" in caught.value.hint


def test_what_runs_already_needs_no_record_and_what_a_file_or_a_family_holds_does(
    record: str, two: str
) -> None:
    running = live(name=OLD)
    in_service = ("--cluster", "prod", "--service", "web")
    unchanged = render(*in_service, "--require-passed", record, ecs=running)

    assert printed(unchanged) == A_DEFINITION
    with pytest.raises(StepError, match="2 images have not passed") as caught:
        render("--file", two, "--require-passed", record)
    assert len(caught.value.why) == 2
    # A revision may have been registered by anybody, and never been deployed.
    with pytest.raises(StepError, match="is not named by its digest"):
        render("--taskdef", "web", "--require-passed", record, ecs=live())


def test_what_a_known_service_runs_needs_no_record_whatever_the_source(record: str) -> None:
    environ = {"ECS_CLUSTER": "prod", "ECS_SERVICE": "web"}
    asked = ("--taskdef", "web:9", "--require-passed", record)
    same = {"web:9": a_revision(A_DEFINITION), OLD: a_revision(A_DEFINITION)}
    ecs = FakeEcs(services=[a_steady_service()], revisions=same)

    assert printed(render(*asked, environ=environ, ecs=ecs)) == A_DEFINITION
    # Whoever names an image brings it in.
    with pytest.raises(StepError, match="is not named by its digest"):
        render(*asked, "--image", "app:1", environ=environ, ecs=ecs)


@pytest.mark.parametrize(
    "services",
    [
        pytest.param([None], id="no such service"),
        pytest.param([a_steady_service()], id="its revision is gone"),
        pytest.param([StepError("denied", exit=Exit.ACCESS)], id="hidden"),
    ],
)
def test_where_the_services_revision_cannot_be_read_every_image_needs_a_record(
    record: str, services: list[Any]
) -> None:
    environ = {"ECS_CLUSTER": "prod", "ECS_SERVICE": "web"}
    ecs = FakeEcs(services=services, revisions={"web:9": a_revision(A_DEFINITION)})

    with pytest.raises(StepError, match="is not named by its digest") as caught:
        render("--taskdef", "web:9", "--require-passed", record, environ=environ, ecs=ecs)

    assert caught.value.exit is Exit.REFUSED


def test_a_look_at_the_service_that_fails_for_now_is_temporary(record: str) -> None:
    environ = {"ECS_CLUSTER": "prod", "ECS_SERVICE": "web"}
    ecs = FakeEcs(
        services=[StepError("slow", exit=Exit.TEMPORARY)],
        revisions={"web:9": a_revision(A_DEFINITION)},
    )

    with pytest.raises(StepError) as caught:
        render("--taskdef", "web:9", "--require-passed", record, environ=environ, ecs=ecs)

    assert caught.value.exit is Exit.TEMPORARY


def test_every_record_counts_and_one_that_is_none_is_a_mistake(record: str, tmp_path: Path) -> None:
    other = tmp_path / "refused.json"
    other.write_text(json.dumps({"verdict": "refused", "digest": OTHER}))
    image = f"host.example/app@{PASSED}"
    asked = ("--taskdef", "web", "--image", image)

    both = ("--require-passed", str(other), "--require-passed", record)
    assert images(render(*asked, *both, ecs=live()))[0] == image
    other.write_text(json.dumps({"verdict": "refused", "digest": PASSED}))
    with pytest.raises(StepError, match=r"is 'refused' by the record '.*refused.json'"):
        render(*asked, *both, ecs=live())
    other.write_text(json.dumps({"verdict": "refused", "digest": OTHER}))
    with pytest.raises(StepError, match="no record of having passed"):
        render(*asked, "--require-passed", str(other), ecs=live())
    other.write_text("{}")
    with pytest.raises(StepError, match="it holds no verdict") as caught:
        render(*asked, "--require-passed", str(other), ecs=live())
    assert caught.value.exit is Exit.USAGE


# Placeholders and the difference


def test_a_placeholder_of_codepipelines_taskdef_is_filled(tmp_path: Path) -> None:
    file = tmp_path / "taskdef.json"
    file.write_text(
        json.dumps(
            {
                "family": "web",
                "containerDefinitions": [
                    {"name": "app", "image": "<IMAGE1_NAME>"},
                    {"name": "proxy", "image": "p:1"},
                ],
            }
        )
    )
    detail = tmp_path / "imageDetail.json"
    detail.write_text('{"ImageURI": "h.io/app@sha256:%s"}' % ("a" * 64))

    by_name = render("--file", str(file), "--image", "IMAGE1_NAME=app:2")
    by_variable = render("--file", str(file), environ={"ECSSTEP_IMAGE": "app:3"})
    by_detail = render("--file", str(file), "--definitions", str(detail))

    assert images(by_name) == ["app:2", "p:1"]
    assert images(by_variable) == ["app:3", "p:1"]
    assert images(by_detail) == [f"h.io/app@sha256:{'a' * 64}", "p:1"]
    assert "--image IMAGE1_NAME=REF" in mistakes("--file", str(file)).err


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        pytest.param(
            "70",
            [
                "step:               │ before                 │ after",
                "step: container app │                        │",
                'step:   image       │ "app:1"                │ "app:2"',
            ],
            id="side by side",
        ),
        pytest.param(
            "40",
            ['step: ~ containerDefinitions[app].image: "app:1" → "app:2"'],
            id="too narrow",
        ),
    ],
)
def test_on_a_wide_terminal_old_and_new_stand_side_by_side(
    one: str, columns: str, expected: list[str]
) -> None:
    err = Terminal()
    said = a_world({"COLUMNS": columns})
    world = said.world.replaced(stderr=err)

    render("--file", one, "--image", "app:2", "--diff", said=dataclasses.replace(said, world=world))

    assert said.err.getvalue().splitlines() == ["step: changes against the source", *expected]


# What would pass in silence


@pytest.mark.parametrize(
    ("argv", "is_warned"),
    [
        pytest.param([], True, id="nothing"),
        pytest.param(["--container", "app"], True, id="a container's name alone"),
        pytest.param(["--env", "A=1"], False, id="a variable"),
        pytest.param(["--family", "other"], False, id="a family"),
    ],
)
def test_a_live_source_without_any_change_is_warned_of(argv: list[str], is_warned: bool) -> None:
    said = a_world()

    render("--taskdef", "web", *argv, environ={"ECSSTEP_IMAGE": ""}, ecs=live(), said=said)

    assert ("is ECSSTEP_IMAGE empty?" in said.err.getvalue()) is is_warned


def test_a_file_is_rendered_without_a_change_without_a_word(one: str) -> None:
    said = a_world()

    render("--file", one, said=said)

    assert said.err.getvalue() == ""


def test_definitions_that_name_no_image_are_a_mistake(tmp_path: Path, one: str) -> None:
    (tmp_path / "none.json").write_text("[]")

    ended = mistakes("--file", one, "--definitions", str(tmp_path / "none.json"))

    assert "names no image: its array is empty" in ended.err


def test_an_image_detail_without_a_container_is_told_how_to_name_it(
    tmp_path: Path, two: str
) -> None:
    (tmp_path / "idet.json").write_text('{"ImageURI": "app:2"}')

    ended = mistakes("--file", two, "--definitions", str(tmp_path / "idet.json"))

    assert "several: 'app' and 'proxy'; give --container" in ended.err


def test_a_variable_of_several_lines_is_told_by_its_number_and_not_shown(one: str) -> None:
    lines = "KEY=-----BEGIN\nMIIEvQIBADAN\nA=1\n"

    ended = mistakes("--file", one, environ={"ECSSTEP_ENV": lines})

    assert "ECSSTEP_ENV: value 2 of 3 is not NAME=VALUE; a value has one line" in ended.err
    assert "MIIE" not in ended.err


def test_one_file_is_not_written_twice(one: str, tmp_path: Path) -> None:
    both = str(tmp_path / "x")

    ended = mistakes("--file", one, "--output", both, "--dotenv", both)

    assert f"--output and --dotenv are both '{both}'" in ended.err
    assert not Path(both).exists()


def test_a_family_that_can_be_none_is_a_mistake(one: str) -> None:
    assert "'a b' is no family" in mistakes("--file", one, "--family", "a b").err


def test_numbers_of_a_fragment_that_yaml_respells_are_told(tmp_path: Path, one: str) -> None:
    merge = tmp_path / "m.yaml"
    merge.write_text("containerDefinitions: [{name: app, memory: 0512, cpu: 1_0}]")

    ended = mistakes("--file", one, "--merge", str(merge))

    assert "memory is 0512, which YAML reads as 330" in ended.err
    assert "cpu is 1_0, which YAML reads as 10" in ended.err


def test_files_that_are_not_there_are_told_beside_mistakes_of_the_arguments(tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.json")

    ended = mistakes("--file", gone, "--definitions", gone, "--family", "a b")

    assert "'a b' is no family" in ended.err
    assert ended.err.count(f"can't read '{gone}': no such file or directory") == 2


def test_what_is_given_twice_is_told_before_aws_is_asked() -> None:
    argv = ("--taskdef", "web", "--env", "A=1", "--env", "A=2", "--secret", "A=x")
    ended = invoke(main, *argv, "--image", "a:1", "--image", "a:2", environ={})

    assert ended.code == Exit.USAGE
    assert "3 mistakes in the arguments" in ended.err
    assert "--env gives 'A' twice" in ended.err
    assert "credentials" not in ended.err
