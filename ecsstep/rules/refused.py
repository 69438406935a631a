"""A push that can't have one of its tags: why, and what to do about it."""

import shlex
from typing import Any, assert_never

from ecsstep.rules.image import Reference, ecr_host
from ecsstep.rules.mutability import MOST_FILTERS, Mutability
from ecsstep.rules.rebuilds import REVISION
from ecsstep.rules.tag_verdict import Behind, Frozen, Identity, Taken
from ecsstep.value import Value

_BY_ITSELF = "push under a tag of its own; one tag is one image; "
_REBUILD = (
    "where both are builds of one commit and labelled with it, --accept-rebuild keeps the one that "
    "is there"
)
_LABEL = f"a build names its commit by: docker build --label {REVISION}=COMMIT"


class Refused(Value):
    """A tag that can't name our image.

    Attributes:
        name: The tag's full name.
        verdict: What is the matter with it.
        ours: What names our image.
        movable: The tags of this push that have to move, now or later.
        mutability: The repository's setting, where it was read.
        note: Why the two don't count as builds of one commit, where that was asked for.
    """

    name: Reference
    verdict: Taken | Frozen | Behind
    ours: Identity
    movable: tuple[str, ...] = ()
    mutability: Mutability | None = None
    note: str = ""

    @property
    def there(self) -> str | None:
        """The digest of another image that was under the tag before us."""
        match self.verdict:
            case Taken(is_overtaken=False):
                return self.verdict.digest
            case _:
                return None

    @property
    def message(self) -> str:
        """What is refused."""
        match self.verdict:
            case Frozen():
                return (
                    f"'{self.name}' has to move later, and the repository would keep it where it "
                    "is put first; nothing is pushed"
                )
            case Behind():
                return f"'{self.name}' names this release, and a higher one came meanwhile"
            case Taken(is_overtaken=True):
                return f"'{self.name}' names another image than the one that was just put there"
            case Taken():
                return f"'{self.name}' is another image already; it stays as it is"
            case _:
                assert_never(self.verdict)

    @property
    def why(self) -> tuple[str, ...]:
        """Both digests, a line each."""
        if not isinstance(self.verdict, Taken):
            return ()
        there, ours = self.verdict.digest, ", ".join(sorted(self.ours.manifests))
        if self.ours.config:
            # The one's manifest and the other's configuration would look like a comparison.
            there += f" (manifest), {self.verdict.config or 'none'} (configuration)"
            ours = f"{self.ours.config} (configuration)"
        notes = (f"no rebuild: {self.note}",) if self.note else ()
        return (f"there: {there}", f"ours:  {ours}", *notes)

    @property
    def data(self) -> dict[str, Any]:
        """The same for machines."""
        there = None if isinstance(self.verdict, Frozen) else self.verdict.digest
        return {"image": str(self.name), "there": there, "ours": list(self.ours.digests)}

    @property
    def hint(self) -> str:
        """What to do about it."""
        match self.verdict:
            case Behind():
                return (
                    "push the highest release once more with --floating-tags: "
                    f"'{self.name.tag}' moves on to it then"
                )
            case Taken(is_overtaken=True):
                return (
                    "another push of this tag ran at the same time; look which of them is meant, "
                    "and push that one again, alone"
                )
            case Taken(is_immutable=False):
                return _BY_ITSELF + (_LABEL if self.note else _REBUILD)
            case Taken() | Frozen():
                return (
                    f"the repository's tags are immutable; leave '{self.name.tag}' out, "
                    f"{self._way_out}"
                )
            case _:
                assert_never(self.verdict)

    @property
    def _way_out(self) -> str:
        host = ecr_host(self.name.registry)
        place = f" --region {host.region} --registry-id {host.account}" if host else ""
        place += f" --repository-name{'s' if self.mutability is None else ''} "
        place += self.name.repository
        if self.mutability is None:
            return (
                "or add it to the exclusion filters, which this shows: "
                f"aws ecr describe-repositories{place}"
            )
        wanted = self.mutability.letting(self.movable)
        if wanted is None:
            return (
                f"or make room among the {MOST_FILTERS} exclusion filters that ECR keeps: "
                f"{', '.join(self.mutability.filters)}"
            )
        words = ["aws ecr put-image-tag-mutability" + place]
        words += ["--image-tag-mutability", wanted.setting]
        words += ["--image-tag-mutability-exclusion-filters"] if wanted.filters else []
        words += [shlex.quote(f"filterType=WILDCARD,filter={each}") for each in wanted.filters]
        return f"or let it move: {' '.join(words)}"
