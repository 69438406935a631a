"""A manifest or an index with everything below it, from wherever it is kept."""

from collections.abc import Mapping
from typing import Any, Protocol

from ecsstep.registry.descriptor import (
    Descriptor,
    check_size,
    list_of,
    parse_descriptor,
    parsed_object,
)
from ecsstep.registry.image import INDEXES, MANIFESTS, Blob, Manifest, check_digest, corrupt
from ecsstep.registry.runnable import CONFIGS, check_layers, check_manifest, contents, is_artifact

_DEEPEST = 4
_MOST_MANIFESTS = 1000


class Store(Protocol):
    """Where manifests and blobs are kept."""

    def raw_manifest(self, descriptor: Descriptor) -> bytes | None:
        """Return a manifest's bytes, or None where there is none."""
        ...

    def blob(self, descriptor: Descriptor) -> Blob | None:
        """Return a blob; None for one that no registry keeps."""
        ...

    def config(self, descriptor: Descriptor) -> bytes | None:
        """Return a configuration's bytes, or None where they aren't at hand."""
        ...


class Tree:
    """Reads one image from a store, every manifest in it verified.

    Attributes:
        is_promoted: Whether a registry has it as an image already, whatever its layers are.

    """

    def __init__(self, store: Store, *, is_promoted: bool = False) -> None:
        self._store = store
        self._is_promoted = is_promoted
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
        check_manifest(descriptor, content)
        if descriptor.media_type in INDEXES:
            return self._index(descriptor, raw, content, depth=depth)
        return self._image(descriptor, raw, content)

    def _image(self, descriptor: Descriptor, raw: bytes, content: Mapping[str, Any]) -> Manifest:
        config = parse_descriptor(content.get("config"))
        layers = [parse_descriptor(each) for each in list_of(content, "layers")]
        diff_ids: Mapping[str, str] = {}
        is_image = config.media_type in CONFIGS and not descriptor.is_beside
        if is_image and not self._is_promoted and not is_artifact(layers):
            check_layers(layers)
            config_raw = self._store.config(config)
            diff_ids = contents(config_raw, layers) if config_raw is not None else {}
        blobs = {each.digest: self._store.blob(each) for each in (config, *layers)}
        return Manifest(
            digest=descriptor.digest,
            media_type=descriptor.media_type,
            raw=raw,
            blobs=tuple(
                blob.replaced(diff_id=diff_ids.get(digest))
                for digest, blob in blobs.items()
                if blob is not None
            ),
            foreign=tuple(digest for digest, blob in blobs.items() if blob is None),
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
