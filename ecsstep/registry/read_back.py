"""What a registry shows under a tag just after it was put there.

A registry's answers to reads may lag behind a put for some seconds, as ECR's do.
"""

from ecsstep.core.clock import Clock
from ecsstep.errors import Exit, StepError
from ecsstep.registry.push import Target
from ecsstep.rules.image import Reference
from ecsstep.rules.tag_verdict import Stored

_PAUSES = (0.2, 0.5, 1, 2, 4)


def read_back(
    target: Target, name: Reference, *, before: str | None, clock: Clock
) -> Stored | None:
    """Return what the registry shows under a tag that was put, or None where it is nothing.

    Nothing, and what stood there before, may be old answers: then it is looked at again, for some
    seconds.

    Args:
        target: The repository.
        name: The tag's full name.
        before: The digest of another image that was seen under the tag before it was put.
        clock: For the pauses.

    Raises:
        StepError: What was there before is shown to the end (exit 75), or the registry refuses.
    """
    stored = target.stored(str(name.tag))
    for pause in _PAUSES:
        if stored is not None and stored.digest != before:
            return stored
        clock.sleep(pause)
        stored = target.stored(str(name.tag))
    if stored is not None and stored.digest == before:
        raise StepError(
            f"'{name}' was put, and the registry still shows the image that was there before, "
            f"'{before}'",
            exit=Exit.TEMPORARY,
            hint="the registry may be slow to show it, or another job has put the old image back; "
            "run the step again",
        )
    return stored
