"""What ECR's calls have in common: names, images by tag or digest, pages."""

import base64
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ecsstep.sandbox.api import ApiError
from ecsstep.sandbox.images import Image, Images

Body = Mapping[str, Any]
Operation = Callable[[Body], dict[str, Any]]
_PAGE = 100


class EcrCalls(ABC):
    """Some of one region's calls.

    Attributes:
        images: What the registry holds.
        region: The region.
    """

    def __init__(self, images: Images, *, region: str) -> None:
        self.images = images
        self.region = region

    @property
    @abstractmethod
    def operations(self) -> Mapping[str, Operation]:
        """The calls by their names."""

    def handles(self, operation: str) -> bool:
        """Whether this operation is answered here."""
        return operation in self.operations

    def answer(self, operation: str, body: dict[str, Any]) -> dict[str, Any]:
        """Return the result in AWS's names.

        Raises:
            ApiError: AWS's answer is an error.
        """
        return self.operations[operation](body)

    def repository(self, body: Body) -> Any:
        """Return moto's repository that the request is about.

        Raises:
            ApiError: There is none.
        """
        return self.images.repository(self.region, body["repositoryName"])

    def one(self, repository: Any, wanted: Mapping[str, str]) -> Image:
        """Return the image with this id.

        Raises:
            ApiError: There is none.
        """
        image, _ = self.found(repository, wanted)
        if image is None:
            raise ApiError(
                "ImageNotFoundException",
                f"The image with imageId {{imageDigest:'{wanted.get('imageDigest', 'null')}', "
                f"imageTag:'{wanted.get('imageTag', 'null')}'}} does not exist within the "
                f"repository with name '{repository.name}' in the registry with id "
                f"'{self.images.account}'",
            )
        return image

    def found(self, repository: Any, wanted: Mapping[str, str]) -> tuple[Image | None, str]:
        """Return the image, or None and the failure code."""
        digest, tag = wanted.get("imageDigest"), wanted.get("imageTag")
        if digest is None and tag is None:
            return None, "MissingDigestAndTag"
        found: Image | None = self.images.find(repository, digest=digest, tag=tag)
        if found is None and tag and digest and self.images.find(repository, digest=digest):
            return None, "ImageTagDoesNotMatchDigest"
        return found, "ImageNotFound"

    def named(self, body: Body) -> dict[str, str]:
        """Return the names that most answers begin with."""
        return {"registryId": self.images.account, "repositoryName": body["repositoryName"]}


def paged(items: Sequence[Any], body: Body) -> tuple[list[Any], str | None]:
    """Return one page, and the token of the next one if there is more.

    Raises:
        ApiError: The token is none of ours.
    """
    try:
        start = int(base64.b64decode(body.get("nextToken") or "MA==", validate=True))
    except ValueError:
        raise ApiError(
            "InvalidParameterException",
            "Invalid parameter at 'nextToken' failed to satisfy constraint: 'Invalid token'",
        ) from None
    end = start + (body.get("maxResults") or _PAGE)
    more = base64.b64encode(str(end).encode()).decode() if end < len(items) else None
    return list(items[start:end]), more


def image_id(image: Image, tag: str | None) -> dict[str, str | None]:
    """Return an image's id by digest and, if there is one, this tag."""
    return {"imageDigest": image.digest, "imageTag": tag}
