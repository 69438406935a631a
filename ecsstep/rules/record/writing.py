"""A record as a JSON document, without its secrets."""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ecsstep.rules.record.value import FORMAT, End, Entry, Said
from ecsstep.rules.redaction import marks
from ecsstep.rules.redaction.hidden import Pieces
from ecsstep.rules.redaction.patterns import scan
from ecsstep.rules.redaction.redactor import Redaction
from ecsstep.rules.redaction.walk import redacted
from ecsstep.value import Value

_DIGITS = 6


class Draft(Value):
    """What a record is made of, secrets and all; never written.

    Attributes:
        step: The step's name.
        versions: Versions by name.
        platform: The operating system and the machine.
        began: When it began.
        seconds: How long it ran.
        argv: The words after the step's name.
        variables: The variables that were read.
        entries: The answers; their bodies are bytes, or :class:`Pieces` of a text.
        events: What it said.
        end: How it ended.
        kinds: What the values of the step's options are, by their flags and variables; nothing for
            those that are no secret.
        known: Secrets that are known.
    """

    step: str
    versions: Mapping[str, str]
    platform: str
    began: dt.datetime
    seconds: float
    argv: Sequence[str]
    variables: Mapping[str, str]
    entries: Iterable[Entry]
    events: Sequence[Said]
    end: End
    kinds: Mapping[str, str] = {}
    known: Collection[str] = ()


def document(draft: Draft) -> dict[str, Any]:
    """Return the JSON document of a record."""
    bodies = _Bodies()
    tape = [_entry(each, bodies) for each in draft.entries]
    words = list(marks.argv(draft.argv, draft.kinds))
    variables = {
        name: marks.variable(name, value, draft.kinds) for name, value in draft.variables.items()
    }
    given = [value for name, value in variables.items() if name in draft.kinds]
    found, redactions = redacted(
        {
            # In pieces, so that nobody takes them for somebody else's command line.
            "argv": [Pieces((each,)) if type(each) is str else each for each in words],
            "variables": variables,
            "end": {
                "exit": draft.end.exit,
                "message": draft.end.message,
                "why": list(draft.end.why),
                "hint": draft.end.hint,
            },
            "events": [
                _said(each, event)
                for each, event in zip(
                    draft.events, marks.said(each.event for each in draft.events), strict=True
                )
            ],
            "tape": tape,
            "bodies": bodies.by_label,
        },
        public=_public([*words, *given]),
        known=draft.known,
    )
    return {
        "record": FORMAT,
        "step": draft.step,
        "versions": dict(draft.versions),
        "platform": draft.platform,
        "began": draft.began.isoformat(),
        "seconds": round(draft.seconds, _DIGITS),
        **found,
        "bodies": list(found["bodies"].values()),
        "redactions": [_redaction(each) for each in redactions],
    }


def _public(given: Iterable[str | Pieces]) -> frozenset[str]:
    """Return the plain words among these, which a name elsewhere may equal: each line, each value.

    What is marked in them, or looks like a secret, is none.
    """
    lines = {line for each in given if type(each) is str for line in each.split("\n")}
    plain = {line for line in lines if not any(scan(line, is_log=True))}
    return frozenset(plain | {line.rpartition("=")[2] for line in plain})


class _Bodies:
    """The bodies, each once, by what they are the answer to."""

    def __init__(self) -> None:
        self.by_label: dict[str, Any] = {}
        self._numbers: dict[Any, int] = {}

    def number(self, entry: Entry, raw: bytes | Pieces) -> int:
        """Return a body's number."""
        key = (entry.kind, raw)
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self._numbers)
            self.by_label[f"{label(entry)} #{found}"] = _body(entry.kind, raw)
        return found


def label(entry: Entry) -> str:
    """Return what an entry is about, for people: ``ecs DescribeServices``."""
    asked = entry.question
    names = {
        "aws": ("service", "operation"),
        "http": ("method", "url"),
        "file": ("do", "path"),
        "run": ("argv",),
        "stdin": ("do",),
    }.get(entry.kind, ())
    said = [asked.get(name, "") for name in names]
    words = [" ".join(map(str, each)) if isinstance(each, list) else str(each) for each in said]
    return " ".join(words if entry.kind == "aws" else [entry.kind, *words])


def _body(kind: str, raw: bytes | Pieces) -> dict[str, Any]:
    if isinstance(raw, Pieces):
        return {"text": raw}
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return {"latin1": raw.decode("latin-1")}
    if kind == "aws":
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return {"text": text}
        if isinstance(found, (dict, list)):
            return {"json": found}
    return {"text": text}


def _entry(entry: Entry, bodies: _Bodies) -> dict[str, Any]:
    made: dict[str, Any] = {"kind": entry.kind, "at": round(entry.at, _DIGITS)}
    if entry.took:
        made["took"] = round(entry.took, _DIGITS)
    if entry.question:
        made["question"] = entry.question
    if entry.answer:
        made["answer"] = {
            name: {"body": bodies.number(entry, value)}
            if isinstance(value, (bytes, Pieces))
            else value
            for name, value in entry.answer.items()
        }
    return made


def _said(said: Said, event: str | Pieces) -> dict[str, Any]:
    return {"at": round(said.at, _DIGITS), "level": said.level, "event": event, "data": said.data}


def _redaction(found: Redaction) -> dict[str, Any]:
    return {
        "placeholder": found.placeholder,
        "kind": found.kind,
        "places": [place.removeprefix("bodies.") for place in found.places],
        "count": found.count,
    }
