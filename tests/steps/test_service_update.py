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
    _next,
    a_deployment,
    a_revision,
    a_service,
    a_steady_service,
    at,
    the_old_one,
)
from ecsstep.aws.codedeploy import GroupBusyError
from ecsstep.aws.ecs import FamilyBusyError
from ecsstep.aws.models import input_shape, task_definition_model
from ecsstep.core.arguments import parse
from ecsstep.core.output import Result
from ecsstep.errors import Exit, StepError
from ecsstep.rules.codedeploy import CodeDeployment, DeploymentGroup
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
LAST = "d-LAST00001"
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
    """Begins every deployment that it is asked for.

    Attributes:
        groups: The services that the deployment group is for; an error is raised.
        last: The newest deployments of the group at one look after the other; an error is raised.
        refusals: What the next requests to begin one end with.
        requests: What was asked for.
    """

    groups: Any = (("prod", "web"),)
    last: list[Any] = field(default_factory=lambda: [None])
    refusals: list[StepError] = field(default_factory=list)
    requests: list[Mapping[str, Any]] = field(default_factory=list)

    def group(self, application: str, group: str) -> DeploymentGroup:
        if isinstance(self.groups, StepError):
            raise self.groups
        return DeploymentGroup(services=self.groups, last=LAST if self.last[0] else "")

    def deployment(self, deployment: str) -> CodeDeployment | None:
        assert deployment == LAST
        found: CodeDeployment | None = _next(self.last)
        return found

    def create_deployment(self, request: Mapping[str, Any]) -> str:
        self.requests.append(request)
        if self.refusals:
            raise self.refusals.pop(0)
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
        withdrawn={"ECSSTEP_PREVIOUS_TASKDEF_ARN": NEW},
        links=by_label(service_links(a_steady_service().arn, OUR_ID)),
        begun=f"the deployment has begun: {OUR_ID}",
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
    assert result.withdrawn == {"ECSSTEP_PREVIOUS_TASKDEF_ARN": OLD}
    assert said.err.getvalue().splitlines() == [
        f"step: nothing to change  service=web  revision={OLD}",
        "step: 'app:1' is named by a tag: an image pushed under it since would not run",
        "step: hint: pin it by digest (image-push hands it on), or give --force-new-deployment",
    ]


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param([], id="nothing"),
        pytest.param(["--no-force-new-deployment"], id="no force"),
        pytest.param(["--codedeploy-group", "g"], id="a name alone"),
    ],
)
def test_nothing_asked_is_a_mistake_as_a_lost_dotenv_file_would_be_green(argv: list[str]) -> None:
    where = ("--cluster", "prod", "--service", "web")

    ended = invoke(main, *where, *argv, environ={"ECSSTEP_RENDERED": ""})

    assert (ended.code, ended.out) == (Exit.USAGE, "")
    assert "nothing is asked of the service: give --taskdef or ECSSTEP_RENDERED" in ended.err


def test_parameters_that_hold_nothing_ask_for_nothing(tmp_path: Path) -> None:
    file, ecs = tmp_path / "p.json", fake()
    file.write_text("{}")

    with pytest.raises(StepError, match="nothing is asked of the service") as caught:
        update("--parameters", str(file), ecs=ecs)

    assert (caught.value.exit, ecs.asked) == (Exit.USAGE, [])


def test_what_has_an_image_by_digest_needs_no_word_about_tags(tmp_path: Path) -> None:
    pinned = {"name": "app", "image": f"app@sha256:{'0' * 64}", "memory": 128}
    definition = {"family": "web", "containerDefinitions": [pinned]}
    (tmp_path / "f.json").write_text(json.dumps(definition))
    said = a_world()

    update("--taskdef", str(tmp_path / "f.json"), said=said,
           ecs=fake(revisions={OLD: a_revision(definition)}))  # fmt: skip

    assert said.err.getvalue() == f"step: nothing to change  service=web  revision={OLD}\n"


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
    # The same line once more would bring the broken one back.
    assert "ECSSTEP_PREVIOUS_TASKDEF_ARN" not in result.dotenv


