"""What becomes of each tag of a push."""

from collections.abc import Mapping, Sequence
from typing import Any

from ecsstep.rules.image import Reference
from ecsstep.rules.mutability import Mutability
from ecsstep.rules.refused import Refused
from ecsstep.rules.tag_verdict import (
    AlreadyThere,
    Behind,
    Free,
    Frozen,
    Identity,
    Moves,
    Stored,
    Taken,
    Verdict,
    judge,
    may_move,
)
from ecsstep.value import Value

Stock = Mapping[str, Stored | None]
"""What a registry holds under some tags."""


class Plan(Value):
    """The verdicts on every tag, in the order in which they are put.

    Attributes:
        name: The repository.
        identity: What names our image.
        verdicts: What becomes of each tag; the tags that were asked for stand first.
        movable: The tags that may leave another image.
        mutability: The repository's setting, where it was read.
        note: Why a rebuild that would be accepted is none.
    """

    name: Reference
    identity: Identity
    verdicts: Mapping[str, Verdict]
    movable: frozenset[str] = frozenset()
    mutability: Mutability | None = None
    note: str = ""

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
    def refused(self) -> Refused | None:
        """The first tag that can't name our image."""
        for tag, each in self.verdicts.items():
            if isinstance(each, Taken | Frozen | Behind):
                return Refused(
                    name=self.name.tagged(tag),
                    verdict=each,
                    ours=self.identity,
                    movable=tuple(one for one in self.tags if one in self.movable),
                    mutability=self.mutability,
                    note=self.note,
                )
        return None

    @property
    def is_shifting(self) -> bool:
        """Whether a tag leaves another image, or will have to in a later push."""
        return any(isinstance(self.verdicts[tag], Free | Moves) for tag in self.movable)

    def before(self, tag: str) -> str | None:
        """Return the digest of the image that a tag leaves, where it leaves one."""
        found = self.verdicts[tag]
        return found.digest if isinstance(found, Moves) else None

    def within(self, mutability: Mutability | None) -> "Plan":
        """Return the plan as the repository's setting lets it be; None for an unknown one."""
        if mutability is None:
            return self
        verdicts = dict(self.verdicts)
        for tag in self.movable:
            found = verdicts[tag]
            if mutability.lets_move(tag):
                continue
            if isinstance(found, Moves):
                verdicts[tag] = Taken(digest=found.digest, is_immutable=True)
            elif isinstance(found, Free):
                verdicts[tag] = Frozen()
        return self.replaced(verdicts=verdicts, mutability=mutability)

    def seen(self, tag: str, stored: Stored | None) -> "Plan":
        """Return the plan after another look at a tag."""
        found = judge(stored, identity=self.identity, may_move=tag in self.movable)
        return self._with(tag, found).within(self.mutability)

    def anew(self, tag: str, stored: Stored | None) -> "Plan":
        """Return the plan after the registry has refused to put a tag, by what it holds there."""
        found = judge(stored, identity=self.identity, may_move=False)
        if isinstance(found, Taken):
            found = found.replaced(is_immutable=tag in self.movable)
        return self._with(tag, found)

    def confirmed(self, tag: str, digest: str, stored: Stored) -> "Plan":
        """Return the plan after our image was put under a tag, by what the registry has there."""
        if stored.digest != digest:
            found = Taken(digest=stored.digest, config=stored.config, is_overtaken=True)
            return self._with(tag, found).replaced(identity=Identity(manifests=frozenset({digest})))
        # The other names stay: a tag that was judged by them is judged once more before it is put.
        ours = self.identity.replaced(manifests=self.identity.manifests | {digest})
        return self._with(tag, AlreadyThere(digest=digest)).replaced(identity=ours)

    def behind(self, tag: str, digest: str) -> "Plan":
        """Return the plan after a floating tag was put and a higher release came meanwhile."""
        return self._with(tag, Behind(digest=digest))

    def accepting(self, digest: str) -> "Plan":
        """Return the plan for an image that is there, in place of ours."""
        identity = Identity(manifests=frozenset({digest}))
        verdicts = {
            tag: found
            if isinstance(found, Free | Frozen)
            else judge(Stored(digest=found.digest), identity=identity, may_move=tag in self.movable)
            for tag, found in self.verdicts.items()
        }
        return self.replaced(identity=identity, verdicts=verdicts).within(self.mutability)

    def without(self, tag: str) -> "Plan":
        """Return the plan without a tag."""
        return self.replaced(
            verdicts={each: found for each, found in self.verdicts.items() if each != tag},
            movable=self.movable - {tag},
        )

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

    def _with(self, tag: str, found: Verdict) -> "Plan":
        return self.replaced(verdicts={**self.verdicts, tag: found})


def planned(  # noqa: PLR0913 - a plan rests on all of it
    name: Reference,
    stock: Stock,
    *,
    tags: Sequence[str],
    floating: Sequence[str] = (),
    identity: Identity,
    allow_mutable: bool,
) -> Plan:
    """Return the plan of a push.

    Args:
        name: The repository.
        stock: What the registry holds under each of the tags.
        tags: The tags that were asked for.
        floating: The shorter versions that go with them, which move.
        identity: What names our image.
        allow_mutable: Whether a tag such as ``latest`` may leave another image.
    """
    movable = {tag: may_move(tag, allow_mutable=allow_mutable) for tag in tags}
    movable = movable | {tag: True for tag in floating if tag not in movable}
    return Plan(
        name=name,
        identity=identity,
        verdicts={
            tag: judge(stock[tag], identity=identity, may_move=can_move)
            for tag, can_move in movable.items()
        },
        movable=frozenset(tag for tag, can_move in movable.items() if can_move),
    )
