"""Which images of a task definition are in ECR, where they can be looked up before a deployment."""

from collections.abc import Iterator, Mapping
from typing import Any

from ecsstep.rules.image import parse_reference
from ecsstep.rules.registries import (
    LocalRegistry,
    OtherRegistry,
    PrivateRegistry,
    registry_of,
)
from ecsstep.value import Value

_DEFAULT_TAG = "latest"


class EcrImage(Value):
    """An image that a task definition names.

    Attributes:
        text: The reference, as it stands there.
        containers: The containers that run it.
        repository: The repository's name.
        tag: The tag that is pulled, where no digest is given.
        digest: The digest that is pulled.
        account: The account of the registry; nothing for the caller's own.
        region: The region of the registry; nothing for the one in use.
    """

    text: str
    containers: tuple[str, ...]
    repository: str
    tag: str | None = None
    digest: str | None = None
    account: str | None = None
    region: str | None = None


def ecr_images(definition: Mapping[str, Any], *, is_emulated: bool) -> tuple[EcrImage, ...]:
    """Return the images that are in a private registry of ECR, each once; others are not looked up.

    Args:
        definition: A definition that the API's shapes allow.
        is_emulated: Whether a registry on this machine is ECR's.
    """
    found: dict[str, EcrImage] = {}
    for text, containers in _named(definition).items():
        image = _in_ecr(text, containers, is_emulated=is_emulated)
        if image is not None:
            found[text] = image
    return tuple(found.values())


def by_tag(definition: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the images that are named by a tag, or by nothing, which means ``latest``."""
    return tuple(text for text in _named(definition) if "@" not in text)


def hint_for(image: EcrImage) -> str:
    """Return what to do about an image that isn't there."""
    where = f" --region {image.region} --registry-id {image.account}" if image.account else ""
    return (
        "push it first (image-push), or see what is there: aws ecr list-images --repository-name "
        f"{image.repository}{where}; for a pull-through cache: --allow-missing-images"
    )


def odd_references(definition: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is strange about images that ECS would fail to pull."""
    for text, containers in _named(definition).items():
        try:
            registry = registry_of(parse_reference(text).registry)
        except ValueError as error:
            yield f"container '{containers[0]}': {error}"
            continue
        if isinstance(registry, OtherRegistry) and registry.is_lookalike:
            yield (
                f"container '{containers[0]}': the host of '{text}' looks like ECR's and is not: "
                f"{registry.why}"
            )


def _named(definition: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the containers by the image that they run."""
    named: dict[str, tuple[str, ...]] = {}
    for container in definition.get("containerDefinitions", ()):
        if container.get("image"):
            text = str(container["image"])
            named[text] = (*named.get(text, ()), str(container.get("name")))
    return named


def _in_ecr(text: str, containers: tuple[str, ...], *, is_emulated: bool) -> EcrImage | None:
    try:
        image = parse_reference(text)
    except ValueError:
        return None
    registry = registry_of(image.registry)
    is_private = isinstance(registry, PrivateRegistry)
    if not is_private and not (is_emulated and isinstance(registry, LocalRegistry)):
        return None
    return EcrImage(
        text=text,
        containers=containers,
        repository=image.repository,
        # A digest is what is pulled, whatever tag stands before it.
        tag=None if image.digest else image.tag or _DEFAULT_TAG,
        digest=image.digest,
        account=registry.account if isinstance(registry, PrivateRegistry) else None,
        region=registry.region if isinstance(registry, PrivateRegistry) else None,
    )
