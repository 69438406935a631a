"""What a manifest must be before ECR takes it."""

import json
import re
from typing import Any

from ecsstep.sandbox.api import ApiError

DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
INDEXES = frozenset({DOCKER_LIST, OCI_INDEX})
MANIFESTS = frozenset({DOCKER_MANIFEST, OCI_MANIFEST})

_LONGEST_TAG = 128


def parsed(manifest: bytes) -> dict[str, Any]:
    """Return what a manifest says.

    Raises:
        ApiError: It is none.
    """
    try:
        content = json.loads(manifest)
    except ValueError:
        raise invalid("Invalid JSON syntax") from None
    if not isinstance(content, dict) or content.get("schemaVersion") != 2:  # noqa: PLR2004 - a name
        raise invalid("Unsupported schema version")
    return content


def media_type_of(content: dict[str, Any], given: str | None) -> str:
    """Return what the manifest is, where the manifest and the caller say the same.

    Raises:
        ApiError: They don't, or it isn't what it says.
    """
    own = content.get("mediaType")
    kind = given or own
    if kind is None:
        raise invalid("imageManifestMediaType is needed where the manifest names no mediaType")
    if own not in (None, kind):
        raise invalid(f"the manifest is '{own}', not '{kind}'")
    parts: list[Any]
    if kind in INDEXES:
        parts = content.get("manifests", [None])
    elif kind in MANIFESTS:
        parts = [content.get("config"), *content.get("layers", [None])]
    else:
        raise invalid(f"'{kind}' is no media type of a manifest")
    if not all(
        isinstance(part, dict)
        and isinstance(part.get("digest"), str)
        and isinstance(part.get("size"), int)
        for part in parts
    ):
        raise invalid(f"a descriptor is missing, which '{kind}' needs")
    return str(kind)


def invalid(why: str) -> ApiError:
    """Return ECR's answer about a manifest that it can't take."""
    return ApiError(
        "InvalidParameterException",
        f"Invalid parameter at 'ImageManifest' failed to satisfy constraint: '{why}'",
    )


def check_tag(tag: str) -> None:
    """Refuse what no registry takes as a tag.

    Raises:
        ApiError: InvalidParameterException.
    """
    if len(tag) > _LONGEST_TAG or not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", tag):
        raise ApiError(
            "InvalidParameterException",
            "Invalid parameter at 'imageTag' failed to satisfy constraint: 'must satisfy regular "
            "expression '[a-zA-Z0-9-_.]+''",
        )
