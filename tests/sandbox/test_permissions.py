"""What an IAM policy allows in the sandbox."""

import json
from pathlib import Path
from typing import Any

import pytest

from ecsstep.errors import Exit, StepError
from ecsstep.sandbox.api import ApiError
from ecsstep.sandbox.demands import Demand, demands, of_registry
from ecsstep.sandbox.faults import Faults
from ecsstep.sandbox.permissions import Permissions, read_policy
from processes import sandboxed

HERE: dict[str, Any] = {"region": "eu-west-1", "account": "123456789012"}
ECS = "arn:aws:ecs:eu-west-1:123456789012"
WEB = f"{ECS}:service/demo/web"
CLUSTER = {"ecs:cluster": f"{ECS}:cluster/demo"}


def a_statement(**changes: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "ecs:DescribeServices", "Resource": WEB, **changes}


def allows(demand: Demand, *statements: dict[str, Any]) -> bool:
    return Permissions([{"Statement": list(statements)}]).allow(demand)


def a_demand(**changes: Any) -> Demand:
    return Demand(**{"action": "ecs:DescribeServices", "resource": WEB, **changes})


@pytest.mark.parametrize(
    "statement",
    [
        a_statement(),
        a_statement(Action=["ecs:ListTasks", "ecs:Describe*"]),
        a_statement(Action="ECS:describeservices"),
        a_statement(Resource=["arn:aws:s3:::x", f"{ECS}:service/demo/*"]),
        a_statement(Resource=f"{ECS}:service/demo/we?"),
        a_statement(Resource="*"),
        a_statement(Condition={"ArnLike": {"ecs:cluster": f"{ECS}:cluster/*"}}),
        a_statement(Condition={"StringEquals": {"ecs:cluster": ["x", f"{ECS}:cluster/demo"]}}),
    ],
    ids=json.dumps,
)
def test_a_statement_about_the_call_allows_it(statement: dict[str, Any]) -> None:
    assert allows(a_demand(context=CLUSTER), statement)


@pytest.mark.parametrize(
    "statement",
    [
        a_statement(Action="ecs:UpdateService"),
        a_statement(Resource=f"{ECS}:service/demo/web2"),
        a_statement(Resource=f"{ECS}:service/DEMO/web"),
        a_statement(Condition={"StringEquals": {"ecs:cluster": f"{ECS}:cluster/*"}}),
        a_statement(Condition={"StringLike": {"aws:RequestTag/team": "*"}}),
    ],
    ids=json.dumps,
)
def test_another_one_does_not(statement: dict[str, Any]) -> None:
    assert not allows(a_demand(context=CLUSTER), statement)


def test_a_deny_beats_every_allow() -> None:
    assert not allows(a_demand(), a_statement(Resource="*"), a_statement(Effect="Deny"))


def test_where_the_resource_is_unknown_the_action_decides() -> None:
    assert allows(a_demand(resource=""), a_statement())
    assert not allows(a_demand(action="ecs:UpdateService", resource=""), a_statement())


@pytest.mark.parametrize("action", ["sts:AssumeRoleWithWebIdentity", "slack:PostMessage"])
def test_what_is_no_matter_of_the_role_s_policy_is_free(action: str) -> None:
    assert allows(Demand(action=action))


