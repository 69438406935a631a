"""One thing changed: options of a recorded run that are given anew."""

from collections.abc import Iterator, Mapping, Sequence

from ecsstep.core.options import Option
from ecsstep.errors import Exit, StepError
from ecsstep.text import meant, printable
from ecsstep.value import Value


class Call(Value):
    """How a step is called: its words and its variables."""

    argv: tuple[str, ...]
    variables: Mapping[str, str]


def changed(
    call: Call, wishes: Sequence[str], declared: Mapping[str, Option], *, prog: str
) -> Call:
    """Return a call with options given anew.

    Args:
        call: The recorded one.
        wishes: ``NAME=VALUE``, by a flag with or without its dashes, or by a variable; a switch's
            name alone turns it on; ``NAME=`` takes the option away.
        declared: The step's options.
        prog: The step's name.

    Raises:
        StepError: There is no such option, or it can't be given so (exit 2).
    """
    given: dict[str, list[str | None]] = {}
    for wish in wishes:
        name, equals, value = wish.partition("=")
        given.setdefault(_field(name, declared, prog), []).append(value if equals else None)
    for field, values in given.items():
        call = _with(call, field, values, declared)
    return call


def _field(name: str, declared: Mapping[str, Option], prog: str) -> str:
    """Return the field of the option that a name means."""
    known = {option.flag.lstrip("-").lower(): field for field, option in declared.items()}
    known |= {each: field for field, option in declared.items() for each in option.variables}
    known.pop("", None)
    wanted = name if name in known else name.lstrip("-").lower()
    if wanted not in known:
        raise StepError(
            f"--option: {prog} has no option '{printable(name)}'{meant(wanted, known)}",
            exit=Exit.USAGE,
            hint=f"{prog} --help shows every option",
        )
    field = known[wanted]
    if declared[field].secret:
        raise StepError(
            f"'{printable(name)}' is a secret, of which a record has nothing",
            exit=Exit.USAGE,
            hint="leave it out: a replay needs no secret",
        )
    return field


def _with(
    call: Call, field: str, values: Sequence[str | None], declared: Mapping[str, Option]
) -> Call:
    option = declared[field]
    before, _, after = _split(call.argv)
    argv = [*_without(before, field, declared)]
    variables = {
        name: value for name, value in call.variables.items() if name not in option.variables
    }
    if list(values) == [""]:
        return Call(argv=(*argv, *after), variables=variables)
    if option.is_switch:
        argv += [_switch(option, value) for value in values]
    elif None in values:
        name = option.name.lstrip("-")
        raise StepError(
            f"--option {name} needs a value", exit=Exit.USAGE, hint=f"write --option {name}=VALUE"
        )
    elif option.flag.startswith("--"):
        argv += [f"{option.flag}={value}" for value in values]
    elif option.flag:
        argv += [str(value) for value in values]
    else:
        variables[option.variables[0]] = "\n".join(map(str, values))
    return Call(argv=(*argv, *after), variables=variables)


def _switch(option: Option, value: str | None) -> str:
    if value in {None, "true", "1", "yes", "on"}:
        return option.flag
    if value in {"false", "0", "no", "off"}:
        return f"--no-{option.flag[2:]}"
    name = option.flag[2:]
    raise StepError(
        f"--option {name} is true or false", exit=Exit.USAGE, hint=f"write --option {name}=false"
    )


def _split(argv: Sequence[str]) -> tuple[Sequence[str], int, Sequence[str]]:
    at = list(argv).index("--") if "--" in argv else len(argv)
    return argv[:at], at, argv[at:]


def _without(words: Sequence[str], field: str, declared: Mapping[str, Option]) -> Iterator[str]:
    """Yield the words without those of one option."""
    flags = {option.flag: name for name, option in declared.items() if option.flag.startswith("-")}
    flags |= {f"--no-{flag[2:]}": name for flag, name in flags.items() if declared[name].is_switch}
    own = ""  # the option that waits for its value
    for word in words:
        is_flag = word.startswith("-") and word != "-" and " " not in word.partition("=")[0]
        if is_flag:
            name, equals, _ = word.partition("=")
            found = flags.get(name, "")
            own = "" if equals or not found or declared[found].is_switch else found
        else:
            positional = next((n for n, each in declared.items() if each.is_positional), "")
            found, own = own or positional, ""
        if found != field:
            yield word
