"""The emulated CodeDeploy by its API, over the emulated ECS."""

import json
from typing import Any

import pytest

from ecsstep.sandbox.api import ApiError, checked, serialised
from ecsstep.sandbox.blue_green import BlueGreen
from ecsstep.sandbox.codedeploy import CodeDeploy
from ecsstep.sandbox.seed import groups
from fake_sandbox import ACCOUNT, REGION, an_ecs

PREFIX = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
NAMES = {"applicationName": "AppECS-demo-blue", "deploymentGroupName": "DgpECS-demo-blue"}
STAGES = [
    "BeforeInstall", "Install", "AfterInstall",
    "BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic",
]  # fmt: skip


class World:
    """Both services, with time in hand."""

    def __init__(self, scenario: str = "codedeploy", **story: Any) -> None:
        self.ecs = an_ecs(scenario, **story)
        self.codedeploy = CodeDeploy(self.ecs.ecs, groups(self.ecs.ecs.story))

    def call(self, operation: str, **body: Any) -> dict[str, Any]:
        checked("codedeploy", operation, body)
        return serialised("codedeploy", operation, self.codedeploy.answer(operation, body))

    def error(self, operation: str, **body: Any) -> str:
        with pytest.raises(ApiError) as caught:
            self.call(operation, **body)
        return caught.value.code

    def go_to(self, seconds: float) -> "World":
        self.ecs.go_to(seconds)
        return self

    def register(self, **members: Any) -> str:
        before = self.ecs.call("DescribeTaskDefinition", taskDefinition="blue")["taskDefinition"]
        asked = {
            name: before[name]
            for name in (
                "family", "executionRoleArn", "networkMode", "requiresCompatibilities", "cpu",
                "memory", "containerDefinitions",
            )
        }  # fmt: skip
        answer = self.ecs.call("RegisterTaskDefinition", **{**asked, **members})
        arn: str = answer["taskDefinition"]["taskDefinitionArn"]
        return arn

    def deploy(self, arn: str | None = None) -> str:
        id_: str = self.call("CreateDeployment", **asking_for(arn or self.register()))[
            "deploymentId"
        ]
        return id_

    def deployment(self, id_: str) -> dict[str, Any]:
        found: dict[str, Any] = self.call("GetDeployment", deploymentId=id_)["deploymentInfo"]
        return found

    def target(self, id_: str) -> dict[str, Any]:
        answer = self.call("BatchGetDeploymentTargets", deploymentId=id_, targetIds=["demo:blue"])
        found: dict[str, Any] = answer["deploymentTargets"][0]["ecsTarget"]
        return found

    def stages(self, id_: str) -> list[str]:
        events = self.target(id_)["lifecycleEvents"]
        assert [event["lifecycleEventName"] for event in events] == STAGES
        return [event["status"] for event in events]

    def sides(self, id_: str) -> list[tuple[str, str, int, float]]:
        return [
            (side["taskSetLabel"], side["status"], side["runningCount"], side["trafficWeight"])
            for side in self.target(id_)["taskSetsInfo"]
        ]

    def task_sets(self) -> list[tuple[str, str, int]]:
        return [
            (each["taskDefinition"].rpartition("/")[2], each["status"], each["runningCount"])
            for each in self.ecs.service("blue")["taskSets"]
        ]


def asking_for(arn: str, *, content: str | None = None, **balancer: Any) -> dict[str, Any]:
    spec = {
        "version": 0.0,
        "Resources": [
            {
                "TargetService": {
                    "Type": "AWS::ECS::Service",
                    "Properties": {
                        "TaskDefinition": arn,
                        "LoadBalancerInfo": {
                            "ContainerName": "app",
                            "ContainerPort": 8080,
                            **balancer,
                        },
                    },
                }
            }
        ],
    }
    text = json.dumps(spec) if content is None else content
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": text}}
    return {**NAMES, "revision": revision}


def test_the_service_has_served_for_a_week_by_one_task_set() -> None:
    world = World()

    service = world.ecs.service("blue")

    assert world.task_sets() == [("blue:1", "PRIMARY", 2)]
    assert service["deploymentController"] == {"type": "CODE_DEPLOY"}
    assert (service["deployments"], service["taskSets"][0]["stabilityStatus"]) == (
        [],
        "STEADY_STATE",
    )
    assert "currentServiceDeployment" not in service
    assert "externalId" not in service["taskSets"][0]


