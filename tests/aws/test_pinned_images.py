"""What a pinned image consists of, as ECR stores it."""

import json
from typing import Any

import pytest

from ecsstep.aws.ecr import StoredImage
from ecsstep.aws.pinned_images import PinnedImages

PINNED, PLATFORM = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:v1@{PINNED}"
INDEX = json.dumps({"manifests": [{"digest": PLATFORM}]})


class OneImage:
    """ECR with one image, or none."""

    def __init__(self, manifest: str | None) -> None:
        self.manifest = manifest
        self.asked: list[Any] = []

    def image(
        self, repository: str, *, digest: str | None = None, registry_id: str | None = None
    ) -> StoredImage | None:
        self.asked.append((repository, digest, registry_id))
        if self.manifest is None:
            return None
        return StoredImage(digest=digest or "", media_type="", manifest=self.manifest)


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        pytest.param(INDEX, {PLATFORM}, id="an index"),
        pytest.param("{}", set(), id="a single platform"),
        pytest.param(None, None, id="deleted"),
        pytest.param("oops", None, id="no manifest"),
    ],
)
def test_its_platforms_are_read_where_it_is(manifest: str | None, expected: Any) -> None:
    ecr, regions = OneImage(manifest), []

    def in_region(region: str | None) -> OneImage:
        regions.append(region)
        return ecr

    assert PinnedImages(in_region, is_emulated=False).parts(IMAGE) == expected
    assert (ecr.asked, regions) == ([("team/app", PINNED, "123456789012")], ["eu-west-1"])


def test_another_registry_is_not_asked() -> None:
    def nowhere(region: str | None) -> OneImage:
        raise AssertionError(region)

    assert PinnedImages(nowhere, is_emulated=False).parts(f"docker.io/app@{PINNED}") is None
