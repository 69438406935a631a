"""What of an image is scanned."""

import json
from typing import Any

import pytest

from ecsstep.aws.ecr import StoredImage
from ecsstep.aws.scan_subjects import subject_of
from ecsstep.errors import Exit, StepError
from ecsstep.rules.image import parse_reference
from ecsstep.rules.platforms import Platform, Subject
from ecsstep.rules.scan_place import Place
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


PLACE = Place(repository="shop/app", region="eu-west-1", account="1")
SOCI = "application/vnd.amazon.soci.index.v2+json"


class FakeImages:
    def __init__(self, manifest: str | StepError | None) -> None:
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
        if isinstance(self.manifest, StepError):
            raise self.manifest
        if self.manifest is None:
            return None
        return StoredImage(digest=DIGEST, media_type="", manifest=self.manifest)


@pytest.mark.parametrize(
    ("manifest", "wanted", "expected", "left_out"),
    [
        pytest.param(SINGLE, [], [Platform(digest=DIGEST)], [], id="itself"),
        pytest.param(SINGLE, ["linux/arm64"], [Platform(digest=DIGEST)], [], id="itself anyway"),
        pytest.param(
            INDEX,
            [],
            [
                Platform(name="linux/amd64", digest=AMD64),
                Platform(name="linux/arm64", digest=ARM64),
            ],
            [],
            id="all platforms",
        ),
        pytest.param(
            INDEX,
            ["linux/arm64"],
            [Platform(name="linux/arm64", digest=ARM64)],
            ["linux/amd64"],
            id="one of them",
        ),
    ],
)
def test_the_image_or_its_platforms_are_scanned(
    manifest: str, wanted: list[str], expected: list[Platform], left_out: list[str]
) -> None:
    images = FakeImages(manifest)

    found = subject_of(
        images, parse_reference("shop/app:v1"), wanted, place=PLACE, log=a_world().world.log
    )

    assert found == Subject(digest=DIGEST, platforms=tuple(expected), left_out=tuple(left_out))
    assert images.asked == [("shop/app", "v1", None, "1")]


def test_a_platform_that_isnt_there_is_a_mistake() -> None:
    image = parse_reference("app:v1")

    with pytest.raises(StepError, match="it has 'linux/amd64' and 'linux/arm64'") as caught:
        subject_of(FakeImages(INDEX), image, ["linux/s390x"], place=PLACE, log=a_world().world.log)

    assert (caught.value.exit, bool(caught.value.hint)) == (Exit.USAGE, True)


def test_what_is_no_image_is_passed_over_and_no_platform_means_it() -> None:
    amd64 = {"os": "linux", "architecture": "amd64"}
    index = {
        "manifests": [
            {"digest": AMD64, "platform": amd64},
            {"digest": ARM64, "platform": amd64, "artifactType": SOCI},
        ]
    }
    images, image = FakeImages(json.dumps(index)), parse_reference("app:v1")
    expected = Subject(digest=DIGEST, platforms=(Platform(name="linux/amd64", digest=AMD64),))

    for wanted in ([], ["linux/amd64"]):
        said = a_world()
        assert subject_of(images, image, wanted, place=PLACE, log=said.world.log) == expected
        assert f"passed over: it is no image  digest={ARM64}  type={SOCI}" in said.err.getvalue()


def test_an_image_that_isnt_there_is_told_with_where_to_look() -> None:
    with pytest.raises(StepError, match="there is no image 'app:v1'") as caught:
        subject_of(
            FakeImages(None), parse_reference("app:v1"), [], place=PLACE, log=a_world().world.log
        )

    assert caught.value.hint == (
        "aws ecr list-images --region eu-west-1 --registry-id 1 --repository-name shop/app"
    )


def test_a_tag_that_may_not_be_looked_up_is_told_that_a_digest_can_do_without() -> None:
    denied = StepError("can't: denied", exit=Exit.ACCESS, hint="allow ecr:BatchGetImage")

    with pytest.raises(StepError, match="can't: denied") as caught:
        subject_of(
            FakeImages(denied), parse_reference("app:v1"), [], place=PLACE, log=a_world().world.log
        )

    assert caught.value.exit is Exit.ACCESS
    assert caught.value.hint == (
        "allow ecr:BatchGetImage; or name the image by its digest, which can be judged without it"
    )
