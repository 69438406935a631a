"""Writing the record of a run; loaded only when one is wanted."""

import datetime as dt
import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ecsstep import __version__, secret
from ecsstep.core import files, options
from ecsstep.core.bodies import Body
from ecsstep.core.tape import Noted, Tape
from ecsstep.core.taped import Variables
from ecsstep.core.values import ALWAYS
from ecsstep.records.secret_spots import marked
from ecsstep.rules.record.value import GAP, UNSAID, Entry, Said, end_of
from ecsstep.rules.record.writing import Draft, document
from ecsstep.rules.redaction import places

FOLDER = ".ecsstep"
_SETTINGS = {"": "", "environment": places.VARIABLE, "reference": places.REFERENCE}
_LARGE = 256 * 1024
_ATTEMPTS = 100
# What botocore reads by itself and decides something.
_BOTOCORES = (
    "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE",
    "AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT", "AWS_STS_REGIONAL_ENDPOINTS", "HOME",
)  # fmt: skip


def draft_of(  # noqa: PLR0913 - a run has so many parts
    step: str,
    argv: Sequence[str],
    code: int,
    *,
    tape: Tape,
    variables: Variables,
    declared: Mapping[str, options.Option],
) -> Draft:
    """Return everything that a record is made of."""
    said = tuple(
        Said(at=at, level=level, event=event, data=_plain(data))
        for at, level, event, data in tape.events
    )
    return Draft(
        step=step,
        versions=_versions(),
        platform=f"{platform.system()} {platform.machine()}",
        began=tape.began,
        seconds=tape.now(),
        argv=tuple(argv),
        variables=_variables(variables),
        entries=_entries(tape),
        events=(*_unsaid(tape, said), *said),
        end=end_of(code, said),
        kinds=dict(_kinds(declared)),
        known=secret.known(),
    )


def _kinds(declared: Mapping[str, options.Option]) -> Iterator[tuple[str, str]]:
    """Yield each flag and variable of a step with what its values are; nothing where no secret."""
    for option in declared.values():
        kind = places.PASSWORD if option.secret else _SETTINGS[option.sets]
        names = option.variables
        if option.flag.startswith("-"):
            names = (
                option.flag,
                *(f"--no-{option.flag[2:]}" for _ in [0] if option.is_switch),
                *names,
            )
        yield from ((name, kind) for name in names)


def write(draft: Draft, asked: str | None) -> str:
    """Write a record without its secrets, and return the file's path.

    Args:
        draft: What it is made of.
        asked: The path that the user gave; else it goes into a folder of its own.

    Raises:
        StepError: It can't be written.
    """
    import json

    found = document(draft)
    text = json.dumps(found)
    is_named = asked not in {None, "", ALWAYS}
    is_packed = str(asked).endswith(".gz") if is_named else len(text) > _LARGE
    if len(text) <= _LARGE:
        text = json.dumps(found, indent=1) + "\n"
    path = str(asked) if is_named else _free(draft.step, draft.began, is_packed=is_packed)
    content = text.encode()
    if is_packed:
        import gzip

        content = gzip.compress(content, mtime=0)
    files.write_whole(path, content)
    return path


def _free(step: str, began: dt.datetime, *, is_packed: bool) -> str:
    """Return the path of a new, empty file in the records' folder."""
    stem = f"{FOLDER}/{step}-{began:%Y%m%dT%H%M%SZ}"
    ending = ".json.gz" if is_packed else ".json"
    try:
        Path(FOLDER).mkdir(exist_ok=True)
        for number in range(1, _ATTEMPTS):
            path = Path(f"{stem}{'' if number == 1 else f'-{number}'}{ending}")
            try:
                path.touch(exist_ok=False)
            except FileExistsError:
                continue
            return str(path)
    except OSError as error:
        raise files.unwritable(stem + ending, error) from error
    return f"{stem}-{os.getpid()}{ending}"


def _versions() -> dict[str, str]:
    botocore = getattr(sys.modules.get("botocore"), "__version__", "")
    found = {"ecsstep": __version__, "python": platform.python_version(), "botocore": botocore}
    return {name: version for name, version in found.items() if version}


def _variables(variables: Variables) -> dict[str, str]:
    read = dict(variables.read)
    read |= {name: variables[name] for name in _BOTOCORES if name in variables}
    return {name: value for name, value in sorted(read.items()) if value}


def _unsaid(tape: Tape, said: Sequence[Said]) -> Iterator[Said]:
    """Yield the gap before what was said last, if there is one."""
    if tape.unsaid:
        at = said[0].at
        yield Said(at=at, level="info", event=UNSAID, data={"left_out": tape.unsaid})


def _entries(tape: Tape) -> Iterator[Entry]:
    yield from map(_entry, tape)
    count, until = tape.left_out
    if count:
        yield Entry(kind=GAP, question={}, answer={"left_out": count}, at=until)
    yield from map(_entry, tape.after_gap)


def _entry(noted: Noted) -> Entry:
    answer = {
        name: value.raw if isinstance(value, Body) else _plain(value)
        for name, value in noted.answer.items()
    }
    if noted.kind == "file" and "content" in answer:
        answer["content"] = marked(answer["content"], str(noted.question.get("path", "")))
    if noted.kind == "stdin" and "content" in answer:
        answer["content"] = marked(
            answer["content"], "stdin", is_secret=noted.question.get("do") == "readline"
        )
    return Entry(
        kind=noted.kind,
        question=_plain(noted.question),
        answer=answer,
        at=max(noted.at, 0.0),
        took=max(noted.took, 0.0),
    )


def _plain(value: Any) -> Any:
    """Return a value in JSON's types."""
    if value is None or isinstance(value, (str, bool, float)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(each) for each in value]
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode(errors="replace")
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)
