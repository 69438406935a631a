"""The IAM actions of the steps that deploy."""

from ecsstep.rules.iam.actions import Action, Need
from ecsstep.rules.iam.places import Place

CODEDEPLOY = ("--codedeploy-application", "--codedeploy-group", "--appspec")
"""The options that say that CodeDeploy makes the deployments."""
_HAS_DEFINITION = ("--taskdef", "--file")

TASKDEF_RENDER = (
    Action(
        name="ecs:DescribeTaskDefinition",
        why="read the task definition to begin with",
        not_with=("--file",),
    ),
    Action(
        name="ecs:DescribeServices",
        on=(Place.SERVICE,),
        why="find the revision that the service points at",
        not_with=_HAS_DEFINITION,
    ),
    Action(
        name="ecs:DescribeServices",
        on=(Place.SERVICE,),
        why="find what the service runs, which --require-passed lets pass",
        need=Need.OPTIONAL,
        only_with=("--require-passed",),
        and_with=_HAS_DEFINITION,
    ),
    Action(
        name="ecs:DescribeTaskDefinition",
        why="read what the service runs, which --require-passed lets pass",
        need=Need.OPTIONAL,
        only_with=("--require-passed",),
        and_with=("--file",),
    ),
    Action(
        name="ecr:BatchGetImage",
        on=(Place.REPOSITORY,),
        why="find the digest of this commit's image, where no earlier job handed it on",
        only_with=("--commit-image",),
    ),
    Action(
        name="ecr:GetAuthorizationToken",
        why="find the caller's own registry, where neither a host nor an account names it",
        only_with=("--commit-image",),
    ),
)

_REGISTERING = (
    Action(
        name="ecs:RegisterTaskDefinition",
        on=(Place.TASK_DEFINITION,),
        why="register a definition that is new",
    ),
    Action(
        name="iam:PassRole",
        on=(Place.PASSED_ROLE,),
        why="hand the definition's roles to its tasks",
        need=Need.IMPLIED,
    ),
    Action(
        name="ecs:TagResource",
        on=(Place.TAGGED_DEFINITION,),
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html
        why="register a definition that has tags",
        need=Need.IMPLIED,
    ),
)

_IMAGES_ARE_THERE = Action(
    name="ecr:BatchGetImage",
    on=(Place.REPOSITORY,),
    why="see that the definition's images are there",
    need=Need.OPTIONAL,
)

TASK_RUN = (
    Action(
        name="ecs:DescribeServices", on=(Place.SERVICE,), why="run the task as the service's own"
    ),
    Action(name="ecs:DescribeTaskDefinition", why="find the container, its command and its log"),
    *_REGISTERING,
    _IMAGES_ARE_THERE,
    Action(name="ecs:RunTask", on=(Place.RUN_DEFINITION,), why="start the task"),
    Action(
        name="ecs:TagResource",
        on=(Place.TAGGED_TASK,),
        why="start a task with tags, where the file of parameters has some",
        need=Need.IMPLIED,
        only_with=("--parameters",),
    ),
    Action(name="ecs:DescribeTasks", on=(Place.TASK,), why="follow the task"),
    Action(
        name="ecs:StopTask",
        on=(Place.TASK,),
        why="stop the task when its work is done or its time is over",
        need=Need.OPTIONAL,
    ),
    Action(
        name="logs:GetLogEvents",
        on=(Place.LOG_STREAM,),
        why="show what the container says",
        need=Need.OPTIONAL,
        not_with=("--logs=0",),
    ),
)

SERVICE_UPDATE = (
    Action(name="ecs:DescribeServices", on=(Place.SERVICE,), why="see what the service runs"),
    Action(name="ecs:DescribeTaskDefinition", why="compare what is to run with what runs"),
    *_REGISTERING,
    Action(name="ecs:UpdateService", on=(Place.SERVICE,), why="begin the deployment"),
    _IMAGES_ARE_THERE,
    Action(
        name="codedeploy:GetDeploymentGroup",
        on=(Place.DEPLOYMENT_GROUP,),
        why="see that the deployment group is the service's",
        need=Need.OPTIONAL,
        only_with=CODEDEPLOY,
    ),
    Action(
        name="codedeploy:GetDeployment",
        on=(Place.DEPLOYMENT_GROUP,),
        why="see whether the deployment that is under way is this one",
        need=Need.OPTIONAL,
        only_with=CODEDEPLOY,
    ),
    Action(
        name="codedeploy:CreateDeployment",
        on=(Place.DEPLOYMENT_GROUP,),
        why="begin the deployment where CodeDeploy makes it",
        only_with=CODEDEPLOY,
    ),
    # https://github.com/aws-actions/amazon-ecs-deploy-task-definition#permissions
    Action(
        name="codedeploy:GetDeploymentConfig",
        on=(Place.DEPLOYMENT_CONFIG,),
        why="begin the deployment where CodeDeploy makes it",
        need=Need.IMPLIED,
        only_with=CODEDEPLOY,
    ),
    Action(
        name="codedeploy:RegisterApplicationRevision",
        on=(Place.APPLICATION,),
        why="begin the deployment where CodeDeploy makes it",
        need=Need.IMPLIED,
        only_with=CODEDEPLOY,
    ),
)