# Run again


def test_what_an_earlier_run_has_registered_is_not_registered_again(new: str) -> None:
    registered = a_revision(CHANGED, arn=NEW)
    ecs, said = fake(revisions={OLD: a_revision(A_DEFINITION), "web": registered}), a_world()

    result = update("--taskdef", new, ecs=ecs, said=said)

    assert (ecs.registered, ecs.updates) == ([], [{**WHERE, "taskDefinition": NEW}])
    assert (result.data["registered"], result.lines) == (False, (OUR_ID,))
    assert (
        f"the definition is registered already  revision={NEW}  since={OLD}" in said.err.getvalue()
    )


@pytest.mark.parametrize(
    "newest",
    [
        pytest.param(DENIED, id="may not be read"),
        pytest.param(StepError("Unable to describe", exit=Exit.USAGE), id="none"),
        pytest.param(a_revision(CHANGED, arn=NEW, status="INACTIVE"), id="inactive"),
        pytest.param(a_revision({**CHANGED, "cpu": "512"}, arn=NEW), id="another one"),
    ],
)
def test_where_the_newest_of_the_family_will_not_do_it_is_registered(new: str, newest: Any) -> None:
    ecs = fake(revisions={OLD: a_revision(A_DEFINITION), "web": newest})

    update("--taskdef", new, ecs=ecs)

    assert ecs.registered == [CHANGED]


def test_a_look_at_the_family_that_fails_for_now_is_temporary(new: str) -> None:
    ecs = fake(revisions={OLD: a_revision(A_DEFINITION), "web": THROTTLED})

    with pytest.raises(StepError) as caught:
        update("--taskdef", new, ecs=ecs)

    assert (caught.value, ecs.registered) == (THROTTLED, [])


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        pytest.param(
            DENIED, f"{DENIED.hint}; revision {NEW} is registered: run the step again", id="hint"
        ),
        pytest.param(
            StepError("no", exit=Exit.USAGE), f"revision {NEW} is registered", id="no hint"
        ),
    ],
)
def test_what_fails_after_the_registration_says_that_it_is_done(
    new: str, error: StepError, hint: str
) -> None:
    def refuse(_: Mapping[str, Any]) -> Service:
        raise error

    with pytest.raises(StepError) as caught:
        update("--taskdef", new, ecs=fake(after=refuse))

    assert (caught.value.message, caught.value.exit) == (error.message, error.exit)
    assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(
            "FAILED", [{**WHERE, "taskDefinition": NEW, "forceNewDeployment": True}], id="failed"
        ),
        pytest.param("IN_PROGRESS", [], id="under way"),
        pytest.param("COMPLETED", [], id="completed"),
    ],
)
@pytest.mark.parametrize("by_file", [True, False], ids=["file", "revision"])
def test_a_revision_whose_deployment_has_failed_is_begun_again(
    new: str, state: str, expected: list[Any], by_file: bool
) -> None:
    said, ecs = a_world(), fake(services=[a_service(a_deployment(state=state), the_old_one())])

    update("--taskdef", new if by_file else NEW, ecs=ecs, said=said)

    assert (ecs.registered, ecs.updates) == ([], expected)
    told = f"the last deployment of this revision failed, so it is begun again  deployment={OUR_ID}"
    assert (told in said.err.getvalue()) is bool(expected)


def test_without_a_revision_asked_for_a_failed_deployment_is_left_alone() -> None:
    failed = a_service(a_deployment(state="FAILED"), the_old_one())
    ecs = fake(services=[failed], after=lambda _: failed)

    update("--desired-count", "3", ecs=ecs)

    assert ecs.updates == [{**WHERE, "desiredCount": 3}]


def test_what_runs_and_was_deregistered_is_registered_again(same: str) -> None:
    ecs = fake(revisions={OLD: a_revision(A_DEFINITION, status="INACTIVE")})

    update("--taskdef", same, "--force-new-deployment", ecs=ecs)

    assert ecs.registered == [A_DEFINITION]
    assert ecs.updates == [{**WHERE, "taskDefinition": NEW, "forceNewDeployment": True}]


