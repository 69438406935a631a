"""Rendering and updating by the console scripts, under CodeDeploy and back."""

import json
from pathlib import Path

import pytest

from processes import sandboxed

DEPLOY = """
taskdef-render --cluster demo --service blue --env BUILD=2 --output taskdef.json
service-update --cluster demo --service blue --taskdef taskdef.json --dotenv deploy.env >id
set -a; . ./deploy.env; set +a
"""
# wait-stable's own words for this are tested where it is.
WAIT = """
until aws deploy get-deployment --deployment-id "$ECSSTEP_DEPLOYMENT" \
    --query deploymentInfo.status --output text | grep -E 'Succeeded|Failed'; do sleep 0.1; done
"""


@pytest.mark.real("aws")
def test_a_service_under_codedeploy_is_deployed_and_brought_back_by_the_same_step(
    tmp_path: Path,
) -> None:
    script = (
        f"{DEPLOY}{WAIT}"
        "service-update --cluster demo --service blue --taskdef taskdef.json\n"
        'service-update --cluster demo --service blue --taskdef "$ECSSTEP_PREVIOUS_TASKDEF_ARN" '
        f"--dotenv deploy.env >id\nset -a; . ./deploy.env; set +a\n{WAIT}"
        "aws ecs describe-services --cluster demo --services blue "
        "--query 'services[0].taskSets[].taskDefinition' --output text\n"
    )

    ended = sandboxed(script, scenario="codedeploy", cwd=tmp_path)

    assert ended.code == 0, ended.err
    first, again, second, revision = ended.out.splitlines()[1:]
    assert (first, second, revision.rpartition("/")[2]) == ("Succeeded", "Succeeded", "blue:1")
    assert again.startswith("d-")
    assert "nothing to change" in ended.err


@pytest.mark.real("aws")
def test_a_failed_deployment_is_failed_to_the_aws_cli_as_well(tmp_path: Path) -> None:
    ended = sandboxed(f"{DEPLOY}{WAIT}", scenario="codedeploy-rolled-back", cwd=tmp_path)

    assert (ended.code, ended.out.splitlines()[-1]) == (0, "Failed"), ended.err


def test_a_missing_image_is_told_before_anything_is_registered(tmp_path: Path) -> None:
    ended = sandboxed(
        "taskdef-render --cluster demo --service shop --image app=$ECR_REGISTRY/app:none "
        "--image nginx=$ECR_REGISTRY/none:1 --output taskdef.json\n"
        "service-update --cluster demo --service shop --taskdef taskdef.json",
        cwd=tmp_path,
    )

    assert ended.code == 2, ended.err
    assert "app:none' is not in ECR (container 'app')" in ended.err
    assert "there is no repository 'none'" in ended.err
    assert "revision registered" not in ended.err


def test_a_role_that_may_not_look_at_images_deploys_with_a_warning(tmp_path: Path) -> None:
    ended = sandboxed(
        "taskdef-render --cluster demo --service web --env A=1 --output taskdef.json\n"
        "service-update --cluster demo --service web --taskdef taskdef.json",
        deny=("ecr:BatchGetImage",),
        cwd=tmp_path,
    )

    assert ended.code == 0, ended.err
    assert "can't be looked up" in ended.err
    assert "ecr:BatchGetImage" in ended.err


def test_what_ecs_fills_in_and_reorders_is_equal(tmp_path: Path) -> None:
    short = """{"family": "web", "executionRoleArn": "arn:aws:iam::1:role/x", "cpu": ".25 vCPU",
        "memory": "0.5GB", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [{"name": "app", "image": "nginx:1",
            "environment": [{"name": "B", "value": ""}, {"name": "A", "value": "0"}],
            "portMappings": [{"containerPort": 80}]}]}"""
    (tmp_path / "short.json").write_text(short)

    ended = sandboxed(
        "service-update --cluster demo --service web --taskdef short.json >first\n"
        "service-update --cluster demo --service web --taskdef short.json --format json",
        cwd=tmp_path,
    )

    assert ended.code == 0, ended.err
    found = json.loads(ended.out)
    assert (found["changed"], found["registered"]) == (False, False)
    assert f"{found['deployment']}\n" == (tmp_path / "first").read_text()


def test_codepipelines_taskdef_is_filled_by_the_names_of_its_placeholders(tmp_path: Path) -> None:
    (tmp_path / "taskdef.json").write_text(
        '{"family": "web", "containerDefinitions": '
        '[{"name": "app", "image": "<IMAGE1_NAME>"}, {"name": "proxy", "image": "<IMAGE2_NAME>"}]}'
    )

    ended = sandboxed(
        "taskdef-render --file taskdef.json --image IMAGE1_NAME=app:1 --image IMAGE2_NAME=proxy:1 "
        "--query 'containerDefinitions[].image' --format json\n"
        "taskdef-render --file taskdef.json --image IMAGE1_NAME=app:1",
        cwd=tmp_path,
    )

    assert ended.code == 2
    assert json.loads(ended.out) == ["app:1", "proxy:1"]
    assert "--image IMAGE2_NAME=REF" in ended.err


def test_a_service_that_codedeploy_never_deployed_to_stands_as_it_is(tmp_path: Path) -> None:
    ended = sandboxed(
        "service-update --cluster demo --service blue --taskdef blue:1 --dotenv deploy.env\n"
        "set -a; . ./deploy.env; set +a\n"
        "wait-stable --cluster demo --service blue",
        scenario="codedeploy",
        cwd=tmp_path,
    )

    assert (ended.code, ended.out.splitlines()[-1]) == (0, "deployed"), ended.err
    assert "nothing to change" in ended.err
