"""The definition to register: the source with the asked changes and nothing else."""

import copy
import json
from collections.abc import Mapping
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from ecs_fakes import A_DEFINITION, data
from ecs_strategies import MODEL, definitions
from ecsstep.rules.changes import Changes, Setting
from ecsstep.rules.taskdef import Faulty, Rendered, Source, as_source, images_of, render

READ_ONLY: dict[str, Any] = {
    "taskDefinitionArn": "arn",
    "revision": 3,
    "status": "ACTIVE",
    "requiresAttributes": [{"name": "x"}],
    "compatibilities": ["EC2"],
    "registeredAt": "2026-01-01",
    "deregisteredAt": None,
    "registeredBy": "me",
    "deleteRequestedAt": None,
}
REQUEST = (
    ServiceModel(Loader().load_service_model("ecs", "service-2"), "ecs")
    .operation_model("RegisterTaskDefinition")
    .input_shape
)


def rendered(
    definition: Mapping[str, Any],
    *,
    is_answer: bool = False,
    allow_unknown: bool = False,
    **asked: Any,
) -> Rendered:
    source = Source(name="f.json", definition=definition, is_answer=is_answer)
    result = render(source, Changes(**asked), MODEL, allow_unknown=allow_unknown)
    assert isinstance(result, Rendered), result
    return result


def refused(definition: Any, *, is_answer: bool = False, **asked: Any) -> Faulty:
    source = Source(name="f.json", definition=definition, is_answer=is_answer)
    result = render(source, Changes(**asked), MODEL)
    assert isinstance(result, Faulty), result
    return result


@pytest.mark.parametrize("name", ["fargate", "ec2"])
def test_an_answer_of_aws_is_rendered_whole_and_in_order(name: str) -> None:
    source = as_source("f.json", data(f"{name}.describe.json"))
    assert isinstance(source, Source)

    result = render(source, Changes(), MODEL)

    assert isinstance(result, Rendered)
    assert json.dumps(result.definition) == json.dumps(data(f"{name}.render.json"))
    assert result.warnings == ()


@settings(deadline=None)
@given(definitions())
def test_what_is_not_asked_to_change_does_not(definition: dict[str, Any]) -> None:
    before = copy.deepcopy(definition)

    result = rendered(definition)

    assert json.dumps(result.definition) == json.dumps(before)
    assert definition == before


@settings(deadline=None)
@given(definitions())
def test_read_only_fields_and_nulls_go_from_an_answer(definition: dict[str, Any]) -> None:
    with_nulls = {
        **READ_ONLY,
        **definition,
        "containerDefinitions": [
            {"user": None, **each, "name": each["name"]} | {"links": each.get("links")}
            for each in definition["containerDefinitions"]
        ],
    }

    result = rendered(with_nulls, is_answer=True)

    assert result.definition == definition
    assert "null" not in json.dumps(result.definition)


@settings(deadline=None)
@given(definitions(), st.sampled_from(["app:2", "h.io/app:2"]))
def test_rendering_is_idempotent_and_what_it_prints_passes_botocore(
    definition: dict[str, Any], image: str
) -> None:
    asked: dict[str, Any] = {
        "images": (Setting(container="app", value=image),),
        "environment": (Setting(container="app", name="X", value=""),),
        "unset": (Setting(container="app", name="DB"),),
    }

    once = rendered(definition, **asked).definition
    again = rendered(once, **asked).definition

    assert json.dumps(again) == json.dumps(once)
    assert REQUEST is not None
    assert ParamValidator().validate(once, REQUEST).generate_report() == ""


@settings(deadline=None)
@given(definitions())
def test_an_image_changes_one_value(definition: dict[str, Any]) -> None:
    expected = copy.deepcopy(definition)
    expected["containerDefinitions"][0]["image"] = "new:1"

    result = rendered(definition, images=(Setting(container="app", value="new:1"),))

    assert result.definition == expected


def test_numbers_at_the_top_become_text_where_the_api_wants_text() -> None:
    definition = {**A_DEFINITION, "cpu": 256, "memory": 0.5, "enableFaultInjection": False}

    assert rendered(definition, merge={"memory": 1024}).definition == {
        **A_DEFINITION,
        "cpu": "256",
        "memory": "1024",
        "enableFaultInjection": False,
    }


def test_flags_beat_the_fragment_and_that_beats_the_source() -> None:
    fragment = {
        "family": "merged",
        "containerDefinitions": [{"name": "app", "image": "m", "cpu": 1}],
    }

    result = rendered(A_DEFINITION, merge=fragment, images=(Setting(value="flag"),))

    assert result.definition == {
        "family": "merged",
        "containerDefinitions": [{"name": "app", "image": "flag", "memory": 128, "cpu": 1}],
    }
    assert result.before == A_DEFINITION


