"""Whether two task definitions are the same to ECS."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecs_fakes import data
from ecs_strategies import MODEL, definitions
from ecsstep.rules.changes import Changes
from ecsstep.rules.diff import difference
from ecsstep.rules.equality import are_equal, normal
from ecsstep.rules.taskdef import Rendered, Source, render
from ecsstep.sandbox.task_definition_rules import filled_in


def a_definition(mode: str | None = None, **container: Any) -> dict[str, Any]:
    top = {} if mode is None else {"networkMode": mode}
    return {"family": "web", **top, "containerDefinitions": [{"name": "app", **container}]}


def port(**members: Any) -> dict[str, Any]:
    return {"portMappings": [{"containerPort": 80, **members}]}


def check(command: str = "x", **members: Any) -> dict[str, Any]:
    return {"healthCheck": {"command": [command], **members}}


EFS = {"fileSystemId": "fs-1"}
A, B = {"name": "A", "value": "1"}, {"name": "B", "value": "2"}
TCP, UDP = {"containerPort": 80}, {"containerPort": 80, "protocol": "udp"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(a_definition(), a_definition(environment=[], links=[]), id="empty lists"),
        pytest.param(
            a_definition(), a_definition(dockerLabels={}, cpu=0), id="empty objects, cpu 0"
        ),
        pytest.param(a_definition(), a_definition(essential=True), id="essential"),
        pytest.param(a_definition(), a_definition("bridge"), id="mode"),
        pytest.param(
            a_definition(), {**a_definition(), "enableFaultInjection": False}, id="faults"
        ),
        pytest.param(
            a_definition(environment=[A, B]), a_definition(environment=[B, A]), id="environment"
        ),
        pytest.param(
            a_definition(
                secrets=[{"name": "A", "valueFrom": "a"}, {"name": "B", "valueFrom": "b"}]
            ),
            a_definition(
                secrets=[{"name": "B", "valueFrom": "b"}, {"name": "A", "valueFrom": "a"}]
            ),
            id="secrets",
        ),
        pytest.param(
            a_definition(portMappings=[TCP, UDP]), a_definition(portMappings=[UDP, TCP]), id="ports"
        ),
        pytest.param(a_definition(**port()), a_definition(**port(protocol="tcp")), id="protocol"),
        pytest.param(a_definition(**port()), a_definition(**port(hostPort=0)), id="any host port"),
        pytest.param(
            a_definition("awsvpc", **port()),
            a_definition("awsvpc", **port(hostPort=80)),
            id="the host port of awsvpc",
        ),
        pytest.param(
            a_definition(**check()),
            a_definition(**check(interval=30, timeout=5, retries=3)),
            id="health check",
        ),
        pytest.param(
            a_definition(mountPoints=[{"containerPath": "/a"}, {"containerPath": "/b"}]),
            a_definition(
                mountPoints=[
                    {"containerPath": "/b", "readOnly": False},
                    {"containerPath": "/a", "readOnly": False},
                ]
            ),
            id="mounts",
        ),
        pytest.param(
            a_definition(dependsOn=[{"containerName": "a"}, {"containerName": "b"}]),
            a_definition(dependsOn=[{"containerName": "b"}, {"containerName": "a"}]),
            id="dependencies",
        ),
        pytest.param(
            a_definition(), a_definition(versionConsistency="enabled"), id="version consistency"
        ),
        pytest.param(
            {**a_definition(), "volumes": [{"name": "v", "efsVolumeConfiguration": EFS}]},
            {
                **a_definition(),
                "volumes": [{"name": "v", "efsVolumeConfiguration": {**EFS, "rootDirectory": "/"}}],
            },
            id="file system's root",
        ),
        pytest.param(
            {**a_definition(), "cpu": "256", "memory": "512"},
            {**a_definition(), "cpu": ".25 vCPU", "memory": "0.5GB"},
            id="units",
        ),
        pytest.param(
            {**a_definition(), "requiresCompatibilities": ["EC2", "FARGATE"]},
            {**a_definition(), "requiresCompatibilities": ["FARGATE", "EC2"]},
            id="compatibilities",
        ),
    ],
)
def test_what_ecs_fills_in_or_reorders_is_no_difference(one: Any, other: Any) -> None:
    before = copy.deepcopy((one, other))

    assert are_equal(one, other)
    assert are_equal(other, one)
    assert (one, other) == before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(a_definition(image="a:1"), a_definition(image="a:2"), id="image"),
        pytest.param(a_definition(), a_definition(essential=False), id="essential"),
        pytest.param(a_definition(), a_definition(cpu=1), id="container's cpu"),
        pytest.param(
            a_definition(environment=[A]),
            a_definition(environment=[{**A, "value": ""}]),
            id="value",
        ),
        pytest.param(
            a_definition(environment=[A, {**A, "value": "2"}]),
            a_definition(environment=[{**A, "value": "2"}, A]),
            id="which of two with one name comes last",
        ),
        pytest.param(
            a_definition(environment=[A]),
            a_definition(secrets=[{"name": "A", "valueFrom": "1"}]),
            id="variable or secret",
        ),
        pytest.param(
            a_definition(command=["a", "b"]), a_definition(command=["b", "a"]), id="command"
        ),
        pytest.param(
            a_definition(environmentFiles=[{"value": "a"}, {"value": "b"}]),
            a_definition(environmentFiles=[{"value": "b"}, {"value": "a"}]),
            id="environment files: the first one wins",
        ),
        pytest.param(
            a_definition(**port()), a_definition(**port(hostPort=80)), id="a fixed port on bridge"
        ),
        pytest.param(
            a_definition("awsvpc", **port()),
            a_definition("awsvpc", **port(hostPort=81)),
            id="host port",
        ),
        pytest.param(
            a_definition(mountPoints=[{"containerPath": "/a"}]),
            a_definition(mountPoints=[{"containerPath": "/a", "readOnly": True}]),
            id="mount",
        ),
        pytest.param(a_definition(**port()), a_definition(**port(protocol="udp")), id="protocol"),
        pytest.param(a_definition(**check()), a_definition(**check(retries=4)), id="health check"),
        pytest.param(a_definition(), a_definition("awsvpc"), id="mode"),
        pytest.param(
            {**a_definition(), "cpu": "256"}, {**a_definition(), "cpu": "256 vCPU"}, id="units"
        ),
        pytest.param(
            {**a_definition(), "memory": "inf GB"},
            {**a_definition(), "memory": "x GB"},
            id="no size",
        ),
        pytest.param(
            a_definition(), {**a_definition(), "tags": [{"key": "a", "value": ""}]}, id="tags"
        ),
        pytest.param(
            a_definition(),
            {"family": "web", "containerDefinitions": [{"name": "app"}, {"name": "b"}]},
            id="one container more",
        ),
    ],
)
def test_a_real_change_is_a_difference(one: Any, other: Any) -> None:
    assert not are_equal(one, other)
    assert not are_equal(other, one)


@settings(deadline=None)
@given(definitions())
def test_a_definition_equals_itself(definition: dict[str, Any]) -> None:
    assert are_equal(definition, copy.deepcopy(definition))


@settings(deadline=None)
@given(definitions(), definitions())
def test_equality_is_symmetric(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert are_equal(one, other) == are_equal(other, one)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of all leaves."""
    if isinstance(value, dict):
        return [each for name, item in value.items() for each in places(item, (*path, name))]
    if isinstance(value, list):
        return [each for at, item in enumerate(value) for each in places(item, (*path, at))]
    return [path]


