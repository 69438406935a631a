"""What of a value doesn't fit an API's shapes."""

from typing import Any

import pytest

from ecsstep.rules.model import Fault, Shape, faults, spelled

TEXT, WHOLE, NUMBER = Shape(kind="string"), Shape(kind="integer"), Shape(kind="float")
ITEM = Shape(
    kind="structure",
    members={"name": TEXT, "count": WHOLE, "on": Shape(kind="boolean"), "share": NUMBER},
    required=frozenset({"name"}),
)
ROOT = Shape(
    kind="structure",
    members={
        "items": Shape(kind="list", item=ITEM),
        "labels": Shape(kind="map", item=TEXT),
        "free": Shape(kind="any"),
        "least": Shape(
            kind="structure",
            members={
                "number": Shape(kind="integer", minimum=1),
                "text": Shape(kind="string", minimum=1),
                "list": Shape(kind="list", item=TEXT, minimum=2),
            },
        ),
        "either": Shape(kind="structure", members={"a": TEXT, "b": TEXT}, is_union=True),
    },
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param(
            {"items": [{"name": "", "count": 0, "on": False, "share": 1}], "labels": {"a": ""}},
            [],
            id="everything, though it is empty",
        ),
        pytest.param({"free": [1, {"x": True}]}, [], id="a shape that takes anything"),
        pytest.param([], ["the document must be an object, not a list"], id="list"),
        pytest.param({"items": {}}, ["items must be a list, not an object"], id="object"),
        pytest.param(
            {"items": [{"name": 8}]},
            ["items[0].name must be text, not the number 8"],
            id="number for text",
        ),
        pytest.param(
            {"items": [{"name": "a", "count": "8"}]},
            ["items[a].count must be a whole number, not the text '8'"],
            id="text for number, in an item with a name",
        ),
        pytest.param(
            {"items": [{"name": "a", "count": True}]},
            ["items[a].count must be a whole number, not true"],
            id="true is no number",
        ),
        pytest.param(
            {"items": [{"name": "a", "share": False}]},
            ["items[a].share must be a number, not false"],
            id="false is no number",
        ),
        pytest.param(
            {"items": [{"name": "a", "count": 1.5, "on": 1}]},
            [
                "items[a].count must be a whole number, not the number 1.5",
                "items[a].on must be true or false, not the number 1",
            ],
            id="several at once",
        ),
        pytest.param({"items": [{}]}, ["items[0].name is missing"], id="required"),
        pytest.param(
            {"itmes": [], "labels": {"a": 1}},
            [
                "itmes is no field that the API knows; did you mean 'items'?",
                "labels.a must be text, not the number 1",
            ],
            id="unknown, with the nearest",
        ),
        pytest.param({"least": {"number": 1, "text": "a", "list": ["", ""]}}, [], id="enough"),
        pytest.param(
            {"least": {"number": 0, "text": "", "list": [""]}},
            [
                "least.number must be at least 1",
                "least.text must have 1 or more characters",
                "least.list must have 2 or more items",
            ],
            id="too little",
        ),
        pytest.param({"either": {"a": ""}}, [], id="one of a union"),
        pytest.param(
            {"either": {}}, ["either must have exactly one of 'a' and 'b'"], id="none of a union"
        ),
        pytest.param(
            {"either": {"a": "", "b": ""}},
            ["either must have exactly one of 'a' and 'b'"],
            id="both of a union",
        ),
        pytest.param({"items": None}, ["items is null; leave it out"], id="null"),
    ],
)
def test_every_fault_is_told_with_its_path(value: Any, expected: list[str]) -> None:
    assert [f"{spelled(each.path, value)} {each.says}" for each in faults(value, ROOT)] == expected


def test_only_a_field_that_the_shape_lacks_is_unknown() -> None:
    assert list(faults({"x\x1b": 1, "items": 1}, ROOT)) == [
        Fault(path=("x\x1b",), says="is no field that the API knows", is_unknown=True),
        Fault(path=("items",), says="must be a list, not the number 1"),
    ]


@pytest.mark.parametrize(
    ("path", "root", "expected"),
    [
        pytest.param((), None, "the document", id="the whole"),
        pytest.param(("a", 0, "b"), {"a": [{"name": "x"}]}, "a[x].b", id="by name"),
        pytest.param(("a", 1, "b"), {"a": [{"name": "x"}]}, "a[1].b", id="beyond the list"),
        pytest.param(("a", 0, "b"), {"a": [{"name": 5}]}, "a[0].b", id="name that is no text"),
        pytest.param(("a", "b"), [], "a.b", id="nothing there"),
        pytest.param(("a\x1b[31m",), None, "a", id="cleaned"),
    ],
)
def test_a_path_is_spelled_as_people_write_it(
    path: tuple[str | int, ...], root: Any, expected: str
) -> None:
    assert spelled(path, root) == expected
