"""Every example of docs/iam.md runs, and AWS's emulation takes what they print."""

import re
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from ecsstep.policies.command import STEP
from ecsstep.rules.iam.declared import ACTIONS
from fakes import invoke
from processes import ROOT, sandboxed

DOCUMENT = (ROOT / "docs/iam.md").read_text()
EXAMPLES = re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.mark.real("aws")
def test_the_examples_run_one_after_the_other(tmp_path: Path) -> None:
    ended = sandboxed("".join(EXAMPLES), cwd=tmp_path)

    assert ended.code == 0, ended.err
    assert len(EXAMPLES) == 4
    for words in ('"PolicyName": "deploy-web"', '"RoleName": "deploy-web"', "deployed"):
        assert words in ended.out


def test_a_policy_that_lacks_something_is_found_out_in_the_sandbox(tmp_path: Path) -> None:
    script = """
    ecsstep iam-policy taskdef-render --cluster demo --service shop >policy.json
    ecsstep sandbox --policy policy.json -- taskdef-render --cluster demo --service web
    """

    ended = sandboxed(script, cwd=tmp_path)

    assert ended.code == 5
    assert "allow the role the action ecs:DescribeServices on" in ended.err


@pytest.mark.parametrize("step", ACTIONS)
def test_iam_takes_the_policy_of_each_step(step: str) -> None:
    made = invoke(STEP, step, "--sns-topic", "arn:aws:sns:eu-west-1:123456789012:deployments")

    with mock_aws():
        client = boto3.client(
            "iam", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b"
        )
        reply = client.create_policy(PolicyName=step, PolicyDocument=made.out)

    assert reply["Policy"]["PolicyName"] == step
