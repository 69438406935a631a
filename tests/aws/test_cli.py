"""How the AWS CLI calls things."""

import pytest

from ecsstep.aws.cli import name_of


@pytest.mark.parametrize(
    ("service", "operation", "words"),
    [
        ("ecs", "DescribeServices", ("ecs", "describe-services")),
        ("codedeploy", "BatchGetDeploymentTargets", ("deploy", "batch-get-deployment-targets")),
        ("elbv2", "DescribeTargetHealth", ("elbv2", "describe-target-health")),
        ("sts", "GetCallerIdentity", ("sts", "get-caller-identity")),
    ],
)
def test_an_operation_has_its_name(service: str, operation: str, words: tuple[str, str]) -> None:
    found = name_of(service, operation)

    assert found
    assert found.words == words


def test_a_parameter_has_its_option() -> None:
    found = name_of("logs", "GetLogEvents")

    assert found
    assert found.options["startFromHead"] == "start-from-head"


@pytest.mark.parametrize(
    ("service", "operation"),
    [("ecs", "DropEverything"), ("no-such", "GetX"), ("../ecs", "DescribeServices"), ("", "")],
)
def test_what_aws_has_not_has_no_name(service: str, operation: str) -> None:
    assert name_of(service, operation) is None