def test_another_familys_definition_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text(json.dumps({**CHANGED, "family": "shop"}))
    said = a_world()

    update("--taskdef", str(tmp_path / "f.json"), ecs=fake(), said=said)

    assert "warning: the service runs family 'web', and is asked to run 'shop'" in (
        said.err.getvalue()
    )


def test_a_field_of_what_runs_that_is_not_known_is_warned_of(same: str) -> None:
    said = a_world()
    ecs = fake(revisions={OLD: a_revision({**A_DEFINITION, "newField": 1})})

    update("--taskdef", same, ecs=ecs, said=said)

    assert f"warning: 'newField' in '{OLD}' is newer than this version knows, so it is not in" in (
        said.err.getvalue()
    )


def test_a_family_that_somebody_else_registers_at_this_moment_is_tried_again(new: str) -> None:
    said, ecs = a_world(), busy_family(4)

    update("--taskdef", new, ecs=ecs, said=said)

    assert (ecs.registered, said.clock.slept) == ([CHANGED], [1, 2, 4, 8])


def test_but_not_for_ever(new: str) -> None:
    ecs = busy_family(5)

    with pytest.raises(StepError, match="Too many concurrent attempts") as caught:
        update("--taskdef", new, ecs=ecs)

    assert (caught.value.exit, ecs.registered, ecs.updates) == (Exit.TEMPORARY, [], [])


@dataclass
class BusyFamily(FakeEcs):
    """An ECS in which somebody else registers the same family for so many attempts."""

    left: int = 0

    def register(self, definition: Mapping[str, Any]) -> str:
        if self.left:
            self.left -= 1
            raise FamilyBusyError("Too many concurrent attempts", exit=Exit.TEMPORARY)
        return super().register(definition)


def busy_family(attempts: int) -> BusyFamily:
    revisions = {OLD: a_revision(A_DEFINITION)}
    return BusyFamily(services=[a_steady_service()], revisions=revisions, left=attempts)


# What is shown


def test_a_dry_run_hides_what_looks_secret_and_says_so(tmp_path: Path) -> None:
    variables = [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "LEVEL", "value": "info"}]
    app = {**CHANGED["containerDefinitions"][0], "environment": variables}
    (tmp_path / "f.json").write_text(json.dumps({**CHANGED, "containerDefinitions": [app]}))
    said = a_world()

    result = update("--taskdef", str(tmp_path / "f.json"), "--dry-run", ecs=fake(), said=said)

    told = "\n".join(result.lines) + json.dumps(result.data) + said.err.getvalue()
    assert "hunter2" not in told
    assert '"value": "(hidden: it looks secret)"' in "\n".join(result.lines)
    assert '"value": "info"' in "\n".join(result.lines)
    assert "values that look secret are hidden here; what is sent has them" in said.err.getvalue()


def test_a_broken_file_is_told_without_its_lines(tmp_path: Path) -> None:
    (tmp_path / "f.json").write_text('{"a": 1,\n "DB_PASSWORD" "hunter2"}')

    with pytest.raises(StepError) as caught:
        update("--taskdef", str(tmp_path / "f.json"), ecs=fake())

    assert "hunter2" not in " ".join((caught.value.message, *caught.value.why))


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("--parameters", "desiredCount: 012", "desiredCount is 012, which YAML reads as 10"),
        ("--parameters", "healthCheckGracePeriodSeconds: 1:30", "is 1:30, which YAML reads as 90"),
        (
            "--parameters",
            "deploymentConfiguration: {strategy: CANARRY}",
            "strategy is 'CANARRY', which the API doesn't know; it knows 'ROLLING', 'BLUE_GREEN', ",
        ),
        (
            "--appspec",
            "Resources: [{T: {Properties: {LoadBalancerInfo: {ContainerPort: 0100}}}}]",
            "ContainerPort is 0100, which YAML reads as 64",
        ),
    ],
)
def test_what_yaml_or_a_slip_would_change_in_silence_is_a_mistake(
    tmp_path: Path, option: str, text: str, said: str
) -> None:
    file, ecs = tmp_path / "f.yaml", fake()
    file.write_text(text)

    with pytest.raises(StepError) as caught:
        update(option, str(file), ecs=ecs)

    assert said in " ".join((caught.value.message, *caught.value.why))
    assert (caught.value.exit, ecs.asked) == (Exit.USAGE, [])
    assert caught.value.hint


