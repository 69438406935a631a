"""What botocore raises, in the words of the steps."""

from typing import Any

import pytest
from botocore import exceptions
from botocore.parsers import ResponseParserError

from ecsstep.aws.errors import error_code, translated
from ecsstep.errors import Exit, StepError


def answered(
    code: str, message: str = "words", *, status: int = 400, retries: int = 0
) -> exceptions.ClientError:
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "RetryAttempts": retries},
    }
    return exceptions.ClientError(response, "DescribeThings")


def said_of(error: Exception, **arguments: Any) -> StepError:
    with (
        pytest.raises(StepError) as caught,
        translated("describe 'web'", **{"action": "ecs:DescribeThings", **arguments}),
    ):
        raise error
    assert caught.value.__cause__ is error
    return caught.value


DENIED = (
    "User: arn:aws:sts::1:assumed-role/x is not authorized to perform: ecr:BatchGetImage "
    "on resource: arn:aws:ecr:eu-west-1:1:repository/app because no policy allows it"
)


@pytest.mark.parametrize(
    ("error", "code", "message", "hint"),
    [
        pytest.param(
            answered("AccessDeniedException", DENIED), Exit.ACCESS,
            f"can't describe 'web': {DENIED}",
            "allow the role the action ecr:BatchGetImage on arn:aws:ecr:eu-west-1:1:repository/app",
            id="denied, in AWS's words",
        ),
        pytest.param(
            answered("AccessDenied", "no"), Exit.ACCESS, "can't describe 'web': no",
            "allow the role the action ecs:DescribeThings", id="denied, in ours",
        ),
        pytest.param(
            answered("ExpiredTokenException", "too old"), Exit.ACCESS,
            "can't describe 'web': too old (ExpiredTokenException)",
            "the credentials are wrong or too old; run: aws sts get-caller-identity", id="expired",
        ),
        pytest.param(
            answered("ThrottlingException", "Rate exceeded", retries=7), Exit.TEMPORARY,
            "can't describe 'web': Rate exceeded (ThrottlingException, still after 8 attempts)",
            "run the step again later, or raise AWS_MAX_ATTEMPTS", id="throttled",
        ),
        pytest.param(
            answered("Strange", "", status=429), Exit.TEMPORARY,
            "can't describe 'web': Strange (Strange, still after 1 attempts)",
            "run the step again later, or raise AWS_MAX_ATTEMPTS", id="throttled by status",
        ),
        pytest.param(
            answered("", "", status=503), Exit.TEMPORARY,
            "can't describe 'web': HTTP status 503 (503, still after 1 attempts)",
            "run the step again; https://health.aws.amazon.com/ tells of outages", id="down",
        ),
        pytest.param(
            answered("ClusterNotFoundException", "Cluster not\x1b[1m found."), Exit.USAGE,
            "can't describe 'web': Cluster not found. (ClusterNotFoundException)", "list them",
            id="refused, with a hint of the caller",
        ),
        pytest.param(
            exceptions.NoCredentialsError(), Exit.ACCESS,
            "can't describe 'web': there are no AWS credentials",
            "in GitLab give the job id_tokens and AWS_ROLE_ARN, on a laptop AWS_PROFILE; "
            "then run: aws sts get-caller-identity",
            id="no credentials",
        ),
        pytest.param(
            exceptions.NoRegionError(), Exit.USAGE, "there is no AWS region",
            "give --region, or set AWS_DEFAULT_REGION", id="no region",
        ),
        pytest.param(
            exceptions.ProfileNotFound(profile="x"), Exit.USAGE,
            "the AWS configuration can't be used: The config profile (x) could not be found",
            "check AWS_PROFILE and AWS_CONFIG_FILE", id="no profile",
        ),
        pytest.param(
            exceptions.ParamValidationError(report="bad"), Exit.USAGE,
            "can't describe 'web': Parameter validation failed:\nbad", "", id="bad request",
        ),
        pytest.param(
            exceptions.EndpointConnectionError(endpoint_url="http://x"), Exit.TEMPORARY,
            "can't describe 'web': AWS can't be reached: "
            'Could not connect to the endpoint URL: "http://x"',
            "check network, proxy, VPC endpoint and --region, then run the step again",
            id="unreachable",
        ),
        pytest.param(
            exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=2), Exit.TEMPORARY,
            "can't describe 'web': AWS can't be reached: 1 read, but total bytes expected is 2.",
            "check network, proxy, VPC endpoint and --region, then run the step again",
            id="cut short",
        ),
        pytest.param(
            ResponseParserError("x"), Exit.TEMPORARY,
            "can't describe 'web': the answer can't be read",
            "run the step again; if it stays so, something between here and AWS answers",
            id="no answer of AWS's",
        ),
        pytest.param(
            exceptions.CredentialRetrievalError(provider="p", error_msg="m"), Exit.ACCESS,
            "can't describe 'web': the AWS credentials can't be had: "
            "Error when retrieving credentials from p: m",
            "renew them (aws sso login), then run: aws sts get-caller-identity", id="sso",
        ),
        pytest.param(
            exceptions.InvalidRetryModeError(provided_retry_mode="x", valid_modes="y"), Exit.USAGE,
            "can't describe 'web': Invalid value provided to \"mode\": \"x\" must be one of: y",
            "check the AWS_ variables and the AWS configuration file", id="anything else",
        ),
    ],
)  # fmt: skip
def test_an_error_has_its_exit_code_words_and_hint(
    error: Exception, code: Exit, message: str, hint: str
) -> None:
    found = said_of(error, hints={"ClusterNotFoundException": "list them"})

    assert (found.exit, found.message, found.hint) == (code, message, hint)


def test_an_oidc_token_has_hints_of_its_own() -> None:
    action = "sts:AssumeRoleWithWebIdentity"

    denied = said_of(answered("AccessDenied", "Not authorized"), action=action)
    refused = said_of(answered("InvalidIdentityToken", "Incorrect token audience"), action=action)

    assert (denied.exit, refused.exit) == (Exit.ACCESS, Exit.ACCESS)
    assert "trust policy" in denied.hint
    assert "aud" in refused.hint


def test_what_is_no_error_of_botocores_goes_through() -> None:
    with pytest.raises(ZeroDivisionError), translated("x", action="y"):
        raise ZeroDivisionError
    with pytest.raises(StepError, match="ours"), translated("x", action="y"):
        raise StepError("ours", exit=Exit.FAILED)


def test_the_code_of_an_answer() -> None:
    assert error_code(answered("Strange")) == "Strange"
