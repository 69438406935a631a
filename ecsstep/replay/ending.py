"""How a replay ended, beside how the recorded run did."""

import contextlib
import platform
from importlib.metadata import PackageNotFoundError, version

from ecsstep import __version__
from ecsstep.core.log import Log
from ecsstep.replay.answers import Answers, NoAnswerError
from ecsstep.rules.record import comparing
from ecsstep.rules.record.value import GAP, Record, end_of
from ecsstep.text import printable


def why_not(record: Record, error: NoAnswerError, *, is_changed: bool) -> str:
    """Return what to do where the record has no answer."""
    ask = "ecsstep replay FILE --live"
    if any(entry.kind == GAP for entry in record.entries):
        return f"answers that were too many were left out of the record; to ask AWS: {ask}"
    if error.number > 1:
        return f"what happened after the record's end, only AWS knows: {ask}"
    if is_changed:
        return f"with the change the step asks what it didn't ask then; to ask AWS: {ask}"
    then = printable(record.versions.get("ecsstep", ""))
    if then == __version__:
        return f"the step asks what it didn't ask then; to ask AWS: {ask}"
    return (
        f"this version asks what the recorded one didn't; take that one (pip install "
        f"ecsstep=={then}), or ask AWS: {ask}"
    )


def tell(record: Record, answers: Answers, code: int, *, is_changed: bool, log: Log) -> None:
    """Say whether the end is the recorded one."""
    end = end_of(code, answers.events)
    found, said = comparing.decisions(record.end, end), comparing.words(record.end, end)
    left = comparing.calls_left(answers.left())
    if is_changed:
        how = "another" if found else "the same"
        log.info(f"replayed with a change: the end is {how}", **({"why": found} if found else {}))
    elif found or said or left:
        what = "decides otherwise" if found else "says it in other words" if said else "asks less"
        others = comparing.versions(record.versions, _installed())
        log.warning(
            f"this version {what} than the recorded one", why=(*others, *found, *said, *left)
        )
    else:
        log.info("replayed as recorded", exit=code)


def _installed() -> dict[str, str]:
    found = {"ecsstep": __version__, "python": platform.python_version()}
    with contextlib.suppress(PackageNotFoundError):
        found["botocore"] = version("botocore")
    return found
