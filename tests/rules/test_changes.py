"""Settings for containers."""

import copy
from typing import Any

import pytest

from ecsstep.rules.changes import Applied, Changes, Setting, applied

ONE: dict[str, Any] = {
    "family": "web",
    "containerDefinitions": [
        {
            "name": "app",
            "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
            "image": "app:1",
            "secrets": [{"name": "S", "valueFrom": "arn"}],
        }
    ],
    "cpu": "256",
}
TWO: dict[str, Any] = {
    "family": "web",
    "containerDefinitions": [{"name": "app", "image": "a"}, {"name": "proxy", "image": "p"}],
}


def done(definition: dict[str, Any], **changes: Any) -> Applied:
    before = copy.deepcopy(definition)
    result = applied(definition, Changes(**changes))
    assert definition == before
    return result


def app(result: Applied) -> dict[str, Any]:
    assert result.faults == ()
    container: dict[str, Any] = result.definition["containerDefinitions"][0]
    return container


def test_nothing_asked_is_nothing_changed() -> None:
    assert done(ONE) == Applied(definition=ONE, faults=(), warnings=())


@pytest.mark.parametrize(
    ("setting", "container"),
    [
        pytest.param(Setting(container="proxy", value="p:2"), None, id="by its name"),
        pytest.param(Setting(value="p:2"), "proxy", id="by --container"),
        pytest.param(
            Setting(container="proxy", value="p:2"), "app", id="its name beats --container"
        ),
    ],
)
def test_an_image_goes_to_its_container_alone(setting: Setting, container: str | None) -> None:
    result = done(TWO, images=(setting,), container=container)

    assert result == Applied(
        definition={
            "family": "web",
            "containerDefinitions": [
                {"name": "app", "image": "a"},
                {"name": "proxy", "image": "p:2"},
            ],
        },
        faults=(),
        warnings=(),
    )


def test_the_only_container_needs_no_name() -> None:
    assert app(done(ONE, images=(Setting(value="app:2"),)))["image"] == "app:2"


def test_an_image_by_flag_beats_the_one_from_a_file_however_it_is_spelled() -> None:
    result = done(
        ONE,
        images=(Setting(value="flag"),),
        defined=(Setting(container="app", value="file"),),
    )

    assert app(result)["image"] == "flag"


def test_images_from_a_file_go_to_the_other_containers() -> None:
    result = done(
        TWO,
        images=(Setting(container="app", value="flag"),),
        defined=(Setting(container="app", value="f"), Setting(container="proxy", value="file")),
    )

    assert [each["image"] for each in result.definition["containerDefinitions"]] == ["flag", "file"]


def test_a_variable_is_replaced_in_its_place_or_appended() -> None:
    result = done(ONE, environment=(Setting(name="A", value=""), Setting(name="C", value="a=b")))

    assert app(result)["environment"] == [
        {"name": "A", "value": ""},
        {"name": "B", "value": "2"},
        {"name": "C", "value": "a=b"},
    ]


def test_a_variable_that_stood_there_twice_stands_there_once_then() -> None:
    twice = {
        "containerDefinitions": [
            {"name": "app", "environment": [{"name": "A", "value": v} for v in ("1", "2")]}
        ]
    }

    assert app(done(twice, environment=(Setting(name="A", value="3"),)))["environment"] == [
        {"name": "A", "value": "3"}
    ]


def test_a_name_stands_in_environment_or_secrets() -> None:
    to_variable = app(done(ONE, environment=(Setting(name="S", value="x"),)))
    to_secret = app(done(ONE, secrets=(Setting(name="A", value="arn:a"),)))

    assert "secrets" not in to_variable
    assert to_variable["environment"][-1] == {"name": "S", "value": "x"}
    assert to_secret["environment"] == [{"name": "B", "value": "2"}]
    assert to_secret["secrets"] == [
        {"name": "S", "valueFrom": "arn"},
        {"name": "A", "valueFrom": "arn:a"},
    ]


def test_a_list_that_becomes_empty_goes_and_one_that_was_empty_stays() -> None:
    result = done(ONE, unset=(Setting(name="A"), Setting(name="B"), Setting(name="S")))

    assert set(app(result)) == {"name", "image"}
    empty = {"containerDefinitions": [{"name": "app", "environment": []}]}
    assert app(done(empty, secrets=(Setting(name="S", value="x"),)))["environment"] == []


def test_an_absent_name_to_unset_is_a_warning() -> None:
    result = done(ONE, unset=(Setting(name="NOPE"),))

    assert result == Applied(
        definition=ONE,
        faults=(),
        warnings=("--unset 'NOPE': container 'app' has no such variable",),
    )


def test_another_family_takes_the_place_of_the_first() -> None:
    assert next(iter(done(ONE, family="api").definition.items())) == ("family", "api")


