"""wait-stable as a process: several services, reports, and what ends it."""

import json
import re
import signal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from processes import environ, run, sandboxed

TWO = """
web=$(service-update --cluster demo --service web --force-new-deployment)
shop=$(service-update --cluster demo --service shop --force-new-deployment)
wait-stable --cluster demo --service "web=$web" --service "shop=$shop" {more}
"""
ONE = """
id=$(service-update --cluster demo --service web --force-new-deployment)
"""
STATUS = """
aws ecs list-service-deployments --cluster demo --service web \
    --query 'serviceDeployments[0].status' --output text
"""


def test_several_services_in_one_call_with_a_report_in_every_form(tmp_path: Path) -> None:
    reports = " ".join(f"--report r.{ending}" for ending in ("json", "md", "xml", "html"))

    ended = sandboxed(TWO.format(more=reports), cwd=tmp_path)

    assert ended.code == 0, ended.err
    assert ended.out.splitlines() == ["web=deployed", "shop=deployed"]
    data = json.loads((tmp_path / "r.json").read_text())
    assert [each["outcome"] for each in data["services"]] == ["deployed", "deployed"]
    images = data["services"][1]["images"]
    assert [each["container"] for each in images] == ["app", "nginx"]
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each["digest"]) for each in images)
    assert len(list(ET.parse(tmp_path / "r.xml").iter("testcase"))) == 2
    assert (tmp_path / "r.html").read_text().count("<svg") == 2
    assert "| shop |" in (tmp_path / "r.md").read_text()


@pytest.mark.real("aws")
def test_a_timeout_with_rollback_stops_the_deployment(tmp_path: Path) -> None:
    wait = "wait-stable --cluster demo --service web=$id --timeout 1s --on-timeout rollback"

    ended = sandboxed(f"{ONE}{wait} || echo $?\n{STATUS}", scenario="pause-hook", cwd=tmp_path)

    assert ended.out.splitlines()[:2] == ["timeout", "124"], ended.err
    assert ended.out.splitlines()[2].startswith("ROLLBACK_")
    assert "asked ECS to roll back" in ended.err


@pytest.mark.real("aws")
def test_sigterm_with_rollback_stops_the_deployment(tmp_path: Path) -> None:
    wait = (
        "wait-stable --cluster demo --service web=$id --on-cancel rollback 2>said & pid=$!\n"
        "until grep -q tasks said; do sleep 0.1; done\n"
        f"kill -{signal.SIGTERM.value} $pid; wait $pid || echo $?\n"
    )

    ended = sandboxed(f"{ONE}{wait}{STATUS}", scenario="pause-hook", cwd=tmp_path)

    assert ended.out.splitlines()[0] == "143", ended.err
    assert ended.out.splitlines()[1].startswith("ROLLBACK_")
    assert "asked ECS to roll back" in (tmp_path / "said").read_text()


@pytest.mark.real("aws")
def test_a_pause_goes_on_by_the_call_that_was_named(tmp_path: Path) -> None:
    script = f"""{ONE}
wait-stable --cluster demo --service web=$id --timeout 1s 2>said || true
eval "$(sed -n 's/.*\\(aws ecs continue-service-deployment .* CONTINUE\\).*/\\1/p' said | head -1)"
wait-stable --cluster demo --service web=$id
"""

    ended = sandboxed(script, scenario="pause-hook", look=60, cwd=tmp_path)

    assert (ended.code, ended.out.splitlines()[-1]) == (0, "deployed"), ended.err


def test_a_denied_stop_is_said_and_the_outcome_stays(tmp_path: Path) -> None:
    wait = "wait-stable --cluster demo --service web=$id --timeout 1s --on-timeout rollback"

    ended = sandboxed(
        ONE + wait, scenario="pause-hook", deny=("ecs:StopServiceDeployment",), cwd=tmp_path
    )

    assert ended.code == 124
    assert "allow the role the action ecs:StopServiceDeployment" in ended.err


def test_it_makes_no_more_calls_than_it_promises(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    script = ONE + "wait-stable --cluster demo --service web=$id --timeout 2s"

    run(
        *("ecsstep", "sandbox", "--scenario", "crash-loop", "--speed", "30", "--log", str(log)),
        *("--", "sh", "-c", script),
        env=environ(),
    )

    # Two seconds are one minute here. Extra are the update, the look at the limit, which begins the
    # next minute, and the reasons at the end.
    calls = [json.loads(line)["operation"] for line in log.read_text().splitlines()]
    update, look, reasons = 2, 6, 6
    assert calls.count("DescribeServices") <= 12 + 2
    assert len(calls) <= 40 + update + look + reasons


def test_without_an_id_a_service_that_was_rolled_back_long_ago_is_not_called_deployed(
    tmp_path: Path,
) -> None:
    ended = sandboxed(
        "service-update --cluster demo --service web --force-new-deployment > id\n"
        'wait-stable --cluster demo --service web --deployment "$(cat id)" > first || true\n'
        "for _ in $(seq 5); do taskdef-render --cluster demo --service web >/dev/null; done\n"
        "wait-stable --cluster demo --service web",
        scenario="rolled-back",
        look=60,
        cwd=tmp_path,
    )

    assert (ended.code, ended.out) == (3, "rolled-back\n"), ended.err
