"""Where an image to push comes from, and where it goes."""

from collections.abc import Callable, Iterator

from ecsstep.rules.image import Reference, parse_reference
from ecsstep.value import Value

FORMATS = ("oci", "oci-archive", "docker-archive")


class EngineSource(Value):
    """An image of the local container engine."""

    image: str


class FileSource(Value):
    """An image in a folder or an archive.

    Attributes:
        form: ``oci``, ``oci-archive`` or ``docker-archive``.
        place: ``PATH`` or ``PATH:TAG``; only the file system tells where the path ends.
    """

    form: str
    place: str


class RegistrySource(Value):
    """An image that is in a registry already.

    Attributes:
        name: The image; without a host it is in the registry that is pushed to.
    """

    name: Reference


Source = EngineSource | FileSource | RegistrySource


def parse_target(text: str) -> Reference:
    """Return the repository that ``NAME`` or ``HOST/NAME`` names.

    Raises:
        ValueError: It is none, or has a tag or a digest.
    """
    if "://" in text:
        raise ValueError(f"'{text}' is no repository; leave '{text.partition('://')[0]}://' out")
    found = parse_reference(text)
    if found.tag or found.digest:
        raise ValueError(f"'{text}' names a tag or digest; write '{found.name}' and give --tag")
    return found


def target_host(target: Reference, registry: str | None, *, by_flag: frozenset[str]) -> str | None:
    """Return the registry to push to, or None where neither name says it.

    Args:
        target: The repository, which may name its host.
        registry: The registry, if it was given by itself.
        by_flag: Which of ``repository`` and ``registry`` stood on the command line: a flag beats
            a variable.

    Raises:
        ValueError: They name two hosts.
    """
    if not registry or not target.registry or registry == target.registry:
        return target.registry or registry
    flagged = by_flag & {"repository", "registry"}
    if len(flagged) == 1:
        return target.registry if "repository" in flagged else registry
    raise ValueError(
        f"the repository '{target.name}' is not in the registry '{registry}'; name one of them"
    )


def parse_source(text: str) -> EngineSource | FileSource:
    """Return what ``SOURCE`` names.

    Raises:
        ValueError: It is neither an image's name nor ``FORM:PATH[:TAG]``.
    """
    form, colon, place = text.partition(":")
    if form in FORMATS:
        if not colon or not place:
            raise ValueError(f"'{text}' names no path; write {form}:PATH or {form}:PATH:TAG")
        return FileSource(form=form, place=place)
    if form in {"docker-daemon", "containers-storage", "dir", "docker"} and colon and place:
        raise ValueError(
            f"'{text}' is no source; write an image of the local engine, oci:DIR[:TAG], "
            "oci-archive:FILE[:TAG] or docker-archive:FILE[:TAG]"
        )
    parse_reference(text)
    return EngineSource(image=text)


def parse_from(text: str) -> RegistrySource:
    """Return the image in a registry that ``[HOST/]REPOSITORY:TAG`` or ``…@DIGEST`` names.

    Raises:
        ValueError: It is no image, or names neither tag nor digest.
    """
    found = parse_reference(text)
    if not found.tag and not found.digest:
        raise ValueError(f"'{text}' names neither tag nor digest; write '{text}:TAG'")
    return RegistrySource(name=found)


def chosen_source(
    source: EngineSource | FileSource | None,
    origin: RegistrySource | None,
    *,
    host: str,
    by_flag: frozenset[str],
) -> Source:
    """Return the source that counts: a flag beats a variable.

    Args:
        source: What SOURCE says.
        origin: What ``--from`` says.
        host: The registry that is pushed to; ``--from`` means it where it names none.
        by_flag: Which of ``source`` and ``origin`` stood on the command line.
    """
    if source is not None and (origin is None or "origin" not in by_flag):
        return source
    if origin is None:
        raise ValueError("there is no source")
    if origin.name.registry:
        return origin
    return RegistrySource(name=origin.name.replaced(registry=host))


def places(place: str, exists: Callable[[str], bool]) -> tuple[str, str | None]:
    """Return path and tag of ``PATH[:TAG]``: the longest path that exists, else up to the colon.

    A path may hold a colon, and so may the name of an image in a docker archive.
    """
    for path, tag in _splits(place):
        if exists(path):
            return path, tag
    path, colon, tag = place.partition(":")
    return (path, tag) if colon and tag and "/" not in tag else (place, None)


def _splits(place: str) -> Iterator[tuple[str, str | None]]:
    yield place, None
    at = place.rfind(":")
    while at > 0:
        if place[at + 1 :]:
            yield place[:at], place[at + 1 :]
        at = place.rfind(":", 0, at)
