"""The options of a step, from its command line and its environment."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ecsstep.core.command_line import taken_apart
from ecsstep.core.options import Given, Option, Options
from ecsstep.core.values import switch
from ecsstep.errors import Exit, StepError
from ecsstep.secret import Secret

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def parse(
    options: type[Options],
    argv: Sequence[str],
    environ: Mapping[str, str],
    *,
    prog: str,
) -> Options:
    """Return the options that a command line and an environment give.

    Raises:
        StepError: One or more mistakes, all of them told at once (exit 2).
    """
    declared = options.declared()
    flags, faults = taken_apart(declared, argv)
    values: dict[str, Any] = {}
    wrong: set[str] = set()
    for name, option in declared.items():
        found = _found(name, option, flags, environ)
        if found is None:
            if option.required:
                wrong.add(name)
                faults.append(_missing(option))
            continue
        place, texts = found
        is_late = option.is_late and place in option.aliases
        value, mistakes = _value(option.replaced(parse=str) if is_late else option, texts)
        if mistakes:
            wrong.add(name)
            faults.extend(f"{place}: {mistake}" for mistake in mistakes)
        else:
            values[name] = value
    given = Given(
        values=values, by_flag=frozenset(flags) & frozenset(declared), wrong=frozenset(wrong)
    )
    faults.extend(options.faults(given))
    if faults:
        raise StepError(
            faults[0] if len(faults) == 1 else f"{len(faults)} mistakes in the arguments",
            exit=Exit.USAGE,
            why=tuple(faults) if len(faults) > 1 else (),
            hint=f"{prog} --help shows every option",
        )
    return options(**values, by_flag=given.by_flag)


def places(
    options: type[Options], argv: Sequence[str], environ: Mapping[str, str]
) -> dict[str, tuple[str, list[Any]]]:
    """Return where each given option stands and its texts, by field name, right or wrong."""
    declared = options.declared()
    flags, _ = taken_apart(declared, argv)
    given = {name: _found(name, option, flags, environ) for name, option in declared.items()}
    return {name: each for name, each in given.items() if each is not None}


def _found(
    name: str, option: Option, flags: Mapping[str, list[Any]], environ: Mapping[str, str]
) -> tuple[str, list[Any]] | None:
    """Return where the option's value stands and its text, or None where nothing is given."""
    if name in flags:
        return option.name, flags[name]
    for variable in option.variables:
        text = environ.get(variable, "")
        if not option.repeatable:
            if text:
                return variable, [text]
            continue
        lines = [line.removesuffix("\r") for line in text.split("\n")]
        if any(lines):
            return variable, [line for line in lines if line]
    return None


def _value(option: Option, texts: Sequence[Any]) -> tuple[Any, list[str]]:
    """Return the value, and every mistake in the texts that it is made from."""
    is_lacking = not texts if option.is_rest else any(text in {"", None} for text in texts)
    if is_lacking:
        return None, ["needs a value"]
    if len(set(texts)) > 1 and not option.repeatable and not option.is_switch:
        return None, [f"is given {len(texts)} times with different values"]
    found, mistakes = [], []
    for at, text in enumerate(texts, 1):
        try:
            found.append(_parsed(option, text))
        except ValueError as error:
            # A message that doesn't show the text, which may be secret, says which one it is.
            is_unclear = len(texts) > 1 and str(text) not in str(error)
            which = f"value {at} of {len(texts)} " if is_unclear else ""
            mistakes.append(f"{which}{error}")
    if mistakes or option.repeatable:
        return tuple(found), mistakes
    return found[-1], []


def _parsed(option: Option, text: Any) -> Any:
    if option.is_switch:
        return text if isinstance(text, bool) else switch(text)
    if option.secret:
        return Secret(text)
    if not (option.has_lines or option.sets or option.is_rest):
        _check_line(text)
    return option.parse(text)


def _check_line(text: str) -> None:
    """Refuse what would be told to AWS, and seen nowhere.

    Raises:
        ValueError: There is a control character in what is one line.
    """
    if _CONTROL.search(text.rstrip("\r\n")):
        raise ValueError(f"{text!r} holds a control character")
    if text != text.rstrip("\r\n"):
        raise ValueError(f"{text!r} ends in a line break; set it anew without")


def _missing(option: Option) -> str:
    ways = [option.flag] if option.flag else []
    return f"{option.name} is missing: give {' or '.join([*ways, *option.variables])}"
