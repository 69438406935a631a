"""Images whose digests are right and that nothing could run."""

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ecsstep.errors import Exit, StepError
from ecsstep.registry.files import Folder
from ecsstep.registry.gzipped import Unpacked
from ecsstep.registry.image import Manifest
from ecsstep.registry.layout import Layout as Read
from ecsstep.registry.verified import verify
from images import (
    OCI_CONFIG,
    OCI_INDEX,
    OCI_LAYER,
    OCI_MANIFEST,
    Layout,
    gzipped,
    sha256,
    tarred,
    to_bytes,
)

PLAIN = "application/vnd.oci.image.layer.v1.tar"
LAYER = tarred({"hello": b"hello" * 1000})
OTHER = tarred({"hello": b"other"})


def image(
    parts: list[tuple[bytes, str]],
    diff_ids: Any,
    *,
    config_type: str = OCI_CONFIG,
    **manifest: Any,
) -> tuple[Layout, dict[str, Any]]:
    """Return a layout with an image of these layers, and its descriptor."""
    layout = Layout()
    config = to_bytes({"os": "linux", "rootfs": {"type": "layers", "diff_ids": diff_ids}})
    content = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": layout.add(config, config_type),
        "layers": [layout.add(raw, kind) for raw, kind in parts],
        **manifest,
    }
    return layout, layout.add(to_bytes(content), OCI_MANIFEST)


def checked(layout: Layout, entry: dict[str, Any], folder: Path) -> Manifest:
    """Read and verify an image of a layout."""
    layout.name(entry)
    found = Read(Folder(str(layout.write(folder / "l"))), name="l", tag=None).manifest()
    verify(found)
    return found


def test_layers_in_every_form_are_taken(tmp_path: Path) -> None:
    zstd = (b"not looked into", f"{PLAIN}+zstd")
    several = gzip.compress(LAYER[:700], mtime=0) + gzip.compress(LAYER[700:], mtime=0)
    layers = [(LAYER, PLAIN), (gzipped(LAYER), OCI_LAYER), (several, OCI_LAYER), zstd]
    docker = (gzipped(OTHER), "application/vnd.docker.image.rootfs.diff.tar.gzip")
    diff_ids = [sha256(LAYER)] * 3 + [sha256(b"zstd"), sha256(OTHER)]

    found = checked(*image([*layers, docker], diff_ids), tmp_path)

    assert len(found.blobs) == 6


def test_plain_content_is_not_compared_by_another_kind_of_digest(tmp_path: Path) -> None:
    digest = f"sha512:{hashlib.sha512(LAYER).hexdigest()}"
    plain = {"mediaType": PLAIN, "digest": digest, "size": len(LAYER)}
    layout, entry = image([], [sha256(LAYER)], layers=[plain])
    layout.blobs[digest] = LAYER

    assert [blob.digest for blob in checked(layout, entry, tmp_path).blobs][1:] == [digest]


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_gzip_layer_that_is_cut_short_is_found_though_its_digest_is_right(
    tmp_path: Path, cut: int
) -> None:
    with pytest.raises(StepError, match="can't be decompressed") as caught:
        checked(*image([(gzipped(LAYER)[:-cut], OCI_LAYER)], [sha256(LAYER)]), tmp_path)

    assert caught.value.exit is Exit.USAGE


WHOLE = (gzipped(LAYER), OCI_LAYER)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        pytest.param(lambda: image([WHOLE], [sha256(OTHER)]), "holds other files", id="content"),
        pytest.param(
            lambda: image([(b"no gzip", OCI_LAYER)], [sha256(LAYER)]),
            "holds other files than its configuration says",
            id="no gzip",
        ),
        pytest.param(
            lambda: image([(gzipped(LAYER) + b"more", OCI_LAYER)], [sha256(LAYER)]),
            "can't be decompressed",
            id="something after it",
        ),
        pytest.param(
            lambda: image([], [sha256(LAYER)]), "0 layers and 1 are wanted", id="too few layers"
        ),
        pytest.param(
            lambda: image([(LAYER, PLAIN)], [sha256(OTHER)]),
            "holds other files than its configuration says",
            id="plain content",
        ),
        pytest.param(
            lambda: image([WHOLE, WHOLE], [sha256(LAYER), sha256(OTHER)]),
            "its configuration wants",
            id="one layer for two contents",
        ),
        pytest.param(lambda: image([WHOLE], ["x"]), "'x' is no digest", id="no digest"),
        pytest.param(lambda: image([WHOLE], 1), "lists no layers", id="no list"),
        pytest.param(
            lambda: image([WHOLE, (OTHER, "application/evil")], [sha256(LAYER), sha256(OTHER)]),
            "has the media type 'application/evil'",
            id="kind of layer",
        ),
        pytest.param(
            lambda: image([WHOLE], [sha256(LAYER)], schemaVersion=1),
            "is none of version 2",
            id="version",
        ),
        pytest.param(
            lambda: image([WHOLE], [sha256(LAYER)], manifests=[]),
            "an image and an index at once",
            id="both",
        ),
    ],
)
def test_an_image_that_nothing_could_run_is_broken(
    tmp_path: Path, made: Callable[[], tuple[Layout, dict[str, Any]]], said: str
) -> None:
    with pytest.raises(StepError) as caught:
        checked(*made(), tmp_path)

    assert said in caught.value.message
    assert caught.value.exit is Exit.USAGE


