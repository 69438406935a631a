"""Parts of an answer that may have any form: what isn't as expected is nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from ecsstep.text import in_a_line

_WORDS = 300


def members(found: Any, *names: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a list that stands below these names, one in the other."""
    below = part(found, *names)
    if isinstance(below, list):
        yield from (each for each in below if isinstance(each, Mapping))


def part(found: Any, *names: str) -> Any:
    """Return what stands below these names, one in the other; None where nothing does."""
    for name in names:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def size(found: Any, *names: str) -> int:
    """Return how many members a list or an object has."""
    below = part(found, *names)
    return len(below) if isinstance(below, (list, Mapping)) else 0


def word(found: Any, *names: str) -> str:
    """Return a text, a number or a truth value as one harmless line; nothing for anything else."""
    below = part(found, *names)
    if isinstance(below, bool):
        return "yes" if below else "no"
    return in_a_line(str(below), _WORDS) if isinstance(below, (str, int, float)) else ""


def tail(text: str) -> str:
    """Return what comes after the last slash: the short name in an ARN."""
    return text.rpartition("/")[2]


def joined(*words: str, by: str = ", ") -> str:
    """Return the words that aren't empty in one line."""
    return by.join(each for each in words if each)
