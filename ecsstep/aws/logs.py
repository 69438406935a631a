"""Amazon CloudWatch Logs."""

from typing import TYPE_CHECKING

from ecsstep.aws.errors import error_code, translated

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient


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
