"""Secrets found and replaced: one value, one placeholder."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ecsstep.rules.redaction.patterns import Found, scan
from ecsstep.rules.redaction.spelling import any_of, spellings, spreads
from ecsstep.value import Value

if TYPE_CHECKING:
    import re

_MOST_PLACES = 3
KNOWN = "secret of this process"
"""The kind of what is known before it is found anywhere."""


class Redaction(Value):
    """One secret that was taken out.

    Attributes:
        placeholder: What stands in its place.
        kind: What it was.
        places: Where it stood, a few of them.
        count: How often it stood there.
    """

    placeholder: str
    kind: str
    places: tuple[str, ...]
    count: int


class Redactor:
    """Knows the secrets of one record. They are declared first and replaced then."""

    def __init__(self, public: Iterable[str] = ()) -> None:
        self._public = frozenset(public)
        self._kinds: dict[str, str] = {}
        self._spread: dict[str, str] = {}
        self._strong: dict[str, str] = {}
        self._patterns: dict[bool, re.Pattern[str]] = {}
        self._placeholders: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._places: dict[str, list[str]] = {}
        self._scanned: dict[tuple[str, bool], tuple[Found, ...]] = {}

    def declare(self, value: str, kind: str, *, is_strong: bool = True) -> None:
        """Learn a secret; it is replaced everywhere if it can be told from other words."""
        if not value:
            return
        if self._kinds.get(value) in {None, KNOWN}:
            self._kinds[value] = kind
        is_public = value in self._public and kind != KNOWN
        if spreads(value, is_strong=is_strong) and not is_public:
            for spelling in spellings(value):
                self._spread.setdefault(spelling, value)
                if is_strong:
                    self._strong.setdefault(spelling, value)
            self._patterns.clear()

    def suspect(self, text: str, *, is_log: bool = False) -> None:
        """Learn what looks like a secret in a text."""
        for found in self._scan(text, is_log=is_log):
            self.declare(text[found.start : found.end], found.kind)

    def placeholder(self, value: str, place: str) -> str:
        """Return what stands for a declared secret in its own place."""
        return self._noted(value, place) if value in self._kinds else value

    def text(self, text: str, place: str, *, is_log: bool = False) -> str:
        """Return a text without any secret."""
        return self._beside(self._spoken_in(text, place, self._spread), place, is_log=is_log)

    def name(self, name: str, place: str) -> str:
        """Return a member's name without any secret that surely is one."""
        return self._beside(self._spoken_in(name, place, self._strong), place, is_log=False)

    def _spoken_in(self, text: str, place: str, secrets: Mapping[str, str]) -> str:
        if not secrets:
            return text
        is_strong = secrets is self._strong
        pattern = self._patterns.get(is_strong)
        if pattern is None:
            pattern = self._patterns[is_strong] = any_of(secrets)
        return pattern.sub(lambda match: self._spoken(match, place), text)

    def _beside(self, text: str, place: str, *, is_log: bool) -> str:
        # What is too short to be replaced everywhere is replaced beside the word that betrays it.
        end = len(text)
        for found in self._scan(text, is_log=is_log):
            value = text[found.start : found.end]
            if value in self._kinds and found.end <= end:
                text = text[: found.start] + self._noted(value, place) + text[found.end :]
                end = found.start
        return text

    def _spoken(self, match: "re.Match[str]", place: str) -> str:
        found, text = match.group(), match.string
        around = text[match.start() - 1 : match.start()] + text[match.end() : match.end() + 1]
        if found.isdecimal() and any(sign.isdecimal() for sign in around):
            return found  # a PIN that an account's number happens to hold
        return self._noted(self._spread[found], place)

    def _scan(self, text: str, *, is_log: bool) -> tuple[Found, ...]:
        """Return what looks like a secret, the last first; most texts stand there many times."""
        asked = (text, is_log)
        found = self._scanned.get(asked)
        if found is None:
            found = self._scanned[asked] = tuple(sorted(scan(text, is_log=is_log), reverse=True))
        return found

    def redactions(self) -> tuple[Redaction, ...]:
        """Return what was taken out."""
        return tuple(
            Redaction(
                placeholder=placeholder,
                kind=self._kinds[value],
                places=tuple(self._places[value]),
                count=self._counts[value],
            )
            for value, placeholder in self._placeholders.items()
        )

    def _noted(self, value: str, place: str) -> str:
        placeholder = self._placeholders.setdefault(
            value, f"redacted-{len(self._placeholders) + 1}"
        )
        places = self._places.setdefault(value, [])
        self._counts[value] = self._counts.get(value, 0) + 1
        if place not in places and len(places) < _MOST_PLACES:
            places.append(place)
        return placeholder
