"""What the tasks really run, against what the task definition pins."""

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
        resolved: What ECS's service revision says that the name stands for, where that was read.
    """

    container: str
    image: str
    digest: str
    tasks: int
    resolved: str = ""

    @property
    def differs(self) -> bool:
        """Whether the task definition pins another digest.

        The platform's manifest of a pinned image index has a digest of its own; then the service
        revision knows the pinned one.
        """
        pinned = self.image.partition("@")[2]
        return bool(pinned and self.digest and pinned not in {self.digest, self.resolved})


class Proof(Value):
    """The images that a deployment's tasks run."""

    images: tuple[RunningImage, ...]

    @property
    def differs(self) -> tuple[RunningImage, ...]:
        """Those that aren't what was pinned."""
        return tuple(each for each in self.images if each.differs)

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


def proof_of(tasks: Iterable[Task], resolved: Mapping[str, str]) -> Proof:
    """Return what running tasks prove.

    Args:
        tasks: The tasks of a deployment.
        resolved: The digest that ECS resolved each container's image to, by container.
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
                resolved=resolved.get(name, ""),
            )
            for (name, image, digest), count in sorted(counted.items())
        )
    )
