"""The images that an image's manifest stands for."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ecsstep.text import listed, printable
from ecsstep.value import Value

_INDEX_TYPES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_CONFIG_TYPES = (
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
)
# BuildKit adds such a child for the provenance of each platform.
_ATTESTATION = ("vnd.docker.reference.type", "attestation-manifest")


class Platform(Value):
    """One image that can be scanned.

    Attributes:
        name: ``linux/amd64``; empty where a single image doesn't say it.
        digest: The digest of its manifest.
    """

    name: str = ""
    digest: str


def platforms_of(manifest: str, *, digest: str, media_type: str) -> tuple[Platform, ...]:
    """Return the images behind a manifest: itself, or an index's platforms without attestations.

    Args:
        manifest: The manifest's text.
        digest: Its digest.
        media_type: What the registry says that it is; empty where it doesn't.

    Raises:
        ValueError: It is no manifest of a container image.
    """
    try:
        content = json.loads(manifest)
    except (ValueError, RecursionError) as error:
        raise ValueError("its manifest is no JSON") from error
    if not isinstance(content, dict):
        raise ValueError("its manifest is no JSON object")  # noqa: TRY004 - one kind of mistake
    kind = media_type or content.get("mediaType") or ""
    if kind in _INDEX_TYPES or "manifests" in content:
        return _children(content)
    config = _mapping(content.get("config")).get("mediaType")
    if config is not None and config not in _CONFIG_TYPES:
        raise ValueError(f"it is no container image but '{printable(config)}'")
    return (Platform(digest=digest),)


def narrowed(platforms: Sequence[Platform], wanted: Sequence[str]) -> tuple[Platform, ...]:
    """Return the platforms that are wanted; ``linux/arm`` means each of its variants.

    Raises:
        ValueError: One isn't there.
    """
    found: dict[str, Platform] = {}
    for name in wanted:
        fitting = {each.name: each for each in platforms if _is_of(each.name, name)}
        if not fitting:
            there = listed(each.name for each in platforms)
            raise ValueError(f"it has no platform '{printable(name)}'; it has {there}")
        found |= fitting
    return tuple(found.values())


def _is_of(name: str, wanted: str) -> bool:
    return name == wanted or name.startswith((f"{wanted}/", f"{wanted} "))


def _children(index: Mapping[str, Any]) -> tuple[Platform, ...]:
    written = index.get("manifests")
    entries = [_mapping(entry) for entry in (written if isinstance(written, list) else ())]
    images = [entry for entry in entries if not _is_attestation(entry)]
    if not images:
        raise ValueError("it is an image index without any image")
    nested = [entry.get("digest") for entry in images if entry.get("mediaType") in _INDEX_TYPES]
    if nested:
        raise ValueError(f"it is an image index with image indexes within: {listed(nested)}")
    found: dict[str, Platform] = {}
    for entry in images:
        digest = entry.get("digest")
        if not isinstance(digest, str):
            raise ValueError("it is an image index with an entry that has no digest")  # noqa: TRY004 - one kind of mistake
        name = _unique(_name(_mapping(entry.get("platform"))) or digest, digest, found)
        found[name] = Platform(name=name, digest=digest)
    return tuple(found.values())


def _unique(name: str, digest: str, taken: Mapping[str, Platform]) -> str:
    """Two entries may name the same platform (Windows has many versions of one)."""
    return f"{name} {digest}" if name in taken else name


def _is_attestation(entry: Mapping[str, Any]) -> bool:
    key, value = _ATTESTATION
    platform = _mapping(entry.get("platform"))
    return (
        _mapping(entry.get("annotations")).get(key) == value
        or platform.get("os") == platform.get("architecture") == "unknown"
    )


def _name(platform: Mapping[str, Any]) -> str:
    words = (platform.get(word) for word in ("os", "architecture", "variant"))
    return "/".join(str(word) for word in words if word)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