def test_an_empty_stdin_points_at_the_command_before() -> None:
    with pytest.raises(StepError, match="'stdin' is empty") as caught:
        update("--taskdef", "-", ecs=fake())

    assert caught.value.hint == "the command before in the pipe has failed, or wrote nothing"


def test_percentages_that_leave_no_room_are_a_mistake_also_with_the_services_own() -> None:
    ecs = fake(services=[a_steady_service(configuration={"maximumPercent": 100})])

    with pytest.raises(StepError, match="100 leaves no room below maximumPercent 100") as caught:
        update("--minimum-healthy", "100", ecs=ecs)

    assert (caught.value.exit, ecs.updates) == (Exit.USAGE, [])


def test_a_word_that_only_aws_knows_is_for_aws_to_judge(tmp_path: Path) -> None:
    ecs, newer = fake(), {**CHANGED, "networkMode": "newer"}
    (tmp_path / "f.json").write_text(json.dumps(newer))

    update("--taskdef", str(tmp_path / "f.json"), ecs=ecs)

    assert ecs.registered == [newer]


@pytest.mark.parametrize("image", ["${IMG}", "", "<IMAGE1_NAME>"])
def test_an_image_that_nothing_can_be_pulled_by_is_a_mistake(tmp_path: Path, image: str) -> None:
    app = {"name": "app", "image": image, "memory": 128}
    (tmp_path / "f.json").write_text(json.dumps({**CHANGED, "containerDefinitions": [app]}))
    ecs = fake()

    with pytest.raises(StepError, match="is no task definition to register") as caught:
        update("--taskdef", str(tmp_path / "f.json"), ecs=ecs)

    assert (caught.value.exit, ecs.asked) == (Exit.USAGE, [])


def test_a_forced_deployment_by_the_file_is_codedeploys_there() -> None:
    codedeploy, said = FakeCodeDeploy(), a_world(stdin='{"forceNewDeployment": true}')

    update("--parameters", "-", ecs=under_codedeploy(), codedeploy=codedeploy, said=said)

    assert told_to_codedeploy(codedeploy) == a_spec(OLD)


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


@pytest.mark.parametrize(
    "argv",
    [
        pytest.param(["--taskdef", "web:2"], id="a revision"),
        pytest.param(["--force-new-deployment"], id="force"),
        pytest.param(["--parameters", "-"], id="a member that begins a deployment"),
    ],
)
def test_the_images_are_looked_up_for_each_deployment(argv: list[str]) -> None:
    ecs = fake(revisions={"web:2": a_revision(IN_ECR, arn=NEW), OLD: a_revision(IN_ECR)})
    gone = FakeRegistry({APP: False, PROXY: True})
    stdin = '{"platformVersion": "1.4.0"}'

    with pytest.raises(StepError, match="is not in ECR"):
        update(*argv, ecs=ecs, registry=gone, said=a_world(stdin=stdin))
    update(*argv, "--allow-missing-images", ecs=ecs, registry=gone, said=a_world(stdin=stdin))

    assert len(ecs.updates) == 1


def test_no_image_is_looked_up_where_nothing_is_started() -> None:
    ecs = fake(revisions={})

    update("--desired-count", "3", ecs=ecs)

    assert ecs.updates == [{**WHERE, "desiredCount": 3}]


def test_a_definition_that_may_not_be_read_is_warned_of_before_a_forced_deployment() -> None:
    ecs, said = fake(revisions={OLD: DENIED}), a_world()

    update("--force-new-deployment", ecs=ecs, said=said)

    assert len(ecs.updates) == 1
    assert DENIED.hint in said.err.getvalue()


