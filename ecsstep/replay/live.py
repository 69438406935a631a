"""A recorded run once more, for real: the same options, one's own credentials."""

import io
import os
import sys
from collections.abc import Mapping, Sequence
from typing import IO

from ecsstep.core.arguments import parse, places
from ecsstep.core.log import Log
from ecsstep.core.options import RECORD, Option, Options
from ecsstep.core.step import Step
from ecsstep.core.surroundings import collecting_seldom, signals_raise
from ecsstep.core.values import NEVER
from ecsstep.errors import Exit, StepError
from ecsstep.replay.changes import Call, changed
from ecsstep.replay.consent import Consent, Identify, check_account
from ecsstep.replay.disk import Disk
from ecsstep.replay.options import ReplayOptions
from ecsstep.replay.reality import Reality
from ecsstep.replay.whole import check_files, check_whole, names
from ecsstep.rules.record import origin
from ecsstep.rules.record.deeds import deed, needs_aws
from ecsstep.rules.record.value import Record

# How a step that has no --dry-run is kept from changing anything.
_KEEPING = (("start", "never"), ("on_timeout", "keep"), ("on_cancel", "keep"))
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
    from ecsstep.aws.endpoints import is_emulated

    own = os.environ if environ is None else environ
    stdin = stdin or sys.stdin or io.StringIO()
    declared = step.options.declared()
    call = _call(record, wish, declared)
    check_files(record, call, disk)
    named = names([*call.argv, *call.variables.values()])
    secrets = {field: option for field, option in declared.items()
               if option.secret and field not in _OF_THE_MACHINE}  # fmt: skip
    check_whole(record, call, disk, named, secrets.values(), own)
    variables = _environment(call, declared, own)
    given = parse(step.options, call.argv, variables, prog=step.name)
    _tell_role(record, step, given, log)
    meant = wish.account or origin.account(record)
    consent = Consent(
        deed=deed(step.name, given),
        is_given=wish.yes,
        words=(step.name, *call.argv),
        look=_look(declared),
    )
    consent.check(stdin)
    is_of_aws = needs_aws(step.name, given, is_emulated=is_emulated(variables))
    reality = Reality(record, disk, named=named, own=names(wish.options),
                      machine=_machine(given, own))  # fmt: skip
    with signals_raise(), collecting_seldom():
        caller = identify(given, variables, log, meant=meant) if is_of_aws else None
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
    call = changed(call, away, declared, prog=record.step)
    dry = ["dry-run"] if wish.dry_run else []
    if dry and "dry_run" not in declared:
        raise StepError(
            f"{record.step} has no --dry-run",
            exit=Exit.USAGE,
            hint=f"this changes nothing: ecsstep replay FILE {_look(declared)}",
        )
    call = changed(call, [*wish.options, *dry], declared, prog=record.step)
    names = {name for option in declared.values() if not option.secret
             for name in option.variables}  # fmt: skip
    kept = {name: value for name, value in call.variables.items() if name in names}
    region = declared["region"]
    if not _is_given(region, call.argv, kept) and origin.region(record):
        kept[region.variables[0]] = origin.region(record)
    return Call(argv=call.argv, variables=kept)


def _look(declared: Mapping[str, Option]) -> str:
    """Return the flags with which a step changes nothing."""
    if "dry_run" in declared:
        return "--live --dry-run"
    keeping = [
        f"--option {declared[name].flag[2:]}={value}"
        for name, value in _KEEPING
        if name in declared
    ]
    return " ".join(["--live", *keeping])


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


def _tell_role(record: Record, step: Step, given: Options, log: Log) -> None:
    then = places(step.options, record.argv, record.variables).get("role_arn")
    if then and not given.role_arn:
        log.info(
            "your own credentials are used; the recorded role is not assumed",
            role=then[1][-1],
            hint=f"to assume it: --option role-arn={then[1][-1]}",
        )
