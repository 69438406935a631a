"""What ``docker save`` writes, made into a manifest that registries take.

The configuration stays as it is, and with it the image's id.
"""

import io
import json
import os
from collections.abc import Mapping
from functools import partial
from typing import Any

from ecsstep.core.together import together
from ecsstep.registry.chosen import chosen
from ecsstep.registry.files import Files, read_small
from ecsstep.registry.image import (
    DOCKER_MANIFEST,
    MANIFEST_LIMIT,
    Blob,
    Manifest,
    corrupt,
    digest_of,
)
from ecsstep.registry.layers import packed
from ecsstep.registry.runnable import diff_ids_of
from ecsstep.rules.rebuilds import Revisions, revision_in
from ecsstep.rules.tag_verdict import Identity

_CONFIG = "application/vnd.docker.container.image.v1+json"
_LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


class DockerArchive:
    """One image of an archive.

    Attributes:
        identity: The digest of its configuration, which is the image's id. The manifest is made
            here, so that its digest depends on this machine's compressor.
    """

    def __init__(self, files: Files, *, name: str, tag: str | None) -> None:
        self._files = files
        named = [(_names(each), each) for each in _entries(files, name)]
        entry = chosen(named, name=name, tag=tag)
        config, layers = entry.get("Config"), entry.get("Layers")
        if not isinstance(config, str) or not isinstance(layers, list):
            raise corrupt("its manifest.json names no 'Config' and 'Layers'")
        self._layers = [str(layer) for layer in layers]
        self._config = read_small(files, config, limit=MANIFEST_LIMIT)
        self._diff_ids = diff_ids_of(self._config)
        if len(self._diff_ids) != len(self._layers):
            raise corrupt(f"it has {len(self._layers)} layers and {len(self._diff_ids)} are wanted")
        self.identity = Identity(config=digest_of(self._config), layers=len(self._layers))

    def manifest(self) -> Manifest:
        """Return the image; every layer is read once, and compressed where it isn't yet.

        Raises:
            StepError: A layer is not what the configuration says (exit 2).
        """
        raw_config = self._config
        config = Blob(
            digest=digest_of(raw_config),
            size=len(raw_config),
            open=lambda: io.BytesIO(raw_config),
        )
        layers = together(
            [
                partial(packed, self._files, name, diff_id=diff_id)
                for name, diff_id in zip(self._layers, self._diff_ids, strict=True)
            ],
            most=os.cpu_count() or 1,
        )
        content = {
            "schemaVersion": 2,
            "mediaType": DOCKER_MANIFEST,
            "config": {"mediaType": _CONFIG, "size": config.size, "digest": config.digest},
            "layers": [
                {"mediaType": _LAYER, "size": layer.size, "digest": layer.digest}
                for layer in layers
            ],
        }
        raw = json.dumps(content, separators=(",", ":")).encode()
        blobs = {blob.digest: blob for blob in (config, *layers)}
        return Manifest(
            digest=digest_of(raw),
            media_type=DOCKER_MANIFEST,
            raw=raw,
            blobs=tuple(blobs.values()),
        )

    def revisions(self) -> Revisions:
        """Return the commit that the image names."""
        return frozenset({revision_in(json.loads(self._config))})


def _entries(files: Files, name: str) -> list[Mapping[str, Any]]:
    raw = read_small(files, "manifest.json", limit=MANIFEST_LIMIT)
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise corrupt(f"'manifest.json' in '{name}' is not JSON") from error
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise corrupt(f"'manifest.json' in '{name}' lists no images")
    return found


def _names(entry: Mapping[str, Any]) -> tuple[str, ...]:
    found = entry.get("RepoTags")
    return tuple(map(str, found)) if isinstance(found, list) else ()
