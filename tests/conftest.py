"""No credentials, no metadata service, no network but loopback, no real sleep."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

import parts
from ecsstep import secret

_LENT = (
    "AWS_", "CI_", "CODEBUILD_", "CONTAINER_", "DOCKER", "ECR_", "ECS_", "ECSSTEP_", "GITLAB_",
    "IMAGE_", "REGISTRY_AUTH_FILE", "TASK_DEFINITION",
)  # fmt: skip
# A machine that freezes for a while is no fault of a property.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

_MISSED = "real parts that were missed"
_LOOPBACK = ("127.", "localhost", "::1")
# Tests of processes and servers; to wait for a process's end, subprocess itself sleeps.
_REAL_TIME = ("sandbox", "end_to_end", "test_parts", "test_readme")


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Take away what a developer's machine would lend to a test."""
    for name in list(os.environ):
        if name.startswith(_LENT):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("ECSSTEP_RECORD", "never")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(home / "no-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(home / "no-credentials"))


@pytest.fixture(autouse=True)
def _no_secret_of_another_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget what other tests called a secret: it would be masked in this one's log."""
    monkeypatch.setattr(secret, "_known", set())


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    """A step that a signal has ended leaves the next signal to the system.

    A shell that starts the tests in the background has Ctrl-C ignored; they aren't about that.
    """
    on_ctrl_c = signal.signal(signal.SIGINT, signal.default_int_handler)
    on_term = signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGINT, on_ctrl_c)
    signal.signal(signal.SIGTERM, on_term)


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and not str(address[0]).startswith(_LOOPBACK):
            raise AssertionError(f"a test reached for the network: {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _no_sleep(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time is handed in: a unit that sleeps for real is a mistake."""
    if not any(name in request.node.nodeid for name in _REAL_TIME):

        def never(seconds: float) -> None:
            if seconds:
                raise AssertionError(f"a test slept for {seconds} seconds")

        monkeypatch.setattr(time, "sleep", never)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Pass over a test whose real parts are missing, or fail it where they are required."""
    parts.need(*(part for mark in item.iter_markers("real") for part in mark.args))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand on what a process of many has missed; the tests run there, the summary is told here."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_MISSED] = sorted(parts.MISSED)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Gather what was missed in another process, unless that one has crashed."""
    parts.MISSED.update(getattr(node, "workeroutput", {}).get(_MISSED, ()))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    terminalreporter.line(
        f"real parts that were not there: {', '.join(sorted(parts.MISSED))}"
        if parts.MISSED
        else "every real part that a test asked for was there"
    )
