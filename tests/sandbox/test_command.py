"""`ecsstep sandbox`: what a command meets, and what is left of it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ecsstep.cli import main
from ecsstep.core.arguments import parse
from ecsstep.sandbox import child
from ecsstep.sandbox.options import SandboxOptions
from ecsstep.sandbox.scenarios import SCENARIOS

PYTHON = (sys.executable, "-c")
SANDBOX = (sys.executable, "-W", "error", "-m", "ecsstep", "sandbox")


def environ(folder: Path) -> dict[str, str]:
    return {**os.environ, "TMPDIR": str(folder)}


def sandbox(folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SANDBOX, *argv],
        check=False,
        env=environ(folder),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_command_runs_alone_on_the_terminal_and_gives_the_exit_code(tmp_path: Path) -> None:
    script = 'read word; echo "$word $AWS_ENDPOINT_URL"; ls -d "$DOCKER_CONFIG"; exit 7'

    ended = subprocess.run(
        [*SANDBOX, "--", "sh", "-c", script],
        check=False,
        env=environ(tmp_path),
        input="hello\n",
        capture_output=True,
        text=True,
        timeout=60,
    )

    greeting, folder = ended.stdout.splitlines()
    assert ended.returncode == 7
    assert ended.stderr == ""
    assert greeting.startswith("hello http://127.0.0.1:")
    assert not Path(folder).exists()
    assert list(tmp_path.iterdir()) == []


def test_sandboxes_run_beside_each_other(tmp_path: Path) -> None:
    script = "ls -d $DOCKER_CONFIG; read _"
    both = [
        subprocess.Popen(
            [*SANDBOX, "--", "sh", "-c", script],
            env=environ(tmp_path),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]

    folders = {one.stdout.readline() for one in both if one.stdout}
    for one in both:
        one.communicate("\n", timeout=60)

    assert len(folders) == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_is_handed_on_and_the_command_decides(
    tmp_path: Path, number: signal.Signals
) -> None:
    script = f"trap 'echo told; exit 9' {number.name[3:]}; echo ready; while :; do sleep 0.05; done"
    # A session of its own: no terminal whose foreground it could be in.
    running = subprocess.Popen(
        [*SANDBOX, "--", "sh", "-c", script],
        env=environ(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "ready\n"

    running.send_signal(number)
    out, err = running.communicate(timeout=60)

    assert (running.returncode, out, err) == (9, "told\n", "")
    assert list(tmp_path.iterdir()) == []


def test_a_sandbox_that_is_ended_while_it_starts_leaves_nothing(tmp_path: Path) -> None:
    running = subprocess.Popen(
        [*SANDBOX, "--", "sleep", "60"], env=environ(tmp_path), start_new_session=True
    )
    deadline = time.monotonic() + 30
    while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.005)

    running.terminate()

    assert running.wait(timeout=60) == 143
    assert list(tmp_path.iterdir()) == []


def test_requests_are_written_to_the_log_that_was_asked_for(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    program = "import os, urllib.request as r; r.urlopen(os.environ['AWS_ENDPOINT_URL'] + '/v2/')"

    code = main(["sandbox", "--speed", "10", "--log", str(log), "--", *PYTHON, program])

    assert code == 1
    [line] = [json.loads(line) for line in log.read_text().splitlines()]
    assert (line["service"], line["operation"], line["status"]) == ("registry", "GET /v2/", 401)


def test_a_denied_action_is_denied_in_any_case_of_its_letters(
    capfd: pytest.CaptureFixture[str],
) -> None:
    program = (
        "import boto3\n"
        "try: boto3.client('ecs').list_clusters()\n"
        "except Exception as error: print(error.response['Error']['Code'])\n"
    )

    code = main(["sandbox", "--look", "5", "--deny", "ecs:listclusters", "--", *PYTHON, program])

    assert (code, capfd.readouterr().out) == (0, "AccessDeniedException\n")


def run(*command: str, environ: Mapping[str, str] | None = None) -> tuple[int, list[str]]:
    said: list[str] = []
    with child.Signals() as signals:
        code = child.run(command, environ or os.environ, signals=signals, say=said.append)
    return code, said


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        pytest.param(("true",), 0, [], id="done"),
        pytest.param(("false",), 1, [], id="failed"),
        pytest.param(("sh", "-c", "kill -9 $$"), 137, [], id="killed"),
        pytest.param(("no-such-command",), 127, ["there is no 'no-such-command'"], id="not found"),
        pytest.param(
            ("/etc/passwd",), 126, ["can't run '/etc/passwd': permission denied"], id="no program"
        ),
    ],
)
def test_the_exit_code_is_as_a_shell_has_it(
    command: tuple[str, ...], code: int, said: list[str]
) -> None:
    assert run(*command) == (code, said)


class Started:
    """A child that has been started, as the signals see it."""

    def __init__(self) -> None:
        self.got: list[int] = []

    def send_signal(self, sig: int) -> None:
        self.got.append(sig)


@pytest.mark.parametrize(
    ("is_in_foreground", "expected"),
    [
        pytest.param(False, [signal.SIGINT, signal.SIGTERM], id="no terminal"),
        pytest.param(True, [signal.SIGTERM], id="the terminal has told it already"),
    ],
)
def test_ctrl_c_is_handed_on_where_no_terminal_does_so(
    is_in_foreground: bool, expected: list[signal.Signals]
) -> None:
    started = Started()
    with child.Signals(in_foreground=lambda: is_in_foreground) as signals:
        signals.begin(lambda: started)
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGTERM)

    assert started.got == expected


def test_a_signal_that_came_early_is_handed_on_when_there_is_a_command() -> None:
    def slowly() -> Started:
        signal.raise_signal(signal.SIGTERM)
        return Started()

    with child.Signals() as signals:
        assert signals.begin(slowly).got == [signal.SIGTERM]


def test_a_signal_that_came_late_changes_nothing_and_the_handlers_are_as_before() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with child.Signals() as signals:
        signals.end()
        signal.raise_signal(signal.SIGTERM)

    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_without_a_terminal_nothing_is_in_its_foreground(tmp_path: Path) -> None:
    assert child.is_in_foreground(terminal=str(tmp_path / "none")) is False
    assert child.is_in_foreground(terminal="/dev/null") is False


def test_in_a_terminals_foreground_the_terminal_tells_the_command() -> None:
    ours, theirs = os.openpty()
    name = os.ttyname(theirs)
    program = (
        "import os\n"
        f"os.open({name!r}, os.O_RDWR)\n"
        "from ecsstep.sandbox.child import is_in_foreground\n"
        "raise SystemExit(int(is_in_foreground()))\n"
    )

    # A new session's first terminal becomes its own, with it in the foreground.
    ended = subprocess.run(
        [sys.executable, "-c", program], check=False, start_new_session=True, timeout=60
    )

    os.close(ours)
    os.close(theirs)
    assert ended.returncode == 1


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        pytest.param([], "there is no command to run", id="nothing"),
        pytest.param(["--"], "COMMAND: needs a value", id="no command"),
        pytest.param(
            ["--scenario", "stedy", "--", "true"],
            "there is no scenario 'stedy'; did you mean 'steady'?",
            id="unknown scenario",
        ),
        pytest.param(["--speed", "0", "--", "true"], "'0' is no speed", id="no speed"),
        pytest.param(["--speed", "fast", "--", "true"], "'fast' is no speed", id="a word"),
        pytest.param(["--look", "0", "--", "true"], "'0' is no number of seconds", id="no look"),
        pytest.param(["--speed", "1e308", "--", "true"], "'1e308' is no speed", id="endless"),
        pytest.param(["--look", "1e9", "--", "true"], "'1e9' is no number of", id="a long look"),
        pytest.param(["--deny", "ecs", "--", "true"], "'ecs' is no IAM action", id="no action"),
        pytest.param(
            ["--deny", "ecs:DescribeServicse", "--", "true"],
            "is no action of 'ecs'; did you mean 'DescribeServices'?",
            id="a slip",
        ),
        pytest.param(
            ["--deny", "ecss:ListTasks", "--", "true"],
            "'ecss:ListTasks' is of no service of AWS; did you mean 'ecs'?",
            id="no service",
        ),
        pytest.param(["--scen", "x", "--", "true"], "there is no option '--scen'", id="unknown"),
        pytest.param(["--log", "/", "--", "true"], "can't write '/': is a directory", id="no log"),
    ],
)
def test_a_mistake_is_told_before_anything_starts(
    argv: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["sandbox", *argv])

    told = capsys.readouterr()
    assert (code, told.out) == (2, "")
    assert said in told.err


def test_all_mistakes_are_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["sandbox", "--speed", "0", "--scenario", "stedy", "true"])

    told = capsys.readouterr().err
    assert code == 2
    assert "sandbox: error: 4 mistakes in the arguments" in told


@pytest.mark.parametrize(
    "action",
    ["iam:PassRole", "ecs:describeservices", "elasticloadbalancing:DescribeTargetHealth",
     "ecr-public:GetAuthorizationToken", "slack:PostMessage", "inspector2:ListFindings",
     "sts:GetServiceBearerToken", "ecr:BatchImportUpstreamImage", "s3:ListBucket",
     "logs:IntegrateWithS3Table"],
)  # fmt: skip
def test_every_action_that_the_sandbox_asks_for_can_be_denied(action: str) -> None:
    found = parse(SandboxOptions, ["--deny", action, "--", "true"], {}, prog="p")

    assert isinstance(found, SandboxOptions)
    assert found.deny == (action,)


def test_a_bug_of_the_sandbox_is_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("ecsstep.sandbox.server.Sandbox", broken)

    assert main(["sandbox", "--", "true"]) == 70
    assert "this is a bug in ecsstep" in capsys.readouterr().err


def test_the_scenarios_are_listed_with_one_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["sandbox", "--list"])

    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert [line.split()[0] for line in lines] == list(SCENARIOS)


def test_help_tells_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["sandbox", "--help"])

    out = capsys.readouterr().out
    assert code == 0
    assert all(
        flag in out for flag in ("--scenario", "--list", "--speed", "--look", "--log", "--deny")
    )


def test_options_of_the_command_are_the_commands(tmp_path: Path) -> None:
    ended = sandbox(tmp_path, "--", "echo", "--help", "--list")

    assert ended.stdout == "--help --list\n"


def test_without_the_extra_the_hint_installs_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "ecsstep.sandbox.server", raising=False)
    monkeypatch.setitem(sys.modules, "moto.core.base_backend", None)

    code = main(["sandbox", "--", "true"])

    assert code == 6
    assert "hint: pip install 'ecsstep[sandbox]'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ends", "code"),
    [
        pytest.param(lambda: signal.raise_signal(signal.SIGTERM), 143, id="SIGTERM"),
        pytest.param(lambda: signal.raise_signal(signal.SIGINT), 130, id="Ctrl-C"),
    ],
)
def test_a_signal_while_starting_ends_it(
    monkeypatch: pytest.MonkeyPatch, ends: Callable[[], None], code: int
) -> None:
    class Starting:
        def __init__(self, *_: object, **__: object) -> None:
            ends()

    monkeypatch.setattr("ecsstep.sandbox.server.Sandbox", Starting)

    assert main(["sandbox", "--", "true"]) == code