def test_a_container_that_the_fragment_adds_can_be_named() -> None:
    result = rendered(
        A_DEFINITION,
        merge={"containerDefinitions": [{"name": "log"}]},
        images=(Setting(container="log", value="log:1"),),
    )

    assert images_of(result.definition) == {"app": "app:1", "log": "log:1"}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        pytest.param([], {}, id="none"),
        pytest.param(
            [{"key": "a", "value": ""}], {"tags": [{"key": "a", "value": ""}]}, id="one, last"
        ),
        pytest.param(
            [{"key": "AWS:x", "value": "1"}, {"key": "awsome", "value": "2"}],
            {"tags": [{"key": "awsome", "value": "2"}]},
            id="AWS's own can't be registered",
        ),
    ],
)
def test_tags_come_along_from_a_live_source(tags: list[Any], expected: dict[str, Any]) -> None:
    source = as_source("f", {"taskDefinition": A_DEFINITION, "tags": tags})
    assert isinstance(source, Source)

    result = render(source, Changes(), MODEL)

    assert isinstance(result, Rendered)
    assert json.dumps(result.definition) == json.dumps({**A_DEFINITION, **expected})


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        pytest.param([], "'f' holds no object", id="list"),
        pytest.param("x", "'f' holds no object", id="text"),
        pytest.param(
            {"taskDefinition": {}, "tags": 5}, "'f': tags must be a list of objects", id="tags"
        ),
        pytest.param(
            {"taskDefinition": {}, "tags": ["x"]}, "'f': tags must be a list of objects", id="tag"
        ),
    ],
)
def test_a_file_without_a_definition_is_told(document: Any, fault: str) -> None:
    assert as_source("f", document) == Faulty(faults=(fault,))


def test_a_bare_definition_is_the_users_own() -> None:
    assert as_source("f", A_DEFINITION) == Source(name="f", definition=A_DEFINITION)


def test_every_fault_of_file_fragment_and_settings_is_told_at_once() -> None:
    definition = {
        "famliy": "web",
        "containerDefinitions": [{"name": "app", "cpu": "1"}, {"name": "app", "memory": None}],
    }

    assert refused(
        definition,
        environment=(Setting(name="A"), Setting(container="web", name="B")),
        merge={"x": 1},
        merge_name="m.json",
    ).faults == (
        "'f.json': famliy is no field that the API knows; did you mean 'family'?",
        "'f.json': containerDefinitions[app].cpu must be a whole number, not the text '1'",
        "'m.json': x is no field that the API knows",
        "'f.json': family is missing",
        "'f.json': container 'app' stands there twice",
        "there is no container 'web' in the task definition; it has 'app'",
    )


@pytest.mark.parametrize(
    ("fragment", "fault"),
    [
        pytest.param({"cpus": 1}, "'m': cpus is no field that the API knows", id="unknown"),
        pytest.param({"family": None}, "'m': family is missing", id="removed"),
        pytest.param(
            {"containerDefinitions": None}, "'m': containerDefinitions is missing", id="all removed"
        ),
        pytest.param(
            {"containerDefinitions": [{"image": "x"}]},
            "'m': containerDefinitions[1].name is missing",
            id="container without a name",
        ),
        pytest.param(
            {"requiresCompatibilities": [None]},
            "'m': requiresCompatibilities[0] is null; leave it out",
            id="null in a list",
        ),
    ],
)
def test_a_fragments_fault_is_told_as_its_own(fragment: Any, fault: str) -> None:
    found = refused(A_DEFINITION, merge=fragment, merge_name="m", images=(Setting(value="x"),))

    assert found.faults[0].startswith(fault)


@pytest.mark.parametrize(
    ("containers", "fault"),
    [
        pytest.param(None, "'f.json': containerDefinitions is missing", id="missing"),
        pytest.param(
            [],
            "'f.json': containerDefinitions is empty; a task has at least one container",
            id="empty",
        ),
        pytest.param(
            [{"image": "x"}], "'f.json': containerDefinitions[0].name is missing", id="no name"
        ),
        pytest.param(
            {}, "'f.json': containerDefinitions must be a list, not an object", id="no list"
        ),
    ],
)
def test_a_definition_without_sound_containers_is_told(containers: Any, fault: str) -> None:
    definition = {"family": "web", "containerDefinitions": containers}

    found = refused(definition, images=(Setting(value="x"),))

    assert found == Faulty(faults=(fault,))


NEWER: dict[str, Any] = {
    **A_DEFINITION,
    "newTop": {"a": 1},
    "containerDefinitions": [
        {"name": "app", "image": "app:1", "memory": 128, "newInside": [], "dependsOn": [{"x": 1}]}
    ],
}


