"""SNS's calls, checked against AWS's model by the Stubber."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber

from ecsstep.aws.sns import Sns
from ecsstep.errors import Exit, StepError

ASKED = {
    "TopicArn": "arn:aws:sns:us-east-1:123456789012:deployments",
    "Subject": "deployed",
    "Message": "well",
    "MessageAttributes": {"outcome": {"DataType": "String", "StringValue": "deployed"}},
}


@pytest.fixture
def stub() -> Iterator[tuple[Sns, Stubber]]:
    made = boto3.client(
        "sns", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(made) as stubber:
        yield Sns(made), stubber


def test_a_message_is_published_and_its_id_returned(stub: tuple[Sns, Stubber]) -> None:
    sns, stubber = stub
    stubber.add_response("publish", {"MessageId": "m-1"}, ASKED)

    assert sns.publish(ASKED) == "m-1"


@pytest.mark.parametrize(
    ("code", "exit_", "hint"),
    [
        ("NotFound", Exit.USAGE, "aws sns list-topics"),
        ("AuthorizationError", Exit.ACCESS, "allow the role the action sns:Publish"),
    ],
)
def test_a_refusal_says_what_to_do_next(
    stub: tuple[Sns, Stubber], code: str, exit_: Exit, hint: str
) -> None:
    sns, stubber = stub
    stubber.add_client_error("publish", code, "no")

    with pytest.raises(StepError, match="can't publish to topic 'arn:aws:sns") as caught:
        sns.publish(ASKED)

    assert (caught.value.exit, hint in caught.value.hint) == (exit_, True)