def test_a_configuration_is_verified_before_it_is_believed(tmp_path: Path) -> None:
    layout, entry = image([WHOLE], [sha256(LAYER)])
    config = next(digest for digest, raw in layout.blobs.items() if b"rootfs" in raw)
    layout.blobs[config] = layout.blobs[config].replace(b"linux", b"xunil")

    with pytest.raises(StepError, match="holds something else"):
        checked(layout, entry, tmp_path)


def test_what_is_no_container_image_is_not_judged_as_one(tmp_path: Path) -> None:
    chart = "application/vnd.cncf.helm.config.v1+json"
    helm = image([(b"chart", "application/vnd.cncf.helm.chart")], [], config_type=chart)
    layout, attested = image([(b"{}", "application/vnd.in-toto+json")], [sha256(b"{}")])
    platform = {"os": "unknown", "architecture": "unknown"}

    checked(*helm, tmp_path / "helm")
    index = layout.index({**attested, "platform": platform})
    found = checked(layout, index, tmp_path / "index")

    assert found.media_type == OCI_INDEX


@pytest.mark.parametrize("diff_ids", [[], None, [sha256(b"of another image")]])
def test_an_attachment_with_the_configuration_of_an_image_is_no_image(
    tmp_path: Path, diff_ids: Any
) -> None:
    kind = "application/vnd.dev.cosign.simplesigning.v1+json"

    found = checked(*image([(b"{}", kind)], diff_ids), tmp_path)

    assert len(found.blobs) == 2


@pytest.mark.parametrize("nothing", [[], None])
def test_an_image_may_have_no_layers(tmp_path: Path, nothing: Any) -> None:
    assert len(checked(*image([], nothing), tmp_path).blobs) == 1


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        pytest.param(LAYER, OCI_LAYER, id="plain as gzip"),
        pytest.param(gzipped(LAYER), PLAIN, id="gzip as plain"),
        pytest.param(b"\x28\xb5\x2f\xfd is zstd", OCI_LAYER, id="zstd as gzip"),
        pytest.param(b"\x28\xb5\x2f\xfd is zstd", PLAIN, id="zstd as plain"),
    ],
)
def test_a_layers_compression_is_told_by_its_first_bytes(
    tmp_path: Path, raw: bytes, kind: str
) -> None:
    assert len(checked(*image([(raw, kind)], [sha256(LAYER)]), tmp_path).blobs) == 2


@pytest.mark.parametrize("size", [1, 3, 4, 100])
@pytest.mark.parametrize("raw", [LAYER, gzipped(LAYER)], ids=["plain", "gzip"])
def test_content_is_told_in_pieces_of_any_size(raw: bytes, size: int) -> None:
    content = Unpacked()

    for at in range(0, len(raw), size):
        content.add(raw[at : at + size])

    assert (content.is_known, content.digest()) == (True, sha256(LAYER))


def test_an_empty_blob_is_compared_as_well(tmp_path: Path) -> None:
    digest = sha256(b"something")
    layout = Layout()
    config = layout.add(b"{}", "application/x")
    empty = {"mediaType": "x", "digest": digest, "size": 0}
    raw = to_bytes({"schemaVersion": 2, "config": config, "layers": [empty]})
    entry = layout.add(raw, OCI_MANIFEST)
    layout.blobs[digest] = b""

    with pytest.raises(StepError, match="holds something else"):
        checked(layout, entry, tmp_path)
