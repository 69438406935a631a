"""Where a recorded run took place: its account and its region, and what a record lacks of it."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ecsstep.rules.record.value import Entry, Record
from ecsstep.rules.redaction.redactor import Redaction

_ARN = re.compile(rb"arn:aws[\w-]*:[\w-]+:[\w-]*:(\d{12}):")
_REGISTRY = re.compile(rb"\"registryId\": ?\"(\d{12})\"|//(\d{12})\.dkr[.-]ecr")
_PLACEHOLDER = re.compile(r"redacted-\d+(?!\d)")
# Whose answers tell most of who asked; a registry may well be another account's.
_TELLING = ("sts", "ecs", "codedeploy", "")


def account(record: Record) -> str:
    """Return the account of a run, by AWS's own answers; nothing where they don't tell."""
    answers = [entry for entry in record.entries if entry.kind == "aws"]
    for service in _TELLING:
        own = [each for each in answers if service in {"", each.question.get("service")}]
        for pattern in (_ARN, _REGISTRY):
            found = Counter(
                each for entry in own for groups in pattern.findall(_body(entry))
                for each in ([groups] if isinstance(groups, bytes) else groups) if each
            )  # fmt: skip
            if found:
                return found.most_common(1)[0][0].decode()
    return ""


def region(record: Record) -> str:
    """Return the region that AWS was asked in; nothing where it wasn't asked."""
    regions = [str(entry.question.get("region") or "") for entry in record.entries
               if entry.kind == "aws" and entry.question.get("service") != "sts"]  # fmt: skip
    return next((each for each in regions if each), "")


def lacking(
    record: Record,
    words: Sequence[str],
    variables: Mapping[str, str],
    files: Mapping[str, bytes],
) -> Iterator[str]:
    """Yield what was taken out of a record and would be needed to do the same for real.

    Args:
        record: The record.
        words: The command line.
        variables: The variables that the step reads.
        files: The contents of its input files by their names.
    """
    known = {each.placeholder: each for each in record.redactions}
    for word in words:
        for found in placeholders(known, word):
            yield f"on the command line: {known[found].kind} in '{word}'"
    for name, value in variables.items():
        for found in placeholders(known, value):
            yield f"in {name}: {_described(known[found], '')}"
    for name, content in files.items():
        for found in placeholders(known, content.decode(errors="replace")):
            yield f"in '{name}': {_described(known[found], f'file read {name} ')}"


def placeholders(known: Mapping[str, object] | frozenset[str], *texts: str) -> tuple[str, ...]:
    """Return the placeholders that stand in these texts, each once."""
    found = (each for text in texts for each in _PLACEHOLDER.findall(text))
    return tuple(dict.fromkeys(each for each in found if each in known))


def _described(redaction: Redaction, place: str) -> str:
    """Return what was taken out, and where from."""
    where = next((each for each in redaction.places if place and each.startswith(place)), "")
    _, _, inside = where.removeprefix(place).partition(".")
    inside = inside.removeprefix("text.").removeprefix("json.")
    return f"{redaction.kind} {inside or redaction.placeholder}"


def _body(entry: Entry) -> bytes:
    found = entry.answer.get("body", b"")
    return found if isinstance(found, bytes) else b""
