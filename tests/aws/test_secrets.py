"""Parameter Store and Secrets Manager, checked against AWS's models by the Stubber."""

import datetime as dt
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ecsstep.aws.secrets import Parameters, Secrets, SecretStores
from ecsstep.errors import Exit, StepError
from ecsstep.secret import Secret


def stubbed(service: Any) -> tuple[Any, Stubber]:
    made: Any = boto3.client(
        service, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )
    stubber = Stubber(made)
    stubber.activate()
    return made, stubber


def test_a_parameter_is_decrypted() -> None:
    client, stubber = stubbed("ssm")
    wanted = {"Name": "/hub", "WithDecryption": True}
    stubber.add_response("get_parameter", {"Parameter": {"Value": "pass-word\n"}}, wanted)

    assert Parameters(client).value("/hub") == Secret("pass-word")


def test_a_secret_is_its_text() -> None:
    client, stubber = stubbed("secretsmanager")
    reply = {"SecretString": "pass-word", "CreatedDate": dt.datetime(2026, 1, 2, tzinfo=dt.UTC)}
    stubber.add_response("get_secret_value", reply, {"SecretId": "hub"})

    assert Secrets(client).value("hub") == Secret("pass-word")


@pytest.mark.parametrize(
    ("code", "exit_code", "hint"),
    [
        ("ParameterNotFound", Exit.USAGE, "aws ssm get-parameter"),
        ("AccessDeniedException", Exit.ACCESS, "ssm:GetParameter"),
        ("InternalServerError", Exit.TEMPORARY, "run the step again"),
    ],
)
def test_a_parameter_that_can_not_be_read_says_what_to_do(
    code: str, exit_code: Exit, hint: str
) -> None:
    client, stubber = stubbed("ssm")
    stubber.add_client_error("get_parameter", code, "words")

    with pytest.raises(StepError, match="read parameter '/hub'") as caught:
        Parameters(client).value("/hub")

    assert caught.value.exit is exit_code
    assert hint in caught.value.hint


@pytest.mark.parametrize(
    ("code", "exit_code", "hint"),
    [
        ("ResourceNotFoundException", Exit.USAGE, "aws secretsmanager describe-secret"),
        ("AccessDeniedException", Exit.ACCESS, "secretsmanager:GetSecretValue"),
    ],
)
def test_a_secret_that_can_not_be_read_says_what_to_do(
    code: str, exit_code: Exit, hint: str
) -> None:
    client, stubber = stubbed("secretsmanager")
    stubber.add_client_error("get_secret_value", code, "words")

    with pytest.raises(StepError, match="read secret 'hub'") as caught:
        Secrets(client).value("hub")

    assert caught.value.exit is exit_code
    assert hint in caught.value.hint


def test_what_holds_no_text_is_no_password() -> None:
    client, stubber = stubbed("secretsmanager")
    stubber.add_response("get_secret_value", {"SecretBinary": b"\0"}, {"SecretId": "hub"})

    with pytest.raises(StepError, match="secret 'hub' holds no text"):
        Secrets(client).value("hub")


def test_both_stores_are_reached_by_one_connection() -> None:
    parameters, one = stubbed("ssm")
    secrets, two = stubbed("secretsmanager")
    one.add_response("get_parameter", {"Parameter": {"Value": "a"}})
    two.add_response("get_secret_value", {"SecretString": "b"})

    class Connection:
        def client(self, service: str) -> Any:
            return {"ssm": parameters, "secretsmanager": secrets}[service]

    stores = SecretStores(Connection)

    assert (stores.parameter("x"), stores.secret("y")) == (Secret("a"), Secret("b"))
