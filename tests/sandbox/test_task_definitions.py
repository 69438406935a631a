from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.sandbox.api import ApiError
from ecsstep.sandbox.task_definition_rules import cpu_units, megabytes
from fake_sandbox import a_definition, an_ecs

ARN = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/worker"

FARGATE = a_definition(
    requiresCompatibilities=["FARGATE"], networkMode="awsvpc", cpu="256", memory="512"
)


def refused(operation: str, **body: Any) -> tuple[str, str]:
    with pytest.raises(ApiError) as caught:
        an_ecs(is_seeded=False).call(operation, **body)
    return caught.value.code, caught.value.message


def container(**members: Any) -> dict[str, Any]:
    return {"name": "app", "image": "app:1", "memory": 128, **members}


def without(definition: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in definition.items() if key != name}


def test_what_was_registered_comes_back_with_what_ecs_fills_in() -> None:
    ecs = an_ecs(is_seeded=False)
    body = a_definition(
        networkMode="awsvpc",
        cpu=".25 vCPU",
        memory="0.5GB",
        taskRoleArn="arn:aws:iam::123456789012:role/worker",
        enableFaultInjection=False,
        containerDefinitions=[
            container(
                command=[],
                user="",
                stopTimeout=0,
                readonlyRootFilesystem=False,
                portMappings=[{"containerPort": 80}, {"containerPortRange": "90-91"}],
                environment=[{"name": "A", "value": ""}, {"name": "B", "value": "0"}],
                secrets=[{"name": "S", "valueFrom": "p"}],
                logConfiguration={"logDriver": "json-file"},
            )
        ],
    )

    answer = ecs.call("RegisterTaskDefinition", **body)

    assert answer["taskDefinition"] == {
        "taskDefinitionArn": f"{ARN}:1",
        "family": "worker",
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "taskRoleArn": "arn:aws:iam::123456789012:role/worker",
        "enableFaultInjection": False,
        "containerDefinitions": [
            {
                "name": "app",
                "image": "app:1",
                "memory": 128,
                "cpu": 0,
                "essential": True,
                "command": [],
                "user": "",
                "stopTimeout": 0,
                "readonlyRootFilesystem": False,
                "portMappings": [
                    {"containerPort": 80, "hostPort": 80, "protocol": "tcp"},
                    {"containerPortRange": "90-91", "protocol": "tcp"},
                ],
                "environment": [{"name": "B", "value": "0"}, {"name": "A", "value": ""}],
                "secrets": [{"name": "S", "valueFrom": "p"}],
                "logConfiguration": {"logDriver": "json-file"},
                "mountPoints": [],
                "volumesFrom": [],
                "systemControls": [],
            }
        ],
        "volumes": [],
        "placementConstraints": [],
        "compatibilities": ["EC2", "FARGATE"],
        "requiresAttributes": [
            {"name": "com.amazonaws.ecs.capability.docker-remote-api.1.18"},
            {"name": "com.amazonaws.ecs.capability.logging-driver.json-file"},
            {"name": "com.amazonaws.ecs.capability.task-iam-role"},
            {"name": "ecs.capability.secrets.ssm.environment-variables"},
            {"name": "ecs.capability.task-eni"},
        ],
        "revision": 1,
        "status": "ACTIVE",
        "registeredAt": ecs.clock.now().timestamp(),
        "registeredBy": "arn:aws:iam::123456789012:role/deploy",
    }


def test_a_definition_is_found_by_family_revision_and_arn() -> None:
    ecs = an_ecs(is_seeded=False)
    for _ in range(3):
        ecs.call("RegisterTaskDefinition", **a_definition(tags=[{"key": "a", "value": ""}]))
    ecs.call("DeregisterTaskDefinition", taskDefinition="worker:3")

    def found(reference: str) -> tuple[str, str]:
        definition = ecs.call("DescribeTaskDefinition", taskDefinition=reference)["taskDefinition"]
        return definition["taskDefinitionArn"], definition["status"]

    assert found("worker") == (f"{ARN}:2", "ACTIVE")
    assert found("worker:1") == (f"{ARN}:1", "ACTIVE")
    assert found(f"{ARN}:3") == (f"{ARN}:3", "INACTIVE")


