"""Time that goes on by what is asked, and not by itself.

Between two looks of a step on a slow machine, hours may go by in a sandbox that runs fast. With
this clock a story is the same on every machine: each look at something that moves lets a number of
seconds go by, every other call a tenth of one.
"""

import datetime as dt
import threading

LOOKS = frozenset(
    {
        "cloudfront:GetInvalidation",
        "codedeploy:GetDeployment",
        "ecr:DescribeImageScanFindings",
        "ecs:DescribeServices",
        "ecs:DescribeTasks",
    }
)
"""The actions by which a step, or a waiter of the AWS CLI, sees whether something has moved."""

SHORTEST_LOOK = 0.1
"""Real seconds between two looks, at least: what a step's interval is in the sandbox then."""

_CALL = 0.1


class LookingClock:
    """A clock that goes on at each call, by ``look`` seconds where the call is a look."""

    def __init__(self, look: float) -> None:
        self._look = look
        self._elapsed = 0.0
        self._start = dt.datetime.now(dt.UTC)
        self._lock = threading.Lock()

    def elapsed(self) -> float:
        """Return the sandbox seconds since the start."""
        return self._elapsed

    def now(self) -> dt.datetime:
        """Return the sandbox's time, in UTC."""
        return self._start + dt.timedelta(seconds=self._elapsed)

    def called(self, action: str) -> None:
        """Let the time of one call go by."""
        with self._lock:
            self._elapsed += self._look if action in LOOKS else _CALL
