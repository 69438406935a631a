"""Run a step again from its record: the same code and the same end, without AWS.

The record is what a failed step leaves in .ecsstep/. Nothing is asked for real: no credentials, no
network, no container tool, no file of the step. Waiting takes no time. Only --live asks for real.

    ecsstep replay .ecsstep/wait-stable-20260102T030405Z.json
    ecsstep replay FILE --option timeout=1h
    ecsstep replay FILE --explain
    ecsstep replay FILE --shell
    ecsstep replay FILE --live --dry-run
"""

import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, NoReturn, cast

from ecsstep.core.arguments import parse
from ecsstep.core.log import Log
from ecsstep.core.options import RECORD, Options
from ecsstep.core.step import Step
from ecsstep.core.values import NEVER
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.replay.answers import Answers, NoAnswerError
from ecsstep.replay.changes import Call, changed
from ecsstep.replay.clock import ReplayClock
from ecsstep.replay.disk import Disk
from ecsstep.replay.ending import tell, why_not
from ecsstep.replay.options import PROG, Replaced, ReplayOptions, help_text
from ecsstep.replay.printing import is_printed, print_record
from ecsstep.replay.reader import read
from ecsstep.replay.whole import check_files
from ecsstep.rules.record.value import Record
from ecsstep.text import printable

_NAME = "replay"
# What would let botocore look at this machine.
_ALONE = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def main(argv: Sequence[str], *, steps: Sequence[str], step: Callable[[str], Step]) -> int:
    """Replay a record and return the step's exit code.

    Args:
        argv: The words after ``ecsstep replay``.
        steps: The names of all steps.
        step: Returns the step of a name.
    """
    log = Log(step=_NAME, stream=sys.stderr)
    if "--help" in argv or "-h" in argv:
        sys.stdout.write(help_text(__doc__ or ""))
        return Exit.OK
    try:
        wish = cast("ReplayOptions", parse(ReplayOptions, argv, {}, prog=PROG))
        record = read(wish.file)
        if is_printed(wish):
            # What a step was told is told, even where this version doesn't know the step.
            options = step(record.step).options if record.step in steps else Options
            print_record(wish, record, options)
            return Exit.OK
        found = _known(record, steps, step)
        disk = Disk({each.name: _content(each) for each in wish.contents})
        if wish.live:
            from ecsstep.replay.live import live

            code = live(record, found, wish, disk, log=log)
            _save(disk, wish.write_to, log)
            return code
        return replayed(record, found, wish.options, disk, wish.write_to, log=log)
    except StepError as error:
        log.error(error.message, why=error.why, hint=error.hint)
        return error.exit
    except (KeyboardInterrupt, Terminated) as signal:
        log.error("ended before anything was done")
        return Exit.INTERRUPTED if isinstance(signal, KeyboardInterrupt) else Exit.TERMINATED


def _known(record: Record, steps: Sequence[str], step: Callable[[str], Step]) -> Step:
    if record.step not in steps:
        raise StepError(
            f"the record is of a step '{printable(record.step)}', which this version has not",
            exit=Exit.USAGE,
            hint="pip install -U ecsstep",
        )
    return step(record.step)


def replayed(  # noqa: PLR0913 - what the user may say
    record: Record,
    step: Step,
    wishes: Sequence[str],
    disk: Disk,
    folder: str | None,
    *,
    log: Log,
    stdout: IO[str] | None = None,
    stderr: IO[str] | None = None,
) -> int:
    """Run the step from its record, say where it went otherwise, and return its exit code.

    Raises:
        StepError: The record can't answer what the step asks now (exit 2).
    """
    call = Call(argv=record.argv, variables=record.variables)
    call = changed(call, wishes, step.options.declared(), prog=step.name)
    check_files(record, call, disk)
    # Nothing of a replay is recorded, wherever the run itself was.
    variables = {**call.variables, RECORD.variables[0]: NEVER}
    answers = Answers(record, disk)
    is_changed = bool(wishes or disk.replaced)
    with _alone(variables):
        try:
            code = step.invoke(
                call.argv,
                environ=variables,
                stdin=io.StringIO(),
                stdout=sys.stdout if stdout is None else stdout,
                stderr=sys.stderr if stderr is None else stderr,
                clock=ReplayClock(answers),
                run=_never,
                outside=answers,
            )
        except NoAnswerError as error:
            raise StepError(
                f"the record has no answer to {error.question} number {error.number}",
                exit=Exit.USAGE,
                hint=why_not(record, error, is_changed=is_changed),
            ) from error
    if disk.unread:
        log.warning("nobody read what was given", files=disk.unread)
    tell(record, answers, code, is_changed=is_changed, log=log)
    _save(disk, folder, log)
    return code


def _save(disk: Disk, folder: str | None, log: Log) -> None:
    for path in disk.save(folder) if folder else ():
        log.info("file written", file=path)


@contextlib.contextmanager
def _alone(variables: Mapping[str, str]) -> Iterator[None]:
    """Let this process have the record's variables alone, for those who look by themselves."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update({**variables, **_ALONE})
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _never(*_arguments: object, **_more: object) -> NoReturn:
    raise AssertionError("a replay starts no program")


def _content(each: Replaced) -> bytes:
    try:
        return Path(each.path).read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StepError(
            f"can't read '{each.path}': {reason}",
            exit=Exit.USAGE,
            hint="check the path: --file NAME-IN-THE-RECORD=FILE",
        ) from error
