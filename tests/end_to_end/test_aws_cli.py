"""The stock AWS CLI against the sandbox: it reads what the steps wrote, and is green too early."""

import json
from pathlib import Path

import pytest

from processes import ROOT, sandboxed

pytestmark = pytest.mark.real("aws")

DEPLOY = f"sh {ROOT}/examples/gitlab-one-container/deploy.sh >steps.out 2>steps.err"

OLD_SHELL = """
aws ecs describe-task-definition --task-definition web --output json > temp.json
jq '.taskDefinition | del (.taskDefinitionArn, .revision, .status, .requiresAttributes,
    .compatibilities, .registeredAt, .registeredBy)' temp.json > task-def.json
jq '.containerDefinitions[0].environment = [{"name": "A", "value": "b"}]' task-def.json > new.json
aws ecs register-task-definition --cli-input-json file://new.json > registered.json
aws ecs update-service --cluster demo --service web --task-definition web > updated.json
aws ecs wait services-stable --cluster demo --services web
"""


def test_the_service_runs_the_revision_and_the_registry_has_the_digest(tmp_path: Path) -> None:
    ended = sandboxed(
        f"{DEPLOY}\n"
        "aws ecs describe-services --cluster demo --services web > service.json\n"
        "aws ecs describe-task-definition --task-definition web:2 > revision.json\n"
        "aws ecr describe-images --repository-name app --image-ids imageTag=v1.2.3 > images.json\n",
        cwd=tmp_path,
    )

    assert ended.code == 0, ended.err
    service = json.loads((tmp_path / "service.json").read_text())["services"][0]
    revision = json.loads((tmp_path / "revision.json").read_text())["taskDefinition"]
    image = json.loads((tmp_path / "images.json").read_text())["imageDetails"][0]
    pinned = (tmp_path / "steps.out").read_text().splitlines()[1]
    assert service["taskDefinition"] == revision["taskDefinitionArn"]
    assert [each["rolloutState"] for each in service["deployments"]] == ["COMPLETED"]
    assert revision["containerDefinitions"][0]["image"] == pinned
    assert image["imageDigest"] == pinned.partition("@")[2]


def test_what_is_rendered_is_accepted_by_register_task_definition(tmp_path: Path) -> None:
    ended = sandboxed(
        "taskdef-render --cluster demo --service shop --env app:A=b > taskdef.json\n"
        "aws ecs register-task-definition --cli-input-json file://taskdef.json "
        "--query taskDefinition.revision --output text",
        cwd=tmp_path,
    )

    assert (ended.code, ended.out) == (0, "2\n"), ended.err


def test_the_old_shell_is_green_where_the_deployment_was_rolled_back(tmp_path: Path) -> None:
    ended = sandboxed(OLD_SHELL, scenario="rolled-back", look=120, cwd=tmp_path)

    assert ended.code == 0, ended.err


def test_the_aws_cli_logs_in_to_the_sandbox(tmp_path: Path) -> None:
    ended = sandboxed(
        "aws ecr get-login-password | "
        "skopeo login --tls-verify=false --username AWS --password-stdin $ECR_REGISTRY",
        cwd=tmp_path,
    )

    assert ended.code == 0, ended.err
    assert "Login Succeeded" in ended.out
