"""The images of this commit, for ``--commit-image``."""

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ecsstep.core.options import Given
from ecsstep.rules.changes import Setting
from ecsstep.rules.commit_images import LookUp, commit_images, moving_fault
from ecsstep.rules.image import Reference
from ecsstep.rules.pushes import target_host
from ecsstep.rules.tags import Platform, default_tag

if TYPE_CHECKING:
    from ecsstep.steps.taskdef_render.options import RenderOptions

Pinned = Callable[[Reference], Reference]
"""Returns an image by its digest, as the registry has it."""

_PLACES = ("repository", "sidecar")


def commit_faults(given: Given) -> Iterator[str]:
    """Yield what is wrong with the options about this commit's images."""
    values = given.values
    if not values.get("commit_image"):
        yield from (
            f"--{name} says where this commit's image is; give --commit-image as well"
            for name in _PLACES
            if name in given.by_flag
        )
        return
    if not given.has(*_PLACES):
        if not given.has("image", "definitions"):
            yield (
                "there is no image: --commit-image needs --repository, ECSSTEP_REPOSITORY or "
                "ECR_REPOSITORY, or an image by --image, ECSSTEP_IMAGE or --definitions"
            )
        return
    try:
        yield from _tag_faults(given)
        if values.get("repository"):
            target_host(values["repository"], values.get("registry"), by_flag=given.by_flag)
    except ValueError as error:
        yield str(error)


def images_of_commit(options: "RenderOptions", pinned: Pinned) -> tuple[Setting, ...]:
    """Return the image of each container that --repository and --sidecar are for.

    Raises:
        StepError: One of them is not in the registry (exit 2), or AWS refuses.
    """
    found = commit_images(
        options.repository,
        options.sidecar,
        tag=_tag_of(vars(options)) or "",
        handed_on=() if "image" in options.by_flag else options.image,
    )
    return tuple(
        Setting(container=each.container, value=str(pinned(each.image)))
        if isinstance(each, LookUp)
        else each
        for each in found
    )


def _tag_faults(given: Given) -> Iterator[str]:
    if given.has("tags") and "tags" not in given.values:
        return
    tag = _tag_of(given.values)
    fault = moving_fault(tag, _origin(given)) if tag else None
    if fault:
        yield fault
    if not tag:
        yield (
            "it is not known which commit's image is meant: give --tag or IMAGE_TAG; CI_COMMIT_TAG "
            "and CI_COMMIT_SHA, or CodeBuild's variables, are not set either"
        )


def _origin(given: Given) -> str:
    if "tags" in given.by_flag:
        return "--tag"
    own = "leave that empty for the tag that image-push takes by itself"
    return f"ECSSTEP_TAG or IMAGE_TAG: {own}" if given.has("tags") else "the Git tag"


def _tag_of(values: Mapping[str, Any]) -> str | None:
    for tag in values.get("tags", ()):
        return str(tag)
    return default_tag(
        Platform(
            commit_tag=values.get("commit_tag"),
            webhook_trigger=values.get("webhook_trigger"),
            commit=values.get("commit"),
        )
    )
