"""What is said of a deployment when it is over."""

import json
import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.links import Link
from ecsstep.rules.notices import plain, slack
from ecsstep.rules.notices.known import Known, is_about_another
from ecsstep.rules.notices.notice import Mood, Notice, notice_of

REVISION = "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:7"
REPORT: dict[str, Any] = {
    "outcome": "rolled-back",
    "reason": "circuit breaker",
    "deployment": "ecs-svc/1",
    "service": "web",
    "causes": ["secret-denied", "no-such-cause"],
    "stopped": [
        {
            "count": 3,
            "reason": "Essential container in task exited",
            "containers": [{"name": "app", "exitCode": 1}, {"name": "x", "exitCode": None}],
        }
    ],
    "targets": [{"targetGroup": "web", "target": "10.0.0.1:80", "state": "unhealthy"}],
}
ANYTHING = st.text(st.characters(), max_size=400)


@pytest.mark.parametrize(
    ("known", "report", "word", "mood"),
    [
        ({}, None, "unknown", Mood.UNKNOWN),
        ({"job_status": "running"}, None, "unknown", Mood.UNKNOWN),
        ({"job_status": "success"}, None, "succeeded", Mood.WELL),
        ({"job_status": "failed"}, None, "failed", Mood.BAD),
        ({"job_status": "canceled"}, None, "canceled", Mood.ODD),
        ({"build_succeeding": "1"}, None, "succeeded", Mood.WELL),
        ({"build_succeeding": "0"}, None, "failed", Mood.BAD),
        ({}, {"outcome": "deployed"}, "deployed", Mood.WELL),
        ({"job_status": "running"}, {"outcome": "unfinished"}, "unfinished", Mood.UNKNOWN),
        ({"job_status": "running"}, {"outcome": "deployed"}, "deployed", Mood.WELL),
        ({"job_status": "success"}, {"outcome": "rolled-back"}, "rolled-back", Mood.BAD),
        ({"job_status": "failed"}, {"outcome": "deployed"}, "failed", Mood.BAD),
        ({"job_status": "canceled"}, {"outcome": "deployed"}, "canceled", Mood.ODD),
        ({"outcome": "skipped"}, {"outcome": "deployed"}, "skipped", Mood.BAD),
        ({}, {"outcome": "superseded"}, "superseded", Mood.ODD),
        ({}, {"outcome": "a-new-word"}, "a-new-word", Mood.BAD),
        ({}, {"outcome": None}, "unknown", Mood.UNKNOWN),
    ],
)
def test_the_outcome_is_the_worse_of_what_is_known(
    known: dict[str, str], report: dict[str, Any] | None, word: str, mood: Mood
) -> None:
    notice = notice_of(Known(**known), report)

    assert (notice.word, notice.mood) == (word, mood)


def test_a_job_that_failed_after_a_good_deployment_says_both() -> None:
    notice = notice_of(Known(job_status="failed"), {"outcome": "deployed", "reason": "completed"})

    assert notice.reason == "the deployment: deployed; the job: failed"


def test_a_report_tells_why_and_what_to_do_next() -> None:
    notice = notice_of(Known(cluster="demo", service="other"), REPORT)

    assert notice.subject == "web in demo"
    assert notice.reason == "circuit breaker"
    assert notice.why == (
        "likely cause: the task execution role may not read a secret or parameter",
        "3 stopped: Essential container in task exited; container 'app' exited with code 1",
        "target group 'web': 10.0.0.1:80 unhealthy",
    )
    assert notice.hint.startswith("allow it secretsmanager:GetSecretValue")


def test_several_services_are_each_a_fact() -> None:
    report = {
        "outcome": "failed",
        "services": [
            {"service": "web", "outcome": "deployed"},
            {"service": "worker", "outcome": "failed", "causes": ["killed"]},
            {},
        ],
    }

    notice = notice_of(Known(cluster="demo"), report)

    assert notice.subject == "web, worker in demo"
    assert notice.facts == (("web", "deployed"), ("worker", "failed"), ("service", "unknown"))
    assert notice.why[0].startswith("likely cause: the container was killed")


