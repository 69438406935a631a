"""AWS's answers on a tape, and from a record; botocore's own code runs in both."""

import io
import json
from collections.abc import Mapping
from typing import Any

import botocore.exceptions
import pytest

from ecsstep.aws import taped, taped_errors, taped_identity
from ecsstep.aws.ecs import Ecs
from ecsstep.aws.session import connect
from ecsstep.core.log import Log
from ecsstep.core.options import Options
from ecsstep.core.outside import Answer, Question, current, using
from ecsstep.core.tape import Tape
from ecsstep.errors import Exit, StepError
from ecsstep.secret import Secret
from fakes import FakeClock

KEYS = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
DENIED = {"__type": "AccessDeniedException", "message": "User: x is not authorized to perform: y"}


class Answering(Tape):
    """A tape over answers that are given in advance; it keeps them as it would real ones."""

    def __init__(self, *answers: Answer, retries: int = 0) -> None:
        super().__init__(FakeClock())
        self.retries = retries
        self.answers = list(answers)
        self.asked: list[Question] = []

    def recorded(self, kind: str, question: Question) -> Answer | None:
        if kind != "aws":
            return None
        self.asked.append(question)
        return self.answers.pop(0)

    def has_another(self, question: Question) -> bool:
        return bool(question["attempt"] <= self.retries)


class Replaying(Answering):
    is_replay = True
    is_kept = False

    def ask(self, kind: str, question: Question, live: Any) -> Answer:
        del question, live
        return {"value": None} if kind == "setting" else {"method": "x"}


def ok(**body: Any) -> Answer:
    return {"status": 200, "headers": {"x-amzn-requestid": "1"}, "body": json.dumps(body).encode()}


NONE = ok(services=[], failures=[{"arn": "x", "reason": "MISSING"}])


def ecs(environ: Mapping[str, str] | None = None, **more: Any) -> Ecs:
    options = Options(region="eu-west-1", **more)
    aws = connect(options, environ or {}, Log(step="s", stream=io.StringIO()))
    return Ecs(aws.client("ecs"))


@pytest.fixture
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("_keys")
def test_an_answer_is_kept_raw_with_what_was_asked() -> None:
    tape = Answering({**NONE, "headers": {"Content-Type": "j", "Date": "d"}})

    with using(tape):
        ecs().service("demo", "web")

    noted = [each for each in tape if each.kind == "aws"]
    assert len(noted) == 1
    assert noted[0].question == {
        "service": "ecs", "operation": "DescribeServices", "region": "eu-west-1",
        "parameters": {"cluster": "demo", "services": ["web"]}, "attempt": 1,
    }  # fmt: skip
    assert noted[0].answer["body"].raw == NONE["body"]
    assert noted[0].answer["headers"] == {"content-type": "j"}
    assert noted[0].answer["status"] == 200


def test_a_replay_tries_again_where_it_was_tried_again_and_waits_for_nothing() -> None:
    broken = {"type": "EndpointConnectionError", "with": {"endpoint_url": "u", "error": "e"}}
    tape = Replaying({"broken": broken}, {"status": 500, "body": b"{}"}, NONE, retries=2)

    with using(tape):
        assert ecs().service("demo", "web") is None

    assert [question["attempt"] for question in tape.asked] == [1, 2, 3]


def test_an_error_of_aws_comes_from_the_record_in_its_own_words() -> None:
    with (
        using(Replaying({"status": 400, "body": json.dumps(DENIED).encode()})),
        pytest.raises(StepError, match="not authorized") as raised,
    ):
        ecs().service("demo", "web")

    assert raised.value.exit is Exit.ACCESS


@pytest.mark.usefixtures("_keys")
def test_an_answer_that_is_no_json_is_kept_as_it_is() -> None:
    tape = Answering({"status": 200, "body": b"<html>"})

    with using(tape), pytest.raises(StepError, match="can't be read"):
        ecs().service("demo", "web")

    *_, last = tape
    assert last.answer["body"].raw == b"<html>"


