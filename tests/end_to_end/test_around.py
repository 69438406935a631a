"""What stands around a deployment, as processes: one-off tasks, caches, messages."""

import json
import re
import signal
from pathlib import Path

import pytest

from processes import sandboxed
from readme import outcomes

TASK = "task-run --cluster demo --service {service} --container app {more} -- php artisan migrate"
ROWS = outcomes("task-run")
SHOWN = """python3 - <<'PROGRAM'
import os, urllib.request
print(urllib.request.urlopen(os.environ["SLACK_WEBHOOK_URL"]).read().decode())
PROGRAM"""
TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:deployments"


def test_the_readme_has_every_scenario_of_a_one_off_task() -> None:
    assert {row["word"] for row in ROWS} == {
        "succeeded", "failed", "not-started", "cut-short", "not-placed", "timeout",
    }  # fmt: skip
    assert len({row["scenario"] for row in ROWS}) == len(ROWS) == 8


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['word']} {row['scenario']}")
def test_an_outcome_of_a_task_has_its_word_its_exit_code_and_its_reasons(
    tmp_path: Path, row: re.Match[str]
) -> None:
    service = "shop" if "`shop`" in row["what"] else "web"
    flags = re.search(r"`(--.*?)`", row["what"])
    more = f"--format json --dotenv task.env {flags[1] if flags else ''}"

    ended = sandboxed(
        TASK.format(service=service, more=more), scenario=row["scenario"], cwd=tmp_path
    )

    assert ended.code == int(row["code"]), ended.err
    data = json.loads(ended.out)
    assert data["outcome"] == row["word"]
    assert row["said"] in ended.err
    code = data["exitCode"] or ("0" if ended.code == 0 else "")
    assert f"ECSSTEP_TASK_EXIT_CODE={code}\n" in (tmp_path / "task.env").read_text()


def test_a_rendered_definition_is_registered_once_and_is_what_is_deployed(tmp_path: Path) -> None:
    script = f"""
taskdef-render --cluster demo --service web --env BUILD=2 --output taskdef.json --dotenv d.env
set -a; . ./d.env; set +a
{TASK.format(service="web", more="--dotenv d.env")}
{TASK.format(service="web", more="")}
set -a; . ./d.env; set +a
service-update --cluster demo --service web --format json --query '[taskDefinition, registered]'
"""

    ended = sandboxed(script, cwd=tmp_path)

    assert ended.code == 0, ended.err
    [arn, registered] = json.loads(ended.out[ended.out.index("[") :])
    assert (arn.endswith("task-definition/web:2"), registered) == (True, False)
    assert ended.err.count("revision registered") == 1
    assert f"ECSSTEP_RENDERED={arn}\n" in (tmp_path / "d.env").read_text()


def test_a_role_that_may_not_read_the_log_still_learns_the_outcome(tmp_path: Path) -> None:
    ended = sandboxed(
        TASK.format(service="web", more=""), deny=("logs:GetLogEvents",), cwd=tmp_path
    )

    assert ended.code == 0, ended.err
    assert "allow the role the action logs:GetLogEvents" in ended.err


def test_sigterm_keeps_the_task_or_stops_it_as_was_asked(tmp_path: Path) -> None:
    script = """
task-run --cluster demo --service web --on-cancel {end} -- migrate 2>{end}.err & pid=$!
until grep -q 'is RUNNING' {end}.err; do kill -0 $pid; sleep 0.1; done
kill -{sigterm} $pid; wait $pid || echo $?
"""
    both = "".join(script.format(end=end, sigterm=signal.SIGTERM.value) for end in ("keep", "stop"))

    ended = sandboxed(both, scenario="task-endless", cwd=tmp_path)

    assert ended.out.splitlines() == ["143", "143"], ended.err
    kept, stopped = ((tmp_path / f"{end}.err").read_text() for end in ("keep", "stop"))
    assert "the task goes on in ECS" in kept
    assert "asked ECS to stop the task" not in kept
    assert "asked ECS to stop the task" in stopped


