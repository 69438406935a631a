"""Who we are to AWS, checked against its model by the Stubber."""

from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from botocore.stub import Stubber

from ecsstep.aws.caller import Caller, caller
from ecsstep.errors import Exit, StepError

if TYPE_CHECKING:
    from ecsstep.aws.session import Aws


class _Aws:
    """A connection with one client."""

    region = "eu-west-1"

    def __init__(self) -> None:
        self.sts: Any = boto3.client(
            "sts", region_name=self.region, aws_access_key_id="a", aws_secret_access_key="b"
        )

    def client(self, service: str) -> Any:
        return getattr(self, service)


def test_the_caller_is_told_by_sts() -> None:
    aws = _Aws()
    arn = "arn:aws:sts::123456789012:assumed-role/ci/me"
    with Stubber(aws.sts) as stub:
        stub.add_response(
            "get_caller_identity", {"Account": "123456789012", "Arn": arn, "UserId": "u"}, {}
        )

        found = caller(cast("Aws", aws))

    assert found == Caller(account="123456789012", arn=arn, region="eu-west-1")


def test_credentials_that_aws_does_not_take_are_exit_5() -> None:
    aws = _Aws()
    with Stubber(aws.sts) as stub:
        stub.add_client_error("get_caller_identity", "ExpiredToken", "old")

        with pytest.raises(StepError) as caught:
            caller(cast("Aws", aws))

    assert caught.value.exit is Exit.ACCESS
    assert "can't find out whose credentials these are" in caught.value.message
