"""ECR's calls about images; they agree with what the registry's protocol did.

What is about repositories alone (create, describe, policies, lifecycle, tags) moto answers.
"""

import base64
import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from ecsstep.sandbox.api import ApiError, Now
from ecsstep.sandbox.blobs import digest_of
from ecsstep.sandbox.ecr_calls import Body, EcrCalls, Operation, image_id, paged
from ecsstep.sandbox.images import Image, Images
from ecsstep.sandbox.manifests import DOCKER_MANIFEST, OCI_MANIFEST, check_tag

_TOKEN_LIFE = dt.timedelta(hours=12)


class ImageCalls(EcrCalls):
    """One region's ECR, as far as images and logging in go."""

    def __init__(
        self, images: Images, *, region: str, host: str, clock: Now, tokens: set[str]
    ) -> None:
        super().__init__(images, region=region)
        self._host = host
        self._clock = clock
        self._tokens = tokens

    @property
    def operations(self) -> Mapping[str, Operation]:
        """The calls by their names."""
        return {
            "GetAuthorizationToken": self._get_authorization_token,
            "PutImage": self._put_image,
            "BatchGetImage": self._batch_get_image,
            "DescribeImages": self._describe_images,
            "ListImages": self._list_images,
            "BatchDeleteImage": self._batch_delete_image,
        }

    def _get_authorization_token(self, _body: Body) -> dict[str, Any]:
        password = secrets.token_urlsafe(48)
        self._tokens.add(password)
        return {
            "authorizationData": [
                {
                    "authorizationToken": base64.b64encode(f"AWS:{password}".encode()).decode(),
                    "expiresAt": self._clock.now() + _TOKEN_LIFE,
                    "proxyEndpoint": f"http://{self._host}",
                }
            ]
        }

    def _put_image(self, body: Body) -> dict[str, Any]:
        repository = self.repository(body)
        tag, manifest = body.get("imageTag"), body["imageManifest"].encode()
        if tag is not None:
            check_tag(tag)
        if body.get("imageDigest") not in (None, digest_of(manifest)):
            raise ApiError(
                "ImageDigestDoesNotMatchException",
                f"The image digest '{body['imageDigest']}' does not match the digest "
                f"'{digest_of(manifest)}' of the image manifest",
            )
        image = self.images.put(
            repository, manifest, tag=tag, media_type=body.get("imageManifestMediaType")
        )
        return {"image": self._shown(repository, image, tag)}

    def _batch_get_image(self, body: Body) -> dict[str, Any]:
        repository = self.repository(body)
        # Without a word about media types ECR gives out single images only: an index becomes one
        # of its own (containers-roadmap, many reports), which has another digest.
        accepted = body.get("acceptedMediaTypes") or [DOCKER_MANIFEST, OCI_MANIFEST]
        images, failures = [], []
        for wanted in body["imageIds"]:
            image, failure = self.found(repository, wanted)
            if image is not None and image.media_type not in accepted:
                image = next(
                    (self.images.find(repository, digest=child) for child in image.children), None
                )
                failure = "ImageNotFound"
            if image is None or image.media_type not in accepted:
                failures.append(_failure(wanted, failure))
            else:
                images.append(self._shown(repository, image, wanted.get("imageTag")))
        return {"images": images, "failures": failures}

    def _describe_images(self, body: Body) -> dict[str, Any]:
        repository = self.repository(body)
        wanted = body.get("imageIds")
        if wanted:
            chosen = list(dict.fromkeys(self.one(repository, image_id) for image_id in wanted))
        else:
            chosen = _with_status(list(repository.images), body)
        page, token = paged(chosen, body)
        return {
            "imageDetails": [self._details(repository, image) for image in page],
            "nextToken": token,
        }

    def _list_images(self, body: Body) -> dict[str, Any]:
        repository = self.repository(body)
        found = [
            image_id(image, tag)
            for image in _with_status(list(repository.images), body)
            for tag in image.tags or (None,)
        ]
        page, token = paged(found, body)
        return {"imageIds": page, "nextToken": token}

    def _batch_delete_image(self, body: Body) -> dict[str, Any]:
        repository = self.repository(body)
        deleted, failures = [], []
        for wanted in body["imageIds"]:
            image, failure = self.found(repository, wanted)
            tag = wanted.get("imageTag")
            if image is None:
                failures.append(_failure(wanted, failure))
            elif (tag is None or image.tags == [tag]) and self.images.parents(repository, image):
                failures.append(_failure(wanted, "ImageReferencedByManifestList"))
            elif tag is not None:
                self.images.untag(repository, image, tag)
                deleted.append(image_id(image, tag))
            else:
                self.images.remove(repository, image)
                deleted += [image_id(image, tag) for tag in image.tags or (None,)]
        return {"imageIds": deleted, "failures": failures}

    def _shown(self, repository: Any, image: Image, tag: str | None) -> dict[str, Any]:
        return {
            "registryId": self.images.account,
            "repositoryName": repository.name,
            "imageId": image_id(image, tag),
            "imageManifest": image.manifest.decode(),
            "imageManifestMediaType": image.media_type,
        }

    def _details(self, repository: Any, image: Image) -> dict[str, Any]:
        return {
            "registryId": self.images.account,
            "repositoryName": repository.name,
            "imageDigest": image.digest,
            "imageTags": list(image.tags) or None,
            "imageSizeInBytes": image.size,
            "imagePushedAt": image.pushed_at,
            "imageManifestMediaType": image.media_type,
            "artifactMediaType": image.artifact_media_type,
            "imageStatus": "ACTIVE",
        }


def _with_status(images: Sequence[Image], body: Body) -> list[Image]:
    wanted = (body.get("filter") or {}).get("tagStatus", "ANY")
    return [i for i in images if wanted == "ANY" or bool(i.tags) is (wanted == "TAGGED")]


_REASONS = {
    "MissingDigestAndTag": "Invalid request parameters: both tag and digest cannot be null",
    "ImageTagDoesNotMatchDigest": "The tag does not point at the digest",
    "ImageReferencedByManifestList": "Requested image referenced by manifest list",
    "ImageNotFound": "Requested image not found",
}


def _failure(wanted: Mapping[str, str], code: str) -> dict[str, Any]:
    return {"imageId": dict(wanted), "failureCode": code, "failureReason": _REASONS[code]}
