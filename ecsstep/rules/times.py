"""Times as people read them: in UTC, whatever zone AWS's answer or the machine has."""

import datetime as dt


def in_utc(at: dt.datetime) -> str:
    """Return date and time, in UTC: ``2026-01-02T03:04:05Z``."""
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def clock_time(at: dt.datetime) -> str:
    """Return the time of day, in UTC: ``03:04:05Z``."""
    return at.astimezone(dt.UTC).strftime("%H:%M:%SZ")