@pytest.mark.usefixtures("_keys")
def test_what_breaks_a_call_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    tape = Answering({"broken": {"type": "ReadTimeoutError", "with": {"endpoint_url": "u"}}})

    with using(tape), pytest.raises(StepError, match="can't be reached"):
        ecs().service("demo", "web")

    *_, last = tape
    assert last.answer["broken"]["type"] == "ReadTimeoutError"


def test_that_there_are_no_credentials_is_kept() -> None:
    tape = Answering()

    with using(tape), pytest.raises(StepError, match="no AWS credentials"):
        ecs().service("demo", "web")

    found = [each.answer for each in tape if each.kind == "identity"]
    assert found == [{"method": None}]


def test_a_role_is_assumed_in_a_replay_though_its_credentials_ended_long_ago() -> None:
    credentials = (
        "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
        "<AccessKeyId>redacted-1</AccessKeyId><SecretAccessKey>redacted-2</SecretAccessKey>"
        "<SessionToken>redacted-3</SessionToken><Expiration>2026-01-02T04:04:05Z</Expiration>"
        "</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
    )

    class Then(Replaying):
        def time(self) -> Any:
            return FakeClock().now()

    tape = Then({"status": 200, "body": credentials.encode()}, NONE, NONE)
    with using(tape):
        found = ecs(role_arn="arn:aws:iam::123456789012:role/x", id_token=Secret("redacted-4"))
        found.service("demo", "web")
        found.service("demo", "web")

    assert [question["operation"] for question in tape.asked] == [
        "AssumeRoleWithWebIdentity", "DescribeServices", "DescribeServices",
    ]  # fmt: skip


class Broken:
    """Credentials that can't be fetched."""

    method = "container-role"

    def get_frozen_credentials(self) -> Any:
        raise botocore.exceptions.MetadataRetrievalError(error_msg="no route")


def test_credentials_that_cant_be_fetched_are_kept_and_break_the_replay() -> None:
    tape = Answering()
    with using(tape), pytest.raises(botocore.exceptions.MetadataRetrievalError):
        taped_identity.watched(Broken()).get_frozen_credentials()
    [noted] = tape
    assert noted.question == {"do": "fetch"}

    class Fetch(Replaying):
        def recorded(self, kind: str, question: Question) -> Answer | None:
            del kind, question
            return dict(noted.answer)

    with using(Fetch()), pytest.raises(botocore.exceptions.MetadataRetrievalError):
        taped_identity.watched(Broken()).get_frozen_credentials()


class NoProfile:
    def load_credentials(self) -> Any:
        raise botocore.exceptions.ProfileNotFound(profile="p")


def test_a_configuration_that_cant_be_read_is_kept() -> None:
    class Session:
        def __init__(self, error: Exception) -> None:
            self._error = error

        def get_config_variable(self, name: str) -> Any:
            del name
            raise self._error

    tape = Tape(FakeClock())
    with using(tape):
        for error in (botocore.exceptions.ProfileNotFound(profile="p"), ValueError("no number")):
            with pytest.raises(type(error)):
                taped.setting(Session(error), "region")
        with pytest.raises(botocore.exceptions.ProfileNotFound):
            taped_identity.loaded(NoProfile())

    assert [sorted(noted.answer) for noted in tape] == [["broken"], ["wrong"], ["broken"]]


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"type": "ProfileNotFound", "with": {"profile": "p"}}, "ProfileNotFound"),
        ({"type": "ProfileNotFound", "with": {}}, "HTTPClientError"),
        ({"type": "ClientError", "with": {}}, "HTTPClientError"),
        ({"type": "SystemExit"}, "HTTPClientError"),
        ({}, "HTTPClientError"),
    ],
)
def test_nothing_but_an_error_of_botocore_is_made(told: dict[str, Any], kind: str) -> None:
    assert type(taped_errors.raised(told)).__name__ == kind


def test_without_a_tape_botocore_is_left_alone() -> None:
    class Session:
        def register(self, *_arguments: Any) -> None:
            raise AssertionError

    assert not current().is_kept
    taped.attach(Session())
