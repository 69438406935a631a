"""Amazon CloudWatch Logs."""

from typing import TYPE_CHECKING, Any

from ecsstep.aws.errors import error_code, translated
from ecsstep.value import Value

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient


class Page(Value):
    """Some lines of a stream.

    Attributes:
        lines: The oldest first.
        token: Where the next ones begin; nothing where there is no such stream yet.
    """

    lines: tuple[str, ...] = ()
    token: str = ""


class Logs:
    """The calls of CloudWatch Logs that the steps make."""

    def __init__(self, client: "CloudWatchLogsClient") -> None:
        self._client = client

    def last_lines(self, group: str, stream: str, count: int) -> tuple[str, ...]:
        """Return the last lines of a stream, oldest first; none where there is no such stream.

        Raises:
            StepError: The call failed: see :func:`ecsstep.aws.errors.translated`.
        """
        from botocore.exceptions import ClientError

        with translated(f"read the log '{group}'", action="logs:GetLogEvents"):
            try:
                reply = self._client.get_log_events(
                    logGroupName=group, logStreamName=stream, limit=count, startFromHead=False
                )
            except ClientError as error:
                if error_code(error) == "ResourceNotFoundException":
                    return ()
                raise
        return tuple(event.get("message", "") for event in reply.get("events", ()))

    def page(self, group: str, stream: str, token: str = "") -> Page:
        """Return the lines after the page whose token this is; without one, the stream's first.

        Raises:
            StepError: The call failed: see :func:`ecsstep.aws.errors.translated`.
        """
        from botocore.exceptions import ClientError

        asked: Any = {"nextToken": token} if token else {}
        with translated(f"read the log '{group}'", action="logs:GetLogEvents"):
            try:
                reply = self._client.get_log_events(
                    logGroupName=group, logStreamName=stream, startFromHead=True, **asked
                )
            except ClientError as error:
                if error_code(error) == "ResourceNotFoundException":
                    return Page()
                raise
        lines = tuple(event.get("message", "") for event in reply.get("events", ()))
        return Page(lines=lines, token=reply.get("nextForwardToken", ""))
