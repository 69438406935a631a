"""Secrets of Systems Manager's Parameter Store and of Secrets Manager."""

from typing import Any

from ecsstep.aws.errors import translated
from ecsstep.errors import Exit, StepError
from ecsstep.secret import Secret

_NO_PARAMETER = "check the name: aws ssm get-parameter --with-decryption --name NAME"
_NO_SECRET = "check the name: aws secretsmanager describe-secret --secret-id NAME"  # noqa: S105 - a command


class Parameters:
    """Parameter Store; one method is one call."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def value(self, name: str) -> Secret:
        """Return a parameter's value, decrypted.

        Raises:
            StepError: There is no such parameter (exit 2), or AWS refuses.
        """
        with translated(
            f"read parameter '{name}'",
            action="ssm:GetParameter",
            hints={"ParameterNotFound": _NO_PARAMETER},
        ):
            reply = self._client.get_parameter(Name=name, WithDecryption=True)
        return _found(reply.get("Parameter", {}).get("Value"), f"parameter '{name}'")


class Secrets:
    """Secrets Manager; one method is one call."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def value(self, name: str) -> Secret:
        """Return a secret's current text.

        Raises:
            StepError: There is no such secret (exit 2), it is no text (2), or AWS refuses.
        """
        with translated(
            f"read secret '{name}'",
            action="secretsmanager:GetSecretValue",
            hints={"ResourceNotFoundException": _NO_SECRET},
        ):
            reply = self._client.get_secret_value(SecretId=name)
        return _found(reply.get("SecretString"), f"secret '{name}'")


class SecretStores:
    """Both of them, connected to when they are needed."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def parameter(self, name: str) -> Secret:
        """Return a parameter's value, decrypted."""
        return Parameters(self._connection().client("ssm")).value(name)

    def secret(self, name: str) -> Secret:
        """Return a secret's current text."""
        return Secrets(self._connection().client("secretsmanager")).value(name)


def _found(text: str | None, what: str) -> Secret:
    if not text or not text.strip():
        raise StepError(
            f"{what} holds no text",
            exit=Exit.USAGE,
            hint='store the password, or {"username": …, "password": …}',
        )
    return Secret(text.strip())
