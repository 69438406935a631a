"""What becomes of a tag, by what the registry holds under it."""

from ecsstep.rules.tags import is_moving
from ecsstep.value import Value


class Stored(Value):
    """What a registry holds under a tag.

    Attributes:
        digest: The manifest's digest.
        config: The digest of the image's configuration; None for an index.
        layers: How many layers the manifest lists; None for an index.
    """

    digest: str
    config: str | None = None
    layers: int | None = None


class Identity(Value):
    """What names our image in a registry.

    Attributes:
        manifests: The digests that its manifest may have, as far as they are known.
        config: The digest of its configuration, where the manifest is made on the way.
        layers: How many layers that configuration lists.
    """

    manifests: frozenset[str] = frozenset()
    config: str | None = None
    layers: int | None = None

    @property
    def digests(self) -> tuple[str, ...]:
        """Every digest of it."""
        return tuple(sorted(self.manifests | ({self.config} if self.config else set())))

    def names(self, stored: Stored) -> bool:
        """Whether a registry's image is this very one.

        A configuration lists the digests of the layers' plain content; so its own digest stands
        for the image, as long as the manifest beside it has as many layers.
        """
        return stored.digest in self.manifests or (
            self.config is not None
            and stored.config == self.config
            and stored.layers is not None
            and stored.layers == self.layers
        )


class Free(Value):
    """Nothing has this tag."""


class AlreadyThere(Value):
    """The tag names this very image."""

    digest: str


class Moves(Value):
    """The tag names another image and may be moved."""

    digest: str


class Taken(Value):
    """The tag names another image and stays there.

    Attributes:
        digest: The other image's digest.
        config: The digest of its configuration, if it has one.
        is_immutable: Whether it is the repository's setting that keeps it there.
        is_overtaken: Whether it came there while our image was put.
    """

    digest: str
    config: str | None = None
    is_immutable: bool = False
    is_overtaken: bool = False


class Frozen(Value):
    """Nothing has this tag, and the repository wouldn't let it move later, as it has to."""


class Behind(Value):
    """The tag names our image, and a higher release came there while it was put."""

    digest: str


Verdict = Free | AlreadyThere | Moves | Taken | Frozen | Behind


def judge(stored: Stored | None, *, identity: Identity, may_move: bool) -> Verdict:
    """Return what becomes of a tag.

    Args:
        stored: What the registry holds under the tag.
        identity: What names our image.
        may_move: Whether this tag may be moved.
    """
    if stored is None:
        return Free()
    if identity.names(stored):
        return AlreadyThere(digest=stored.digest)
    if may_move:
        return Moves(digest=stored.digest)
    return Taken(digest=stored.digest, config=stored.config)


def may_move(tag: str, *, allow_mutable: bool) -> bool:
    """Whether a tag that was asked for may leave another image: a version never does."""
    return allow_mutable and is_moving(tag)
