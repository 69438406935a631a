"""A run as it went: calls and events in their order, and what changed nothing in one line."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ecsstep.rules.record.fact import Fact
from ecsstep.rules.record.gist import briefly, called, facts
from ecsstep.rules.record.loose import joined
from ecsstep.rules.record.value import Entry, Said
from ecsstep.text import in_a_line
from ecsstep.value import Value

_WORDS = 400
_FIRST_EVENTS = 1
_LATER_EVENTS = 5
_OF_THE_END = frozenset({"exit", "why", "hint"})


class Moment(Value):
    """Something that happened.

    Attributes:
        at: When, in seconds since the beginning.
        says: What, in one line.
        facts: What was told by it.
        is_own: Whether the step itself said so.
        is_strong: Whether somebody who looks for a failure wants to see it first.
    """

    at: float
    says: str
    facts: tuple[Fact, ...] = ()
    is_own: bool = False
    is_strong: bool = False


def moments(entries: Iterable[Entry], events: Sequence[Said]) -> Iterator[Moment]:
    """Yield what happened; calls whose answers told nothing new are counted.

    The event that ends a run is left out: its message has a place of its own.
    """
    # What was heard first is told first; a step speaks after it has heard.
    told: list[tuple[float, Entry | Said]] = [(entry.at, entry) for entry in entries]
    told += [(said.at, said) for said in events if "exit" not in said.data]
    fold, known = _Fold(), _Known()
    for at, each in sorted(told, key=lambda pair: (pair[0], isinstance(pair[1], Said))):
        moment = _said(each) if isinstance(each, Said) else known.moment(each)
        if moment is not None:
            yield from fold.opened()
            yield moment
        elif isinstance(each, Entry) and facts(each) is not None:
            fold.add(at, briefly(each))
    yield from fold.opened()


class _Known:
    """What earlier answers have told already."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], str] = {}
        self._asked: set[str] = set()

    def moment(self, entry: Entry) -> Moment | None:
        """Return what is new in an answer; None where nothing is."""
        found = facts(entry)
        if found is None:
            return None
        topic = f"{entry.kind} {entry.question.get('service')} {entry.question.get('operation')}"
        if entry.kind != "aws":
            topic = called(entry)
        fresh = [fact for fact in found if self._is_new(topic, fact)]
        is_first = topic not in self._asked
        self._asked.add(topic)
        if not fresh and not is_first:
            return None
        happened = [fact for fact in fresh if fact.is_event]
        kept = happened[: _FIRST_EVENTS if is_first else _LATER_EVENTS]
        shown = [fact for fact in fresh if not fact.is_event] + kept[::-1]
        return Moment(
            at=entry.at,
            says=called(entry),
            facts=tuple(shown),
            is_strong=any(fact.is_strong for fact in shown),
        )

    def _is_new(self, topic: str, fact: Fact) -> bool:
        key = (topic, f"{fact.subject} {fact.says}" if fact.is_event else fact.subject)
        is_new = self._said.get(key) != fact.says
        self._said[key] = fact.says
        return is_new


class _Fold:
    """Calls that told nothing new."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._at = 0.0

    def add(self, at: float, call: str) -> None:
        """Count one."""
        self._at = at
        self._counts[call] += 1

    def opened(self) -> Iterator[Moment]:
        """Yield the line that stands for them, and begin anew."""
        if self._counts:
            total = sum(self._counts.values())
            several = f"×{total} until here, " if total > 1 else ""  # noqa: RUF001 - times
            names = (
                call + (f" ×{count}" if 1 < count < total else "")  # noqa: RUF001 - times
                for call, count in self._counts.items()
            )
            says = f"{several}nothing new: {joined(*names)}"
            yield Moment(at=self._at, says=in_a_line(says, _WORDS))
        self._counts.clear()


def _said(said: Said) -> Moment:
    data = [f"{name}={_shown(value)}" for name, value in said.data.items()
            if name not in _OF_THE_END]  # fmt: skip
    hint = str(said.data.get("hint", ""))
    level = "" if said.level == "info" else f"{said.level}: "
    return Moment(
        at=said.at,
        says=in_a_line(joined(f"{level}{said.event}", *data, by="  "), _WORDS),
        facts=(Fact(subject="hint", says=in_a_line(hint, _WORDS)),) if hint else (),
        is_own=True,
        is_strong=said.level != "info",
    )


def _shown(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ",".join(map(_shown, value))
    return str(value)
