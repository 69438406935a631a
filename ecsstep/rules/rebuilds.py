"""Whether two images were built of one commit.

A build is seldom the same to the byte: run again for the same commit it makes another digest. The
commit stands in a label that GitLab's and Docker's own build tools set as well,
https://github.com/opencontainers/image-spec/blob/main/annotations.md.
"""

from collections.abc import Iterable
from typing import Any

from ecsstep.text import printable

REVISION = "org.opencontainers.image.revision"

Revisions = frozenset[str]
"""The label of every platform's image; empty text where one has none."""


def revision_of(labels: Any) -> str:
    """Return the commit that an image's labels name; nothing where they name none."""
    found = labels.get(REVISION) if isinstance(labels, dict) else None
    return found.strip() if isinstance(found, str) else ""


def revision_in(config: Any) -> str:
    """Return the commit that an image's configuration names; nothing where it names none."""
    inner = config.get("config") if isinstance(config, dict) else None
    return revision_of(inner.get("Labels") if isinstance(inner, dict) else None)


def apart(*, ours: Revisions, there: Revisions, job: str | None = None) -> str | None:
    """Return why two images don't count as builds of one commit, or None where they do.

    An image inherits the labels of the one that it is built on, so that its label alone may name
    another program's commit.

    Args:
        ours: What our image is labelled with.
        there: What the image that is there is labelled with.
        job: The commit that the CI platform names, if it names one.
    """
    for whose, found in (("our image", ours), ("the one that is there", there)):
        if not any(found):
            return f"{whose} has no label {REVISION}"
        if len(found) > 1:
            return f"the platforms of {whose} aren't all labelled with one commit ({_told(found)})"
    if job and ours != {job}:
        return (
            f"our image's label names another commit ({_told(ours)}) than this job's "
            f"({printable(job)}): a base image's?"
        )
    if ours != there:
        return f"ours is built of commit {_told(ours)}, the one that is there of {_told(there)}"
    return None


def _told(found: Iterable[str]) -> str:
    return ", ".join(printable(each) or "none" for each in sorted(found))
