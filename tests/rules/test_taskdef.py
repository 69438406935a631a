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