def test_a_task_that_took_too_long_is_followed_by_its_arn_and_never_called_well(
    tmp_path: Path,
) -> None:
    script = """
names='--cluster demo --service web'
task=$(task-run $names --timeout 1s -- migrate) || echo $?
task-run $names --task "$task" --timeout 1s --on-timeout stop >/dev/null || echo $?
task-run $names --task "$task" --format json --query '[outcome, exitCode]' || echo $?
"""

    ended = sandboxed(script, scenario="task-endless", cwd=tmp_path)

    assert ended.code == 0, ended.err
    assert ended.out.split() == ["124", "124", "[", '"cut-short",', "0", "]", "3"]
    assert "Task stopped by user" not in ended.err
    assert "ecsstep task-run: it took longer than 1s" in ended.err


def test_a_cache_is_emptied_once_a_deployment_and_without_a_region(tmp_path: Path) -> None:
    script = """
unset AWS_REGION AWS_DEFAULT_REGION
export ECSSTEP_DEPLOYMENT=ecs-svc/1
cache-invalidate --distribution EDFDVBD6EXAMPLE --wait --format json --query 'invalidations[].id'
cache-invalidate --distribution EDFDVBD6EXAMPLE
cache-invalidate --distribution EDFDVBD6EXAMPLE
cache-invalidate --distribution EDFDVBD6EXAMPLE --deployment ecs-svc/2
cache-invalidate --distribution ENONE || echo $?
"""

    ended = sandboxed(script, cwd=tmp_path)

    assert ended.code == 0, ended.err
    *_, first, second, other, code = ended.out.splitlines()
    assert first == second != other
    assert code == "2"
    assert "aws cloudfront list-distributions" in ended.err


def test_a_cache_that_may_not_be_emptied_names_the_action(tmp_path: Path) -> None:
    ended = sandboxed(
        "cache-invalidate --distribution EDFDVBD6EXAMPLE",
        deny=("cloudfront:CreateInvalidation",),
        cwd=tmp_path,
    )

    assert ended.code == 5
    assert "allow the role the action cloudfront:CreateInvalidation" in ended.err


def test_a_rolled_back_deployment_is_told_with_its_cause_from_a_shell_of_its_own(
    tmp_path: Path,
) -> None:
    # As GitLab runs after_script: nothing of the script's variables is there.
    script = f"""
(
  export ECSSTEP_DOTENV=deploy.env ECSSTEP_CLUSTER=demo ECSSTEP_SERVICE=web
  taskdef-render --env BUILD=2 --output taskdef.json
  service-update --taskdef taskdef.json
  set -a; . ./deploy.env; set +a
  wait-stable --report wait.json || true
) >/dev/null
export CI_JOB_STATUS=failed CI_JOB_URL='https://gitlab.example/j/1' ECSSTEP_CLUSTER=demo
notify --slack --sns-topic {TOPIC} --from wait.json --dotenv deploy.env
{SHOWN}
"""

    ended = sandboxed(script, scenario="out-of-memory", cwd=tmp_path)

    assert ended.code == 0, ended.err
    slack, sns, shown = ended.out.splitlines()
    assert (slack, sns) == ("slack", "sns")
    [message] = json.loads(shown)
    assert message["text"] == "❌ `web in demo`: *rolled-back*"
    blocks = json.dumps(message["attachments"])
    for words in ("web:2", "needs more memory", "exited with code 137", "gitlab.example/j/1"):
        assert words in blocks


def test_a_message_that_isnt_delivered_fails_the_pipeline_only_if_told(tmp_path: Path) -> None:
    script = "notify --slack --outcome failed; notify --slack --outcome failed --strict || echo $?"

    ended = sandboxed(script, deny=("slack:PostMessage",), cwd=tmp_path)

    assert (ended.code, ended.out) == (0, "2\n"), ended.err
    assert "action_prohibited" in ended.err
    assert "/services/" not in ended.err
