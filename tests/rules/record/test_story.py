"""The story of a run."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.record.reading import parsed
from ecsstep.rules.record.story import Asked, story
from ecsstep.text import printable
from replays import HINT, a_document

_REFUSED = {
    "kind": "aws",
    "at": 1.0,
    "question": {"service": "ecs", "operation": "DescribeServices", "parameters": {"cluster": "c"}},
    "answer": {"status": 400, "headers": {}, "body": {"body": 0}},
}
_BODY = {"json": {"__type": "X", "message": "\x1b[31mno"}}


def told(document: Any, *asked: Asked) -> list[str]:
    return [" " * line.indent + line.text for line in story(parsed(document), asked)]


def test_a_story_tells_what_was_asked_what_happened_what_was_decided_and_why() -> None:
    end = {
        "exit": 3,
        "message": "service 'w': rolled-back: by the breaker",
        "why": ["likely cause: memory", "  a line of the log"],
        "hint": "give it more",
    }
    document = a_document(
        step="wait-stable",
        seconds=3700,
        argv=["--cluster", "a b"],
        end=end,
        tape=[_REFUSED],
        bodies=[_BODY],
        events=[{"at": 2, "level": "info", "event": "waiting", "data": {}}],
    )

    found = told(
        document,
        Asked(name="--cluster", value="a b", by="--cluster"),
        Asked(name="--service", value="w", by="ECS_SERVICE"),
    )

    assert found == [
        "wait-stable ended with 3 (failed)",
        "  began 2026-01-02 03:04:05Z, took 1:01:40; ecsstep 0.1.0; Linux x86_64",
        "  wait-stable --cluster 'a b'",
        "",
        "what was asked",
        "  --cluster  a b",
        "  --service  w  (by ECS_SERVICE)",
        "",
        "what happened (times in UTC)",
        "  03:04:06Z  ecs DescribeServices  cluster=c",
        "            - refused, 400: X: no",
        "  03:04:07Z  > waiting",
        "",
        "what was decided",
        "  rolled-back, exit 3 (failed)",
        (
            "  rule: ECS gave the deployment up and goes back, or the primary deployment is the "
            "way back from it; that the service gets stable again is no success"
        ),
        '  see docs/wait-stable.md, "Which deployment is ours"',
        "",
        "why",
        "  service 'w': rolled-back: by the breaker",
        "    likely cause: memory",
        "      a line of the log",
        "",
        "what to do next",
        "  give it more",
    ]


def test_a_run_that_asked_nothing_says_so() -> None:
    document = a_document(tape=[], end={"exit": 99})

    found = told(document)

    assert found[4:] == [
        "what was asked",
        "  nothing",
        "",
        "what happened (times in UTC)",
        "  nothing was asked of the outside",
        "",
        "what was decided",
        "  exit 99",
    ]


def test_what_a_person_looks_for_first_is_strong() -> None:
    document = a_document(tape=[_REFUSED], bodies=[_BODY])

    strong = [line.text for line in story(parsed(document), ()) if line.is_strong]

    assert strong == [
        "taskdef-render ended with 2 (usage)",
        "- refused, 400: X: no",
        "usage, exit 2 (usage)",
        "can't read 't.json': no such file or directory",
        HINT,
    ]


def test_of_many_facts_the_rest_is_counted() -> None:
    services = [{"serviceName": str(at)} for at in range(20)]
    answer = {"status": 200, "headers": {}, "body": {"body": 0}}
    document = a_document(
        tape=[{**_REFUSED, "answer": answer}], bodies=[{"json": {"services": services}}]
    )

    assert "            and 8 more" in told(document)


def test_a_record_without_end_of_time_is_told_in_seconds() -> None:
    document = a_document(began="9999-12-31T23:59:59+00:00", tape=[{**_REFUSED, "at": 100}],
                          bodies=[_BODY])  # fmt: skip

    assert any(line.startswith("  +100s  ecs") for line in told(document))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
_OBJECT = st.dictionaries(
    st.sampled_from(["service", "operation", "parameters", "do", "path", "argv", "status", "code",
                     "body", "content", "error", "broken", "attempt", "manifest", "left_out"]),
    _JSON,
)  # fmt: skip
_ENTRY = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["aws", "http", "run", "file", "clock", "gap", "image", "odd"]),
        "at": st.floats(0, 1e9),
        "question": _OBJECT,
        "answer": _OBJECT,
    }
)
_SAID = st.fixed_dictionaries(
    {
        "at": st.floats(0, 1e9),
        "level": st.text(max_size=9),
        "event": st.text(),
        "data": st.dictionaries(st.text(max_size=5), _JSON),
    }
)
_END = st.fixed_dictionaries(
    {
        "exit": st.integers(0, 255),
        "message": st.text(),
        "hint": st.text(),
        "why": st.lists(st.text().filter(lambda text: "\0" not in text)),
    }
)


@given(
    step=st.sampled_from(["wait-stable", "scan-gate", "of-the-future"]),
    tape=st.lists(_ENTRY, max_size=4),
    events=st.lists(_SAID, max_size=3),
    end=_END,
    argv=st.lists(st.text().filter(lambda text: "\0" not in text), max_size=3),
)
def test_no_record_is_too_strange_for_a_story(
    step: str, tape: list[Any], events: list[Any], end: Any, argv: list[str]
) -> None:
    document = a_document(step=step, tape=tape, events=events, end=end, argv=argv)
    try:
        record = parsed(json.loads(json.dumps(document)))
    except ValueError:
        return

    lines = list(story(record, ()))

    assert all(printable(line.text) == line.text for line in lines)


@pytest.mark.parametrize(("seconds", "expected"), [(0.26, "0.3 s"), (60, "0:01:00")])
def test_how_long_it_took_is_told_as_people_say_it(seconds: float, expected: str) -> None:
    assert f"took {expected};" in told(a_document(seconds=seconds))[1]
