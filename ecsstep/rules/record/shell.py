"""The calls of a record as lines for a shell, each once.

A record may come from anybody, and lines are made to be pasted: what would change something, or
isn't known to be harmless, is a comment.
"""

import json
import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ecsstep.rules.record.loose import members, part, word
from ecsstep.rules.record.matching import described, key
from ecsstep.rules.record.value import GAP, Entry, Record
from ecsstep.text import in_a_line, printable

_READING = re.compile(r"(?:BatchGet|Describe|Get|List)[A-Z]")
_PRINTS_A_SECRET = frozenset({"GetAuthorizationToken", "GetParameter", "GetSecretValue"})
_PLAIN = re.compile(r"[\w@%+=:,./][\w@%+=:,./-]*")
_TOOLS = frozenset({"buildah", "docker", "podman", "skopeo"})
_LOOKS = frozenset({"images", "info", "inspect", "version"})
_CHANGES = "changes something; take the mark away to run it:"
_SECRET = "prints a secret; take the mark away to run it:"  # noqa: S105 - a sentence
_LONGEST = 400


class Name(NamedTuple):
    """How the AWS CLI calls something.

    Attributes:
        words: Its service and its command.
        options: Its options by the parameters' names.
    """

    words: tuple[str, str]
    options: Mapping[str, str]


NameOf = Callable[[str, str], Name | None]
"""Returns how the AWS CLI calls an operation of a service; None where it has none."""


def shell(record: Record, name_of: NameOf) -> Iterator[str]:
    """Yield the lines."""
    yield f"# what {record.step} asked, each call once; words like redacted-1 stand for secrets"
    endpoint = record.variables.get("AWS_ENDPOINT_URL")
    if endpoint:
        yield _comment(f"then with AWS_ENDPOINT_URL={endpoint}")
    counts = Counter(key(entry.kind, entry.question) for entry in record.entries)
    told: set[str] = set()
    for entry in record.entries:
        same = key(entry.kind, entry.question)
        if same in told and entry.kind != GAP:
            continue
        told.add(same)
        lines = tuple(_lines(entry, name_of))
        if lines and counts[same] > 1 and entry.kind != GAP:
            yield f"# asked {counts[same]} times:"
        yield from lines


def _lines(entry: Entry, name_of: NameOf) -> Iterator[str]:
    match entry.kind:
        case "aws":
            yield from _aws(entry, name_of)
        case "http":
            said = described("http", entry.question)
            yield _comment(f"{said} -> {word(entry.answer, 'status') or 'no answer'}")
        case "run":
            yield from _run(entry.question.get("argv"))
        case _ if entry.kind == GAP:
            yield _comment("answers that were too many for the record stood here")
        case _:
            return


def _aws(entry: Entry, name_of: NameOf) -> Iterator[str]:
    asked = entry.question
    service, operation = str(asked.get("service", "")), str(asked.get("operation", ""))
    name = name_of(service, operation)
    if name is None:
        yield _comment(f"{described('aws', asked)}: the AWS CLI has no such command")
        return
    region = str(asked.get("region", ""))
    if operation == "GetAuthorizationToken":
        yield from _login(entry, service, region)
        return
    given = asked.get("parameters")
    words = [
        "aws",
        *name.words,
        *(["--region", region] if region else []),
        *_options(given if isinstance(given, Mapping) else {}, name.options),
    ]
    line = shlex.join(words)
    if operation in _PRINTS_A_SECRET:
        yield from _marked(_SECRET, line)
    elif _READING.match(operation) and _PLAIN.fullmatch(region or "none"):
        yield line
    else:
        yield from _marked(_CHANGES, line)


def _options(given: Mapping[str, Any], options: Mapping[str, str]) -> list[str]:
    """Return plain parameters as options, and any others as JSON."""
    words: list[str] = []
    for name, value in given.items():
        option = options.get(name)
        values = value if isinstance(value, (list, tuple)) else [value]
        if option and isinstance(value, bool):
            words.append(f"--{'' if value else 'no-'}{option}")
        elif option and values and all(_is_plain(each) for each in values):
            words += [f"--{option}", *map(str, values)]
        else:
            return ["--cli-input-json", json.dumps(given, default=str)]
    return words


def _is_plain(value: Any) -> bool:
    """Whether the AWS CLI takes a value word for word; file://… it would read."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return False
    text = str(value)
    return _PLAIN.fullmatch(text) is not None and "://" not in text and text.isascii()


def _login(entry: Entry, service: str, region: str) -> Iterator[str]:
    """Yield the line that logs in, since a token is nothing to be printed."""
    raw = entry.answer.get("body", b"")
    try:
        found = json.loads(raw) if isinstance(raw, bytes) else None
    except (ValueError, RecursionError):
        found = None
    listed = part(found, "authorizationData")
    every = [listed] if isinstance(listed, Mapping) else list(members(found, "authorizationData"))
    places = [word(each, "proxyEndpoint") for each in every]
    hosts = [_host(place) for place in places] if service == "ecr" else ["public.ecr.aws"]
    for host in hosts:
        where = shlex.join(["--region", region]) if region else ""
        password = f"aws {service} get-login-password {where}".rstrip()
        login = ["docker", "login", "--username", "AWS", "--password-stdin", host or "HOST"]
        yield from _marked(_CHANGES, f"{password} | {shlex.join(login)}")


def _host(place: str) -> str:
    try:
        return urlsplit(place).netloc
    except ValueError:
        return ""


def _run(argv: Any) -> Iterator[str]:
    words = [str(word) for word in argv] if isinstance(argv, (list, tuple)) else []
    if not words:
        return
    line = shlex.join(words)
    is_look = words[0] in _TOOLS and bool(_LOOKS & set(_verbs(words)))
    if is_look and printable(line) == line:
        yield line
    else:
        yield from _marked(_CHANGES, line)


def _verbs(words: Sequence[str]) -> Sequence[str]:
    """Return the one or two words that say what a tool does: ``image inspect``."""
    return [word for word in words[1:3] if not word.startswith("-")]


def _marked(why: str, line: str) -> Iterator[str]:
    yield f"# {why}"
    yield f"#{printable(line)}"


def _comment(text: str) -> str:
    return f"# {in_a_line(text, _LONGEST)}"
