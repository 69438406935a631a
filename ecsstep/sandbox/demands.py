"""What IAM is asked about a call: which actions, on which resources, in which context."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecsstep.sandbox.place import Place

_ANY = "*"
_ROLES = ("taskRoleArn", "executionRoleArn")
# What AWS asks for while it answers another call, whatever that says.
_WITHIN = {
    # https://docs.aws.amazon.com/AmazonECR/latest/public/public-registry-auth.html
    "ecr-public:GetAuthorizationToken": ("sts:GetServiceBearerToken",),
    # https://github.com/aws-actions/amazon-ecs-deploy-task-definition#permissions
    "codedeploy:CreateDeployment": (
        "codedeploy:GetDeploymentConfig",
        "codedeploy:RegisterApplicationRevision",
    ),
}
# https://github.com/alexjurkiewicz/ecr-scan-image/issues/19
_WITH_INSPECTOR = {"ecr:DescribeImageScanFindings": ("inspector2:ListFindings",)}


@dataclass(frozen=True, kw_only=True)
class Demand:
    """One question to IAM.

    Attributes:
        action: The IAM action.
        resource: The ARN of what it is on; ``*`` where the action takes no resource, nothing where
            the sandbox can't tell.
        context: The condition keys that the call sets.
    """

    action: str
    resource: str = _ANY
    context: Mapping[str, str] = field(default_factory=dict)


def demands(
    action: str,
    body: Mapping[str, Any],
    *,
    region: str,
    account: str,
    has_inspector: bool = False,
) -> Iterator[Demand]:
    """Yield what has to be allowed for a call.

    What takes which resource stands in AWS's Service Authorization Reference
    (https://docs.aws.amazon.com/service-authorization/latest/reference/).

    Args:
        action: The IAM action of the call itself.
        body: The request, where it is JSON.
        region: The sandbox's region.
        account: Its account.
        has_inspector: Whether Amazon Inspector scans the images.
    """
    service, _, operation = action.partition(":")
    base = f"arn:{Place(region=region, account=account).partition}:{service}:{region}:{account}"
    context = {}
    if service == "ecs" and "cluster" in body:
        context["ecs:cluster"] = f"{base}:cluster/{_last(body['cluster'])}"
    for resource in _resources(operation, body, base) or ("",):
        yield Demand(action=action, resource=resource, context=context)
    within = {**_WITHIN, **(_WITH_INSPECTOR if has_inspector else {})}
    for name in within.get(action, ()):
        yield Demand(action=name, resource="")
    if operation in {"RegisterTaskDefinition", "RunTask"}:
        yield from _within(operation, body, base)


def of_registry(action: str, repository: str, *, region: str, account: str) -> Demand:
    """Return what has to be allowed for a request of the registry's protocol."""
    partition = Place(region=region, account=account).partition
    arn = f"arn:{partition}:ecr:{region}:{account}:repository/{repository}"
    return Demand(action=action, resource=arn)


def _within(operation: str, body: Mapping[str, Any], base: str) -> Iterator[Demand]:
    """Yield what AWS asks for within the call."""
    passed = {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    for role in (body[name] for name in _ROLES if body.get(name)):
        yield Demand(action="iam:PassRole", resource=str(role), context=passed)
    if body.get("tags"):
        cluster = _last(body.get("cluster", "default"))
        is_task = operation == "RunTask"
        name = f"task/{cluster}/new" if is_task else f"task-definition/{body.get('family')}"
        yield Demand(
            action="ecs:TagResource",
            resource=f"{base}:{name}",
            context={"ecs:CreateAction": operation},
        )


def _resources(operation: str, body: Mapping[str, Any], base: str) -> tuple[str, ...]:
    """Return the ARNs of a call; ``*`` for an action without resource, none where unknown."""
    service = base.split(":")[2]
    match service:
        case "ecr":
            names = [*body.get("repositoryNames", ()), body.get("repositoryName")]
            found = [f"{base}:repository/{name}" for name in names if name]
            return tuple(found) or (_ANY,)
        case "ecs":
            return _of_ecs(operation, body, base)
        case "codedeploy":
            if "deploymentGroupName" in body:
                group = f"{body['applicationName']}/{body['deploymentGroupName']}"
                return (f"{base}:deploymentgroup:{group}",)
            return () if operation == "GetDeployment" else (_ANY,)
        case "logs" if "logStreamName" in body:
            stream = f"{body['logGroupName']}:log-stream:{body['logStreamName']}"
            return (f"{base}:log-group:{stream}",)
        case "ssm" if "Name" in body:
            return (f"{base}:parameter/{str(body['Name']).removeprefix('/')}",)
        case "secretsmanager" if "SecretId" in body:
            return (f"{base}:secret:{body['SecretId']}-AbCdEf",)
        case "elasticloadbalancing" | "ecr-public":
            return (_ANY,)
        case _:
            return ()


def _of_ecs(operation: str, body: Mapping[str, Any], base: str) -> tuple[str, ...]:
    cluster = _last(body.get("cluster", "default"))
    found: list[str] = []
    match operation:
        case "DescribeTaskDefinition" | "ListTasks":
            found = [_ANY]
        case "RegisterTaskDefinition":
            found = [f"{base}:task-definition/{body.get('family')}:*"]
        case "RunTask":
            name = _last(body.get("taskDefinition", ""))
            found = [f"{base}:task-definition/{name if ':' in name else f'{name}:1'}"]
        case "DescribeTasks" | "StopTask":
            tasks = [*body.get("tasks", ()), *([body["task"]] if "task" in body else [])]
            found = [f"{base}:task/{cluster}/{_last(each)}" for each in tasks]
        case "DescribeServices":
            found = [f"{base}:service/{cluster}/{_last(each)}" for each in body.get("services", ())]
        case _ if "service" in body:
            found = [f"{base}:service/{cluster}/{_last(body['service'])}"]
        case _:
            found = _of_records(body)
    return tuple(found)


def _of_records(body: Mapping[str, Any]) -> list[str]:
    """Return the ARNs of service deployments or revisions, and of their services."""
    named = [*body.get("serviceDeploymentArns", ()), *body.get("serviceRevisionArns", ())]
    if "serviceDeploymentArn" in body:
        named.append(body["serviceDeploymentArn"])
    found = []
    for arn in named:
        head, _, rest = str(arn).rpartition(":")
        _, cluster, service, *_ = [*rest.split("/"), "", ""]
        found += [str(arn), f"{head}:service/{cluster}/{service}"]
    return found


def _last(text: object) -> str:
    return str(text).rpartition("/")[2]
