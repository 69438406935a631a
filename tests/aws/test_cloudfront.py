"""CloudFront's calls, checked against AWS's model by the Stubber."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ecsstep.aws.cloudfront import CloudFront
from ecsstep.errors import Exit, StepError
from ecsstep.rules.invalidation import Invalidation, request
from fakes import START

ID = "EDFDVBD6EXAMPLE"
ASKED = dict(request(ID, ("/b", "/a"), "ecsstep-1"))


@pytest.fixture
def stub() -> Iterator[tuple[CloudFront, Stubber]]:
    made = boto3.client(
        "cloudfront", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(made) as stubber:
        yield CloudFront(made), stubber


def a_reply(status: str) -> dict[str, Any]:
    return {
        "Invalidation": {
            "Id": "I1",
            "Status": status,
            "CreateTime": START,
            "InvalidationBatch": ASKED["InvalidationBatch"],
        }
    }


def an_invalidation(status: str) -> Invalidation:
    return Invalidation(
        distribution=ID, id="I1", status=status, paths=("/a", "/b"), created_at=START
    )


def test_an_invalidation_is_asked_for_and_read_again(stub: tuple[CloudFront, Stubber]) -> None:
    cache, stubber = stub
    stubber.add_response("create_invalidation", a_reply("InProgress"), ASKED)
    stubber.add_response(
        "get_invalidation", a_reply("Completed"), {"DistributionId": ID, "Id": "I1"}
    )

    assert cache.create(ASKED) == an_invalidation("InProgress")
    assert cache.invalidation(ID, "I1") == an_invalidation("Completed")


@pytest.mark.parametrize(
    ("code", "exit_", "hint"),
    [
        ("NoSuchDistribution", Exit.USAGE, "aws cloudfront list-distributions"),
        ("InvalidationBatchAlreadyExists", Exit.USAGE, "--deployment ID"),
        ("TooManyInvalidationsInProgress", Exit.TEMPORARY, "in a minute"),
        ("AccessDenied", Exit.ACCESS, "allow the role the action cloudfront:CreateInvalidation"),
    ],
)
def test_a_refusal_says_what_to_do_next(
    stub: tuple[CloudFront, Stubber], code: str, exit_: Exit, hint: str
) -> None:
    cache, stubber = stub
    stubber.add_client_error("create_invalidation", code, "no")

    with pytest.raises(StepError, match=f"can't invalidate paths of distribution '{ID}'") as caught:
        cache.create(ASKED)

    assert caught.value.exit is exit_
    assert hint in caught.value.hint
