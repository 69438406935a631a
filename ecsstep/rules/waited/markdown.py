"""Markdown: a table of the services, and why for each that ended badly."""

import re
from collections.abc import Iterator, Sequence

from ecsstep.rules.outcome import sick
from ecsstep.rules.times import clock_time
from ecsstep.rules.waited.told import Told
from ecsstep.text import printable

# What Markdown or the HTML within it would act on.
_ACTIVE = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@$])")


def render(services: Sequence[Told], cluster: str) -> str:
    """Return the file's text."""
    lines = [f"# Deployment to {_plain(cluster)}", ""]
    lines += ["| service | outcome | tasks | reason |", "|---|---|---|---|"]
    lines += [_row(each) for each in services]
    for each in services:
        lines += _why(each)
    return "\n".join(lines) + "\n"


def _row(told: Told) -> str:
    tasks = f"{told.counts['running']} of {told.counts['desired']}"
    mark = "✅" if told.is_well else "❌"
    cells = (
        _plain(told.service),
        f"{mark} {told.outcome.word}",
        tasks,
        _plain(told.outcome.reason),
    )
    return f"| {' | '.join(cells)} |"


def _why(told: Told) -> Iterator[str]:
    if not told.is_well:
        yield from ("", f"## {_plain(told.service)}: {told.outcome.word}", "")
        yield from (_plain(told.message), "")
        if told.cause:
            yield f"**Likely cause: {_plain(told.cause.says)}.** {_plain(told.cause.hint)}."
            yield ""
        yield from (f"- {_plain(str(group))}" for group in told.groups)
        yield from (f"- {_plain(sick(target))}" for target in told.targets)
        yield from _events(told)
        if told.log and told.log[1]:
            name, said = told.log
            yield from ("", f"Last log lines of container {_plain(name)}:", "")
            yield from (f"    {printable(line)}" for line in said)
        if told.hint:
            yield from ("", f"Next: {_plain(told.hint)}")
    for image in told.runs:
        yield from ("", f"- {_plain(image)}")


def _events(told: Told) -> Iterator[str]:
    if told.events:
        yield from ("", "Service events since the start:", "")
    for event in told.events:
        yield f"- {clock_time(event.at)} {_plain(event.text)}"


def _plain(text: str) -> str:
    return _ACTIVE.sub(r"\\\1", printable(text))