def test_what_is_newer_than_the_model_does_not_vanish_in_silence() -> None:
    assert refused(NEWER, is_answer=True) == Faulty(
        faults=(
            "'containerDefinitions[app].newInside' in 'f.json' is newer than this version knows",
            (
                "'containerDefinitions[app].dependsOn[0].x' in 'f.json' is newer than this version "
                "knows"
            ),
            "'newTop' in 'f.json' is newer than this version knows",
        ),
        is_newer=True,
    )


def test_it_can_be_left_out_with_a_warning() -> None:
    definition = copy.deepcopy(NEWER)
    del definition["containerDefinitions"][0]["dependsOn"]

    result = rendered(definition, is_answer=True, allow_unknown=True)

    assert result.definition == A_DEFINITION
    assert result.warnings == (
        (
            "'containerDefinitions[app].newInside' in 'f.json' is newer than this version knows "
            "and is left out"
        ),
        "'newTop' in 'f.json' is newer than this version knows and is left out",
    )


def test_in_a_file_of_the_users_an_unknown_field_is_a_mistake_all_the_same() -> None:
    source = Source(name="f.json", definition={**A_DEFINITION, "famly": 1})

    result = render(source, Changes(), MODEL, allow_unknown=True)

    assert result == Faulty(
        faults=("'f.json': famly is no field that the API knows; did you mean 'family'?",)
    )


@pytest.mark.parametrize(
    ("definition", "asked"),
    [
        pytest.param(
            {"containerDefinitions": A_DEFINITION["containerDefinitions"]},
            {"family": "web"},
            id="family by flag",
        ),
        pytest.param(
            {"family": "web", "containerDefinitions": [{"name": "app", "memory": 128}]},
            {"images": (Setting(value="app:1"),)},
            id="image by flag",
        ),
        pytest.param(
            {"family": "web", "containerDefinitions": []},
            {"merge": {"containerDefinitions": A_DEFINITION["containerDefinitions"]}},
            id="containers by a fragment",
        ),
        pytest.param(
            {**A_DEFINITION, "cpu": ["256"]},
            {"merge": {"cpu": None}},
            id="what is wrong is taken out",
        ),
    ],
)
def test_what_a_file_lacks_may_be_given(definition: Any, asked: dict[str, Any]) -> None:
    result = rendered(definition, **asked).definition

    assert {**result, "family": "web"} == A_DEFINITION


@pytest.mark.parametrize(
    ("image", "fault"),
    [
        pytest.param(None, "containerDefinitions[app].image is missing", id="missing"),
        pytest.param("", "containerDefinitions[app].image is empty", id="empty"),
        pytest.param("${IMG}", "it is no shell that reads this", id="shell"),
        pytest.param("h.io/App:1", "is no image reference", id="capitals"),
        pytest.param("{{image}}", "is no image reference", id="template"),
    ],
)
def test_an_image_that_nothing_can_be_pulled_by_is_a_fault(image: str | None, fault: str) -> None:
    container = {"name": "app", **({} if image is None else {"image": image})}
    definition = {"family": "web", "containerDefinitions": [container]}

    found = refused(definition).faults

    assert len(found) == 1
    assert found[0].startswith("'f.json': containerDefinitions[app].image")
    assert fault in found[0]


def test_what_aws_has_taken_is_not_judged_again() -> None:
    odd = {"name": "app", "image": "Odd Image", "logConfiguration": {"logDriver": "new-driver"}}
    definition = {"family": "web", "networkMode": "newer", "containerDefinitions": [odd]}

    assert rendered(definition, is_answer=True).definition == definition
    assert refused(definition, is_answer=True, images=(Setting(value="X Y"),)).faults


def test_a_word_that_the_api_does_not_know_is_a_fault_with_the_nearest_one() -> None:
    asked: dict[str, Any] = {"merge": {"networkMode": "awsvpcc"}, "merge_name": "m"}
    told = (
        "'m': networkMode is 'awsvpcc', which the API doesn't know; it knows 'bridge', 'host', "
        "'awsvpc' and 'none'; did you mean 'awsvpc'?"
    )

    assert refused(A_DEFINITION, **asked).faults == (told,)
    assert refused(A_DEFINITION, is_answer=True, **asked).faults == (told,)
    allowed = rendered(A_DEFINITION, allow_unknown=True, **asked)
    assert (allowed.definition["networkMode"], allowed.warnings) == ("awsvpcc", (told,))


