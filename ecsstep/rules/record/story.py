"""The story of a run, as a person reads it: asked, heard, decided, and why."""

import datetime as dt
import shlex
from collections.abc import Iterator, Sequence

from ecsstep.errors import Exit
from ecsstep.rules.record.deciding import rule_of
from ecsstep.rules.record.folding import Moment, moments
from ecsstep.rules.record.value import Record
from ecsstep.text import printable
from ecsstep.value import Value

_CAUSE = "likely cause: "
_FACTS = 12
_DEEP = 12


class Line(Value):
    """A line of the story.

    Attributes:
        text: What it says, harmless on a terminal.
        indent: How far it stands in.
        hang: How much further its continuation stands in, where it is too long.
        is_strong: Whether the eye should find it first.
    """

    text: str
    indent: int = 0
    hang: int = 2
    is_strong: bool = False


class Asked(Value):
    """One option, as it was given.

    Attributes:
        name: The option.
        value: What was given; ``***`` for a secret.
        by: Where it was given: its flag, or the variable.
    """

    name: str
    value: str
    by: str


def story(record: Record, asked: Sequence[Asked]) -> Iterator[Line]:
    """Yield the story's lines."""
    yield from _head(record)
    yield from _options(asked)
    yield from _title("what happened (times in UTC)")
    shown = list(moments(record.entries, record.events))
    for moment in shown:
        yield from _moment(moment, record.began)
    if not shown:
        yield Line(text="nothing was asked of the outside", indent=2)
    yield from _decision(record)


def _head(record: Record) -> Iterator[Line]:
    end = record.end.exit
    yield Line(text=f"{record.step} ended with {_code(end)}", is_strong=True)
    began = f"{record.began:%Y-%m-%d %H:%M:%SZ}"
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    about = f"began {began}, took {_duration(record.seconds)}; {versions}; {record.platform}"
    yield Line(text=printable(about), indent=2)
    yield Line(text=printable(shlex.join([record.step, *record.argv])), indent=2, hang=4)


def _options(asked: Sequence[Asked]) -> Iterator[Line]:
    yield from _title("what was asked")
    wide = max((len(each.name) for each in asked), default=0)
    for each in asked:
        by = "" if each.by == each.name else f"  (by {each.by})"
        text = f"{each.name:<{wide}}  {printable(each.value)}{by}"
        yield Line(text=text, indent=2, hang=wide + 2)
    if not asked:
        yield Line(text="nothing", indent=2)


def _moment(moment: Moment, began: dt.datetime) -> Iterator[Line]:
    mark = "> " if moment.is_own else ""
    yield Line(
        text=f"{_time(began, moment.at)}  {mark}{printable(moment.says)}",
        indent=2,
        hang=_DEEP,
        is_strong=moment.is_own and moment.is_strong,
    )
    for fact in moment.facts[:_FACTS]:
        yield Line(text=f"- {printable(fact)}", indent=_DEEP, is_strong=fact.is_strong)
    if len(moment.facts) > _FACTS:
        yield Line(text=f"and {len(moment.facts) - _FACTS} more", indent=_DEEP)


def _decision(record: Record) -> Iterator[Line]:
    end, rule = record.end, rule_of(record.step, record.end)
    yield from _title("what was decided")
    verdict = f"{rule.verdict}, " if rule else ""
    yield Line(text=f"{verdict}exit {_code(end.exit)}", indent=2, is_strong=True)
    if rule:
        yield Line(text=f"rule: {rule.says}", indent=2)
        yield Line(text=f'see {rule.page}, "{rule.section}"', indent=2)
    if end.message:
        yield from _title("why")
        yield Line(text=printable(end.message), indent=2, is_strong=True)
    for line in end.why:
        plain = printable(line)
        own = len(plain) - len(plain.lstrip())
        strong = plain.startswith(_CAUSE)
        yield Line(text=plain.lstrip(), indent=4 + own, is_strong=strong)
    if end.hint:
        yield from _title("what to do next")
        yield Line(text=printable(end.hint), indent=2, is_strong=True)


def _title(text: str) -> Iterator[Line]:
    yield Line(text="")
    yield Line(text=text)


def _code(code: int) -> str:
    try:
        return f"{code} ({Exit(code).name.lower()})"
    except ValueError:
        return str(code)


def _time(began: dt.datetime, seconds: float) -> str:
    try:
        return f"{began + dt.timedelta(seconds=seconds):%H:%M:%SZ}"
    except OverflowError:
        return f"+{seconds:.0f}s"


def _duration(seconds: float) -> str:
    if seconds < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f} s"
    whole = dt.timedelta(seconds=round(seconds))
    return str(whole)