def test_or_tells_that_it_cannot_be_read_for_now() -> None:
    ecs = fake(revisions={OLD: THROTTLED})

    with pytest.raises(StepError) as caught:
        update("--force-new-deployment", ecs=ecs)

    assert (caught.value, ecs.updates) == (THROTTLED, [])


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
        withdrawn={"ECSSTEP_PREVIOUS_TASKDEF_ARN": NEW},
        links=by_label(service_links(a_steady_service().arn, CODE_ID)),
        begun=f"the deployment has begun: {CODE_ID}",
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


def test_a_rerun_after_codedeploys_deployment_gives_the_same_one(green: str) -> None:
    ecs = under_codedeploy(task_sets=(GREEN.replaced(status="PRIMARY"),))

    result = update("--taskdef", green, ecs=ecs)

    assert (ecs.registered, ecs.updates) == ([], [])
    assert (result.lines, result.data["taskDefinition"]) == ((CODE_ID,), NEW)
    assert result.data["changed"] is False


def a_last(status: str, revision: str = NEW, **more: Any) -> CodeDeployment:
    """Return CodeDeploy's newest deployment, begun with our AppSpec for a revision."""
    spec = json.dumps(a_spec(revision, **more))
    return CodeDeployment(id=LAST, status=status, appspec=spec)


OPEN = ("Created", "Queued", "InProgress", "Baking", "Ready")


@pytest.mark.parametrize("status", OPEN)
@pytest.mark.parametrize("sets", [(BLUE,), (BLUE, GREEN)], ids=["no task set yet", "task set"])
def test_a_rerun_during_codedeploys_deployment_gives_that_one(
    green: str, status: str, sets: tuple[TaskSet, ...]
) -> None:
    ecs, codedeploy = under_codedeploy(task_sets=sets), FakeCodeDeploy(last=[a_last(status)])

    result = update("--taskdef", green, ecs=ecs, codedeploy=codedeploy)

    assert (ecs.registered, ecs.updates, codedeploy.requests) == ([], [], [])
    assert (result.lines, result.data["taskDefinition"]) == ((LAST,), NEW)
    assert (result.data["changed"], result.dotenv["ECSSTEP_PREVIOUS_TASKDEF_ARN"]) == (False, OLD)


def test_a_forced_deployment_waits_for_the_end_of_what_is_under_way(green: str) -> None:
    ecs, codedeploy = under_codedeploy(), FakeCodeDeploy(last=[a_last("InProgress")])

    with pytest.raises(StepError, match="is under way") as caught:
        update("--taskdef", green, "--force-new-deployment", ecs=ecs, codedeploy=codedeploy)

    assert (caught.value.exit, codedeploy.requests) == (Exit.TEMPORARY, [])


def test_a_last_deployment_whose_revision_is_gone_does_not_block_the_next(green: str) -> None:
    gone = a_last("Succeeded", "arn:aws:ecs:eu-central-1:111122223333:task-definition/gone:1")
    ecs, codedeploy = under_codedeploy(), FakeCodeDeploy(last=[gone])

    result = update("--taskdef", green, ecs=ecs, codedeploy=codedeploy)

    assert (result.lines, len(codedeploy.requests)) == ((CODE_ID,), 1)


def test_a_last_deployment_whose_revision_cannot_be_read_for_now_is_temporary(green: str) -> None:
    ecs, codedeploy = under_codedeploy(), FakeCodeDeploy(last=[a_last("Succeeded", "busy:1")])
    ecs.revisions = {**ecs.revisions, "busy:1": THROTTLED}

    with pytest.raises(StepError) as caught:
        update("--taskdef", green, ecs=ecs, codedeploy=codedeploy)

    assert (caught.value, codedeploy.requests) == (THROTTLED, [])


def test_a_look_at_codedeploy_that_fails_for_now_is_temporary(green: str) -> None:
    ecs, codedeploy = under_codedeploy(), FakeCodeDeploy(last=[THROTTLED])

    with pytest.raises(StepError) as caught:
        update("--taskdef", green, ecs=ecs, codedeploy=codedeploy)

    assert (caught.value, ecs.registered) == (THROTTLED, [])


