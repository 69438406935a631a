"""Which images are a commit's."""

import pytest

from ecsstep.rules.changes import Setting
from ecsstep.rules.commit_images import (
    LookUp,
    Sidecar,
    commit_images,
    moving_fault,
    parse_sidecar,
)
from ecsstep.rules.image import Reference

HOST = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com"
DIGEST = "sha256:" + "a" * 64
PHP = Reference(repository="laravel-php")
NGINX = Sidecar(container="nginx", repository=Reference(repository="laravel-nginx"))


def image(repository: str, *, host: str = HOST, by: str = f"@{DIGEST}") -> Setting:
    return Setting(value=f"{host}/{repository}{by}")


def test_what_an_earlier_job_handed_on_is_taken_and_the_rest_is_looked_up() -> None:
    found = commit_images(PHP, [NGINX], tag="v1.2.3", handed_on=[image("laravel-php")])

    assert found == (
        Setting(value=f"{HOST}/laravel-php@{DIGEST}"),
        LookUp(container="nginx", image=Reference(repository="laravel-nginx", tag="v1.2.3")),
    )


def test_an_image_goes_to_the_container_whose_repository_it_is_from() -> None:
    found = commit_images(PHP, [NGINX], tag="v1.2.3", handed_on=[image("laravel-nginx")])

    assert found == (
        LookUp(container=None, image=PHP.tagged("v1.2.3")),
        Setting(container="nginx", value=f"{HOST}/laravel-nginx@{DIGEST}"),
    )


@pytest.mark.parametrize(
    "handed_on",
    [
        pytest.param(image("laravel-php", by=":v1.2.3"), id="by a tag, which can move"),
        pytest.param(image("other"), id="from another repository"),
        pytest.param(image("laravel-php", host="registry.example"), id="from another registry"),
    ],
)
def test_an_image_that_is_not_surely_the_one_is_looked_up(handed_on: Setting) -> None:
    place = Reference(registry=HOST, repository="laravel-php")

    found = commit_images(place, [], tag="v1", handed_on=[handed_on])

    assert found == (LookUp(container=None, image=place.tagged("v1")),)


def test_without_a_repository_there_is_nothing_to_say() -> None:
    assert commit_images(None, [], tag="v1", handed_on=[image("app")]) == ()


def test_a_sidecar_is_a_container_and_its_repository() -> None:
    assert parse_sidecar("nginx=laravel-nginx") == NGINX


@pytest.mark.parametrize("text", ["nginx", "=laravel-nginx", "nginx=", "nginx=app:v1", "a b=app"])
def test_a_sidecar_of_another_form_is_a_mistake(text: str) -> None:
    with pytest.raises(ValueError, match="'"):
        parse_sidecar(text)


def test_a_tag_that_moves_is_no_commits() -> None:
    assert moving_fault("v1.2.3", "--tag") is None
    assert str(moving_fault("latest", "the Git tag")).endswith("it is from the Git tag")
