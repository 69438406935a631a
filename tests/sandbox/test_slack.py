"""Slack's webhook, and the topic of SNS, in the sandbox."""

import json
from typing import Any

import pytest
import urllib3

from ecsstep.sandbox.server import Sandbox
from ecsstep.sandbox.slack import PATH, Slack, refused

A_TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:deployments"


def test_what_is_posted_stays_in_the_sandbox() -> None:
    real = {"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/real"}
    with Sandbox(environ=real) as sandbox:
        environ = sandbox.environ()
        url = environ["ECSSTEP_SLACK_WEBHOOK"]
        answer = urllib3.request("POST", url, json={"text": "hi"})
        shown = urllib3.request("GET", url).json()

    assert (answer.status, answer.data) == (200, b"ok")
    assert sandbox.channel.messages == shown == [{"text": "hi"}]
    assert environ["SLACK_WEBHOOK_URL"] == url


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/services/other", b"{}", 404),
        (PATH, b"{", 400),
        (PATH, b"[]", 400),
        (PATH, b"{}", 400),
        (PATH, json.dumps({"text": "x" * 40_001}).encode(), 400),
    ],
)
def test_what_slack_refuses_is_refused(path: str, body: bytes, status: int) -> None:
    slack = Slack()

    assert slack.answer("POST", path, body).status_code == status
    assert slack.messages == []


@pytest.mark.parametrize(
    ("kind", "status"), [("AccessDenied", 403), ("Throttling", 429), ("ServerError", 500)]
)
def test_faults_have_slacks_form(kind: str, status: int) -> None:
    with Sandbox(environ={}, faults={"slack:PostMessage": kind}) as sandbox:
        url = sandbox.environ()["ECSSTEP_SLACK_WEBHOOK"]
        answer = urllib3.request("POST", url, json={"text": "hi"}, retries=False)

    assert answer.status == status
    assert answer.headers.get("Retry-After") == ("1" if status == 429 else None)
    assert refused(status).status_code == status


def test_there_is_a_topic_to_publish_to(aws: Any) -> None:
    with Sandbox(environ={}) as sandbox:
        topics = aws(sandbox, "sns").list_topics()["Topics"]

    assert topics == [{"TopicArn": A_TOPIC}]
