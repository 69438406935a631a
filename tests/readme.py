"""The tables of the documents that are made from declarations: of options, and of IAM actions."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from ecsstep.cli import STEPS, step
from ecsstep.core.help import notes, spelling
from ecsstep.core.options import Option, Options
from ecsstep.policies.command import STEP as IAM_POLICY
from ecsstep.rules.iam.actions import Action, Need
from ecsstep.rules.iam.declared import ACTIONS

ROOT = Path(__file__).parent.parent
TABLED = ("README.md", "docs/iam.md")
"""The documents that have such tables."""

_OUTCOME = re.compile(
    r"\| `(?P<word>[a-z-]+)` \| (?P<code>\d+) \| (?P<what>.*?) \| `(?P<said>.*?)` "
    r"\| `(?P<scenario>[a-z-]+)` \|"
)
_PLACE = re.compile(r"(<!-- (options|actions): (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def with_tables(text: str) -> str:
    """Return a document's text with its tables as the code declares them."""
    makers = {"options": table, "actions": actions_table}
    return _PLACE.sub(lambda found: f"{found[1]}{makers[found[2]](found[3])}{found[4]}", text)


def outcomes(name: str) -> list[re.Match[str]]:
    """Return the rows of the README's table that tells how a step may end."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition(f"\n### {name}\n")[2].partition("\n### ")[0]
    return list(_OUTCOME.finditer(section))


def table(name: str) -> str:
    """Return the table of a step's own options, or of those that every step has."""
    lines = ["", "| option | what it is | |", "|---|---|---|", *_rows(_declared(name)), "", ""]
    return "\n".join(lines)


def _declared(name: str) -> Mapping[str, Option]:
    beside = {"iam-policy": IAM_POLICY}
    options = (beside.get(name) or step(STEPS[0] if name == "shared" else name)).options
    return {
        field: option
        for field, option in options.declared().items()
        if (field in Options.shared) == (name == "shared")
    }


def _rows(options: Mapping[str, Option]) -> Iterator[str]:
    for option in options.values():
        cells = (f"`{spelling(option)}`", option.help, notes(option))
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def actions_table(name: str) -> str:
    """Return the table of the IAM actions that a step needs."""
    rows = [f"| {' | '.join(_cells(action))} |" for action in ACTIONS[name]]
    head = ["", "| action | statement | when | what for |", "|---|---|---|---|"]
    return "\n".join([*head, *rows, "", ""])


def _cells(action: Action) -> tuple[str, ...]:
    need = {Need.OPTIONAL: "optional", Need.IMPLIED: "within a call", Need.REQUIRED: ""}
    when = [
        need[action.need],
        _words("with", action.only_with),
        _words("and", action.and_with),
        _words("not with", action.not_with),
    ]
    return (
        f"`{action.name}`",
        ", ".join(f"`{place.value}`" for place in action.on),
        ", ".join(filter(None, when)),
        action.why,
    )


def _words(how: str, options: tuple[str, ...]) -> str:
    named = [f"`{each.replace('=', ' ')}`" for each in options]
    return f"{how} {' or '.join(named)}" if named else ""
