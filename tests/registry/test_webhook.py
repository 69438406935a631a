import json
from collections.abc import Mapping
from typing import Any

import pytest

from ecsstep.errors import Exit, StepError
from ecsstep.registry.webhook import Webhook
from ecsstep.registry.wire import AgainError, Answer, Wire
from ecsstep.secret import Secret, scrubbed
from fakes import FakeClock

URL = "https://hooks.slack.com/services/T0/B0/hunter22"


class FakeWire:
    """A wire that answers in turn; an error is raised."""

    def __init__(self, *answers: int | AgainError) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[str, str, Any]] = []

    def send(self, method: str, url: str, headers: Mapping[str, str], body: Any = b"") -> Answer:
        self.sent.append((method, url, json.loads(body)))
        answer = self.answers.pop(0)
        if isinstance(answer, AgainError):
            raise answer
        body = {200: b"ok", 404: b"no_service\x1b[1m", 500: b""}.get(answer, b"")
        return Answer(status=answer, headers={}, body=body, url=url)


def busy(after: float | None = None) -> AgainError:
    error = AgainError("'hooks.slack.com' answers 429")
    error.after = after
    return error


def posted(*answers: int | AgainError) -> tuple[FakeWire, FakeClock]:
    wire, clock = FakeWire(*answers), FakeClock()
    Webhook(Secret(URL), clock=clock, environ={}, wire=wire).post({"text": "hi"})
    return wire, clock


def test_a_message_is_posted_as_json() -> None:
    wire, clock = posted(200)

    assert wire.sent == [("POST", URL, {"text": "hi"})]
    assert clock.slept == []


def test_a_busy_workspace_is_asked_again_when_it_says() -> None:
    wire, clock = posted(busy(7), busy(3600), busy(), 200)

    assert len(wire.sent) == 4
    assert clock.slept[:2] == [7, 30]
    assert 2 <= clock.slept[2] <= 4


def test_after_some_attempts_it_is_a_failure_that_may_pass() -> None:
    with pytest.raises(StepError, match=r"answers 429 \(still after 4 attempts\)") as caught:
        posted(*(busy() for _ in range(4)))

    assert caught.value.exit is Exit.TEMPORARY


@pytest.mark.parametrize(
    ("status", "said", "hint"),
    [
        (404, "no_service (404)", "make a new one"),
        (403, "no words (403)", "ask its administrators"),
        (400, "no words (400)", "check the webhook's address"),
    ],
)
def test_a_refusal_is_told_in_slacks_words_and_never_with_the_address(
    status: int, said: str, hint: str
) -> None:
    with pytest.raises(StepError) as caught:
        posted(status)

    assert caught.value.exit is Exit.USAGE
    assert caught.value.message == f"'hooks.slack.com' refuses the message: {said}"
    assert hint in caught.value.hint


def test_the_path_alone_is_a_secret_too() -> None:
    posted(200)

    assert "hunter22" not in scrubbed("Max retries exceeded with url: /services/T0/B0/hunter22")


@pytest.mark.parametrize(
    ("header", "after"),
    [("7", 7.0), ("", None), ("Fri, 02 Jan 2026 03:04:05 GMT", None), ("-1", None), ("٣", None)],
)
def test_when_to_ask_again_is_taken_from_the_answer(header: str, after: float | None) -> None:
    wire = Wire("hooks.slack.com", {})

    with pytest.raises(AgainError, match=r"'hooks\.slack\.com' answers 429") as caught:
        wire._expect_health(429, {"retry-after": header} if header else {})

    assert caught.value.after == after
    wire._expect_health(404, {})
