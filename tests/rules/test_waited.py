"""The reports of a wait, in every form."""

import re
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_fakes import (
    OLD_ID,
    OUR_ID,
    TRIPPED,
    a_container,
    a_record,
    a_steady_service,
    a_task,
    an_event,
    at,
)
from ecsstep.errors import Exit
from ecsstep.rules.causes import cause_of
from ecsstep.rules.outcome import Outcome
from ecsstep.rules.proof import Proof, RunningImage
from ecsstep.rules.service import Hook, TargetHealth
from ecsstep.rules.stages import parse_until as until
from ecsstep.rules.stops import grouped
from ecsstep.rules.waited import junit, markdown, page
from ecsstep.rules.waited.endings import parse_path as path
from ecsstep.rules.waited.report import awaited, rendered, result_of
from ecsstep.rules.waited.start import unknown
from ecsstep.rules.waited.timeline import drawn
from ecsstep.rules.waited.told import Moment, Told
from ecsstep.rules.watch import Watch

TIMELINE = (
    Moment(at=at(0), state="IN_PROGRESS", desired=2, running=0, pending=2, failed=0, others=2),
    Moment(
        at=at(30), state="IN_PROGRESS", desired=2, running=2, pending=0, failed=1, others=2,
        stage="BAKE_TIME", weight=50.0,
    ),
)  # fmt: skip
WELL = Told(
    service="web",
    deployment=OUR_ID,
    outcome=Outcome(word="deployed", exit=Exit.OK, reason="completed"),
    counts={"desired": 2, "running": 2, "pending": 0, "failed": 0},
    started=at(0),
    ended=at(90),
    timeline=TIMELINE,
    proof=Proof(images=(RunningImage(container="app", image="app:1", digest="sha256:1", tasks=2),)),
)


def bad(text: str = "boom") -> Told:
    return Told(
        service="web",
        deployment=OUR_ID,
        outcome=Outcome(word="rolled-back", exit=Exit.FAILED, reason=f"{TRIPPED} {text}"),
        counts={"desired": 2, "running": 0, "pending": 0, "failed": 3},
        started=at(0),
        ended=at(90),
        timeline=TIMELINE,
        cause=cause_of("OutOfMemoryError"),
        groups=grouped([a_task(a_container(reason=text), reason=text)]),
        targets=(TargetHealth(group_arn="x/tg/1", target="t", state="unhealthy", words=text),),
        events=(an_event(text),),
        log=("app", (text, "last")),
        why=(text,),
        hint=f"do {text}",
    )


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


