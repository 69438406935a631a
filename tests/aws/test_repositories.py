"""ECR's repositories, checked against AWS's model by the Stubber."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from ecsstep.aws.repositories import Repositories
from ecsstep.errors import Exit, StepError
from ecsstep.rules.mutability import Mutability

ACCOUNT = "012345678901"


@pytest.fixture
def stub() -> Iterator[tuple[Repositories, Stubber]]:
    made = boto3.client(
        "ecr", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(made) as stubber:
        yield Repositories(made), stubber


@pytest.mark.parametrize(
    ("found", "mutability"),
    [
        ({"imageTagMutability": "IMMUTABLE"}, Mutability(setting="IMMUTABLE")),
        (
            {
                "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
                "imageTagMutabilityExclusionFilters": [
                    {"filterType": "WILDCARD", "filter": "dev-*"}
                ],
            },
            Mutability(setting="IMMUTABLE_WITH_EXCLUSION", filters=("dev-*",)),
        ),
        ({}, Mutability(setting="MUTABLE")),
    ],
    ids=["immutable", "exclusions", "older than the setting"],
)
def test_a_repositorys_setting_is_read(
    stub: tuple[Repositories, Stubber], found: dict[str, Any], mutability: Mutability
) -> None:
    repositories, stubber = stub
    stubber.add_response(
        "describe_repositories",
        {"repositories": [found]},
        {"repositoryNames": ["app"], "registryId": ACCOUNT},
    )

    assert repositories.mutability("app", account=ACCOUNT) == mutability


def test_a_missing_repository_has_none(stub: tuple[Repositories, Stubber]) -> None:
    repositories, stubber = stub
    stubber.add_client_error("describe_repositories", "RepositoryNotFoundException")
    stubber.add_response(
        "describe_repositories", {"repositories": []}, {"repositoryNames": ["none"]}
    )

    assert repositories.mutability("app") is None
    assert repositories.mutability("none") is None


def test_an_image_is_found_by_its_tag(stub: tuple[Repositories, Stubber]) -> None:
    repositories, stubber = stub
    stubber.add_response(
        "batch_get_image",
        {
            "images": [
                {
                    "imageId": {"imageDigest": "sha256:" + "a" * 64, "imageTag": "v1"},
                    "imageManifest": "{}",
                    "imageManifestMediaType": "application/json",
                }
            ]
        },
        {
            "repositoryName": "app",
            "registryId": ACCOUNT,
            "imageIds": [{"imageTag": "v1"}],
            "acceptedMediaTypes": ANY,
        },
    )

    found = repositories.stored("app", tag="v1", account=ACCOUNT)

    assert found is not None
    assert found.digest == "sha256:" + "a" * 64


def test_who_may_not_look_is_told_the_action(stub: tuple[Repositories, Stubber]) -> None:
    repositories, stubber = stub
    stubber.add_client_error("describe_repositories", "AccessDeniedException", "no")

    with pytest.raises(StepError) as caught:
        repositories.mutability("app")

    assert caught.value.exit is Exit.ACCESS
    assert "ecr:DescribeRepositories" in caught.value.hint


@pytest.mark.parametrize(
    ("movable", "asked"),
    [
        ([], {"imageTagMutability": "IMMUTABLE"}),
        (
            ["latest", "dev"],
            {
                "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
                "imageTagMutabilityExclusionFilters": [
                    {"filterType": "WILDCARD", "filter": "latest"},
                    {"filterType": "WILDCARD", "filter": "dev"},
                ],
            },
        ),
    ],
    ids=["plain", "with latest"],
)
def test_a_repository_is_made_with_immutable_tags_and_scan_on_push(
    stub: tuple[Repositories, Stubber], movable: list[str], asked: dict[str, Any]
) -> None:
    repositories, stubber = stub
    wanted = {
        "repositoryName": "app",
        "imageScanningConfiguration": {"scanOnPush": True},
        "registryId": ACCOUNT,
        **asked,
    }
    stubber.add_response("create_repository", {}, wanted)

    repositories.create("app", account=ACCOUNT, movable=movable)

    stubber.assert_no_pending_responses()


def test_a_faster_job_is_fine_and_another_refusal_is_not(
    stub: tuple[Repositories, Stubber],
) -> None:
    repositories, stubber = stub
    stubber.add_client_error("create_repository", "RepositoryAlreadyExistsException")
    stubber.add_client_error("create_repository", "LimitExceededException", "too many")

    repositories.create("app")
    with pytest.raises(StepError, match="too many"):
        repositories.create("app")
