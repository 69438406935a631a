"""Which images of a task definition can be looked up."""

from typing import Any

import pytest

from ecsstep.rules.ecr_images import EcrImage, ecr_images, odd_references

HOST = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
DIGEST = f"sha256:{'a' * 64}"


def running(*images: str | None) -> dict[str, Any]:
    containers = [
        {"name": f"c{at}", **({"image": image} if image else {})} for at, image in enumerate(images)
    ]
    return {"containerDefinitions": containers}


def found(image: str, **more: Any) -> EcrImage:
    given: dict[str, Any] = {
        "text": image,
        "containers": ("c0",),
        "repository": "app",
        "account": "123456789012",
        "region": "us-east-1",
        **more,
    }
    return EcrImage(**given)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param(f"{HOST}/app:1", {"tag": "1"}, id="tag"),
        pytest.param(f"{HOST}/app", {"tag": "latest"}, id="no tag"),
        pytest.param(f"{HOST}/app@{DIGEST}", {"digest": DIGEST}, id="digest"),
        pytest.param(f"{HOST}/app:1@{DIGEST}", {"digest": DIGEST}, id="what is pulled of both"),
    ],
)
def test_an_image_in_ecr_is_looked_up_as_it_is_pulled(image: str, expected: Any) -> None:
    assert ecr_images(running(image), is_emulated=False) == (found(image, **expected),)


@pytest.mark.parametrize(
    "image",
    [
        "nginx:1",
        "public.ecr.aws/nginx/nginx:1",
        "ghcr.io/a/b:1",
        "127.0.0.1:5000/app:1",
        "X Y",
        None,
    ],
)
def test_other_images_are_not_looked_up(image: str | None) -> None:
    assert ecr_images(running(image), is_emulated=False) == ()


def test_where_aws_is_emulated_a_registry_on_this_machine_is_ecrs() -> None:
    image = "127.0.0.1:5000/app:1"

    assert ecr_images(running(image), is_emulated=True) == (
        found(image, tag="1", account=None, region=None),
    )


def test_an_image_of_several_containers_is_looked_up_once() -> None:
    image = f"{HOST}/app:1"

    assert ecr_images(running(image, "x:1", image), is_emulated=False) == (
        found(image, tag="1", containers=("c0", "c2")),
    )


def test_what_ecs_would_fail_to_pull_is_told() -> None:
    odd = "12345.dkr.ecr.us-east-1.amazonaws.com/app:1"

    assert list(odd_references(running(odd, "X Y", "nginx:1", None))) == [
        (
            f"container 'c0': the host of '{odd}' looks like ECR's and is not: an account's id has "
            "12 digits, '12345' has 5"
        ),
        (
            "container 'c1': 'X Y' is no image reference: 'X Y' is no repository name (lower case, "
            "digits and . _ - /)"
        ),
    ]
