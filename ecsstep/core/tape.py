"""What a step was told by the outside, kept in memory until it is known who needs it."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ecsstep.core.bodies import Bodies, Body
from ecsstep.core.clock import Clock
from ecsstep.core.outside import Answer, Outside, Question
from ecsstep.errors import StepError

_MOST_WEIGHT = 8 * 1024 * 1024
_ENTRY_WEIGHT = 1200
_MOST_EVENTS = 2000
_MOST_SAID = 1024 * 1024
_UNSEEN_SECONDS = 0.005
_LARGEST_BODY = 4 * 1024 * 1024

CLOCK, INTERRUPT = "clock", "interrupt"


class Noted:
    """One answer on a tape.

    Attributes:
        kind: What was asked, or ``clock`` for a time that was read or slept until, or
            ``interrupt``.
        question: What makes it this question.
        answer: The answer; a body in it is a :class:`~ecsstep.core.bodies.Body`.
        at: When it was there, in seconds since the tape began.
        took: How many seconds it took.
    """

    __slots__ = ("answer", "at", "kind", "question", "took")

    def __init__(
        self, kind: str, question: Question, answer: Answer, *, at: float, took: float = 0
    ) -> None:
        self.kind = kind
        self.question = question
        self.answer = answer
        self.at = at
        self.took = took


class Tape(Outside):
    """Asks for real and keeps the answers; bounded: of too many the middle goes.

    Attributes:
        began: The wall clock's time at the beginning.
        events: What the step said last: seconds, level, event, data.
        unsaid: How many events before them were too many.
        left_out: How many answers went, and until when the gap lasts.
    """

    is_kept = True

    def __init__(self, clock: Clock, *, most: int = _MOST_WEIGHT) -> None:
        self._clock = clock
        self._most = most
        self._start = clock.monotonic()
        self._last = 0.0
        self._bodies = Bodies()
        self._head: list[Noted] = []
        self._tail: deque[Noted] = deque()
        self._lock = threading.RLock()
        self.began = clock.now()
        self.events: deque[tuple[float, str, str, Mapping[str, object]]] = deque()
        self.unsaid = 0
        self._said_weights: deque[int] = deque()
        self._said_weight = 0
        self.left_out = (0, 0.0)
        self._is_interrupted = False

    def ask(self, kind: str, question: Question, live: Callable[[], Answer]) -> Answer:
        """Return the answer to a question, and keep it."""
        began = self.now()
        try:
            answer = live()
        except StepError as error:
            self.note(kind, question, {"error": told(error)}, began=began)
            raise
        except OSError as error:
            reason = {"errno": error.errno or 0, "strerror": error.strerror or str(error)}
            self.note(kind, question, {"os_error": reason}, began=began)
            raise
        self.note(kind, question, answer, began=began)
        return answer

    def note(self, kind: str, question: Question, answer: Answer, *, began: float = 0) -> None:
        """Keep an answer; ``began`` is when it was asked for, by :meth:`now`."""
        at = self.now()
        with self._lock:
            kept = {name: self._kept(value) for name, value in answer.items()}
            self._add(Noted(kind, question, kept, at=at, took=at - began))

    def said(self, level: str, event: str, data: Mapping[str, object]) -> None:
        """Keep an event of the step's own."""
        weight = len(event) + sum(len(name) + len(str(value)) for name, value in data.items())
        with self._lock:
            self.events.append((self.now(), level, event, data))
            self._said_weights.append(weight)
            self._said_weight += weight
            while len(self.events) > _MOST_EVENTS or (
                self._said_weight > _MOST_SAID and len(self.events) > 1
            ):
                self.events.popleft()
                self._said_weight -= self._said_weights.popleft()
                self.unsaid += 1

    def interrupted(self, signal: str) -> None:
        """Keep that a signal arrived, the first time that it is told."""
        # A signal's handler may find the lock taken by the very thread that it interrupts.
        if self._is_interrupted:
            return
        self._is_interrupted = True
        self._add(Noted(INTERRUPT, {}, {"signal": signal}, at=self.now()))

    def now(self) -> float:
        """Return the seconds since the tape began."""
        return self._clock.monotonic() - self._start

    def saw(self, reading: float) -> None:
        """Keep that the step read this time, where it couldn't be told from the answers."""
        at = reading - self._start
        if at - self._last > _UNSEEN_SECONDS:
            with self._lock:
                self._add(Noted(CLOCK, {}, {}, at=at))

    def slept(self, seconds: float) -> None:
        """Keep that the step let this much time go by."""
        with self._lock:
            self._add(Noted(CLOCK, {"slept": seconds}, {}, at=self.now()))

    def __iter__(self) -> Iterator[Noted]:
        """Yield what was noted before the gap."""
        return iter(self._head)

    @property
    def after_gap(self) -> tuple[Noted, ...]:
        """What was noted after the gap, if there is one; else what was noted last."""
        return tuple(self._tail)

    def _add(self, noted: Noted) -> None:
        self._last = max(self._last, noted.at)
        if not self._tail and self._weight() < self._most / 2:
            self._head.append(noted)
            return
        self._tail.append(noted)
        while self._weight() > self._most and len(self._tail) > 1:
            gone = self._tail.popleft()
            self.left_out = (self.left_out[0] + (gone.kind != CLOCK), gone.at)
            for value in gone.answer.values():
                if isinstance(value, Body):
                    self._bodies.drop(value)

    def _weight(self) -> int:
        return self._bodies.weight + _ENTRY_WEIGHT * (len(self._head) + len(self._tail))

    def _kept(self, value: Any) -> Any:
        if not isinstance(value, bytes):
            return value
        if len(value) > _LARGEST_BODY:
            return {"left_out": len(value)}
        return self._bodies.kept(value)


def told(error: StepError) -> dict[str, Any]:
    """Return an error in JSON's types."""
    return {
        "type": type(error).__name__,
        "message": error.message,
        "exit": int(error.exit),
        "hint": error.hint,
        "why": list(error.why),
    }
