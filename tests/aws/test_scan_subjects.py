"""What of an image is scanned."""

import json
from typing import Any

import pytest

from ecsstep.aws.ecr import StoredImage
from ecsstep.aws.scan_subjects import subjects
from ecsstep.errors import Exit, StepError
from ecsstep.rules.image import parse_reference
from ecsstep.rules.platforms import Platform
from fakes import a_world

DIGEST, AMD64, ARM64 = ("sha256:" + sign * 64 for sign in "dab")
SINGLE = json.dumps({"config": {"mediaType": "application/vnd.oci.image.config.v1+json"}})
INDEX = json.dumps(
    {
        "manifests": [
            {"digest": AMD64, "platform": {"os": "linux", "architecture": "amd64"}},
            {"digest": ARM64, "platform": {"os": "linux", "architecture": "arm64"}},
        ]
    }
)


class FakeImages:
    def __init__(self, manifest: str) -> None:
        self.manifest = manifest
        self.asked: list[Any] = []

    def image(
        self,
        repository: str,
        *,
        tag: str | None = None,
        digest: str | None = None,
        registry_id: str | None = None,
    ) -> StoredImage | None:
        self.asked.append((repository, tag, digest, registry_id))
        return StoredImage(digest=DIGEST, media_type="", manifest=self.manifest)


@pytest.mark.parametrize(
    ("manifest", "wanted", "expected"),
    [
        pytest.param(SINGLE, [], [Platform(digest=DIGEST)], id="itself"),
        pytest.param(SINGLE, ["linux/arm64"], [Platform(digest=DIGEST)], id="itself anyway"),
        pytest.param(
            INDEX,
            [],
            [
                Platform(name="linux/amd64", digest=AMD64),
                Platform(name="linux/arm64", digest=ARM64),
            ],
            id="all platforms",
        ),
        pytest.param(
            INDEX, ["linux/arm64"], [Platform(name="linux/arm64", digest=ARM64)], id="one of them"
        ),
    ],
)
def test_the_image_or_its_platforms_are_scanned(
    manifest: str, wanted: list[str], expected: list[Platform]
) -> None:
    images = FakeImages(manifest)

    found = subjects(
        images, parse_reference("shop/app:v1"), wanted, account="1", log=a_world().world.log
    )

    assert found == (DIGEST, tuple(expected))
    assert images.asked == [("shop/app", "v1", None, "1")]


def test_a_platform_that_isnt_there_is_a_mistake() -> None:
    image = parse_reference("app:v1")

    with pytest.raises(StepError, match="it has 'linux/amd64' and 'linux/arm64'") as caught:
        subjects(FakeImages(INDEX), image, ["linux/s390x"], account=None, log=a_world().world.log)

    assert (caught.value.exit, bool(caught.value.hint)) == (Exit.USAGE, True)
