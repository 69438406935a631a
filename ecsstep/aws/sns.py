"""Amazon SNS."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ecsstep.aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_sns.client import SNSClient

_HINTS = {
    "NotFound": "aws sns list-topics shows the topics of this region",
    "NotFoundException": "aws sns list-topics shows the topics of this region",
}


class Sns:
    """The calls of SNS that the steps make."""

    def __init__(self, client: "SNSClient") -> None:
        self._client = client

    def publish(self, request: Mapping[str, Any]) -> str:
        """Publish a message to a topic and return its id.

        Raises:
            StepError: The call failed: see :func:`ecsstep.aws.errors.translated`.
        """
        topic = request["TopicArn"]
        with translated(f"publish to topic '{topic}'", action="sns:Publish", hints=_HINTS):
            reply = self._client.publish(**request)
        return str(reply.get("MessageId", ""))