def test_a_deployment_goes_through_its_stages_to_the_end() -> None:
    world = World()
    id_ = world.deploy()

    assert world.deployment(id_)["status"] == "Created"
    assert world.error("ListDeploymentTargets", deploymentId=id_) == "DeploymentNotStartedException"
    world.go_to(3)
    assert world.deployment(id_)["status"] == "InProgress"
    assert world.stages(id_) == ["Succeeded", "InProgress", *["Pending"] * 4]
    assert world.sides(id_) == [("Blue", "PRIMARY", 2, 100.0), ("Green", "ACTIVE", 0, 0.0)]
    assert world.task_sets() == [("blue:1", "PRIMARY", 2), ("blue:2", "ACTIVE", 0)]
    world.go_to(12)
    assert world.stages(id_) == [*["Succeeded"] * 4, "InProgress", "Pending"]
    world.go_to(16)
    assert world.stages(id_) == ["Succeeded"] * 6
    assert world.deployment(id_)["instanceTerminationWaitTimeStarted"] is True
    assert world.sides(id_) == [("Blue", "ACTIVE", 2, 0.0), ("Green", "PRIMARY", 2, 100.0)]
    world.go_to(36)
    assert world.deployment(id_)["status"] == "Succeeded"
    assert world.task_sets() == [("blue:2", "PRIMARY", 2)]
    assert world.ecs.service("blue")["taskSets"][0]["externalId"] == id_
    assert world.ecs.service("blue")["taskDefinition"] == f"{PREFIX}:task-definition/blue:2"
    assert world.target(id_)["status"] == "Succeeded"


def test_tasks_that_never_get_well_end_it_and_another_deployment_goes_back() -> None:
    world = World("codedeploy-rolled-back")
    id_ = world.deploy()

    failed = world.go_to(92).deployment(id_)
    assert failed["status"] == "Failed"
    assert failed["errorInformation"]["code"] == "TIMEOUT"
    back = failed["rollbackInfo"]["rollbackDeploymentId"]
    assert world.stages(id_) == ["Succeeded", "Failed", *["Skipped"] * 4]
    [diagnosed] = [e["diagnostics"] for e in world.target(id_)["lifecycleEvents"]
                   if "diagnostics" in e]  # fmt: skip
    assert diagnosed["message"].startswith("The deployment timed out")
    world.go_to(110)
    assert world.deployment(back)["status"] == "Succeeded"
    assert world.deployment(back)["creator"] == "codeDeployRollback"
    assert world.deployment(back)["rollbackInfo"]["rollbackTriggeringDeploymentId"] == id_
    assert world.sides(back) == [("Blue", "PRIMARY", 2, 100.0)]
    assert world.task_sets() == [("blue:1", "PRIMARY", 2)]
    assert ("/ecs/blue", "app") in [(group, s.split("/")[1]) for group, s, *_ in world.ecs.logs]
    stopped = world.ecs.tasks("blue", "STOPPED")
    assert {task["stopCode"] for task in stopped} == {
        "EssentialContainerExited",
        "ServiceSchedulerInitiated",
    }


def test_going_back_to_what_was_deployed_well_goes_well() -> None:
    world = World("codedeploy-rolled-back")
    world.deploy()
    world.go_to(120)

    id_ = world.deploy(f"{PREFIX}:task-definition/blue:1")

    assert world.go_to(160).deployment(id_)["status"] == "Succeeded"


