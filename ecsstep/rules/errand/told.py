"""How a one-off task ended, in words: the outcome, the reason, and what to do next."""

from collections.abc import Sequence
from typing import Any, assert_never

from ecsstep.errors import Exit
from ecsstep.rules.cause_table import Cause
from ecsstep.rules.causes import cause_of
from ecsstep.rules.errand.verdict import (
    CutShort,
    Exited,
    Going,
    Lost,
    NeverRan,
    NotPlaced,
    Succeeded,
    TaskVerdict,
    Unwatched,
)
from ecsstep.value import Value

# What a task that is meant to end can't be blamed for.
_NO_CAUSE = "essential-container-exited"
_CAPACITY = frozenset({"no-capacity", "network-interface-limit", "port-taken"})
_AGAIN = "run task-run again, which starts a new task"
_NEXT = {
    "failed": f"mend it, then {_AGAIN}",
    "not-started": f"mend that, then {_AGAIN}",
    "cut-short": f"find out how far it has come, then {_AGAIN}",
    "unknown": "it goes on in ECS: follow it with --task before you run it again",
    "gone": "look in its log how it ended, before you run it again",
}


class Outcome(Value):
    """How a one-off task ended.

    Attributes:
        word: The outcome in one word.
        reason: What happened, in one line.
        exit_code: The container's, if it has one.
        cause: Why, if the catalogue knows it.
        advice: What to do about what stood in the way.
    """

    word: str
    exit: Exit
    reason: str
    exit_code: int | None = None
    cause: Cause | None = None
    advice: str = ""

    @property
    def hint(self) -> str:
        """The next thing to do."""
        said = [self.advice, self.cause.hint if self.cause else "", _NEXT.get(self.word, "")]
        if self.exit is Exit.TEMPORARY:
            said.append("no task was started, so the step can be run again as it is")
        return "; ".join(part for part in said if part)


def outcome_of(verdict: TaskVerdict, container: str) -> Outcome:
    """Return how it ended; a task that is still going has run into the time limit."""
    match verdict:
        case Succeeded():
            reason = f"container '{container}' exited with code 0"
            return Outcome(word="succeeded", exit=Exit.OK, reason=reason, exit_code=0)
        case Exited(code=code, reason=words):
            reason = f"container '{container}' exited with code {code}"
            return _bad("failed", f"{reason}: {words}" if words else reason, words, code)
        case NeverRan(reason=words):
            return _bad("not-started", f"container '{container}' never ran: {words}", words)
        case CutShort(reason=words, code=code):
            ended = f" (it exited with code {code})" if code is not None else ""
            said = f"container '{container}' was ended before it was done{ended}: {words}"
            return _bad("cut-short", said, words, code)
        case NotPlaced(reason=words):
            cause = cause_of(words)
            may_pass = cause is not None and cause.name in _CAPACITY
            return Outcome(
                word="not-placed",
                exit=Exit.TEMPORARY if may_pass else Exit.FAILED,
                reason=f"ECS started no task: {words}",
                cause=cause,
            )
        case Lost():
            return _bad("gone", "ECS knows the task no more, so nobody knows how it ended", "")
        case Unwatched(reason=words, exit=code, hint=hint):
            return Outcome(
                word="unknown",
                # A pipeline runs what is temporary again by itself: that would be a second task.
                exit=Exit.FAILED if code is Exit.TEMPORARY else code,
                reason=f"the task was started, and can't be watched any more: {words}",
                advice=hint,
            )
        case Going(status=status):
            return Outcome(word="timeout", exit=Exit.TIMEOUT, reason=f"the task is still {status}")
        case _:
            assert_never(verdict)


def _bad(word: str, reason: str, words: str, code: int | None = None) -> Outcome:
    cause = cause_of(words, code)
    known = None if cause is None or cause.name == _NO_CAUSE else cause
    return Outcome(word=word, exit=Exit.FAILED, reason=reason, exit_code=code, cause=known)


def why(outcome: Outcome, container: str, lines: Sequence[str]) -> tuple[str, ...]:
    """Return the lines that explain a bad outcome."""
    cause = outcome.cause
    said = [f"likely cause: {cause.says}; {cause.hint}"] if cause else []
    if lines:
        said.append(f"last log lines of container '{container}':")
    return (*said, *(f"  {line.rstrip()}" for line in lines))


def data_of(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome as the JSON result has it."""
    return {
        "outcome": outcome.word,
        "reason": outcome.reason,
        "exitCode": outcome.exit_code,
        "causes": [outcome.cause.name] if outcome.cause else [],
    }
