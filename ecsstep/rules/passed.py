"""Whether the images that are to be deployed are those that a scan gate let through."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ecsstep.rules.image import parse_reference
from ecsstep.text import printable


def passed_digests(record: Any, *, name: str) -> frozenset[str]:
    """Return the digests that a record says have passed: the image's, and its platforms'.

    Args:
        record: What scan-gate wrote by ``--report json=FILE``.
        name: The file, for messages.

    Raises:
        ValueError: It is no such record.
    """
    if not isinstance(record, Mapping) or not isinstance(record.get("verdict"), str):
        raise ValueError(f"'{name}' is no record of scan-gate: it holds no verdict")  # noqa: TRY004 - one kind of mistake
    if record["verdict"] != "passed":
        return frozenset()
    platforms = record.get("platforms")
    listed = platforms if isinstance(platforms, list) else []
    found = [record.get("digest"), *(p.get("digest") for p in listed if isinstance(p, Mapping))]
    digests = frozenset(digest for digest in found if isinstance(digest, str) and digest)
    if not digests:
        raise ValueError(f"'{name}' is no record of scan-gate: it names no digest")
    return digests


def unproven(images: Mapping[str, str], passed: frozenset[str]) -> Iterator[str]:
    """Yield which container's image isn't on record as passed, and why.

    Args:
        images: The images that are to be deployed, by container.
        passed: The digests that have passed.
    """
    for container, image in images.items():
        named = f"image '{printable(image)}' of container '{printable(container)}'"
        try:
            digest = parse_reference(image).digest
        except ValueError:
            digest = None
        if digest is None:
            yield f"{named} is not named by its digest, so nobody can tell whether it passed"
        elif digest not in passed:
            yield f"{named} has no record of having passed scan-gate"


def fresh_images(
    definition: Mapping[str, Any], before: Mapping[str, Any], *, named: Collection[str]
) -> dict[str, str]:
    """Return the images, by container, that a definition brings in.

    Args:
        definition: What is to be deployed.
        before: What runs already; empty where nothing is known to.
        named: Images that were asked for, which count though they be the same.
    """
    old = _images(before)
    return {
        container: image
        for container, image in _images(definition).items()
        if old.get(container) != image or image in named
    }


def _images(definition: Mapping[str, Any]) -> dict[str, str]:
    return {
        str(each.get("name")): str(each.get("image"))
        for each in definition.get("containerDefinitions") or ()
        if isinstance(each, Mapping)
    }