def changed(value: Any, path: tuple[Any, ...]) -> Any:
    if not path:
        if isinstance(value, bool):
            return not value
        return f"{value}x" if isinstance(value, str) else value + 1
    if isinstance(value, list):
        return [changed(item, path[1:]) if at == path[0] else item for at, item in enumerate(value)]
    return {
        name: changed(item, path[1:]) if name == path[0] else item for name, item in value.items()
    }


@settings(deadline=None)
@given(definitions(), st.data())
def test_a_change_of_any_one_value_is_seen(
    definition: dict[str, Any], draws: st.DataObject
) -> None:
    path = draws.draw(st.sampled_from(places(definition)))

    assert not are_equal(definition, changed(definition, path))


@settings(deadline=None)
@given(definitions(), st.randoms(use_true_random=False))
def test_order_of_variables_secrets_and_ports_is_not_seen(
    definition: dict[str, Any], random: Any
) -> None:
    shuffled = copy.deepcopy(definition)
    for container in shuffled["containerDefinitions"]:
        for kind in ("environment", "secrets", "portMappings"):
            random.shuffle(container.get(kind, []))

    assert are_equal(definition, shuffled)


def test_a_rendered_answer_of_aws_equals_itself_with_its_defaults_left_out() -> None:
    filled = data("fargate.render.json")
    short = copy.deepcopy(filled)
    app, envoy = short["containerDefinitions"]
    for name in ("cpu", "links", "essential", "entryPoint", "volumesFrom", "systemControls"):
        del app[name]
    for name in ("hostPort", "protocol"):
        del app["portMappings"][0][name]
    for name in ("interval", "timeout", "retries"):
        del app["healthCheck"][name]
    del envoy["environment"], app["logConfiguration"]["secretOptions"]
    del short["placementConstraints"], short["enableFaultInjection"]

    assert are_equal(short, filled)


