"""A command line, taken apart by the declarations of the options.

It reads what ``argparse`` would read, without abbreviations: ``--flag value``, ``--flag=value``,
switches with their ``--no-…``, positionals anywhere, ``--`` before words that only look like flags.
Loading ``argparse`` takes as long as all of ours that a mistake needs, and it ends at the first
mistake in a value that is missing; here that is one mistake among the others.
"""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ecsstep.text import meant, printable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ecsstep.core.options import Option

Texts = dict[str, list[Any]]
"""The texts of options by field name; None for a value that is missing, a bool for a switch."""

_DASHES = "--"
_NUMBER = re.compile(r"-\d+|-\d*\.\d+", re.ASCII)


def taken_apart(declared: "Mapping[str, Option]", argv: Sequence[str]) -> tuple[Texts, list[str]]:
    """Return the texts of the options, and what is wrong with the command line itself."""
    rest = next((name for name, option in declared.items() if option.is_rest), None)
    words, found = list(argv), _CommandLine(declared)
    if rest is not None and _DASHES in words:
        at = words.index(_DASHES)
        found.texts[rest] = words[at + 1 :]
        words = words[:at]
    found.read(words)
    return found.texts, [*found.misused, *found.unknown, *found.superfluous()]


class _CommandLine:
    """What was read of a command line.

    Attributes:
        texts: What belongs to an option.
        misused: What is wrong with switches.
        unknown: What is wrong with the other flags.
    """

    def __init__(self, declared: "Mapping[str, Option]") -> None:
        self._declared = declared
        self._flags = {each.flag: name for name, each in declared.items() if each.flag[:1] == "-"}
        self._switches = {
            flag: (name, flag == declared[name].flag)
            for on, name in self._flags.items()
            if declared[name].is_switch
            for flag in (on, f"--no-{on[2:]}")
        }
        self._words: list[str] = []
        self._strays: list[int] = []  # which of them follow a flag that isn't there
        self.texts: Texts = {}
        self.misused: list[str] = []
        self.unknown: list[str] = []

    def read(self, words: Sequence[str]) -> None:
        """Read the words one after the other."""
        left = list(reversed(words))
        while left:
            word = left.pop()
            if word == _DASHES:
                self._words += reversed(left)
                return
            if self._is_flag(word):
                self._read_flag(word, left)
            else:
                self._words.append(word)

    def superfluous(self) -> list[str]:
        """Hand the words out to the positionals and return what is wrong with those left over.

        A word after a flag that isn't there is most likely its value, which may be a secret.
        """
        left = self._words
        places = [
            each for each in self._declared.values() if each.is_positional and not each.is_rest
        ]
        if not any(each.repeatable for each in places):
            strays = self._strays[: max(len(left) - len(places), 0)]
            left = [word for at, word in enumerate(left) if at not in strays]
        for name, option in self._declared.items():
            if option.is_positional and not option.is_rest and left:
                end = len(left) if option.repeatable else 1
                self.texts[name], left = left[:end], left[end:]
        return [f"'{printable(word)}' is one argument too many" for word in left]

    def _is_flag(self, word: str) -> bool:
        flag = word.partition("=")[0]
        if flag in self._flags or flag in self._switches:
            return True
        return word.startswith("-") and word != "-" and " " not in word and not _is_number(word)

    def _read_flag(self, word: str, left: list[str]) -> None:
        flag, equals, text = word.partition("=")
        if flag in self._switches:
            name, is_on = self._switches[flag]
            if equals:
                self.misused.append(f"{flag} takes no value")
            else:
                self.texts[name] = [is_on]
        elif flag not in self._flags:
            self.unknown.append(f"there is no option '{printable(flag)}'{meant(flag, self._flags)}")
            if not equals and left and not self._is_flag(left[-1]):
                self._strays.append(len(self._words))
        elif equals:
            self.texts.setdefault(self._flags[flag], []).append(text)
        else:
            has_value = bool(left) and left[-1] != _DASHES and not self._is_flag(left[-1])
            value = left.pop() if has_value else None
            self.texts.setdefault(self._flags[flag], []).append(value)


def _is_number(word: str) -> bool:
    return _NUMBER.fullmatch(word) is not None
