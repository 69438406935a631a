"""What people write into the files that a task definition is made from."""

from collections.abc import Mapping
from typing import Any

from ecsstep.rules.changes import Setting
from ecsstep.rules.image import parse_reference
from ecsstep.rules.model import Path, spelled

_VARIABLE_PATH_LENGTH = 5


def images_from(document: Any, *, name: str) -> tuple[Setting, ...]:
    """Return the images that CodePipeline's ``imagedefinitions.json`` gives.

    ``imageDetail.json``, an object with ``ImageURI``, gives one without a container's name.

    Raises:
        ValueError: It is not an array of objects with ``name`` and ``imageUri``
            (https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html).
    """
    form = '[{"name": CONTAINER, "imageUri": IMAGE}]'
    if isinstance(document, Mapping) and isinstance(document.get("ImageURI"), str):
        try:
            parse_reference(document["ImageURI"])
        except ValueError as error:
            raise ValueError(f"'{name}': ImageURI: {error}") from error
        return (Setting(value=document["ImageURI"]),)
    if not isinstance(document, list):
        raise ValueError(f"'{name}' is no imagedefinitions.json: it must be an array: {form}")  # noqa: TRY004 - a user's mistake
    found = []
    for at, item in enumerate(document):
        container = item.get("name") if isinstance(item, Mapping) else None
        image = item.get("imageUri") if isinstance(item, Mapping) else None
        if not isinstance(container, str) or not isinstance(image, str) or not container:
            raise ValueError(
                f"'{name}' is no imagedefinitions.json: entry {at} is not as in {form}"
            )
        try:
            parse_reference(image)
        except ValueError as error:
            raise ValueError(f"'{name}': entry {at}: {error}") from error
        found.append(Setting(container=container, value=image))
    return tuple(found)


def unquoted(name: str, document: Any, plain: Mapping[Path, str]) -> tuple[Any, tuple[str, ...]]:
    """Return a YAML document with its texts as they stand in the file, and a fault for each.

    YAML reads ``012`` as ten, ``yes`` as true and ``2026-01-01`` as a date. An environment value is
    text, so what was meant is for its writer to say; and so is a number at the top (``family``,
    ``cpu``) that YAML spells otherwise than the file does.
    """
    faults = []
    result = document
    for path, text in plain.items():
        if _is_variable_value(path) or _is_respelled(path, text, document):
            faults.append(
                f"'{name}': {spelled(path, document)} is {text or 'nothing'} without quotes, "
                f'which YAML does not read as text; write "{text}"'
            )
            result = _replaced(result, path, text)
    return result, tuple(faults)


def _is_respelled(path: Path, text: str, document: Any) -> bool:
    """Whether this is a number at the top of a definition that reads otherwise than it stands."""
    inside = document.get("taskDefinition") if path[:1] == ("taskDefinition",) else document
    name = path[-1] if path[:-1] in {(), ("taskDefinition",)} and path else None
    value = inside.get(name) if isinstance(inside, Mapping) else None
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and str(value) != text


def _is_variable_value(path: Path) -> bool:
    """Whether the path ends like ``containerDefinitions[0].environment[0].value``."""
    tail = path[-_VARIABLE_PATH_LENGTH:]
    return len(tail) == _VARIABLE_PATH_LENGTH and (tail[0], tail[2], tail[4]) == (
        "containerDefinitions",
        "environment",
        "value",
    )


def _replaced(value: Any, path: Path, text: str) -> Any:
    if not path:
        return text
    first, rest = path[0], path[1:]
    if isinstance(value, list):
        return [
            _replaced(item, rest, text) if at == first else item for at, item in enumerate(value)
        ]
    return {
        name: _replaced(item, rest, text) if name == first else item for name, item in value.items()
    }
