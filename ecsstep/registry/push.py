"""An image into a repository: only what it lacks, the parts before the whole."""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

from ecsstep.core.together import together
from ecsstep.errors import Exit, StepError
from ecsstep.registry.image import Blob, Manifest, corrupt
from ecsstep.registry.upload import Meter
from ecsstep.rules.image import Reference
from ecsstep.rules.tag_verdict import Stored
from ecsstep.value import Value

_AT_ONCE = 6


class Target(Protocol):
    """What a push needs of a repository."""

    @property
    def host(self) -> str: ...  # noqa: D102 - see client.Repository
    def stored(self, tag: str) -> Stored | None: ...  # noqa: D102
    def manifest(self, tag: str) -> Manifest | None: ...  # noqa: D102
    def tags(self) -> tuple[str, ...]: ...  # noqa: D102
    def has(self, blob: Blob) -> bool: ...  # noqa: D102
    def upload(self, blob: Blob, meter: Meter) -> bool: ...  # noqa: D102
    def put(self, manifest: Manifest, tag: str | None = None) -> str: ...  # noqa: D102


class Put(Protocol):
    """Puts an image that was sent under a tag."""

    def __call__(self, tag: str, before: str | None, /) -> str:
        """Put it and return its digest; ``before`` is another image's that the tag leaves."""
        ...


class Display(Protocol):
    """Shows how far the upload has come; see core.progress."""

    def begin(self, total: int) -> None: ...  # noqa: D102 - see core.progress.Progress
    def add(self, count: int) -> None: ...  # noqa: D102
    def show(self) -> None: ...  # noqa: D102
    def end(self) -> None: ...  # noqa: D102


class Uploaded(Value):
    """What a push had to upload.

    Attributes:
        blobs: How many blobs.
        size: Their bytes.
        present: How many blobs the repository had already.
        mounted: How many it took over from another repository of the registry.
    """

    blobs: int
    size: int
    present: int
    mounted: int = 0


class _StoppedError(Exception):
    """Another upload has failed, so that this one needn't go on."""


class _Meter:
    """Counts what is sent, and ends it where it has become useless."""

    def __init__(self, display: Display) -> None:
        self.stop = threading.Event()
        self._display = display

    def add(self, count: int) -> None:
        if self.stop.is_set():
            raise _StoppedError
        self._display.add(count)


def upload(
    manifest: Manifest,
    target: Target,
    *,
    display: Display,
    beginning: Callable[[Sequence[Blob]], None] = lambda _missing: None,
) -> Uploaded:
    """Upload everything that a manifest needs, so that it can be put under its tag.

    A blob is verified while it is sent; one that the repository has is not read at all, since the
    registry has verified it. ``beginning`` is told what is missing before anything is sent.

    Raises:
        StepError: The source is broken (exit 2), or the registry refuses.
    """
    _check_manifests(manifest, target)
    blobs = _blobs(manifest)
    missing = _missing(blobs, target)
    beginning(missing)
    sent = _sent(missing, target, display) if missing else ()
    for each in manifest.walk():
        if each is not manifest:
            target.put(each)
    sizes = [blob.size for blob, is_sent in zip(missing, sent, strict=True) if is_sent]
    return Uploaded(
        blobs=len(sizes),
        size=sum(sizes),
        present=len(blobs) - len(missing),
        mounted=len(missing) - len(sizes),
    )


def check_whole(manifest: Manifest, target: Target) -> None:
    """Find out whether the registry has what the source lacks of an image.

    Raises:
        StepError: It has not (exit 2).
    """
    _check_manifests(manifest, target)
    _missing([blob for blob in _blobs(manifest) if blob.open is None], target)


def _check_manifests(manifest: Manifest, target: Target) -> None:
    for each in manifest.walk():
        for digest in each.absent:
            if target.stored(digest) is None:
                raise corrupt(f"the source lacks manifest '{digest}', and so does the registry")


def _blobs(manifest: Manifest) -> list[Blob]:
    return list({blob.digest: blob for each in manifest.walk() for blob in each.blobs}.values())


def _missing(blobs: Sequence[Blob], target: Target) -> list[Blob]:
    """Return what the registry lacks; the source must have that."""
    there = together([partial(target.has, blob) for blob in blobs], most=_AT_ONCE)
    missing = [blob for blob, is_there in zip(blobs, there, strict=True) if not is_there]
    for blob in missing:
        if blob.open is None:
            raise corrupt(f"the source lacks blob '{blob.digest}', and so does the registry")
    return missing


def _sent(missing: Sequence[Blob], target: Target, display: Display) -> tuple[bool, ...]:
    """Upload blobs side by side, the largest first, so that none is left over at the end."""
    meter = _Meter(display)
    display.begin(sum(blob.size for blob in missing))
    order = sorted(range(len(missing)), key=lambda at: -missing[at].size)
    deeds = [partial(target.upload, missing[at], meter) for at in order]
    try:
        done = together(deeds, most=_AT_ONCE, meanwhile=display.show, stop=meter.stop)
    finally:
        display.end()
    found = dict(zip(order, done, strict=True))
    return tuple(found[at] for at in range(len(missing)))


def nothing_there(name: Reference) -> StepError:
    """Return the error for a tag that was put and is not there."""
    return StepError(
        f"'{name}' was put, and the registry holds nothing under it",
        exit=Exit.TEMPORARY,
        hint="a lifecycle policy or another job may have removed it; run the step again",
    )


def copied(digest: str, target: Target, tag: str) -> str:
    """Put the manifest that the repository has under a further tag and return its digest.

    Raises:
        TagTakenError: The registry doesn't move the tag.
        StepError: The manifest is gone (exit 75), or the registry refuses.
    """
    manifest = target.manifest(digest)
    if manifest is None:
        raise StepError(
            f"'{digest}' was there and is gone before it could be tagged '{tag}'",
            exit=Exit.TEMPORARY,
            hint="a lifecycle policy or another push may have removed it; run the step again",
        )
    return target.put(manifest, tag)
