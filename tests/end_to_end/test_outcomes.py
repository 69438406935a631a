"""Every outcome of a deployment, by the console scripts in the sandbox."""

import json
import re
from pathlib import Path

import pytest

from processes import ROOT, sandboxed
from readme import outcomes

DEPLOY = """
taskdef-render --cluster demo --service web --env BUILD=2 --output taskdef.json
service-update --cluster demo --service web --taskdef taskdef.json --dotenv deploy.env
set -a; . ./deploy.env; set +a
wait-stable --cluster demo --service web --format json {more}
"""


ROWS = outcomes("wait-stable")


PACES = {
    ("deployed", "slow-start"): 20,
    ("rolled-back", "codedeploy-rolled-back"): 20,
    ("stopped", "stopped"): 2,
    ("rolled-back", "codedeploy-alarm"): 2,
    ("stopped", "codedeploy-stopped"): 2,
    ("timeout", "slow-start"): 0.1,  # not over however many looks there are
    ("timeout", "codedeploy-ready"): 60,
    ("timeout", "pause-hook"): 60,  # at its hook however few looks there are
}
"""How many seconds go by at a look, where they aren't five: stories are of different lengths."""


def test_the_readme_has_every_outcome() -> None:
    assert {row["word"] for row in ROWS} == {
        "deployed", "reached", "failed", "rolled-back", "stopped", "gone", "superseded", "timeout",
    }  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['word']} {row['scenario']}")
def test_an_outcome_of_the_readme_has_its_word_its_exit_code_and_its_reasons(
    tmp_path: Path, row: re.Match[str]
) -> None:
    service = "blue" if row["scenario"].startswith("codedeploy") else "web"
    look = PACES.get((row["word"], row["scenario"]), 5)
    flags = re.search(r"`(--.*?)`", row["what"])
    script = DEPLOY.replace("web", service).format(more=flags[1] if flags else "")

    ended = sandboxed(script, scenario=row["scenario"], look=look, cwd=tmp_path)

    assert ended.code == int(row["code"]), ended.err
    assert json.loads(ended.out[ended.out.index("{") :])["outcome"] == row["word"]
    assert row["said"] in ended.err


EXAMPLES = (
    "gitlab-one-container",
    "codebuild-one-container",
    "codebuild-two-containers",
    "scan-gate-and-cache",
)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_articles_pipeline_deploys(tmp_path: Path, example: str) -> None:
    ended = sandboxed(f"sh {ROOT}/examples/{example}/deploy.sh", cwd=tmp_path)

    assert (ended.code, ended.out.splitlines()[-1]) == (0, "deployed"), ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("example", EXAMPLES)
def test_a_rolled_back_pipeline_ends_with_the_container_its_code_and_the_breakers_words(
    tmp_path: Path, example: str
) -> None:
    # As users run it: with a record.
    ended = sandboxed(
        f"sh {ROOT}/examples/{example}/deploy.sh",
        scenario="rolled-back",
        cwd=tmp_path,
        variables={"ECSSTEP_RECORD": ""},
    )

    assert ended.code == 3, ended.err
    *_, last, written, replay = ended.err.splitlines()
    assert "container 'app' exited with code 1" in last
    assert "ECS deployment circuit breaker: tasks failed to start." in last
    [record] = (tmp_path / ".ecsstep").iterdir()
    assert written == f"wait-stable: record written  file=.ecsstep/{record.name}"
    assert replay == f"wait-stable: hint: replay it: ecsstep replay .ecsstep/{record.name}"


def test_where_the_record_cant_be_kept_the_exit_code_is_the_steps(tmp_path: Path) -> None:
    start, temporary = tmp_path / "start", tmp_path / "tmp"
    start.mkdir()
    temporary.mkdir()
    (start / ".ecsstep").write_text("a file where the folder should go")

    ended = sandboxed(
        f"sh {ROOT}/examples/gitlab-one-container/deploy.sh",
        scenario="rolled-back",
        cwd=start,
        variables={"ECSSTEP_RECORD": "", "TMPDIR": str(temporary)},
    )

    assert ended.code == 3, ended.err
    assert "the record of the failure could not be kept" in ended.err
    assert list(temporary.iterdir()) == []


def test_the_gate_stops_a_pipeline_before_anything_is_deployed(tmp_path: Path) -> None:
    ended = sandboxed(
        f"sh {ROOT}/examples/scan-gate-and-cache/deploy.sh", scenario="findings", cwd=tmp_path
    )

    assert (ended.code, ended.out.splitlines()[-1]) == (1, "refused")
    assert "CRITICAL" in ended.err
    assert "service-update" not in ended.err


def test_a_second_run_of_the_same_pipeline_has_nothing_to_do(tmp_path: Path) -> None:
    script = f"sh {ROOT}/examples/gitlab-one-container/deploy.sh"

    ended = sandboxed(f"{script} >first.out 2>first.err; {script}", cwd=tmp_path)

    assert ended.code == 0, ended.err
    assert "nothing to change" in ended.err


def test_a_rollback_is_an_update_to_the_previous_revision(tmp_path: Path) -> None:
    script = DEPLOY.format(more="") + (
        'service-update --cluster demo --service web --taskdef "$ECSSTEP_PREVIOUS_TASKDEF_ARN"\n'
        "wait-stable --cluster demo --service web --deployment "
        '"$(service-update --cluster demo --service web --taskdef web:1)"\n'
    )

    ended = sandboxed(script, cwd=tmp_path)

    assert (ended.code, ended.out.splitlines()[-1]) == (0, "deployed"), ended.err
    assert ended.err.count("task-definition/web:1") >= 1
