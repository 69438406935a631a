"""The commands of docs/when-red.md and docs/reproduce.md do what the documents say."""

import re
from pathlib import Path

from processes import ROOT, sandboxed


def examples(name: str) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / name).read_text(), re.DOTALL)


def test_the_first_aid_brings_the_old_revision_back(tmp_path: Path) -> None:
    [aid] = examples("when-red.md")
    broken = """
    taskdef-render --cluster demo --service web --env BUILD=2 --output taskdef.json
    service-update --cluster demo --service web --taskdef taskdef.json --dotenv deploy.env
    set -a; . ./deploy.env; set +a
    """

    ended = sandboxed(f"{broken}{aid}", scenario="crash-loop", cwd=tmp_path)

    assert ended.code == 0, ended.err
    assert ended.out.splitlines()[-1] == "deployed"
    assert "revision=arn:aws:ecs:ap-northeast-1:123456789012:task-definition/web:1" in ended.err


def test_the_ways_to_reproduce_a_step_are_ways(tmp_path: Path) -> None:
    before = """
    taskdef-render --cluster demo --service web --env BUILD=2 --output taskdef.json
    service-update --cluster demo --service web --taskdef taskdef.json --dotenv deploy.env
    """
    script = before + "".join(f"(\n{each})\n" for each in examples("reproduce.md"))

    ended = sandboxed(script, cwd=tmp_path, variables={"ECSSTEP_RECORD": ""})

    assert ended.code == 0, ended.err
    for words in (
        "deployed", "nothing to change", "the sandbox: exit code 3", "the replay: exit code 3",
        "scan-late-complete", "no usable scan: exit code 3",
    ):  # fmt: skip
        assert words in ended.out
    assert "replayed as recorded" in ended.err


def test_every_link_of_the_guides_leads_somewhere() -> None:
    for name in ("iam.md", "when-red.md", "reproduce.md"):
        text = (ROOT / "docs" / name).read_text()
        for target in re.findall(r"\]\(([a-z-]+\.md)", text):
            assert (ROOT / "docs" / target).is_file(), f"{name}: {target}"
