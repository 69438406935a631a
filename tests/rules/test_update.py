"""What has to change in a service, and how UpdateService is asked for it."""

from typing import Any

import pytest

from ecs_fakes import (
    NEW,
    OLD,
    OLD_ID,
    OUR_ID,
    a_deployment,
    a_service,
    a_steady_service,
    at,
    the_old_one,
)
from ecsstep.aws.models import input_shape
from ecsstep.rules.service import Service, TaskSet
from ecsstep.rules.update import (
    Wanted,
    asks_for_something,
    codedeploy_faults,
    followed,
    parameter_faults,
    percent_faults,
    previous_revision,
    request_for,
    side_effects,
)

UPDATE = input_shape("ecs", "UpdateService")
BLUE = TaskSet(id="ecs-svc/1", status="PRIMARY", taskdef_arn=OLD, created_at=at(-60))
GREEN = TaskSet(
    id="ecs-svc/2", status="ACTIVE", taskdef_arn=NEW, deployment="d-A1B2C3D4E", created_at=at(0)
)
WHERE = {"cluster": "prod", "service": "web"}


def under_codedeploy(*sets: TaskSet) -> Service:
    return a_service(controller="CODE_DEPLOY", taskdef=OLD, task_sets=sets)


@pytest.mark.parametrize(
    ("wanted", "taskdef", "expected"),
    [
        pytest.param(Wanted(), None, {}, id="nothing"),
        pytest.param(Wanted(), NEW, {"taskDefinition": NEW}, id="revision"),
        pytest.param(Wanted(desired_count=0), None, {"desiredCount": 0}, id="0 stays 0"),
        pytest.param(
            Wanted(force_new_deployment=True), None, {"forceNewDeployment": True}, id="force"
        ),
        pytest.param(
            Wanted(circuit_breaker="rollback"),
            None,
            {
                "deploymentConfiguration": {
                    "deploymentCircuitBreaker": {"enable": True, "rollback": True}
                }
            },
            id="breaker with rollback",
        ),
        pytest.param(
            Wanted(circuit_breaker="on"),
            None,
            {
                "deploymentConfiguration": {
                    "deploymentCircuitBreaker": {"enable": True, "rollback": False}
                }
            },
            id="breaker",
        ),
        pytest.param(
            Wanted(circuit_breaker="off", minimum_healthy=0, maximum=100),
            None,
            {
                "deploymentConfiguration": {
                    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
                    "minimumHealthyPercent": 0,
                    "maximumPercent": 100,
                }
            },
            id="no breaker, percentages",
        ),
        pytest.param(
            Wanted(parameters={"enableExecuteCommand": False, "deploymentConfiguration": {}}),
            None,
            {"enableExecuteCommand": False, "deploymentConfiguration": {}},
            id="other members as they stand",
        ),
        pytest.param(
            Wanted(
                circuit_breaker="on",
                desired_count=3,
                parameters={
                    "desiredCount": 1,
                    "deploymentConfiguration": {
                        "bakeTimeInMinutes": 0,
                        "deploymentCircuitBreaker": {
                            "enable": False,
                            "rollback": True,
                            "resetOnHealthyTask": False,
                        },
                    },
                },
            ),
            None,
            {
                "desiredCount": 3,
                "deploymentConfiguration": {
                    "bakeTimeInMinutes": 0,
                    "deploymentCircuitBreaker": {
                        "enable": True,
                        "rollback": False,
                        "resetOnHealthyTask": False,
                    },
                },
            },
            id="flags beat the file and leave the rest of it",
        ),
    ],
)
def test_the_request_holds_what_was_asked_and_nothing_else(
    wanted: Wanted, taskdef: str | None, expected: dict[str, Any]
) -> None:
    request = request_for("prod", "web", wanted, taskdef_arn=taskdef)

    assert request == {**WHERE, **expected}
    assert asks_for_something(request) is bool(expected)
    assert not list(parameter_faults({k: v for k, v in expected.items() if k[0] != "t"}, UPDATE))


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        pytest.param(a_steady_service(), OLD, id="what runs"),
        pytest.param(
            a_service(a_deployment(), the_old_one()), OLD, id="a rerun during the deployment"
        ),
        pytest.param(a_service(a_deployment(state="COMPLETED")), None, id="a rerun after it"),
        pytest.param(
            a_service(a_deployment(taskdef="x:5", state="FAILED"), the_old_one()),
            OLD,
            id="what runs is broken: what was proven before it",
        ),
        pytest.param(
            a_service(a_deployment(taskdef="x:5")), "x:5", id="not proven, but there is no other"
        ),
        pytest.param(
            a_service(a_deployment(taskdef="x:5", state=None), the_old_one()),
            "x:5",
            id="behind a Classic Load Balancer",
        ),
        pytest.param(
            a_service(a_deployment(taskdef="x:5", state="FAILED")), None, id="only a failed one"
        ),
        pytest.param(
            a_service(
                a_deployment(taskdef="x:5", state="FAILED"),
                the_old_one(taskdef="x:4", state="IN_PROGRESS"),
            ),
            "x:4",
            id="not proven, but not failed either",
        ),
        pytest.param(
            a_service(a_deployment(taskdef="x:5", state="FAILED"), the_old_one(taskdef="x:5")),
            "x:5",
            id="failed once, and proven before",
        ),
        pytest.param(a_service(taskdef="x:5"), "x:5", id="no deployment"),
        pytest.param(a_service(taskdef=NEW), None, id="no deployment, on the new one"),
    ],
)
def test_the_revision_to_go_back_to_is_one_that_was_proven(
    service: Service, expected: str | None
) -> None:
    assert previous_revision(service, new=NEW) == expected


