"""Every step is ended in a call, and by a bug: the record of that ends the same way again."""

import contextlib
import io
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ecsstep import cli
from ecsstep.cli import STEPS
from ecsstep.core.output import Result
from ecsstep.core.step import Step, World
from ecsstep.sandbox.server import Sandbox
from faulty import Fault, proxied
from images import a_layout
from processes import Ended, environ
from replays import replay

_SECONDS = 60
# A program that the shell started in the background would ignore Ctrl-C.
_LISTENING = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "os.execvp(sys.argv[1], sys.argv[1:])"
)
ENDS = {signal.SIGINT: (130, "interrupted"), signal.SIGTERM: (143, "ended by SIGTERM")}
CALLS = {
    "ecr-login": ("--tool", "none"),
    "image-push": ("oci:image", "--repository", "app", "--tag", "v9.0.0", "--tool", "none"),
    "scan-gate": ("app:v1.0.0",),
    "taskdef-render": ("--taskdef", "web"),
    "task-run": ("--cluster", "demo", "--service", "web", "--", "true"),
    "service-update": ("--cluster", "demo", "--service", "web", "--force-new-deployment"),
    "wait-stable": ("--cluster", "demo", "--service", "web"),
    "cache-invalidate": ("--distribution", "EDFDVBD6EXAMPLE", "--deployment", "ecs-svc/1"),
    "notify": (
        *("--sns-topic", "arn:aws:sns:ap-northeast-1:123456789012:deployments"),
        *("--outcome", "deployed", "--strict"),
    ),
}


def test_every_step_is_called() -> None:
    assert tuple(CALLS) == STEPS


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(environ=environ(), look=10) as running:
        yield running


@pytest.mark.parametrize("sent", ENDS)
@pytest.mark.parametrize("step", CALLS)
def test_a_step_that_is_ended_in_a_call_ends_so_in_its_replay(
    sandbox: Sandbox, step: str, sent: signal.Signals, tmp_path: Path
) -> None:
    code, message = ENDS[sent]
    a_layout().write(tmp_path / "image")
    fault = Fault(target=sandbox.registry, kind="stalled", at=0)
    with proxied(fault) as url:
        env = {**sandbox.environ(), "AWS_ENDPOINT_URL": url, "ECSSTEP_RECORD": "record.json"}
        ended = _ended_by(sent, (step, *CALLS[step]), env, tmp_path, fault)

    again = replay(tmp_path / "record.json")

    assert (ended.code, again.code) == (code, code), f"{ended.err}\n{again.err}"
    assert f"{step}: error: {message}" in ended.err
    assert f"{step}: error: {message}" in again.err
    assert "replayed as recorded" in again.err


def _ended_by(
    sent: signal.Signals, argv: tuple[str, ...], env: Mapping[str, str], folder: Path, fault: Fault
) -> Ended:
    with subprocess.Popen(
        (sys.executable, "-c", _LISTENING, *argv),
        env=dict(env),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        with contextlib.ExitStack() as stack:
            stack.callback(process.kill)
            until = time.monotonic() + _SECONDS
            while not fault.calls and process.poll() is None and time.monotonic() < until:
                time.sleep(0.01)
            process.send_signal(sent)
            out, err = process.communicate(timeout=_SECONDS)
        return Ended(process.returncode, out, err)


def broken(name: str) -> Step:
    """Return a step with a bug after its last call."""
    whole = cli.step(name)

    def run(options: Any, world: World) -> Result:
        whole.run(options, world)
        raise RuntimeError("there is a mistake in ecsstep")

    return whole.replaced(run=run)


@pytest.mark.parametrize("step", CALLS)
def test_a_step_that_ends_by_a_bug_does_so_in_its_replay(
    sandbox: Sandbox, step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    a_layout().write(tmp_path / "image")
    env = {**sandbox.environ(), "ECSSTEP_RECORD": "record.json"}
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    said = io.StringIO()

    code = broken(step).invoke(
        CALLS[step], environ=env, stdin=io.StringIO(), stdout=io.StringIO(), stderr=said
    )
    again = replay(tmp_path / "record.json", step=broken(step))

    assert (code, again.code) == (70, 70), f"{said.getvalue()}\n{again.err}"
    assert "RuntimeError: there is a mistake in ecsstep" in again.err
    assert "replayed as recorded" in again.err
