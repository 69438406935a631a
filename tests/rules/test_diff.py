"""What changes, in lines that a person reads."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecs_strategies import definitions
from ecsstep.rules.diff import Change, changes, difference, side_by_side
from ecsstep.rules.redaction.places import is_secret_variable


def variables(**values: str) -> dict[str, Any]:
    items = [{"name": name, "value": value} for name, value in values.items()]
    return {"containerDefinitions": [{"name": "app", "environment": items}]}


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        pytest.param({"a": 0, "b": ""}, {"b": "", "a": 0}, (), id="order is no difference"),
        pytest.param(
            {"cpu": "256", "gone": False},
            {"cpu": "512", "new": []},
            ('~ cpu: "256" → "512"', "- gone: false", "+ new: []"),
            id="changed, removed, added",
        ),
        pytest.param(
            variables(A="1", B="2"),
            variables(B="3", C=""),
            (
                '- containerDefinitions[app].environment[A]: "1"',
                '~ containerDefinitions[app].environment[B]: "2" → "3"',
                '+ containerDefinitions[app].environment[C]: ""',
            ),
            id="variables by name",
        ),
        pytest.param(
            {"containerDefinitions": [{"name": "a", "image": "x"}, {"name": "b"}]},
            {"containerDefinitions": [{"name": "b"}, {"name": "a", "image": "y"}]},
            ('~ containerDefinitions[a].image: "x" → "y"',),
            id="containers by name",
        ),
        pytest.param(
            {"tags": [{"key": "team", "value": "a"}]},
            {"tags": [{"key": "team", "value": "b"}]},
            ('~ tags[team]: "a" → "b"',),
            id="tags by key",
        ),
        pytest.param(
            {"environment": [{"name": "A"}]},
            {"environment": []},
            ("- environment[A]: null", "+ environment: []"),
            id="a variable without a value",
        ),
        pytest.param(
            {"command": ["a", "b"]}, {"command": ["b", "a"]},
            ('~ command: ["a", "b"] → ["b", "a"]',), id="an order that matters"
        ),
        pytest.param({"a": "x" * 300}, {}, (f'- a: "{"x" * 199}…',), id="a long value is cut"),
    ],
)  # fmt: skip
def test_each_difference_is_a_line(before: Any, after: Any, lines: tuple[str, ...]) -> None:
    assert difference(before, after) == lines


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(variables(DB_PASSWORD="hunter2"), id="variable"),
        pytest.param(variables(**{"PASSWORD]": "hunter2"}), id="odd name"),
        pytest.param(variables(URL="postgres://app:hunter2@db/x"), id="url"),
        pytest.param(
            {"environment": [{"name": "TOKEN", "value": {"x": "hunter2"}}]},
            id="odd value",
        ),
        pytest.param(
            {"logConfiguration": {"options": {"splunk-token": "hunter2"}}},
            id="log option",
        ),
        pytest.param({"dockerLabels": {"api.key": "", "my-secret": "hunter2"}}, id="label"),
        pytest.param({"tags": [{"key": "auth", "value": "hunter2"}]}, id="tag"),
        pytest.param({"command": ["run", "redis://:hunter2@cache"]}, id="url in a command"),
    ],
)  # fmt: skip
def test_values_that_look_secret_are_masked(after: Any) -> None:
    lines = difference({}, after)

    assert "***" in "".join(lines)
    assert "hunter2" not in "".join(lines)


def test_a_masked_value_that_changes_is_a_line() -> None:
    assert difference(variables(API_KEY="1"), variables(API_KEY="2")) == (
        "~ containerDefinitions[app].environment[API_KEY]: *** → ***",
    )


def test_references_to_secrets_are_shown() -> None:
    after = {
        "containerDefinitions": [
            {
                "name": "auth",
                "secrets": [{"name": "DB_PASSWORD", "valueFrom": "arn:db"}],
                "repositoryCredentials": {"credentialsParameter": "arn:hub"},
            }
        ]
    }

    assert difference({}, after) == (
        '+ containerDefinitions[auth].secrets[DB_PASSWORD].valueFrom: "arn:db"',
        '+ containerDefinitions[auth].repositoryCredentials.credentialsParameter: "arn:hub"',
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("DB_PASSWORD", True), ("dbPass", True), ("GH_TOKEN", True), ("apikey", True),
        ("SENTRY_DSN", True), ("AWS_SECRET_ACCESS_KEY", True), ("KEY", True), ("APP_KEY_ID", True),
        ("MONKEY", False), ("KEYBOARD", False), ("LOG_LEVEL", False), ("DB_HOST", False),
    ],
)  # fmt: skip
def test_a_name_tells_of_a_secret(name: str, expected: bool) -> None:
    assert is_secret_variable(name) is expected


# Order-free lists are no noise

CONTAINER = {
    "name": "app",
    "portMappings": [{"containerPort": 80}, {"containerPort": 53, "protocol": "udp"}],
    "mountPoints": [{"containerPath": "/a"}, {"containerPath": "/b", "readOnly": True}],
    "dependsOn": [{"containerName": "x", "condition": "START"}, {"containerName": "y"}],
}


def test_ports_mounts_and_dependencies_go_by_what_tells_them_apart() -> None:
    turned = {
        name: value[::-1] if isinstance(value, list) else value for name, value in CONTAINER.items()
    }
    changed = {**turned, "portMappings": [{"containerPort": 80}], "requiresCompatibilities": []}

    assert changes({"containerDefinitions": [CONTAINER]}, {"containerDefinitions": [turned]}) == ()
    assert difference(
        {"containerDefinitions": [CONTAINER], "requiresCompatibilities": ["EC2", "FARGATE"]},
        {"containerDefinitions": [changed], "requiresCompatibilities": ["FARGATE", "EC2"]},
    ) == (
        "- containerDefinitions[app].portMappings[53/udp].containerPort: 53",
        '- containerDefinitions[app].portMappings[53/udp].protocol: "udp"',
        "+ containerDefinitions[app].requiresCompatibilities: []",
    )


def test_what_cannot_be_told_apart_is_shown_whole() -> None:
    twice = [{"containerPort": 80}, {"containerPort": 80, "hostPort": 81}]

    assert changes({"portMappings": twice}, {"portMappings": [{}]}) == (
        Change(
            path="portMappings",
            old='[{"containerPort": 80}, {"containerPort": 80, "hostPort": 81}]',
            new="[{}]",
        ),
    )


# Side by side

BEFORE = {
    "cpu": "256",
    "containerDefinitions": [
        {"name": "app", "image": "app:1", "environment": [{"name": "A", "value": "1"}]}
    ],
}
AFTER = {
    "cpu": "512",
    "containerDefinitions": [
        {
            "name": "app",
            "image": "app:2",
            "environment": [{"name": "TOKEN", "value": "hunter2"}, {"name": "名前", "value": "値"}],
        }
    ],
}


def test_old_and_new_stand_side_by_side_and_containers_under_their_names() -> None:
    assert side_by_side(BEFORE, AFTER, width=90) == [
        "                     │ before                           │ after",
        'cpu                  │ "256"                            │ "512"',
        "container app        │                                  │",
        '  image              │ "app:1"                          │ "app:2"',
        '  environment[A]     │ "1"                              │ -',
        "  environment[TOKEN] │ -                                │ ***",
        '  environment[名前]  │ -                                │ "値"',
    ]


def test_a_long_value_is_wrapped_in_its_column() -> None:
    lines = side_by_side({"family": "a" * 30}, {"family": "b" * 60}, width=66)

    assert lines == [
        "       │ before                      │ after",
        f'family │ "{"a" * 26} │ "{"b" * 26}',
        f'       │ {"a" * 4}"                       │ {"b" * 27}',
        f'       │                             │ {"b" * 7}"',
    ]


def test_where_there_is_no_room_each_change_is_a_line() -> None:
    assert side_by_side(BEFORE, AFTER, width=40) == list(difference(BEFORE, AFTER))
    assert side_by_side(BEFORE, BEFORE, width=200) == []


@settings(deadline=None)
@given(definitions(), definitions(), st.integers(1, 200))
def test_no_line_is_wider_than_the_terminal_and_no_change_is_lost(
    before: dict[str, Any], after: dict[str, Any], width: int
) -> None:
    lines = side_by_side(before, after, width=width)

    if any(line.lstrip().startswith("│ before") for line in lines):
        assert all(len(line) <= width for line in lines)
    assert bool(lines) == bool(changes(before, after)) == bool(difference(before, after))
