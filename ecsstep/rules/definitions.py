"""CodePipeline's files that hand an image on.

https://docs.aws.amazon.com/codepipeline/latest/userguide/file-reference.html: the ECS action
reads ``imagedefinitions.json``, an array of at most 100 KB; the blue/green action reads
``imageDetail.json``, an object. Mixing them up is the commonest mistake.
"""

from collections.abc import Mapping, Sequence
from typing import Any

_LARGEST = 100 * 1024
_CONTAINER_CHARACTERS = 255


def merged(current: Any, *, container: str, image: str) -> list[Mapping[str, Any]]:
    """Return the definitions with this container's image set, the others kept in order.

    Args:
        current: What the file says; an empty list where there is none.
        container: The container's name in the task definition.
        image: The image's reference.

    Raises:
        ValueError: The file is none of CodePipeline's image definitions, or would be too large.
    """
    entries = _checked(current)
    ours = {"name": container, "imageUri": image}
    found = [at for at, entry in enumerate(entries) if entry["name"] == container]
    if len(found) > 1:
        raise ValueError(f"names the container '{container}' {len(found)} times")
    result = [*entries, ours] if not found else list(entries)
    for at in found:
        result[at] = {**entries[at], **ours}
    if len(rendered(result).encode()) > _LARGEST:
        raise ValueError("would be larger than the 100 KB that CodePipeline reads")
    return result


def rendered(definitions: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of ``imagedefinitions.json``, compact, with a line end."""
    return _compact(definitions)


def image_detail(image: str) -> str:
    """Return the text of ``imageDetail.json``."""
    return _compact({"ImageURI": image})


def parse_container(text: str) -> str:
    """Return ``text`` if it is a container's name in a task definition.

    Raises:
        ValueError: It is not.
    """
    plain = text.replace("-", "").replace("_", "")
    if not plain.isascii() or not plain.isalnum() or len(text) > _CONTAINER_CHARACTERS:
        raise ValueError(f"'{text}' is no container name (letters, digits, - and _)")
    return text


def _checked(current: Any) -> list[Mapping[str, Any]]:
    if isinstance(current, dict):
        told = "; --image-detail writes imageDetail.json" if "ImageURI" in current else ""
        raise ValueError(  # noqa: TRY004 - the file's content is wrong, not a type in the code
            f"holds an object where imagedefinitions.json is an array{told}"
        )
    if not isinstance(current, list):
        raise ValueError("holds no array of image definitions")  # noqa: TRY004 - as above
    for at, entry in enumerate(current):
        if not isinstance(entry, dict) or not all(
            isinstance(entry.get(key), str) for key in ("name", "imageUri")
        ):
            raise ValueError(f"has no 'name' and 'imageUri' in its entry {at + 1}")
    return current


def _compact(value: object) -> str:
    import json

    return json.dumps(value, separators=(",", ":")) + "\n"