@settings(deadline=None)
@given(
    definitions(),
    st.sampled_from([("256", "512"), (".25 vCPU", "0.5GB"), ("0.25 vcpu", "512")]),
    st.sampled_from(["awsvpc", "bridge", "host", None]),
)
def test_what_ecs_answers_equals_what_was_registered(
    definition: dict[str, Any], size: tuple[str, str], mode: str | None
) -> None:
    asked = {**definition, "cpu": size[0], "memory": size[1]}
    asked = {name: value for name, value in asked.items() if name != "networkMode"}
    if mode:
        asked["networkMode"] = mode

    answer = filled_in(copy.deepcopy(asked))

    outcome = render(Source(name="web:1", definition=answer, is_answer=True), Changes(), MODEL)
    assert isinstance(outcome, Rendered)
    assert are_equal(asked, outcome.definition)
    assert difference(normal(asked), normal(outcome.definition)) == ()


def inside(**members: Any) -> dict[str, Any]:
    return a_definition(linuxParameters={"capabilities": members})


def volume(**members: Any) -> dict[str, Any]:
    return {**a_definition(), "volumes": [{"name": "v", **members}]}


OPTIONS = [{"name": "a", "valueFrom": "1"}, {"name": "b", "valueFrom": "2"}]
GPUS = [{"type": "GPU", "value": "1"}, {"type": "InferenceAccelerator", "value": "x"}]
PLACES = [{"type": "memberOf", "expression": "a"}, {"type": "memberOf", "expression": "b"}]
PROPERTIES = [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(
            a_definition(logConfiguration={"logDriver": "splunk", "secretOptions": OPTIONS}),
            a_definition(logConfiguration={"logDriver": "splunk", "secretOptions": OPTIONS[::-1]}),
            id="secret options",
        ),
        pytest.param(inside(drop=["A", "B"]), inside(drop=["B", "A"]), id="dropped capabilities"),
        pytest.param(inside(add=["A", "B"]), inside(add=["B", "A"]), id="added capabilities"),
        pytest.param(
            a_definition(resourceRequirements=GPUS),
            a_definition(resourceRequirements=GPUS[::-1]),
            id="resources",
        ),
        pytest.param(
            {**a_definition(), "placementConstraints": PLACES},
            {**a_definition(), "placementConstraints": PLACES[::-1]},
            id="placement",
        ),
        pytest.param(
            {**a_definition(), "proxyConfiguration": {"properties": PROPERTIES}},
            {
                **a_definition(),
                "proxyConfiguration": {"type": "APPMESH", "properties": PROPERTIES[::-1]},
            },
            id="proxy",
        ),
        pytest.param(
            a_definition(volumesFrom=[{"sourceContainer": "b", "readOnly": False}]),
            a_definition(volumesFrom=[{"sourceContainer": "b"}]),
            id="volumes of another",
        ),
        pytest.param(
            volume(efsVolumeConfiguration={**EFS, "authorizationConfig": {"iam": "DISABLED"}}),
            volume(efsVolumeConfiguration=EFS),
            id="EFS without IAM",
        ),
        pytest.param(
            a_definition(restartPolicy={"enabled": True, "restartAttemptPeriod": 300}),
            a_definition(restartPolicy={"enabled": True}),
            id="restart period",
        ),
        pytest.param(
            a_definition(privileged=False, readonlyRootFilesystem=False, interactive=False),
            a_definition(),
            id="switches that are off",
        ),
        pytest.param(volume(configuredAtLaunch=False), volume(), id="volume at launch"),
    ],
)
def test_what_ecs_takes_for_granted_or_reorders_is_equal_and_no_noise(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert are_equal(one, other)
    assert difference(normal(one), normal(other)) == ()


def test_a_switch_that_is_on_is_a_difference() -> None:
    assert not are_equal(a_definition(privileged=True), a_definition())
    assert not are_equal(inside(drop=["A"]), inside(drop=["B"]))
