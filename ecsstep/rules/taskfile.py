"""What people write into the files that a task definition is made from."""

from collections.abc import Mapping
from typing import Any

from ecsstep.rules.changes import Setting
from ecsstep.rules.image import parse_reference
from ecsstep.rules.model import Path, Shape, shape_at, spelled
from ecsstep.rules.redaction.places import is_secret_variable

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
    if not document:
        raise ValueError(f"'{name}' names no image: its array is empty")
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


def unquoted(
    name: str,
    document: Any,
    plain: Mapping[Path, str],
    shape: Shape | None = None,
    *,
    may_remove: bool = False,
) -> tuple[Any, tuple[str, ...]]:
    """Return a YAML document with its texts as they stand in the file, and a fault for each.

    YAML reads ``012`` as ten, ``1:30`` as ninety, ``yes`` as true and ``2026-01-01`` as a date.
    Where the API wants text, what was meant is for its writer to say; and so is a number that YAML
    reads as another one than stands there.

    Args:
        name: How the user named the file.
        document: What stands in it.
        plain: The source text of its unquoted scalars that YAML reads as no text.
        shape: What the API accepts, for a task definition, or the answer that holds one.
        may_remove: Whether null takes something out, as it does in a fragment.
    """
    faults = []
    result = document
    for path, text in plain.items():
        inside = path[1:] if path[:1] == ("taskDefinition",) else path
        value = _at(document, path)
        if may_remove and value is None:
            continue
        if _is_text(inside, value, text, shape):
            faults.append(_text_fault(name, path, document, text))
            result = _replaced(result, path, text)
        elif _is_respelled(value, text):
            faults.append(
                f"'{name}': {spelled(path, document)} is {text}, which YAML reads as {value}; "
                f"write {value} if that is meant, else the number without leading 0, _ and :"
            )
    return result, tuple(faults)


def _text_fault(name: str, path: Path, document: Any, text: str) -> str:
    above = _at(document, path[:-1])
    called = above.get("name") if isinstance(above, Mapping) else None
    names = (str(called or ""), str(path[-1]) if path else "")
    where = f"'{name}': {spelled(path, document)}"
    if any(map(is_secret_variable, names)):
        return (
            f"{where} stands there without quotes, so that YAML does not read it as text; quote it"
        )
    return (
        f"{where} is {text or 'nothing'} without quotes, which YAML does not read as text; "
        f'write "{text}"'
    )


def _is_text(path: Path, value: Any, text: str, shape: Shape | None) -> bool:
    """Whether text is wanted at a path, and something else stands there."""
    if _is_variable_value(path):
        return True
    found = shape_at(shape, path) if shape else None
    if len(path) > 1:
        return found is not None and found.kind == "string" and not isinstance(value, str | None)
    # A number at the top (cpu: 256) becomes text by itself, where that says the same.
    is_wanted = found is None or found.kind == "string"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return shape is not None and bool(path) and is_wanted and is_number and str(value) != text


def _is_respelled(value: Any, text: str) -> bool:
    """Whether a number reads as another one than stands there."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        # A whole number is compared as one: a float has no place for all its digits.
        return "_" in text or (int(text) if isinstance(value, int) else float(text)) != value
    except ValueError:
        return True


def _at(value: Any, path: Path) -> Any:
    for part in path:
        value = value[part]
    return value


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
