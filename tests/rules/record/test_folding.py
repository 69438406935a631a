"""A run as it went."""

import json
from typing import Any

from ecsstep.rules.record.folding import Moment, moments
from ecsstep.rules.record.value import Entry, Said


def a_look(at: float, running: int, *, events: tuple[str, ...] = (), **asked: Any) -> Entry:
    body = {
        "services": [
            {
                "serviceName": "web",
                "status": "ACTIVE",
                "runningCount": running,
                "events": [{"createdAt": 0, "message": each} for each in events],
            }
        ]
    }
    question = {"service": "ecs", "operation": "DescribeServices", "parameters": asked}
    answer = {"status": 200, "body": json.dumps(body).encode()}
    return Entry(kind="aws", question=question, answer=answer, at=at)


def said(at: float, event: str, *, level: str = "info", **data: Any) -> Said:
    return Said(at=at, level=level, event=event, data=data)


def lines(found: list[Moment]) -> list[str]:
    return [
        line
        for moment in found
        for line in (f"{moment.at:g} {moment.says}", *(f"  {fact}" for fact in moment.facts))
    ]


def test_looks_that_show_nothing_new_are_counted() -> None:
    looks = [a_look(at, 0) for at in (1, 2, 3)] + [a_look(4, 1)]

    found = list(moments(looks, []))

    assert lines(found) == [
        "1 ecs DescribeServices",
        "  service web: ACTIVE, 0 of 0 running, 0 pending, 0 deployments",
        "3 ×2 until here, nothing new: ecs DescribeServices",  # noqa: RUF001 - times
        "4 ecs DescribeServices",
        "  service web: ACTIVE, 1 of 0 running, 0 pending, 0 deployments",
    ]


def test_calls_of_several_kinds_are_counted_apart() -> None:
    tasks = Entry(kind="aws", question={"service": "ecs", "operation": "ListTasks"},
                  answer={"status": 200, "body": b"{}"}, at=0.5)  # fmt: skip
    looks = [tasks, a_look(1, 0), a_look(2, 0), tasks.replaced(at=3.0), a_look(4, 0)]

    found = list(moments(looks, []))

    assert found[-1].says == (
        "×3 until here, nothing new: ecs DescribeServices ×2, ecs ListTasks"  # noqa: RUF001 - times
    )


def test_one_look_without_news_is_no_number() -> None:
    found = list(moments([a_look(1, 0), a_look(2, 0)], []))

    assert found[-1] == Moment(at=2, says="nothing new: ecs DescribeServices")


def test_of_events_only_the_newest_is_told_first_and_then_what_is_new_in_its_order() -> None:
    looks = [a_look(1, 0, events=("b", "a")), a_look(2, 0, events=("d", "c", "b", "a"))]

    first, second = moments(looks, [])

    assert [fact.says for fact in first.facts if fact.is_event] == ["b"]
    assert [fact.says for fact in second.facts] == ["c", "d"]


def test_the_steps_own_words_stand_between_and_after_what_it_heard() -> None:
    talk = [
        said(1, "waiting", service="web"),
        said(2, "careful", level="warning", why=("x",), hint="look", tags=["a", "b"]),
    ]

    found = list(moments([a_look(1, 0)], talk))

    assert lines(found)[2:] == [
        "1 waiting service=web",
        "2 warning: careful tags=a,b",
        "  hint: look",
    ]
    assert [moment.is_own for moment in found] == [False, True, True]
    assert [moment.is_strong for moment in found] == [False, False, True]


def test_the_event_that_ends_a_run_is_told_elsewhere() -> None:
    assert not list(moments([], [said(1, "it failed", level="error", exit=3)]))


def test_a_clock_that_was_read_is_nobodys_news() -> None:
    assert not list(moments([Entry(kind="clock", question={}, answer={}, at=1)] * 2, []))


def test_two_files_are_two_stories() -> None:
    files = [
        Entry(kind="file", question={"do": "read", "path": path}, answer={"content": b""}, at=0)
        for path in ("a", "b")
    ]

    assert [moment.says for moment in moments(files, [])] == ["read file a", "read file b"]
