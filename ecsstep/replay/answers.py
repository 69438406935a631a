"""Answers from a record, each once, to the question that it was given to."""

import datetime as dt
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping

from ecsstep.core.outside import Answer, Outside, Question
from ecsstep.errors import Terminated
from ecsstep.replay.disk import Disk, too_large
from ecsstep.replay.errors import error_of
from ecsstep.rules.record.matching import CALLS, described, key
from ecsstep.rules.record.value import CLOCK, INTERRUPT, Entry, Record, Said

_SLEEPS_SECONDS, _SLEEPS_SHARE = 0.02, 0.05
_DEFAULTS: Mapping[str, Answer] = {
    "setting": {"value": None},
    "identity": {"method": "replay"},
}


class NoAnswerError(BaseException):
    """A question that the record has no answer to.

    Not an Exception, so that no step takes it for one of AWS's refusals.
    """

    def __init__(self, question: str, number: int) -> None:
        super().__init__(question)
        self.question = question
        self.number = number


class Answers(Outside):
    """Answers from a record; time goes on as it went then.

    Attributes:
        disk: The files, as they were and as they would be now.
        events: What the step says now.
    """

    is_replay = True

    def __init__(self, record: Record, disk: Disk) -> None:
        self.disk = disk
        self.events: list[Said] = []
        self._began = record.began
        self._entries = record.entries
        self._used: set[int] = set()
        self._cursor = 0  # the first entry after the last one that was used
        self._elapsed = 0.0
        self._asked: dict[str, int] = defaultdict(int)
        self._by_key: dict[str, deque[int]] = defaultdict(deque)
        self._lock = threading.RLock()
        self._interrupts = deque(
            at for at, entry in enumerate(record.entries) if entry.kind == INTERRUPT
        )
        for at, entry in enumerate(record.entries):
            self._by_key[key(entry.kind, entry.question)].append(at)

    def ask(self, kind: str, question: Question, live: Callable[[], Answer]) -> Answer:
        """Return the recorded answer, or raise what was raised then; nothing is asked for real."""
        del live
        found = self.recorded(kind, question)
        if kind == "file":
            return self.disk.answer(str(question["do"]), str(question["path"]), found)
        if kind == "stdin":
            found = self.disk.stdin(str(question["do"]), found)
            if not isinstance(found.get("content", b""), bytes):
                raise too_large("-")
        if found is None:
            found = _DEFAULTS.get(kind, {})
        if "error" in found:
            raise error_of(found["error"])
        return found

    def recorded(self, kind: str, question: Question) -> Answer | None:
        """Return the next unused answer to this question.

        Raises:
            NoAnswerError: There is none, and the step can't go on without.
        """
        with self._lock:
            found = key(kind, question)
            self._asked[found] += 1
            waiting = self._by_key.get(found)
            if kind in CALLS:
                self._interrupt(waiting[0] if waiting else len(self._entries))
            if not waiting or (question.get("do") == "fetch" and waiting[0] != self._cursor):
                if kind in CALLS:
                    where = f" in {question['region']}" if question.get("region") else ""
                    raise NoAnswerError(described(kind, question) + where, self._asked[found])
                return None
            return self._use(waiting.popleft()).answer

    def has_another(self, question: Question) -> bool:
        """Whether the same call was tried once more."""
        with self._lock:
            waiting = self._by_key.get(key("aws", question))
            later = self._entries[waiting[0]].question if waiting else {}
            return bool(later.get("attempt", 1) == question.get("attempt", 1) + 1)

    def now(self) -> float:
        """Return the seconds since the beginning."""
        return self._elapsed

    def time(self) -> dt.datetime:
        """Return the time of the day."""
        return self._began + dt.timedelta(seconds=self._elapsed)

    def read_clock(self) -> float:
        """Return the seconds since the beginning, as a step read them."""
        with self._lock:
            if self._is_at(self._cursor, CLOCK) and not self._slept(self._cursor):
                self._use(self._cursor)
            return self._elapsed

    def sleep(self, seconds: float) -> None:
        """Let time go by at once, unless the sleep was interrupted then."""
        with self._lock:
            at = self._cursor
            while self._is_at(at, CLOCK) and not self._slept(at):
                at += 1
            self._interrupt(at + 1)
            until = self._elapsed + seconds
            if self._is_at(at, CLOCK) and _is_near(self._slept(at), seconds):
                self._use(at)
            else:
                self._elapsed = until

    def said(self, level: str, event: str, data: Mapping[str, object]) -> None:
        """Keep what the step says."""
        self.events.append(Said(at=self._elapsed, level=level, event=event, data=dict(data)))

    def wrote(self, path: str, content: bytes) -> None:
        """Keep what would be written."""
        self.disk.wrote(path, content)

    def left(self) -> tuple[Entry, ...]:
        """Return the recorded calls that were not made."""
        return tuple(
            entry
            for at, entry in enumerate(self._entries)
            if at not in self._used and entry.kind in CALLS
        )

    def _slept(self, at: int) -> float:
        found = self._entries[at].question.get("slept", 0.0)
        return float(found) if isinstance(found, (int, float)) else 0.0

    def _is_at(self, at: int, kind: str) -> bool:
        return at < len(self._entries) and self._entries[at].kind == kind

    def _use(self, at: int) -> Entry:
        entry = self._entries[at]
        self._used.add(at)
        self._cursor = max(self._cursor, at + 1)
        self._elapsed = max(self._elapsed, entry.at)
        return entry

    def _interrupt(self, before: int) -> None:
        """Raise a signal that arrived before this answer came."""
        if not self._interrupts or self._interrupts[0] >= before:
            return
        entry = self._use(self._interrupts.popleft())
        raise Terminated if entry.answer.get("signal") == "SIGTERM" else KeyboardInterrupt


def _is_near(recorded: float, wanted: float) -> bool:
    """Whether a sleep is the recorded one; its length may rest on what time it was."""
    return abs(recorded - wanted) <= max(_SLEEPS_SECONDS, _SLEEPS_SHARE * recorded)