@pytest.mark.parametrize(
    ("known", "subject"),
    [
        ({"service": "web"}, "web"),
        ({"service": "web", "cluster": "demo"}, "web in demo"),
        ({"project": "shop/web"}, "shop/web"),
        ({}, "deployment"),
    ],
)
def test_the_subject_is_the_best_name_that_is_known(known: dict[str, str], subject: str) -> None:
    assert notice_of(Known(**known), None).subject == subject


def test_what_is_known_becomes_facts_and_links() -> None:
    known = Known(
        cluster="demo",
        service="web",
        image="registry/app@sha256:1",
        taskdef_arn=REVISION,
        deployment="ecs-svc/1",
        project="shop/web",
        environment="production",
        tag="v1",
        commit="0123456789abcdef",
        actor="taro",
        job_url="https://gitlab.example.com/j/1",
        pipeline_url="javascript:alert(1)",
        project_url="https://gitlab.example.com/shop/web",
        build_arn="arn:aws:codebuild:eu-west-1:123456789012:build/web:0a-1b",
    )

    notice = notice_of(known, None)

    assert dict(notice.facts) == {
        "project": "shop/web",
        "environment": "production",
        "image": "registry/app@sha256:1",
        "revision": "web:7",
        "deployment": "ecs-svc/1",
        "tag": "v1",
        "commit": "01234567",
        "by": "taro",
    }
    assert [link.label for link in notice.links] == [
        "job", "commit", "build", "ECS: service web", "ECS: deployment ecs-svc/1",
    ]  # fmt: skip
    assert notice.links[1].url.endswith("/shop/web/-/commit/0123456789abcdef")
    assert "/projects/web/build/web%3A0a-1b?region=eu-west-1" in notice.links[2].url


@pytest.mark.parametrize(
    ("build_arn", "commit"), [("arn:aws-cn:codebuild:cn-north-1:123456789012:build/w:0", "main")]
)
def test_a_page_that_isnt_known_for_sure_is_left_out(build_arn: str, commit: str) -> None:
    known = Known(
        build_arn=build_arn, commit=commit, project_url="https://x.example", taskdef_arn=REVISION
    )

    assert notice_of(known, None).links == ()


@pytest.mark.parametrize(
    ("report", "known", "is_other"),
    [("ecs-svc/1", "ecs-svc/2", True), ("ecs-svc/1", "ecs-svc/1", False), ("", "x", False),
     ("x", "", False)],
)  # fmt: skip
def test_an_old_report_is_known_by_its_deployment(report: str, known: str, is_other: bool) -> None:
    assert is_about_another({"deployment": report}, Known(deployment=known)) is is_other


@pytest.mark.parametrize(
    "report",
    [{"stopped": "x", "targets": [1], "causes": "killed", "services": {"a": 1}, "service": 3},
     {"stopped": [{"containers": [{"exitCode": 1}]}], "services": [None]}],
)  # fmt: skip
def test_a_report_in_another_form_is_no_reason_to_fail(report: dict[str, Any]) -> None:
    assert notice_of(Known(), report).word == "unknown"


def a_notice(text: str, *, word: str = "failed", **more: Any) -> Notice:
    given: dict[str, Any] = {
        "word": word,
        "mood": Mood.BAD,
        "subject": text,
        "reason": text,
        "facts": ((text, text),) * 12,
        "why": (text,) * 30,
        "hint": text,
        "links": (Link(label=text, url=f"https://x.example/{text}"),) * 12,
    }
    return Notice(**{**given, **more})


def texts_of(value: Any) -> list[str]:
    """Return every text that Slack would format."""
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for each in value.values() for text in texts_of(each)]
    return [text for each in value for text in texts_of(each)] if isinstance(value, list) else []


@given(ANYTHING)
def test_slack_finds_no_mention_and_no_markup_in_what_comes_from_outside(text: str) -> None:
    message = slack.message(a_notice(text))

    for said in texts_of(message):
        without_links = re.sub(r"<https://[^<>|\s]*\|[^<>|]*>", "", said)
        assert "<" not in without_links
        # What is left outside of code spans is ours: names in bold, and signs.
        assert said.count("`") % 2 == 0