@pytest.mark.parametrize(
    ("action", "body", "resources"),
    [
        (
            "ecr:BatchGetImage",
            {"repositoryName": "a/b"},
            ["arn:aws:ecr:eu-west-1:123456789012:repository/a/b"],
        ),
        ("ecr:GetAuthorizationToken", {}, ["*"]),
        (
            "ecs:DescribeServices",
            {"cluster": "demo", "services": ["web", WEB.replace("web", "api")]},
            [WEB, WEB.replace("web", "api")],
        ),
        ("ecs:UpdateService", {"cluster": f"{ECS}:cluster/demo", "service": "web"}, [WEB]),
        ("ecs:ListTasks", {"cluster": "demo", "serviceName": "web"}, ["*"]),
        ("ecs:DescribeTasks", {"cluster": "demo", "tasks": ["t"]}, [f"{ECS}:task/demo/t"]),
        ("ecs:StopTask", {"cluster": "demo", "task": f"{ECS}:task/demo/t"}, [f"{ECS}:task/demo/t"]),
        (
            "ecs:RunTask",
            {"cluster": "demo", "taskDefinition": "web:2"},
            [f"{ECS}:task-definition/web:2"],
        ),
        ("ecs:RunTask", {"taskDefinition": "web"}, [f"{ECS}:task-definition/web:1"]),
        ("ecs:DescribeTaskDefinition", {"taskDefinition": "web"}, ["*"]),
        (
            "ecs:DescribeServiceDeployments",
            {"serviceDeploymentArns": [f"{ECS}:service-deployment/demo/web/1"]},
            [f"{ECS}:service-deployment/demo/web/1", WEB],
        ),
        (
            "ecs:StopServiceDeployment",
            {"serviceDeploymentArn": f"{ECS}:service-deployment/demo/web/1"},
            [f"{ECS}:service-deployment/demo/web/1", WEB],
        ),
        (
            "codedeploy:CreateDeployment",
            {"applicationName": "a", "deploymentGroupName": "g"},
            ["arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:a/g"],
        ),
        ("codedeploy:GetDeployment", {"deploymentId": "d-1"}, [""]),
        ("codedeploy:StopDeployment", {"deploymentId": "d-1"}, ["*"]),
        (
            "logs:GetLogEvents",
            {"logGroupName": "/ecs/web", "logStreamName": "a/b/c"},
            ["arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web:log-stream:a/b/c"],
        ),
        ("ssm:GetParameter", {"Name": "/a"}, ["arn:aws:ssm:eu-west-1:123456789012:parameter/a"]),
        (
            "secretsmanager:GetSecretValue",
            {"SecretId": "hub"},
            ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:hub-AbCdEf"],
        ),
        ("elasticloadbalancing:DescribeTargetHealth", {}, ["*"]),
        ("sns:Publish", {}, [""]),
    ],
)
def test_a_call_is_about_these_resources(
    action: str, body: dict[str, Any], resources: list[str]
) -> None:
    found = [each for each in demands(action, body, **HERE) if each.action == action]

    assert [each.resource for each in found] == resources


def test_a_registration_asks_for_its_roles_and_tags_as_well() -> None:
    body = {"family": "web", "taskRoleArn": "arn:aws:iam::1:role/task", "tags": [{"key": "a"}]}

    _, role, tags = demands("ecs:RegisterTaskDefinition", body, **HERE)

    assert role == Demand(
        action="iam:PassRole",
        resource="arn:aws:iam::1:role/task",
        context={"iam:PassedToService": "ecs-tasks.amazonaws.com"},
    )
    assert tags == Demand(
        action="ecs:TagResource",
        resource=f"{ECS}:task-definition/web",
        context={"ecs:CreateAction": "RegisterTaskDefinition"},
    )


@pytest.mark.parametrize(
    ("action", "within"),
    [
        ("ecr-public:GetAuthorizationToken", ["sts:GetServiceBearerToken"]),
        (
            "codedeploy:CreateDeployment",
            ["codedeploy:GetDeploymentConfig", "codedeploy:RegisterApplicationRevision"],
        ),
        ("ecr:DescribeImageScanFindings", ["inspector2:ListFindings"]),
    ],
)
def test_aws_asks_for_more_while_it_answers(action: str, within: list[str]) -> None:
    body = {"applicationName": "a", "deploymentGroupName": "g"}

    _, *more = demands(action, body, **HERE, has_inspector=True)

    assert [each.action for each in more] == within


def test_without_amazon_inspector_nobody_asks_for_its_findings() -> None:
    assert len(list(demands("ecr:DescribeImageScanFindings", {}, **HERE))) == 1


