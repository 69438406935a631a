"""Commands in a hint, so that they work where they are pasted."""

import pytest

from ecsstep.core.options import Options
from ecsstep.core.output import Result
from ecsstep.core.pasting import with_region
from ecsstep.core.step import Step, World
from ecsstep.errors import Exit, StepError
from fakes import invoke


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        pytest.param(
            "aws ecs list-services --cluster demo",
            "aws ecs list-services --region eu-west-1 --cluster demo", id="the AWS CLI",
        ),
        pytest.param(
            "run: aws ecr describe-repositories",
            "run: aws ecr describe-repositories --region eu-west-1", id="at the end",
        ),
        pytest.param(
            "go back: service-update --cluster c --service s",
            "go back: service-update --region eu-west-1 --cluster c --service s", id="a step",
        ),
        pytest.param(
            "aws ecs list-tasks --region eu-north-1", "aws ecs list-tasks --region eu-north-1",
            id="another region",
        ),
        pytest.param("wait-stable --help shows", "wait-stable --help shows", id="help"),
        pytest.param("wait-stable waits", "wait-stable waits", id="words"),
        pytest.param(
            "aws sts get-caller-identity", "aws sts get-caller-identity", id="everywhere"
        ),
    ],
)  # fmt: skip
def test_a_command_names_the_region(hint: str, expected: str) -> None:
    assert with_region(hint, "eu-west-1") == expected


@pytest.mark.parametrize(
    ("argv", "environ", "has_region"),
    [
        pytest.param(["--region", "eu-west-1"], {}, True, id="by flag"),
        pytest.param([], {"ECSSTEP_REGION": "eu-west-1"}, True, id="ours alone"),
        pytest.param(
            ["--region", "eu-west-1"], {"AWS_REGION": "eu-north-1"}, True, id="another one"
        ),
        pytest.param([], {"AWS_DEFAULT_REGION": "eu-west-1"}, False, id="the AWS CLI's own"),
        pytest.param([], {}, False, id="none"),
    ],
)
def test_a_hint_names_the_region_that_the_aws_cli_wouldnt_find(
    argv: list[str], environ: dict[str, str], has_region: bool
) -> None:
    def run(_options: Options, _world: World) -> Result:
        raise StepError("x", exit=Exit.USAGE, hint="aws ecs list-clusters")

    step = Step(name="s", about="x", options=Options, run=run)

    ended = invoke(step, *argv, environ=environ)

    command = "aws ecs list-clusters" + " --region eu-west-1" * has_region
    assert ended.err == f"s: error: x\ns: hint: {command}\n"
