"""An ECR for tests: the emulation's parts without a port, under a clock that stands still."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from moto.core.base_backend import BackendDict

from ecsstep.sandbox.blobs import Blobs
from ecsstep.sandbox.image_calls import ImageCalls
from ecsstep.sandbox.images import Images
from ecsstep.sandbox.layer_calls import LayerCalls
from ecsstep.sandbox.manifests import OCI_INDEX, OCI_MANIFEST
from ecsstep.sandbox.scan_calls import ScanCalls
from ecsstep.sandbox.scans import Scans
from ecsstep.sandbox.stock import put_image, stock
from fakes import FakeClock

if TYPE_CHECKING:
    from ecsstep.sandbox.ecr_calls import EcrCalls

ACCOUNT = "123456789012"
REGION = "ap-northeast-1"


def sha256(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def a_descriptor(content: bytes, *, media_type: str = "application/octet-stream") -> dict[str, Any]:
    return {"mediaType": media_type, "digest": sha256(content), "size": len(content)}


def a_manifest(config: bytes, *layers: bytes, **changes: Any) -> bytes:
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": a_descriptor(config, media_type="application/vnd.oci.image.config.v1+json"),
        "layers": [a_descriptor(layer) for layer in layers],
        **changes,
    }
    return json.dumps(
        {name: value for name, value in manifest.items() if value is not None}
    ).encode()


def an_index(digests: Sequence[str]) -> bytes:
    children = [{"mediaType": OCI_MANIFEST, "digest": d, "size": 1} for d in digests]
    return json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": children}).encode()


class EmulatedEcr:
    """The calls about images, layers and scans of one region, with what is in stock."""

    def __init__(self, folder: Path, scan: str = "clean") -> None:
        BackendDict.reset()
        self.clock = FakeClock()
        scans = Scans(scan, clock=self.clock, account=ACCOUNT)
        self.images = Images(
            account=ACCOUNT, clock=self.clock, blobs=Blobs(folder), pushed=scans.pushed
        )
        self.backend = self.images.backend(REGION)
        scans.configure(self.backend)
        stock(self.images, REGION)
        self.tokens: set[str] = set()
        self._calls: tuple[EcrCalls, ...] = (
            ImageCalls(
                self.images, region=REGION, host="127.0.0.1:1", clock=self.clock, tokens=self.tokens
            ),
            LayerCalls(self.images, region=REGION),
            ScanCalls(self.images, scans, region=REGION),
        )

    def __call__(self, operation: str, **body: Any) -> dict[str, Any]:
        [found] = [calls for calls in self._calls if calls.handles(operation)]
        return found.answer(operation, body)

    def repository(self, name: str) -> Any:
        return self.images.repository(REGION, name)

    def push(self, repository: str, tag: str | None, text: str = "text") -> str:
        """Push a tiny image and return its digest."""
        return put_image(self.images, self.repository(repository), tag=tag, text=text)
