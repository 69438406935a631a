"""Every command, flag and variable in the templates, examples and guides exists."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from ecsstep.cli import STEPS, step
from processes import ROOT

GITLAB = sorted((ROOT / "ci-templates" / "gitlab").glob("*.yml"))
BUILDSPECS = [*sorted((ROOT / "ci-templates" / "codebuild").glob("*.yml")), ROOT / "buildspec.yml"]
FILES = [*GITLAB, *BUILDSPECS, ROOT / ".gitlab-ci.yml"]
EXAMPLES = [
    *sorted((ROOT / "examples").rglob("deploy.sh")),
    *sorted((ROOT / "examples").rglob(".gitlab-ci.yml")),
]
STACK = ROOT / "ci-templates" / "codepipeline" / "pipeline.yaml"
GUIDES = [ROOT / "docs" / "gitlab.md", ROOT / "docs" / "compose.md"]

FLAGS = {
    name: {option.flag for option in step(name).options.declared().values() if option.flag}
    for name in STEPS
}
VARIABLES = {
    variable
    for name in STEPS
    for option in step(name).options.declared().values()
    for variable in option.variables
}
# Written by a step, or a template's own.
OTHERS = {
    "ECSSTEP_IMAGE_DIGEST", "ECSSTEP_IMAGE_TAG", "ECSSTEP_TASKDEF_ARN",
    "ECSSTEP_PREVIOUS_TASKDEF_ARN", "ECSSTEP_VERSION", "ECSSTEP_INSTALL",
    "ECSSTEP_IMAGE_1", "ECSSTEP_IMAGE_2",
}  # fmt: skip


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [*FILES, *EXAMPLES, *GUIDES], ids=ids)
def test_every_flag_of_a_step_exists(path: Path) -> None:
    unknown = []
    for line in path.read_text().splitlines():
        text = line.strip().removeprefix("- ")
        found = re.search(rf"(?:^|[ (])({'|'.join(STEPS)})((?: .*)?)$", text)
        if found is None or text.startswith("#") or ":" in text.split(" ")[0]:
            continue
        name = found.group(1)
        # What stands after a "--" is a command line of somebody else's.
        words = re.findall(r"(?<!\S)--[a-z-]+", found.group(2).partition(" -- ")[0])
        unknown += [f"{name} {word}" for word in words if word not in FLAGS[name]]

    assert unknown == []


@pytest.mark.parametrize("path", [*FILES, *EXAMPLES, *GUIDES], ids=ids)
def test_every_variable_is_one_that_a_step_reads_or_writes(path: Path) -> None:
    named = set(re.findall(r"\bECSSTEP_[A-Z0-9_]+", path.read_text()))

    assert named - VARIABLES - OTHERS == set()


def lines(path: Path) -> list[str]:
    """Return the lines of a template that are run."""
    found = [line.strip().removeprefix("- ") for line in path.read_text().splitlines()]
    return [line for line in found if not line.startswith("#")]


@pytest.mark.parametrize("path", [*FILES, STACK, *EXAMPLES], ids=ids)
def test_a_deployment_is_told_by_what_the_step_before_found_out(path: Path) -> None:
    said = {
        "task-run ": '--taskdef "$ECSSTEP_RENDERED"',
        "service-update ": "--taskdef ",
        "wait-stable": '--deployment "$ECSSTEP_DEPLOYMENT"',
    }

    # Without it a step takes what is there: the service's own revision, its primary deployment.
    vague = [
        line
        for line in lines(path)
        for call, words in said.items()
        if re.match(rf"{call}(?![:.])", line) and words not in line
    ]

    assert vague == []


@pytest.mark.parametrize("path", [*FILES, *GUIDES], ids=ids)
def test_a_build_says_its_commit_so_that_it_can_be_pushed_again(path: Path) -> None:
    builds = [line for line in lines(path) if re.search(r"(docker|buildx|buildah) build ", line)]

    assert [line for line in builds if "org.opencontainers.image.revision=$C" not in line] == []


@pytest.mark.parametrize("path", BUILDSPECS, ids=ids)
def test_a_buildspecs_items_are_one_command_each(path: Path) -> None:
    spec = yaml.safe_load(path.read_text())
    items = [item for phase in spec["phases"].values() for item in phase["commands"]]

    assert spec["version"] == 0.2
    assert set(spec["phases"]) <= {"install", "pre_build", "build", "post_build"}
    for item in items:
        assert "\n" not in item
        assert ";" not in item
        # `export X="$(…)"` would hide that the command failed.
        assert not re.match(r"export \w+=.*\$\(", item), item
        shlex.split(item)