def test_tags_stand_beside_the_definition_when_asked_for() -> None:
    ecs = an_ecs(is_seeded=False)
    tags = [{"key": "team", "value": ""}]
    registered = ecs.call("RegisterTaskDefinition", **a_definition(tags=tags))

    plain = ecs.call("DescribeTaskDefinition", taskDefinition="worker")
    full = ecs.call("DescribeTaskDefinition", taskDefinition="worker", include=["TAGS"])

    assert (registered["tags"], full["tags"]) == (tags, tags)
    assert list(plain) == ["taskDefinition"]


def test_a_deregistered_definition_keeps_the_time() -> None:
    ecs = an_ecs(is_seeded=False)
    ecs.call("RegisterTaskDefinition", **a_definition())

    first = ecs.go_to(5).call("DeregisterTaskDefinition", taskDefinition="worker:1")
    second = ecs.go_to(9).call("DeregisterTaskDefinition", taskDefinition="worker:1")

    assert first == second
    assert refused("DescribeTaskDefinition", taskDefinition="worker") == (
        "ClientException",
        "Unable to describe task definition.",
    )


def test_lists_go_by_family_status_and_page() -> None:
    ecs = an_ecs()
    for _ in range(2):
        ecs.call("RegisterTaskDefinition", **a_definition())
    ecs.call("DeregisterTaskDefinition", taskDefinition="worker:1")

    def listed(**body: Any) -> list[str]:
        arns = ecs.call("ListTaskDefinitions", **body)["taskDefinitionArns"]
        return [arn.rpartition("/")[2] for arn in arns]

    assert listed() == ["shop:1", "web:1", "worker:2"]
    assert listed(sort="DESC") == ["worker:2", "web:1", "shop:1"]
    assert listed(familyPrefix="worker", status="INACTIVE") == ["worker:1"]
    assert listed(familyPrefix="work") == []
    page = ecs.call("ListTaskDefinitions", maxResults=2)
    rest = ecs.call("ListTaskDefinitions", maxResults=2, nextToken=page["nextToken"])
    assert (len(page["taskDefinitionArns"]), len(rest["taskDefinitionArns"])) == (2, 1)
    assert "nextToken" not in rest


def test_families_go_by_prefix_and_status() -> None:
    ecs = an_ecs()
    ecs.call("RegisterTaskDefinition", **a_definition())
    ecs.call("DeregisterTaskDefinition", taskDefinition="worker:1")

    def families(**body: Any) -> list[str]:
        names: list[str] = ecs.call("ListTaskDefinitionFamilies", **body)["families"]
        return names

    assert families() == ["shop", "web"]
    assert families(familyPrefix="w", status="ALL") == ["web", "worker"]
    assert families(status="INACTIVE") == ["worker"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(a_definition(family="a b"), "invalid characters", id="family"),
        pytest.param(a_definition(containerDefinitions=[]), "cannot be empty", id="no container"),
        pytest.param(
            a_definition(containerDefinitions=[{"image": "a"}]), "Container.name", id="no name"
        ),
        pytest.param(
            a_definition(containerDefinitions=[container(image="")]),
            "Container.image",
            id="no image",
        ),
        pytest.param(
            a_definition(containerDefinitions=[{"name": "app", "image": "a"}]),
            "At least one of 'memory'",
            id="no memory",
        ),
        pytest.param(
            a_definition(containerDefinitions=[container(), container()]),
            "'app' is used more than once",
            id="same name twice",
        ),
        pytest.param(
            a_definition(containerDefinitions=[container(essential=False)]),
            "at least one essential",
            id="nothing essential",
        ),
        pytest.param(
            a_definition(
                containerDefinitions=[
                    container(
                        environment=[{"name": "A", "value": "1"}],
                        secrets=[{"name": "A", "valueFrom": "p"}],
                    )
                ]
            ),
            "such as 'A'",
            id="variable and secret",
        ),
        pytest.param(
            a_definition(
                containerDefinitions=[
                    container(dependsOn=[{"containerName": "db", "condition": "START"}])
                ]
            ),
            "depends on 'db'",
            id="unknown dependency",
        ),
        pytest.param(without(FARGATE, "cpu"), "'cpu' be defined", id="fargate without cpu"),
        pytest.param(without(FARGATE, "memory"), "'memory' be defined", id="without memory"),
        pytest.param({**FARGATE, "networkMode": "bridge"}, "'awsvpc'", id="fargate on a bridge"),
        pytest.param({**FARGATE, "memory": "768"}, "256 CPU, 768 memory", id="between sizes"),
        pytest.param({**FARGATE, "cpu": "300"}, "No Fargate", id="no such cpu"),
        pytest.param({**FARGATE, "cpu": "512", "memory": "1536"}, "No Fargate", id="off step"),
        pytest.param(
            {
                **FARGATE,
                "containerDefinitions": [container(logConfiguration={"logDriver": "awslogs"})],
            },
            "execution role",
            id="logs without a role",
        ),
        pytest.param(a_definition(cpu="lots"), "Invalid 'cpu'", id="cpu is no number"),
        pytest.param(a_definition(memory="0.5"), "Invalid 'memory'", id="half a megabyte"),
    ],
)
def test_what_ecs_would_not_register_is_refused(body: dict[str, Any], words: str) -> None:
    code, message = refused("RegisterTaskDefinition", **body)

    assert code == "ClientException"
    assert words in message


