"""A step: parse, run, emit, exit code. The one error boundary."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any, cast

from ecsstep import __version__
from ecsstep.core import emission, output, process
from ecsstep.core.arguments import parse
from ecsstep.core.clock import Clock, SystemClock
from ecsstep.core.log import Log, asked_form
from ecsstep.core.options import Options
from ecsstep.core.output import Result
from ecsstep.core.outside import Outside, current, using
from ecsstep.core.process import Run
from ecsstep.core.recorder import Recorder
from ecsstep.core.surroundings import collecting_seldom, signals_raise
from ecsstep.core.taped import Stdin, taped
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.value import Value


class World(Value):
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


class Step(Value):
    """One command.

    Attributes:
        name: The console script's name.
        about: The module's docstring: the help text.
        options: What it can be told.
        run: What it does.
    """

    name: str
    about: str
    options: type[Options]
    run: Callable[[Any, World], Result]

    def __call__(self, argv: Sequence[str] | None = None) -> int:
        """Run as a process does and return its exit code."""
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        with signals_raise(), collecting_seldom():
            return self.invoke(
                sys.argv[1:] if argv is None else argv,
                environ=os.environ,
                stdin=sys.stdin,
                stdout=sys.stdout,
                stderr=sys.stderr or _nowhere(),  # None where it is closed
            )

    def invoke(  # noqa: PLR0913 - a process has so many ends
        self,
        argv: Sequence[str],
        *,
        environ: Mapping[str, str],
        stdin: IO[str] | None,
        stdout: IO[str] | None,
        stderr: IO[str],
        clock: Clock | None = None,
        run: Run = process.run,
        outside: Outside | None = None,
    ) -> int:
        """Run with these ends and return the exit code. Nothing is raised.

        Args:
            argv: The words after the command's name.
            environ: The environment.
            stdin: What ``-`` is read from; None where it is closed.
            stdout: Where the result goes.
            stderr: Where events go.
            clock: Time; by default the clock on the wall.
            run: Starts other programs.
            outside: What answers; by default the real outside, kept on a tape for a record.
        """
        recorder = Recorder(self.name, argv, environ, clock or SystemClock())
        world = World(
            environ=recorder.variables,
            stdin=cast("IO[str]", Stdin(stdin)),
            stdout=stdout,
            stderr=stderr,
            clock=recorder.clock,
            run=taped(run),
            log=Log(step=self.name, stream=stderr, form=asked_form(argv, environ)),
        )
        with using(outside or recorder.outside):
            code, given = self._ended(argv, world)
        if outside is None:
            recorder.end(code, given, world.log, self.options.declared())
        return code

    def _ended(self, argv: Sequence[str], world: World) -> tuple[int, Options | None]:
        """Return the exit code, and the options where they could be read."""
        log = world.log
        given: Options | None = None
        try:
            text = self._asked_for_text(argv)
            if text is not None:
                output.write(world.stdout, text + "\n")
                return Exit.OK, None
            given = parse(self.options, argv, world.environ, prog=self.name)
            return self._finished(given, world), given
        except StepError as error:
            log.error(error.message, why=error.why, exit=int(error.exit), **_hint(error.hint))
            return error.exit, given
        except KeyboardInterrupt:
            current().interrupted("SIGINT")
            log.error("interrupted", exit=int(Exit.INTERRUPTED))
            return Exit.INTERRUPTED, given
        except Terminated:
            current().interrupted("SIGTERM")
            log.error("ended by SIGTERM", exit=int(Exit.TERMINATED))
            return Exit.TERMINATED, given
        except Exception as error:  # noqa: BLE001 - the one boundary
            return bug(log, error), given

    def _asked_for_text(self, argv: Sequence[str]) -> str | None:
        words = argv[: argv.index("--")] if "--" in argv else argv
        if "--version" in words:
            return f"{self.name} {__version__}"
        if "--help" in words or "-h" in words:
            from ecsstep.core.help import help_text

            return help_text(self.name, self.about, self.options)
        return None

    def _finished(self, given: Options, world: World) -> int:
        """Run, hand the result on, and tell on stderr why it is no success."""
        names = ("AWS_REGION", "AWS_DEFAULT_REGION")
        if given.region and given.region != next(filter(None, map(world.environ.get, names)), None):
            world.log.in_region(given.region)
        emission.check(given)
        result = self.run(given, world)
        # What was done is told even where handing it on fails.
        faults = list(emission.hand_on(result, given, world.stdout))
        for error in faults:
            why = (*error.why, result.begun) if result.begun else error.why
            world.log.error(error.message, why=why, exit=int(error.exit), **_hint(error.hint))
        if result.exit is not Exit.OK:
            world.log.error(
                result.message, why=result.why, exit=int(result.exit), **_hint(result.hint)
            )
            return result.exit
        return faults[0].exit if faults else Exit.OK


def _nowhere() -> IO[str]:
    from pathlib import Path

    return Path(os.devnull).open("w")


def _hint(hint: str) -> dict[str, str]:
    return {"hint": hint} if hint else {}


def bug(log: Log, error: Exception) -> int:
    """Tell an error that nobody expected, and return its exit code."""
    import traceback

    log.error(
        f"this is a bug in ecsstep {__version__}: {type(error).__name__}: {error}",
        why=tuple("".join(traceback.format_exception(error)).splitlines()),
        exit=int(Exit.BUG),
        hint="please report it with the lines above; they hold no secret that ecsstep knows of",
    )
    return Exit.BUG
