"""The record of one run of a step, as a value; docs/records.md describes its form in a file."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from ecsstep.rules.redaction.redactor import Redaction
from ecsstep.value import Value

FORMAT = 1
"""The version of the form. It grows when an older ecsstep could misread a record."""

UNSAID = "events that were too many stood here"
GAP, CLOCK, INTERRUPT = "gap", "clock", "interrupt"


class Entry(Value):
    """One answer from outside.

    Attributes:
        kind: ``aws``, ``http``, ``run``, ``file``, ``stdin``, ``setting``, ``identity``, ``image``;
            ``clock`` for a time that was read or slept until, ``interrupt`` for a signal, ``gap``
            where answers were left out.
        question: What was asked.
        answer: What came back: JSON's types, and bytes for bodies.
        at: When it was there, in seconds since the beginning.
        took: How many seconds it took.
    """

    kind: str
    question: Mapping[str, Any]
    answer: Mapping[str, Any]
    at: float
    took: float = 0.0


class Said(Value):
    """An event of the step's own.

    Attributes:
        at: When it was said, in seconds since the beginning.
        level: ``info``, ``warning`` or ``error``.
        event: The fact.
        data: What belongs to it.
    """

    at: float
    level: str
    event: str
    data: Mapping[str, Any]


class End(Value):
    """How a run ended: its exit code, and the message, lines and hint of an exit that isn't 0."""

    exit: int
    message: str = ""
    why: tuple[str, ...] = ()
    hint: str = ""


class Record(Value):
    """One run of a step.

    Attributes:
        step: The step's name.
        versions: ecsstep's, Python's and botocore's version, by name.
        platform: The operating system and the machine.
        began: When it began.
        seconds: How long it ran.
        argv: The words after the step's name.
        variables: The variables that were read and are set.
        entries: The answers from outside, in the order in which they came.
        events: What it said.
        end: How it ended.
        redactions: What was taken out.
    """

    step: str
    versions: Mapping[str, str]
    platform: str
    began: dt.datetime
    seconds: float
    argv: tuple[str, ...]
    variables: Mapping[str, str]
    entries: tuple[Entry, ...]
    events: tuple[Said, ...]
    end: End
    redactions: tuple[Redaction, ...] = ()


def end_of(code: int, events: Sequence[Said]) -> End:
    """Return how a run ended, by its exit code and what it said last."""
    last = next((each for each in reversed(events) if each.data.get("exit") == code), None)
    if last is None:
        return End(exit=code)
    return End(
        exit=code,
        message=last.event,
        why=tuple(map(str, last.data.get("why", ()))),
        hint=str(last.data.get("hint", "")),
    )
