"""The containers' words, put into moto's CloudWatch Logs."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

WriteLog = Callable[[str, str, Sequence[str], dt.datetime], None]


def writer(account: str, region: str) -> WriteLog:
    """Return what writes lines into a stream; group and stream are made as needed."""

    def write(group: str, stream: str, lines: Sequence[str], at: dt.datetime) -> None:
        from moto.logs.models import logs_backends

        backend: Any = logs_backends[account][region]
        backend.ensure_log_group(group)
        backend.ensure_log_stream(group, stream)
        # Past the backend's own put_log_events, which takes no events of tomorrow: a sandbox
        # that runs fast is soon there.
        backend.groups[group].streams[stream].put_log_events(
            [{"timestamp": round(at.timestamp() * 1000), "message": line} for line in lines]
        )

    return write
