"""Amazon ECR: tokens and stored images."""

import base64
import binascii
import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ecsstep.aws.errors import error_code, translated
from ecsstep.errors import Exit, StepError
from ecsstep.secret import Secret
from ecsstep.text import printable
from ecsstep.value import Value

PUBLIC_REGION = "us-east-1"
"""The one region with ECR Public's API; botocore invents host names for the others."""

# Without them ECR may answer with a manifest that it converted: another digest.
_MEDIA_TYPES = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
)
_NOT_THERE = "ImageNotFound"
_FAILURE_EXITS = {
    "UpstreamAccessDenied": Exit.ACCESS,
    "UpstreamTooManyRequests": Exit.TEMPORARY,
    "UpstreamUnavailable": Exit.TEMPORARY,
}


class Authorization(Value):
    """A token for the registries of one region, as user and password.

    Attributes:
        user: Always ``AWS``, says ECR.
        password: The token.
        expires_at: When it ends; twelve hours after it was made.
        proxy_host: The caller's own registry, ``host[:port]``; empty for ECR Public.
    """

    user: str
    password: Secret
    expires_at: dt.datetime
    proxy_host: str = ""


class StoredImage(Value):
    """An image in a repository.

    Attributes:
        digest: The digest of its manifest or index.
        media_type: What kind of manifest it is.
        manifest: The manifest's exact text.
    """

    digest: str
    media_type: str
    manifest: str


class Ecr:
    """ECR's API; one method is one call."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def authorization(self) -> Authorization:
        """Return a token for every registry of this region that the caller may reach.

        Raises:
            StepError: AWS refuses, or the answer holds no token (exit 75).
        """
        with translated("get a login token from ECR", action="ecr:GetAuthorizationToken"):
            reply = self._client.get_authorization_token()
        data = reply.get("authorizationData") or [{}]
        return _authorization(data[0])

    def image(
        self,
        repository: str,
        *,
        tag: str | None = None,
        digest: str | None = None,
        registry_id: str | None = None,
    ) -> StoredImage | None:
        """Return the image under a tag or digest, or None where it isn't there.

        BatchGetImage is the call for it; every role that may push may make it.

        Args:
            repository: The repository's name, without host.
            tag: The tag to look for; ECR takes tag and digest together.
            digest: The digest to look for.
            registry_id: The account's id; the caller's own account by default.

        Raises:
            StepError: There is no such repository (exit 2), or ECR can't give the image.
        """
        wanted = {name: text for name, text in (("imageTag", tag), ("imageDigest", digest)) if text}
        account = {"registryId": registry_id} if registry_id else {}
        named = f"'{repository}{f':{tag}' if tag else ''}{f'@{digest}' if digest else ''}'"
        with translated(f"look for image {named}", action="ecr:BatchGetImage"):
            try:
                reply = self._client.batch_get_image(
                    repositoryName=repository,
                    imageIds=[wanted],
                    acceptedMediaTypes=list(_MEDIA_TYPES),
                    **account,
                )
            except self._client.exceptions.ClientError as error:
                if error_code(error) == "RepositoryNotFoundException":
                    raise self._no_repository(repository) from error
                raise
        return _stored(reply, named)

    def _no_repository(self, repository: str) -> StepError:
        return no_repository(repository, region=self._client.meta.region_name)


class EcrPublic:
    """ECR Public's API."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def authorization(self) -> Authorization:
        """Return a token for ECR Public.

        Raises:
            StepError: AWS refuses, or the answer holds no token (exit 75).
        """
        with translated(
            "get a login token from ECR Public",
            action="ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken",
        ):
            reply = self._client.get_authorization_token()
        return _authorization(reply.get("authorizationData") or {})


def no_repository(repository: str, *, region: str) -> StepError:
    """Return the error for a repository that doesn't exist."""
    return StepError(
        f"there is no repository '{repository}' in ECR in {region}",
        exit=Exit.USAGE,
        hint=f"check the name, or create it: aws ecr create-repository --region {region} "
        f"--repository-name {repository} --image-tag-mutability IMMUTABLE "
        "--image-scanning-configuration scanOnPush=true",
    )


def private_host(account: str, region: str) -> str:
    """Return the plain registry host of an account in a region, of any partition.

    The region must be one that a client has been made for.
    """
    import botocore.session

    session = botocore.session.Session()
    partition = session.get_partition_for_region(region)
    suffixes = {
        each["id"]: each["outputs"]["dnsSuffix"]
        for each in session.get_data("partitions")["partitions"]
    }
    return f"{account}.dkr.ecr.{region}.{suffixes[partition]}"


def _authorization(data: Mapping[str, Any]) -> Authorization:
    try:
        text = base64.b64decode(data["authorizationToken"], validate=True).decode()
    except (KeyError, binascii.Error, UnicodeDecodeError) as error:
        raise _no_token() from error
    user, colon, password = text.partition(":")
    if not colon or not password:
        raise _no_token()
    return Authorization(
        user=user,
        password=Secret(password),
        expires_at=data["expiresAt"],
        proxy_host=urlsplit(data.get("proxyEndpoint") or "").netloc,
    )


def _no_token() -> StepError:
    return StepError(
        "can't get a login token from ECR: the answer holds none",
        exit=Exit.TEMPORARY,
        hint="run the step again",
    )


def _stored(reply: Mapping[str, Any], named: str) -> StoredImage | None:
    for found in reply.get("images") or ():
        return StoredImage(
            digest=found["imageId"]["imageDigest"],
            media_type=found.get("imageManifestMediaType") or "",
            manifest=found.get("imageManifest") or "",
        )
    for failure in reply.get("failures") or ():
        code = failure.get("failureCode", "")
        if code == _NOT_THERE:
            return None
        raise StepError(
            f"can't look for image {named}: {printable(failure.get('failureReason', ''))} ({code})",
            exit=_FAILURE_EXITS.get(code, Exit.USAGE),
            hint="look at it yourself: aws ecr batch-get-image --repository-name NAME "
            "--image-ids imageTag=TAG",
        )
    raise StepError(
        f"can't look for image {named}: ECR's answer holds neither image nor failure",
        exit=Exit.TEMPORARY,
        hint="run the step again",
    )
