"""Which images a file speaks of."""

from collections.abc import Iterator
from typing import Any

from ecsstep.rules.image import DOCKER_HUB, parse_reference


def hosts_in(document: Any) -> tuple[str, ...]:
    """Return the registries of a file's images, each once.

    Args:
        document: CodePipeline's ``imagedefinitions.json`` or ``imageDetail.json``, a task
            definition, or the whole answer of describe-task-definition. A placeholder such as
            ``<IMAGE1_NAME>`` is no image yet.

    Raises:
        ValueError: It is none of them, or an image in it has no proper name.
    """
    images = [text for text in _images(document) if not text.startswith("<")]
    return tuple(dict.fromkeys(parse_reference(text).registry or DOCKER_HUB for text in images))


def _images(document: Any) -> Iterator[str]:
    match document:
        case {"taskDefinition": dict() as inner}:
            yield from _images(inner)
        case {"containerDefinitions": list() as containers}:
            yield from _texts(containers, "image")
        case {"ImageURI": str() as image}:
            yield image
        case list():
            yield from _texts(document, "imageUri")
        case _:
            raise ValueError("is neither a task definition nor a list of image definitions")


def _texts(entries: list[Any], key: str) -> Iterator[str]:
    for at, entry in enumerate(entries):
        text = entry.get(key) if isinstance(entry, dict) else None
        if not isinstance(text, str):
            raise ValueError(f"has no '{key}' in its entry {at + 1}")  # noqa: TRY004 - of a file
        yield text
