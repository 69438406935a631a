"""Which registries a file's images are in."""

from typing import Any

import pytest

from ecsstep.rules.images_in import hosts_in

ECR = "012345678901.dkr.ecr.eu-west-1.amazonaws.com"
CONTAINERS = [
    {"name": "app", "image": f"{ECR}/app:v1"},
    {"name": "log", "image": "public.ecr.aws/aws/fluent-bit:2"},
    {"name": "proxy", "image": "nginx"},
    {"name": "again", "image": f"{ECR}/other@sha256:{'a' * 64}"},
    {"name": "later", "image": "<IMAGE1_NAME>"},
]
HOSTS = (ECR, "public.ecr.aws", "docker.io")


@pytest.mark.parametrize(
    ("document", "hosts"),
    [
        pytest.param({"containerDefinitions": CONTAINERS}, HOSTS, id="task definition"),
        pytest.param(
            {"taskDefinition": {"containerDefinitions": CONTAINERS}, "tags": []},
            HOSTS,
            id="whole answer",
        ),
        pytest.param([{"name": "a", "imageUri": f"{ECR}/a:1"}], (ECR,), id="imagedefinitions"),
        pytest.param({"ImageURI": f"{ECR}/a:1"}, (ECR,), id="imageDetail"),
        pytest.param([], (), id="none"),
    ],
)
def test_every_registry_is_named_once(document: Any, hosts: tuple[str, ...]) -> None:
    assert hosts_in(document) == hosts


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({}, "is neither a task definition nor"),
        ("text", "is neither a task definition nor"),
        ([{"name": "a"}], "no 'imageUri' in its entry 1"),
        ({"containerDefinitions": [{"image": "a"}, 1]}, "no 'image' in its entry 2"),
        ([{"imageUri": "A B"}], "is no image reference"),
    ],
)
def test_another_file_is_an_error(document: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        hosts_in(document)
