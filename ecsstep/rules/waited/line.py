"""One deployment in one line, while it moves."""

from ecsstep.rules.rollout import Deployed
from ecsstep.rules.watch import Watch

_WIDTH = 20


def line_of(watch: Watch, elapsed: float) -> str:
    """Return name, bar, counts, stage, traffic and the time that has gone by."""
    counts = watch.counts
    is_full = isinstance(watch.verdict, Deployed)
    share = min(counts["running"] / counts["desired"], 1.0) if counts["desired"] else is_full
    drawn = "#" * round(share * _WIDTH)
    weight = f"{watch.weight:g}% of the traffic" if watch.weight is not None else ""
    failed = f"{counts['failed']} failed" if counts["failed"] else ""
    old = f"{watch.others_running} old" if watch.others_running else ""
    parts = (
        watch.name,
        f"[{drawn:<{_WIDTH}}]",
        f"{counts['running']}/{counts['desired']} running",
        old,
        failed,
        watch.stage,
        weight,
        f"{int(elapsed) // 60}:{int(elapsed) % 60:02d}",
    )
    return "  ".join(part for part in parts if part)


def changed(before: Watch | None, now: Watch) -> bool:
    """Whether a look showed something that is worth a line."""
    return now.seen is not None and (before is None or _told(before) != _told(now))


def _told(watch: Watch) -> tuple[object, ...]:
    seen = watch.seen
    state = (seen.rollout_state, seen.status) if seen else ()
    return (tuple(watch.counts.values()), state, watch.stage, watch.weight, watch.others_running)