def test_and_still_sends_what_else_was_asked(green: str) -> None:
    ecs, codedeploy = under_codedeploy(), FakeCodeDeploy(last=[a_last("InProgress")])

    result = update("--taskdef", green, "--desired-count", "3", ecs=ecs, codedeploy=codedeploy)

    assert (ecs.registered, ecs.updates) == ([], [{**WHERE, "desiredCount": 3}])
    assert (result.lines, codedeploy.requests) == ((LAST,), [])


@pytest.mark.parametrize(
    "last",
    [
        pytest.param(a_last("InProgress", OLD), id="another revision"),
        pytest.param(CodeDeployment(id=LAST, status="InProgress"), id="a rollback tells none"),
        pytest.param(
            CodeDeployment(id=LAST, status="InProgress", appspec="{}"), id="no proper AppSpec"
        ),
    ],
)
@pytest.mark.parametrize("by_file", [True, False], ids=["file", "revision"])
def test_anothers_deployment_is_told_before_anything_is_registered(
    green: str, last: CodeDeployment, by_file: bool
) -> None:
    ecs, codedeploy = under_codedeploy(), FakeCodeDeploy(last=[last])

    with pytest.raises(StepError, match=f"is under way: '{LAST}' is InProgress") as caught:
        update("--taskdef", green if by_file else "web:2", ecs=ecs, codedeploy=codedeploy)

    assert caught.value.exit is Exit.TEMPORARY
    assert f"aws deploy stop-deployment --deployment-id {LAST}" in caught.value.hint
    assert (ecs.registered, codedeploy.requests) == ([], [])


BUSY = GroupBusyError("already has an active Deployment", exit=Exit.TEMPORARY, hint="wait")


def test_a_deployment_whose_answer_was_lost_is_found_again(green: str) -> None:
    ecs = under_codedeploy()
    codedeploy = FakeCodeDeploy(last=[a_last("Succeeded", OLD), a_last("Created")], refusals=[BUSY])

    result = update("--taskdef", "web:2", ecs=ecs, codedeploy=codedeploy)

    assert (result.lines, result.data["changed"]) == ((LAST,), True)


@pytest.mark.parametrize(
    "then",
    [a_last("InProgress", OLD), a_last("Succeeded"), DENIED],
    ids=["another one", "over meanwhile", "may not be read"],
)
def test_a_group_that_is_busy_with_anothers_is_temporary(green: str, then: Any) -> None:
    codedeploy = FakeCodeDeploy(last=[a_last("Succeeded", OLD), then], refusals=[BUSY])

    with pytest.raises(StepError) as caught:
        update("--taskdef", green, ecs=under_codedeploy(), codedeploy=codedeploy)

    assert (caught.value.exit, caught.value.message) == (Exit.TEMPORARY, BUSY.message)


@pytest.mark.parametrize("status", ["Failed", "Stopped"])
def test_a_deployment_of_codedeploy_that_ended_badly_is_begun_again(
    green: str, status: str
) -> None:
    ecs = under_codedeploy(task_sets=(BLUE, GREEN))
    codedeploy, said = FakeCodeDeploy(last=[a_last(status)]), a_world()

    result = update("--taskdef", green, ecs=ecs, codedeploy=codedeploy, said=said)

    assert (ecs.registered, result.lines) == ([], (CODE_ID,))
    assert told_to_codedeploy(codedeploy) == a_spec(NEW)
    assert f"ended badly, so it is begun again  deployment={LAST}" in said.err.getvalue()


@pytest.mark.parametrize("last", [DENIED, a_last("Failed", OLD)], ids=["hidden", "another"])
def test_what_is_on_its_way_and_nobody_calls_failed_is_left_alone(green: str, last: Any) -> None:
    ecs, codedeploy = under_codedeploy(task_sets=(BLUE, GREEN)), FakeCodeDeploy(last=[last])

    result = update("--taskdef", green, ecs=ecs, codedeploy=codedeploy)

    assert (result.lines, codedeploy.requests) == ((CODE_ID,), [])


