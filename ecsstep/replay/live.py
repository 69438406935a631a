"""A recorded run once more, for real: the same options, one's own credentials."""

import io
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

from ecsstep.core.arguments import parse, places
from ecsstep.core.log import Log
from ecsstep.core.options import NEVER, RECORD, Option, Options
from ecsstep.core.step import Step
from ecsstep.core.surroundings import collecting_seldom, signals_raise
from ecsstep.errors import Exit, StepError
from ecsstep.replay.changes import Call, changed
from ecsstep.replay.consent import Consent, Identify, check_account
from ecsstep.replay.disk import Disk
from ecsstep.replay.options import ReplayOptions
from ecsstep.replay.reality import Reality, is_of_the_step
from ecsstep.rules.record import origin
from ecsstep.rules.record.deeds import deed
from ecsstep.rules.record.value import Record

# What belongs to the machine and not to the run.
_OF_THE_MACHINE = ("role_arn", "id_token", "docker_config", "record")


def live(  # noqa: PLR0913 - the ends of a process
    record: Record,
    step: Step,
    wish: ReplayOptions,
    disk: Disk,
    *,
    log: Log,
    environ: Mapping[str, str] | None = None,
    stdin: IO[str] | None = None,
    identify: Identify = check_account,
) -> int:
    """Run the step for real, once everything is known and agreed to, and return its exit code.

    Raises:
        StepError: Something is missing, is another account's, or isn't agreed to (exit 2), or
            somebody said no (exit 1); nothing has been changed then.
        StepError: AWS takes none of the credentials (exit 5).
    """
    own = os.environ if environ is None else environ
    stdin = stdin or sys.stdin or io.StringIO()
    declared = step.options.declared()
    call = _call(record, wish, declared)
    named = _names([*call.argv, *call.variables.values()])
    _check_whole(record, call, disk, named, declared, own)
    variables = _environment(call, declared, own)
    given = parse(step.options, call.argv, variables, prog=step.name)
    _tell_role(record, step, given, log)
    meant = wish.account or origin.account(record)
    consent = Consent(deed=deed(step.name, given), is_given=wish.yes, words=(step.name, *call.argv))
    consent.check(stdin)
    needs_aws = origin.asks_aws(record) or bool(wish.options)
    reality = Reality(record, disk, named=named, own=_names(wish.options),
                      machine=_machine(given, own))  # fmt: skip
    with signals_raise(), collecting_seldom():
        caller = identify(given, variables, log, meant=meant) if needs_aws else None
        consent.ask(caller, stdin, is_certain=bool(meant))
        code = step.invoke(
            call.argv, environ=variables, stdin=stdin, stdout=sys.stdout, stderr=sys.stderr,
            outside=reality,
        )  # fmt: skip
    if disk.written and not wish.write_to:
        log.info("kept in memory", files=list(disk.written), hint="--write-to DIR writes them")
    return code


def _call(record: Record, wish: ReplayOptions, declared: Mapping[str, Option]) -> Call:
    """Return how the step is to be called: the recorded options, and what is given anew."""
    machine = [option for name, option in declared.items() if name in _OF_THE_MACHINE]
    call = Call(argv=record.argv, variables=record.variables)
    away = [f"{option.flag.lstrip('-')}=" for option in machine if option.flag]
    call = changed(call, away, declared)
    dry = ["dry-run"] if wish.dry_run else []
    if dry and "dry_run" not in declared:
        raise StepError(
            f"{record.step} has no --dry-run",
            exit=Exit.USAGE,
            hint="leave it out; where the step would change something, you are asked first",
        )
    call = changed(call, [*wish.options, *dry], declared)
    names = {name for option in declared.values() if not option.secret
             for name in option.variables}  # fmt: skip
    kept = {name: value for name, value in call.variables.items() if name in names}
    region = declared["region"]
    if not _is_given(region, call.argv, kept) and origin.region(record):
        kept[region.variables[0]] = origin.region(record)
    return Call(argv=call.argv, variables=kept)


def _machine(given: Options, own: Mapping[str, str]) -> frozenset[str]:
    """Return where logins and tokens of this machine are, as far as somebody says it."""
    names = ("DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "AWS_WEB_IDENTITY_TOKEN_FILE")
    found = [getattr(given, "docker_config", None), *(own.get(name) for name in names)]
    return frozenset(each for each in found if each)


def _is_given(option: Option, argv: Sequence[str], variables: Mapping[str, str]) -> bool:
    by_flag = any(word.partition("=")[0] == option.flag for word in argv)
    return by_flag or any(variables.get(name) for name in option.variables)


def _environment(
    call: Call, declared: Mapping[str, Option], own: Mapping[str, str]
) -> dict[str, str]:
    """Return this machine's variables, with those of the step's options from the record."""
    of_the_step = {
        name
        for field, option in declared.items()
        if field not in _OF_THE_MACHINE and not option.secret
        for name in option.variables
    }
    kept = {name: value for name, value in own.items() if name not in of_the_step}
    return {**kept, **call.variables, RECORD.variables[0]: NEVER}


def _check_whole(  # noqa: PLR0913, PLR0917 - what a run is made of
    record: Record,
    call: Call,
    disk: Disk,
    named: frozenset[str],
    declared: Mapping[str, Option],
    own: Mapping[str, str],
) -> None:
    """Refuse a run of which the record lacks something that would be sent.

    Raises:
        StepError: It does, with all that is missing (exit 2).
    """
    files = {
        path: entry.answer["content"]
        for entry in record.entries
        if entry.kind in {"file", "stdin"} and isinstance(entry.answer.get("content"), bytes)
        if (path := _path(entry.kind, entry.question))
        and is_of_the_step(path, named)
        and not disk.has(path)
    }
    found = [
        *origin.lacking(record, call.argv, call.variables, files),
        *_secrets(record, declared, own),
    ]
    if found:
        raise StepError(
            f"the record lacks {'a secret' if len(found) == 1 else f'{len(found)} secrets'} that "
            "the step would send",
            exit=Exit.USAGE,
            why=tuple(found),
            hint="give what is missing: "
            + (f"--file {first}=PATH, " if (first := next(iter(files), "")) else "")
            + "--option NAME=VALUE; secrets in the variables that are named",
        )


def _path(kind: str, question: Mapping[str, Any]) -> str:
    if kind == "stdin":
        return "-" if question.get("do") in {"read", "bytes"} else ""
    return str(question.get("path", "")) if question.get("do") == "read" else ""


def _secrets(
    record: Record, declared: Mapping[str, Option], own: Mapping[str, str]
) -> Iterator[str]:
    """Yield the secrets that the step was given and that aren't in this environment."""
    for field, option in declared.items():
        was_given = any(record.variables.get(name) for name in option.variables)
        if option.secret and was_given and field not in _OF_THE_MACHINE:
            names = option.variables
            if not any(own.get(name) for name in names):
                yield f"{option.help}: set {' or '.join(names)}"


def _names(words: Sequence[str]) -> frozenset[str]:
    """Return what may be a file's name in these words: each line, and what stands after a ``=``."""
    lines = [line for word in words for line in word.split("\n")]
    parts = [line.split("=", at)[-1] for line in lines for at in range(line.count("=") + 1)]
    return frozenset(each for each in parts if each)


def _tell_role(record: Record, step: Step, given: Options, log: Log) -> None:
    then = places(step.options, record.argv, record.variables).get("role_arn")
    if then and not given.role_arn:
        log.info(
            "your own credentials are used; the recorded role is not assumed",
            role=then[1][-1],
            hint=f"to assume it: --option role-arn={then[1][-1]}",
        )
