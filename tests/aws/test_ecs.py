"""ECS's calls, checked against AWS's model by the Stubber."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.stub import Stubber

from ecs_fakes import ACCOUNT, NEW, OUR_ID, at, data
from ecsstep.aws.ecs import Ecs, FamilyBusyError, TaskDefinition
from ecsstep.aws.models import task_definition_model
from ecsstep.errors import Exit, StepError
from ecsstep.rules.changes import Changes
from ecsstep.rules.registered import source_of
from ecsstep.rules.service import (
    Container,
    Deployment,
    Event,
    Service,
    ServiceDeployment,
    Task,
    TaskSet,
)
from ecsstep.rules.taskdef import Faulty, Rendered, Source, render

ASKED = {"cluster": "prod", "services": ["web"]}
SERVICE = {
    "serviceName": "web",
    "serviceArn": f"{ACCOUNT}:service/prod/web",
    "clusterArn": f"{ACCOUNT}:cluster/prod",
    "status": "ACTIVE",
    "taskDefinition": NEW,
    "desiredCount": 2,
    "runningCount": 1,
    "pendingCount": 1,
    "deploymentConfiguration": {"maximumPercent": 200},
    "currentServiceDeployment": "arn:current",
    "deployments": [
        {
            "id": OUR_ID,
            "status": "PRIMARY",
            "taskDefinition": NEW,
            "desiredCount": 2,
            "runningCount": 1,
            "pendingCount": 1,
            "failedTasks": 3,
            "rolloutState": "IN_PROGRESS",
            "rolloutStateReason": "in progress",
            "createdAt": at(0),
        }
    ],
    "events": [{"id": "e1", "createdAt": at(1), "message": "(service web) has started"}],
}


def client(service: Any = "ecs", **more: Any) -> Any:
    return boto3.client(
        service,
        region_name="us-east-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
        **more,
    )


@pytest.fixture
def stub() -> Iterator[tuple[Ecs, Stubber]]:
    made = client()
    with Stubber(made) as stubber:
        yield Ecs(made), stubber
        stubber.assert_no_pending_responses()


def test_a_service_is_read_whole(stub: tuple[Ecs, Stubber]) -> None:
    ecs, stubber = stub
    stubber.add_response("describe_services", {"services": [SERVICE], "failures": []}, ASKED)

    assert ecs.service("prod", "web") == Service(
        name="web",
        arn=f"{ACCOUNT}:service/prod/web",
        cluster_arn=f"{ACCOUNT}:cluster/prod",
        status="ACTIVE",
        taskdef_arn=NEW,
        controller="ECS",
        desired=2,
        running=1,
        pending=1,
        deployments=(
            Deployment(
                id=OUR_ID,
                status="PRIMARY",
                taskdef_arn=NEW,
                rollout_state="IN_PROGRESS",
                rollout_reason="in progress",
                desired=2,
                pending=1,
                running=1,
                failed=3,
                created_at=at(0),
            ),
        ),
        events=(Event(id="e1", at=at(1), text="(service web) has started"),),
        current_service_deployment="arn:current",
        configuration={"maximumPercent": 200},
    )


def test_a_service_that_says_little_is_read_too(stub: tuple[Ecs, Stubber]) -> None:
    ecs, stubber = stub
    little = {
        "serviceName": "web",
        "serviceArn": "arn",
        "deploymentController": {"type": "EXTERNAL"},
        "deployments": [{"id": "d"}],
    }
    stubber.add_response("describe_services", {"services": [little]}, ASKED)

    assert ecs.service("prod", "web") == Service(
        name="web",
        arn="arn",
        cluster_arn="",
        status="",
        taskdef_arn="",
        controller="EXTERNAL",
        deployments=(Deployment(id="d", status="", taskdef_arn=""),),
    )


def test_a_missing_service_is_none(stub: tuple[Ecs, Stubber]) -> None:
    ecs, stubber = stub
    failure = {"arn": "arn", "reason": "MISSING"}
    stubber.add_response("describe_services", {"services": [], "failures": [failure]}, ASKED)

    assert ecs.service("prod", "web") is None


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param({}, "AWS's answer is empty", id="empty"),
        pytest.param({"services": [], "failures": []}, "AWS's answer is empty", id="neither"),
        pytest.param({"failures": [{"reason": "BUSY\x1b"}]}, "BUSY", id="another failure"),
    ],
)
def test_an_answer_without_the_service_is_no_missing_service(
    stub: tuple[Ecs, Stubber], answer: Any, said: str
) -> None:
    ecs, stubber = stub
    stubber.add_response("describe_services", answer, ASKED)

    with pytest.raises(StepError) as caught:
        ecs.service("prod", "web")

    assert (caught.value.message, caught.value.exit) == (
        f"can't describe service 'web' in cluster 'prod': {said}",
        Exit.TEMPORARY,
    )


def test_a_missing_cluster_is_told_with_the_command_that_lists_them(
    stub: tuple[Ecs, Stubber],
) -> None:
    ecs, stubber = stub
    stubber.add_client_error("describe_services", "ClusterNotFoundException", "Cluster not found.")

    with pytest.raises(StepError, match="can't describe service 'web' in cluster 'prod'") as caught:
        ecs.service("prod", "web")

    assert (caught.value.exit, caught.value.hint) == (
        Exit.USAGE,
        "aws ecs list-clusters shows the clusters of this region",
    )


def test_an_update_sends_exactly_the_request(stub: tuple[Ecs, Stubber]) -> None:
    ecs, stubber = stub
    request = {"cluster": "prod", "service": "web", "desiredCount": 0}
    stubber.add_response("update_service", {"service": SERVICE}, request)

    assert ecs.update_service(request).name == "web"


def test_an_update_without_an_answer_is_an_error(stub: tuple[Ecs, Stubber]) -> None:
    ecs, stubber = stub
    stubber.add_response("update_service", {})

    with pytest.raises(StepError, match="AWS's answer is empty") as caught:
        ecs.update_service({"service": "web"})

    assert caught.value.exit is Exit.TEMPORARY


def test_a_denied_update_names_the_action(stub: tuple[Ecs, Stubber]) -> None:
    ecs, stubber = stub
    stubber.add_client_error("update_service", "AccessDeniedException", "no")

    with pytest.raises(
        StepError, match="can't update service 'web' in cluster 'default'"
    ) as caught:
        ecs.update_service({"service": "web"})

    assert caught.value.hint == "allow the role the action ecs:UpdateService"


def test_a_registered_revision_is_known_by_its_arn(stub: tuple[Ecs, Stubber]) -> None:
    ecs, stubber = stub
    definition = data("fargate.render.json")
    stubber.add_response(
        "register_task_definition", {"taskDefinition": {"taskDefinitionArn": NEW}}, definition
    )

    assert ecs.register(definition) == NEW


def test_a_family_that_somebody_else_registers_now_is_an_error_of_its_own(
    stub: tuple[Ecs, Stubber],
) -> None:
    ecs, stubber = stub
    words = "Too many concurrent attempts to create a new revision of the specified family."
    stubber.add_client_error("register_task_definition", "ClientException", words)
    stubber.add_client_error("register_task_definition", "ClientException", "Invalid cpu.")

    with pytest.raises(FamilyBusyError, match="register task definition 'web': Too many") as busy:
        ecs.register({"family": "web", "containerDefinitions": []})
    with pytest.raises(StepError, match="Invalid cpu") as caught:
        ecs.register({"family": "web", "containerDefinitions": []})

    assert busy.value.exit is Exit.TEMPORARY
    assert (caught.value.exit, caught.value.hint) == (
        Exit.USAGE,
        "mend the definition: ECS's words say what of it",
    )


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("ServiceNotFoundException", "aws ecs list-services --cluster prod"),
        (
            "ClientException",
            (
                "where the revision was deregistered, register it again: taskdef-render --cluster "
                "prod --service web | service-update --cluster prod --service web --taskdef -"
            ),
        ),
    ],
)
def test_a_refused_update_has_a_hint_that_can_be_pasted(
    stub: tuple[Ecs, Stubber], code: str, hint: str
) -> None:
    ecs, stubber = stub
    stubber.add_client_error("update_service", code, "TaskDefinition is inactive")

    with pytest.raises(StepError, match="is inactive") as caught:
        ecs.update_service({"cluster": "prod", "service": "web"})

    assert caught.value.hint == hint


def test_a_registration_without_an_answer_is_an_error(stub: tuple[Ecs, Stubber]) -> None:
    ecs, stubber = stub
    stubber.add_response("register_task_definition", {})

    with pytest.raises(StepError, match="the registration of 'web': AWS's answer is empty"):
        ecs.register({"family": "web", "containerDefinitions": []})


def test_the_newest_records_of_a_service_are_listed(stub: tuple[Ecs, Stubber]) -> None:
    ecs, stubber = stub
    arns = [f"arn:{number}" for number in range(25)]
    briefs = [{"serviceDeploymentArn": arn} for arn in arns]
    asked = {"cluster": "prod", "service": "web"}
    stubber.add_response("list_service_deployments", {"serviceDeployments": briefs}, asked)
    stubber.add_response("list_service_deployments", {}, asked)

    assert ecs.deployments("prod", "web") == tuple(arns[:20])
    assert ecs.deployments("prod", "web") == ()


def test_a_record_tells_how_its_deployment_ended(stub: tuple[Ecs, Stubber]) -> None:
    ecs, stubber = stub
    arns = [f"arn:{number}" for number in range(25)]
    first = {
        "serviceDeploymentArn": "arn:0",
        "status": "ROLLBACK_SUCCESSFUL",
        "statusReason": "why",
        "rollback": {"reason": "breaker"},
        "targetServiceRevision": {"arn": "arn:revision"},
        "createdAt": at(0),
    }
    stubber.add_response(
        "describe_service_deployments",
        {"serviceDeployments": [{"serviceDeploymentArn": "arn:1"}, first]},
        {"serviceDeploymentArns": arns[:20]},
    )
    stubber.add_response("describe_service_deployments", {}, {"serviceDeploymentArns": arns[20:]})

    assert ecs.records(arns) == {
        "arn:0": ServiceDeployment(
            arn="arn:0",
            status="ROLLBACK_SUCCESSFUL",
            status_reason="why",
            rollback_reason="breaker",
            target_revision_arn="arn:revision",
            created_at=at(0),
        ),
        "arn:1": ServiceDeployment(arn="arn:1", status=""),
    }


def test_the_stopped_tasks_are_those_that_the_deployment_started(
    stub: tuple[Ecs, Stubber],
) -> None:
    ecs, stubber = stub
    asked = {"cluster": "prod", "serviceName": "web", "desiredStatus": "STOPPED"}
    arns = [f"{ACCOUNT}:task/prod/{number}" for number in range(101)]
    stubber.add_response("list_tasks", {"taskArns": arns[:100], "nextToken": "n"}, asked)
    stubber.add_response("list_tasks", {"taskArns": arns[100:]}, {**asked, "nextToken": "n"})
    ours = {
        "taskArn": arns[0],
        "taskDefinitionArn": NEW,
        "startedBy": OUR_ID,
        "lastStatus": "STOPPED",
        "stopCode": "EssentialContainerExited",
        "stoppedReason": "Essential container in task exited",
        "stoppedAt": at(5),
        "containers": [
            {"name": "app", "image": "app:2", "imageDigest": "sha256:1", "exitCode": 0},
            {"reason": "OOM"},
        ],
    }
    other = {"taskArn": arns[1], "startedBy": "ecs-svc/other"}
    stubber.add_response(
        "describe_tasks", {"tasks": [other, ours]}, {"cluster": "prod", "tasks": arns[:100]}
    )
    stubber.add_response("describe_tasks", {}, {"cluster": "prod", "tasks": arns[100:]})

    assert ecs.stopped_tasks("prod", "web", OUR_ID) == (
        Task(
            arn=arns[0],
            taskdef_arn=NEW,
            started_by=OUR_ID,
            status="STOPPED",
            stop_code="EssentialContainerExited",
            stopped_reason="Essential container in task exited",
            stopped_at=at(5),
            containers=(
                Container(name="app", image="app:2", image_digest="sha256:1", exit_code=0),
                Container(name="", reason="OOM"),
            ),
        ),
    )


def test_a_revision_is_read_with_its_tags(stub: tuple[Ecs, Stubber]) -> None:
    ecs, stubber = stub
    definition = {"taskDefinitionArn": NEW, "status": "INACTIVE", "family": "web"}
    stubber.add_response(
        "describe_task_definition",
        {"taskDefinition": definition, "tags": [{"key": "a", "value": "b"}]},
        {"taskDefinition": "web:2", "include": ["TAGS"]},
    )

    assert ecs.task_definition("web:2") == TaskDefinition(
        arn=NEW, status="INACTIVE", raw=definition, tags=({"key": "a", "value": "b"},)
    )


@pytest.mark.parametrize("name", ["web", "web:9", f"{ACCOUNT}:task-definition/web:9"])
def test_a_missing_revision_is_told_with_the_command_that_lists_them(
    stub: tuple[Ecs, Stubber], name: str
) -> None:
    ecs, stubber = stub
    stubber.add_client_error(
        "describe_task_definition", "ClientException", "Unable to describe task definition."
    )

    with pytest.raises(StepError) as caught:
        ecs.task_definition(name)

    assert (caught.value.message, caught.value.exit, caught.value.hint) == (
        (
            f"can't describe task definition '{name}': Unable to describe task definition. "
            "(ClientException)"
        ),
        Exit.USAGE,
        "aws ecs list-task-definitions --family-prefix web",
    )


# What a real client does with a body that holds more than its model knows.

Answer = tuple[int, bytes]


@pytest.fixture
def serve() -> Iterator[Callable[..., Ecs]]:
    """Return a function that makes an Ecs whose AWS answers with these bodies in turn."""
    servers = []

    def started(*answers: Answer) -> Ecs:
        left = list(answers)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                status, body = left.pop(0)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return Ecs(
            client(
                endpoint_url=f"http://127.0.0.1:{server.server_port}",
                config=Config(retries={"total_max_attempts": 1}),
            )
        )

    yield started
    for server in servers:
        server.shutdown()
        server.server_close()


def an_answer(**more: Any) -> Answer:
    answer = data("fargate.describe.json")
    answer["taskDefinition"].update(registeredAt=1767323045.1, **more)
    return 200, json.dumps(answer).encode()


def source(revision: TaskDefinition) -> Source:
    return Source(name="web:7", definition=revision.raw, tags=revision.tags, is_answer=True)


def test_an_unknown_field_of_awss_answer_is_seen(serve: Callable[..., Ecs]) -> None:
    found = serve(an_answer(newInside={"a": None, "b": 0})).task_definition("web")

    assert found.arn == f"{ACCOUNT}:task-definition/web:7"
    assert found.raw["newInside"] == {"a": None, "b": 0}
    assert render(source(found), Changes(), task_definition_model()) == Faulty(
        faults=("'newInside' in 'web:7' is newer than this version knows",), is_newer=True
    )
    allowed = render(source(found), Changes(), task_definition_model(), allow_unknown=True)
    assert isinstance(allowed, Rendered)
    assert allowed.definition == data("fargate.render.json")
    assert allowed.warnings == (
        "'newInside' in 'web:7' is newer than this version knows and is left out",
    )


def test_an_unknown_field_beside_the_definition_is_seen_too(serve: Callable[..., Ecs]) -> None:
    answer = {**data("fargate.describe.json"), "newSibling": {"a": 1}}
    found = serve((200, json.dumps(answer).encode())).task_definition("web")

    assert found.beside == ("newSibling",)
    assert render(source_of(found), Changes(), task_definition_model()) == Faulty(
        faults=(f"'newSibling' in '{found.arn}' is newer than this version knows",), is_newer=True
    )


def test_every_known_field_comes_as_it_stands_in_the_body(serve: Callable[..., Ecs]) -> None:
    found = serve(an_answer()).task_definition("web")

    rendered = render(source(found), Changes(), task_definition_model())

    assert isinstance(rendered, Rendered)
    assert json.dumps(rendered.definition) == json.dumps(data("fargate.render.json"))


def test_an_error_after_an_answer_is_not_that_answer(serve: Callable[..., Ecs]) -> None:
    refusal = json.dumps({"__type": "ClientException", "message": "no"}).encode()
    ecs = serve(an_answer(), (400, refusal))
    ecs.task_definition("web")

    with pytest.raises(StepError, match=r"no \(ClientException\)"):
        ecs.task_definition("other")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{}", id="empty"),
        pytest.param(b'{"taskDefinition": {}}', id="nothing in it"),
        pytest.param(b'{"taskDefin', id="cut short"),
        pytest.param(b"<html>proxy</html>", id="a proxy's page"),
    ],
)
def test_an_answer_that_is_none_is_temporary(serve: Callable[..., Ecs], body: bytes) -> None:
    with pytest.raises(StepError, match="can't describe task definition 'web'") as caught:
        serve((200, body)).task_definition("web")

    assert caught.value.exit is Exit.TEMPORARY


def test_without_stopped_tasks_none_are_described(stub: tuple[Ecs, Stubber]) -> None:
    ecs, stubber = stub
    stubber.add_response("list_tasks", {})

    assert ecs.stopped_tasks("prod", "web", OUR_ID) == ()


def test_a_service_under_codedeploy_is_read_with_its_task_sets(stub: tuple[Ecs, Stubber]) -> None:
    ecs, stubber = stub
    balancer = {"targetGroupArn": "arn:1", "containerName": "app", "containerPort": 80}
    provider = {"capacityProvider": "FARGATE_SPOT", "weight": 1}
    reply = {
        "serviceName": "web",
        "serviceArn": "arn",
        "deploymentController": {"type": "CODE_DEPLOY"},
        "platformVersion": "1.4.0",
        "loadBalancers": [balancer],
        "capacityProviderStrategy": [provider],
        "taskSets": [
            {
                "id": "ecs-svc/2",
                "status": "ACTIVE",
                "taskDefinition": NEW,
                "externalId": "d-A1B2C3D4E",
                "createdAt": at(1),
            },
            {"id": "ecs-svc/1"},
        ],
    }
    stubber.add_response("describe_services", {"services": [reply]}, ASKED)

    service = ecs.service("prod", "web")

    green = TaskSet(
        id="ecs-svc/2",
        status="ACTIVE",
        taskdef_arn=NEW,
        deployment="d-A1B2C3D4E",
        created_at=at(1),
    )
    assert service == Service(
        name="web",
        arn="arn",
        cluster_arn="",
        status="",
        taskdef_arn="",
        controller="CODE_DEPLOY",
        task_sets=(green, TaskSet(id="ecs-svc/1", status="", taskdef_arn="")),
        load_balancers=(balancer,),
        platform_version="1.4.0",
        capacity_providers=(provider,),
    )
    assert (service.newest, service.serving) == (green, None)
