"""OCI image layouts, in a folder or an archive.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ecsstep.errors import Exit, StepError
from ecsstep.registry.files import Files, Opener, read_small
from ecsstep.registry.image import MANIFEST_LIMIT, Blob, Manifest, corrupt
from ecsstep.registry.tree import (
    Descriptor,
    Tree,
    check_size,
    list_of,
    parse_descriptor,
    parsed_object,
)
from ecsstep.text import listed

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
        self._root = _chosen(_parsed(files, "index.json"), name=name, tag=tag)
        self.identity = frozenset({self._root.digest})

    def manifest(self) -> Manifest:
        """Return the image, every manifest in it verified.

        Raises:
            StepError: The layout is broken (exit 2).
        """
        return Tree(self).read(self._root)

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


def _chosen(index: Mapping[str, Any], *, name: str, tag: str | None) -> Descriptor:
    entries = list_of(index, "manifests")
    named = [(_names(each), each) for each in entries]
    fitting = [each for names, each in named if tag is None or _is_named(names, tag)]
    if len(fitting) == 1:
        return parse_descriptor(fitting[0])
    known = sorted({each for names, _ in named for each in names})
    what = f"{len(fitting)} images" if tag is None else f"{len(fitting)} images named '{tag}'"
    raise StepError(
        f"'{name}' holds {what}, where one is wanted; its names are {listed(known)}",
        exit=Exit.USAGE,
        hint=f"write the name after the path: {name}:TAG",
    )


def _names(entry: Any) -> tuple[str, ...]:
    annotations = entry.get("annotations") if isinstance(entry, dict) else None
    if not isinstance(annotations, dict):
        return ()
    return tuple(
        found for key in _NAMES if isinstance(found := annotations.get(key), str) and found
    )


def _is_named(names: Sequence[str], tag: str) -> bool:
    """Whether a descriptor has this name; containerd writes whole references."""
    return any(found == tag or found.endswith(f":{tag}") for found in names)


def _path(digest: str) -> str:
    return "blobs/" + digest.replace(":", "/")


def _parsed(files: Files, name: str) -> Mapping[str, Any]:
    return parsed_object(read_small(files, name, limit=MANIFEST_LIMIT), f"'{name}'")
