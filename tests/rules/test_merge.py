"""A fragment over a task definition."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_strategies import definitions
from ecsstep.rules.containers import fragment_faults
from ecsstep.rules.merge import merged

APP = {"name": "app", "image": "a:1", "cpu": 0}
PROXY = {"name": "proxy", "image": "p:1"}


@pytest.mark.parametrize(
    ("base", "fragment", "expected"),
    [
        pytest.param({"a": 1}, {"b": 0}, {"a": 1, "b": 0}, id="new member, last"),
        pytest.param({"a": 1, "b": 2}, {"a": ""}, {"a": "", "b": 2}, id="replaced in its place"),
        pytest.param({"a": 1, "b": 2}, {"a": None}, {"b": 2}, id="null removes"),
        pytest.param({"a": 1}, {"b": None}, {"a": 1}, id="null removes nothing"),
        pytest.param(
            {"a": {"x": 1, "y": 2}},
            {"a": {"y": None, "z": 3}},
            {"a": {"x": 1, "z": 3}},
            id="objects",
        ),
        pytest.param({"a": 1}, {"a": {"x": None, "y": 1}}, {"a": {"y": 1}}, id="new object's null"),
        pytest.param({"a": [1, 2]}, {"a": [3]}, {"a": [3]}, id="other lists replace"),
        pytest.param({"a": [1]}, {"a": []}, {"a": []}, id="even by an empty one"),
        pytest.param({}, {"a": [{"x": None}]}, {"a": [{}]}, id="null within a new list"),
        pytest.param(
            {"containerDefinitions": [APP, PROXY]},
            {"containerDefinitions": [{"name": "proxy", "cpu": 1}, {"name": "new", "user": None}]},
            {"containerDefinitions": [APP, {**PROXY, "cpu": 1}, {"name": "new"}]},
            id="containers by name, an unknown one is added",
        ),
        pytest.param(
            {"environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
            {"environment": [{"name": "C", "value": "3"}, {"name": "A", "value": ""}]},
            {
                "environment": [
                    {"name": "A", "value": ""},
                    {"name": "B", "value": "2"},
                    {"name": "C", "value": "3"},
                ]
            },
            id="environment by name",
        ),
        pytest.param(
            {"environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
            {"environment": [{"name": "A", "value": None}, {"name": "X", "value": None}]},
            {"environment": [{"name": "B", "value": "2"}]},
            id="a variable whose value is null is taken out",
        ),
        pytest.param(
            {"secrets": [{"name": "A", "valueFrom": "1"}]},
            {"secrets": [{"name": "A", "valueFrom": None}]},
            {},
            id="and with the last one the list",
        ),
        pytest.param(
            {"secrets": [{"name": "A", "valueFrom": "1"}], "environment": ["odd"]},
            {"environment": [{"name": "A", "value": None}]},
            {"secrets": [{"name": "A", "valueFrom": "1"}], "environment": ["odd"]},
            id="a secret of that name stays",
        ),
        pytest.param(
            {"secrets": [{"name": "A", "valueFrom": "x"}]},
            {"secrets": [{"name": "A", "valueFrom": "y"}, "odd"]},
            {"secrets": [{"name": "A", "valueFrom": "y"}, "odd"]},
            id="secrets by name, and what has none",
        ),
        pytest.param(
            {"secrets": [{"name": "A", "valueFrom": "x"}, {"name": "B", "valueFrom": "y"}]},
            {"environment": [{"name": "A", "value": "1"}]},
            {
                "secrets": [{"name": "B", "valueFrom": "y"}],
                "environment": [{"name": "A", "value": "1"}],
            },
            id="a variable takes a secret's place",
        ),
        pytest.param(
            {"environment": [{"name": "A", "value": "1"}]},
            {"secrets": [{"name": "A", "valueFrom": "x"}, "odd"]},
            {"secrets": [{"name": "A", "valueFrom": "x"}, "odd"]},
            id="a secret takes a variable's place; an empty list goes",
        ),
        pytest.param(
            {"environment": ["odd"], "secrets": 5},
            {"secrets": [{"name": "A"}]},
            {"environment": ["odd"], "secrets": [{"name": "A"}]},
            id="odd values are left for the model's check",
        ),
        pytest.param(
            {"containerDefinitions": [APP]},
            {
                "containerDefinitions": [
                    {"name": "app", "environment": [{"name": "A", "value": None}]},
                    {"name": "new", "secrets": [{"name": "B", "valueFrom": None}]},
                ]
            },
            {"containerDefinitions": [APP, {"name": "new"}]},
            id="a removal where there is no list, and in a new container, adds nothing",
        ),
        pytest.param(
            {"environment": [{"name": "A", "value": "1"}, {"name": ["odd"]}, "odd"]},
            {"environment": [{"name": "A", "value": None}, {"name": "A", "value": "x"}]},
            {"environment": [{"name": ["odd"]}, "odd", {"name": "A", "value": "x"}]},
            id="removed and given at once, which is told as a fault",
        ),
        pytest.param(
            {"environment": ["odd", {"value": "1"}]},
            {"environment": [{"value": None}]},
            {"environment": ["odd", {"value": "1"}, {}]},
            id="a removal without a name removes nothing",
        ),
    ],
)
def test_a_fragment_is_laid_over(base: Any, fragment: Any, expected: Any) -> None:
    before = copy.deepcopy((base, fragment))

    assert json.dumps(merged(base, fragment)) == json.dumps(expected)
    assert (base, fragment) == before


NAMES = st.sampled_from(["A", "B", "C", 1, None])
ENTRIES = st.lists(
    st.one_of(
        st.fixed_dictionaries({"name": NAMES}, optional={"value": st.sampled_from(["1", None])}),
        st.just("odd"),
    ),
    max_size=4,
)
FRAGMENTS = st.fixed_dictionaries(
    {"name": st.sampled_from(["app", "new"])},
    optional={"environment": ENTRIES, "secrets": ENTRIES},
)


@given(FRAGMENTS, st.lists(FRAGMENTS, max_size=3))
def test_what_is_removed_is_gone_and_what_stands_twice_is_a_fault(
    base: dict[str, Any], containers: list[dict[str, Any]]
) -> None:
    fragment = {"containerDefinitions": containers}
    result = merged({"containerDefinitions": [base]}, fragment)["containerDefinitions"]

    if list(fragment_faults(fragment)):
        return
    for container in containers:
        [after] = [each for each in result if each["name"] == container["name"]][:1]
        items = [each for each in container.get("environment", ()) if isinstance(each, dict)]
        names = [each["name"] for each in items if isinstance(each["name"], str)]
        assert len(names) == len(set(names))
        left = [each.get("name") for each in after.get("environment", ()) if each != "odd"]
        assert not {
            each["name"]
            for each in items
            if isinstance(each["name"], str) and "value" in each and each["value"] is None
        } & {each for each in left if isinstance(each, str)}


@given(definitions())
def test_an_empty_fragment_changes_nothing(definition: dict[str, Any]) -> None:
    assert json.dumps(merged(definition, {})) == json.dumps(definition)


@given(definitions())
def test_a_definition_over_itself_is_itself(definition: dict[str, Any]) -> None:
    assert merged(definition, definition) == definition


@given(definitions(), st.sampled_from(["cpu", "memory", "taskRoleArn"]))
def test_what_the_fragment_does_not_name_stays(definition: dict[str, Any], name: str) -> None:
    result = merged(definition, {name: "x"})

    assert {**result, name: None} == {**definition, name: None}
