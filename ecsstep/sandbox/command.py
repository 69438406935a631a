"""Run a command against an emulated AWS on this machine.

The command gets an environment in which the AWS SDKs, the AWS CLI, docker and every step meet the
sandbox and no real account: an endpoint and a registry on a loopback port, credentials that are
good for nothing else, and a private docker configuration. Nothing is left behind when it ends.

    ecsstep sandbox --scenario rolled-back -- sh deploy.sh
"""

import argparse
import contextlib
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn

from ecsstep.core.log import Log
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.sandbox.child import Signals, run
from ecsstep.sandbox.scenarios import SCENARIOS
from ecsstep.text import meant, printable

_NAME = "sandbox"
_DENIABLE = re.compile(r"[a-z0-9-]+:[A-Za-z]+")


@dataclass(frozen=True, kw_only=True)
class _Wish:
    """What the user asked for."""

    command: tuple[str, ...]
    scenario: str
    speed: float
    look: float | None
    log: str | None
    deny: tuple[str, ...]
    policies: tuple[str, ...]


def main(argv: Sequence[str]) -> int:
    """Run the sandbox for one command and return the command's exit code."""
    log = Log(step=_NAME, stream=sys.stderr)
    options = [*argv][: [*argv].index("--")] if "--" in argv else [*argv]
    if "--help" in options or "-h" in options:
        sys.stdout.write(_parser().format_help())
        return Exit.OK
    if "--list" in options:
        for name, story in SCENARIOS.items():
            sys.stdout.write(f"{name:<24}{story.about}\n")
        return Exit.OK
    try:
        wish = _wish(argv)
        with Signals() as signals:
            return _run(wish, signals, log)
    except StepError as error:
        log.error(error.message, why=error.why, **({"hint": error.hint} if error.hint else {}))
        return error.exit
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except Terminated:
        return Exit.TERMINATED


def _parser() -> argparse.ArgumentParser:
    class Parser(argparse.ArgumentParser):
        def error(self, message: str) -> NoReturn:
            raise _usage(message)

    parser = Parser(
        prog="ecsstep sandbox",
        usage="ecsstep sandbox [option]... -- COMMAND...",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--scenario", metavar="NAME", default="steady", help="what happens (default: steady)"
    )
    parser.add_argument("--list", action="store_true", help="list the scenarios and end")
    parser.add_argument(
        "--speed", metavar="N", type=_speed, default=1.0,
        help="let time run N times as fast (default: 1)",
    )  # fmt: skip
    parser.add_argument(
        "--look", metavar="SECONDS", type=_seconds,
        help="let SECONDS go by at each look of a step and none in between, so that what "
        "happens doesn't depend on how fast this machine is; for tests",
    )  # fmt: skip
    parser.add_argument("--log", metavar="FILE", help="write one JSON line per request to FILE")
    parser.add_argument(
        "--deny", metavar="ACTION", action="append", default=[],
        help="answer that this IAM action (ecs:DescribeServices) is not allowed; repeatable",
    )  # fmt: skip
    parser.add_argument(
        "--policy", metavar="FILE", action="append", default=[],
        help="allow only what this IAM policy allows; repeatable",
    )  # fmt: skip
    return parser


def _wish(argv: Sequence[str]) -> _Wish:
    """Return what the user asked for.

    Raises:
        StepError: It can't be done so (exit 2).
    """
    words = list(argv)
    at = words.index("--") if "--" in words else len(words)
    given = _parser().parse_args(words[:at])
    command = tuple(words[at + 1 :])
    if not command:
        raise _usage("there is no command to run")
    if given.scenario not in SCENARIOS:
        name = printable(given.scenario)
        raise StepError(
            f"there is no scenario '{name}'{meant(given.scenario, SCENARIOS)}",
            exit=Exit.USAGE,
            hint="ecsstep sandbox --list shows them",
        )
    for action in given.deny:
        if not _DENIABLE.fullmatch(action):
            raise _usage(f"--deny: '{printable(action)}' is no IAM action")
    return _Wish(
        command=command,
        scenario=given.scenario,
        speed=given.speed,
        look=given.look,
        log=given.log,
        deny=tuple(given.deny),
        policies=tuple(given.policy),
    )


def _speed(text: str) -> float:
    speed = _positive(text)
    if speed is None:
        raise _usage(f"--speed: '{printable(text)}' is no speed; write 1, 10 or 0.5")
    return speed


def _seconds(text: str) -> float:
    seconds = _positive(text)
    if seconds is None:
        raise _usage(f"--look: '{printable(text)}' is no number of seconds; write 5 or 0.5")
    return seconds


def _positive(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 < number < float("inf") else None


def _usage(message: str) -> StepError:
    return StepError(
        message, exit=Exit.USAGE, hint="write: ecsstep sandbox --scenario steady -- COMMAND..."
    )


def _run(wish: _Wish, signals: Signals, said: Log) -> int:
    try:
        from ecsstep.sandbox.server import Sandbox
    except ImportError as error:
        raise StepError(
            f"the sandbox needs more than is installed: {error}",
            exit=Exit.TOOL,
            hint="pip install 'ecsstep[sandbox]'",
        ) from error
    from ecsstep.sandbox.permissions import Permissions, read_policy

    permissions = Permissions(map(read_policy, wish.policies)) if wish.policies else None
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
            f"can't write '{path}': {(error.strerror or str(error)).lower()}", exit=Exit.USAGE
        ) from error
    with file:
        yield file
