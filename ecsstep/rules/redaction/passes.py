"""The two ways through a record: the first learns what is secret, the second replaces it."""

from typing import Protocol

from ecsstep.rules.redaction.patterns import begins_a_key, ends_a_key, line_of_a_key
from ecsstep.rules.redaction.redactor import Redactor

_MOST_LINES = 200


class Deed(Protocol):
    """What is done with a text."""

    def look(self, value: str) -> None:
        """Learn what looks like a secret in a text."""

    def learn(self, value: str, kind: str) -> None:
        """Learn a secret."""

    def secret(self, value: str, kind: str, place: str, *, is_strong: bool = True) -> str:
        """Return what stands for a text that is secret as a whole."""

    def text(self, value: str, place: str, *, is_log: bool) -> str:
        """Return a text as it may be seen."""

    def key(self, value: str, place: str) -> str:
        """Return a member's name as it may be seen."""


class Learning:
    """Learns what is secret; every text stays as it is."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._lines_left = 0  # of a private key that a log prints line by line

    def look(self, value: str) -> None:
        """Learn what looks like a secret in a text."""
        self._redactor.suspect(value, is_log=True)

    def learn(self, value: str, kind: str) -> None:
        """Learn a secret."""
        self._redactor.declare(value, kind)

    def secret(self, value: str, kind: str, place: str, *, is_strong: bool = True) -> str:
        """Learn a text that is secret as a whole."""
        del place
        self._redactor.declare(str(value), kind, is_strong=is_strong)
        return value

    def text(self, value: str, place: str, *, is_log: bool) -> str:
        """Learn what looks like a secret in a text."""
        del place
        self._redactor.suspect(value, is_log=is_log)
        if is_log and self._lines_left:
            self._lines_left = 0 if ends_a_key(value) else self._lines_left - 1
            self._redactor.declare(line_of_a_key(value), "PEM block")
        if is_log and begins_a_key(value):
            self._lines_left = _MOST_LINES
        return value

    def key(self, value: str, place: str) -> str:
        """Learn what looks like a secret in a name."""
        del place
        self._redactor.suspect(value)
        return value


class Replacing:
    """Replaces what is secret."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def look(self, value: str) -> None:
        """Nothing is learned any more."""

    def learn(self, value: str, kind: str) -> None:
        """Nothing is learned any more."""

    def secret(self, value: str, kind: str, place: str, *, is_strong: bool = True) -> str:
        """Return the placeholder."""
        del kind, is_strong
        return self._redactor.placeholder(str(value), place)

    def text(self, value: str, place: str, *, is_log: bool) -> str:
        """Return the text with placeholders in it."""
        return self._redactor.text(value, place, is_log=is_log)

    def key(self, value: str, place: str) -> str:
        """Return the name, which decides too much for what may be no secret at all."""
        return self._redactor.name(value, place)
