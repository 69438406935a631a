"""The commits that an image's configurations name."""

from pathlib import Path

import pytest

from ecsstep.errors import StepError
from ecsstep.registry.files import Folder
from ecsstep.registry.image import MANIFEST_LIMIT, Blob
from ecsstep.registry.layout import Layout as Read
from ecsstep.registry.revisions import revision
from ecsstep.rules.rebuilds import REVISION
from images import OCI_CONFIG, OCI_MANIFEST, Layout, descriptor, to_bytes


def found(layout: Layout, folder: Path) -> frozenset[str]:
    path = layout.write(folder / "layout")
    return Read(Folder(str(path)), name="oci:layout", tag=None).revisions()


def test_an_image_names_the_commit_of_its_label(tmp_path: Path) -> None:
    layout = Layout()
    layout.name(layout.image({"a": b"1"}, labels={REVISION: "abc"}))

    assert found(layout, tmp_path) == {"abc"}


def test_every_platform_of_an_index_counts_and_attestations_do_not(tmp_path: Path) -> None:
    layout = Layout()
    noted = {"annotations": {"vnd.docker.reference.type": "attestation-manifest"}}
    inner = layout.index(layout.image({"a": b"3"}, labels={REVISION: "def"}))
    layout.name(
        layout.index(
            layout.image({"a": b"1"}, labels={REVISION: "abc"}),
            layout.image({"a": b"2"}, architecture="arm64"),
            {**layout.image({"x": b"4"}), **noted},
            {**layout.image({"x": b"5"}), "platform": {"os": "unknown"}},
            inner,
        )
    )

    assert found(layout, tmp_path) == {"abc", "", "def"}


def test_a_platform_that_the_source_lacks_names_none(tmp_path: Path) -> None:
    layout = Layout()
    lacking = descriptor(b"not here", OCI_MANIFEST)
    layout.name(layout.index(layout.image({"a": b"1"}, labels={REVISION: "abc"}), lacking))

    assert found(layout, tmp_path) == {"abc", ""}


@pytest.mark.parametrize("raw", [b"[", b"[]", b"{}"], ids=["no JSON", "a list", "empty"])
def test_a_configuration_without_labels_names_none(raw: bytes, tmp_path: Path) -> None:
    layout = Layout()
    config = layout.add(raw, OCI_CONFIG)
    path = layout.write(tmp_path / "l") / "blobs" / str(config["digest"]).replace(":", "/")

    assert (
        revision(Blob(digest=config["digest"], size=len(raw), open=lambda: path.open("rb"))) == ""
    )


def test_a_configuration_that_is_not_here_or_far_too_large_is_not_read() -> None:
    digest = str(descriptor(b"", OCI_CONFIG)["digest"])

    def never() -> None:
        raise AssertionError("it was opened")

    assert revision(Blob(digest=digest, size=1, open=None)) == ""
    assert revision(Blob(digest=digest, size=MANIFEST_LIMIT + 1, open=never)) == ""  # type: ignore[arg-type]


def test_a_configuration_that_holds_something_else_is_told(tmp_path: Path) -> None:
    layout = Layout()
    config = to_bytes({"config": {"Labels": {REVISION: "abc"}}})
    digest = str(layout.add(config, OCI_CONFIG)["digest"])
    file = tmp_path / "config"
    file.write_bytes(config.replace(b"abc", b"abd"))

    with pytest.raises(StepError, match="holds something else"):
        revision(Blob(digest=digest, size=len(config), open=lambda: file.open("rb")))
