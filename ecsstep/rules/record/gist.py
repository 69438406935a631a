"""What matters in one answer of a record, for people."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ecsstep.rules.record import gist_aws
from ecsstep.rules.record.fact import Fact
from ecsstep.rules.record.loose import joined, members, part, word
from ecsstep.rules.record.matching import described
from ecsstep.rules.record.value import GAP, INTERRUPT, Entry
from ecsstep.text import in_a_line, printable

_ARN = re.compile(r"\barn:[\w-]*:[\w-]*:[\w-]*:\d*:(?=[\w-]+[/:])")
_UPLOAD = re.compile(r"(/blobs/uploads/)[^?\s]+")
_REFUSAL = 400
_WORDS = 300
_WORD = 90


def called(entry: Entry) -> str:
    """Return what was asked, in one line."""
    asked = entry.question
    match entry.kind:
        case "file":
            said = f"{word(asked, 'do')} file {word(asked, 'path')}"
        case "stdin":
            said = "read stdin"
        case "identity":
            said = "look for AWS credentials"
        case "setting":
            said = f"read '{word(asked, 'name')}' of the AWS configuration"
        case "image":
            said = f"{word(asked, 'do')} image {word(asked, 'source')}"
        case "aws":
            said = _aws_call(asked)
        case _ if entry.kind in {GAP, INTERRUPT}:
            said = entry.kind
        case _:
            said = _UPLOAD.sub(r"\1…", described(entry.kind, asked))
    attempt = asked.get("attempt", 1)
    again = f" (attempt {attempt})" if isinstance(attempt, int) and attempt > 1 else ""
    return printable(said) + again


def briefly(entry: Entry) -> str:
    """Return the same in a few words, without the parameters."""
    if entry.kind == "aws":
        return f"{word(entry.question, 'service')} {word(entry.question, 'operation')}"
    return called(entry)


def _aws_call(asked: Mapping[str, Any]) -> str:
    """Return service, operation and parameters; of a list the first member."""
    given = asked.get("parameters")
    shown = (
        f"{name}={_value(value)}"
        for name, value in (given if isinstance(given, Mapping) else {}).items()
    )
    name = f"{word(asked, 'service')} {word(asked, 'operation')}"
    return joined(name, in_a_line(", ".join(shown), _WORDS), by="  ")


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        more = f" and {len(value) - 1} more" if len(value) > 1 else ""
        return f"{_value(value[0])}{more}" if value else "none"
    if isinstance(value, Mapping):
        return joined(*(f"{name}:{_value(each)}" for name, each in value.items()), by=" ")
    return in_a_line(_ARN.sub("", str(value)), _WORD)


def facts(entry: Entry) -> tuple[Fact, ...] | None:
    """Return what an answer tells; None where nobody wants to know of it."""
    answer = entry.answer
    if entry.kind != "aws":
        trouble = _trouble(answer)
        if trouble is not None:
            return (trouble,)
    teller = _KINDS.get(entry.kind)
    found = tuple(teller(entry)) if teller else (Fact(subject="", says="answered"),)
    return found or None


def _trouble(answer: Mapping[str, Any]) -> Fact | None:
    """Return what went wrong, where it is told in our own words."""
    if "error" in answer:
        return Fact(subject="", says=word(answer, "error", "message"), is_strong=True)
    if "os_error" in answer:
        return Fact(subject="", says=word(answer, "os_error", "strerror"), is_strong=True)
    if "broken" in answer:
        told = answer["broken"]
        said = word(told, "said") or word(answer, "broken")
        return Fact(subject="no answer", says=said, is_strong=True)
    return None


def _aws(entry: Entry) -> Iterator[Fact]:
    yield from gist_aws.facts(entry.question, entry.answer)


def _http(entry: Entry) -> Iterator[Fact]:
    status = entry.answer.get("status")
    is_bad = isinstance(status, int) and status >= _REFUSAL
    yield Fact(
        subject="",
        says=joined(f"answered {word(entry.answer, 'status') or '?'}",
                    word(entry.answer, "headers", "docker-content-digest"),
                    _words(entry.answer.get("body")) if is_bad else ""),
        is_strong=is_bad,
    )  # fmt: skip


def _words(raw: Any) -> str:
    """Return the words of a registry's error."""
    text = raw.decode(errors="replace") if isinstance(raw, bytes) else ""
    try:
        told = [joined(word(each, "code"), word(each, "message"), by=": ")
                for each in members(json.loads(text), "errors")]  # fmt: skip
    except (ValueError, RecursionError):
        told = []
    return joined(*told) or in_a_line(text, _WORDS)


def _run(entry: Entry) -> Iterator[Fact]:
    code = word(entry.answer, "code") or "?"
    raw = [entry.answer.get(name) for name in ("stderr", "stdout")]
    texts = [each.decode(errors="replace").strip() for each in raw if isinstance(each, bytes)]
    said = next((text.splitlines()[-1] for text in texts if text), "")
    is_bad = code != "0"
    yield Fact(subject=f"exit code {code}", says=in_a_line(said, _WORDS) if is_bad else "",
               is_strong=is_bad)  # fmt: skip


def _file(entry: Entry) -> Iterator[Fact]:
    content = entry.answer.get("content")
    if entry.question.get("do") == "read":
        kept = f"{len(content)} bytes" if isinstance(content, bytes) else "more than is kept"
        yield Fact(subject="", says=kept)
    elif entry.question.get("do") == "write":
        yield Fact(subject="", says=f"{word(entry.answer, 'size')} bytes written")


def _stdin(entry: Entry) -> Iterator[Fact]:
    content = entry.answer.get("content")
    if isinstance(content, bytes):
        yield Fact(subject="", says=f"{len(content)} bytes")


def _identity(entry: Entry) -> Iterator[Fact]:
    if entry.question.get("do") == "load":
        method = word(entry.answer, "method")
        yield Fact(subject="", says=f"found, by {method}" if method else "there are none",
                   is_strong=not method)  # fmt: skip


def _setting(entry: Entry) -> Iterator[Fact]:
    if entry.answer.get("value") is not None:
        yield Fact(subject="", says=word(entry.answer, "value"))


def _image(entry: Entry) -> Iterator[Fact]:
    found = part(entry.answer, "manifest")
    if found is None:
        yield Fact(subject="", says="done")
        return
    blobs, children = (len(list(members(found, name))) for name in ("blobs", "children"))
    counted = f"{children} platforms" if children else f"{blobs} blobs"
    yield Fact(subject="", says=joined(word(found, "digest"), counted))


def _gap(entry: Entry) -> Iterator[Fact]:
    said = f"{word(entry.answer, 'left_out')} answers were too many for the record"
    yield Fact(subject="", says=said, is_strong=True)


def _interrupt(entry: Entry) -> Iterator[Fact]:
    yield Fact(subject="", says=f"{word(entry.answer, 'signal')} arrived", is_strong=True)


def _nothing(_entry: Entry) -> Iterator[Fact]:
    yield from ()


_KINDS: Mapping[str, Callable[[Entry], Iterator[Fact]]] = {
    "aws": _aws,
    "http": _http,
    "run": _run,
    "file": _file,
    "stdin": _stdin,
    "identity": _identity,
    "setting": _setting,
    "image": _image,
    "clock": _nothing,
    GAP: _gap,
    INTERRUPT: _interrupt,
}
