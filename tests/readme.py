"""The option tables of the README, from the declarations of the options."""

import re
from collections.abc import Iterator, Mapping

from ecsstep.cli import STEPS, step
from ecsstep.core.help import notes, spelling
from ecsstep.core.options import Option, Options

_PLACE = re.compile(r"(<!-- options: (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def with_tables(readme: str) -> str:
    """Return the README's text with its tables as the code declares them."""
    return _PLACE.sub(lambda found: f"{found[1]}{table(found[2])}{found[3]}", readme)


def table(name: str) -> str:
    """Return the table of a step's own options, or of those that every step has."""
    lines = ["", "| option | what it is | |", "|---|---|---|", *_rows(_declared(name)), "", ""]
    return "\n".join(lines)


def _declared(name: str) -> Mapping[str, Option]:
    options = step(STEPS[0] if name == "shared" else name).options
    return {
        field: option
        for field, option in options.declared().items()
        if (field in Options.shared) == (name == "shared")
    }


def _rows(options: Mapping[str, Option]) -> Iterator[str]:
    for option in options.values():
        cells = (f"`{spelling(option)}`", option.help, notes(option))
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