@pytest.mark.parametrize(
    ("definition", "changes", "faults"),
    [
        pytest.param(
            TWO,
            {"images": (Setting(value="x"),), "environment": (Setting(name="A"),)},
            (
                (
                    "--image 'x' names no container and there are several: 'app' and 'proxy'; "
                    "write --image app=… or give --container"
                ),
                (
                    "--env 'A' names no container and there are several: 'app' and 'proxy'; write "
                    "--env app:… or give --container"
                ),
            ),
            id="no name among several",
        ),
        pytest.param(
            TWO,
            {"images": (Setting(container="porxy", value="x"),)},
            (
                (
                    "there is no container 'porxy' in the task definition; it has 'app' and "
                    "'proxy'; did you mean 'proxy'?"
                ),
            ),
            id="no such container",
        ),
        pytest.param(
            ONE,
            {"environment": (Setting(name="A"),), "container": "web"},
            ("there is no container 'web' in the task definition; it has 'app'",),
            id="--container that is none, though there is only one",
        ),
        pytest.param(
            ONE,
            {"environment": (Setting(name="A"), Setting(container="app", name="A"))},
            ("--env gives 'A' twice for container 'app'",),
            id="a name twice, with and without the container",
        ),
        pytest.param(
            ONE,
            {"images": (Setting(value="x"), Setting(container="app", value="y"))},
            ("container 'app' is given two images, the other one is 'y'",),
            id="two images",
        ),
        pytest.param(
            ONE,
            {"defined": (Setting(container="app", value="x"), Setting(container="app", value="y"))},
            ("container 'app' is given two images, the other one is 'y'",),
            id="two images from files",
        ),
        pytest.param(
            ONE,
            {
                "environment": (Setting(name="A"),),
                "secrets": (Setting(container="app", name="A", value="x"),),
            },
            ("'A' is given by --env and by --secret for container 'app'",),
            id="variable and secret",
        ),
        pytest.param(
            ONE,
            {"environment": (Setting(name="A"),), "unset": (Setting(name="A"),)},
            ("'A' is given by --env and by --unset for container 'app'",),
            id="set and unset",
        ),
        pytest.param(
            {"containerDefinitions": []}, {"images": (Setting(value="x"),)}, (), id="no container"
        ),
    ],
)
def test_what_does_not_fit_is_told(
    definition: dict[str, Any], changes: dict[str, Any], faults: tuple[str, ...]
) -> None:
    assert done(definition, **changes).faults == faults


# Placeholders, as in CodePipeline's taskdef.json

HELD: dict[str, Any] = {
    "containerDefinitions": [
        {"name": "app", "image": "<IMAGE1_NAME>"},
        {"name": "job", "image": "<IMAGE1_NAME>"},
        {"name": "proxy", "image": "proxy:1"},
    ]
}
HELD_TWICE: dict[str, Any] = {
    "containerDefinitions": [
        {"name": "app", "image": "<APP>"},
        {"name": "proxy", "image": "<PROXY>"},
    ]
}


def images_of(result: Applied) -> list[str]:
    return [each["image"] for each in result.definition["containerDefinitions"]]


@pytest.mark.parametrize("name", ["IMAGE1_NAME", "<IMAGE1_NAME>", None])
def test_a_placeholder_is_filled_by_its_name_wherever_it_stands(name: str | None) -> None:
    result = done(HELD, images=(Setting(container=name, value="new:1"),))

    assert (result.faults, images_of(result)) == ((), ["new:1", "new:1", "proxy:1"])


def test_a_container_may_be_filled_by_its_own_name() -> None:
    result = done(
        HELD_TWICE,
        images=(Setting(container="app", value="a:1"),),
        defined=(Setting(container="PROXY", value="p:1"), Setting(container="APP", value="x:1")),
    )

    assert (result.faults, images_of(result)) == ((), ["a:1", "p:1"])


def test_an_image_without_a_name_fills_the_only_placeholder_and_gives_way_to_a_named_one() -> None:
    result = done(
        HELD,
        images=(Setting(container="app", value="a:1"),),
        defined=(Setting(value="detail:1"),),
    )

    assert (result.faults, images_of(result)) == ((), ["a:1", "detail:1", "proxy:1"])


def test_a_placeholder_that_is_left_is_a_fault() -> None:
    assert done(HELD).faults == (
        (
            "the image of container 'app' and 'job' is still the placeholder '<IMAGE1_NAME>'; "
            "fill it: --image IMAGE1_NAME=REF"
        ),
    )


def test_a_name_that_is_neither_container_nor_placeholder_is_told_with_both() -> None:
    result = done(HELD_TWICE, images=(Setting(container="APPP", value="a:1"),))

    assert result.faults[0] == (
        "there is no container 'APPP' in the task definition; it has 'app' and 'proxy', and "
        "placeholders 'APP' and 'PROXY'; did you mean 'APP'?"
    )


def test_without_a_name_one_of_several_placeholders_is_a_guess_and_a_fault() -> None:
    [first, *_] = done(HELD_TWICE, images=(Setting(value="a:1"),)).faults

    assert first.startswith("--image 'a:1' names no container and there are several")
