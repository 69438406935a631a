"""What ``.scan-gate.toml`` says: exceptions, read strictly."""

import contextlib
import datetime as dt
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from ecsstep.rules.exceptions import Exemption
from ecsstep.text import meant, printable
from ecsstep.value import Value

_KEYS = frozenset(
    {"id", "package", "version", "path", "image", "until", "until-fixed", "reason", "owner"}
)
_TEXTS = ("id", "package", "version", "path", "image", "reason", "owner")
_DATE = re.compile(r"[12]\d{3}-\d{2}-\d{2}", re.ASCII)


class Parsed(Value):
    """What a file of exceptions comes to.

    Attributes:
        entries: The exceptions.
        faults: What is wrong in it, each with its place.
        skipped: What another tool would heed and we can't judge, each with its place.
    """

    entries: tuple[Exemption, ...] = ()
    faults: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def from_toml(text: str, name: str) -> Parsed:
    """Return the exceptions in a TOML file's text."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Parsed(faults=(f"'{name}' is not TOML: {error}",))
    return from_document(document, name)


def from_document(document: Any, name: str) -> Parsed:
    """Return the exceptions in a parsed TOML or YAML file."""
    known = document if isinstance(document, Mapping) else {"": None}
    strange = [key for key in known if key != "ignore"]
    if strange:
        said = f": unknown key '{printable(strange[0])}'" if strange[0] else ""
        return Parsed(faults=(f"'{name}' is no file of exceptions{said}; it holds 'ignore' alone",))
    written = document.get("ignore", [])
    if not isinstance(written, list):
        return Parsed(faults=(f"'{name}': 'ignore' is no list; write [[ignore]] in TOML",))
    entries: list[Exemption] = []
    faults: list[str] = []
    for number, entry in enumerate(written, start=1):
        place = f"'{name}', entry {number}"
        wrong = [f"{place}: {fault}" for fault in _faults(entry)]
        faults += wrong
        if not wrong:
            entries.append(_entry(entry, place))
    return Parsed(entries=tuple(entries), faults=tuple(faults))


def parse_day(value: object) -> dt.date:
    """Return the day that a date is, TOML's own or ``2026-12-31`` as text.

    Raises:
        ValueError: It is none.
    """
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        value = value.isoformat()
    if isinstance(value, str) and _DATE.fullmatch(value):
        with contextlib.suppress(ValueError):
            return dt.date.fromisoformat(value)
    raise ValueError(f"'{printable(value)}' is no date; write 2026-12-31")


def _faults(entry: Any) -> Iterator[str]:
    if not isinstance(entry, Mapping):
        yield "it is no table"
        return
    for key in entry:
        if key not in _KEYS:
            yield f"unknown key '{printable(key)}'{meant(str(key), _KEYS)}"
    yield from _faults_of_texts(entry)
    if "until-fixed" in entry and not isinstance(entry["until-fixed"], bool):
        yield "'until-fixed' is neither true nor false"
    if "until" in entry:
        try:
            parse_day(entry["until"])
        except ValueError as error:
            yield f"'until': {error}"


def _faults_of_texts(entry: Mapping[str, Any]) -> Iterator[str]:
    for key in _TEXTS:
        if key in entry and not (isinstance(entry[key], str) and entry[key].strip()):
            yield f"'{key}' is no text"
    for key in ("id", "reason"):
        if key not in entry:
            yield f"'{key}' is missing"
    if isinstance(entry.get("id"), str) and set(entry["id"]) & set("*? \t\n"):
        yield f"'id' is '{printable(entry['id'])}'; it has to be one exact id"


def _entry(entry: Mapping[str, Any], place: str) -> Exemption:
    texts = {key: entry[key] for key in _TEXTS if key in entry}
    until = parse_day(entry["until"]) if "until" in entry else None
    return Exemption(**texts, until=until, until_fixed=entry.get("until-fixed", False), place=place)
