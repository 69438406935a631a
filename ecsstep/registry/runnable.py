"""What an image needs so that something can run it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ecsstep.registry.descriptor import Descriptor
from ecsstep.registry.image import corrupt
from ecsstep.rules.image import parse_digest

CONFIGS = frozenset(
    {
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.docker.container.image.v1+json",
    }
)
"""The media types of a container image's configuration; others are of Helm charts and the like."""

_PLAIN = frozenset(
    {
        "application/vnd.oci.image.layer.v1.tar",
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
        "application/vnd.docker.image.rootfs.diff.tar",
        "application/vnd.docker.image.rootfs.foreign.diff.tar",
    }
)
_GZIPPED = frozenset(f"{each}{mark}gzip" for each in _PLAIN for mark in "+.")
_ZSTD = frozenset(f"{each}{mark}zstd" for each in _PLAIN for mark in "+.")
_LAYERS = _PLAIN | _GZIPPED | _ZSTD
_FAMILIES = ("application/vnd.oci.image.layer.", "application/vnd.docker.image.rootfs.")
_VERSION = 2


def check_manifest(descriptor: Descriptor, content: Mapping[str, Any]) -> None:
    """Find out whether a manifest is of one kind, and of the kind that its descriptor says.

    Raises:
        StepError: It is not (exit 2).
    """
    if content.get("mediaType", descriptor.media_type) != descriptor.media_type:
        raise corrupt(f"manifest '{descriptor.digest}' says another media type than its index")
    if content.get("schemaVersion") != _VERSION:
        raise corrupt(f"manifest '{descriptor.digest}' is none of version {_VERSION}")
    if "manifests" in content and "layers" in content:
        raise corrupt(f"manifest '{descriptor.digest}' is an image and an index at once")


def is_artifact(layers: Sequence[Descriptor]) -> bool:
    """Whether the layers are none of a file system, as those of signatures and attestations.

    Such attachments may have the configuration of an image, to be taken by any registry.
    """
    return bool(layers) and not any(each.media_type.startswith(_FAMILIES) for each in layers)


def check_layers(layers: Sequence[Descriptor]) -> None:
    """Find out whether the layers are of kinds that engines unpack.

    Raises:
        StepError: One is not (exit 2).
    """
    for layer in layers:
        if layer.media_type not in _LAYERS:
            raise corrupt(f"layer '{layer.digest}' has the media type '{layer.media_type}'")


def contents(config: bytes, layers: Sequence[Descriptor]) -> Mapping[str, str]:
    """Return the digests of the layers' contents that have to be looked at, by the layers' digests.

    Plain tar is its own content, where the digests say so; a media type may name another
    compression than the layer has, since engines tell it by the first bytes. For zstd there is no
    decompressor here.

    Raises:
        StepError: The configuration wants other layers than these (exit 2).
    """
    diff_ids = diff_ids_of(config)
    if len(diff_ids) != len(layers):
        raise corrupt(f"it has {len(layers)} layers and {len(diff_ids)} are wanted")
    found: dict[str, str] = {}
    for layer, diff_id in zip(layers, diff_ids, strict=True):
        known = found.get(layer.digest, diff_id)
        if known != diff_id:
            raise corrupt(f"its configuration wants '{diff_id}' where layer '{layer.digest}' is")
        found[layer.digest] = diff_id
    zstd = {layer.digest for layer in layers if layer.media_type in _ZSTD}
    return {
        digest: diff_id
        for digest, diff_id in found.items()
        if digest not in zstd and digest != diff_id
    }


def diff_ids_of(config: bytes) -> list[str]:
    """Return the digests of the layers' contents that a configuration lists.

    Raises:
        StepError: It lists none (exit 2).
    """
    try:
        found = json.loads(config)["rootfs"]["diff_ids"]
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise corrupt("its configuration lists no layers") from error
    # Go writes an empty list as null.
    found = [] if found is None else found
    if not isinstance(found, list):
        raise corrupt("its configuration lists no layers")
    try:
        return [parse_digest(str(each)) for each in found]
    except ValueError as error:
        raise corrupt(f"its configuration lists a layer that {error}") from error
