"""Amazon ECS: tasks that no service starts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ecsstep.aws.ecs_replies import task_from
from ecsstep.aws.errors import translated
from ecsstep.errors import Exit, StepError
from ecsstep.rules.errand.verdict import NotPlaced
from ecsstep.rules.service import Task

if TYPE_CHECKING:
    from mypy_boto3_ecs.client import ECSClient

_SERVER_ERROR = 500
_HINTS = {
    "ClusterNotFoundException": "aws ecs list-clusters shows the clusters of this region",
    "PlatformTaskDefinitionIncompatibilityException": "the service's platform version is too old "
    "for this definition: --parameters with another platformVersion",
}


class Tasks:
    """The calls about single tasks.

    Every method raises StepError for a call that failed: see :func:`ecsstep.aws.errors.translated`.
    """

    def __init__(self, client: "ECSClient") -> None:
        self._client = client

    def run(self, request: Mapping[str, Any]) -> Task | NotPlaced:
        """Start one task.

        ECS answers 200 also where it starts none: then the answer's ``failures`` say why. botocore
        adds a ``clientToken``, so that a retry of the call finds the task that the first one
        started (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html).

        Raises:
            StepError: The call failed. Where nobody knows whether a task was started (the
                connection broke, the answer is empty), that is exit 3 and not 75: a pipeline that
                ran the step again by itself might start a second one.
        """
        doing = f"run a task of '{request['taskDefinition']}'"
        try:
            with translated(doing, action="ecs:RunTask", hints=_HINTS):
                reply = self._client.run_task(**request)
        except StepError as error:
            if error.exit is not Exit.TEMPORARY or _was_refused(error):
                raise
            raise _unknown(error.message, request) from error
        if reply.get("tasks"):
            return task_from(reply["tasks"][0])
        for failure in reply.get("failures", ()):
            words = (failure.get("reason", ""), failure.get("detail", ""), failure.get("arn", ""))
            return NotPlaced(reason=" ".join(word for word in words if word) or "no reason given")
        raise _unknown(f"can't {doing}: AWS's answer is empty", request)

    def task(self, cluster: str, arn: str) -> Task | None:
        """Return a task, or None where ECS doesn't know it: not yet, or an hour after its end."""
        with translated(f"describe task '{arn}'", action="ecs:DescribeTasks", hints=_HINTS):
            reply = self._client.describe_tasks(cluster=cluster, tasks=[arn])
        return task_from(reply["tasks"][0]) if reply.get("tasks") else None

    def stop(self, cluster: str, arn: str, reason: str) -> None:
        """Ask ECS to stop a task: SIGTERM to its containers, and SIGKILL after their time."""
        with translated(f"stop task '{arn}'", action="ecs:StopTask", hints=_HINTS):
            self._client.stop_task(cluster=cluster, task=arn, reason=reason)


def _was_refused(error: StepError) -> bool:
    """Whether AWS answered that it did nothing: throttled."""
    from botocore.exceptions import ClientError

    cause = error.__cause__
    if not isinstance(cause, ClientError):
        return False
    status: int = cause.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return status < _SERVER_ERROR


def _unknown(message: str, request: Mapping[str, Any]) -> StepError:
    return StepError(
        f"{message}; whether a task was started is not known",
        exit=Exit.FAILED,
        hint=f"look for it before you run the step again: {look_for(request)}",
    )


def look_for(request: Mapping[str, Any]) -> str:
    """Return the command that shows the tasks which a request has started."""
    started_by = request["startedBy"]
    return f"aws ecs list-tasks --cluster {request['cluster']} --started-by {started_by}"
