"""Which images are a commit's: those that an earlier job handed on, and those to look up by tag."""

from collections.abc import Sequence

from ecsstep.rules.changes import Setting
from ecsstep.rules.definitions import parse_container
from ecsstep.rules.image import Reference, parse_reference
from ecsstep.rules.pushes import parse_target
from ecsstep.rules.tags import is_moving
from ecsstep.value import Value


class Sidecar(Value):
    """A further container and the repository of its image."""

    container: str
    repository: Reference


class LookUp(Value):
    """An image that only the registry knows by now.

    Attributes:
        container: The container's name; None for the one that is meant anyway.
        image: Its name, by tag; without a host it is in the account's own registry.
    """

    container: str | None
    image: Reference


def parse_sidecar(text: str) -> Sidecar:
    """Return what ``CONTAINER=REPOSITORY`` says.

    Raises:
        ValueError: It is not of that form.
    """
    container, equals, repository = text.partition("=")
    if not equals or not container:
        raise ValueError(f"'{text}' is not CONTAINER=REPOSITORY")
    return Sidecar(container=parse_container(container), repository=parse_target(repository))


def commit_images(
    repository: Reference | None,
    sidecars: Sequence[Sidecar],
    *,
    tag: str,
    handed_on: Sequence[Setting],
) -> tuple[Setting | LookUp, ...]:
    """Return the image of each container: as it was handed on by its digest, else to be looked up.

    An image that was handed on counts for the container whose repository it is from, so two jobs
    that push two images can't be mistaken for each other. One by tag alone is looked up as well:
    what is deployed is a digest.

    Args:
        repository: The repository of the container that is meant anyway.
        sidecars: Further containers with theirs.
        tag: The tag that the commit's images have.
        handed_on: The images that earlier jobs handed on.
    """
    known = [parse_reference(setting.value) for setting in handed_on]
    wanted: list[tuple[str | None, Reference]] = [(None, repository)] if repository else []
    wanted += [(each.container, each.repository) for each in sidecars]
    found: list[Setting | LookUp] = []
    for container, place in wanted:
        ours = next((image for image in known if _is_from(image, place)), None)
        found.append(
            Setting(container=container, value=str(ours))
            if ours
            else LookUp(container=container, image=place.tagged(tag))
        )
    return tuple(found)


def moving_fault(tag: str, origin: str) -> str | None:
    """Return what is wrong with a commit's tag that moves, or None.

    Args:
        tag: The tag.
        origin: Where it was given, in the user's words.
    """
    if not is_moving(tag):
        return None
    return (
        f"the tag '{tag}' moves from image to image, so it doesn't say which is this commit's; it "
        f"is from {origin}"
    )


def _is_from(image: Reference, place: Reference) -> bool:
    return (
        image.digest is not None
        and image.repository == place.repository
        and place.registry in {"", image.registry}
    )
