"""What a pass hands on to the steps that deploy."""

from ecsstep.core.log import Log
from ecsstep.rules.image import Reference
from ecsstep.rules.platforms import Subject


def handed_on(image: Reference, subject: Subject, *, host: str, log: Log) -> dict[str, str]:
    """Return what was judged, as a later step reads it.

    It is always both, reference and digest: an older file's image must not stand beside this
    digest.

    Args:
        image: The image, as it was named.
        subject: What of it was judged.
        host: Its registry, for one that was named without; empty where nobody knows.
        log: Is told where that isn't the whole.
    """
    digest = subject.judged_digest
    if digest != subject.digest:
        log.info("handed on is the platform that was judged", digest=digest)
    elif subject.left_out:
        log.warning(
            "the image as a whole was not judged, and --require-passed refuses it",
            left_out=list(subject.left_out),
        )
    pinned = image.replaced(registry=image.registry or host).pinned(digest)
    return {"ECSSTEP_IMAGE": str(pinned), "ECSSTEP_IMAGE_DIGEST": digest}
