"""A record as a JSON document, without its secrets."""

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ecsstep.rules.record.value import FORMAT, End, Entry, Said
from ecsstep.rules.redaction import marks
from ecsstep.rules.redaction.redactor import Redaction
from ecsstep.rules.redaction.walk import Pieces, redacted
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
        secret: The variables of options that are secret.
        declared: The variables of all options.
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
    secret: Collection[str] = ()
    declared: Collection[str] = ()
    known: Collection[str] = ()


def document(draft: Draft) -> dict[str, Any]:
    """Return the JSON document of a record."""
    bodies = _Bodies()
    tape = [_entry(each, bodies) for each in draft.entries]
    words = list(marks.argv(draft.argv))
    variables = {
        name: marks.variable(name, value, secret=draft.secret, declared=draft.declared)
        for name, value in draft.variables.items()
    }
    plain = {word for word in words if not isinstance(word, Pieces)}
    plain |= {value for name, value in variables.items() if name in draft.declared
              and type(value) is str}  # fmt: skip
    lines = {line for word in plain for line in word.split("\n")}
    public = lines | {line.rpartition("=")[2] for line in lines}
    found, redactions = redacted(
        {
            "argv": words,
            "variables": variables,
            "end": {
                "exit": draft.end.exit,
                "message": draft.end.message,
                "why": list(draft.end.why),
                "hint": draft.end.hint,
            },
            "events": [_said(each) for each in draft.events],
            "tape": tape,
            "bodies": bodies.by_label,
        },
        public=public,
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


def _said(said: Said) -> dict[str, Any]:
    return {"at": round(said.at, _DIGITS), "level": said.level, "event": said.event,
            "data": said.data}  # fmt: skip


def _redaction(found: Redaction) -> dict[str, Any]:
    return {
        "placeholder": found.placeholder,
        "kind": found.kind,
        "places": [place.removeprefix("bodies.") for place in found.places],
        "count": found.count,
    }
