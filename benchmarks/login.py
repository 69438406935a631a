"""ecr-login against the article's pipe from the AWS CLI into docker."""

import shutil
import subprocess
from typing import TYPE_CHECKING

from measuring import Figure, in_turns, ratio, rows, sandbox

if TYPE_CHECKING:
    from collections.abc import Sequence

GOAL = 0.5
_PIPE = "aws ecr get-login-password"
_INTO_DOCKER = " | docker login --username AWS --password-stdin $ECR_REGISTRY"


def figure(rounds: int) -> Figure:
    """Log in to the sandbox's registry, through docker where there is an engine."""
    has_docker = (
        shutil.which("docker") is not None
        and not subprocess.run(("docker", "version"), capture_output=True, check=False).returncode
    )
    theirs = _PIPE + (_INTO_DOCKER if has_docker else " > /dev/null")
    commands: dict[str, Sequence[str]] = {
        "the pipe": ("sh", "-c", theirs),
        "ecr-login": ("ecr-login",),
        "ecr-login --tool none": ("ecr-login", "--tool", "none"),
    }
    with sandbox() as environ:
        costs = in_turns(commands, rounds, environ=environ)
    alone = ratio(costs, "ecr-login --tool none", "the pipe", "seconds")
    through = ratio(costs, "ecr-login", "the pipe", "seconds")
    with_docker = "" if has_docker else " No docker engine was there: the CLI's part alone."
    return Figure(
        title="Logging in",
        lines=[
            f"The pipe: `{theirs}`.{with_docker}", "", *rows(costs), "",
            f"{through:.2f} of the time as it comes, {alone:.2f} without docker.",
        ],
        values={
            "login: time, of the pipe's": through,
            "login: time without docker, of the pipe's": alone,
        },
        goals={"login: time, of the pipe's": GOAL},
    )  # fmt: skip
