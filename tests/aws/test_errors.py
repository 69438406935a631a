"""What botocore raises, in the words of the steps."""

from typing import Any

import pytest
from botocore import exceptions
from botocore.parsers import ResponseParserError
from urllib3.exceptions import LocationParseError

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
            "can't describe 'web': Parameter validation failed:\nbad",
            "AWS takes no such value; check the names and numbers that the step was given",
            id="bad request",
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
            exceptions.SSOTokenLoadError(error_msg="no file"), Exit.ACCESS,
            "can't describe 'web': the AWS credentials can't be had: "
            "Error loading SSO Token: no file",
            "renew them (aws sso login), then run: aws sts get-caller-identity", id="sso's token",
        ),
        pytest.param(
            exceptions.PartialCredentialsError(
                provider="env", cred_var="aws_secret_access_key"
            ), Exit.ACCESS,
            "can't describe 'web': of the AWS credentials one half is missing: "
            "AWS_SECRET_ACCESS_KEY",
            "set AWS_SECRET_ACCESS_KEY as well, or take the other half away; "
            "then run: aws sts get-caller-identity",
            id="half a pair in the environment",
        ),
        pytest.param(
            exceptions.PartialCredentialsError(
                provider="shared-credentials-file", cred_var="aws_secret_access_key"
            ), Exit.ACCESS,
            "can't describe 'web': of the AWS credentials one half is missing: "
            "aws_secret_access_key",
            "set aws_secret_access_key as well, or take the other half away; "
            "then run: aws sts get-caller-identity",
            id="half a pair in a file",
        ),
        pytest.param(
            exceptions.HTTPClientError(error=ValueError("Invalid header value b'token'")),
            Exit.USAGE, "can't describe 'web': something in the request has no form in HTTP",
            "look for control characters and line breaks in the AWS_ variables",
            id="nothing that can be sent",
        ),
        pytest.param(
            exceptions.HTTPClientError(error=LocationParseError("user:geheim@[")),
            Exit.USAGE, "can't describe 'web': the proxy's address is no URL",
            "check HTTPS_PROXY and HTTP_PROXY; they look like http://proxy.example:3128",
            id="a proxy that is none",
        ),
        pytest.param(
            exceptions.HTTPClientError(error=OSError("broken")), Exit.TEMPORARY,
            "can't describe 'web': AWS can't be reached: "
            "An HTTP Client raised an unhandled exception: broken",
            "check network, proxy, VPC endpoint and --region, then run the step again",
            id="broken",
        ),
        pytest.param(
            answered("ClientException", "no such thing"), Exit.USAGE,
            "can't describe 'web': no such thing (ClientException)",
            "check the names that the step was given, the region (--region) and the account: "
            "aws sts get-caller-identity",
            id="refused, by a code that nobody expected",
        ),
        pytest.param(
            answered("", "", status=404), Exit.USAGE,
            "can't describe 'web': HTTP status 404",
            "check the names that the step was given, the region (--region) and the account: "
            "aws sts get-caller-identity",
            id="refused without a word",
        ),
        pytest.param(
            answered("", "<html>\nGo away" + "." * 300, status=407), Exit.ACCESS,
            "can't describe 'web': refused with HTTP status 407: <html> Go away" + "." * 185 + "…",
            "that is not AWS's own answer: a proxy or the policy of a VPC endpoint refuses; "
            "check HTTPS_PROXY, NO_PROXY and the endpoint's policy",
            id="refused by a proxy",
        ),
        pytest.param(
            answered("403", "", status=403), Exit.ACCESS,
            "can't describe 'web': refused with HTTP status 403",
            "that is not AWS's own answer: a proxy or the policy of a VPC endpoint refuses; "
            "check HTTPS_PROXY, NO_PROXY and the endpoint's policy",
            id="refused without a code of AWS's",
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
