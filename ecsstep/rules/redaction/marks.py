"""What is secret of the words and variables that a step is given."""

from collections.abc import Collection, Iterator, Sequence

from ecsstep.rules.redaction import places
from ecsstep.rules.redaction.redactor import Hidden
from ecsstep.rules.redaction.walk import Pieces

_SETTINGS = {"--env": places.VARIABLE, "--secret": places.REFERENCE}
_LINES = {"ECSSTEP_ENV": places.VARIABLE, "ECSSTEP_SECRET": places.REFERENCE}


def argv(words: Sequence[str]) -> Iterator[str | Pieces]:
    """Yield the words of a command line, with the values of settings marked."""
    kind = ""
    for at, word in enumerate(words):
        flag, equals, rest = word.partition("=")
        if word == "--":
            yield from words[at:]
            return
        if flag in _SETTINGS and equals:
            yield Pieces((flag, equals, *_setting(rest, _SETTINGS[flag])))
        elif kind and not word.startswith("--"):
            yield _setting(word, kind)
        else:
            yield word
        kind = _SETTINGS.get(word, "")


def variable(
    name: str, value: str, *, secret: Collection[str], declared: Collection[str]
) -> str | Pieces:
    """Return a variable's value, marked as far as it is secret.

    Args:
        name: The variable.
        value: Its value.
        secret: The variables of options that are secret.
        declared: The variables of all options: those that aren't secret are none.
    """
    if name in _LINES:
        lines = [_setting(line, _LINES[name]) for line in value.split("\n")]
        return Pieces([part for line in lines for part in (*line, "\n")][:-1])
    if name in secret:
        return Hidden(value, kind=places.PASSWORD)
    is_path = name.endswith(("_FILE", "_DIR", "_PATH"))
    if name not in declared and not is_path and places.is_secret_variable(name):
        # DOCKER_AUTH_CONFIG is an object, of which only the logins are secret.
        return value if value.lstrip()[:1] == "{" else Hidden(value, kind=places.PASSWORD)
    return value


def _setting(text: str, kind: str) -> Pieces:
    head, equals, value = text.partition("=")
    name = head.rpartition(":")[2]
    strong = kind != places.VARIABLE or places.is_secret_variable(name)
    return Pieces((head, equals, Hidden(value, kind=kind, is_strong=strong)))
