"""The calls of a record as lines for a shell, each once.

A record may come from anybody, and lines are made to be pasted: what would change something, or
isn't known to be harmless, is a comment.
"""

import json
import re
import shlex
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, NamedTuple

from ecsstep.rules.record.loose import word
from ecsstep.rules.record.matching import described, key
from ecsstep.rules.record.shell_tools import is_a_look, is_token, login_host, passwords
from ecsstep.rules.record.value import GAP, Entry, Record
from ecsstep.text import in_a_line, printable

# What the steps ask of AWS to look at something; whatever else a record names is a comment.
_READING: Mapping[str, frozenset[str]] = {
    "cloudfront": frozenset({"GetInvalidation"}),
    "codedeploy": frozenset(
        {"BatchGetDeploymentTargets", "GetDeployment", "GetDeploymentGroup",
         "ListDeploymentTargets"}
    ),
    "ecr": frozenset(
        {"BatchGetImage", "BatchGetRepositoryScanningConfiguration", "DescribeImageScanFindings",
         "DescribeRepositories", "GetRegistryScanningConfiguration"}
    ),
    "ecs": frozenset(
        {"DescribeServiceDeployments", "DescribeServiceRevisions", "DescribeServices",
         "DescribeTaskDefinition", "DescribeTasks", "ListServiceDeployments", "ListTasks"}
    ),
    "elbv2": frozenset({"DescribeTargetHealth"}),
    "logs": frozenset({"GetLogEvents"}),
    "sts": frozenset({"GetCallerIdentity"}),
}  # fmt: skip
_READS = re.compile(r"(?:Batch)?(?:Describe|Get|List)[A-Z]")
_PLAIN = re.compile(r"[\w@%+=:,./][\w@%+=:,./-]*")
_CHANGES = "changes something; take the mark away to run it:"
_PRINTS = "may print a secret; take the mark away to run it:"
_LOGS_IN = "logs in, with the password on stdin; take the mark away to run it:"
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
    tokens = passwords(record.entries)
    hosts = {login_host(_argv(entry)) for entry in record.entries}
    counts = Counter(key(entry.kind, entry.question) for entry in record.entries)
    told: set[str] = set()
    for entry in record.entries:
        same = key(entry.kind, entry.question)
        if same in told and entry.kind != GAP:
            continue
        told.add(same)
        lines = tuple(_lines(entry, name_of, tokens, hosts))
        if lines and counts[same] > 1 and entry.kind != GAP:
            yield f"# asked {counts[same]} times:"
        yield from lines


def _lines(
    entry: Entry, name_of: NameOf, tokens: Mapping[str, str], hosts: Collection[str]
) -> Iterator[str]:
    match entry.kind:
        case "aws" if is_token(entry.question):
            # A tool that logs in with it has its own line below.
            for host in [each for each in passwords([entry]) if each not in hosts]:
                login = ["docker", "login", "--username", "AWS", "--password-stdin", host]
                yield from _marked(_CHANGES, f"{tokens[host]} | {shlex.join(login)}")
        case "aws":
            yield from _aws(entry, name_of)
        case "http":
            said = described("http", entry.question)
            yield _comment(f"{said} -> {word(entry.answer, 'status') or 'no answer'}")
        case "run":
            yield from _run(_argv(entry), tokens)
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
    given = asked.get("parameters")
    words = [
        "aws",
        *name.words,
        *(["--region", region] if region else []),
        *_options(given if isinstance(given, Mapping) else {}, name.options),
    ]
    line = shlex.join(words)
    if operation in _READING.get(service, ()) and _PLAIN.fullmatch(region or "none"):
        yield line
    else:
        yield from _marked(_PRINTS if _READS.match(operation) else _CHANGES, line)


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


def _argv(entry: Entry) -> list[str]:
    found = entry.question.get("argv") if entry.kind == "run" else None
    return [str(word) for word in found] if isinstance(found, (list, tuple)) else []


def _run(words: list[str], tokens: Mapping[str, str]) -> Iterator[str]:
    line = shlex.join(words)
    host = login_host(words)
    if is_a_look(words):
        yield line
    elif host in tokens:
        yield from _marked(_CHANGES, f"{tokens[host]} | {line}")
    elif words:
        yield from _marked(_LOGS_IN if host else _CHANGES, line)


def _marked(why: str, line: str) -> Iterator[str]:
    yield f"# {why}"
    yield f"#{printable(line)}"


def _comment(text: str) -> str:
    return f"# {in_a_line(text, _LONGEST)}"
