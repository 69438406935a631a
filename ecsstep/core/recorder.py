"""Keeps a run on a tape, and has its record written where one is wanted."""

import contextlib
import importlib
from collections.abc import Mapping, Sequence

from ecsstep.core.clock import Clock
from ecsstep.core.command_line import taken_apart
from ecsstep.core.log import Log
from ecsstep.core.options import RECORD, Option, Options
from ecsstep.core.outside import Outside
from ecsstep.core.tape import Tape
from ecsstep.core.taped import TapedClock, Variables
from ecsstep.core.values import NEVER, record_wish
from ecsstep.errors import Exit, StepError, Terminated

_VARIABLE = RECORD.variables[0]


class Recorder:
    """One run of a step, from its beginning to its record.

    Attributes:
        outside: What answers the step.
        clock: Its time.
        variables: Its environment.
    """

    def __init__(
        self, step: str, argv: Sequence[str], environ: Mapping[str, str], clock: Clock
    ) -> None:
        self._step = step
        self._argv = argv
        # Before the options are read, since their mistakes are recorded too where that is wanted.
        by_flag = taken_apart({"record": RECORD}, argv)[0].get("record", [None])[-1]
        asked = by_flag or environ.get(_VARIABLE)
        self._asked = record_wish(asked) if asked else None
        is_off = self._asked == NEVER
        self._tape = None if is_off else Tape(clock)
        self.outside: Outside = self._tape or Outside()
        self.clock = TapedClock(clock, self._tape) if self._tape else clock
        self.variables = Variables(environ)

    def end(
        self, code: int, given: Options | None, log: Log, declared: Mapping[str, Option]
    ) -> None:
        """Write the record of a run that has failed, or that was asked for; nothing is raised.

        A mistake in the arguments, which every shell's history can repeat, leaves none unasked.
        """
        if self._tape is None or (given is None and code == Exit.OK):
            return
        if not self._asked and (code == Exit.OK or given is None):
            return
        with contextlib.suppress(KeyboardInterrupt, Terminated):
            self._write(code, self._asked, self._tape, log, declared)

    def _write(
        self, code: int, asked: str | None, tape: Tape, log: Log, declared: Mapping[str, Option]
    ) -> None:
        # Of the ring above, by its name, as a step's story is: most runs never need it.
        recording = importlib.import_module("ecsstep.records.recording")
        try:
            draft = recording.draft_of(
                self._step,
                self._argv,
                code,
                tape=tape,
                variables=self.variables,
                declared=declared,
            )
            path = recording.write(draft, asked)
        except StepError as error:
            log.warning("the record can't be written", reason=error.message)
        except Exception as error:  # noqa: BLE001 - a record is no reason for another exit code
            log.warning("the record can't be written", reason=f"{type(error).__name__}: {error}")
        else:
            log.info("record written", file=path, hint=f"replay it: ecsstep replay {path}")
