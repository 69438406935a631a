"""Elastic Load Balancing's calls, checked against AWS's model by the Stubber."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ecsstep.aws.elbv2 import Elbv2
from ecsstep.errors import Exit, StepError
from ecsstep.rules.service import TargetHealth

ARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"
ASKED = {"TargetGroupArn": ARN}


@pytest.fixture
def stub() -> Iterator[tuple[Elbv2, Stubber]]:
    made = boto3.client(
        "elbv2", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(made) as stubber:
        yield Elbv2(made), stubber


def test_the_targets_that_are_not_healthy_are_told(stub: tuple[Elbv2, Stubber]) -> None:
    elb, stubber = stub
    sick: dict[str, Any] = {
        "State": "unhealthy",
        "Reason": "Target.Timeout",
        "Description": "Request timed out",
    }
    answer = {
        "TargetHealthDescriptions": [
            {"Target": {"Id": "10.0.0.1", "Port": 80}, "TargetHealth": {"State": "healthy"}},
            {"Target": {"Id": "10.0.0.2", "Port": 80}, "TargetHealth": sick},
            {"Target": {"Id": "i-1"}, "TargetHealth": {"State": "initial"}},
        ]
    }
    stubber.add_response("describe_target_health", answer, ASKED)

    assert elb.sick_targets(ARN) == (
        TargetHealth(
            group_arn=ARN,
            target="10.0.0.2:80",
            state="unhealthy",
            reason="Target.Timeout",
            words="Request timed out",
        ),
        TargetHealth(group_arn=ARN, target="i-1", state="initial"),
    )


def test_a_denied_call_names_its_action(stub: tuple[Elbv2, Stubber]) -> None:
    elb, stubber = stub
    stubber.add_client_error("describe_target_health", "AccessDenied", "no")

    with pytest.raises(StepError) as caught:
        elb.sick_targets(ARN)

    assert (caught.value.exit, caught.value.hint) == (
        Exit.ACCESS,
        "allow the role the action elasticloadbalancing:DescribeTargetHealth",
    )


def test_a_target_group_is_named_by_its_name() -> None:
    assert TargetHealth(group_arn=ARN, target="t", state="x").group == "web"
    assert TargetHealth(group_arn="odd", target="t", state="x").group == "odd"
