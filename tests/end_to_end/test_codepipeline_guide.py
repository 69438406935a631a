"""The guide to CodePipeline, followed word for word in the sandbox."""

import re
import shutil
from pathlib import Path

import pytest

from buildspecs import client
from cloudformation import cloudformation
from ecsstep.sandbox.server import Sandbox
from processes import ROOT, Ended, environ, run
from stacks import TEMPLATE

pytestmark = pytest.mark.real("aws")

GUIDE = (ROOT / "docs" / "codepipeline.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)


def test_every_block_runs_and_the_stack_is_made_changed_and_taken_away(tmp_path: Path) -> None:
    for path in (TEMPLATE, TEMPLATE.with_name("parameters.example.json")):
        shutil.copy(path, tmp_path / path.name.replace(".example", ""))
    (tmp_path / "hub-password").write_text("hub-pass-word")
    (tmp_path / "webhook-url").write_text("https://hooks.slack.com/services/T0/B0/secret")

    with Sandbox(environ=environ()) as sandbox, cloudformation(sandbox.environ()):
        ended = [run("sh", "-euc", block, env=sandbox.environ(), cwd=tmp_path) for block in BLOCKS]
        with client(sandbox.environ(), "s3") as s3:
            buckets = s3.list_buckets()["Buckets"]

    assert [each.code for each in ended] == [0] * len(BLOCKS), [each.err for each in ended]
    assert buckets == []
    said = {name: _said(ended, name) for name in ("create-change-set", "batch-get-projects")}
    assert "AWS::CodePipeline::Pipeline" in said["create-change-set"]
    assert "BUILD_GENERAL1_LARGE" in said["batch-get-projects"]
    assert "secret" not in "".join(each.err for each in ended)


def _said(ended: list[Ended], command: str) -> str:
    [first, *_] = [each.out for block, each in zip(BLOCKS, ended, strict=True) if command in block]
    return first


def test_a_change_set_is_waited_for_before_it_is_executed() -> None:
    said = re.findall(r"cloudformation (?:wait )?(\S*change-set\S*)", "".join(BLOCKS))

    made = [at for at, command in enumerate(said) if command == "create-change-set"]
    assert len(made) == 2
    # CloudFormation makes a change set in its own time; moto has it at once.
    assert [said[at + 1] for at in made] == ["change-set-create-complete"] * 2


def test_the_files_that_it_names_are_there() -> None:
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", GUIDE):
        if not link.startswith("https:"):
            assert (ROOT / "docs" / link).resolve().exists(), link
    named = re.findall(r"^\| [^|]+ \| `([a-z-]+)` \|", GUIDE.partition("\n## 2.")[0], re.MULTILINE)
    assert named
    for name in named:
        assert (ROOT / "ci-templates" / "codebuild" / f"{name}.buildspec.yml").exists()
