"""Every line of the articles has its step: in English, and in Japanese at the README's start."""

import re

import pytest

from ecsstep.cli import BESIDE, STEPS, step
from processes import ROOT

TABLES = {
    "docs/articles.md": 25,
    "README.ja.md": 10,
}
"""The documents with the tables, and how many commands they name at least."""

LINES = (
    "aws ecr get-login-password", "docker login", "docker tag", "docker push", "printf",
    "IMAGE_TAG=", "start-image-scan", "image-scan-complete", "CRITICAL", "describe-task-definition",
    "containerDefinitions[0].image", "register-task-definition", "update-service",
    "services-stable", "Slack", "CloudFront", "docker pull", "appspec.yaml", "Resource",
)  # fmt: skip
"""What the articles' shell, and their clicks, are known by."""

COMMAND = re.compile(r"`((?:ecsstep )?(?:" + "|".join([*STEPS, *BESIDE]) + r")(?: [^`]*)?)`")


@pytest.mark.parametrize("name", TABLES)
def test_a_table_names_only_steps_and_flags_that_exist(name: str) -> None:
    rows = [line for line in (ROOT / name).read_text().splitlines() if line.startswith("| ")]
    commands = [found for row in rows for found in COMMAND.findall(row)]

    assert len(commands) >= TABLES[name]
    for command in commands:
        first, *words = command.removeprefix("ecsstep ").split()
        if first in STEPS:
            flags = {option.flag for option in step(first).options.declared().values()}
            assert {word for word in words if word.startswith("--")} <= flags, command


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("line", LINES)
def test_a_line_of_the_articles_has_its_row(name: str, line: str) -> None:
    rows = [each for each in (ROOT / name).read_text().splitlines() if each.startswith("| ")]

    assert any(line in row for row in rows)
