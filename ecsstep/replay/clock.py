"""Time in a replay: an hour goes by in no time."""

import datetime as dt

from ecsstep.replay.answers import Answers


class ReplayClock:
    """The recorded run's time."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def now(self) -> dt.datetime:
        """Return the wall clock's time then, in UTC."""
        return self._answers.time()

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        return self._answers.read_clock()

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` go by."""
        self._answers.sleep(seconds)
