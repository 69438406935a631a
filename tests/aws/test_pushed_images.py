"""Images that an earlier job has pushed."""

import pytest

from ecsstep.aws.ecr import StoredImage
from ecsstep.aws.pushed_images import PushedImages
from ecsstep.errors import Exit, StepError
from ecsstep.rules.image import Reference
from fakes import Said, a_world

HOST = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com"
DIGEST = "sha256:" + "a" * 64
APP = Reference(repository="app", tag="v1.2.3")


class FakeRegistries:
    """Remembers what it is asked."""

    def __init__(self, *digests: str) -> None:
        self.asked: list[str] = []
        self._digests = list(digests)

    def default_host(self, account: str | None = None) -> str:
        self.asked.append(f"host of {account}")
        return HOST

    def stored(self, host: str, name: str, *, tag: str) -> StoredImage | None:
        self.asked.append(f"{host}/{name}:{tag}")
        if not self._digests:
            return None
        return StoredImage(digest=self._digests.pop(0), media_type="", manifest="")


def images(
    registries: FakeRegistries, *, host: str | None = None, said: Said | None = None
) -> PushedImages:
    log = (said or a_world()).world.log
    return PushedImages(registries, host=host, account="123456789012", log=log)


def test_an_image_is_pinned_by_the_digest_that_its_tag_names_now() -> None:
    registries = FakeRegistries(DIGEST)

    assert str(images(registries, host=HOST).pinned(APP)) == f"{HOST}/app@{DIGEST}"
    assert registries.asked == [f"{HOST}/app:v1.2.3"]


def test_the_accounts_own_registry_is_asked_for_once() -> None:
    registries = FakeRegistries(DIGEST, DIGEST)
    pushed = images(registries)

    pushed.pinned(APP)
    pushed.pinned(Reference(repository="nginx", tag="v1.2.3"))

    assert registries.asked == [
        "host of 123456789012",
        f"{HOST}/app:v1.2.3",
        f"{HOST}/nginx:v1.2.3",
    ]


def test_a_repository_that_names_its_registry_is_looked_up_there() -> None:
    registries = FakeRegistries(DIGEST)

    found = images(registries, host="other.example").pinned(APP.replaced(registry=HOST))

    assert found == Reference(registry=HOST, repository="app", digest=DIGEST)


def test_an_image_that_was_never_pushed_is_a_mistake_that_names_the_next_thing() -> None:
    with pytest.raises(StepError) as caught:
        images(FakeRegistries(), host=HOST).pinned(APP)

    assert caught.value.exit is Exit.USAGE
    assert f"there is no image '{HOST}/app:v1.2.3': nothing was pushed" in caught.value.message
    assert "run the job with image-push for this commit" in caught.value.hint
