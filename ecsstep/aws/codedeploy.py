"""AWS CodeDeploy, as far as it deploys to ECS: one method per call, our types out."""

from collections.abc import Mapping
from typing import Any

from ecsstep.aws.codedeploy_replies import deployment_from, target_from
from ecsstep.aws.errors import error_code, translated
from ecsstep.errors import Exit, StepError
from ecsstep.rules.codedeploy import CodeDeployment, Target

_NOT_YET = frozenset({"DeploymentNotStartedException", "DeploymentTargetDoesNotExistException"})
_LIST = "aws deploy list-deployments --include-only-statuses InProgress"
_HINTS = {
    "ApplicationDoesNotExistException": "name it by --codedeploy-application; "
    "aws deploy list-applications shows those of this region",
    "DeploymentGroupDoesNotExistException": "name it by --codedeploy-group; aws deploy "
    "list-deployment-groups --application-name APPLICATION shows those of an application",
    "DeploymentLimitExceededException": "another deployment to this group is under way; wait for "
    f"its end, or stop it: {_LIST}",
    "InvalidRevisionException": "check --appspec against the service's containers and ports",
    "InvalidECSServiceException": "the deployment group must name this cluster and service: "
    "aws deploy get-deployment-group",
}


class CodeDeploy:
    """The calls of CodeDeploy that the steps make.

    Every method raises StepError for a call that failed: see :func:`ecsstep.aws.errors.translated`.
    """

    def __init__(self, client: Any) -> None:
        self._client = client

    def services(self, application: str, group: str) -> tuple[tuple[str, str], ...]:
        """Return cluster and name of the ECS services that a deployment group deploys to."""
        doing = f"read deployment group '{group}' of application '{application}'"
        with translated(doing, action="codedeploy:GetDeploymentGroup", hints=_HINTS):
            reply = self._client.get_deployment_group(
                applicationName=application, deploymentGroupName=group
            )
        found = reply.get("deploymentGroupInfo", {}).get("ecsServices", ())
        return tuple((each.get("clusterName", ""), each.get("serviceName", "")) for each in found)

    def create_deployment(self, request: Mapping[str, Any]) -> str:
        """Begin a deployment and return its id."""
        doing = (
            f"begin a deployment of '{request['applicationName']}' to "
            f"'{request.get('deploymentGroupName')}'"
        )
        with translated(doing, action="codedeploy:CreateDeployment", hints=_HINTS):
            reply = self._client.create_deployment(**request)
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