@pytest.mark.parametrize(
    ("fragment", "fault"),
    [
        pytest.param(
            {"executionRolArn": None},
            "executionRolArn is no field that the API knows; did you mean 'executionRoleArn'?",
            id="at the top",
        ),
        pytest.param(
            {"containerDefinitions": [{"name": "app", "logConfigration": None}]},
            "containerDefinitions[app].logConfigration is no field that the API knows; did you "
            "mean 'logConfiguration'?",
            id="inside",
        ),
    ],
)
def test_a_null_of_a_field_that_is_none_is_a_fault(fragment: Any, fault: str) -> None:
    assert refused(A_DEFINITION, merge=fragment, merge_name="m").faults == (f"'m': {fault}",)
    mixed = {**A_DEFINITION, "executionRolArn": None}
    assert refused(mixed).faults[0].startswith("'f.json': executionRolArn is no field")


def test_a_null_of_what_is_read_only_or_names_a_map_is_none() -> None:
    fragment = {
        "revision": None,
        "containerDefinitions": [{"name": "app", "dockerLabels": {"x": None}, "command": ["a"]}],
    }

    assert rendered(A_DEFINITION, merge=fragment).definition["family"] == "web"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"family": "other"}, "'family' stands beside taskDefinition"),
        ({"family": "o", "cpu": "256"}, "'family' and 'cpu' stand beside taskDefinition"),
    ],
)
def test_what_stands_beside_the_definition_would_be_lost(more: Any, said: str) -> None:
    found = as_source("f", {"taskDefinition": A_DEFINITION, "ResponseMetadata": {}, **more})

    assert isinstance(found, Faulty)
    assert said in found.faults[0]


def test_what_aws_has_beside_the_definition_is_newer_than_this_version() -> None:
    source = Source(name="a", definition=A_DEFINITION, beside=("newSibling",), is_answer=True)

    assert render(source, Changes(), MODEL) == Faulty(
        faults=("'newSibling' in 'a' is newer than this version knows",), is_newer=True
    )
    allowed = render(source, Changes(), MODEL, allow_unknown=True)
    assert isinstance(allowed, Rendered)
    assert allowed.warnings == (
        "'newSibling' in 'a' is newer than this version knows and is left out",
    )


def test_a_name_that_stands_twice_in_a_fragment_is_a_fault() -> None:
    twice = [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]
    fragment = {"containerDefinitions": [{"name": "app", "environment": twice}, {"name": "app"}]}

    assert refused(A_DEFINITION, merge=fragment, merge_name="m").faults == (
        "'m': container 'app' stands there twice",
        "'m': container 'app' has 'A' twice in its environment",
    )


def test_a_variable_that_is_removed_and_given_at_once_is_a_fault() -> None:
    removed = {"name": "A", "value": None}
    app = {"name": "app", "environment": [removed, {"name": "A", "value": "x"}]}
    with_one = {"name": "app", "image": "a:1", "environment": [{"name": "A", "value": "y"}]}
    base = {**A_DEFINITION, "containerDefinitions": [with_one]}

    assert refused(base, merge={"containerDefinitions": [app]}, merge_name="m").faults == (
        "'m': container 'app' has 'A' twice in its environment",
    )


def test_a_fault_does_not_show_what_looks_secret() -> None:
    variables = [{"name": "DB_PASSWORD", "value": 1234}, {"name": "PORT", "value": 80}]
    container = {
        **A_DEFINITION["containerDefinitions"][0],
        "environment": variables,
        "dockerLabels": {"api-key": 5678},
        "command": "run --password=hunter2",
        "secrets": [{"name": "TOKEN", "valueFrom": ["hunter3"]}, {"name": "KEY", "valueFrom": 9}],
    }

    found = refused({**A_DEFINITION, "containerDefinitions": [container]}).faults

    where = "'f.json': containerDefinitions[app]."
    assert [fault.removeprefix(where) for fault in found[:6]] == [
        "environment[DB_PASSWORD].value must be text, not a number",
        "environment[PORT].value must be text, not the number 80",
        "dockerLabels.api-key must be text, not a number",
        "command must be a list, not the text 'run --password=***'",
        "secrets[TOKEN].valueFrom must be text, not a list",
        "secrets[KEY].valueFrom must be text, not a number",
    ]
    texts = {**A_DEFINITION, "tags": [{"key": "token", "value": "x"}], "volumes": "odd"}
    assert "the text 'odd'" in refused(texts).faults[0]
    secret = {"name": "app", "image": "a", "environment": [{"name": "KEY", "value": {"a": "b"}}]}
    assert "not an object" in refused({"family": "w", "containerDefinitions": [secret]}).faults[0]


def test_half_a_character_is_a_fault() -> None:
    container = {**A_DEFINITION["containerDefinitions"][0], "command": ["\ud800"]}

    [fault] = refused({**A_DEFINITION, "containerDefinitions": [container]}).faults

    assert fault.endswith("[app].command[0] holds half a character, which can't be sent")