def test_a_definition_that_depends_on_a_container_and_reserves_memory_is_taken() -> None:
    first = {"name": "db", "image": "db:1", "memoryReservation": 64}
    second = container(dependsOn=[{"containerName": "db", "condition": "START"}])

    answer = an_ecs(is_seeded=False).call(
        "RegisterTaskDefinition",
        **a_definition(cpu="1024", memory="2 GB", containerDefinitions=[first, second]),
    )

    assert answer["taskDefinition"]["compatibilities"] == ["EC2"]


@pytest.mark.parametrize(
    ("reference", "words"),
    [("worker", "should not be empty"), ("worker:7", "does not exist")],
    ids=["without revision", "unknown"],
)
def test_what_is_not_there_cannot_be_deregistered(reference: str, words: str) -> None:
    assert words in refused("DeregisterTaskDefinition", taskDefinition=reference)[1]


@pytest.mark.parametrize(
    ("text", "cpu", "memory"),
    [
        ("1 vCPU", "1024", None),
        (".5vcpu", "512", None),
        ("256", "256", "256"),
        ("1GB", None, "1024"),
        ("30 gb", None, "30720"),
    ],
)
def test_sizes_are_spelled_as_ecs_does(text: str, cpu: str | None, memory: str | None) -> None:
    assert cpu is None or cpu_units(text) == cpu
    assert memory is None or megabytes(text) == memory


names = st.text("abcdefgh", min_size=1, max_size=4)
values = st.text(max_size=5)
variables = st.dictionaries(names, values, max_size=4).map(
    lambda pairs: [{"name": name, "value": value} for name, value in pairs.items()]
)


@given(
    environment=variables,
    labels=st.dictionaries(names, values, max_size=3),
    timeout=st.integers(0, 120),
    flag=st.booleans(),
    command=st.lists(values, max_size=3),
)
def test_no_member_that_was_registered_is_lost(
    environment: list[dict[str, str]],
    labels: dict[str, str],
    timeout: int,
    flag: bool,
    command: list[str],
) -> None:
    asked = container(
        environment=environment,
        dockerLabels=labels,
        stopTimeout=timeout,
        privileged=flag,
        command=command,
    )
    ecs = an_ecs(is_seeded=False)

    ecs.call("RegisterTaskDefinition", **a_definition(containerDefinitions=[asked]))

    answer = ecs.call("DescribeTaskDefinition", taskDefinition="worker")["taskDefinition"]
    kept = answer["containerDefinitions"][0]
    assert {name: kept[name] for name in asked} == {
        **asked,
        "environment": list(reversed(environment)),
    }