@pytest.mark.parametrize(
    ("after", "taskdef", "expected"),
    [
        pytest.param(a_service(a_deployment(), the_old_one()), NEW, OUR_ID, id="ours"),
        pytest.param(a_steady_service(), NEW, None, id="another revision"),
        pytest.param(a_service(), NEW, None, id="none"),
        pytest.param(under_codedeploy(BLUE, GREEN), NEW, "d-A1B2C3D4E", id="CodeDeploy's"),
        pytest.param(under_codedeploy(BLUE, GREEN), OLD, None, id="CodeDeploy's, another one"),
        pytest.param(under_codedeploy(BLUE), OLD, "ecs-svc/1", id="the first task set"),
    ],
)
def test_the_deployment_to_follow_is_the_one_of_our_revision(
    after: Service, taskdef: str, expected: str | None
) -> None:
    assert followed(after, taskdef_arn=taskdef) == expected


@pytest.mark.parametrize(
    ("sets", "new", "expected"),
    [
        pytest.param((BLUE,), NEW, OLD, id="what serves"),
        pytest.param((BLUE, GREEN), NEW, OLD, id="a rerun before the traffic has moved"),
        pytest.param(
            (GREEN.replaced(status="PRIMARY"), BLUE.replaced(status="ACTIVE")),
            NEW,
            OLD,
            id="a rerun after it",
        ),
        pytest.param((BLUE, GREEN), OLD, None, id="never what has not served yet"),
        pytest.param((GREEN, BLUE.replaced(status="ACTIVE")), NEW, OLD, id="none serves"),
    ],
)
def test_under_codedeploy_the_way_back_is_what_served_before(
    sets: tuple[TaskSet, ...], new: str, expected: str | None
) -> None:
    assert previous_revision(under_codedeploy(*sets), new=new) == expected


def test_what_ecs_refuses_under_codedeploy_is_told() -> None:
    wanted = Wanted(
        circuit_breaker="on",
        desired_count=1,
        parameters={
            "networkConfiguration": {},
            "platformVersion": "1.4.0",
            "propagateTags": "NONE",
        },
    )

    assert list(codedeploy_faults(wanted)) == [
        (
            "--circuit-breaker is for ECS's own deployments; CodeDeploy's deployment group has its "
            "own rollback"
        ),
        "networkConfiguration can only be changed by a deployment: say it in --appspec",
        "platformVersion can only be changed by a deployment: say it in --appspec",
    ]
    assert list(codedeploy_faults(Wanted(force_new_deployment=True))) == []


def test_what_nobody_asked_to_change_is_told() -> None:
    before = a_steady_service(configuration={"maximumPercent": 200, "strategy": "ROLLING"})
    after = a_service(
        the_old_one(status="PRIMARY", deployment_id=OLD_ID, desired=3),
        configuration={"maximumPercent": 150, "minimumHealthyPercent": 50, "strategy": "ROLLING"},
    )
    asked = {**WHERE, "deploymentConfiguration": {"minimumHealthyPercent": 50}}

    assert list(side_effects(before, after, asked)) == [
        "deploymentConfiguration.maximumPercent changed from 200 to 150, which nobody asked",
        "the desired count changed from 2 to 3 meanwhile",
    ]


BREAKER = {"enable": True, "rollback": True, "resetOnHealthyTask": True}


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param(
            Wanted(circuit_breaker="off"),
            {"deploymentCircuitBreaker": {**BREAKER, "enable": False, "rollback": False}},
            id="breaker, all of it",
        ),
        pytest.param(
            Wanted(maximum=150),
            {"maximumPercent": 150},
            id="percentage",
        ),
        pytest.param(
            Wanted(parameters={"deploymentConfiguration": {"maximumPercent": 150}}),
            {"maximumPercent": 150},
            id="a file is sent as it stands",
        ),
    ],
)
def test_of_the_services_own_configuration_only_what_the_flags_touch_is_sent(
    wanted: Wanted, expected: dict[str, Any]
) -> None:
    current = {
        "maximumPercent": 200,
        "deploymentCircuitBreaker": BREAKER,
        "strategy": "CANARY",
        "canaryConfiguration": {"canaryPercent": 10},
    }

    request = request_for("prod", "web", wanted, taskdef_arn=None, configuration=current)

    assert request["deploymentConfiguration"] == expected