@pytest.fixture
def spec(tmp_path: Path) -> str:
    file = tmp_path / "spec.json"
    file.write_text(json.dumps(a_spec("<TASK_DEFINITION>", PlatformVersion="1.3.0")))
    return str(file)


def test_an_appspec_asks_for_a_deployment_though_the_definition_is_equal(spec: str) -> None:
    codedeploy = FakeCodeDeploy(last=[a_last("Succeeded", OLD)])

    update("--appspec", spec, "--taskdef", "web:1", ecs=under_codedeploy(), codedeploy=codedeploy)

    assert told_to_codedeploy(codedeploy) == a_spec(OLD, PlatformVersion="1.3.0")


@pytest.mark.parametrize("argv", [[], ["--force-new-deployment"]], ids=["again", "forced"])
def test_but_not_for_the_one_that_was_made_with_it_unless_forced(
    spec: str, argv: list[str]
) -> None:
    done = a_last("Succeeded", OLD, PlatformVersion="1.3.0")
    codedeploy = FakeCodeDeploy(last=[done])

    result = update("--appspec", spec, *argv, ecs=under_codedeploy(), codedeploy=codedeploy)

    assert (result.lines, len(codedeploy.requests)) == (((CODE_ID,), 1) if argv else ((LAST,), 0))


def test_a_deployment_under_way_with_another_appspec_is_anothers(green: str, spec: str) -> None:
    codedeploy = FakeCodeDeploy(last=[a_last("InProgress")])

    with pytest.raises(StepError, match="is under way"):
        update("--taskdef", green, "--appspec", spec, ecs=under_codedeploy(),
               codedeploy=codedeploy)  # fmt: skip


def test_an_appspec_for_a_container_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "s.json"
    file.write_text(json.dumps(a_spec("<X>")).replace('"app"', '"nope"'))

    with pytest.raises(StepError, match="container 'nope', which is not in the task definition"):
        update("--taskdef", "web:1", "--appspec", str(file), ecs=under_codedeploy(),
               codedeploy=FakeCodeDeploy())  # fmt: skip


def test_an_appspec_alone_is_a_mistake_where_ecs_itself_deploys(spec: str) -> None:
    ecs = fake()

    with pytest.raises(StepError, match="so an AppSpec changes nothing") as caught:
        update("--appspec", spec, ecs=ecs)

    assert (caught.value.exit, ecs.updates) == (Exit.USAGE, [])


def test_codedeploys_names_are_checked_though_nothing_is_to_be_deployed() -> None:
    codedeploy = FakeCodeDeploy(StepError("No application found for name: nope", exit=Exit.USAGE))

    with pytest.raises(StepError, match="No application found"):
        update("--taskdef", "web:1", "--codedeploy-application", "nope",
               ecs=under_codedeploy(), codedeploy=codedeploy)  # fmt: skip


def test_what_ecs_has_done_is_told_before_codedeploy_refuses(green: str) -> None:
    said = a_world()
    codedeploy = FakeCodeDeploy(refusals=[StepError("no", exit=Exit.USAGE)])

    with pytest.raises(StepError):
        update("--taskdef", green, "--desired-count", "3", ecs=under_codedeploy(),
               codedeploy=codedeploy, said=said)  # fmt: skip

    assert "service updated  service=web" in said.err.getvalue()


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


def test_files_that_are_not_there_are_told_beside_the_other_mistakes(tmp_path: Path) -> None:
    gone, there = str(tmp_path / "gone.json"), tmp_path / "there.json"
    there.write_text("{}")

    ended = invoke(
        main, "--cluster", "c", "--taskdef", gone, "--parameters", str(there), "--appspec", "-",
        "--desired-count", "-1",
    )  # fmt: skip

    assert ended.code == Exit.USAGE
    assert "--service is missing" in ended.err
    assert "'-1' is not a whole number of zero or more" in ended.err
    assert f"can't read '{gone}': no such file or directory" in ended.err
    assert str(there) not in ended.err


def test_a_revision_is_no_file_that_is_not_there() -> None:
    ended = invoke(main, "--cluster", "c", "--taskdef", "web:1", "--desired-count", "x")

    assert "can't read" not in ended.err
