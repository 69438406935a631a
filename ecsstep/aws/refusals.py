"""What AWS refuses, in the words of the steps."""

import re
from collections.abc import Mapping
from typing import Any

from ecsstep.errors import Exit, StepError
from ecsstep.text import in_a_line, printable

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
_REFUSED = frozenset({401, 403, 407})
_MOST_WORDS = 200
_DEFAULT_HINT = (
    "check the names that the step was given, the region (--region) and the account: "
    "aws sts get-caller-identity"
)
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


def answered(error: Any, code: str, doing: str, action: str, hints: Mapping[str, str]) -> StepError:
    """Return the error for what AWS, or a proxy before it, refuses.

    Args:
        error: botocore's ClientError.
        code: AWS's error code in it.
        doing: What the step was about.
        action: The IAM action that the call needs.
        hints: What to do next, by AWS's error code.
    """
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
    if status in _REFUSED and (not code or code.isdecimal()):
        return _refused_on_the_way(doing, words, status)
    return StepError(
        f"{said} ({code})" if code else said,
        exit=Exit.USAGE,
        hint=hints.get(code) or _DEFAULT_HINT,
    )


def _refused_on_the_way(doing: str, words: str, status: int) -> StepError:
    """Return the error for a refusal that isn't in AWS's own form."""
    said = f": {in_a_line(words, _MOST_WORDS)}" if words else ""
    return StepError(
        f"can't {doing}: refused with HTTP status {status}{said}",
        exit=Exit.ACCESS,
        hint="that is not AWS's own answer: a proxy or the policy of a VPC endpoint refuses; "
        "check HTTPS_PROXY, NO_PROXY and the endpoint's policy",
    )


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
