"""The one image that is meant of those that a layout or an archive holds."""

from collections.abc import Sequence
from typing import TypeVar

from ecsstep.errors import Exit, StepError
from ecsstep.text import listed

_T = TypeVar("_T")


def chosen(named: Sequence[tuple[Sequence[str], _T]], *, name: str, tag: str | None) -> _T:
    """Return the image of a name; the only one where no name is asked for.

    Args:
        named: The images, each with its names. docker and containerd write whole references.
        name: What the user calls the layout or archive.
        tag: The name that is asked for: a tag, or a whole reference.

    Raises:
        StepError: There is none of this name, or several (exit 2).
    """
    fitting = [
        image
        for names, image in named
        if tag is None or any(each == tag or each.endswith(f":{tag}") for each in names)
    ]
    if len(fitting) == 1:
        return fitting[0]
    known = sorted({each for names, _ in named for each in names})
    what = f"{len(fitting)} images" if tag is None else f"{len(fitting)} images named '{tag}'"
    if known:
        hint = f"write the name after the path: {name}:TAG"
    elif named:
        hint = "none of its images has a name: save the one that is meant alone"
    else:
        hint = "look at what was to write it: the build may have failed"
    raise StepError(
        f"'{name}' holds {what}, where one is wanted; its names are {listed(known)}",
        exit=Exit.USAGE,
        hint=hint,
    )
