"""AWS CodeDeploy, as far as it deploys to ECS: one method per call, our types out."""

from collections.abc import Mapping
from typing import Any

from ecsstep.aws.codedeploy_replies import deployment_from, group_from, target_from
from ecsstep.aws.errors import error_code, translated
from ecsstep.errors import Exit, StepError
from ecsstep.rules.codedeploy import CodeDeployment, DeploymentGroup, Target
from ecsstep.text import printable

_NOT_YET = frozenset({"DeploymentNotStartedException", "DeploymentTargetDoesNotExistException"})
_BUSY = "DeploymentLimitExceededException"


class GroupBusyError(StepError):
    """A deployment to the same group is under way; CodeDeploy makes one at a time."""


class CodeDeploy:
    """The calls of CodeDeploy that the steps make.

    Every method raises StepError for a call that failed: see :func:`ecsstep.aws.errors.translated`.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def group(self, application: str, group: str) -> DeploymentGroup:
        """Return what a deployment group deploys to, and what it did last."""
        doing = f"read deployment group '{group}' of application '{application}'"
        hints = _hints(application, group)
        with translated(doing, action="codedeploy:GetDeploymentGroup", hints=hints):
            reply = self._client.get_deployment_group(
                applicationName=application, deploymentGroupName=group
            )
        if not reply.get("deploymentGroupInfo"):
            raise _empty(doing)
        return group_from(reply["deploymentGroupInfo"])

    def create_deployment(self, request: Mapping[str, Any]) -> str:
        """Begin a deployment and return its id.

        Raises:
            GroupBusyError: One is under way already (exit 75). It may be this very one, where the
                answer to an earlier attempt was lost.
        """
        application, group = request["applicationName"], request["deploymentGroupName"]
        doing = f"begin a deployment of '{application}' to '{group}'"
        hints = _hints(application, group)
        with translated(doing, action="codedeploy:CreateDeployment", hints=hints):
            try:
                reply = self._client.create_deployment(**request)
            except self._client.exceptions.ClientError as error:
                if error_code(error) == _BUSY:
                    raise _busy(doing, error, application, group) from error
                raise
        id_: str = reply.get("deploymentId", "")
        if not id_:
            raise _empty(doing)
        return id_

    def deployment(self, deployment: str) -> CodeDeployment | None:
        """Return a deployment by its id, or None where there is none of this id."""
        doing = f"read deployment '{deployment}'"
        with translated(doing, action="codedeploy:GetDeployment"):
            try:
                reply = self._client.get_deployment(deploymentId=deployment)
            except self._client.exceptions.ClientError as error:
                if error_code(error) == "DeploymentDoesNotExistException":
                    return None
                raise
        if not reply.get("deploymentInfo"):
            raise _empty(doing)
        return deployment_from(reply["deploymentInfo"])

    def targets(self, deployment: str) -> tuple[Target, ...]:
        """Return what a deployment deploys to, with its stages; nothing before it has begun."""
        doing = f"read the targets of deployment '{deployment}'"
        with translated(doing, action="codedeploy:ListDeploymentTargets"):
            try:
                ids = self._client.list_deployment_targets(deploymentId=deployment).get("targetIds")
            except self._client.exceptions.ClientError as error:
                if error_code(error) in _NOT_YET:
                    return ()
                raise
        if not ids:
            return ()
        with translated(doing, action="codedeploy:BatchGetDeploymentTargets"):
            reply = self._client.batch_get_deployment_targets(
                deploymentId=deployment, targetIds=ids
            )
        found = [each["ecsTarget"] for each in reply.get("deploymentTargets", ())
                 if each.get("ecsTarget")]  # fmt: skip
        return tuple(target_from(each) for each in found)

    def stop_deployment(self, deployment: str) -> None:
        """Stop a deployment and go back to what ran before it."""
        doing = f"stop deployment '{deployment}'"
        with translated(doing, action="codedeploy:StopDeployment"):
            self._client.stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)


def _empty(doing: str) -> StepError:
    return StepError(
        f"can't {doing}: AWS's answer is empty", exit=Exit.TEMPORARY, hint="run the step again"
    )


def _busy(doing: str, error: Any, application: str, group: str) -> GroupBusyError:
    words = printable(error.response.get("Error", {}).get("Message", "")).strip()
    return GroupBusyError(
        f"can't {doing}: {words}",
        exit=Exit.TEMPORARY,
        hint="another deployment to this group is under way; wait for its end, then run the step "
        f"again: aws deploy list-deployments {_named(application, group)} "
        "--include-only-statuses Created Queued InProgress Ready",
    )


def _hints(application: str, group: str) -> Mapping[str, str]:
    return {
        "ApplicationDoesNotExistException": "name it by --codedeploy-application; "
        "aws deploy list-applications shows those of this region",
        "DeploymentGroupDoesNotExistException": "name it by --codedeploy-group; aws deploy "
        f"list-deployment-groups --application-name {application} shows those of the application",
        "InvalidRevisionException": "check --appspec against the service's containers and ports",
        "InvalidECSServiceException": "the deployment group must name this cluster and service: "
        f"aws deploy get-deployment-group {_named(application, group)}",
    }


def _named(application: str, group: str) -> str:
    return f"--application-name {application} --deployment-group-name {group}"
