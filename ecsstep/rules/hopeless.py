"""When a deployment can't come to a good end any more; docs/wait-stable.md says it for people."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable

from ecsstep.rules.cause_table import Cause
from ecsstep.rules.causes import cause_of
from ecsstep.rules.rollout import Hopeless
from ecsstep.rules.service import Task

# What a person has to mend first. A registry that can't be reached or a lack of capacity may pass.
_CANNOT_HEAL = frozenset(
    {
        "command-not-executable",
        "command-not-found",
        "env-file-denied",
        "env-file-missing",
        "image-missing",
        "log-denied",
        "log-group-missing",
        "pull-denied",
        "role-not-assumable",
        "secret-denied",
        "secret-missing",
        "wrong-architecture",
    }
)
_SAME_CAUSE = 2
_DEATHS = 5
_DEATHS_OVER = dt.timedelta(seconds=60)
_STAYED_UP = dt.timedelta(seconds=60)
_BY_THEMSELVES = frozenset({"TaskFailedToStart", "EssentialContainerExited"})


def hopeless(
    stopped: Iterable[Task], running: Iterable[Task] | None, *, has_breaker: bool
) -> Hopeless | None:
    """Return why a deployment is hopeless, or None while it may yet become well.

    Two rules, and neither speaks once a task of the deployment has stayed up for a minute:

    - Two of its tasks couldn't start for the same cause that time doesn't heal, and none ever
      came up.
    - Five of its tasks ended by themselves, over a minute or more, and none that is up speaks for
      the deployment. With ECS's circuit breaker on this one is left to the breaker.

    A task that is up speaks for the deployment if it came up after the last death, or has been up
    for a minute or for longer than any of the dead was. One that is younger and came up before the
    last death is what a crash loop of several tasks always has. What is "now" the answers say by
    the newest moment in them, so no clock is asked, and none can be wrong.

    Args:
        stopped: The deployment's stopped tasks.
        running: Its tasks that are to run; None where they can't be read.
        has_breaker: Whether ECS's circuit breaker watches over the deployment.
    """
    dead = [task for task in stopped if task.stop_code in _BY_THEMSELVES]
    if running is None or not dead or any(_life(task) >= _STAYED_UP for task in dead):
        return None
    up = [task.started_at for task in running if task.started_at]
    cause = lasting_cause(dead)
    if cause is not None and not up and not any(task.started_at for task in dead):
        return Hopeless(reason=f"its tasks can't start, and time doesn't mend that: {cause.says}")
    moments = [task.stopped_at for task in dead if task.stopped_at]
    if has_breaker or len(moments) < _DEATHS or max(moments) - min(moments) < _DEATHS_OVER:
        return None
    if _may_be_well(up, moments, max(map(_life, dead))):
        return None
    return Hopeless(reason=f"{len(dead)} of its tasks have ended, and none stayed up for a minute")


def _may_be_well(up: list[dt.datetime], deaths: list[dt.datetime], longest: dt.timedelta) -> bool:
    """Whether a task that is up since one of these moments speaks for the deployment.

    Without a clock a task's age is known up to the newest moment alone. One that came up after the
    last death isn't judged by it: it may be the one that is well at last.
    """
    now = max([*up, *deaths])
    return any(
        since >= max(deaths) or now - since >= _STAYED_UP or now - since > longest for since in up
    )


def _life(task: Task) -> dt.timedelta:
    """For how long a stopped task was up."""
    if task.stopped_at is None or task.started_at is None:
        return dt.timedelta()
    return task.stopped_at - task.started_at


def lasting_cause(dead: list[Task]) -> Cause | None:
    """Return the cause that kept two of these tasks from starting, if time doesn't mend it."""
    causes = [
        cause
        for task in dead
        if task.stop_code == "TaskFailedToStart"
        if (cause := cause_of(words_of(task))) and cause.name in _CANNOT_HEAL
    ]
    common = Counter(causes).most_common(1)
    return common[0][0] if common and common[0][1] >= _SAME_CAUSE else None


def words_of(task: Task) -> str:
    """Return all of AWS's words about a stopped task."""
    return " ".join([task.stopped_reason, *(each.reason for each in task.containers)])
