"""What the tasks really run, against what the task definition pins."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping

from ecsstep.rules.service import Task
from ecsstep.value import Value


class RunningImage(Value):
    """An image that tasks run.

    Attributes:
        image: As the task definition names it.
        digest: What was pulled, as ECS tells it; nothing where ECS doesn't.
        tasks: How many tasks run it.
        parts: The manifests of the pinned image index, one for each platform; None where they
            were not read.
    """

    container: str
    image: str
    digest: str
    tasks: int
    parts: frozenset[str] | None = None

    @property
    def is_proved(self) -> bool:
        """Whether it surely is what the task definition pins, or nothing is pinned.

        A platform's manifest of a pinned image index has a digest of its own.
        """
        pinned = self.image.partition("@")[2]
        return not (pinned and self.digest) or self.digest in {pinned, *(self.parts or ())}

    @property
    def differs(self) -> bool:
        """Whether it surely is another one than the task definition pins."""
        return self.parts is not None and not self.is_proved

    def __str__(self) -> str:
        tasks = "1 task" if self.tasks == 1 else f"{self.tasks} tasks"
        named = self.digest or "a digest that ECS doesn't tell"
        return f"{tasks} of '{self.container}' from {self.image}: {named}"


class Proof(Value):
    """The images that a deployment's tasks run."""

    images: tuple[RunningImage, ...]

    @property
    def differs(self) -> tuple[RunningImage, ...]:
        """Those that aren't what was pinned."""
        return tuple(each for each in self.images if each.differs)

    @property
    def doubtful(self) -> tuple[RunningImage, ...]:
        """Those of which it can't be told whether they are what was pinned."""
        return tuple(each for each in self.images if not (each.is_proved or each.differs))

    @property
    def lines(self) -> tuple[str, ...]:
        """The images, a line for each."""
        return tuple(map(str, self.images))

    @property
    def mixed(self) -> tuple[str, ...]:
        """The containers of which different tasks run different images."""
        known = {(each.container, each.digest) for each in self.images if each.digest}
        counts = Counter(container for container, _ in known)
        return tuple(sorted(name for name, count in counts.items() if count > 1))

    @property
    def data(self) -> list[dict[str, object]]:
        """The images, for the JSON result."""
        return [
            {
                "container": each.container,
                "image": each.image,
                "digest": each.digest,
                "tasks": each.tasks,
            }
            for each in self.images
        ]


def parts_in(manifest: str) -> frozenset[str]:
    """Return the digests that an image index names; none for an image of a single platform.

    Raises:
        ValueError: The text is no manifest.
    """
    found = json.loads(manifest)
    listed = found.get("manifests") if isinstance(found, Mapping) else None
    items = listed if isinstance(listed, list) else []
    return frozenset(str(each.get("digest")) for each in items if isinstance(each, Mapping))


def proof_of(tasks: Iterable[Task], parts: Mapping[str, frozenset[str]]) -> Proof:
    """Return what running tasks prove.

    Args:
        tasks: The tasks of a deployment.
        parts: The manifests of the pinned images, by the image as the task definition names it.
    """
    counted = Counter(
        (each.name, each.image, each.image_digest)
        for task in tasks
        if task.status == "RUNNING"
        for each in task.containers
    )
    return Proof(
        images=tuple(
            RunningImage(
                container=name,
                image=image,
                digest=digest,
                tasks=count,
                parts=parts.get(image),
            )
            for (name, image, digest), count in sorted(counted.items())
        )
    )
