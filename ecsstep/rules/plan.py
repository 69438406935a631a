"""What becomes of each tag of a push."""

from collections.abc import Mapping, Sequence
from typing import Any

from ecsstep.rules.image import Reference
from ecsstep.rules.mutability import Mutability
from ecsstep.rules.pushes import AlreadyThere, Moves, Stored, Taken, Verdict, judge, may_move
from ecsstep.value import Value

Stock = Mapping[str, Stored | None]
"""What a registry holds under some tags."""


class Plan(Value):
    """The verdicts on every tag, in the order in which they are put.

    Attributes:
        name: The repository.
        identity: The digests that name our image.
        verdicts: What becomes of each tag; the tags that were asked for stand first.
    """

    name: Reference
    identity: frozenset[str]
    verdicts: Mapping[str, Verdict]

    @property
    def tags(self) -> tuple[str, ...]:
        """Every tag."""
        return tuple(self.verdicts)

    @property
    def kept(self) -> tuple[str, ...]:
        """The tags that name this image already."""
        return tuple(tag for tag, each in self.verdicts.items() if isinstance(each, AlreadyThere))

    @property
    def digest(self) -> str | None:
        """The image's digest, where the registry has it under one of the tags."""
        found = (each for each in self.verdicts.values() if isinstance(each, AlreadyThere))
        return next((each.digest for each in found), None)

    @property
    def refused(self) -> "Refused | None":
        """The first tag that names another image and stays there."""
        for tag, each in self.verdicts.items():
            if isinstance(each, Taken):
                return Refused(name=self.name.tagged(tag), taken=each, ours=self.identity)
        return None

    @property
    def moves(self) -> tuple[str, ...]:
        """The tags that leave another image."""
        return tuple(tag for tag, each in self.verdicts.items() if isinstance(each, Moves))

    def within(self, mutability: Mutability | None) -> "Plan":
        """Return the plan as the repository's setting lets it be; None for an unknown one."""
        if mutability is None:
            return self
        return self.replaced(
            verdicts={
                tag: Taken(digest=each.digest, is_immutable=True)
                if isinstance(each, Moves) and not mutability.lets_move(tag)
                else each
                for tag, each in self.verdicts.items()
            },
        )

    def anew(self, tag: str, stored: Stored | None) -> "Plan":
        """Return the plan after the registry has refused to put a tag, by what it holds there."""
        found = judge(stored, identity=self.identity, may_move=False)
        if isinstance(found, Taken):
            found = found.replaced(is_immutable=isinstance(self.verdicts[tag], Moves))
        return self.replaced(verdicts={**self.verdicts, tag: found})

    def reference(self, digest: str | None, *, pin: str) -> str:
        """Return what the next step is given: by digest where that is known and wanted."""
        if digest is not None and pin == "digest":
            return str(self.name.pinned(digest))
        return str(self.name.tagged(self.tags[0]))

    def named(self, reference: str) -> dict[str, Any]:
        """Return what is pushed where, for machines."""
        return {
            "image": reference,
            "registry": self.name.registry,
            "repository": self.name.repository,
            "tags": list(self.tags),
        }


class Refused(Value):
    """A tag that names another image and stays there.

    Attributes:
        name: The tag's full name.
        taken: What the registry has under it.
        ours: The digests that name our image.
    """

    name: Reference
    taken: Taken
    ours: frozenset[str]

    @property
    def why(self) -> tuple[str, ...]:
        """Both digests, a line each."""
        return (f"there: {self.taken.digest}", f"ours:  {', '.join(sorted(self.ours))}")

    @property
    def data(self) -> dict[str, Any]:
        """The same for machines."""
        return {"image": str(self.name), "there": self.taken.digest, "ours": sorted(self.ours)}

    @property
    def hint(self) -> str:
        """What to do about it."""
        if not self.taken.is_immutable:
            return "push under a tag of its own; one tag is one image"
        return (
            f"the repository's tags are immutable; leave '{self.name.tag}' out, or let it move: "
            f"aws ecr put-image-tag-mutability --repository-name {self.name.repository} "
            "--image-tag-mutability IMMUTABLE_WITH_EXCLUSION "
            "--image-tag-mutability-exclusion-filters "
            f"filterType=WILDCARD,filter={self.name.tag}"
        )


def planned(  # noqa: PLR0913 - a plan rests on all of it
    name: Reference,
    stock: Stock,
    *,
    tags: Sequence[str],
    floating: Sequence[str] = (),
    identity: frozenset[str],
    allow_mutable: bool,
) -> Plan:
    """Return the plan of a push.

    Args:
        name: The repository.
        stock: What the registry holds under each of the tags.
        tags: The tags that were asked for.
        floating: The shorter versions that go with them, which move.
        identity: The digests that name our image.
        allow_mutable: Whether a tag such as ``latest`` may leave another image.
    """
    movable = {tag: may_move(tag, allow_mutable=allow_mutable) for tag in tags}
    movable = dict.fromkeys(floating, True) | movable
    return Plan(
        name=name,
        identity=identity,
        verdicts={
            tag: judge(stock[tag], identity=identity, may_move=movable[tag])
            for tag in (*tags, *(each for each in floating if each not in tags))
        },
    )
