"""CloudWatch Logs' calls, checked against AWS's model by the Stubber."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import Stubber

from ecsstep.aws.logs import Logs, Page
from ecsstep.errors import Exit, StepError

ASKED = {"logGroupName": "/g", "logStreamName": "p/app/t", "limit": 2, "startFromHead": False}


@pytest.fixture
def stub() -> Iterator[tuple[Logs, Stubber]]:
    made = boto3.client(
        "logs", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    with Stubber(made) as stubber:
        yield Logs(made), stubber


def test_the_last_lines_come_the_oldest_first(stub: tuple[Logs, Stubber]) -> None:
    logs, stubber = stub
    events = [{"timestamp": at, "message": text} for at, text in enumerate(["one", "two"])]
    stubber.add_response("get_log_events", {"events": [*events, {}]}, ASKED)

    assert logs.last_lines("/g", "p/app/t", 2) == ("one", "two", "")


def test_an_empty_answer_is_no_lines(stub: tuple[Logs, Stubber]) -> None:
    logs, stubber = stub
    stubber.add_response("get_log_events", {}, ASKED)

    assert logs.last_lines("/g", "p/app/t", 2) == ()


def test_a_stream_that_was_never_made_has_no_lines(stub: tuple[Logs, Stubber]) -> None:
    logs, stubber = stub
    stubber.add_client_error("get_log_events", "ResourceNotFoundException", "no stream")

    assert logs.last_lines("/g", "p/app/t", 2) == ()


def test_a_denied_read_names_the_action(stub: tuple[Logs, Stubber]) -> None:
    logs, stubber = stub
    stubber.add_client_error("get_log_events", "AccessDeniedException", "no")

    with pytest.raises(StepError, match="can't read the log '/g'") as caught:
        logs.last_lines("/g", "p/app/t", 2)

    assert (caught.value.exit, caught.value.hint) == (
        Exit.ACCESS,
        "allow the role the action logs:GetLogEvents",
    )


def test_a_stream_is_read_page_after_page_from_its_first_line(stub: tuple[Logs, Stubber]) -> None:
    logs, stubber = stub
    asked = {"logGroupName": "/g", "logStreamName": "p/app/t", "startFromHead": True}
    stubber.add_response(
        "get_log_events", {"events": [{"message": "one"}], "nextForwardToken": "f/1"}, asked
    )
    stubber.add_response("get_log_events", {}, {**asked, "nextToken": "f/1"})

    assert logs.page("/g", "p/app/t") == Page(lines=("one",), token="f/1")
    assert logs.page("/g", "p/app/t", "f/1") == Page()


def test_a_stream_that_isnt_there_yet_is_an_empty_page(stub: tuple[Logs, Stubber]) -> None:
    logs, stubber = stub
    stubber.add_client_error("get_log_events", "ResourceNotFoundException", "no stream")
    stubber.add_client_error("get_log_events", "AccessDeniedException", "no")

    assert logs.page("/g", "p/app/t") == Page()
    with pytest.raises(StepError, match="can't read the log '/g'"):
        logs.page("/g", "p/app/t")
