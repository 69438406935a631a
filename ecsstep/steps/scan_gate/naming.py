"""Which image is meant, also by the articles' variables."""

from collections.abc import Mapping
from typing import Any

from ecsstep.rules.image import Reference, parse_registry, parse_tag
from ecsstep.rules.pushes import parse_target, target_host


def named(values: Mapping[str, Any]) -> Reference | None:
    """Return the image that was given, or that the articles' variables say.

    Raises:
        ValueError: They say none.
    """
    image: Reference | None = values.get("image")
    repository, tag = values.get("repository"), values.get("tag")
    if image is not None or not (repository and tag):
        return image
    target = parse_target(repository)
    registry = values.get("registry")
    host = target_host(target, registry and parse_registry(registry), by_flag=frozenset())
    return target.replaced(registry=host or "", tag=parse_tag(tag))