def test_what_changed_inside_what_was_asked_is_told() -> None:
    before = a_steady_service(
        configuration={"deploymentCircuitBreaker": BREAKER, "maximumPercent": 200}
    )
    after = a_steady_service(configuration={"deploymentCircuitBreaker": {"enable": False}})
    asked = {"deploymentCircuitBreaker": {"enable": False}, "maximumPercent": 200}

    assert list(side_effects(before, after, {**WHERE, "deploymentConfiguration": asked})) == [
        (
            "deploymentConfiguration.deploymentCircuitBreaker.resetOnHealthyTask changed from True "
            "to None, which nobody asked"
        ),
        (
            "deploymentConfiguration.deploymentCircuitBreaker.rollback changed from True to None, "
            "which nobody asked"
        ),
        "deploymentConfiguration.maximumPercent changed from 200 to None, which nobody asked",
    ]
    gone = {**WHERE, "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True}}}
    assert len(list(side_effects(before, a_steady_service(), gone))) == 4


@pytest.mark.parametrize(
    ("configuration", "count"),
    [
        pytest.param({"minimumHealthyPercent": 300, "maximumPercent": 10}, 1, id="contradictory"),
        pytest.param({"minimumHealthyPercent": 100, "maximumPercent": 100}, 1, id="no room"),
        pytest.param({"minimumHealthyPercent": 0, "maximumPercent": 100}, 0, id="down first"),
        pytest.param({"minimumHealthyPercent": 300}, 0, id="one alone"),
    ],
)
def test_percentages_that_leave_no_room_are_told(configuration: dict[str, int], count: int) -> None:
    request = {"deploymentConfiguration": configuration}

    assert len(list(percent_faults(request, a_steady_service()))) == count


NO_ROOM = {"minimumHealthyPercent": 100, "maximumPercent": 100}


@pytest.mark.parametrize(
    ("asked", "own", "controller", "count"),
    [
        pytest.param({"maximumPercent": 100}, NO_ROOM, "ECS", 1, id="with the service's own"),
        pytest.param({"maximumPercent": 100}, {**NO_ROOM, "strategy": "ROLLING"}, "ECS", 1,
                     id="rolling"),
        pytest.param({}, NO_ROOM, "ECS", 0, id="neither was asked"),
        pytest.param(NO_ROOM, {"strategy": "BLUE_GREEN"}, "ECS", 0, id="blue/green"),
        pytest.param({**NO_ROOM, "strategy": "CANARY"}, {}, "ECS", 0, id="canary is asked"),
        pytest.param(NO_ROOM, {}, "CODE_DEPLOY", 0, id="CodeDeploy"),
    ],
)  # fmt: skip
def test_only_a_rolling_deployment_needs_room_between_the_percentages(
    asked: dict[str, Any], own: dict[str, Any], controller: str, count: int
) -> None:
    service = a_steady_service(configuration=own, controller=controller)

    assert len(list(percent_faults({"deploymentConfiguration": asked}, service))) == count


def test_what_was_asked_to_change_is_not() -> None:
    before = a_steady_service(configuration={"maximumPercent": 200})
    after = a_service(the_old_one(status="PRIMARY", desired=0), configuration={"maximumPercent": 1})
    asked = {**WHERE, "desiredCount": 0, "deploymentConfiguration": {"maximumPercent": 1}}

    assert list(side_effects(before, after, asked)) == []


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        pytest.param({}, [], id="nothing"),
        pytest.param([], ["it holds no object"], id="list"),
        pytest.param(
            {"enableExecuteComand": True, "desiredCount": "1"},
            [
                (
                    "enableExecuteComand is no field that the API knows; did you mean "
                    "'enableExecuteCommand'?"
                ),
                "desiredCount must be a whole number, not the text '1'",
            ],
            id="unknown member and wrong type",
        ),
        pytest.param(
            {"taskDefinition": "x", "cluster": "y", "service": "z"},
            [
                "cluster is given by --cluster, not in the file",
                "service is given by --service, not in the file",
                "taskDefinition is given by --taskdef, not in the file",
            ],
            id="what flags give",
        ),
        pytest.param(
            {"volumeConfigurations": None},
            ["volumeConfigurations is null; leave it out"],
            id="null",
        ),
    ],
)
def test_a_parameters_file_is_checked_against_the_api(parameters: Any, expected: Any) -> None:
    assert list(parameter_faults(parameters, UPDATE)) == expected
