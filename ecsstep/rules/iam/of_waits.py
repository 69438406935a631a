"""The IAM actions of the step that waits."""

from ecsstep.rules.iam.actions import Action, Need
from ecsstep.rules.iam.of_deployments import CODEDEPLOY
from ecsstep.rules.iam.places import Place

_ROLLBACK = ("--on-timeout=rollback", "--on-cancel=rollback")

_EVIDENCE = (
    Action(
        name="ecs:ListTasks",
        on=(Place.LISTED_TASKS,),
        why="find the tasks that stopped, and the images that run",
        need=Need.OPTIONAL,
    ),
    Action(
        name="ecs:DescribeTasks",
        on=(Place.TASK,),
        why="read why tasks stopped, and the images that run",
        need=Need.OPTIONAL,
    ),
    Action(
        name="ecr:BatchGetImage",
        on=(Place.REPOSITORY,),
        why="see that what runs is a platform of the pinned image",
        need=Need.OPTIONAL,
    ),
    Action(
        name="ecs:DescribeTaskDefinition",
        why="find the log of the container that failed",
        need=Need.OPTIONAL,
        not_with=("--logs=0",),
    ),
    Action(
        name="logs:GetLogEvents",
        on=(Place.LOG_STREAM,),
        why="show the last lines of the container that failed",
        need=Need.OPTIONAL,
        not_with=("--logs=0",),
    ),
    Action(
        name="elasticloadbalancing:DescribeTargetHealth",
        why="show what the load balancer's health check saw",
        need=Need.OPTIONAL,
    ),
)

WAIT_STABLE = (
    Action(name="ecs:DescribeServices", on=(Place.SERVICE,), why="follow the deployment"),
    Action(
        name="ecs:ListServiceDeployments",
        on=(Place.SERVICE,),
        why="find ECS's own record of the deployment",
        need=Need.OPTIONAL,
    ),
    Action(
        name="ecs:DescribeServiceDeployments",
        on=(Place.SERVICE, Place.SERVICE_DEPLOYMENT),
        why="read ECS's own record: stage, rollback, alarm, who stopped it",
        need=Need.OPTIONAL,
    ),
    Action(
        name="ecs:DescribeServiceRevisions",
        on=(Place.SERVICE, Place.SERVICE_REVISION),
        why="be sure that the record is the deployment's",
        need=Need.OPTIONAL,
    ),
    *_EVIDENCE,
    Action(
        name="ecs:StopServiceDeployment",
        on=(Place.SERVICE, Place.SERVICE_DEPLOYMENT),
        why="ask ECS to roll back",
        only_with=_ROLLBACK,
    ),
    Action(
        name="codedeploy:GetDeployment",
        on=(Place.DEPLOYMENT_GROUP,),
        why="follow a deployment of CodeDeploy",
        only_with=CODEDEPLOY,
    ),
    Action(
        name="codedeploy:ListDeploymentTargets",
        why="find the stages of a deployment of CodeDeploy",
        only_with=CODEDEPLOY,
    ),
    Action(
        name="codedeploy:BatchGetDeploymentTargets",
        why="read the stages of a deployment of CodeDeploy",
        only_with=CODEDEPLOY,
    ),
    Action(
        name="codedeploy:StopDeployment",
        why="ask CodeDeploy to roll back",
        only_with=_ROLLBACK,
        and_with=CODEDEPLOY,
    ),
)
