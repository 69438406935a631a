"""Where AWS is, if the environment says so."""

import pytest

from ecsstep.aws.endpoints import check, check_url, is_emulated
from ecsstep.errors import Exit, StepError
from ecsstep.secret import scrubbed


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        pytest.param({}, False, id="aws"),
        pytest.param({"AWS_ENDPOINT_URL": "http://127.0.0.1:5000"}, True, id="this machine"),
        pytest.param({"AWS_ENDPOINT_URL": "https://vpce.example"}, False, id="elsewhere"),
        pytest.param(
            {
                "AWS_ENDPOINT_URL": "http://localhost:1",
                "AWS_ENDPOINT_URL_ECR": "https://vpce.example",
            },
            False,
            id="ecr elsewhere",
        ),
        pytest.param(
            {"AWS_ENDPOINT_URL": "http://[::1]:1", "AWS_ENDPOINT_URL_ECR": ""}, True, id="empty"
        ),
    ],
)
def test_an_emulated_aws_is_known_by_its_endpoint(
    variables: dict[str, str], expected: bool
) -> None:
    assert is_emulated(variables) is expected


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        pytest.param("http://127.0.0.1:99999", "is no URL: port out of range 0-65535", id="port"),
        pytest.param("http://127.0.0.1:web", "is no URL: port could not be cast", id="a word"),
        pytest.param("http://[", "is no URL: invalid IPv6 URL", id="bracket"),
        pytest.param("127.0.0.1:5000", "begins with neither http:// nor https://", id="no scheme"),
        pytest.param("ftp://there", "begins with neither http:// nor https://", id="ftp"),
        pytest.param("https://", "names no host", id="no host"),
    ],
)
def test_an_endpoint_that_is_none_is_a_mistake_of_the_environment(url: str, fault: str) -> None:
    with pytest.raises(StepError) as of_variables:
        check({"AWS_ENDPOINT_URL_ECS": url})
    with pytest.raises(StepError) as of_url:
        check_url(url)

    for error in (of_variables.value, of_url.value):
        assert f"'{url}' {fault}" in error.message
        assert error.exit is Exit.USAGE
        assert error.hint == "check AWS_ENDPOINT_URL; it looks like http://127.0.0.1:5000"
    with pytest.raises(StepError, match="AWS_ENDPOINT_URL_ECR"):
        is_emulated({"AWS_ENDPOINT_URL_ECR": url})


def test_an_endpoint_of_a_service_that_no_step_calls_is_its_callers_matter() -> None:
    check({"AWS_ENDPOINT_URL_S3": "minio:9000", "AWS_ENDPOINT_URL_DYNAMODB": "x"})


@pytest.mark.parametrize(
    "client",
    [
        "cloudfront", "codedeploy", "ecr", "ecs", "elbv2", "logs", "secretsmanager", "sns", "ssm",
        "sts",
    ],
)  # fmt: skip
def test_the_endpoint_of_every_service_that_a_step_calls_is_checked(client: str) -> None:
    from botocore.session import get_session

    service = get_session().get_service_model(client).service_id
    name = f"AWS_ENDPOINT_URL_{str(service).upper().replace(' ', '_')}"

    with pytest.raises(StepError, match=name):
        check({name: "x"})


def test_all_of_them_are_told_at_once() -> None:
    variables = {"AWS_ENDPOINT_URL": "a", "AWS_ENDPOINT_URL_STS": "b", "AWS_ENDPOINT_URLS": "c"}

    with pytest.raises(StepError) as caught:
        check(variables)

    assert [line.partition(":")[0] for line in caught.value.why] == [
        "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS",
    ]  # fmt: skip


def test_a_password_in_an_endpoint_is_a_secret() -> None:
    check({"AWS_ENDPOINT_URL": "http://user:swordfish@127.0.0.1:1"})

    assert scrubbed("can't reach http://user:swordfish@127.0.0.1:1/") == (
        "can't reach http://user:***@127.0.0.1:1/"
    )
