"""Where AWS is, if the environment says so."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from ecsstep.errors import StepError, mistakes
from ecsstep.secret import Secret
from ecsstep.text import printable

_VARIABLE = "AWS_ENDPOINT_URL"
# The service ids of what the steps call, and of what botocore gets credentials from.
_SERVICES = (
    "CLOUDFRONT", "CLOUDWATCH_LOGS", "CODEDEPLOY", "ECR", "ECS", "ELASTIC_LOAD_BALANCING_V2",
    "SECRETS_MANAGER", "SNS", "SSM", "SSO", "SSO_OIDC", "STS",
)  # fmt: skip
_VARIABLES = frozenset({_VARIABLE, *(f"{_VARIABLE}_{service}" for service in _SERVICES)})
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PASSWORD = re.compile(r"//[^/?#@:]*:([^/?#@]+)@")
HINT = f"check {_VARIABLE}; it looks like http://127.0.0.1:5000"


def check(environ: Mapping[str, str]) -> None:
    """Find out whether every endpoint that the environment names for the steps could be one.

    A password in such a URL is a secret from now on.

    Raises:
        StepError: One is no URL of a host, with a port that can be (exit 2).
    """
    wrong = [
        f"{name}: '{printable(environ[name])}' {fault}"
        for name in environ
        if name in _VARIABLES and environ[name]
        if (fault := _fault(environ[name]))
    ]
    if wrong:
        raise _error(wrong)


def check_url(url: str) -> None:
    """Find out the same of one URL, wherever it was configured.

    Raises:
        StepError: It can't be an endpoint (exit 2).
    """
    fault = _fault(url)
    if fault:
        raise _error([f"'{printable(url)}' {fault}"])


def is_emulated(environ: Mapping[str, str]) -> bool:
    """Whether the endpoint that the environment names for ECR is on this machine.

    Raises:
        StepError: That is no URL of a host (exit 2).
    """
    for name in (f"{_VARIABLE}_ECR", _VARIABLE):
        if environ.get(name):
            check(environ)
            return (urlsplit(environ[name]).hostname or "") in _LOOPBACK
    return False


def _error(wrong: list[str]) -> StepError:
    return mistakes("the endpoint of AWS can't be used", wrong, hint=HINT)


def _fault(url: str) -> str:
    """Return what is wrong with an endpoint; nothing where it can be one."""
    for password in _PASSWORD.findall(url):
        Secret(password)
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading it checks it
    except ValueError as error:
        return f"is no URL: {str(error)[:1].lower()}{str(error)[1:]}"
    if parts.scheme not in {"http", "https"}:
        return "begins with neither http:// nor https://"
    return "" if parts.hostname else "names no host"
