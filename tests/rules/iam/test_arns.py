"""What actions are narrowed to, and what would narrow them further."""

import pytest

from ecsstep.rules.iam.arns import arns, missing
from ecsstep.rules.iam.places import Place, condition
from ecsstep.rules.iam.target import Repository, Target

HERE = Target(region="eu-west-1", account="123456789012", cluster="demo", services=("web", "api"))
AN_ECR = "arn:aws:ecr:eu-west-1:123456789012:repository"


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (
            Place.SERVICE,
            (
                "arn:aws:ecs:eu-west-1:123456789012:service/demo/api",
                "arn:aws:ecs:eu-west-1:123456789012:service/demo/web",
            ),
        ),
        (
            Place.SERVICE_DEPLOYMENT,
            (
                "arn:aws:ecs:eu-west-1:123456789012:service-deployment/demo/api/*",
                "arn:aws:ecs:eu-west-1:123456789012:service-deployment/demo/web/*",
            ),
        ),
        (Place.TASK, ("arn:aws:ecs:eu-west-1:123456789012:task/demo/*",)),
        (Place.LISTED_TASKS, ("*",)),
        (Place.NOTHING, ("*",)),
        (Place.REPOSITORY, (f"{AN_ECR}/*",)),
    ],
    ids=lambda each: each.name if isinstance(each, Place) else "",
)
def test_a_place_is_as_narrow_as_the_target(place: Place, expected: tuple[str, ...]) -> None:
    assert arns(place, HERE) == expected


def test_what_is_not_known_is_any() -> None:
    assert arns(Place.SERVICE, Target()) == ("arn:aws:ecs:*:*:service/*/*",)
    assert arns(Place.LOG_STREAM, Target()) == ("arn:aws:logs:*:*:log-group:*:log-stream:*",)
    assert arns(Place.DISTRIBUTION, Target()) == ("arn:aws:cloudfront::*:distribution/*",)
    assert arns(Place.TOPIC, Target()) == ("arn:aws:sns:*:*:*",)


def test_the_partition_is_the_region_s() -> None:
    china = HERE.replaced(partition="aws-cn", region="cn-north-1", roles=("task",))

    assert arns(Place.PASSED_ROLE, china) == ("arn:aws-cn:iam::123456789012:role/task",)
    assert condition(Place.LISTED_TASKS, china) == {
        "ArnLike": {"ecs:cluster": "arn:aws-cn:ecs:cn-north-1:123456789012:cluster/demo"}
    }


def test_a_repository_may_be_in_another_account_and_region() -> None:
    there = Repository(name="app", account="210987654321", region="us-east-1")
    target = HERE.replaced(repositories=(there, Repository(name="proxy")))

    assert arns(Place.REPOSITORY, target) == (
        f"{AN_ECR}/proxy",
        "arn:aws:ecr:us-east-1:210987654321:repository/app",
    )


def test_tags_are_asked_for_on_the_family_before_there_is_a_revision() -> None:
    assert arns(Place.TAGGED_DEFINITION, HERE.replaced(families=("web",))) == (
        "arn:aws:ecs:eu-west-1:123456789012:task-definition/web",
        "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:*",
    )


@pytest.mark.parametrize(
    ("place", "name", "expected"),
    [
        (
            Place.PARAMETER,
            "/hub/password",
            "arn:aws:ssm:eu-west-1:123456789012:parameter/hub/password",
        ),
        (Place.PARAMETER, "password", "arn:aws:ssm:eu-west-1:123456789012:parameter/password"),
        (Place.SECRET, "hub", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:hub-??????"),
        (Place.PARAMETER, "arn:aws:ssm:r:1:parameter/x", "arn:aws:ssm:r:1:parameter/x"),
    ],
)
def test_docker_hub_s_password_is_one_parameter_or_secret(
    place: Place, name: str, expected: str
) -> None:
    assert arns(place, HERE.replaced(parameter=name, secret=name)) == (expected,)


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        (None, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:*"),
        ("hub-AbCdEf", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:hub-AbCdEf-??????"),
        (
            "arn:aws:secretsmanager:r:1:secret:hub-AbCdEf",
            "arn:aws:secretsmanager:r:1:secret:hub-AbCdEf",
        ),
        ("arn:aws:secretsmanager:r:1:secret:hub", "arn:aws:secretsmanager:r:1:secret:hub-??????"),
    ],
)
def test_a_secret_s_arn_ends_with_six_characters(secret: str | None, expected: str) -> None:
    assert arns(Place.SECRET, HERE.replaced(secret=secret)) == (expected,)


@pytest.mark.parametrize(
    "group",
    [
        "/ecs/web",
        "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web",
        "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web:*",
    ],
)
def test_a_log_group_is_named_or_given_by_its_arn(group: str) -> None:
    assert arns(Place.LOG_STREAM, HERE.replaced(log_groups=(group,))) == (
        "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web:log-stream:*",
    )


@pytest.mark.parametrize(
    ("place", "target", "options"),
    [
        pytest.param(Place.SERVICE, HERE, (), id="all is known"),
        pytest.param(Place.SERVICE, Target(), ("--cluster", "--service", "--region", "--account"),
                     id="nothing is known"),
        pytest.param(Place.NOTHING, Target(), (), id="there is nothing to narrow"),
        pytest.param(Place.LISTED_TASKS, HERE.replaced(region=None), ("--region",),
                     id="the region in the condition"),
        pytest.param(
            Place.REPOSITORY,
            Target(repositories=(Repository(name="a", account="1", region="r"),)),
            (),
            id="the image says it all",
        ),
        pytest.param(Place.DISTRIBUTION, HERE.replaced(distributions=("E1",)), (), id="no region"),
    ],
)  # fmt: skip
def test_what_would_narrow_further_is_told(
    place: Place, target: Target, options: tuple[str, ...]
) -> None:
    assert missing(place, target) == options


@pytest.mark.parametrize("place", Place)
def test_every_place_has_an_arn_and_can_be_narrowed_or_needs_no_more(place: Place) -> None:
    assert arns(place, Target())
    assert place is Place.NOTHING or missing(place, Target())
