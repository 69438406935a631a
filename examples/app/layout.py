"""Lay out a tiny OCI image in a folder, with nothing but Python: LAYOUT NAME PAGE."""

import gzip
import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path


def main(folder: str, name: str, page: str) -> None:
    """Write the layout: one layer with one page, a config, a manifest and the index."""
    layout = Path(folder)
    (layout / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)

    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        content = Path(page).read_bytes()
        member = tarfile.TarInfo("srv/index.html")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    layer = blob(layout, gzip.compress(tar.getvalue(), mtime=0))
    config = blob(
        layout,
        as_json(
            {
                "architecture": "amd64",
                "os": "linux",
                "config": {"Labels": {"org.opencontainers.image.title": name}},
                "rootfs": {"type": "layers", "diff_ids": [digest(tar.getvalue())]},
            }
        ),
    )
    manifest = blob(
        layout,
        as_json(
            {
                "schemaVersion": 2,
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **config},
                "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", **layer}],
            }
        ),
    )
    entry = {"mediaType": "application/vnd.oci.image.manifest.v1+json", **manifest}
    (layout / "index.json").write_bytes(as_json({"schemaVersion": 2, "manifests": [entry]}))
    (layout / "oci-layout").write_bytes(as_json({"imageLayoutVersion": "1.0.0"}))


def blob(layout: Path, content: bytes) -> dict[str, object]:
    """Store a blob and return what a descriptor says of it."""
    name = digest(content)
    (layout / "blobs" / "sha256" / name.removeprefix("sha256:")).write_bytes(content)
    return {"digest": name, "size": len(content)}


def digest(content: bytes) -> str:
    """Return the digest of some bytes."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def as_json(value: object) -> bytes:
    """Return a value as JSON."""
    return json.dumps(value).encode()


if __name__ == "__main__":
    main(*sys.argv[1:])
