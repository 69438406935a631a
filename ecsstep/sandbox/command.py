"""Run a command against an emulated AWS on this machine.

The command gets an environment in which the AWS SDKs, the AWS CLI, docker and every step meet the
sandbox and no real account: an endpoint and a registry on a loopback port, credentials that are
good for nothing else, and a private docker configuration. Nothing is left behind when it ends.

    ecsstep sandbox --scenario rolled-back -- sh deploy.sh
"""

import contextlib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, cast

from ecsstep.core.arguments import parse
from ecsstep.core.log import Log
from ecsstep.core.step import bug
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.sandbox.child import Signals, run
from ecsstep.sandbox.options import PROG, SandboxOptions, help_text
from ecsstep.sandbox.scenarios import SCENARIOS

_NAME = "sandbox"


def main(argv: Sequence[str]) -> int:
    """Run the sandbox for one command and return the command's exit code."""
    log = Log(step=_NAME, stream=sys.stderr)
    options = [*argv][: [*argv].index("--")] if "--" in argv else [*argv]
    if "--help" in options or "-h" in options:
        sys.stdout.write(help_text(__doc__ or ""))
        return Exit.OK
    if "--list" in options:
        for name, story in SCENARIOS.items():
            sys.stdout.write(f"{name:<24}{story.about}\n")
        return Exit.OK
    try:
        wish = cast("SandboxOptions", parse(SandboxOptions, argv, {}, prog=PROG))
        with Signals() as signals:
            return _run(wish, signals, log)
    except StepError as error:
        log.error(error.message, why=error.why, hint=error.hint)
        return error.exit
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Terminated:
        return Exit.TERMINATED
    except Exception as error:  # noqa: BLE001 - the one boundary
        return bug(log, error)


def _run(wish: SandboxOptions, signals: Signals, said: Log) -> int:
    try:
        from ecsstep.sandbox.server import Sandbox
    except ImportError as error:
        raise StepError(
            f"the sandbox needs more than is installed: {error}",
            exit=Exit.TOOL,
            hint="pip install 'ecsstep[sandbox]'",
        ) from error
    from ecsstep.sandbox.permissions import Permissions, read_policy

    permissions = Permissions(map(read_policy, wish.policy)) if wish.policy else None
    with (
        _opened(wish.log) as log,
        Sandbox(
            wish.scenario,
            speed=wish.speed,
            look=wish.look,
            faults=dict.fromkeys(wish.deny, "AccessDenied"),
            permissions=permissions,
            log=log,
        ) as sandbox,
    ):
        return run(wish.command, sandbox.environ(), signals=signals, say=said.error)


@contextlib.contextmanager
def _opened(path: str | None) -> Iterator[IO[str] | None]:
    if path is None:
        yield None
        return
    try:
        file = Path(path).open("a", encoding="utf-8")  # noqa: SIM115 - closed below
    except OSError as error:
        raise StepError(
            f"can't write '{path}': {(error.strerror or str(error)).lower()}",
            exit=Exit.USAGE,
            hint="give another path after --log",
        ) from error
    with file:
        yield file
