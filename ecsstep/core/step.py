"""A step: parse, run, emit, exit code. The one error boundary."""

import atexit
import contextlib
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ecsstep import __version__
from ecsstep.core import dotenv, options, output, process
from ecsstep.core.clock import Clock, SystemClock
from ecsstep.core.log import Log
from ecsstep.core.output import Result
from ecsstep.core.process import Run
from ecsstep.errors import Exit, StepError, Terminated

_SELDOM = 200_000
"""Objects made, and not yet gone, between two collections; a step's start makes fewer."""


@dataclass(frozen=True, kw_only=True)
class World:
    """Everything outside that a step may touch, besides AWS and registries.

    Attributes:
        environ: The environment variables.
        stdin: Where ``-`` is read from.
        stdout: Where the result goes, None where it is closed; only
            :mod:`ecsstep.core.output` writes to it.
        stderr: Where events go; only :mod:`ecsstep.core.log` and :mod:`ecsstep.core.progress`
            write to it.
        clock: Time.
        run: Starts other programs.
        log: The step's events.
    """

    environ: Mapping[str, str]
    stdin: IO[str]
    stdout: IO[str] | None
    stderr: IO[str]
    clock: Clock
    run: Run
    log: Log


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command.

    Attributes:
        name: The console script's name.
        about: The module's docstring: the help text.
        options: What it can be told.
        run: What it does.
    """

    name: str
    about: str
    options: type[options.Options]
    run: Callable[[Any, World], Result]

    def __call__(self, argv: Sequence[str] | None = None) -> int:
        """Run as a process does and return its exit code."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        with _sigterm_raises(), _collecting_seldom():
            return self.invoke(
                sys.argv[1:] if argv is None else argv,
                environ=os.environ,
                stdin=sys.stdin,
                stdout=sys.stdout,
                stderr=sys.stderr or Path(os.devnull).open("w"),  # None where it is closed
            )

    def invoke(  # noqa: PLR0913 - a process has so many ends
        self,
        argv: Sequence[str],
        *,
        environ: Mapping[str, str],
        stdin: IO[str],
        stdout: IO[str] | None,
        stderr: IO[str],
        clock: Clock | None = None,
        run: Run = process.run,
    ) -> int:
        """Run with these ends and return the exit code. Nothing is raised."""
        log = Log(step=self.name, stream=stderr, form=_log_form(argv, environ))
        world = World(
            environ=environ,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            clock=clock or SystemClock(),
            run=run,
            log=log,
        )
        try:
            return self._finished(self._result(argv, world), world)
        except StepError as error:
            log.error(error.message, why=error.why, exit=int(error.exit), **_hint(error.hint))
            return error.exit
        except KeyboardInterrupt:
            log.error("interrupted", exit=int(Exit.INTERRUPTED))
            return Exit.INTERRUPTED
        except Terminated:
            log.error("ended by SIGTERM", exit=int(Exit.TERMINATED))
            return Exit.TERMINATED
        except Exception as error:  # noqa: BLE001 - the one boundary
            return _bug(log, error)

    def _result(self, argv: Sequence[str], world: World) -> "_Emission":
        text = self._asked_for_text(argv)
        if text is not None:
            return _Emission(result=Result(verbatim=text + "\n"))
        given = options.parse(self.options, argv, world.environ, prog=self.name)
        if given.dotenv:
            dotenv.check(given.dotenv)
        return _Emission(
            result=self.run(given, world),
            form=given.format,
            query=given.query,
            dotenv=given.dotenv,
        )

    def _asked_for_text(self, argv: Sequence[str]) -> str | None:
        words = argv[: argv.index("--")] if "--" in argv else argv
        if "--version" in words:
            return f"{self.name} {__version__}"
        if "--help" in words or "-h" in words:
            from ecsstep.core.help import help_text

            return help_text(self.name, self.about, self.options)
        return None

    def _finished(self, emission: "_Emission", world: World) -> int:
        """Hand the result on: to the dotenv file, to stdout, and its reason to stderr."""
        result = emission.result
        # What was done is told even where handing it on fails.
        faults = [*_fault_of(_merge, emission), *_fault_of(_write, emission, world.stdout)]
        for error in faults:
            world.log.error(error.message, why=error.why, exit=int(error.exit), **_hint(error.hint))
        if result.exit is not Exit.OK:
            world.log.error(
                result.message, why=result.why, exit=int(result.exit), **_hint(result.hint)
            )
            return result.exit
        return faults[0].exit if faults else Exit.OK


@dataclass(frozen=True, kw_only=True)
class _Emission:
    result: Result
    form: str = "text"
    query: str | None = None
    dotenv: str | None = None


def _fault_of(hand_on: Callable[..., None], *arguments: object) -> list[StepError]:
    try:
        hand_on(*arguments)
    except StepError as error:
        return [error]
    return []


def _merge(emission: _Emission) -> None:
    if emission.dotenv and emission.result.dotenv:
        dotenv.merge(emission.dotenv, emission.result.dotenv)


def _write(emission: _Emission, stdout: IO[str] | None) -> None:
    text = output.rendered(emission.result, form=emission.form, query=emission.query)
    output.write(stdout, text)


def _hint(hint: str) -> dict[str, str]:
    return {"hint": hint} if hint else {}


def _log_form(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """Return the form of events before the options are read, since their mistakes are events."""
    for at, word in enumerate(argv):
        if word == "--log-format":
            return "json" if list(argv[at + 1 : at + 2]) == ["json"] else "text"
        if word.startswith("--log-format="):
            return "json" if word.endswith("=json") else "text"
    return "json" if environ.get("ECSSTEP_LOG_FORMAT") == "json" else "text"


def _bug(log: Log, error: Exception) -> int:
    import traceback

    log.error(
        f"this is a bug in ecsstep {__version__}: {type(error).__name__}: {error}",
        why=tuple("".join(traceback.format_exception(error)).splitlines()),
        exit=int(Exit.BUG),
        hint="please report it with the lines above; they hold no secret that ecsstep knows of",
    )
    return Exit.BUG


@contextlib.contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Let the collector of cyclic garbage sleep while a step starts, and when it ends.

    Loading the AWS SDK makes a hundred thousand objects that stay; the collector would walk them
    over and over, and once more at the process's end: a third of a short step's time. A step that
    waits for an hour still has its garbage collected, just less often.
    """
    before = gc.get_threshold()
    gc.set_threshold(_SELDOM, *before[1:])
    atexit.register(gc.freeze)  # what is frozen isn't looked at again when Python ends
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextlib.contextmanager
def _sigterm_raises() -> Iterator[None]:
    def handler(_signal: int, _frame: object) -> None:
        # A second one finds the default again and ends us at once.
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        raise Terminated

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
