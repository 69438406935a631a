"""Where and as whom, as far as that can be told without AWS."""

import botocore.session
import pytest

from ecsstep.core.identity import KNOWN, region, role_arn
from ecsstep.core.options import Options
from ecsstep.core.output import Result
from ecsstep.core.step import Step
from fakes import invoke


def test_every_region_of_aws_is_one() -> None:
    session = botocore.session.Session()
    regions = {
        name
        for partition in session.get_available_partitions()
        for name in session.get_available_regions("ecs", partition)
    }

    assert [region(name) for name in sorted(regions)] == sorted(regions)
    assert set(KNOWN) <= regions


@pytest.mark.parametrize(
    ("text", "end"),
    [
        pytest.param("p-northeast-1", "; did you mean 'ap-northeast-1'?", id="a letter missing"),
        pytest.param("EU-WEST-1", "; did you mean 'eu-west-1'?", id="capitals"),
        pytest.param("eu-west-1a", "; did you mean 'eu-west-1'?", id="a zone"),
        pytest.param("here", "", id="a word"),
        pytest.param(" eu-west-1\n", "; did you mean 'eu-west-1'?", id="a line end"),
        pytest.param("eu-west-\u0661", "; did you mean 'eu-west-3'?", id="another script"),
    ],
)
def test_what_no_region_is_called_like_is_a_mistake(text: str, end: str) -> None:
    with pytest.raises(ValueError, match="is not an AWS region") as caught:
        region(text)

    assert str(caught.value).partition("is not an AWS region")[2] == end


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::123456789012:role/deploy",
        "arn:aws-us-gov:iam::123456789012:role/service-role/a.b_c+d=e,f@g",
        "arn:aws-cn:iam::123456789012:role/deploy",
    ],
)
def test_a_roles_arn_is_read(arn: str) -> None:
    assert role_arn(arn) == arn


@pytest.mark.parametrize(
    "text",
    [
        "deploy",
        "arn:aws:iam::1234:role/deploy",
        "arn:aws:iam::123456789012:user/deploy",
        "arn:aws:iam::123456789012:role/",
        "arn:aws:iam::123456789012:role/deploy ",
        "arn:aws:sts::123456789012:assumed-role/deploy/me",
    ],
)
def test_what_is_no_roles_arn_is_a_mistake(text: str) -> None:
    with pytest.raises(ValueError, match="it looks like arn:aws:iam::"):
        role_arn(text)


def test_both_are_told_together_before_anything_is_asked() -> None:
    step = Step(name="greet", about="x", options=Options, run=lambda *_: pytest.fail("it ran"))

    ended = invoke(step, "--role-arn", "deploy", environ={"ECSSTEP_REGION": "p-northeast-1"})

    assert ended.code == 2
    assert "greet: error: 2 mistakes in the arguments" in ended.err
    assert "  ECSSTEP_REGION: 'p-northeast-1' is not an AWS region; did you mean" in ended.err
    assert "  --role-arn: 'deploy' is no role's ARN; it looks like" in ended.err


def test_what_a_platform_says_is_no_mistake_of_a_step_that_does_not_need_it() -> None:
    step = Step(name="greet", about="x", options=Options, run=lambda *_: Result())

    ended = invoke(step, environ={"AWS_DEFAULT_REGION": "auto", "AWS_ROLE_ARN": "deploy"})

    assert ended.code == 0
