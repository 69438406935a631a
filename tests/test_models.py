"""Our constants equal AWS's own description of its API, as the loaded botocore ships it."""

import re
from pathlib import Path
from typing import Any

import botocore.session
import pytest

import ecsstep
from ecsstep.aws.models import task_definition_model

HOME = Path(ecsstep.__file__).parent
SOURCES = sorted(
    path for path in HOME.rglob("*.py") if "sandbox" not in path.relative_to(HOME).parts
)
SESSION = botocore.session.Session()
ADAPTERS = [path for path in SOURCES if path.parent.name == "aws"]
# Actions and keys of conditions that are no operations of the API:
# https://docs.aws.amazon.com/AmazonECR/latest/public/public-registry-auth.html
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html
IAM_ONLY = {
    "sts:GetServiceBearerToken", "iam:PassRole", "iam:PassedToService", "ecs:CreateAction",
}  # fmt: skip


def model(service: str) -> Any:
    return SESSION.get_service_model(service)


def enum(name: str) -> set[str]:
    return set(model("ecs").shape_for(name).enum)


def test_the_read_only_fields_are_those_of_the_two_shapes() -> None:
    found = task_definition_model()

    assert set(found.answer.members) - set(found.request.members) == {
        "compatibilities",
        "deleteRequestedAt",
        "deregisteredAt",
        "registeredAt",
        "registeredBy",
        "requiresAttributes",
        "revision",
        "status",
        "taskDefinitionArn",
    }
    assert set(found.request.members) - set(found.answer.members) == {"tags"}


def test_a_container_has_the_same_shape_both_ways() -> None:
    found = task_definition_model()

    assert (
        found.request.members["containerDefinitions"]
        == found.answer.members["containerDefinitions"]
    )


def test_every_state_that_the_rules_name_exists() -> None:
    assert {"COMPLETED", "FAILED", "IN_PROGRESS"} == enum("DeploymentRolloutState")
    assert {"STOPPED", "STOP_REQUESTED", "SUCCESSFUL"} <= enum("ServiceDeploymentStatus")
    assert {each for each in enum("ServiceDeploymentStatus") if each.startswith("ROLLBACK_")} == {
        "ROLLBACK_REQUESTED",
        "ROLLBACK_IN_PROGRESS",
        "ROLLBACK_SUCCESSFUL",
        "ROLLBACK_FAILED",
    }
    assert {"ECS", "CODE_DEPLOY", "EXTERNAL"} == enum("DeploymentControllerType")
    assert {"ACTIVE", "INACTIVE"} <= enum("TaskDefinitionStatus")
    assert {"bridge", "host", "awsvpc"} <= enum("NetworkMode")


def actions() -> list[str]:
    """Return every IAM action that a message or a hint names."""
    prefixes = "ecs|ecr|ecr-public|logs|sts|codedeploy|secretsmanager|ssm|kms|iam|inspector2"
    prefixes += "|cloudfront|sns"
    named = re.compile(rf"(?<![:\w])(?:{prefixes}):[A-Z][A-Za-z]+\b")
    found = {action for path in SOURCES for action in named.findall(path.read_text())}
    return sorted(found - IAM_ONLY)


@pytest.mark.parametrize("action", actions())
def test_every_action_that_we_name_is_an_operation_of_its_service(action: str) -> None:
    service, _, operation = action.partition(":")

    assert operation in model(service).operation_names


@pytest.mark.parametrize("path", ADAPTERS, ids=lambda path: path.stem)
def test_every_call_of_an_adapter_names_its_action(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    called = set(re.findall(r"self\._client\.([a-z_]+)\(", text)) - {"get_paginator"}
    called |= set(re.findall(r"get_paginator\(\"([a-z_]+)\"\)", text))
    operations = re.findall(r"\"[a-z-]+:([A-Z][A-Za-z]+)\"", text)
    named = {re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower() for operation in operations}

    assert called <= named
