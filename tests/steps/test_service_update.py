"""Pointing a service at exactly one revision."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ecs_fakes import (
    A_DEFINITION,
    BREAKER,
    DENIED,
    NEW,
    OLD,
    OLD_ID,
    OTHER_ID,
    OUR_ID,
    THROTTLED,
    FakeEcs,
    a_deployment,
    a_revision,
    a_service,
    a_steady_service,
    at,
    the_old_one,
)
from ecsstep.aws.models import input_shape, task_definition_model
from ecsstep.core.arguments import parse
from ecsstep.core.output import Result
from ecsstep.errors import Exit, StepError
from ecsstep.rules.ecr_images import EcrImage
from ecsstep.rules.links import by_label, service_links
from ecsstep.rules.service import Service, TaskSet
from ecsstep.steps.service_update import main
from ecsstep.steps.service_update.job import Api, Clients
from ecsstep.steps.service_update.options import UpdateOptions
from ecsstep.steps.service_update.story import service_update
from fakes import Said, a_world, invoke

API = Api(
    task_definition=task_definition_model(), update_service=input_shape("ecs", "UpdateService")
)
CODE_ID = "d-A1B2C3D4E"
WHERE = {"cluster": "prod", "service": "web"}
CHANGED: dict[str, Any] = {
    **A_DEFINITION,
    "containerDefinitions": [{"name": "app", "image": "app:2", "memory": 128}],
}
FILLED_IN: dict[str, Any] = {
    **A_DEFINITION,
    "containerDefinitions": [
        {
            "name": "app", "image": "app:1", "memory": 128, "cpu": 0, "essential": True,
            "environment": [], "mountPoints": [], "portMappings": [], "volumesFrom": [],
        }
    ],
    "volumes": [],
    "placementConstraints": [],
}  # fmt: skip


@dataclass
class FakeCodeDeploy:
    """Begins every deployment that it is asked for."""

    groups: Any = (("prod", "web"),)
    requests: list[Mapping[str, Any]] = field(default_factory=list)

    def services(self, application: str, group: str) -> tuple[tuple[str, str], ...]:
        if isinstance(self.groups, StepError):
            raise self.groups
        found: tuple[tuple[str, str], ...] = self.groups
        return found

    def create_deployment(self, request: Mapping[str, Any]) -> str:
        self.requests.append(request)
        return CODE_ID


@dataclass
class FakeRegistry:
    """An ECR that has what it is given.

    Attributes:
        images: The references that are there; an error is raised.
        asked: What was looked up.
    """

    images: Mapping[str, bool | StepError] = field(default_factory=dict)
    asked: list[EcrImage] = field(default_factory=list)

    def __call__(self, image: EcrImage) -> bool:
        self.asked.append(image)
        found = self.images[image.text]
        if isinstance(found, StepError):
            raise found
        return found


def fake(**changes: Any) -> FakeEcs:
    old = a_revision(A_DEFINITION)
    given: dict[str, Any] = {
        "services": [a_steady_service()],
        "revisions": {OLD: old, "web:1": old, NEW: a_revision(CHANGED, arn=NEW)},
        **changes,
    }
    return FakeEcs(**given)


def no_codedeploy() -> Any:
    raise AssertionError("CodeDeploy was called")


def update(
    *argv: str,
    ecs: FakeEcs,
    said: Said | None = None,
    environ: dict[str, str] | None = None,
    codedeploy: FakeCodeDeploy | None = None,
    registry: FakeRegistry | None = None,
) -> Result:
    where = ("--cluster", "prod", "--service", "web")
    options = parse(UpdateOptions, [*where, *argv], environ or {}, prog="service-update")
    assert isinstance(options, UpdateOptions)
    clients = Clients(
        ecs=ecs,
        codedeploy=(lambda: codedeploy) if codedeploy else no_codedeploy,
        has_image=registry or FakeRegistry(),
    )
    return service_update(options, (said or a_world()).world, clients, API)


@pytest.fixture
def new(tmp_path: Path) -> str:
    file = tmp_path / "new.json"
    file.write_text(json.dumps(CHANGED))
    return str(file)


@pytest.fixture
def same(tmp_path: Path) -> str:
    file = tmp_path / "same.json"
    file.write_text(json.dumps(A_DEFINITION))
    return str(file)


# What is new is registered, and the service pointed at exactly that revision


def test_a_new_definition_is_registered_and_the_service_pointed_at_its_revision(new: str) -> None:
    ecs, said = fake(), a_world()

    result = update("--taskdef", new, ecs=ecs, said=said)

    assert ecs.registered == [CHANGED]
    assert ecs.updates == [{**WHERE, "taskDefinition": NEW}]
    assert result == Result(
        lines=(OUR_ID,),
        data={
            "deployment": OUR_ID,
            "taskDefinition": NEW,
            "previousTaskDefinition": OLD,
            "registered": True,
            "changed": True,
        },
        dotenv={
            "ECSSTEP_DEPLOYMENT": OUR_ID,
            "ECSSTEP_TASKDEF_ARN": NEW,
            "ECSSTEP_PREVIOUS_TASKDEF_ARN": OLD,
        },
        links=by_label(service_links(a_steady_service().arn, OUR_ID)),
    )
    assert said.err.getvalue().splitlines() == [
        f"step: a new revision is needed  since={OLD}",
        'step: ~ containerDefinitions[app].image: "app:1" → "app:2"',
        f"step: revision registered  revision={NEW}",
        f"step: service updated  service=web  deployment={OUR_ID}  revision={NEW}",
    ]


def test_a_definition_comes_from_stdin() -> None:
    ecs = fake()

    update("--taskdef", "-", ecs=ecs, said=a_world(stdin=json.dumps(CHANGED)))

    assert (ecs.registered, ecs.updates) == ([CHANGED], [{**WHERE, "taskDefinition": NEW}])


def test_or_from_the_variable_that_taskdef_render_writes_never_from_a_family(new: str) -> None:
    ecs = fake()

    update(ecs=ecs, environ={"ECSSTEP_RENDERED": new, "TASK_DEFINITION": "web"})

    assert ecs.registered == [CHANGED]
    assert UpdateOptions.declared()["taskdef"].variables == ("ECSSTEP_RENDERED",)


def test_the_whole_answer_of_describe_task_definition_will_do(tmp_path: Path) -> None:
    file = tmp_path / "answer.json"
    file.write_text(json.dumps({"taskDefinition": a_revision(CHANGED).raw, "tags": []}))
    ecs = fake()

    update("--taskdef", str(file), ecs=ecs)

    assert ecs.registered == [CHANGED]


@pytest.mark.parametrize("name", [NEW, "web:2"])
def test_a_revision_is_pinned_by_its_arn_and_nothing_registered(name: str) -> None:
    ecs = fake(revisions={name: a_revision(CHANGED, arn=NEW)})

    result = update("--taskdef", name, ecs=ecs)

    assert (ecs.registered, ecs.updates) == ([], [{**WHERE, "taskDefinition": NEW}])
    assert result.data["registered"] is False


@pytest.mark.parametrize(
    "odd", [{"newField": 1}, {"cpu": ["1"]}], ids=["unknown field", "another type"]
)
def test_what_this_version_cannot_compare_is_new(same: str, odd: dict[str, Any]) -> None:
    ecs = fake(revisions={OLD: a_revision({**A_DEFINITION, **odd})})

    update("--taskdef", same, ecs=ecs)

    assert ecs.registered == [A_DEFINITION]


# Equal: nothing to register, and nothing to send unless something else was asked


@pytest.mark.parametrize("current", [A_DEFINITION, FILLED_IN], ids=["equal", "filled in by ECS"])
def test_an_equal_definition_changes_nothing(same: str, current: dict[str, Any]) -> None:
    ecs, said = fake(revisions={OLD: a_revision(current)}), a_world()

    result = update("--taskdef", same, ecs=ecs, said=said)

    assert (ecs.registered, ecs.updates) == ([], [])
    assert (result.lines, result.exit) == ((OLD_ID,), Exit.OK)
    assert result.data["changed"] is False
    assert result.dotenv == {"ECSSTEP_DEPLOYMENT": OLD_ID, "ECSSTEP_TASKDEF_ARN": OLD}
    assert said.err.getvalue() == f"step: nothing to change  service=web  revision={OLD}\n"


def test_nothing_asked_changes_nothing() -> None:
    ecs = fake()

    assert update(ecs=ecs).lines == (OLD_ID,)
    assert (ecs.registered, ecs.updates, ecs.asked) == ([], [], ["service prod/web"])


def test_the_revision_that_runs_already_changes_nothing() -> None:
    ecs = fake()

    update("--taskdef", "web:1", ecs=ecs)

    assert ecs.updates == []


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        pytest.param(["--desired-count", "0"], {"desiredCount": 0}, id="0 stays 0"),
        pytest.param(["--force-new-deployment"], {"forceNewDeployment": True}, id="force"),
        pytest.param(
            ["--circuit-breaker", "rollback"], {"deploymentConfiguration": BREAKER}, id="breaker"
        ),
        pytest.param(
            ["--minimum-healthy", "0", "--maximum", "100"],
            {"deploymentConfiguration": {"minimumHealthyPercent": 0, "maximumPercent": 100}},
            id="percentages",
        ),
        pytest.param(
            ["--taskdef", "web:1", "--force-new-deployment"],
            {"forceNewDeployment": True, "taskDefinition": OLD},
            id="force of a revision is pinned to it",
        ),
        pytest.param(
            ["--taskdef", "web:1", "--desired-count", "3"],
            {"desiredCount": 3},
            id="a count with the revision that runs already",
        ),
    ],
)
def test_only_what_was_asked_is_sent(argv: list[str], expected: dict[str, Any]) -> None:
    ecs = fake()

    update(*argv, ecs=ecs)

    assert (ecs.registered, ecs.updates) == ([], [{**WHERE, **expected}])


def test_a_rerun_gives_the_same_deployment_and_the_revision_before_it(new: str) -> None:
    during = a_service(a_deployment(), the_old_one())
    ecs = fake(services=[during])

    result = update("--taskdef", new, ecs=ecs)

    assert (ecs.registered, ecs.updates) == ([], [])
    assert result.dotenv == {
        "ECSSTEP_DEPLOYMENT": OUR_ID,
        "ECSSTEP_TASKDEF_ARN": NEW,
        "ECSSTEP_PREVIOUS_TASKDEF_ARN": OLD,
    }


def test_after_a_rollback_the_same_definition_is_deployed_anew(new: str) -> None:
    rolled_back = a_service(the_old_one(status="PRIMARY"), taskdef=OLD)
    ecs = fake(services=[rolled_back])

    update("--taskdef", new, ecs=ecs)

    assert ecs.updates == [{**WHERE, "taskDefinition": NEW}]


def test_the_way_back_is_the_same_step_with_the_previous_revision() -> None:
    ecs = fake(services=[a_service(a_deployment(state="FAILED"), the_old_one())])

    result = update("--taskdef", OLD, ecs=ecs)

    assert ecs.updates == [{**WHERE, "taskDefinition": OLD}]
    assert result.dotenv["ECSSTEP_PREVIOUS_TASKDEF_ARN"] == NEW


# --parameters


def test_any_other_member_goes_through_a_file_and_flags_beat_it(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(
        "enableExecuteCommand: false\ndesiredCount: 5\n"
        "deploymentConfiguration: {strategy: CANARY, maximumPercent: 150}\n"
    )
    ecs = fake()

    update("--parameters", str(file), "--desired-count", "1", "--maximum", "200", ecs=ecs)

    assert ecs.updates == [
        {
            **WHERE,
            "enableExecuteCommand": False,
            "desiredCount": 1,
            "deploymentConfiguration": {"strategy": "CANARY", "maximumPercent": 200},
        }
    ]


def test_an_unknown_member_is_a_mistake_with_the_nearest_name(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text('{"enableExecuteComand": true}')
    ecs = fake()

    with pytest.raises(StepError) as caught:
        update("--parameters", str(file), ecs=ecs)

    assert (caught.value.message, caught.value.exit) == (
        (
            f"'{file}' does not fit UpdateService: enableExecuteComand is no field that the API "
            "knows; did you mean 'enableExecuteCommand'?"
        ),
        Exit.USAGE,
    )
    assert ecs.asked == []


def test_all_mistakes_of_the_file_are_told(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text('{"desiredCount": "1", "cluster": "x"}')

    with pytest.raises(StepError) as caught:
        update("--parameters", str(file), ecs=fake())

    assert caught.value.why == (
        "desiredCount must be a whole number, not the text '1'",
        "cluster is given by --cluster, not in the file",
    )


def test_the_mistakes_of_both_files_are_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "p.json"
    file.write_text("[]")

    with pytest.raises(StepError) as caught:
        update("--parameters", str(file), "--taskdef", "-", ecs=fake(), said=a_world(stdin="[]"))

    assert (caught.value.message, caught.value.exit) == ("2 files can't be used", Exit.USAGE)
    assert caught.value.why == (
        f"'{file}' does not fit UpdateService: it holds no object",
        "'stdin' is no task definition to register: 'stdin' holds no object",
    )


# --dry-run


def test_a_dry_run_prints_the_exact_requests_and_changes_nothing(new: str) -> None:
    ecs, said = fake(), a_world()

    result = update("--taskdef", new, "--desired-count", "0", "--dry-run", ecs=ecs, said=said)

    assert (ecs.registered, ecs.updates, result.dotenv) == ([], [], {})
    assert result.data == {
        "dryRun": True,
        "requests": {
            "RegisterTaskDefinition": CHANGED,
            "UpdateService": {
                **WHERE, "desiredCount": 0, "taskDefinition": "web:(the new revision)",
            },
        },
    }  # fmt: skip
    assert json.loads("\n".join(result.lines)) == result.data["requests"]
    assert '~ containerDefinitions[app].image: "app:1" → "app:2"' in said.err.getvalue()


def test_a_dry_run_of_nothing_says_so(same: str) -> None:
    result = update("--taskdef", same, "--dry-run", ecs=fake())

    assert (result.lines, result.data) == (
        ("nothing to change",),
        {"dryRun": True, "requests": {}},
    )


def test_a_dry_run_makes_all_the_checks() -> None:
    with pytest.raises(StepError, match="is INACTIVE"):
        update("--taskdef", NEW, "--dry-run", ecs=fake(revisions={NEW: inactive()}))


# What can't be updated


def inactive() -> Any:
    return a_revision(CHANGED, arn=NEW, status="INACTIVE")


def test_an_inactive_revision_is_a_mistake_with_the_way_out() -> None:
    ecs = fake(revisions={NEW: inactive()})

    with pytest.raises(StepError) as caught:
        update("--taskdef", NEW, ecs=ecs)

    assert (caught.value.message, caught.value.exit) == (
        f"revision '{NEW}' is INACTIVE, a service can't be pointed at it",
        Exit.USAGE,
    )
    assert caught.value.hint.startswith("register it again: taskdef-render --taskdef")
    assert ecs.updates == []


@pytest.mark.parametrize(
    ("service", "message"),
    [
        pytest.param(None, "there is no service 'web' in cluster 'prod'", id="missing"),
        pytest.param(
            a_steady_service(status="INACTIVE"),
            "service 'web' in cluster 'prod' is INACTIVE, it can't be updated",
            id="deleted",
        ),
        pytest.param(
            a_steady_service(status="DRAINING"),
            "service 'web' in cluster 'prod' is DRAINING, it can't be updated",
            id="being deleted",
        ),
        pytest.param(
            a_steady_service(controller="EXTERNAL"),
            "service 'web' in cluster 'prod' is deployed by EXTERNAL, neither by ECS itself nor "
            "by CodeDeploy",
            id="another controller",
        ),
    ],
)
def test_a_service_that_cannot_be_updated_is_told_before_anything_is_registered(
    new: str, service: Any, message: str
) -> None:
    ecs = fake(services=[service])

    with pytest.raises(StepError) as caught:
        update("--taskdef", new, ecs=ecs)

    assert (caught.value.message, caught.value.exit) == (message, Exit.USAGE)
    assert caught.value.hint
    assert (ecs.registered, ecs.updates) == ([], [])


def test_a_deployment_that_is_not_ours_is_superseded(new: str) -> None:
    ecs = fake(after=lambda _: a_service(a_deployment(OTHER_ID, taskdef=f"{NEW}0")))

    with pytest.raises(StepError) as caught:
        update("--taskdef", new, ecs=ecs)

    assert (caught.value.message, caught.value.exit) == (
        f"the primary deployment of service 'web' is not of '{NEW}'",
        Exit.SUPERSEDED,
    )


def test_what_nobody_asked_to_change_is_warned_of() -> None:
    said = a_world()
    before = a_steady_service(configuration={"maximumPercent": 200})
    ecs = fake(services=[before], after=lambda _: a_steady_service())

    update("--minimum-healthy", "50", ecs=ecs, said=said)

    assert (
        "warning: deploymentConfiguration.maximumPercent changed from 200 to None, which nobody"
        in said.err.getvalue()
    )


# Mistakes that need no network


@pytest.mark.parametrize("name", ["web", "arn:aws:ecs:us-east-1:123456789012:task-definition/web"])
def test_a_family_without_a_revision_is_a_mistake(name: str) -> None:
    ended = invoke(main, "--cluster", "c", "--service", "s", "--taskdef", name)

    assert (ended.code, ended.out) == (Exit.USAGE, "")
    assert (
        f"'{name}' is a family without a revision, which means whatever is newest at that moment; "
        f"give {name}:REVISION, or a file as ./{name}"
    ) in ended.err


def test_a_file_may_be_named_like_a_family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("web").write_text(json.dumps(CHANGED))
    ecs = fake()

    update("--taskdef", "web", ecs=ecs)

    assert ecs.registered == [CHANGED]


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        pytest.param([], "--cluster is missing", id="cluster"),
        pytest.param(["--circuit-breaker", "yes"], "'yes' is not one of rollback, on, off", id="b"),
        pytest.param(["--desired-count", "-1"], "'-1' is not a whole number", id="count"),
        pytest.param(
            ["--taskdef", "-", "--parameters", "-"],
            "only one of --taskdef, --parameters and --appspec can be read from stdin",
            id="stdin twice",
        ),
    ],
)
def test_mistakes_of_the_arguments_are_told(argv: list[str], said: str) -> None:
    ended = invoke(main, *argv)

    assert (ended.code, ended.out) == (Exit.USAGE, "")
    assert said in ended.err


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("[]", ("holds no object",), id="no object"),
        pytest.param(
            '{"family": "web", "containerDefinitions": [{"name": "a", "image": 1}], "x": 1}',
            ("containerDefinitions[a].image must be text", "x is no field that the API knows"),
            id="faults",
        ),
        pytest.param(
            "family: web\ncontainerDefinitions: [{name: a, environment: [{name: A, value: on}]}]",
            ("environment[A].value is on without quotes, which YAML does not read", 'write "on"'),
            id="yaml",
        ),
        pytest.param("{", ("is not JSON",), id="broken"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_definition_is_told_before_aws_is_asked(
    text: str, why: tuple[str, ...]
) -> None:
    ecs = fake()

    with pytest.raises(StepError) as caught:
        update("--taskdef", "-", ecs=ecs, said=a_world(stdin=text))

    assert caught.value.exit is Exit.USAGE
    for words in why:
        assert words in "\n".join([caught.value.message, *caught.value.why])
    assert ecs.asked == []


def test_a_whole_answer_that_is_newer_than_this_version_has_the_hint_to_upgrade() -> None:
    answer = json.dumps({"taskDefinition": {**A_DEFINITION, "newField": 1}})

    with pytest.raises(StepError) as caught:
        update("--taskdef", "-", ecs=fake(), said=a_world(stdin=answer))

    assert caught.value.hint.startswith("pip install -U ecsstep botocore")


def test_without_credentials_nothing_is_done(new: str) -> None:
    ended = invoke(
        main, "--cluster", "c", "--service", "s", "--region", "eu-west-1", "--taskdef", new
    )

    assert (ended.code, ended.out) == (Exit.ACCESS, "")
    assert "there are no AWS credentials" in ended.err


# Images are looked up before anything is registered

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
IN_ECR: dict[str, Any] = {
    "family": "web",
    "containerDefinitions": [
        {"name": "app", "image": f"{ECR}/app:2", "memory": 128},
        {"name": "job", "image": f"{ECR}/app:2", "memory": 128},
        {"name": "proxy", "image": f"{ECR}/proxy@sha256:{'a' * 64}", "memory": 128},
        {"name": "hub", "image": "nginx:1", "memory": 128},
    ],
}
APP, PROXY = f"{ECR}/app:2", f"{ECR}/proxy@sha256:{'a' * 64}"


@pytest.fixture
def in_ecr(tmp_path: Path) -> str:
    file = tmp_path / "ecr.json"
    file.write_text(json.dumps(IN_ECR))
    return str(file)


def test_every_image_in_ecr_is_looked_up_once(in_ecr: str) -> None:
    ecs, registry = fake(), FakeRegistry({APP: True, PROXY: True})

    update("--taskdef", in_ecr, ecs=ecs, registry=registry)

    assert registry.asked == [
        EcrImage(
            text=APP,
            containers=("app", "job"),
            repository="app",
            tag="2",
            account="123456789012",
            region="eu-west-1",
        ),
        EcrImage(
            text=PROXY,
            containers=("proxy",),
            repository="proxy",
            digest=f"sha256:{'a' * 64}",
            account="123456789012",
            region="eu-west-1",
        ),
    ]
    assert ecs.registered == [IN_ECR]


@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_a_missing_image_is_told_and_nothing_registered(in_ecr: str, more: list[str]) -> None:
    ecs = fake()

    with pytest.raises(StepError) as caught:
        update(
            "--taskdef", in_ecr, *more, ecs=ecs, registry=FakeRegistry({APP: False, PROXY: True})
        )

    assert (caught.value.message, caught.value.exit) == (
        f"image '{APP}' is not in ECR (container 'app' and 'job')",
        Exit.USAGE,
    )
    assert caught.value.hint.startswith(
        "push it first (image-push), or see what is there: aws ecr list-images --repository-name "
        "app --region eu-west-1 --registry-id 123456789012; "
    )
    assert (ecs.registered, ecs.updates) == ([], [])


def test_all_missing_images_are_told_at_once(in_ecr: str) -> None:
    missing = StepError("there is no repository 'proxy'", exit=Exit.USAGE)

    with pytest.raises(StepError) as caught:
        update("--taskdef", in_ecr, ecs=fake(), registry=FakeRegistry({APP: False, PROXY: missing}))

    assert (caught.value.message, caught.value.why) == (
        "the definition names images that are not there",
        (
            f"image '{APP}' is not in ECR (container 'app' and 'job')",
            f"image '{PROXY}': there is no repository 'proxy' (container 'proxy')",
        ),
    )


def test_what_may_not_be_looked_up_is_warned_of(in_ecr: str) -> None:
    ecs, said = fake(), a_world()

    update(
        "--taskdef",
        in_ecr,
        ecs=ecs,
        said=said,
        registry=FakeRegistry({APP: DENIED, PROXY: True}),
    )

    assert ecs.registered == [IN_ECR]
    assert f"warning: whether '{APP}' is there can't be looked up" in said.err.getvalue()
    assert DENIED.hint in said.err.getvalue()


def test_a_look_that_fails_for_now_is_temporary(in_ecr: str) -> None:
    ecs = fake()

    with pytest.raises(StepError) as caught:
        update("--taskdef", in_ecr, ecs=ecs, registry=FakeRegistry({APP: THROTTLED}))

    assert (caught.value, ecs.registered) == (THROTTLED, [])


def test_a_missing_image_may_be_allowed(in_ecr: str) -> None:
    ecs, said = fake(), a_world()

    update(
        "--taskdef",
        in_ecr,
        "--allow-missing-images",
        ecs=ecs,
        said=said,
        registry=FakeRegistry({APP: False, PROXY: True}),
    )

    assert ecs.registered == [IN_ECR]
    assert f"warning: image '{APP}' is not in ECR" in said.err.getvalue()


def test_the_images_of_a_registered_revision_are_not_looked_up() -> None:
    ecs = fake(revisions={"web:2": a_revision(IN_ECR, arn=NEW)})

    update("--taskdef", "web:2", ecs=ecs)

    assert ecs.updates == [{**WHERE, "taskDefinition": NEW}]


# Under CodeDeploy

BALANCED: dict[str, Any] = {
    "family": "web",
    "containerDefinitions": [
        {"name": "app", "image": "app:1", "memory": 128, "portMappings": [{"containerPort": 8080}]}
    ],
}
BALANCED_NEW: dict[str, Any] = {
    **BALANCED,
    "containerDefinitions": [{**BALANCED["containerDefinitions"][0], "image": "app:2"}],
}
BALANCER = {"targetGroupArn": "arn:1", "containerName": "app", "containerPort": 8080}
BLUE = TaskSet(id="ecs-svc/1", status="PRIMARY", taskdef_arn=OLD, created_at=at(-60))
GREEN = TaskSet(
    id="ecs-svc/2", status="ACTIVE", taskdef_arn=NEW, deployment=CODE_ID, created_at=at(0)
)


def balanced(**changes: Any) -> Service:
    given: dict[str, Any] = {
        "controller": "CODE_DEPLOY",
        "taskdef": OLD,
        "task_sets": (BLUE,),
        "load_balancers": (BALANCER,),
        "desired": 2,
        **changes,
    }
    return a_service(**given)


def under_codedeploy(**changes: Any) -> FakeEcs:
    old, new = a_revision(BALANCED), a_revision(BALANCED_NEW, arn=NEW)
    return fake(
        services=[balanced(**changes)],
        revisions={OLD: old, "web:1": old, NEW: new, "web:2": new},
        after=lambda _: balanced(**changes),
    )


@pytest.fixture
def green(tmp_path: Path) -> str:
    file = tmp_path / "green.json"
    file.write_text(json.dumps(BALANCED_NEW))
    return str(file)


def told_to_codedeploy(codedeploy: FakeCodeDeploy) -> Any:
    [request] = codedeploy.requests
    assert request["revision"]["revisionType"] == "AppSpecContent"
    return json.loads(request["revision"]["appSpecContent"]["content"])


def a_spec(revision: str, **more: Any) -> dict[str, Any]:
    properties = {
        "TaskDefinition": revision,
        "LoadBalancerInfo": {"ContainerName": "app", "ContainerPort": 8080},
        **more,
    }
    target = {"Type": "AWS::ECS::Service", "Properties": properties}
    return {"version": 0.0, "Resources": [{"TargetService": target}]}


def test_under_codedeploy_a_deployment_of_it_is_made(green: str) -> None:
    ecs, codedeploy, said = under_codedeploy(), FakeCodeDeploy(), a_world()

    result = update("--taskdef", green, ecs=ecs, codedeploy=codedeploy, said=said)

    assert (ecs.registered, ecs.updates) == ([BALANCED_NEW], [])
    [request] = codedeploy.requests
    assert (request["applicationName"], request["deploymentGroupName"]) == (
        "AppECS-prod-web",
        "DgpECS-prod-web",
    )
    assert told_to_codedeploy(codedeploy) == a_spec(NEW)
    assert result == Result(
        lines=(CODE_ID,),
        data={
            "deployment": CODE_ID,
            "taskDefinition": NEW,
            "previousTaskDefinition": OLD,
            "registered": True,
            "changed": True,
        },
        dotenv={
            "ECSSTEP_DEPLOYMENT": CODE_ID,
            "ECSSTEP_TASKDEF_ARN": NEW,
            "ECSSTEP_PREVIOUS_TASKDEF_ARN": OLD,
        },
        links=by_label(service_links(a_steady_service().arn, CODE_ID)),
    )
    assert f"deployment created  service=web  deployment={CODE_ID}" in said.err.getvalue()


def test_a_count_goes_to_ecs_and_the_revision_to_codedeploy(green: str) -> None:
    ecs, codedeploy = under_codedeploy(), FakeCodeDeploy()

    update("--taskdef", green, "--desired-count", "3", ecs=ecs, codedeploy=codedeploy)

    assert ecs.updates == [{**WHERE, "desiredCount": 3}]
    assert told_to_codedeploy(codedeploy) == a_spec(NEW)


def test_a_count_alone_makes_no_deployment() -> None:
    ecs = under_codedeploy()

    result = update("--desired-count", "0", ecs=ecs)

    assert ecs.updates == [{**WHERE, "desiredCount": 0}]
    assert result.lines == ("ecs-svc/1",)


@pytest.mark.parametrize(
    ("argv", "revision"),
    [
        pytest.param(["--force-new-deployment"], OLD, id="force"),
        pytest.param(["--taskdef", "web:2"], NEW, id="a revision"),
        pytest.param(["--taskdef", "web:1", "--force-new-deployment"], OLD, id="forced revision"),
    ],
)
def test_a_registered_revision_is_deployed_by_codedeploy(argv: list[str], revision: str) -> None:
    ecs, codedeploy = under_codedeploy(), FakeCodeDeploy()

    update(*argv, ecs=ecs, codedeploy=codedeploy)

    assert (ecs.registered, ecs.updates) == ([], [])
    assert told_to_codedeploy(codedeploy) == a_spec(revision)


def test_what_an_appspec_would_otherwise_change_is_repeated(green: str) -> None:
    ecs = under_codedeploy(
        platform_version="1.4.0",
        capacity_providers=({"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0},),
    )
    codedeploy = FakeCodeDeploy()

    update("--taskdef", green, ecs=ecs, codedeploy=codedeploy)

    assert told_to_codedeploy(codedeploy) == a_spec(
        NEW,
        PlatformVersion="1.4.0",
        CapacityProviderStrategy=[{"CapacityProvider": "FARGATE_SPOT", "Weight": 1, "Base": 0}],
    )


def test_names_and_appspec_may_be_given(green: str, tmp_path: Path) -> None:
    file = tmp_path / "appspec.yaml"
    file.write_text(
        "version: 0.0\nresources:\n  - myService:\n      type: AWS::ECS::Service\n"
        "      properties:\n        taskDefinition: <TASK_DEFINITION>\n"
        "        loadBalancerInfo: {containerName: app, containerPort: '8080'}\n"
        "hooks:\n  - beforeInstall: check\n"
    )
    codedeploy = FakeCodeDeploy()

    update(
        *("--taskdef", green, "--appspec", str(file)),
        *("--codedeploy-application", "a", "--codedeploy-group", "g"),
        ecs=under_codedeploy(),
        codedeploy=codedeploy,
    )

    assert codedeploy.requests[0]["applicationName"] == "a"
    assert codedeploy.requests[0]["deploymentGroupName"] == "g"
    assert told_to_codedeploy(codedeploy) == {
        "version": 0.0,
        "resources": [
            {
                "myService": {
                    "type": "AWS::ECS::Service",
                    "properties": {
                        "taskDefinition": NEW,
                        "loadBalancerInfo": {"containerName": "app", "containerPort": "8080"},
                    },
                }
            }
        ],
        "hooks": [{"beforeInstall": "check"}],
    }


def test_a_revision_that_the_appspec_names_is_replaced_with_a_warning(
    green: str, tmp_path: Path
) -> None:
    file, said, codedeploy = tmp_path / "appspec.json", a_world(), FakeCodeDeploy()
    file.write_text(json.dumps(a_spec("arn:other:7")))

    update(
        "--taskdef", green, "--appspec", str(file),
        ecs=under_codedeploy(), codedeploy=codedeploy, said=said,
    )  # fmt: skip

    assert told_to_codedeploy(codedeploy) == a_spec(NEW)
    assert "the AppSpec names another revision, which is replaced" in said.err.getvalue()


@pytest.mark.parametrize(
    ("sets", "revision"),
    [
        pytest.param((BLUE, GREEN), NEW, id="under way"),
        pytest.param((GREEN.replaced(status="PRIMARY"),), NEW, id="after it"),
    ],
)
def test_a_rerun_under_codedeploy_gives_the_same_deployment(
    green: str, sets: tuple[TaskSet, ...], revision: str
) -> None:
    ecs = under_codedeploy(task_sets=sets)

    result = update("--taskdef", green, ecs=ecs)

    assert (ecs.registered, ecs.updates) == ([], [])
    assert (result.lines, result.data["taskDefinition"]) == ((CODE_ID,), revision)
    assert result.data["changed"] is False


def test_a_dry_run_shows_the_deployment_that_codedeploy_would_get(green: str) -> None:
    ecs, codedeploy = under_codedeploy(), FakeCodeDeploy()

    result = update("--taskdef", green, "--dry-run", ecs=ecs, codedeploy=codedeploy)

    assert (ecs.registered, codedeploy.requests) == ([], [])
    assert list(result.data["requests"]) == ["RegisterTaskDefinition", "CreateDeployment"]
    content = result.data["requests"]["CreateDeployment"]["revision"]["appSpecContent"]["content"]
    assert json.loads(content) == a_spec("web:(the new revision)")


@pytest.mark.parametrize(
    ("argv", "changes", "groups", "said"),
    [
        pytest.param(
            ["--circuit-breaker", "on"],
            {},
            (),
            "service 'web' in cluster 'prod' is deployed by CodeDeploy: --circuit-breaker is for",
            id="circuit breaker",
        ),
        pytest.param(
            [],
            {"load_balancers": ()},
            (("prod", "web"),),
            "can't make an AppSpec for service 'web': the service has no load balancer",
            id="no load balancer",
        ),
        pytest.param(
            [],
            {"load_balancers": (BALANCER, {**BALANCER, "containerPort": 9090})},
            (("prod", "web"),),
            "the service has several container ports behind load balancers: 'app:8080' and",
            id="several ports",
        ),
        pytest.param(
            [],
            {"load_balancers": ({**BALANCER, "containerName": "gone"},)},
            (("prod", "web"),),
            "the traffic goes to container 'gone', which is not in the task definition; it has",
            id="a container that is gone",
        ),
        pytest.param(
            [],
            {"load_balancers": ({**BALANCER, "containerPort": 80},)},
            (("prod", "web"),),
            "the traffic goes to port 80 of container 'app', which opens '8080'",
            id="a port that is gone",
        ),
        pytest.param(
            [],
            {},
            (("prod", "other"),),
            "deployment group 'DgpECS-prod-web' of application 'AppECS-prod-web' is for "
            "'prod/other', not for 'prod/web'",
            id="another service's group",
        ),
        pytest.param(
            [],
            {},
            StepError("No application found", exit=Exit.USAGE),
            "No application found",
            id="no application",
        ),
    ],
)
def test_what_codedeploy_would_refuse_is_told_before_anything_is_registered(
    green: str, argv: list[str], changes: dict[str, Any], groups: Any, said: str
) -> None:
    ecs, codedeploy = under_codedeploy(**changes), FakeCodeDeploy(groups)

    with pytest.raises(StepError) as caught:
        update("--taskdef", green, *argv, ecs=ecs, codedeploy=codedeploy)

    assert said in caught.value.message
    assert caught.value.exit is Exit.USAGE
    assert (ecs.registered, ecs.updates, codedeploy.requests) == ([], [], [])


def test_a_group_that_may_not_be_read_is_warned_of(green: str) -> None:
    codedeploy, said = FakeCodeDeploy(DENIED), a_world()

    update("--taskdef", green, ecs=under_codedeploy(), codedeploy=codedeploy, said=said)

    assert len(codedeploy.requests) == 1
    assert DENIED.hint in said.err.getvalue()


def test_a_broken_appspec_is_told_with_its_faults(green: str, tmp_path: Path) -> None:
    file = tmp_path / "appspec.json"
    file.write_text('{"Resources": [{"s": {"Type": "AWS::Lambda::Function", "Properties": {}}}]}')
    ecs = under_codedeploy()

    with pytest.raises(StepError) as caught:
        update("--taskdef", green, "--appspec", str(file), ecs=ecs)

    assert (caught.value.message, caught.value.why) == (
        f"'{file}' is no AppSpec for an ECS service",
        (
            "Type must be AWS::ECS::Service, not AWS::Lambda::Function",
            "LoadBalancerInfo must have a ContainerName and a ContainerPort",
        ),
    )
    assert ecs.asked == []


def test_what_is_for_codedeploy_is_not_silently_left_unused(new: str) -> None:
    said = a_world()

    update("--taskdef", new, "--codedeploy-group", "g", ecs=fake(), said=said)

    assert "what was said for CodeDeploy is not used" in said.err.getvalue()


# The difference that is shown


def test_what_ecs_fills_in_is_no_noise_in_the_difference(new: str) -> None:
    said = a_world()

    update("--taskdef", new, ecs=fake(revisions={OLD: a_revision(FILLED_IN)}), said=said)

    assert said.err.getvalue().splitlines()[:3] == [
        f"step: a new revision is needed  since={OLD}",
        'step: ~ containerDefinitions[app].image: "app:1" → "app:2"',
        f"step: revision registered  revision={NEW}",
    ]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_wide_terminal_old_and_new_stand_side_by_side(new: str) -> None:
    said = a_world({"COLUMNS": "90"})

    update(
        "--taskdef", new, ecs=fake(),
        said=replace(said, world=said.world.replaced(stderr=Terminal())),
    )  # fmt: skip

    assert said.err.getvalue().splitlines()[2].split() == ["step:", "container", "app", "│", "│"]


def test_a_dry_run_shows_what_another_revision_changes() -> None:
    ecs, said = fake(revisions={OLD: a_revision(A_DEFINITION), "web:2": a_revision(
        CHANGED, arn=NEW)}), a_world()  # fmt: skip

    result = update("--taskdef", "web:2", "--dry-run", ecs=ecs, said=said)

    assert result.data["requests"] == {"UpdateService": {**WHERE, "taskDefinition": NEW}}
    assert said.err.getvalue().splitlines() == [
        f"step: another revision is asked for  since={OLD}",
        'step: ~ containerDefinitions[app].image: "app:1" → "app:2"',
    ]


def test_a_host_that_only_looks_like_ecrs_is_warned_of(tmp_path: Path) -> None:
    file, said = tmp_path / "odd.json", a_world()
    odd = {"name": "app", "image": "1234.dkr.ecr.us-east-1.amazonaws.com/app:1", "memory": 1}
    file.write_text(json.dumps({"family": "web", "containerDefinitions": [odd]}))

    update("--taskdef", str(file), ecs=fake(), said=said)

    assert "looks like ECR's and is not: an account's id has 12 digits" in said.err.getvalue()
