"""Whether the images that are to be deployed are those that a scan gate let through."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ecsstep.rules.image import parse_reference
from ecsstep.text import listed, printable
from ecsstep.value import Value


class Proof(Value):
    """What the records say.

    Attributes:
        passed: The digests that some record lets through.
        against: The digests that some record doesn't let through, with what it says.
        partly: The digests of which only some platforms were judged, with which were not.
    """

    passed: frozenset[str] = frozenset()
    against: Mapping[str, str] = {}
    partly: Mapping[str, str] = {}

    def joined(self, other: "Proof") -> "Proof":
        """Return what both say; each keeps its word against a digest."""
        return Proof(
            passed=self.passed | other.passed,
            against={**self.against, **other.against},
            partly={**self.partly, **other.partly},
        )

    def fault(self, digest: str) -> str:
        """Return why a digest has not passed; nothing where it has."""
        if digest in self.against:
            return self.against[digest]
        if digest in self.passed:
            return ""
        return self.partly.get(digest, "has no record of having passed scan-gate")


def proof_of(record: Any, *, name: str) -> Proof:
    """Return what a record says: of the image, and of its platforms.

    Where platforms were left out, the record speaks of those that were judged, and the whole has
    not passed.

    Args:
        record: What scan-gate wrote by ``--report json=FILE``.
        name: The file, for messages.

    Raises:
        ValueError: It is no such record.
    """
    if not isinstance(record, Mapping) or not isinstance(record.get("verdict"), str):
        raise ValueError(f"'{name}' is no record of scan-gate: it holds no verdict")  # noqa: TRY004 - one kind of mistake
    platforms = record.get("platforms")
    entries = platforms if isinstance(platforms, list) else []
    of_platforms = _digests(each.get("digest") for each in entries if isinstance(each, Mapping))
    whole = _digests([record.get("digest")])
    if record["verdict"] != "passed":
        said = f"is '{printable(record['verdict'])}' by the record '{printable(name)}'"
        return Proof(against=dict.fromkeys(whole | of_platforms, said))
    left_out = record.get("left_out")
    passed = of_platforms if left_out else whole | of_platforms
    if not passed:
        raise ValueError(f"'{name}' is no record of scan-gate: it names no digest")
    names = left_out if isinstance(left_out, list) else []
    said = f"has passed only in part: {listed(names)} was left out of '{printable(name)}'"
    return Proof(passed=passed, partly=dict.fromkeys(whole if left_out else (), said))


def _digests(found: Iterable[Any]) -> frozenset[str]:
    return frozenset(digest for digest in found if isinstance(digest, str) and digest)


def unproven(images: Mapping[str, str], proof: Proof) -> Iterator[str]:
    """Yield which container's image isn't on record as passed, and why.

    Args:
        images: The images that are to be deployed, by container.
        proof: What the records say.
    """
    for container, image in images.items():
        named = f"image '{printable(image)}' of container '{printable(container)}'"
        try:
            digest = parse_reference(image).digest
        except ValueError:
            digest = None
        if digest is None:
            yield f"{named} is not named by its digest, so nobody can tell whether it passed"
        elif proof.fault(digest):
            yield f"{named} {proof.fault(digest)}"


def fresh_images(
    definition: Mapping[str, Any], before: Mapping[str, Any], *, named: Collection[str]
) -> dict[str, str]:
    """Return the images, by container, that a definition brings in.

    Args:
        definition: What is to be deployed.
        before: What runs already; empty where nothing is known to.
        named: Images that were asked for, which count though they be the same.
    """
    old = _images(before)
    return {
        container: image
        for container, image in _images(definition).items()
        if old.get(container) != image or image in named
    }


def _images(definition: Mapping[str, Any]) -> dict[str, str]:
    return {
        str(each.get("name")): str(each.get("image"))
        for each in definition.get("containerDefinitions") or ()
        if isinstance(each, Mapping)
    }
