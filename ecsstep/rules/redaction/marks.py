"""What is secret of the words and variables that a step is given."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ecsstep.rules.redaction import commands, places
from ecsstep.rules.redaction.hidden import Hidden, Pieces

# A line of a difference between two definitions, or a row of it as a table, and the next one.
_CHANGED = re.compile(
    r"(?P<head>.*\benvironment\[(?:[^\]│]*\]\s*:|[^│]*│) ?)(?P<rest>.+)", re.DOTALL
)
_GOES_ON = re.compile(r"(?P<head>\s*│ ?)(?P<rest>.+)", re.DOTALL)
_SETTINGS = frozenset({places.VARIABLE, places.REFERENCE})


def argv(words: Sequence[str], kinds: Mapping[str, str]) -> Iterator[str | Pieces]:
    """Yield the words of a step's command line, with what is secret in them marked.

    A flag that the step doesn't have is a mistake; whatever its name promises may follow it.

    Args:
        words: The words after the step's name.
        kinds: What the values of the step's flags are; nothing for those that are no secret.
    """
    before = ""
    for at, word in enumerate(words):
        if word == "--":
            yield word
            yield from commands.words(words[at + 1 :])
            return
        flag, equals, rest = word.partition("=")
        if before in kinds and not word.startswith("--"):
            yield commands.setting(word, kinds[before]) if kinds[before] else word
        elif flag in kinds:
            is_marked = equals and kinds[flag]
            yield (
                Pieces((flag, equals, *commands.setting(rest, kinds[flag]))) if is_marked else word
            )
        else:
            yield commands.word(word, before)
        before = word


def variable(name: str, value: str, kinds: Mapping[str, str]) -> str | Pieces:
    """Return a variable's value, marked as far as it is secret.

    Args:
        name: The variable.
        value: Its value.
        kinds: What the variables of the step's options are; nothing for those that are no secret.
    """
    kind = kinds.get(name)
    if kind in _SETTINGS:
        lines = [commands.setting(line, kind) for line in value.split("\n")]
        return Pieces([part for line in lines for part in (*line, "\n")][:-1])
    if kind:
        return Hidden(value, kind=kind)
    is_path = name.endswith(("_FILE", "_DIR", "_PATH"))
    if kind is None and not is_path and places.is_secret_variable(name):
        # DOCKER_AUTH_CONFIG is an object, of which only the logins are secret.
        return value if _is_object(value) else Hidden(value, kind=places.PASSWORD)
    return value


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def said(events: Iterable[str]) -> Iterator[str | Pieces]:
    """Yield what a step said, with the values of environments in differences marked."""
    form = _CHANGED
    for event in events:
        found = form.fullmatch(event) or _CHANGED.fullmatch(event)
        form = _GOES_ON if found and "│" in found["head"] else _CHANGED
        if found:
            hidden = Hidden(found["rest"], kind=places.VARIABLE, is_strong=False)
            yield Pieces((found["head"], hidden))
        else:
            yield event
