"""What a task definition says about the policy."""

import pytest

from ecsstep.rules.iam.definition import narrowed
from ecsstep.rules.iam.target import Repository, Target

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
DEFINITION = {
    "family": "web",
    "taskRoleArn": "arn:aws:iam::123456789012:role/task",
    "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
    "containerDefinitions": [
        {
            "name": "app",
            "image": f"{ECR}/app:v1",
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {"awslogs-group": "/ecs/web", "awslogs-stream-prefix": "app"},
            },
        },
        {"name": "proxy", "image": "nginx:1"},
    ],
}


def test_a_definition_says_family_roles_logs_and_images() -> None:
    assert narrowed(Target(), DEFINITION) == Target(
        families=("web",),
        roles=(
            "arn:aws:iam::123456789012:role/task",
            "arn:aws:iam::123456789012:role/execution",
        ),
        log_groups=("/ecs/web",),
        repositories=(Repository(name="app", account="123456789012", region="eu-west-1"),),
    )


def test_what_is_known_already_stays_and_stands_once() -> None:
    known = Target(families=("api", "web"), roles=("other",))

    found = narrowed(known, {"family": "web", "containerDefinitions": []})

    assert found == known


@pytest.mark.parametrize(
    ("region", "group"),
    [
        ("eu-west-1", "/ecs/web"),
        ("us-east-1", "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web"),
        (None, "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web"),
    ],
)
def test_a_log_may_be_in_a_region_of_its_own(region: str | None, group: str) -> None:
    options = {
        "awslogs-group": "/ecs/web", "awslogs-stream-prefix": "app", "awslogs-region": "eu-west-1"
    }  # fmt: skip
    container = {"name": "app", "logConfiguration": {"logDriver": "awslogs", "options": options}}
    here = Target(region=region, account="123456789012")

    assert narrowed(here, {"containerDefinitions": [container]}).log_groups == (group,)
