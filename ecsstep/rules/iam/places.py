"""What an IAM action can be narrowed to.

Which action takes which kind of resource stands in AWS's Service Authorization Reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/); a test holds this against it.
"""

from collections.abc import Mapping
from enum import Enum

from ecsstep.rules.iam.target import ANY, Target

TASKS_PRINCIPAL = "ecs-tasks.amazonaws.com"
"""The service that task and execution roles are passed to, in every partition."""


class Place(Enum):
    """A kind of resource, by the Sid of its statement; statements come in this order."""

    NOTHING = "ActionsWithoutResource"
    """The action takes no resource: only ``*`` allows it."""
    REPOSITORY = "Repositories"
    SOURCE = "SourceRepository"
    CACHE = "CacheRepository"
    SERVICE = "Services"
    SERVICE_DEPLOYMENT = "ServiceDeployments"
    SERVICE_REVISION = "ServiceRevisions"
    TASK = "Tasks"
    LISTED_TASKS = "TasksOfTheCluster"
    TASK_DEFINITION = "TaskDefinitions"
    TAGGED_DEFINITION = "TagsOfNewTaskDefinitions"
    RUN_DEFINITION = "TasksToRun"
    TAGGED_TASK = "TagsOfNewTasks"
    PASSED_ROLE = "RolesOfTasks"
    LOG_STREAM = "LogsOfTasks"
    DEPLOYMENT_GROUP = "DeploymentGroups"
    DEPLOYMENT_CONFIG = "DeploymentConfigurations"
    APPLICATION = "Applications"
    PARAMETER = "DockerHubParameter"
    SECRET = "DockerHubSecret"  # noqa: S105 - a Sid
    TOPIC = "Topics"
    DISTRIBUTION = "Distributions"


def condition(place: Place, target: Target) -> Mapping[str, Mapping[str, str]]:
    """Return the condition under which an action on this kind of resource is allowed."""
    match place:
        case Place.LISTED_TASKS | Place.RUN_DEFINITION:
            cluster = target.arn("ecs", f"cluster/{target.cluster or ANY}")
            return {"ArnLike": {"ecs:cluster": cluster}}
        case Place.TAGGED_DEFINITION:
            return {"StringEquals": {"ecs:CreateAction": "RegisterTaskDefinition"}}
        case Place.TAGGED_TASK:
            return {"StringEquals": {"ecs:CreateAction": "RunTask"}}
        case Place.PASSED_ROLE:
            return {"StringEquals": {"iam:PassedToService": TASKS_PRINCIPAL}}
        case _:
            return {}
