"""Several things at once."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.core.together import both, together


@given(values=st.lists(st.integers(), max_size=20), most=st.integers(1, 8))
def test_what_each_gives_comes_back_in_their_order(values: list[int], most: int) -> None:
    deeds = [lambda value=value: value * 2 for value in values]

    assert together(deeds, most=most) == tuple(value * 2 for value in values)


def test_they_run_side_by_side_and_no_more_than_allowed() -> None:
    meeting = threading.Barrier(2, timeout=60)

    assert together([lambda: meeting.wait() >= 0] * 4, most=2) == (True,) * 4


def test_the_first_error_is_raised_and_the_rest_is_told_to_stop() -> None:
    stop = threading.Event()
    done = []

    def fails() -> None:
        raise OSError("broken")

    def waits() -> None:
        assert stop.wait(10)
        done.append("stopped")

    with pytest.raises(OSError, match="broken"):
        together([waits, fails, lambda: done.append("begun too late")], most=2, stop=stop)

    assert done == ["stopped"]


def test_meanwhile_the_caller_is_told_and_may_be_interrupted() -> None:
    stop = threading.Event()

    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        together([lambda: stop.wait(10)], most=1, meanwhile=interrupted, stop=stop)

    assert stop.is_set()


def test_a_long_deed_leaves_time_to_draw() -> None:
    drawn: list[int] = []
    enough = threading.Event()

    def draw() -> None:
        drawn.append(1)
        if len(drawn) == 3:
            enough.set()

    together([lambda: enough.wait(10)], most=1, meanwhile=draw)

    assert len(drawn) >= 3


def test_two_deeds_give_what_each_of_them_gives() -> None:
    meeting = threading.Barrier(2, timeout=60)

    def meets() -> str:
        return "first" if meeting.wait() == 0 else "second"

    assert sorted(both(meets, meets)) == ["first", "second"]


def test_of_two_errors_it_is_the_first_deeds_whichever_came_first() -> None:
    second_is_done = threading.Event()

    def late() -> None:
        assert second_is_done.wait(60)
        raise OSError("the first deed's")

    def early() -> None:
        try:
            raise OSError("the second deed's")
        finally:
            second_is_done.set()

    with pytest.raises(OSError, match="the first deed's"):
        both(late, early)
    with pytest.raises(OSError, match="the second deed's"):
        both(int, early)
