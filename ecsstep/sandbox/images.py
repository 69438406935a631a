"""The images in the emulated ECR: what a push leaves behind, by the exact bytes of its manifest.

Repositories are moto's, images are ours: moto's own have another digest and another size than what
was pushed. They stand in moto's list all the same, so that a repository which holds images is not
deleted.
"""

import datetime as dt
import fnmatch
import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ecsstep.sandbox import manifests
from ecsstep.sandbox.api import ApiError, Now
from ecsstep.sandbox.blobs import Blobs, digest_of


@dataclass(eq=False, kw_only=True)
class Image:
    """A manifest in a repository.

    Attributes:
        digest: The SHA-256 of the manifest's bytes.
        manifest: Those bytes.
        media_type: What it is.
        artifact_media_type: What its config is; nothing for an index.
        size: Bytes of its config and layers; of an index, of its largest image.
        pushed_at: When the manifest arrived.
        tags: The tags that point at it, the oldest first.
        scan_began: When its scan was started, if it was.
    """

    digest: str
    manifest: bytes
    media_type: str
    artifact_media_type: str | None
    size: int
    pushed_at: dt.datetime
    tags: list[str] = field(default_factory=list)
    scan_began: dt.datetime | None = None

    @property
    def is_index(self) -> bool:
        """Whether it names images instead of layers."""
        return self.media_type in manifests.INDEXES

    @property
    def children(self) -> tuple[str, ...]:
        """The digests of an index's images."""
        named = json.loads(self.manifest).get("manifests", []) if self.is_index else []
        return tuple(child["digest"] for child in named)


Pushed = Callable[[Any, Any, Image], None]
"""Is told of the region's ECR, of the repository and of the image that has come into it."""


class Images:
    """The images of one account, in all regions."""

    def __init__(self, *, account: str, clock: Now, blobs: Blobs, pushed: Pushed) -> None:
        from moto.ecr.models import ecr_backends

        self.account = account
        self.blobs = blobs
        self._regions: Any = ecr_backends[account]
        self._clock = clock
        self._pushed = pushed
        self._lock = threading.RLock()

    def backend(self, region: str) -> Any:
        """Return moto's ECR of a region."""
        return self._regions[region]

    def repository(self, region: str, name: str) -> Any:
        """Return moto's repository.

        Raises:
            ApiError: RepositoryNotFoundException.
        """
        found = self._regions[region].repositories.get(name)
        if found is None:
            raise ApiError(
                "RepositoryNotFoundException",
                f"The repository with name '{name}' does not exist in the registry with id "
                f"'{self.account}'",
            )
        return found

    def find(
        self, repository: Any, *, digest: str | None = None, tag: str | None = None
    ) -> Image | None:
        """Return the image that has this digest and this tag, of which one may be left out."""
        with self._lock:
            held: list[Image] = repository.images
            for image in held:
                if digest in (None, image.digest) and (tag is None or tag in image.tags):
                    return image
        return None

    def put(
        self,
        repository: Any,
        manifest: bytes,
        *,
        tag: str | None,
        media_type: str | None,
    ) -> Image:
        """Keep a manifest whose parts are all there, and point the tag at it.

        Raises:
            ApiError: As ECR's PutImage; ImageAlreadyExistsException also where nothing changes.
        """
        content = manifests.parsed(manifest)
        kind = manifests.media_type_of(content, media_type)
        digest = digest_of(manifest)
        with self._lock:
            size = self._size(repository, content, kind)
            found = self.find(repository, digest=digest)
            if found and (tag is None or tag in found.tags):
                raise ApiError(
                    "ImageAlreadyExistsException",
                    f"Image with digest '{digest}' and tag '{tag or 'null'}' already exists in "
                    f"the repository with name '{repository.name}' in registry with id "
                    f"'{self.account}'",
                )
            self._release(repository, tag)
            image = found or Image(
                digest=digest,
                manifest=manifest,
                media_type=kind,
                artifact_media_type=content.get("config", {}).get("mediaType"),
                size=size,
                pushed_at=self._clock.now(),
            )
            if tag is not None:
                image.tags.append(tag)
            if found is None:
                repository.images.append(image)
                self._pushed(self.backend(repository.region_name), repository, image)
            return image

    def untag(self, repository: Any, image: Image, tag: str) -> None:
        """Take a tag away; the image goes with its last one."""
        with self._lock:
            image.tags.remove(tag)
            if not image.tags:
                repository.images.remove(image)

    def remove(self, repository: Any, image: Image) -> None:
        """Take an image away with all its tags."""
        with self._lock:
            repository.images.remove(image)

    def parents(self, repository: Any, image: Image) -> tuple[str, ...]:
        """Return the digests of the indexes that name this image."""
        with self._lock:
            return tuple(i.digest for i in repository.images if image.digest in i.children)

    def _release(self, repository: Any, tag: str | None) -> None:
        """Take the tag from the image that has it; as a push does, that image itself stays."""
        holder = self.find(repository, tag=tag) if tag is not None else None
        if holder is None or tag is None:
            return
        if is_immutable(repository, tag):
            raise ApiError(
                "ImageTagAlreadyExistsException",
                f"The image tag '{tag}' already exists in the '{repository.name}' repository and "
                "cannot be overwritten because the tag is immutable.",
            )
        holder.tags.remove(tag)

    def _size(self, repository: Any, content: dict[str, Any], kind: str) -> int:
        if kind in manifests.INDEXES:
            children = [child["digest"] for child in content["manifests"]]
            found = {digest: self.find(repository, digest=digest) for digest in children}
            self._refuse_missing(
                repository, "ReferencedImagesNotFoundException", "Images",
                [digest for digest, image in found.items() if image is None],
            )  # fmt: skip
            return max((image.size for image in found.values() if image), default=0)
        parts = [content["config"], *content["layers"]]
        self._refuse_missing(
            repository, "LayersNotFoundException", "Layers",
            [part["digest"] for part in parts if part["digest"] not in repository.layers],
        )  # fmt: skip
        for part in parts:
            size = repository.layers[part["digest"]]
            if part["size"] != size:
                raise manifests.invalid(
                    f"layer '{part['digest']}' has {size} bytes, not {part['size']}"
                )
        return sum(part["size"] for part in parts)

    def _refuse_missing(
        self, repository: Any, code: str, what: str, digests: Iterable[str]
    ) -> None:
        missing = ", ".join(digests)
        if missing:
            raise ApiError(
                code,
                f"{what} with digests '[{missing}]' required for pushing image into repository "
                f"with name '{repository.name}' in the registry with id '{self.account}' do not "
                "exist",
            )


def is_immutable(repository: Any, tag: str) -> bool:
    """Whether this tag can't be moved in this repository."""
    filters = [f["filter"] for f in repository.image_tag_mutability_exclusion_filters or []]
    is_excluded = any(fnmatch.fnmatchcase(tag, pattern) for pattern in filters)
    is_base = bool(repository.image_tag_mutability.startswith("IMMUTABLE"))
    return is_base is not is_excluded