@pytest.mark.parametrize("at", [3, 18], ids=["before the traffic has moved", "after it"])
def test_a_deployment_that_is_stopped_goes_back(at: float) -> None:
    world = World()
    id_ = world.deploy()
    world.go_to(at)

    world.call("StopDeployment", deploymentId=id_)

    stopped = world.deployment(id_)
    assert (stopped["status"], stopped["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")
    assert world.target(id_)["status"] == "Failed"
    assert world.error("StopDeployment", deploymentId=id_) == "DeploymentAlreadyCompletedException"
    world.go_to(at + 30)
    assert world.task_sets() == [("blue:1", "PRIMARY", 2)]


def test_stopping_a_rollback_leaves_what_serves() -> None:
    world = World("codedeploy-rolled-back")
    world.go_to(92)
    id_ = world.deploy()
    back = world.go_to(184).deployment(id_)["rollbackInfo"]["rollbackDeploymentId"]

    world.call("StopDeployment", deploymentId=back)

    assert world.deployment(back)["status"] == "Stopped"
    assert world.task_sets() == [("blue:1", "PRIMARY", 2)]


def test_what_is_over_can_not_be_stopped() -> None:
    world = World()
    id_ = world.deploy()
    world.go_to(60)
    rollout = world.ecs.ecs.service("demo", "blue")
    assert rollout is not None
    assert isinstance(rollout.rollout, BlueGreen)
    [shift] = rollout.rollout.shifts

    rollout.rollout.stop_shift(world.ecs.clock.now(), shift)
    rollout.rollout.stop_deployment(world.ecs.clock.now())

    assert world.deployment(id_)["status"] == "Succeeded"


@pytest.mark.parametrize(
    ("scenario", "code"),
    [("codedeploy-stopped", "MANUAL_STOP"), ("codedeploy-alarm", "ALARM_ACTIVE")],
)
def test_somebody_or_an_alarm_stops_it_and_it_goes_back(scenario: str, code: str) -> None:
    world = World(scenario)
    id_ = world.deploy()

    stopped = world.go_to(8).deployment(id_)
    back = stopped["rollbackInfo"]["rollbackDeploymentId"]

    assert (stopped["status"], stopped["errorInformation"]["code"]) == ("Stopped", code)
    assert world.deployment(back)["rollbackInfo"] == {"rollbackTriggeringDeploymentId": id_}
    assert world.go_to(60).deployment(back)["status"] == "Succeeded"


def test_a_story_after_the_end_changes_nothing() -> None:
    world = World(stop_after=100, alarm_after=101)
    id_ = world.deploy()

    assert world.go_to(120).deployment(id_)["status"] == "Succeeded"


def test_a_hook_that_fails_ends_it_a_moment_later() -> None:
    world = World("codedeploy-hook-failed")
    id_ = world.deploy()

    early, late = world.go_to(20).deployment(id_), world.go_to(60).deployment(id_)

    assert early["status"] == "InProgress"
    assert world.target(id_)["lifecycleEvents"][3]["status"] == "Failed"
    assert (late["status"], late["errorInformation"]["code"]) == (
        "Failed",
        "HOOK_EXECUTION_FAILURE",
    )
    assert world.deployment(late["rollbackInfo"]["rollbackDeploymentId"])["status"] == "Succeeded"


def test_a_person_shifts_the_traffic_of_what_is_ready() -> None:
    world = World("codedeploy-ready")
    id_ = world.deploy()

    assert world.go_to(60).deployment(id_)["status"] == "Ready"
    world.call("ContinueDeployment", deploymentId=id_)
    assert world.go_to(120).deployment(id_)["status"] == "Succeeded"
    assert (
        world.error("ContinueDeployment", deploymentId=id_)
        == "DeploymentIsNotInReadyStateException"
    )


def test_a_group_has_one_deployment_at_a_time() -> None:
    world = World()
    arn = world.register()
    world.deploy(arn)

    assert world.error("CreateDeployment", **asking_for(arn)) == "DeploymentLimitExceededException"


def test_the_desired_count_holds_for_both_task_sets() -> None:
    world = World()
    id_ = world.deploy()
    world.go_to(3).ecs.update("blue", desiredCount=1)

    assert world.go_to(40).deployment(id_)["status"] == "Succeeded"
    assert world.task_sets() == [("blue:2", "PRIMARY", 1)]


def test_a_task_that_somebody_stops_is_replaced() -> None:
    world = World()
    [task, _] = world.ecs.tasks("blue")

    world.ecs.call("StopTask", cluster="demo", task=task["taskArn"])

    assert world.go_to(30).task_sets() == [("blue:1", "PRIMARY", 2)]
    assert task["taskArn"] not in [each["taskArn"] for each in world.ecs.tasks("blue")]


@pytest.mark.parametrize("is_deploying", [False, True])
def test_a_deleted_service_drains_and_ends_its_deployment(is_deploying: bool) -> None:
    world = World()
    id_ = world.deploy() if is_deploying else ""
    world.go_to(3)

    world.ecs.call("DeleteService", cluster="demo", service="blue", force=True)

    assert world.ecs.service("blue")["status"] == "DRAINING"
    world.go_to(60)
    assert world.ecs.service("blue")["status"] == "INACTIVE"
    if id_:
        assert world.deployment(id_)["status"] == "Failed"
    assert world.error("CreateDeployment", **asking_for("x")) == "InvalidECSServiceException"
    world.go_to(600).ecs.call("ListClusters")
    assert world.call("ListDeployments") == {"deployments": []}


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"forceNewDeployment": True}, "Cannot force a new deployment on services with"),
        ({"taskDefinition": "blue:1"}, "Unable to update task definition on services with"),
    ],
)
def test_ecs_itself_makes_no_deployment(members: dict[str, Any], said: str) -> None:
    with pytest.raises(ApiError, match=said):
        World().ecs.update("blue", **members)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        pytest.param(
            {**asking_for("x"), "applicationName": "x"},
            "ApplicationDoesNotExistException",
            id="application",
        ),
        pytest.param(
            {**asking_for("x"), "deploymentGroupName": "x"},
            "DeploymentGroupDoesNotExistException",
            id="group",
        ),
        pytest.param(asking_for("x"), "InvalidRevisionException", id="revision"),
        pytest.param(asking_for("blue:1", ContainerPort=1), "InvalidRevisionException", id="port"),
        pytest.param(asking_for("", content="[]"), "InvalidRevisionException", id="AppSpec"),
        pytest.param(asking_for("", content="a: b"), "InvalidRevisionException", id="no resources"),
        pytest.param(NAMES, "InvalidRevisionException", id="nothing"),
    ],
)
def test_what_cannot_be_deployed_is_refused(request_: dict[str, Any], code: str) -> None:
    assert World().error("CreateDeployment", **request_) == code


