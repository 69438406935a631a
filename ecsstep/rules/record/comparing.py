"""What a replay did differently from the run that was recorded."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from ecsstep.rules.record.matching import described
from ecsstep.rules.record.value import End, Entry

_SHOWN = 10
_PLACEHOLDER = re.compile(r"redacted-\d+")


def decisions(recorded: End, replayed: End) -> tuple[str, ...]:
    """Return where the end is another: its exit code, its message."""
    codes = (
        [f"exit code: recorded {recorded.exit}, now {replayed.exit}"]
        if recorded.exit != replayed.exit
        else []
    )
    return (*codes, *_differing("message", [recorded.message], [replayed.message]))


def words(recorded: End, replayed: End) -> tuple[str, ...]:
    """Return where the end is explained in other words."""
    return (
        *_differing("hint", [recorded.hint], [replayed.hint]),
        *_differing("line", recorded.why, replayed.why),
    )


def _differing(name: str, then: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    pairs = [(one, other) for one, other in zip_longest(then, now) if not _is_same(one, other)]
    for one, other in pairs[:_SHOWN]:
        yield f"{name}: recorded: {one or 'none'}"
        yield f"{name}: now: {other or 'none'}"


def _is_same(then: str | None, now: str | None) -> bool:
    """Whether two texts say the same, where a placeholder may stand for any word."""
    if then is None or now is None:
        return then == now
    return then == now or _matches(then, now) or _matches(now, then)


def _matches(form: str, text: str) -> bool:
    words = [re.escape(word) for word in _PLACEHOLDER.split(form)]
    return len(words) > 1 and re.fullmatch(".+?".join(words), text, re.DOTALL) is not None


def calls_left(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return which recorded calls were not made again, each once with its number."""
    counted = Counter(described(entry.kind, entry.question) for entry in entries)
    lines = [
        f"not asked: {said}" + (f", {count} times" if count > 1 else "")
        for said, count in counted.items()
    ]
    more = [f"and {len(lines) - _SHOWN} calls more"] if len(lines) > _SHOWN else []
    return (*lines[:_SHOWN], *more)


def versions(recorded: Mapping[str, Any], installed: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is of another version here: ``ecsstep 0.1.0 then, 0.2.0 now``."""
    for name in recorded:
        now = installed.get(name)
        if now is not None and now != recorded[name]:
            yield f"{name} {recorded[name]} then, {now} now"
