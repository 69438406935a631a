"""What ECS refuses of a task definition's containers though the API's shapes allow it."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ecsstep.rules.image import parse_reference
from ecsstep.rules.model import spelled
from ecsstep.text import listed, printable

PLACEHOLDER = re.compile(r"<([A-Za-z0-9_.-]+)>")
"""How CodePipeline's ``taskdef.json`` has an image."""


def container_faults(definition: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong between containers and within one: names that are missing or twice.

    What doesn't have the API's shapes is left alone here; that is told by the shapes.
    """
    containers = definition.get("containerDefinitions")
    if not isinstance(containers, list):
        return
    if not containers:
        yield "containerDefinitions is empty; a task has at least one container"
    named = [each for each in containers if isinstance(each, Mapping)]
    for at, container in enumerate(containers):
        if isinstance(container, Mapping) and "name" not in container:
            yield f"{spelled(('containerDefinitions', at, 'name'))} is missing"
    twice = _twice(named)
    if twice:
        yield f"container {listed(twice)} stands there twice"
    for container in named:
        both = sorted(_names(container, "environment") & _names(container, "secrets"))
        if both:
            yield (
                f"container '{container.get('name')}' has {listed(both)} in its environment and "
                "in its secrets; a name stands in one of them"
            )


def image_faults(definition: Mapping[str, Any], *, but: Collection[str] = ()) -> Iterator[str]:
    """Yield the images that are missing, or that nothing can be pulled by.

    A placeholder is told where it is filled.

    Args:
        definition: A definition that the API's shapes allow.
        but: Images that are not to be judged: what AWS has taken already.
    """
    for at, container in enumerate(definition.get("containerDefinitions", ())):
        where = spelled(("containerDefinitions", at, "image"), definition)
        image = container.get("image")
        if not image:
            yield f"{where} is {'missing' if image is None else 'empty'}"
        elif image not in but and not PLACEHOLDER.fullmatch(image):
            try:
                parse_reference(image)
            except ValueError as error:
                hint = "; fill it before: it is no shell that reads this" if "$" in image else ""
                yield f"{where}: {printable(error)}{hint}"


def fragment_faults(fragment: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names that stand twice in a fragment, so that one of them would be lost."""
    containers = fragment.get("containerDefinitions")
    named = [each for each in _list(containers) if isinstance(each, Mapping)]
    twice = _twice(named)
    if twice:
        yield f"container {listed(twice)} stands there twice"
    for container in named:
        for kind in ("environment", "secrets"):
            items = [each for each in _list(container.get(kind)) if isinstance(each, Mapping)]
            for name in _twice(items):
                yield f"container '{container.get('name')}' has '{name}' twice in its {kind}"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _names(container: Mapping[str, Any], kind: str) -> set[str]:
    items = container.get(kind)
    return {
        item["name"]
        for item in _list(items)
        if isinstance(item, Mapping) and isinstance(item.get("name"), str)
    }


def _twice(containers: list[Mapping[str, Any]]) -> list[str]:
    names = [each["name"] for each in containers if isinstance(each.get("name"), str)]
    return sorted({name for name in names if names.count(name) > 1})
