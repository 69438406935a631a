"""A manifest or an index with everything below it, from wherever it is kept."""

import json
from collections.abc import Mapping
from typing import Any, Protocol

from ecsstep.registry.image import INDEXES, MANIFESTS, Blob, Manifest, check_digest, corrupt
from ecsstep.rules.image import parse_digest
from ecsstep.value import Value

_DEEPEST = 4
_MOST_MANIFESTS = 1000
# containerd's note of the repositories that a layer was pulled from, by their registry's host.
_SOURCE = "containerd.io/distribution.source."


class Descriptor(Value):
    """What an index or a manifest says of something below it.

    Attributes:
        media_type: Its media type.
        digest: Its digest.
        size: Its size in bytes.
        origins: Host and repository of registries that should have it.
        is_elsewhere: Whether it names other places to get it from, as a foreign layer does.
    """

    media_type: str
    digest: str
    size: int
    origins: tuple[tuple[str, str], ...] = ()
    is_elsewhere: bool = False


class Store(Protocol):
    """Where manifests and blobs are kept."""

    def raw_manifest(self, descriptor: Descriptor) -> bytes | None:
        """Return a manifest's bytes, or None where there is none."""
        ...

    def blob(self, descriptor: Descriptor) -> Blob | None:
        """Return a blob; None for one that no registry keeps."""
        ...


class Tree:
    """Reads one image from a store, every manifest in it verified."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._count = 0

    def read(self, root: Descriptor) -> Manifest:
        """Return the image that a descriptor is about.

        Raises:
            StepError: It is missing or broken (exit 2), or the store can't be read.
        """
        found = self._read(root, depth=0)
        if found is None:
            raise corrupt(f"there is no blob '{root.digest}' in it")
        return found

    def _read(self, descriptor: Descriptor, *, depth: int) -> Manifest | None:
        self._count += 1
        if depth > _DEEPEST or self._count > _MOST_MANIFESTS:
            raise corrupt("its indexes are nested too deeply or list too much")
        if descriptor.media_type not in INDEXES | MANIFESTS:
            raise corrupt(f"'{descriptor.digest}' has the media type '{descriptor.media_type}'")
        raw = self._store.raw_manifest(descriptor)
        if raw is None:
            return None
        check_size(descriptor, len(raw))
        check_digest(raw, descriptor.digest, "manifest")
        content = parsed_object(raw, f"manifest '{descriptor.digest}'")
        if content.get("mediaType", descriptor.media_type) != descriptor.media_type:
            raise corrupt(f"manifest '{descriptor.digest}' says another media type than its index")
        if descriptor.media_type in INDEXES:
            return self._index(descriptor, raw, content, depth=depth)
        wanted = (content.get("config"), *list_of(content, "layers"))
        found = (self._store.blob(parse_descriptor(each)) for each in wanted)
        blobs = {blob.digest: blob for blob in found if blob is not None}
        return Manifest(
            digest=descriptor.digest,
            media_type=descriptor.media_type,
            raw=raw,
            blobs=tuple(blobs.values()),
        )

    def _index(
        self, descriptor: Descriptor, raw: bytes, content: Mapping[str, Any], *, depth: int
    ) -> Manifest:
        listed = [parse_descriptor(each) for each in list_of(content, "manifests")]
        children = [(each, self._read(each, depth=depth + 1)) for each in listed]
        return Manifest(
            digest=descriptor.digest,
            media_type=descriptor.media_type,
            raw=raw,
            children=tuple(child for _, child in children if child is not None),
            absent=tuple(each.digest for each, child in children if child is None),
        )


def parse_descriptor(entry: Any) -> Descriptor:
    """Return what a descriptor's JSON says.

    Raises:
        StepError: It is none (exit 2).
    """
    if not isinstance(entry, dict):
        raise corrupt("a descriptor in it is no object")
    size, digest = entry.get("size"), entry.get("digest")
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise corrupt(f"a descriptor in it has the size {size!r}")
    try:
        digest = parse_digest(str(digest))
    except ValueError as error:
        raise corrupt(f"a descriptor in it has the digest {digest!r}") from error
    return Descriptor(
        media_type=str(entry.get("mediaType", "")),
        digest=digest,
        size=size,
        origins=_origins(entry.get("annotations")),
        is_elsewhere=bool(entry.get("urls")),
    )


def check_size(descriptor: Descriptor, size: int) -> None:
    """Find out whether something has the size that its descriptor says.

    Raises:
        StepError: It has not (exit 2).
    """
    if size != descriptor.size:
        raise corrupt(
            f"blob '{descriptor.digest}' has {size} bytes, its descriptor says {descriptor.size}"
        )


def parsed_object(raw: bytes, what: str) -> Mapping[str, Any]:
    """Return a JSON object.

    Raises:
        StepError: It is none (exit 2).
    """
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise corrupt(f"{what} is not JSON") from error
    if not isinstance(found, dict):
        raise corrupt(f"{what} is no object")
    return found


def list_of(content: Mapping[str, Any], key: str) -> list[Any]:
    """Return a list within an object.

    Raises:
        StepError: There is none (exit 2).
    """
    found = content.get(key)
    if not isinstance(found, list):
        raise corrupt(f"it has no list of '{key}'")
    return found


def _origins(annotations: Any) -> tuple[tuple[str, str], ...]:
    if not isinstance(annotations, dict):
        return ()
    return tuple(
        (key.removeprefix(_SOURCE), name)
        for key, names in annotations.items()
        if key.startswith(_SOURCE) and isinstance(names, str)
        for name in names.split(",")
        if name
    )