@given(ANYTHING)
def test_slacks_limits_are_kept(text: str) -> None:
    message = slack.message(a_notice(text))

    assert len(message["text"]) <= 40_000
    for block in message["attachments"][0]["blocks"]:
        assert len(block.get("fields", ())) <= 10
        assert len(block.get("elements", ())) <= 10
        assert all(len(each["text"]) <= 2000 for each in block.get("fields", ()))
        if "text" in block:
            assert 0 < len(block["text"]["text"]) <= 3000
    json.dumps(message)


def test_a_message_shows_the_outcome_first_and_in_its_colour() -> None:
    message = slack.message(a_notice("web <!channel> *x* `y`", facts=(), why=(), links=(), hint=""))

    assert message == {
        "text": "❌ `web &lt;!channel&gt; *x* 'y'`: *failed*",
        "attachments": [
            {
                "color": "#e01e5a",
                "blocks": [
                    {
                        "type": "section",
                        "text": {"type": "mrkdwn", "text": "`web &lt;!channel&gt; *x* 'y'`"},
                    }
                ],
            }
        ],
    }


def test_a_link_keeps_its_address_and_can_have_no_other() -> None:
    link = Link(label="a|b <c>", url="https://x.example/?a=1&b=<|>")

    [block] = slack.message(Notice(word="x", mood=Mood.BAD, subject="s", links=(link,)))[
        "attachments"
    ][0]["blocks"]

    assert block["elements"] == [
        {
            "type": "mrkdwn",
            "text": "<https://x.example/?a=1&amp;b=%3C%7C%3E|a/b &lt;c&gt;>",
        }
    ]


def test_what_would_be_too_much_for_a_block_is_left_out() -> None:
    message = slack.message(a_notice("&" * 300, facts=(), links=(), reason=""))

    [block] = message["attachments"][0]["blocks"]
    assert block["text"]["text"].count("\n") == 0
    assert 1000 < len(block["text"]["text"]) <= 3000


def test_an_unknown_outcome_is_grey_and_never_green() -> None:
    message = slack.message(notice_of(Known(service="web", tag="v1"), None))

    assert message["text"].startswith("❔ `web`")
    assert message["attachments"][0]["color"] == "#868686"


@given(ANYTHING, ANYTHING)
def test_a_subject_is_one_short_ascii_line(text: str, word: str) -> None:
    subject = plain.subject(a_notice(text, word=word))

    assert 0 < len(subject) < 100
    assert subject.isascii()
    assert subject.isprintable()


@given(ANYTHING)
def test_a_mail_has_no_control_characters_and_is_small(text: str) -> None:
    body = plain.text(a_notice(text))

    assert len(body.encode()) <= 256 * 1024
    assert {unicodedata.category(c) for c in body if c != "\n"} & {"Cc", "Cf", "Cs"} == set()


def test_a_mail_reads_from_top_to_bottom() -> None:
    notice = Notice(
        word="failed",
        mood=Mood.BAD,
        subject="web in demo",
        reason="gone",
        facts=(("tag", "v1"),),
        why=("3 stopped",),
        hint="mend it",
        links=(Link(label="job", url="https://x.example"),),
    )

    assert plain.text(notice) == (
        "web in demo: failed\ngone\n\ntag: v1\n\n3 stopped\n\nnext: mend it\n\n"
        "job: https://x.example"
    )


@pytest.mark.parametrize(("name", "is_fifo"), [("deployments", False), ("deployments.fifo", True)])
def test_a_fifo_topic_gets_its_order_and_its_name_for_the_same_message(
    name: str, is_fifo: bool
) -> None:
    topic = f"arn:aws:sns:us-east-1:123456789012:{name}"
    notice = notice_of(Known(service="web", cluster="demo"), None)

    request = plain.publication(notice, topic)

    assert request["MessageAttributes"]["outcome"]["StringValue"] == "unknown"
    assert request.get("MessageGroupId") == ("web-in-demo" if is_fifo else None)
    assert ("MessageDeduplicationId" in request) is is_fifo
