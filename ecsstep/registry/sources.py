"""Where an image to push comes from: files, another repository, or a local engine."""

from collections.abc import Sequence
from typing import Protocol

from ecsstep.core.clock import Clock
from ecsstep.core.files import exists
from ecsstep.core.log import Log
from ecsstep.core.process import Run
from ecsstep.core.progress import size_of
from ecsstep.errors import Exit, StepError
from ecsstep.registry.docker_archive import DockerArchive
from ecsstep.registry.files import Archive, Folder
from ecsstep.registry.image import Blob, Source
from ecsstep.registry.layout import Layout
from ecsstep.registry.push import Display, Put, Target, check_whole, nothing_there, upload
from ecsstep.registry.read_back import read_back
from ecsstep.registry.taped_image import Taped
from ecsstep.registry.tools import LocalImage, Tool, find_tool, no_engine
from ecsstep.rules.container_tools import ENGINES
from ecsstep.rules.image import Reference
from ecsstep.rules.pushes import FileSource, places
from ecsstep.rules.rebuilds import Revisions
from ecsstep.rules.tag_verdict import Identity
from ecsstep.value import Value


class Pushable(Protocol):
    """An image that can be pushed under a tag."""

    @property
    def identity(self) -> Identity:
        """What names it in a registry."""
        ...

    def revisions(self) -> Revisions:
        """Return the commit that every platform's image names."""
        ...

    def check(self) -> str | None:
        """Verify the whole image and return its digest, where that is known before the push."""
        ...

    def sent(self) -> Put:
        """Send all of it but the tag; return what puts it under one and returns its digest."""
        ...


class FromSource(Value):
    """An image in a folder, an archive or another repository.

    Attributes:
        source: The image.
        target: The repository that it goes to.
        log: Where it is told.
        display: Shows how far it has come.
    """

    source: Source
    target: Target
    log: Log
    display: Display

    @property
    def identity(self) -> Identity:
        """What names it in a registry."""
        return self.source.identity

    def revisions(self) -> Revisions:
        """Return the commit that every platform's image names."""
        return self.source.revisions()

    def check(self) -> str | None:
        """Verify the whole image and return its digest."""
        manifest = self.source.manifest()
        check_whole(manifest, self.target)
        if isinstance(self.source, Taped):
            self.source.verify(manifest)
        return manifest.digest

    def sent(self) -> Put:
        """Upload what the registry lacks; return what puts the manifest under a tag.

        That raises TagTakenError where the registry doesn't move the tag.

        Raises:
            StepError: The source is broken (exit 2), or the registry refuses.
        """
        manifest = self.source.manifest()
        done = upload(manifest, self.target, display=self.display, beginning=self._say)
        self.log.info(
            "blobs uploaded",
            count=done.blobs,
            bytes=done.size,
            present=done.present,
            **({"mounted": done.mounted} if done.mounted else {}),
        )
        return lambda tag, _before: self.target.put(manifest, tag)

    def _say(self, missing: Sequence[Blob]) -> None:
        ours = [each for each in missing if self.target.host in dict(each.origins)]
        rest = [each for each in missing if each not in ours]
        if ours:
            self.log.info("mounting from another repository, if it can", blobs=len(ours))
        if rest:
            size = size_of(sum(blob.size for blob in rest))
            self.log.info("uploading", blobs=len(rest), size=size)


class FromEngine(Value):
    """An image of a local engine."""

    tool: Tool
    image: str
    local: LocalImage
    name: Reference
    target: Target
    clock: Clock

    @property
    def identity(self) -> Identity:
        """What names it in a registry."""
        return self.local.identity

    def revisions(self) -> Revisions:
        """Return the commit that the image names."""
        return frozenset({self.local.revision})

    def check(self) -> str | None:
        """Return None: an engine makes the manifest when it pushes."""
        return None

    def sent(self) -> Put:
        """Return what pushes it under a tag: an engine sends blobs and tag in one go."""
        return self._push

    def _push(self, tag: str, before: str | None) -> str:
        """Let the engine push it and return the digest that it speaks of, else the registry's.

        Raises:
            TagTakenError: The registry doesn't move the tag.
            StepError: The engine fails, or the registry has nothing afterwards.
        """
        name = self.name.tagged(tag)
        self.tool.tag(self.image, str(name))
        spoken = self.tool.push(str(name), host=name.registry, repository=name.repository)
        if spoken is not None:
            return spoken
        stored = read_back(self.target, name, before=before, clock=self.clock)
        if stored is None:
            raise nothing_there(name)
        return stored.digest


def opened(source: FileSource) -> Taped:
    """Return the image that a folder or an archive holds.

    Raises:
        StepError: It can't be read, is broken, or the image's name is needed (exit 2).
    """
    return Taped(f"{source.form}:{source.place}", lambda: _opened(source))


def _opened(source: FileSource) -> Source:
    path, tag = places(source.place, exists)
    name = f"{source.form}:{path}"
    if source.form == "docker-archive":
        return DockerArchive(Archive(path), name=name, tag=tag)
    if source.form == "oci":
        return Layout(Folder(path), name=name, tag=tag)
    return Layout(Archive(path), name=name, tag=tag)


def local_image(
    image: str, wanted: str, *, run: Run, folder: str | None
) -> tuple[Tool, LocalImage]:
    """Return the engine that has an image, and the image; ``auto`` asks each that answers.

    Raises:
        StepError: No engine answers (exit 6), or none of them has the image (exit 2).
    """
    asked = []
    for name in ENGINES if wanted == "auto" else (wanted,):
        tool = find_tool(wanted, among=(name,), run=run, folder=folder)
        if tool is not None:
            asked.append(tool.name)
            found = tool.image(image)
            if found:
                return tool, found
    if not asked:
        raise no_engine(image, among=ENGINES)
    raise StepError(
        f"there is no image '{image}' in {' or '.join(asked)}",
        exit=Exit.USAGE,
        hint=f"build it first ({asked[0]} build -t {image} .), or look: {asked[0]} images",
    )
