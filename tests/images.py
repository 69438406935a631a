"""Tiny images, made in Python: layers, configurations, manifests, layouts and archives.

Everything is deterministic, so that a digest in a test stays what it is.
"""

import hashlib
import io
import json
import tarfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
REF_NAME = "org.opencontainers.image.ref.name"


def sha256(raw: bytes) -> str:
    return f"sha256:{hashlib.sha256(raw).hexdigest()}"


def to_bytes(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def gzipped(raw: bytes, *, level: int = 6) -> bytes:
    pack = zlib.compressobj(level, zlib.DEFLATED, 31)
    return pack.compress(raw) + pack.flush()


def tarred(files: Mapping[str, bytes], *, mode: int = 0o755) -> bytes:
    """Return a tar archive of these files, without times and owners."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), mode
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def descriptor(raw: bytes, media_type: str, **more: Any) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": sha256(raw), "size": len(raw), **more}


@dataclass
class Layout:
    """An OCI layout in the making.

    Attributes:
        blobs: The blobs by digest.
        entries: The descriptors of index.json.
    """

    blobs: dict[str, bytes] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)

    def add(self, raw: bytes, media_type: str, **more: Any) -> dict[str, Any]:
        self.blobs[sha256(raw)] = raw
        return descriptor(raw, media_type, **more)

    def image(
        self,
        files: Mapping[str, bytes],
        *,
        architecture: str = "amd64",
        entrypoint: Sequence[str] = ("/hello",),
        labels: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Add an image of one layer and return its manifest's descriptor."""
        layer = tarred(files)
        config = {
            "architecture": architecture,
            "os": "linux",
            "config": {"Entrypoint": list(entrypoint), "Labels": dict(labels or {})},
            "rootfs": {"type": "layers", "diff_ids": [sha256(layer)]},
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": self.add(to_bytes(config), OCI_CONFIG),
            "layers": [self.add(gzipped(layer), OCI_LAYER)],
        }
        return self.add(
            to_bytes(manifest),
            OCI_MANIFEST,
            platform={"os": "linux", "architecture": architecture},
        )

    def index(self, *manifests: Mapping[str, Any]) -> dict[str, Any]:
        """Add an index of these manifests and return its descriptor."""
        listed = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": list(manifests)}
        return self.add(to_bytes(listed), OCI_INDEX)

    def name(self, entry: Mapping[str, Any], tag: str | None = None) -> str:
        """List a descriptor in index.json, under a name or none, and return its digest."""
        annotations = {"annotations": {REF_NAME: tag}} if tag else {}
        self.entries.append({**entry, **annotations})
        return str(entry["digest"])

    def files(self) -> dict[str, bytes]:
        """Return the layout's files by name."""
        return {
            "oci-layout": to_bytes({"imageLayoutVersion": "1.0.0"}),
            "index.json": to_bytes({"schemaVersion": 2, "manifests": self.entries}),
            **{f"blobs/{digest.replace(':', '/')}": raw for digest, raw in self.blobs.items()},
        }

    def write(self, folder: Path) -> Path:
        """Write the layout into a folder and return it."""
        for name, raw in self.files().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
        return folder

    def archive(self, path: Path) -> Path:
        """Write the layout as an archive and return its path."""
        path.write_bytes(tarred(self.files()))
        return path


def content(blob: Any) -> bytes:
    """Return the bytes of a blob of a source; nothing where the source lacks it."""
    if blob.open is None:
        return b""
    with blob.open() as file:
        return bytes(file.read())


def a_layout(tag: str | None = None, content: bytes = b"hello") -> Layout:
    """Return a layout with one image."""
    layout = Layout()
    layout.name(layout.image({"hello": content}), tag)
    return layout


def docker_save(
    files: Mapping[str, bytes],
    *,
    tags: Sequence[str] = ("app:build",),
    compressed: bool = False,
    **config: Any,
) -> dict[str, bytes]:
    """Return the files of what ``docker save`` writes for an image of one layer."""
    layer = tarred(files)
    image = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": ["/hello"]},
        "rootfs": {"type": "layers", "diff_ids": [sha256(layer)]},
        **config,
    }
    raw = to_bytes(image)
    name = f"{sha256(raw).removeprefix('sha256:')}.json"
    entry = {"Config": name, "RepoTags": list(tags), "Layers": ["0/layer.tar"]}
    return {
        name: raw,
        "0/layer.tar": gzipped(layer) if compressed else layer,
        "manifest.json": to_bytes([entry]),
    }
