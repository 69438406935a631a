"""The AppSpec: what CodeDeploy is told."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.appspec import (
    Traffic,
    built,
    faults,
    filled,
    named_revision,
    traffic_behind,
    traffic_faults,
    traffic_of,
)

TRAFFIC = Traffic(container="app", port=8080)
BALANCER = {"ContainerName": "app", "ContainerPort": 8080}


def a_spec(**properties: Any) -> dict[str, Any]:
    given = {"TaskDefinition": "<TASK_DEFINITION>", "LoadBalancerInfo": BALANCER, **properties}
    return {
        "version": 0.0,
        "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": given}}],
    }


def recased(value: Any, change: Any) -> Any:
    if isinstance(value, dict):
        return {change(name): recased(item, change) for name, item in value.items()}
    return [recased(item, change) for item in value] if isinstance(value, list) else value


def test_a_key_that_is_no_text_is_no_crash() -> None:
    assert list(faults({1: "x"}))
    assert list(faults({**a_spec(), 1: "x"})) == []


def test_one_is_built_with_the_revision_and_the_traffic_alone() -> None:
    assert built(TRAFFIC, taskdef_arn="arn:2", platform_version="LATEST") == a_spec(
        TaskDefinition="arn:2"
    )


def test_what_it_would_otherwise_change_is_repeated() -> None:
    spec = built(
        TRAFFIC,
        taskdef_arn="arn:2",
        platform_version="1.4.0",
        capacity_providers=[{"capacityProvider": "SPOT", "base": 0, "weight": 1}],
    )

    assert spec == a_spec(
        TaskDefinition="arn:2",
        PlatformVersion="1.4.0",
        CapacityProviderStrategy=[{"CapacityProvider": "SPOT", "Base": 0, "Weight": 1}],
    )


@pytest.mark.parametrize("change", [str, str.lower, str.upper], ids=["as it is", "lower", "upper"])
def test_the_revision_is_filled_in_whatever_the_case_of_the_keys(change: Any) -> None:
    spec = recased({**a_spec(PlatformVersion="1.4.0"), "Hooks": [{"AfterInstall": "f"}]}, change)
    expected = recased(
        {
            **a_spec(PlatformVersion="1.4.0", TaskDefinition="arn:2"),
            "Hooks": [{"AfterInstall": "f"}],
        },
        change,
    )

    assert faults(spec) == ()
    assert traffic_of(spec) == TRAFFIC
    assert filled(spec, taskdef_arn="arn:2") == expected


def test_a_revision_that_is_left_out_is_put_in() -> None:
    spec = a_spec()
    del spec["Resources"][0]["TargetService"]["Properties"]["TaskDefinition"]

    assert named_revision(spec) == ""
    assert named_revision(filled(spec, taskdef_arn="arn:2")) == "arn:2"


@pytest.mark.parametrize(
    ("text", "expected"), [("<TASK_DEFINITION>", ""), ("arn:7", "arn:7"), (None, ""), ("", "")]
)
def test_a_placeholder_names_no_revision(text: str | None, expected: str) -> None:
    assert named_revision(a_spec(TaskDefinition=text)) == expected


ONE_TARGET = "Resources must be a list of one target service"
NO_TRAFFIC = "LoadBalancerInfo must have a ContainerName and a ContainerPort"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param([], ("it holds no object",), id="a list"),
        pytest.param({}, (ONE_TARGET,), id="nothing"),
        pytest.param({"Resources": {}}, (ONE_TARGET,), id="no list"),
        pytest.param({"Resources": [{}, {}]}, (ONE_TARGET,), id="two"),
        pytest.param(
            {"Resources": ["x"]},
            ("Resources[0] must be one name with an object: {TargetService: {…}}",),
            id="text",
        ),
        pytest.param(
            {"Resources": [{"a": {}}]},
            (
                "Type must be AWS::ECS::Service, not missing",
                "Properties is missing, or no object",
            ),
            id="empty target",
        ),
        pytest.param(a_spec(LoadBalancerInfo=None), (NO_TRAFFIC,), id="no balancer"),
        pytest.param(
            a_spec(LoadBalancerInfo={**BALANCER, "ContainerPort": True}), (NO_TRAFFIC,), id="true"
        ),
        pytest.param(
            a_spec(LoadBalancerInfo={**BALANCER, "ContainerPort": "http"}), (NO_TRAFFIC,), id="port"
        ),
        pytest.param(
            a_spec(LoadBalancerInfo={**BALANCER, "ContainerName": ""}), (NO_TRAFFIC,), id="name"
        ),
    ],
)
def test_what_is_wrong_with_one_is_told(document: Any, expected: tuple[str, ...]) -> None:
    assert faults(document) == expected


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=2)
            | st.dictionaries(
                st.sampled_from(["Resources", "type", "properties", "x", "LoadBalancerInfo"]),
                inner,
                max_size=3,
            )
        ),
    )
)
def test_whatever_stands_there_is_a_fault_or_can_be_filled(document: Any) -> None:
    if not faults(document):
        assert named_revision(filled(document, taskdef_arn="arn:2")) == "arn:2"


@pytest.mark.parametrize(
    ("balancers", "expected"),
    [
        pytest.param(({"containerName": "app", "containerPort": 8080},), TRAFFIC, id="one"),
        pytest.param(
            (
                {"containerName": "app", "containerPort": 8080, "targetGroupArn": "a"},
                {"containerName": "app", "containerPort": 8080, "targetGroupArn": "b"},
            ),
            TRAFFIC,
            id="two target groups of one port",
        ),
        pytest.param((), "the service has no load balancer", id="none"),
        pytest.param(
            (
                {"containerName": "app", "containerPort": 1},
                {"containerName": "b", "containerPort": 2},
            ),
            "the service has several container ports behind load balancers: 'app:1' and 'b:2'",
            id="several",
        ),
        pytest.param(
            ({"loadBalancerName": "classic"},),
            "the service has several container ports behind load balancers: 'None:None'",
            id="none that can be told",
        ),
    ],
)
def test_the_traffic_goes_where_the_services_balancer_sends_it(
    balancers: Any, expected: Traffic | str
) -> None:
    assert traffic_behind(balancers) == expected


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        pytest.param({"name": "app", "portMappings": [{"containerPort": 8080}]}, (), id="fits"),
        pytest.param(
            {"name": "app"},
            ("the traffic goes to port 8080 of container 'app', which opens none",),
            id="no port",
        ),
        pytest.param(
            {"name": "web"},
            (("the traffic goes to container 'app', which is not in the task definition; it has "
             "'web'"),),
            id="no container",
        ),
    ],
)  # fmt: skip
def test_traffic_that_a_definition_cannot_take_is_told(
    container: Any, expected: tuple[str, ...]
) -> None:
    assert traffic_faults(TRAFFIC, {"containerDefinitions": [container]}) == expected
