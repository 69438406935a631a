from typing import Any

import pytest

from ecs_fakes import ACCOUNT, NEW, a_service
from ecsstep.aws.models import input_shape
from ecsstep.rules.errand.request import (
    Wanted,
    essentials,
    parameter_faults,
    request_for,
    wanted_faults,
    worker,
)
from ecsstep.rules.errand.variables import variable

NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
ONE = {"containerDefinitions": [{"name": "app"}]}
TWO = {"containerDefinitions": [{"name": "app"}, {"name": "nginx", "essential": False}]}


def a_request(wanted: Wanted | None = None, **service: Any) -> dict[str, Any]:
    return request_for(
        a_service(**service),
        wanted or Wanted(container="app"),
        taskdef_arn=NEW,
        started_by="task-run/p:1",
    )


def test_the_task_runs_where_the_services_tasks_run() -> None:
    wanted = Wanted(container="app", command=("migrate", ""), environment=(("A", "1"),))

    assert a_request(wanted, network=NETWORK, platform_version="1.4.0", launch_type="FARGATE") == {
        "cluster": f"{ACCOUNT}:cluster/prod",
        "taskDefinition": NEW,
        "count": 1,
        "startedBy": "task-run/p-1",
        "networkConfiguration": NETWORK,
        "platformVersion": "1.4.0",
        "launchType": "FARGATE",
        "overrides": {
            "containerOverrides": [
                {
                    "name": "app",
                    "command": ["migrate", ""],
                    "environment": [{"name": "A", "value": "1"}],
                }
            ]
        },
    }


def test_capacity_providers_beat_a_launch_type_and_hosts_keep_their_constraints() -> None:
    providers = ({"capacityProvider": "spot", "weight": 1},)
    here = {"type": "memberOf", "expression": "attribute:zone == a"}

    request = a_request(
        capacity_providers=providers,
        launch_type="EC2",
        placement_constraints=({"type": "distinctInstance"}, here),
    )

    assert request["capacityProviderStrategy"] == list(providers)
    assert request["placementConstraints"] == [here]
    assert not {"launchType", "networkConfiguration", "platformVersion", "overrides"} & set(request)


@pytest.mark.parametrize(
    "given", [{"launchType": "FARGATE"}, {"capacityProviderStrategy": [{"capacityProvider": "x"}]}]
)
def test_parameters_say_the_capacity_instead_of_the_service(given: dict[str, Any]) -> None:
    request = a_request(
        Wanted(container="app", parameters=given), capacity_providers=({"capacityProvider": "y"},)
    )

    found = {n: request[n] for n in ("launchType", "capacityProviderStrategy") if n in request}
    assert found == given


def test_overrides_in_parameters_are_kept_beside_what_flags_say() -> None:
    given = {
        "overrides": {
            "cpu": "512",
            "containerOverrides": [
                {"name": "nginx", "cpu": 1},
                {
                    "name": "app",
                    "memory": 2,
                    "command": ["old"],
                    "environment": [{"name": "A", "value": "0"}, {"name": "B", "value": "0"}],
                },
            ],
        }
    }
    wanted = Wanted(container="app", command=("new",), environment=(("A", "1"),), parameters=given)

    assert a_request(wanted)["overrides"] == {
        "cpu": "512",
        "containerOverrides": [
            {
                "name": "app",
                "memory": 2,
                "command": ["new"],
                "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "0"}],
            },
            {"name": "nginx", "cpu": 1},
        ],
    }
    only_cpu = Wanted(container="app", parameters={"overrides": {"cpu": "512"}})
    assert a_request(only_cpu)["overrides"] == {"cpu": "512"}


def test_the_only_container_does_the_work_and_one_of_several_has_to_be_named() -> None:
    assert worker(ONE, None) == "app"
    assert worker(TWO, "nginx") == "nginx"
    with pytest.raises(ValueError, match=r"give --container: 'app' and 'nginx'"):
        worker(TWO, None)
    with pytest.raises(ValueError, match=r"no container 'ap', it has 'app'; did you mean 'app'"):
        worker(ONE, "ap")


def test_a_container_is_essential_unless_the_definition_says_otherwise() -> None:
    assert essentials(TWO) == {"app"}


def test_a_variable_that_is_a_secret_of_the_container_is_a_mistake() -> None:
    secret = {"name": "app", "secrets": [{"name": "DB", "valueFrom": "x"}]}
    wanted = Wanted(container="app", environment=(("DB", "1"), ("A", "1")))

    faults = list(wanted_faults(wanted, {"containerDefinitions": [{"name": "b"}, secret]}))

    assert faults == ["--env: 'DB' is a secret of container 'app' already"]


def test_a_file_of_parameters_is_checked_by_the_apis_own_shape() -> None:
    shape = input_shape("ecs", "RunTask")

    assert list(parameter_faults([], shape)) == ["it holds no object"]
    assert list(parameter_faults({"enableExecuteCommand": True}, shape)) == []
    faults = list(parameter_faults({"cluster": "c", "count": 2, "lunchType": "x"}, shape))
    assert len(faults) == 3
    assert "lunchType" in faults[0]
    assert "cluster is given by --cluster, not in the file" in faults


@pytest.mark.parametrize(
    ("text", "pair"), [("A=1", ("A", "1")), ("A=", ("A", "")), ("A=b=c", ("A", "b=c"))]
)
def test_a_variables_value_is_what_follows_the_first_sign(text: str, pair: tuple[str, str]) -> None:
    assert variable(text) == pair


@pytest.mark.parametrize("text", ["hunter22", "=x"])
def test_what_is_no_variable_is_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match="is not NAME=VALUE") as caught:
        variable(text)

    assert text not in str(caught.value)
