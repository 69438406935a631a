"""Reading a record. Nothing is trusted: it comes from somebody else's machine."""

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ecsstep.rules.record.answers import check
from ecsstep.rules.record.checks import is_passable, list_, number, object_, text, texts, words
from ecsstep.rules.record.value import FORMAT, End, Entry, Record, Said
from ecsstep.rules.redaction.redactor import Redaction

_NAME = re.compile(r"[a-z][a-z0-9-]{0,60}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,200}")


class NewerError(ValueError):
    """The record is of a newer form."""


def parsed(document: Any) -> Record:
    """Return the record that a JSON document holds.

    Raises:
        NewerError: It is of a newer form.
        ValueError: It is no record; the error names the place.
    """
    top = object_(document, "the file")
    version = top.get("record")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ValueError("it doesn't say which form of record it is ('record')")
    if version > FORMAT:
        raise NewerError(f"it has form {version}; this version reads {FORMAT} and older ones")
    step = text(top, "step")
    if not _NAME.fullmatch(step):
        raise ValueError("'step' is no step's name")
    bodies = [_body(each, f"bodies[{at}]") for at, each in enumerate(list_(top, "bodies"))]
    return Record(
        step=step,
        versions=texts(top, "versions"),
        platform=text(top, "platform"),
        began=_time(top),
        seconds=number(top, "seconds"),
        argv=tuple(words(top, "argv")),
        variables=_variables(top),
        entries=tuple(
            _entry(each, f"tape[{at}]", bodies) for at, each in enumerate(list_(top, "tape"))
        ),
        events=tuple(_said(each, f"events[{at}]") for at, each in enumerate(list_(top, "events"))),
        end=_end(object_(top.get("end"), "end")),
        redactions=tuple(
            _redaction(each, f"redactions[{at}]")
            for at, each in enumerate(list_(top, "redactions"))
        ),
    )


def _entry(value: Any, place: str, bodies: Sequence[bytes]) -> Entry:
    found = object_(value, place)
    kind = text(found, "kind", place)
    if not _NAME.fullmatch(kind):
        raise ValueError(f"'{place}.kind' is none")
    answer = {
        name: _referred(each, f"{place}.answer.{name}", bodies)
        for name, each in object_(found.get("answer", {}), f"{place}.answer").items()
    }
    question = object_(found.get("question", {}), f"{place}.question")
    check(kind, question.get("do"), answer, f"{place}.answer")
    return Entry(
        kind=kind,
        question=question,
        answer=answer,
        at=number(found, "at", place),
        took=number(found, "took", place, default=0.0),
    )


def _referred(value: Any, place: str, bodies: Sequence[bytes]) -> Any:
    """Return a member of an answer; ``{"body": 3}`` is the fourth body."""
    if not isinstance(value, dict) or value.keys() != {"body"}:
        return value
    at = value["body"]
    if not isinstance(at, int) or isinstance(at, bool) or not 0 <= at < len(bodies):
        raise ValueError(f"'{place}' is a body that isn't there")
    return bodies[at]


def _body(value: Any, place: str) -> bytes:
    found = object_(value, place)
    if found.keys() == {"json"}:
        return json.dumps(found["json"], ensure_ascii=False).encode(errors="surrogatepass")
    if found.keys() == {"text"}:
        return text(found, "text", place).encode(errors="surrogatepass")
    if found.keys() == {"latin1"}:
        try:
            return text(found, "latin1", place).encode("latin-1")
        except UnicodeEncodeError as error:
            raise ValueError(f"'{place}' holds what is no byte") from error
    raise ValueError(f"'{place}' is neither 'json' nor 'text' nor 'latin1'")


def _said(value: Any, place: str) -> Said:
    found = object_(value, place)
    return Said(
        at=number(found, "at", place),
        level=text(found, "level", place),
        event=text(found, "event", place),
        data=object_(found.get("data", {}), f"{place}.data"),
    )


def _end(found: Mapping[str, Any]) -> End:
    code = found.get("exit")
    if not isinstance(code, int) or isinstance(code, bool) or not 0 <= code <= 255:  # noqa: PLR2004
        raise ValueError("'end.exit' is no exit code")
    return End(
        exit=code,
        message=text(found, "message", "end", default=""),
        why=tuple(words(found, "why", "end")),
        hint=text(found, "hint", "end", default=""),
    )


def _redaction(value: Any, place: str) -> Redaction:
    found = object_(value, place)
    return Redaction(
        placeholder=text(found, "placeholder", place),
        kind=text(found, "kind", place),
        places=tuple(words(found, "places", place)),
        count=int(number(found, "count", place)),
    )


def _time(top: Mapping[str, Any]) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(text(top, "began"))
    except ValueError as error:
        raise ValueError("'began' is no time") from error
    if found.tzinfo is None:
        raise ValueError("'began' has no time zone")
    return found.astimezone(dt.UTC)


def _variables(top: Mapping[str, Any]) -> Mapping[str, str]:
    found = texts(top, "variables")
    for name, value in found.items():
        if not _VARIABLE.fullmatch(name) or not is_passable(value):
            raise ValueError("'variables' holds what can't be one")
    return found
