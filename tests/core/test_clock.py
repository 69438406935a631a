"""Waiting, without waiting."""

import datetime as dt
import time

import pytest

from ecsstep.core.clock import SystemClock, ticks
from fakes import FakeClock


def test_ticks_come_at_once_then_evenly_and_last_at_the_limit() -> None:
    clock = FakeClock()

    assert list(ticks(clock, every=4, limit=10)) == [0, 4, 8, 10]
    assert clock.slept == [4, 4, 2]


def test_no_time_is_one_look() -> None:
    assert list(ticks(FakeClock(), every=5, limit=0)) == [0]


def test_the_time_that_the_body_takes_counts() -> None:
    clock = FakeClock()
    seen = []

    for elapsed in ticks(clock, every=5, limit=10):
        seen.append(elapsed)
        clock.elapsed += 7

    assert seen == [0, 10]
    assert clock.elapsed == 17


def test_the_clock_on_the_wall_knows_utc_only_grows_and_sleeps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = SystemClock()
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)

    clock.sleep(3)
    assert slept == [3]

    assert clock.now().tzinfo is dt.UTC
    assert clock.monotonic() <= clock.monotonic()
