"""The help text of a step, from its docstring and the declarations of its options."""

import textwrap
from collections.abc import Iterator, Mapping

from ecsstep.core.options import Option, Options
from ecsstep.core.values import Choice

_WIDTH = 96
_INDENT = 26
_TOGETHER = "\N{NO-BREAK SPACE}"


def help_text(prog: str, about: str, options: type[Options]) -> str:
    """Return what ``--help`` prints, without a final line end."""
    declared = options.declared()
    own = {name: option for name, option in declared.items() if name not in options.shared}
    shared = {name: option for name, option in declared.items() if name in options.shared}
    parts = [
        usage(prog, own),
        about.strip(),
        "options:\n" + "\n".join(described(own)),
        "options of every step:\n"
        + "\n".join(described(shared))
        + "\n  --version               print the version"
        + "\n  --help, -h              print this text",
        "A flag beats its variable; the variables are tried in the order shown.",
    ]
    return "\n\n".join(part for part in parts if part)


def usage(prog: str, own: Mapping[str, Option]) -> str:
    """Return the usage line."""
    words = [_bracketed(option) for option in own.values() if option.flag and not option.is_rest]
    rest = [_bracketed(option) for option in own.values() if option.is_rest]
    text = textwrap.fill(
        " ".join(["usage:", prog, *words, "[option]...", *rest]),
        width=_WIDTH,
        subsequent_indent=" " * 8,
        break_on_hyphens=False,
    )
    return text.replace(_TOGETHER, " ")


def summary(about: str) -> str:
    """Return the one line that says what a step does."""
    return about.strip().splitlines()[0]


def spelling(option: Option) -> str:
    """Return how an option is written: ``--cluster NAME``, ``IMAGE``, or its variable."""
    if not option.flag:
        return option.variables[0]
    if option.is_rest:
        return f"-- {option.flag}..."
    if option.is_positional:
        return option.flag
    if option.is_switch:
        return option.flag
    return f"{option.flag} {option.metavar or 'VALUE'}"


def notes(option: Option) -> str:
    """Return default, repetition and variables, in words."""
    said = []
    if option.required:
        said.append("required")
    if option.repeatable:
        said.append("repeatable")
    if isinstance(option.parse, Choice):
        said.append(f"one of {', '.join(option.parse.words)}")
    if option.default is not None and option.default is not False and option.default != ():
        said.append(f"default: {_default(option)}")
    if option.variables:
        said.append(f"variables: {', '.join(option.variables)}")
    return "; ".join(said)


def _default(option: Option) -> str:
    if option.repeatable and not isinstance(option.default, str):
        return ", ".join(str(value) for value in option.default)
    return str(option.default)


def _bracketed(option: Option) -> str:
    word = spelling(option).replace(" ", _TOGETHER)
    return word if option.required else f"[{word}]"


def described(options: Mapping[str, Option]) -> Iterator[str]:
    """Yield the help text's lines about options."""
    for option in options.values():
        name = spelling(option)
        said = notes(option)
        text = f"{option.help} [{said}]" if said else option.help
        lines = textwrap.wrap(text, width=_WIDTH - _INDENT, break_on_hyphens=False)
        first = f"  {name}"
        if len(first) < _INDENT - 1:
            yield first.ljust(_INDENT) + lines.pop(0)
        else:
            yield first
        for line in lines:
            yield " " * _INDENT + line
