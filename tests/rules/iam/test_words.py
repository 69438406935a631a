"""How a user names what a policy is narrowed to."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.iam import words
from ecsstep.rules.iam.target import Named, Repository

DIGEST = "sha256:" + "a" * 64
A_LOG_GROUP = words.parse_path("logs", "a log group")
ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
ECS = "arn:aws:ecs:eu-west-1:123456789012"
THERE = {"account": "123456789012", "region": "eu-west-1"}
APP = Repository(name="team/app", account="123456789012", region="eu-west-1")


@pytest.mark.parametrize(
    ("parse", "text", "expected"),
    [
        (words.parse_cluster, "demo", Named(name="demo")),
        (words.parse_cluster, f"{ECS}:cluster/demo", Named(name="demo", **THERE)),
        (words.parse_service, "web", Named(name="web")),
        (words.parse_service, "web=ecs-svc/123", Named(name="web")),
        (words.parse_service, f"{ECS}:service/demo/web", Named(name="web", **THERE)),
        (words.parse_service, "review-*", Named(name="review-*")),
        (words.parse_family, "web", Named(name="web")),
        (words.parse_family, "web:3", Named(name="web")),
        (words.parse_family, f"{ECS}:task-definition/web:3", Named(name="web", **THERE)),
        (words.parse_role, "task", "task"),
        (words.parse_role, "/path/task", "path/task"),
        (
            words.parse_role,
            "arn:aws:iam::123456789012:role/path/task",
            "arn:aws:iam::123456789012:role/path/task",
        ),
        (A_LOG_GROUP, "/ecs/web", "/ecs/web"),
        (
            words.parse_path("ssm", "a parameter"),
            "arn:aws:ssm:eu-west-1:123456789012:parameter/a",
            "arn:aws:ssm:eu-west-1:123456789012:parameter/a",
        ),
        (words.parse_name, "CodeDeployDefault.ECSAllAtOnce", "CodeDeployDefault.ECSAllAtOnce"),
    ],
)
def test_a_name_or_an_arn_is_taken(
    parse: Callable[[str], object], text: str, expected: object
) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("parse", "text", "words_of_it"),
    [
        (words.parse_cluster, "a b", "no name of a cluster"),
        (
            words.parse_cluster,
            "arn:aws:ecs:eu-west-1:123456789012:service/demo/web",
            "no ARN of a cluster",
        ),
        (words.parse_service, "arn:aws:iam::123456789012:role/web", "no ARN of a service"),
        (words.parse_service, "a/b", "no name of a service"),
        (words.parse_family, "./web.json", "family"),
        (words.parse_role, "arn:aws:iam::123456789012:user/me", "no role's ARN"),
        (words.parse_role, "arn:aws:s3:::bucket", "no role's ARN"),
        (words.parse_role, "${x}", "no name of a role"),
        (A_LOG_GROUP, "a b", "no name of a log group"),
        (A_LOG_GROUP, "arn:aws:s3:::bucket", "no ARN of a log group"),
        (words.parse_name, "a/b", "no name"),
    ],
)
def test_what_is_none_is_a_mistake(
    parse: Callable[[str], object], text: str, words_of_it: str
) -> None:
    with pytest.raises(ValueError, match=words_of_it):
        parse(text)


@pytest.mark.parametrize(
    ("text", "repository"),
    [
        ("team/app", Repository(name="team/app")),
        ("team/*", Repository(name="team/*")),
        (f"{ECR}/team/app", APP),
        ("127.0.0.1:5000/team/app", Repository(name="team/app")),
        ("registry.example.com/team/app", None),
    ],
)
def test_a_repository_is_a_name_or_a_uri(text: str, repository: Repository | None) -> None:
    assert words.parse_repository(text) == repository


@pytest.mark.parametrize(
    ("text", "repository"),
    [
        (f"{ECR}/team/app@{DIGEST}", APP),
        (f"app={ECR}/team/app:v1", APP),
        ("app:v1", Repository(name="app")),
        ("docker.io/library/nginx:1", None),
    ],
)
def test_an_image_says_its_repository(text: str, repository: Repository | None) -> None:
    assert words.parse_image(text) == repository


@pytest.mark.parametrize(
    ("text", "expected"),
    [("web", True), ("web:3", True), ("arn:aws:ecs:x", True), ("./web", False), ("t.json", False),
     ("-x/y", False)],
)  # fmt: skip
def test_a_family_is_told_from_a_file(text: str, expected: bool) -> None:
    assert words.is_family(text) is expected


def test_a_role_s_arn_says_the_account() -> None:
    assert words.account_of("arn:aws-cn:iam::123456789012:role/deploy") == "123456789012"
    assert words.account_of("deploy") is None
    assert words.account_of(None) is None


PARSERS = [
    words.parse_cluster, words.parse_service, words.parse_family, words.parse_role, A_LOG_GROUP,
    words.parse_name,
]  # fmt: skip


@given(st.sampled_from(PARSERS), st.text(max_size=60))
def test_no_name_brings_in_what_iam_reads_as_a_variable_or_json_as_an_end(
    parse: Callable[[str], str | Named], text: str
) -> None:
    try:
        found = parse(text)
    except ValueError:
        return

    name = found.name if isinstance(found, Named) else found
    assert not set(name) & set('${}"\\\n ')
