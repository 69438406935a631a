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


class Platform(Value):
    """One image that can be scanned.

    Attributes:
        name: ``linux/amd64``; empty where a single image doesn't say it.
        digest: The digest of its manifest.
        artifact: What it is instead of an image; empty for an image.
    """

    name: str = ""
    digest: str
    artifact: str = ""


class Subject(Value):
    """What is judged.

    Attributes:
        digest: The digest of the image, or of its index.
        platforms: What of it is scanned and judged.
        left_out: The names of the platforms of an index that nobody looks at.
    """

    digest: str
    platforms: tuple[Platform, ...]
    left_out: tuple[str, ...] = ()

    @property
    def judged_digest(self) -> str:
        """The digest that a pass is about: of an index with one platform left, that platform's."""
        if self.left_out and len(self.platforms) == 1:
            return self.platforms[0].digest
        return self.digest


def platforms_of(manifest: str, *, digest: str, media_type: str) -> tuple[Platform, ...]:
    """Return what can be run of a manifest: itself, or an index's platforms without attestations.

    What stands in an index beside an image for the same platform and is none (a SOCI index) comes
    with the name of what it is: nothing runs it and nothing scans it.

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
    runnable = [entry for entry in entries if not _is_unrunnable(entry)]
    if not runnable:
        raise ValueError("it is an image index without any image")
    nested = [entry.get("digest") for entry in runnable if entry.get("mediaType") in _INDEX_TYPES]
    if nested:
        raise ValueError(f"it is an image index with image indexes within: {listed(nested)}")
    found: dict[str, Platform] = {}
    for entry in runnable:
        digest = entry.get("digest")
        if not isinstance(digest, str):
            raise ValueError("it is an image index with an entry that has no digest")  # noqa: TRY004 - one kind of mistake
        platform = _name(_mapping(entry.get("platform")))
        artifact = _artifact(entry, is_run=bool(platform) and platform not in found)
        name = _unique(platform or digest, digest, found)
        found[name] = Platform(name=name, digest=digest, artifact=artifact)
    if all(each.artifact for each in found.values()):
        raise ValueError("it is an image index without any image")
    return tuple(found.values())


def _unique(name: str, digest: str, taken: Mapping[str, Platform]) -> str:
    """Two entries may name the same platform (Windows has many versions of one)."""
    return f"{name} {digest}" if name in taken else name


def _is_unrunnable(entry: Mapping[str, Any]) -> bool:
    """Whether no engine would run it: so BuildKit writes the provenance of a platform."""
    platform = _mapping(entry.get("platform"))
    return bool(platform.get("os") == platform.get("architecture") == "unknown")


def _artifact(entry: Mapping[str, Any], *, is_run: bool) -> str:
    """Return what an entry is that is no image.

    An engine goes by the platform alone and takes the first entry that fits, so that one which
    would be run is gated, whatever it calls itself.
    """
    kind = entry.get("artifactType")
    is_image = not isinstance(kind, str) or kind in _CONFIG_TYPES or not kind
    return "" if is_image or is_run else str(kind)


def _name(platform: Mapping[str, Any]) -> str:
    words = (platform.get(word) for word in ("os", "architecture", "variant"))
    return "/".join(str(word) for word in words if word)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
