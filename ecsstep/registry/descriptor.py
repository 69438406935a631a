"""Descriptors: what an index or a manifest says of something below it."""

import json
from collections.abc import Mapping
from typing import Any

from ecsstep.registry.image import corrupt
from ecsstep.rules.image import parse_digest
from ecsstep.value import Value

# containerd's note of the repositories that a layer was pulled from, by their registry's host.
_SOURCE = "containerd.io/distribution.source."
_ATTESTATION = "vnd.docker.reference.type"
_UNKNOWN = "unknown"


class Descriptor(Value):
    """What an index or a manifest says of something below it.

    Attributes:
        media_type: Its media type.
        digest: Its digest.
        size: Its size in bytes.
        origins: Host and repository of registries that should have it.
        is_elsewhere: Whether it is a foreign layer: one that names other places to get it from and
            that no registry has to keep.
        is_beside: Whether it is what buildx attests about an image, and stands beside it.
    """

    media_type: str
    digest: str
    size: int
    origins: tuple[tuple[str, str], ...] = ()
    is_elsewhere: bool = False
    is_beside: bool = False


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
        is_elsewhere=bool(entry.get("urls")) and _is_foreign(str(entry.get("mediaType"))),
        is_beside=_is_attestation(entry),
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


def _is_foreign(media_type: str) -> bool:
    """Whether a layer of this kind may be kept elsewhere, as Windows' own are."""
    return ".foreign." in media_type or ".nondistributable." in media_type


def _is_attestation(entry: Mapping[str, Any]) -> bool:
    platform, notes = entry.get("platform"), entry.get("annotations")
    is_unknown = isinstance(platform, dict) and platform.get("os") == _UNKNOWN
    return is_unknown or (isinstance(notes, dict) and _ATTESTATION in notes)
