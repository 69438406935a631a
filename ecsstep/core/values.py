"""Parsers of single option values: text in, value out, ValueError for a mistake."""

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|[smh]))+", re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smh])", re.ASCII)
_LONGEST = 30 * 24 * 3600

ALWAYS, NEVER = "always", "never"
_RECORDS = {
    **dict.fromkeys(("always", "true", "yes", "on", "1"), ALWAYS),
    **dict.fromkeys(("never", "false", "no", "off", "0"), NEVER),
}


def duration(text: str) -> float:
    """Return the seconds in ``90s``, ``15m``, ``1h30m``, ``250ms`` or a bare number of seconds."""
    if re.fullmatch(r"\d+(?:\.\d+)?", text, re.ASCII):
        seconds = float(text)
    elif _DURATION.fullmatch(text):
        seconds = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    else:
        raise ValueError(f"'{text}' is not a duration; write 90s, 15m or 1h30m")
    if seconds > _LONGEST:
        raise ValueError(f"'{text}' is longer than 30 days; write 90s, 15m or 1h30m")
    return seconds


def positive_duration(text: str) -> float:
    """Return the seconds of a duration that is not zero."""
    seconds = duration(text)
    if not seconds:
        raise ValueError(f"'{text}' is no time at all; write 90s, 15m or 1h30m")
    return seconds


def spelled(seconds: float) -> str:
    """Return a duration as :func:`duration` reads it, in whole seconds: ``1h30m``, ``45s``."""
    if 0 < seconds < 1:
        return f"{round(seconds * 1000)}ms"
    rest = round(seconds)
    parts = []
    for unit, size in (("h", 3600), ("m", 60), ("s", 1)):
        if rest >= size:
            parts.append(f"{rest // size}{unit}")
            rest %= size
    return "".join(parts) or "0s"


def count(text: str) -> int:
    """Return a whole number of zero or more."""
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII):
        raise ValueError(f"'{text}' is not a whole number of zero or more")
    return int(text)


def switch(text: str) -> bool:
    """Return what a switch's variable says."""
    word = text.strip().lower()
    if word in {"1", "true", "yes", "on"}:
        return True
    if word in {"0", "false", "no", "off"}:
        return False
    raise ValueError(f"'{text}' is neither true nor false")


def file(text: str) -> str:
    """Return the path of a file that is merged into, which stdout can't be."""
    if text == "-":
        raise ValueError("'-' is no file to merge into; stdout has the result")
    return text


def one_of(*words: str) -> "Choice":
    """Return a parser that accepts these words."""
    return Choice(words)


class Choice:
    """A parser that accepts some words."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self.words = words

    def __call__(self, text: str) -> str:
        """Return ``text`` if it is one of the words."""
        if text not in self.words:
            raise ValueError(f"'{text}' is not one of {', '.join(self.words)}")
        return text


def record_wish(text: str) -> str:
    """Return ``always`` or ``never`` by any of their names, and any other text as a path."""
    return _RECORDS.get(text.lower(), text)
