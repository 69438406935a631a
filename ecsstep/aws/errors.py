"""botocore's exceptions in the words of the steps."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from ecsstep.aws import refusals
from ecsstep.errors import Exit, StepError


@contextlib.contextmanager
def translated(
    doing: str, *, action: str, hints: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Turn what botocore raises into a StepError with exit code and hint.

    Args:
        doing: What the step was about, for the message: ``describe service 'web'``.
        action: The IAM action that the call needs, for the hint of a denied one.
        hints: What to do next, by AWS's error code, where the user named something wrong.

    Raises:
        StepError: Denied or without credentials: exit 5. Throttled, 5xx or unreachable after the
            retries: exit 75. Anything else that AWS refuses: exit 2, in AWS's words.
    """
    from botocore import exceptions
    from botocore.parsers import ResponseParserError

    try:
        yield
    except exceptions.ClientError as error:
        raise refusals.answered(error, error_code(error), doing, action, hints or {}) from error
    except ResponseParserError as error:
        # A proxy's page or an answer cut short: no judgement can rest on it.
        raise StepError(
            f"can't {doing}: the answer can't be read",
            exit=Exit.TEMPORARY,
            hint="run the step again; if it stays so, something between here and AWS answers",
        ) from error
    except exceptions.BotoCoreError as error:
        raise _without_credentials(error, doing) or _unanswered(error, doing) from error


def _without_credentials(error: Exception, doing: str) -> StepError | None:
    """Return the error where it is the credentials that are missing."""
    from botocore import exceptions

    match error:
        case exceptions.NoCredentialsError():
            return no_credentials(doing)
        case exceptions.PartialCredentialsError():
            return _half_a_pair(error, doing)
        case (
            exceptions.TokenRetrievalError()
            | exceptions.NoAuthTokenError()
            | exceptions.SSOError()
            | exceptions.LoginError()
            | exceptions.CredentialRetrievalError()
        ):
            return StepError(
                f"can't {doing}: the AWS credentials can't be had: {error}",
                exit=Exit.ACCESS,
                hint="renew them (aws sso login), then run: aws sts get-caller-identity",
            )
        case _:
            return None


def _unanswered(error: Any, doing: str) -> StepError:
    """Return the error for a call that no answer came to."""
    from botocore import exceptions

    match error:
        case exceptions.NoRegionError():
            return no_region()
        case exceptions.ProfileNotFound() | exceptions.ConfigParseError():
            return StepError(
                f"the AWS configuration can't be used: {error}",
                exit=Exit.USAGE,
                hint="check AWS_PROFILE and AWS_CONFIG_FILE",
            )
        case exceptions.ParamValidationError():
            return StepError(
                f"can't {doing}: {error}",
                exit=Exit.USAGE,
                hint="AWS takes no such value; check the names and numbers that the step was given",
            )
        case exceptions.HTTPClientError() if isinstance(error.kwargs.get("error"), ValueError):
            return _unsendable(doing, error.kwargs["error"])
        case (
            exceptions.HTTPClientError()
            | exceptions.ConnectionError()
            | exceptions.IncompleteReadError()
        ):
            return StepError(
                f"can't {doing}: AWS can't be reached: {error}",
                exit=Exit.TEMPORARY,
                hint="check network, proxy, VPC endpoint and --region, then run the step again",
            )
        case _:
            return StepError(
                f"can't {doing}: {error}",
                exit=Exit.USAGE,
                hint="check the AWS_ variables and the AWS configuration file",
            )


def error_code(error: Any) -> str:
    """Return AWS's error code of a ClientError."""
    return str(error.response.get("Error", {}).get("Code", ""))


def no_credentials(doing: str) -> StepError:
    """Return the error for a machine without AWS credentials."""
    return StepError(
        f"can't {doing}: there are no AWS credentials",
        exit=Exit.ACCESS,
        hint="in GitLab give the job id_tokens and AWS_ROLE_ARN, on a laptop AWS_PROFILE; "
        "then run: aws sts get-caller-identity",
    )


def _half_a_pair(error: Any, doing: str) -> StepError:
    """Return the error for a key without its other half."""
    missing = str(error.kwargs.get("cred_var", "a part"))
    is_variable = str(error.kwargs.get("provider")) == "env"
    missing = missing.upper() if is_variable else missing
    return StepError(
        f"can't {doing}: of the AWS credentials one half is missing: {missing}",
        exit=Exit.ACCESS,
        hint=f"set {missing} as well, or take the other half away; "
        "then run: aws sts get-caller-identity",
    )


def _unsendable(doing: str, cause: Exception) -> StepError:
    """Return the error for a request that HTTP has no form for; its words may show a secret."""
    from urllib3.exceptions import LocationValueError

    # Endpoints are checked before, so it is the proxy's address.
    if isinstance(cause, LocationValueError):
        return StepError(
            f"can't {doing}: the proxy's address is no URL",
            exit=Exit.USAGE,
            hint="check HTTPS_PROXY and HTTP_PROXY; they look like http://proxy.example:3128",
        )
    return StepError(
        f"can't {doing}: something in the request has no form in HTTP",
        exit=Exit.USAGE,
        hint="look for control characters and line breaks in the AWS_ variables",
    )


def no_region() -> StepError:
    """Return the error for a run without a region."""
    return StepError(
        "there is no AWS region",
        exit=Exit.USAGE,
        hint="give --region, or set AWS_DEFAULT_REGION",
    )
