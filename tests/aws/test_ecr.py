"""ECR's calls, checked against AWS's model by the Stubber."""

import base64
import datetime as dt
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from ecsstep.aws.ecr import Authorization, Ecr, EcrPublic, StoredImage, private_host
from ecsstep.errors import Exit, StepError
from ecsstep.secret import Secret

EXPIRES = dt.datetime(2026, 1, 2, 12, tzinfo=dt.UTC)
DIGEST = "sha256:" + "a" * 64
TYPES = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
]


def client(service: Any) -> Any:
    return boto3.client(
        service, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )


@pytest.fixture
def stub() -> Iterator[tuple[Ecr, Stubber]]:
    made = client("ecr")
    with Stubber(made) as stubber:
        yield Ecr(made), stubber


def token(text: str = "AWS:pass-word") -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("endpoint", "host"),
    [
        pytest.param(
            "https://123456789012.dkr.ecr.us-east-1.amazonaws.com",
            "123456789012.dkr.ecr.us-east-1.amazonaws.com",
            id="AWS",
        ),
        pytest.param("http://127.0.0.1:5000", "127.0.0.1:5000", id="emulated"),
    ],
)
def test_an_authorization_is_user_password_end_and_own_registry(
    stub: tuple[Ecr, Stubber], endpoint: str, host: str
) -> None:
    ecr, stubber = stub
    data = {"authorizationToken": token(), "expiresAt": EXPIRES, "proxyEndpoint": endpoint}
    stubber.add_response("get_authorization_token", {"authorizationData": [data]}, {})

    assert ecr.authorization() == Authorization(
        user="AWS", password=Secret("pass-word"), expires_at=EXPIRES, proxy_host=host
    )


@pytest.mark.parametrize(
    "data",
    [
        pytest.param([], id="none"),
        pytest.param([{"authorizationToken": "%", "expiresAt": EXPIRES}], id="not base64"),
        pytest.param([{"authorizationToken": token("AWS"), "expiresAt": EXPIRES}], id="no colon"),
        pytest.param([{"authorizationToken": token("AWS:"), "expiresAt": EXPIRES}], id="empty"),
    ],
)
def test_an_answer_without_a_token_is_no_authorization(
    stub: tuple[Ecr, Stubber], data: list[Any]
) -> None:
    ecr, stubber = stub
    stubber.add_response("get_authorization_token", {"authorizationData": data}, {})

    with pytest.raises(StepError, match="holds none") as caught:
        ecr.authorization()

    assert caught.value.exit is Exit.TEMPORARY


def test_a_denied_token_names_the_action(stub: tuple[Ecr, Stubber]) -> None:
    ecr, stubber = stub
    stubber.add_client_error("get_authorization_token", "AccessDeniedException", "no")

    with pytest.raises(StepError) as caught:
        ecr.authorization()

    assert (caught.value.exit, caught.value.hint) == (
        Exit.ACCESS,
        "allow the role the action ecr:GetAuthorizationToken",
    )


def test_ecr_publics_token_is_one_object_without_an_endpoint() -> None:
    made = client("ecr-public")
    with Stubber(made) as stubber:
        data = {"authorizationToken": token(), "expiresAt": EXPIRES}
        stubber.add_response("get_authorization_token", {"authorizationData": data}, {})

        assert EcrPublic(made).authorization() == Authorization(
            user="AWS", password=Secret("pass-word"), expires_at=EXPIRES
        )


def test_an_image_is_read_with_every_media_type_so_that_its_digest_stays(
    stub: tuple[Ecr, Stubber],
) -> None:
    ecr, stubber = stub
    image = {
        "imageId": {"imageDigest": DIGEST, "imageTag": "v1"},
        "imageManifest": "{}",
        "imageManifestMediaType": TYPES[2],
    }
    stubber.add_response(
        "batch_get_image",
        {"images": [image], "failures": []},
        {
            "repositoryName": "app",
            "imageIds": [{"imageTag": "v1", "imageDigest": DIGEST}],
            "acceptedMediaTypes": TYPES,
            "registryId": "123456789012",
        },
    )

    found = ecr.image("app", tag="v1", digest=DIGEST, registry_id="123456789012")

    assert found == StoredImage(digest=DIGEST, media_type=TYPES[2], manifest="{}")


def test_an_image_that_is_not_there_is_none(stub: tuple[Ecr, Stubber]) -> None:
    ecr, stubber = stub
    failure = {"failureCode": "ImageNotFound", "failureReason": "Requested image not found"}
    stubber.add_response("batch_get_image", {"images": [], "failures": [failure]})

    assert ecr.image("app", tag="v1") is None


@pytest.mark.parametrize(
    ("failures", "exit_code", "said"),
    [
        pytest.param(
            [{"failureCode": "KmsError", "failureReason": "key gone"}],
            Exit.USAGE,
            "can't look for image 'app:v1': key gone (KmsError)",
            id="in AWS's words",
        ),
        pytest.param(
            [{"failureCode": "UpstreamUnavailable", "failureReason": "hub down"}],
            Exit.TEMPORARY,
            "can't look for image 'app:v1': hub down (UpstreamUnavailable)",
            id="temporary",
        ),
        pytest.param(
            [],
            Exit.TEMPORARY,
            "can't look for image 'app:v1': ECR's answer holds neither image nor failure",
            id="empty answer",
        ),
    ],
)
def test_another_failure_is_no_missing_image(
    stub: tuple[Ecr, Stubber], failures: list[Any], exit_code: Exit, said: str
) -> None:
    ecr, stubber = stub
    stubber.add_response("batch_get_image", {"images": [], "failures": failures})

    with pytest.raises(StepError) as caught:
        ecr.image("app", tag="v1")

    assert (caught.value.exit, caught.value.message) == (exit_code, said)


def test_a_missing_repository_comes_with_the_command_that_creates_it(
    stub: tuple[Ecr, Stubber],
) -> None:
    ecr, stubber = stub
    stubber.add_client_error("batch_get_image", "RepositoryNotFoundException", "gone")

    with pytest.raises(StepError, match="there is no repository 'app' in ECR in us-east") as caught:
        ecr.image("app", tag="v1")

    assert caught.value.exit is Exit.USAGE
    assert "aws ecr create-repository --region us-east-1 --repository-name app" in caught.value.hint


def test_another_error_stays_what_it_is(stub: tuple[Ecr, Stubber]) -> None:
    ecr, stubber = stub
    stubber.add_client_error("batch_get_image", "ThrottlingException", "slow down")

    with pytest.raises(StepError) as caught:
        ecr.image("app", digest=DIGEST)

    assert caught.value.exit is Exit.TEMPORARY


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("eu-west-1", "012345678901.dkr.ecr.eu-west-1.amazonaws.com"),
        ("cn-north-1", "012345678901.dkr.ecr.cn-north-1.amazonaws.com.cn"),
        ("eusc-de-east-1", "012345678901.dkr.ecr.eusc-de-east-1.amazonaws.eu"),
    ],
)
def test_a_registrys_host_has_its_partitions_suffix(region: str, host: str) -> None:
    assert private_host("012345678901", region) == host