def test_a_task_with_tags_asks_for_them() -> None:
    body = {"cluster": "demo", "taskDefinition": "web:1", "tags": [{"key": "a"}]}

    _, tags = demands("ecs:RunTask", body, **HERE)

    assert (tags.resource, tags.context) == (
        f"{ECS}:task/demo/new",
        {"ecs:CreateAction": "RunTask"},
    )


def test_a_request_of_the_registry_is_about_its_repository() -> None:
    assert of_registry("ecr:PutImage", "a/b", **HERE) == Demand(
        action="ecr:PutImage", resource="arn:aws:ecr:eu-west-1:123456789012:repository/a/b"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is no JSON"),
        ("[]", "no list of statements"),
        ("{}", "no list of statements"),
        ('{"Statement": ["x"]}', "no list of statements"),
        ('{"Statement": [{"NotAction": "*"}]}', "knows no 'NotAction'"),
        ('{"Statement": {"Effect": "Maybe"}}', "neither Allow nor Deny"),
        ('{"Statement": {"Effect": "Allow", "Action": "*"}}', "lacks Action or Resource"),
        (
            json.dumps({"Statement": a_statement(Condition={"Bool": {"a": "b"}})}),
            "of conditions it knows",
        ),
        (json.dumps({"Statement": a_statement(Condition=["x"])}), "of conditions it knows"),
    ],
)
def test_what_the_sandbox_cannot_judge_by_is_a_mistake(
    tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "policy.json"
    file.write_text(text)

    with pytest.raises(StepError, match=words) as caught:
        read_policy(str(file))

    assert caught.value.exit is Exit.USAGE


def test_a_policy_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(StepError, match="can't read"):
        read_policy(f"{tmp_path}/none.json")


def test_one_statement_may_stand_without_a_list(tmp_path: Path) -> None:
    file = tmp_path / "policy.json"
    file.write_text(json.dumps({"Statement": a_statement()}))

    assert read_policy(str(file)) == {"Statement": [a_statement()]}


def test_the_command_allows_what_its_policies_allow_together(tmp_path: Path) -> None:
    for name, service in (("one", "web"), ("two", "shop")):
        resource = f"arn:aws:ecs:*:*:service/demo/{service}"
        text = json.dumps({"Statement": a_statement(Resource=resource)})
        (tmp_path / f"{name}.json").write_text(text)
    render = "ecsstep sandbox --policy one.json {0} -- taskdef-render --cluster demo --service shop"

    ended = [sandboxed(render.format(more), cwd=tmp_path) for more in ("", "--policy two.json")]

    assert [each.code for each in ended] == [5, 5]
    assert "allow the role the action ecs:DescribeServices on" in ended[0].err
    assert "allow the role the action ecs:DescribeTaskDefinition on" in ended[1].err


def test_a_layer_of_an_image_needs_its_permission_too(tmp_path: Path) -> None:
    (tmp_path / "policy.json").write_text(
        json.dumps({"Statement": a_statement(Action="ecr:GetAuthorizationToken", Resource="*")})
    )

    ended = sandboxed(
        "ecsstep sandbox --policy policy.json -- image-push --tool none --from app:v1.0.0 "
        "--repository laravel-php --tag v2",
        cwd=tmp_path,
    )

    assert ended.code == 5
    assert "ecr:BatchGetImage" in ended.err


def test_a_call_that_no_policy_allows_is_denied_with_its_resource() -> None:
    permissions = Permissions([{"Statement": [a_statement()]}])
    faults = Faults({}, permissions=permissions, **HERE)

    faults.check("ecs:DescribeServices", {"cluster": "demo", "services": ["web"]})
    with pytest.raises(ApiError, match=f"perform: ecs:UpdateService on resource: {WEB} ") as caught:
        faults.check("ecs:UpdateService", {"cluster": "demo", "service": "web"})

    assert caught.value.code == "AccessDeniedException"
