"""The tape: what it keeps, how small it stays, what it lets go of."""

import json
import random
import tracemalloc
from collections.abc import Mapping
from typing import Any

import pytest

from ecsstep.core.bodies import Bodies
from ecsstep.core.outside import Outside, current, using
from ecsstep.core.tape import CLOCK, INTERRUPT, Tape
from ecsstep.core.taped import TapedClock
from ecsstep.errors import Exit, StepError
from fakes import START, FakeClock


def kinds(tape: Tape) -> list[str]:
    return [noted.kind for noted in (*tape, *tape.after_gap)]


def test_nothing_is_kept_without_a_tape() -> None:
    plain = current()

    plain.note("aws", {}, {})
    plain.said("info", "x", {})
    plain.wrote("a", b"")
    plain.interrupted("SIGTERM")

    assert plain.ask("file", {}, lambda: {"a": 1}) == {"a": 1}
    assert plain.recorded("aws", {}) is None
    assert not plain.has_another({})
    assert (plain.now(), plain.time(), plain.is_kept, plain.is_replay) == (0.0, None, False, False)


def test_the_one_in_use_is_the_innermost_and_goes_with_its_block() -> None:
    outer, inner = Outside(), Outside()

    with using(outer), using(inner):
        assert current() is inner
    assert current() not in {outer, inner}


def test_an_answer_is_kept_with_its_time() -> None:
    clock = FakeClock()
    tape = Tape(clock)

    def live() -> Mapping[str, Any]:
        clock.elapsed += 2
        return {"content": b"x", "is": True}

    assert tape.ask("file", {"do": "read"}, live) == {"content": b"x", "is": True}

    [noted] = tape
    assert (noted.kind, noted.question, noted.at, noted.took) == ("file", {"do": "read"}, 2, 2)
    assert (noted.answer["content"].raw, noted.answer["is"]) == (b"x", True)
    assert tape.began == START


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (
            StepError("no", exit=Exit.TOOL, hint="h", why=("w",)),
            {"error": {"type": "StepError", "message": "no", "exit": 6, "hint": "h", "why": ["w"]}},
        ),
        (FileNotFoundError(2, "Not there"), {"os_error": {"errno": 2, "strerror": "Not there"}}),
        (OSError("odd"), {"os_error": {"errno": 0, "strerror": "odd"}}),
    ],
)  # fmt: skip
def test_an_error_is_kept_and_raised(error: Exception, kept: dict[str, Any]) -> None:
    tape = Tape(FakeClock())

    def live() -> Mapping[str, Any]:
        raise error

    with pytest.raises(type(error)):
        tape.ask("run", {}, live)

    assert [noted.answer for noted in tape] == [kept]


def test_a_signal_is_kept_once() -> None:
    tape = Tape(FakeClock())

    tape.interrupted("SIGTERM")
    tape.interrupted("SIGINT")

    assert [(noted.kind, noted.answer) for noted in tape] == [(INTERRUPT, {"signal": "SIGTERM"})]


def test_a_time_is_kept_where_the_answers_dont_tell_it() -> None:
    clock = FakeClock()
    tape = Tape(clock)
    taped = TapedClock(clock, tape)

    assert taped.monotonic() == 0
    clock.elapsed = 1
    assert taped.monotonic() == 1
    taped.sleep(5)
    assert taped.monotonic() == 6
    assert taped.now() == clock.now()

    found = [(noted.kind, dict(noted.question), noted.at) for noted in tape]
    assert found == [(CLOCK, {}, 1), (CLOCK, {"slept": 5}, 6)]


def test_a_body_is_kept_once_and_a_huge_one_not_at_all() -> None:
    tape = Tape(FakeClock())

    for _ in range(3):
        tape.note("aws", {}, {"body": b"same"})
    tape.note("file", {}, {"content": b"x" * (5 * 1024 * 1024)})

    first, second, third, huge = tape
    assert first.answer["body"] is second.answer["body"] is third.answer["body"]
    assert huge.answer == {"content": {"left_out": 5 * 1024 * 1024}}


def test_of_too_much_the_middle_goes() -> None:
    clock = FakeClock()
    tape = Tape(clock, most=30_000)
    noise = random.Random(1)

    for number in range(200):
        clock.elapsed = number
        tape.note("aws", {"number": number}, {"body": noise.randbytes(1000), "n": 1})

    numbers = [noted.question["number"] for noted in (*tape, *tape.after_gap)]
    count, until = tape.left_out
    assert numbers[0] == 0
    assert numbers[-1] == 199
    assert count == 200 - len(numbers)
    assert numbers[len(list(tape))] == until + 1
    assert 8 < len(numbers) < 20


@pytest.mark.parametrize(("size", "kept"), [(1, 2000), (100_000, 10)])
def test_of_too_many_events_the_first_go_and_are_counted(size: int, kept: int) -> None:
    tape = Tape(FakeClock())

    for number in range(2100):
        tape.said("info", str(number), {"more": "x" * size})
    tape.said("info", "x" * 2_000_000, {})
    assert (len(tape.events), tape.unsaid) == (1, 2100)

    tape = Tape(FakeClock())
    for number in range(2100):
        tape.said("info", str(number), {"more": "x" * size})

    assert (len(tape.events), tape.unsaid) == (kept, 2100 - kept)
    assert tape.events[-1][2] == "2099"


def test_bodies_are_compressed_when_there_is_a_megabyte_of_them() -> None:
    bodies = Bodies()
    large = [f"{number} ".encode() * 200_000 for number in range(4)]

    kept = [bodies.kept(raw) for raw in large]

    assert [body.raw for body in kept] == large
    assert bodies.weight < 1_000_000
    assert bodies.kept(large[0]) is kept[0]
    for raw in (*large, large[0]):
        bodies.drop(bodies.kept(raw))
        bodies.drop(kept[large.index(raw)])
    assert bodies.weight == 0


def test_a_healthy_hour_takes_little_memory() -> None:
    clock = FakeClock()
    service = json.dumps({"services": [{"events": [{"message": "x" * 100}] * 100}]})
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    tape = Tape(clock)

    for look in range(720):
        clock.elapsed += 5
        for operation in ("DescribeServiceDeployments", "DescribeServices"):
            # Every look's answer is another one: the worst that can be.
            body = f'{{"look": {look}, "all": {service}}}'.encode()
            question = {"operation": operation, "parameters": {"services": ["web"]}}
            tape.note("aws", question, {"status": 200, "headers": {"x": str(look)}, "body": body})
        tape.slept(5)
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert tape.left_out == (0, 0.0)
    assert after - before < 5_000_000
    assert peak - before < 20_000_000
    assert kinds(tape).count("aws") == 1440
