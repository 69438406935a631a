"""The commits that an image's configurations name, one for each of its platforms."""

import json
from collections.abc import Callable, Iterator

from ecsstep.registry.descriptor import parse_descriptor
from ecsstep.registry.image import INDEXES, MANIFEST_LIMIT, Blob, Manifest
from ecsstep.registry.verified import Verified
from ecsstep.rules.rebuilds import Revisions, revision_in


def revisions(manifest: Manifest, read: Callable[[Blob], str]) -> Revisions:
    """Return the commit of every platform's image; empty text where one names none.

    Args:
        manifest: The image.
        read: Returns what a configuration names, see :func:`revision`.

    Raises:
        StepError: A configuration is not what its digest says (exit 2).
    """
    return frozenset(read(blob) if blob else "" for blob in _configs(manifest))


def revision(blob: Blob) -> str:
    """Return the commit that a configuration names; nothing where it names none.

    Raises:
        StepError: It is not what its digest says (exit 2).
    """
    if blob.open is None or blob.size > MANIFEST_LIMIT:
        return ""
    parts = []
    with blob.open() as file:
        reader = Verified(blob, file)
        while part := reader.read():
            parts.append(part)
    try:
        return revision_in(json.loads(b"".join(parts)))
    except (ValueError, RecursionError):
        return ""


def _configs(manifest: Manifest) -> Iterator[Blob | None]:
    """Yield the configuration of every platform's image; None for one that isn't there.

    What buildx attests stands beside those.
    """
    content = json.loads(manifest.raw)
    if manifest.media_type not in INDEXES:
        wanted = content["config"]["digest"]
        yield next((blob for blob in manifest.blobs if blob.digest == wanted), None)
        return
    children = {child.digest: child for child in manifest.children}
    for entry in content["manifests"]:
        found = parse_descriptor(entry)
        if not found.is_beside:
            child = children.get(found.digest)
            if child is None:
                yield None
            else:
                yield from _configs(child)
