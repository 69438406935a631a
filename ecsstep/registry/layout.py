"""OCI image layouts, in a folder or an archive.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from collections.abc import Mapping
from typing import Any

from ecsstep.registry.chosen import chosen
from ecsstep.registry.descriptor import (
    Descriptor,
    check_size,
    list_of,
    parse_descriptor,
    parsed_object,
)
from ecsstep.registry.files import Files, Opener, read_small
from ecsstep.registry.image import MANIFEST_LIMIT, Blob, Manifest, check_digest, corrupt
from ecsstep.registry.revisions import revision, revisions
from ecsstep.registry.tree import Tree
from ecsstep.rules.rebuilds import Revisions
from ecsstep.rules.tag_verdict import Identity

_NAMES = ("org.opencontainers.image.ref.name", "io.containerd.image.name")


class Layout:
    """One image of a layout.

    Attributes:
        identity: The digest of its manifest or index.
    """

    def __init__(self, files: Files, *, name: str, tag: str | None) -> None:
        version = _parsed(files, "oci-layout").get("imageLayoutVersion")
        if not isinstance(version, str) or not version.startswith("1."):
            raise corrupt(f"'{name}' is no OCI layout of version 1")
        self._files = files
        listed = list_of(_parsed(files, "index.json"), "manifests")
        named = [(_names(each), each) for each in listed]
        self._root = parse_descriptor(chosen(named, name=name, tag=tag))
        self.identity = Identity(manifests=frozenset({self._root.digest}))

    def manifest(self) -> Manifest:
        """Return the image, every manifest in it verified.

        Raises:
            StepError: The layout is broken (exit 2).
        """
        return Tree(self).read(self._root)

    def revisions(self) -> Revisions:
        """Return the commit that every platform's image names.

        Raises:
            StepError: The layout is broken (exit 2).
        """
        return revisions(self.manifest(), revision)

    def raw_manifest(self, descriptor: Descriptor) -> bytes | None:
        """Return a manifest's bytes, or None where the layout lacks it.

        Raises:
            StepError: It can't be read (exit 2).
        """
        name = _path(descriptor.digest)
        size = self._files.size(name)
        if size is None:
            return None
        check_size(descriptor, size)
        return read_small(self._files, name, limit=MANIFEST_LIMIT)

    def config(self, descriptor: Descriptor) -> bytes | None:
        """Return a configuration's bytes, or None where the layout lacks it.

        Raises:
            StepError: It is not what its descriptor says (exit 2).
        """
        raw = self.raw_manifest(descriptor)
        if raw is not None:
            check_digest(raw, descriptor.digest, "blob")
        return raw

    def blob(self, descriptor: Descriptor) -> Blob | None:
        """Return a blob; None for a foreign layer, which lives elsewhere and no registry keeps.

        Raises:
            StepError: It has another size than its descriptor says (exit 2).
        """
        name = _path(descriptor.digest)
        size = self._files.size(name)
        if size is None and descriptor.is_elsewhere:
            return None
        if size is not None:
            check_size(descriptor, size)
        return Blob(
            digest=descriptor.digest,
            size=descriptor.size,
            open=None if size is None else Opener(files=self._files, name=name),
            origins=descriptor.origins,
        )


def _names(entry: Any) -> tuple[str, ...]:
    annotations = entry.get("annotations") if isinstance(entry, dict) else None
    if not isinstance(annotations, dict):
        return ()
    return tuple(
        found for key in _NAMES if isinstance(found := annotations.get(key), str) and found
    )


def _path(digest: str) -> str:
    return "blobs/" + digest.replace(":", "/")


def _parsed(files: Files, name: str) -> Mapping[str, Any]:
    return parsed_object(read_small(files, name, limit=MANIFEST_LIMIT), f"'{name}'")
