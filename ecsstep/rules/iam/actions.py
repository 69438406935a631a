"""What an IAM action of a step is: for what, on what, and with which options."""

from collections.abc import Set as AbstractSet
from enum import Enum

from ecsstep.rules.iam.places import Place
from ecsstep.value import Value


class Need(Enum):
    """How much a step needs an action, in the words of docs/iam.md."""

    REQUIRED = "needed"
    OPTIONAL = "the step does without"
    """A read that makes the answer better; denied, the step goes on."""
    IMPLIED = "AWS asks for it within another call"
    """The step makes no such call itself, so no test in the sandbox sees one."""


class Action(Value):
    """An IAM action that a step needs.

    Attributes:
        name: ``ecs:DescribeServices``.
        on: What it can be narrowed to; several kinds where AWS checks each of them.
        why: What the step does with it.
        need: How much it is needed.
        only_with: Options of which one has to be in use: ``--create-repository``, or with its
            value ``--on-timeout=rollback``; nothing where it is always needed.
        and_with: Options of which one has to be in use as well.
        not_with: Options with which it is not needed.
    """

    name: str
    on: tuple[Place, ...] = (Place.NOTHING,)
    why: str
    need: Need = Need.REQUIRED
    only_with: tuple[str, ...] = ()
    and_with: tuple[str, ...] = ()
    not_with: tuple[str, ...] = ()

    def is_needed(self, used: AbstractSet[str], *, with_optional: bool = True) -> bool:
        """Whether it is needed by someone who uses these options.

        Args:
            used: Options in use, as flag and as ``flag=value``.
            with_optional: Whether to allow what a step does without, too.
        """
        if self.need is Need.OPTIONAL and not with_optional:
            return False
        if used & frozenset(self.not_with):
            return False
        groups = [group for group in (self.only_with, self.and_with) if group]
        return all(used & frozenset(group) for group in groups)
