"""An image in files, through the :class:`~ecsstep.core.outside.Outside` in use.

A record holds its manifests and what its blobs are, never their bytes; so a replay needs no image.
"""

import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from ecsstep.core.outside import Answer, current
from ecsstep.registry.image import Blob, Manifest, Source
from ecsstep.registry.verified import verify
from ecsstep.rules.rebuilds import Revisions
from ecsstep.rules.tag_verdict import Identity

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class Taped:
    """An image that was opened for real, or when the record was made.

    Attributes:
        identity: What names it in a registry.
    """

    def __init__(self, name: str, opened: Callable[[], Source]) -> None:
        self._name = name
        self._sources: list[Source] = []

        def live() -> Answer:
            self._sources.append(opened())
            found = self._sources[0].identity
            return {
                "identity": sorted(found.manifests),
                **({"config": found.config, "layers": found.layers} if found.config else {}),
            }

        answer = self._asked("open", live)
        self.identity = Identity(
            manifests=frozenset(map(str, answer["identity"])),
            config=answer.get("config"),
            layers=answer.get("layers"),
        )

    def manifest(self) -> Manifest:
        """Return the image, every manifest in it verified.

        Raises:
            StepError: It is broken (exit 2).
        """
        found: list[Manifest] = []

        def live() -> Answer:
            found.append(self._sources[0].manifest())
            return {"manifest": _told(found[0])}

        answer = self._asked("manifest", live)
        return found[0] if found else _made(answer["manifest"])

    def revisions(self) -> Revisions:
        """Return the commit that every platform's image names.

        Raises:
            StepError: It is broken (exit 2).
        """

        def live() -> Answer:
            return {"revisions": sorted(self._sources[0].revisions())}

        return frozenset(map(str, self._asked("revisions", live)["revisions"]))

    def verify(self, manifest: Manifest) -> None:
        """Read every blob that is there.

        Raises:
            StepError: One is not what its digest says (exit 2).
        """

        def live() -> Answer:
            verify(manifest)
            return {}

        self._asked("verify", live)

    def _asked(self, do: str, live: Callable[[], Answer]) -> Answer:
        return current().ask("image", {"do": do, "source": self._name}, live)


class Zeros(io.RawIOBase):
    """What stands for a blob's bytes in a replay, where nobody looks at them."""

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill the buffer."""
        view = memoryview(buffer).cast("B")
        view[:] = bytes(len(view))
        return len(view)


def _told(manifest: Manifest) -> dict[str, Any]:
    """Return an image in JSON's types."""
    return {
        "digest": manifest.digest,
        "mediaType": manifest.media_type,
        "raw": manifest.raw.decode(errors="surrogateescape"),
        "blobs": [
            {
                "digest": blob.digest,
                "size": blob.size,
                "here": blob.open is not None,
                "origins": [list(origin) for origin in blob.origins],
            }
            for blob in manifest.blobs
        ],
        "children": [_told(child) for child in manifest.children],
        "absent": list(manifest.absent),
        "foreign": list(manifest.foreign),
    }


def _made(told: Mapping[str, Any]) -> Manifest:
    return Manifest(
        digest=str(told["digest"]),
        media_type=str(told["mediaType"]),
        raw=str(told["raw"]).encode(errors="surrogateescape"),
        blobs=tuple(
            Blob(
                digest=str(blob["digest"]),
                size=int(blob["size"]),
                open=_zeros if blob["here"] else None,
                origins=tuple((str(host), str(name)) for host, name in blob["origins"]),
            )
            for blob in told["blobs"]
        ),
        children=tuple(map(_made, told["children"])),
        absent=tuple(map(str, told["absent"])),
        foreign=tuple(map(str, told.get("foreign", ()))),
    )


def _zeros() -> BinaryIO:
    return cast("BinaryIO", Zeros())
