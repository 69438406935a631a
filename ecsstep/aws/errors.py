"""botocore's exceptions in the words of the steps."""

import contextlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ecsstep.errors import Exit, StepError
from ecsstep.text import printable

_DENIED = frozenset(
    {
        "AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized",
        "AuthorizationError", "UnauthorizedException",
    }
)  # fmt: skip
_IDENTITY = frozenset(
    {
        "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "InvalidIdentityToken",
        "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException",
        "IncompleteSignature", "MissingAuthenticationToken", "MissingAuthenticationTokenException",
        "AuthFailure", "OptInRequired", "RequestExpired", "IDPRejectedClaim",
    }
)  # fmt: skip
_THROTTLED = frozenset(
    {
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
        "RequestThrottledException", "TooManyRequestsException", "RequestLimitExceeded",
        "SlowDown", "BandwidthLimitExceeded", "ProvisionedThroughputExceededException",
        "PriorRequestNotComplete", "EC2ThrottledException",
    }
)  # fmt: skip
_TEMPORARY = frozenset(
    {
        "RequestTimeout", "RequestTimeoutException", "ServerException", "ServiceUnavailable",
        "ServiceUnavailableException", "InternalError", "InternalFailure", "InternalServerError",
        "IDPCommunicationError",
    }
)  # fmt: skip
_SERVER_ERROR = 500
_TOO_MANY = 429
_ACTION = re.compile(r"not authorized to perform: ([\w-]+:\w+)")
_WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"
_RESOURCE = re.compile(r"on resource: (\S+)")
_OIDC_HINT = (
    "the OIDC token is not accepted: check its aud against the IAM identity provider's audience, "
    "and that it is fresh (GitLab's may end five minutes after the job's start)"
)
_TRUST_HINT = (
    f"let the role's trust policy allow {_WEB_IDENTITY} for this project and ref "
    "(the condition on the token's sub; a wildcard needs StringLike)"
)


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
        raise _answered(error, doing, action, hints or {}) from error
    except (exceptions.NoCredentialsError, exceptions.PartialCredentialsError) as error:
        raise no_credentials(doing) from error
    except (
        exceptions.TokenRetrievalError,
        exceptions.UnauthorizedSSOTokenError,
        exceptions.CredentialRetrievalError,
    ) as error:
        raise StepError(
            f"can't {doing}: the AWS credentials can't be had: {error}",
            exit=Exit.ACCESS,
            hint="renew them (aws sso login), then run: aws sts get-caller-identity",
        ) from error
    except exceptions.NoRegionError as error:
        raise no_region() from error
    except (exceptions.ProfileNotFound, exceptions.ConfigParseError) as error:
        raise StepError(
            f"the AWS configuration can't be used: {error}",
            exit=Exit.USAGE,
            hint="check AWS_PROFILE and AWS_CONFIG_FILE",
        ) from error
    except exceptions.ParamValidationError as error:
        raise StepError(f"can't {doing}: {error}", exit=Exit.USAGE) from error
    except (
        exceptions.HTTPClientError,
        exceptions.ConnectionError,
        exceptions.IncompleteReadError,
    ) as error:
        raise StepError(
            f"can't {doing}: AWS can't be reached: {error}",
            exit=Exit.TEMPORARY,
            hint="check network, proxy, VPC endpoint and --region, then run the step again",
        ) from error
    except ResponseParserError as error:
        # A proxy's page or an answer cut short: no judgement can rest on it.
        raise StepError(
            f"can't {doing}: the answer can't be read",
            exit=Exit.TEMPORARY,
            hint="run the step again; if it stays so, something between here and AWS answers",
        ) from error
    except exceptions.BotoCoreError as error:
        raise StepError(
            f"can't {doing}: {error}",
            exit=Exit.USAGE,
            hint="check the AWS_ variables and the AWS configuration file",
        ) from error


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


def no_region() -> StepError:
    """Return the error for a run without a region."""
    return StepError(
        "there is no AWS region",
        exit=Exit.USAGE,
        hint="give --region, or set AWS_DEFAULT_REGION",
    )


def _answered(error: Any, doing: str, action: str, hints: Mapping[str, str]) -> StepError:
    code = error_code(error)
    words = printable(error.response.get("Error", {}).get("Message", "")).strip()
    status = _status(error.response)
    said = f"can't {doing}: {words or code or f'HTTP status {status}'}"
    if code in _DENIED:
        return _denied(said, words, action)
    if code in _IDENTITY:
        return StepError(
            f"{said} ({code})",
            exit=Exit.ACCESS,
            hint=_OIDC_HINT
            if action == _WEB_IDENTITY
            else "the credentials are wrong or too old; run: aws sts get-caller-identity",
        )
    if code in _THROTTLED or status == _TOO_MANY:
        return StepError(
            f"{said} ({code or status}, still after {_attempts(error)} attempts)",
            exit=Exit.TEMPORARY,
            hint="run the step again later, or raise AWS_MAX_ATTEMPTS",
        )
    if code in _TEMPORARY or status >= _SERVER_ERROR:
        return StepError(
            f"{said} ({code or status}, still after {_attempts(error)} attempts)",
            exit=Exit.TEMPORARY,
            hint="run the step again; https://health.aws.amazon.com/ tells of outages",
        )
    return StepError(f"{said} ({code})", exit=Exit.USAGE, hint=hints.get(code, ""))


def _denied(said: str, words: str, action: str) -> StepError:
    if action == _WEB_IDENTITY:
        return StepError(said, exit=Exit.ACCESS, hint=_TRUST_HINT)
    found, resource = _ACTION.search(words), _RESOURCE.search(words)
    named = found.group(1) if found else action
    where = f" on {resource.group(1).rstrip('.')}" if resource else ""
    return StepError(said, exit=Exit.ACCESS, hint=f"allow the role the action {named}{where}")


def _status(response: Mapping[str, Any]) -> int:
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _attempts(error: Any) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0)) + 1
