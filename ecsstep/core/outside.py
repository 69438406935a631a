"""The seam between a step and what is outside of it.

Whatever a step learns from outside (AWS, a registry, a container tool, a file) comes through the
:class:`Outside` in use. Plain, it asks for real and keeps nothing; a
:class:`~ecsstep.core.tape.Tape` keeps the answers, and a replay answers from a record. It is one
for the process and not handed from hand to hand, so that no call can be forgotten: in a replay
nothing gets past it.
"""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Question = Mapping[str, Any]
Answer = Mapping[str, Any]


class Outside:
    """Asks for real and keeps nothing.

    Attributes:
        is_replay: Whether every answer comes from a record; then nothing may be touched for real.
        is_kept: Whether somebody keeps the answers, so that it is worth describing them.
    """

    is_replay = False
    is_kept = False

    def ask(self, kind: str, question: Question, live: Callable[[], Answer]) -> Answer:
        """Return the answer to a question.

        Args:
            kind: What is asked: ``file``, ``http``, ``run``, ``setting``, ….
            question: What makes it this question, in JSON's types.
            live: Asks for real and returns the answer, in JSON's types and bytes.

        Raises:
            StepError: As ``live`` raises it, or as it was raised when the record was made.
            OSError: The same.
        """
        del kind, question
        return live()

    def note(self, kind: str, question: Question, answer: Answer, *, began: float = 0) -> None:
        """Take note of an answer that came by another way than :meth:`ask`."""

    def recorded(self, kind: str, question: Question) -> Answer | None:
        """Return a replay's answer; None where it has to be asked for real."""
        del kind, question
        return None

    def has_another(self, question: Question) -> bool:
        """Whether a replay's call was tried once more after this attempt."""
        del question
        return False

    def now(self) -> float:
        """Return the seconds since the beginning, as they are noted."""
        return 0.0

    def time(self) -> dt.datetime | None:
        """Return the time of a replay; None where it is what the clock on the wall says."""
        return None

    def wrote(self, path: str, content: bytes) -> None:
        """Take note that a file has been written, or would have been."""

    def said(self, level: str, event: str, data: Mapping[str, object]) -> None:
        """Take note of an event of the step's own."""

    def interrupted(self, signal: str) -> None:
        """Take note that ``SIGINT`` or ``SIGTERM`` arrived."""


_in_use = [Outside()]


def current() -> Outside:
    """Return the one in use."""
    return _in_use[-1]


@contextlib.contextmanager
def using(outside: Outside) -> Iterator[None]:
    """Use this one, in every thread, until the end of the block."""
    _in_use.append(outside)
    try:
        yield
    finally:
        _in_use.remove(outside)
