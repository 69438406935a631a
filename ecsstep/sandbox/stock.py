"""What stands in the emulated registry from the start."""

import datetime as dt
import gzip
import hashlib
import io
import json
import tarfile
from typing import Any

from ecsstep.sandbox.images import Images
from ecsstep.sandbox.manifests import OCI_INDEX, OCI_MANIFEST

_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_AGE = dt.timedelta(days=7)
_IMAGES = {"app": "v1.0.0", "laravel-php": "prod-1", "laravel-nginx": "prod-1"}
_IMMUTABLE = "immutable"


def stock(images: Images, region: str, *, with_index: bool = False) -> None:
    """Put three repositories with an image each into a region, and an empty immutable one.

    Args:
        images: Where the images go.
        region: The region.
        with_index: Whether there is a repository ``multi`` with an image index as well.
    """
    if with_index:
        put_index(images, _repository(images, region, "multi", "MUTABLE"), tag="v1")
    for name, tag in _IMAGES.items():
        repository = _repository(images, region, name, "MUTABLE")
        put_image(images, repository, tag=tag, text=f"{name} {tag}\n")
        for image in repository.images:
            image.pushed_at -= _AGE
            if image.scan_began is not None:
                image.scan_began -= _AGE
    _repository(images, region, _IMMUTABLE, "IMMUTABLE")


def put_index(images: Images, repository: Any, *, tag: str) -> str:
    """Put an index of an amd64 and an arm64 image into a repository, as BuildKit makes one.

    Returns:
        The index's digest.
    """
    children = [
        _child(images, repository, "amd64", {"os": "linux", "architecture": "amd64"}),
        _child(images, repository, "arm64", {"os": "linux", "architecture": "arm64"}),
    ]
    attestation = _child(
        images, repository, "provenance", {"os": "unknown", "architecture": "unknown"}
    )
    attestation["annotations"] = {
        "vnd.docker.reference.digest": children[0]["digest"],
        "vnd.docker.reference.type": "attestation-manifest",
    }
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [*children, attestation]}
    content = json.dumps(index).encode()
    return images.put(repository, content, tag=tag, media_type=None).digest


def _child(images: Images, repository: Any, text: str, platform: dict[str, str]) -> dict[str, Any]:
    digest = put_image(images, repository, tag=None, text=text)
    found = images.find(repository, digest=digest)
    size = len(found.manifest) if found else 0
    return {"mediaType": OCI_MANIFEST, "digest": digest, "size": size, "platform": platform}


def put_image(images: Images, repository: Any, *, tag: str | None, text: str) -> str:
    """Put a tiny image with one file into a repository and return its digest."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        info = tarfile.TarInfo("etc/sandbox-release")
        info.size = len(text.encode())
        archive.addfile(info, io.BytesIO(text.encode()))
    diff_id = hashlib.sha256(layer.getvalue()).hexdigest()
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Env": ["PATH=/usr/bin:/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{diff_id}"]},
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": _kept(images, repository, json.dumps(config).encode(), _CONFIG),
        "layers": [_kept(images, repository, gzip.compress(layer.getvalue(), mtime=0), _LAYER)],
    }
    content = json.dumps(manifest, indent=2).encode()
    return images.put(repository, content, tag=tag, media_type=None).digest


def _repository(images: Images, region: str, name: str, mutability: str) -> Any:
    return images.backend(region).create_repository(
        repository_name=name,
        registry_id=None,
        encryption_config=None,
        image_scan_config=None,
        image_tag_mutability=mutability,
        tags=[],
    )


def _kept(images: Images, repository: Any, content: bytes, media_type: str) -> dict[str, Any]:
    digest, size = images.blobs.keep(content)
    repository.layers[digest] = size
    return {"mediaType": media_type, "digest": digest, "size": size}