HOSTILE = [
    "<script>alert(1)</script>",
    "\x1b[31mred\x1b[0m",
    "]]>&amp;</failure>",
    "| a | [x](http://e) `c`",
    "quote \" and '",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_comes_out_harmless_in_every_form(text: str) -> None:
    services = [bad(text)]
    plain = read(page.render(services, "prod"))
    case = ET.fromstring(junit.render(services, "prod"))
    lines = markdown.render(services, "prod")

    assert "script" not in plain.tags
    for form in (*plain.text, junit.render(services, "prod"), lines):
        assert "\x1b" not in form
    [failure] = case.iter("failure")
    assert "[31m" not in (failure.text or "")
    assert "<script>" not in lines.replace("    <script>", "")
    assert "\n    " in lines


def test_junit_has_one_case_per_service() -> None:
    root = ET.fromstring(junit.render([WELL, bad().replaced(service="worker")], "prod"))

    cases = list(root.iter("testcase"))
    assert [case.get("name") for case in cases] == ["web", "worker"]
    assert root.get("failures") == "1"
    [failure] = root.iter("failure")
    assert failure.get("type") == "rolled-back"
    assert cases[0].get("time") == "90.000"


def test_the_page_has_the_cause_on_top_and_loads_nothing() -> None:
    html = page.render([bad()], "prod")
    reader = read(html)

    assert html.index("Likely cause") < html.index("<svg")
    assert not {"script", "link", "img", "iframe"} & set(reader.tags)
    assert not re.search(r"(?:src|href)=", html)
    assert reader.tags.count("svg") == 1


def test_a_timeline_is_a_picture_of_old_and_new_tasks_with_marks() -> None:
    picture = ET.fromstring(drawn(bad()))
    kinds = [each.get("class") for each in picture]

    for kind, count in {"old": 1, "new": 1, "event": 1, "stop": 1, "stage": 1}.items():
        assert kinds.count(kind) == count
    assert drawn(WELL.replaced(timeline=())) == ""


def test_a_stop_of_which_nobody_knows_the_time_has_no_mark() -> None:
    stopped = a_task().replaced(stopped_at=None)

    assert 'class="stop"' not in drawn(bad().replaced(groups=grouped([stopped])))


@given(st.integers(0, 10**5), st.integers(0, 500), st.integers(0, 500))
def test_a_timeline_of_any_length_stays_in_its_frame(
    seconds: int, running: int, others: int
) -> None:
    moment = TIMELINE[0].replaced(at=at(seconds), running=running, others=others)

    picture = drawn(WELL.replaced(timeline=(TIMELINE[0], moment), ended=at(seconds)))

    numbers = [float(number) for number in re.findall(r"[MHV ](\d+\.\d)", picture)]
    assert all(0 <= number <= 840 for number in numbers)
    assert picture.count('class="grid"') <= 8


def test_where_nothing_is_known_but_the_outcome_a_report_has_no_empty_parts() -> None:
    bare = bad().replaced(timeline=(), cause=None, groups=(), targets=(), events=(), log=None,
                          hint="")  # fmt: skip

    lines, html = markdown.render([bare], "prod"), page.render([bare], "prod")

    for form in (lines, html):
        assert "rolled-back" in form
        assert not any(word in form for word in ("Likely cause", "Next:", "Last log lines"))
    assert not {"svg", "pre", "h3", "ul"} & set(read(html).tags)


def test_only_what_waits_for_a_person_is_told_with_the_call_that_lets_it_go_on() -> None:
    record = a_record("IN_PROGRESS").replaced(
        hooks=(Hook(id="lambda", status="IN_PROGRESS"), Hook(id="ours", status="AWAITING_ACTION"))
    )

    [only] = awaited(Watch(id=OUR_ID, name="web", record=record))

    assert only.key == f"{record.arn} ours"
    assert "--hook-id ours --action CONTINUE" in only.told["hint"]


def test_what_runs_instead_of_an_unknown_id_is_told_where_something_runs() -> None:
    gone = Watch(id=OUR_ID, name="web")

    assert unknown(gone).why == ()
    [why] = unknown(gone.replaced(service=a_steady_service())).why
    assert why.startswith(f"it runs deployment '{OLD_ID}' of web:1 since 2026-01-02T02:04:05Z: ")


def test_the_table_of_markdown_has_a_row_per_service() -> None:
    text = markdown.render([WELL, bad()], "prod")

    assert "| web | ✅ deployed | 2 of 2 | completed |" in text
    assert "| web | ❌ rolled-back | 0 of 2 |" in text
    assert "**Likely cause: a container needs more memory than it may use.**" in text


def test_the_json_is_the_result() -> None:
    assert rendered("x.json", [WELL], "prod", str) == f"{WELL.data}\n"
    assert result_of([WELL]).members["data"]["timeline"][1]["traffic"] == 50.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("deployed", "deployed"), ("bake_time", "BAKE_TIME"), ("allowtraffic", "AllowTraffic")],
)
def test_a_stage_is_known_in_any_case(text: str, expected: str) -> None:
    assert until(text) == expected


def test_a_report_needs_a_known_ending() -> None:
    assert path("a/b.HTML") == "a/b.HTML"
    with pytest.raises(ValueError, match="'report' says no form; wait-stable writes"):
        path("report")
