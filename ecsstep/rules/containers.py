"""What ECS refuses of a task definition's containers though the API's shapes allow it."""

from collections.abc import Iterator, Mapping
from typing import Any

from ecsstep.rules.model import spelled
from ecsstep.text import listed


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


def _names(container: Mapping[str, Any], kind: str) -> set[str]:
    items = container.get(kind)
    return {
        item["name"]
        for item in (items if isinstance(items, list) else ())
        if isinstance(item, Mapping) and isinstance(item.get("name"), str)
    }


def _twice(containers: list[Mapping[str, Any]]) -> list[str]:
    names = [each["name"] for each in containers if isinstance(each.get("name"), str)]
    return sorted({name for name in names if names.count(name) > 1})