def test_an_appspec_may_be_yaml_with_keys_in_any_case() -> None:
    content = (
        "version: 0.0\nresources: [{s: {type: x, properties: {taskdefinition: 'blue:1', "
        "loadbalancerinfo: {containername: app, containerport: 8080}}}}]"
    )

    assert World().call("CreateDeployment", **asking_for("", content=content))["deploymentId"]


def test_what_is_there_can_be_listed_and_read() -> None:
    world = World()
    id_ = world.deploy()
    world.go_to(3)

    assert world.call("ListApplications") == {"applications": ["AppECS-demo-blue"]}
    assert world.call("ListDeploymentGroups", applicationName=NAMES["applicationName"]) == {
        "applicationName": "AppECS-demo-blue",
        "deploymentGroups": ["DgpECS-demo-blue"],
    }
    application = world.call("GetApplication", applicationName=NAMES["applicationName"])
    assert application["application"]["computePlatform"] == "ECS"
    group = world.call("GetDeploymentGroup", **NAMES)["deploymentGroupInfo"]
    assert group["ecsServices"] == [{"serviceName": "blue", "clusterName": "demo"}]
    assert world.call("ListDeployments", **NAMES) == {"deployments": [id_]}
    assert world.call("ListDeployments", includeOnlyStatuses=["Failed"]) == {"deployments": []}
    assert world.call("ListDeployments", applicationName="x") == {"deployments": []}
    assert world.call("ListDeploymentTargets", deploymentId=id_) == {"targetIds": ["demo:blue"]}
    one = world.call("GetDeploymentTarget", deploymentId=id_, targetId="demo:blue")
    assert one["deploymentTarget"]["ecsTarget"]["deploymentId"] == id_


def test_what_is_not_there_is_told() -> None:
    world = World()
    id_ = world.deploy()
    unknown = {"deploymentId": id_, "targetIds": ["demo:web"]}

    assert world.error("GetDeployment", deploymentId="d-0") == "DeploymentDoesNotExistException"
    assert world.error("BatchGetDeploymentTargets", **unknown) == (
        "DeploymentTargetDoesNotExistException"
    )
    assert world.error("GetApplication", applicationName="x") == "ApplicationDoesNotExistException"
    assert not world.codedeploy.handles("CreateApplication")


def test_in_other_scenarios_there_is_no_codedeploy() -> None:
    world = World("steady")

    assert world.call("ListApplications") == {"applications": []}
    assert world.error("CreateDeployment", **asking_for("x")) == "ApplicationDoesNotExistException"
