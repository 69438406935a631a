"""The repository that is pushed to, as ECR knows it."""

from collections.abc import Sequence
from typing import Protocol

from ecsstep.core.log import Log
from ecsstep.errors import Exit, StepError
from ecsstep.rules.image import Reference
from ecsstep.rules.mutability import Mutability
from ecsstep.value import Value


class Registries(Protocol):
    """What this needs of ECR."""

    def mutability(self, host: str, name: str) -> Mutability | None: ...  # noqa: D102 - see aws.registries
    def create(self, host: str, name: str, *, movable: Sequence[str] = ()) -> None: ...  # noqa: D102


class RepositorySettings(Value):
    """One repository's settings; another registry than ECR has none.

    Attributes:
        registries: ECR.
        name: The repository.
        is_ecr: Whether it is in a private registry of ECR.
        log: Where it is told what couldn't be found out.
    """

    registries: Registries
    name: Reference
    is_ecr: bool
    log: Log

    def mutability(self) -> Mutability | None:
        """Return which tags the repository lets move; None where nobody may tell.

        Raises:
            StepError: AWS refuses for another reason than a missing permission.
        """
        if not self.is_ecr:
            return None
        try:
            return self.registries.mutability(self.name.registry, self.name.repository)
        except StepError as error:
            if error.exit is not Exit.ACCESS:
                raise
            # The usual role may push and not look; then the push itself finds out.
            self.log.info("the repository's tag mutability can't be read", hint=error.hint)
            return None

    def ensure(self, *, movable: Sequence[str]) -> None:
        """Create the repository where it is missing; ``movable`` tags may move in it.

        Raises:
            StepError: AWS refuses.
        """
        host, name = self.name.registry, self.name.repository
        if not self.is_ecr:
            self.log.info("only ECR's private repositories are created", registry=host)
        elif self.registries.mutability(host, name) is None:
            self.registries.create(host, name, movable=movable)
            self.log.info("repository created", name=self.name.name, movable=movable)
