"""The keys that sign a call: secrets, and nothing that a header can't hold."""

from typing import Any

from ecsstep.errors import Exit, StepError
from ecsstep.secret import Secret

_VARIABLES = {
    "access_key": "AWS_ACCESS_KEY_ID",
    "secret_key": "AWS_SECRET_ACCESS_KEY",
    "token": "AWS_SESSION_TOKEN",
}
_SECRET = ("secret_key", "token")
# AWS's have forty characters and more; those for an emulator are words, which a text may hold.
_SHORTEST = 16


def guard(session: Any) -> None:
    """Let whatever credentials a botocore session finds be hidden and checked before use."""
    from botocore.credentials import RefreshableCredentials

    real = session.get_component("credential_provider")

    class Resolver:
        def load_credentials(self) -> Any:
            found = real.load_credentials()
            if isinstance(found, RefreshableCredentials):
                return _guarded(found)
            if found is not None:
                # What is known at once is told at once, so that a record has it.
                _checked(found.get_frozen_credentials(), found.method)
            return found

    session.register_component("credential_provider", Resolver())


def hide(*values: str | None) -> None:
    """Take these for the secrets that they are."""
    for value in values:
        if value and len(value) >= _SHORTEST:
            Secret(value)


def _guarded(credentials: Any) -> Any:
    fetch = credentials.get_frozen_credentials
    credentials.get_frozen_credentials = lambda: _checked(fetch(), credentials.method)
    return credentials


def _checked(found: Any, method: str | None) -> Any:
    hide(*(getattr(found, part) for part in _SECRET))
    for part, variable in _VARIABLES.items():
        _check(getattr(found, part) or "", variable, method)
    return found


def _check(value: str, variable: str, method: str | None) -> None:
    """Refuse what the HTTP client would refuse with the value in its words.

    Raises:
        StepError: There is a control character in it (exit 5).
    """
    if value.isprintable():
        return
    is_line_break = value[:-1].isprintable() and value[-1] in "\r\n"
    fault = "ends in a line break" if is_line_break else "holds a control character"
    if method == "env":
        raise StepError(
            f"{variable} {fault}",
            exit=Exit.ACCESS,
            hint=f"set {variable} anew without it; in a CI's settings, look at the value's end",
        )
    raise StepError(
        f"the AWS credentials can't be used: what stands for {variable} {fault}",
        exit=Exit.ACCESS,
        hint="take it out where the credentials come from, then run: aws sts get-caller-identity",
    )
