"""Amazon CloudFront's invalidations, as far as a pipeline asks for them.

Why not moto's: there an invalidation is over at once, and the same request makes a second one.
https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_InvalidationBatch.html
"""

import datetime as dt
import hashlib
import threading
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from werkzeug.wrappers import Response

from ecsstep.sandbox.api import ApiError, Now
from ecsstep.sandbox.tasks import seconds

DISTRIBUTION = "EDFDVBD6EXAMPLE"
"""The distribution that is there."""

_SPACE = "http://cloudfront.amazonaws.com/doc/2020-05-31/"
_TAKES = 30  # seconds, at speed 1
_NOT_FOUND = 404
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
_MOST_WILDCARDS = 15


@dataclass(frozen=True, kw_only=True)
class Invalidation:
    """One invalidation."""

    id: str
    distribution: str
    reference: str
    paths: tuple[str, ...]
    at: dt.datetime

    def is_completed(self, now: dt.datetime) -> bool:
        """Whether every edge has forgotten the paths."""
        return now >= self.at + seconds(_TAKES)


class CloudFront:
    """The invalidations of one distribution. Threads may share it."""

    operations = frozenset({"CreateInvalidation", "GetInvalidation"})

    def __init__(self, clock: Now) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self.invalidations: list[Invalidation] = []

    def answer(self, operation: str, path: str, body: bytes) -> Response:
        """Return the answer to a request.

        Raises:
            ApiError: AWS would refuse it.
        """
        _, _, _, distribution, _, *rest = path.split("/")
        if distribution != DISTRIBUTION:
            raise ApiError(
                "NoSuchDistribution", "The specified distribution does not exist.", _NOT_FOUND
            )
        with self._lock:
            if operation == "CreateInvalidation":
                return self._shown(self._created(distribution, body), status=201)
            found = [each for each in self.invalidations if each.id == rest[0]]
        if not found:
            raise ApiError(
                "NoSuchInvalidation", "The specified invalidation does not exist.", _NOT_FOUND
            )
        return self._shown(found[0], status=200)

    def _created(self, distribution: str, body: bytes) -> Invalidation:
        now = self._clock.now()
        batch = ET.fromstring(body)  # noqa: S314 - from a loopback port
        reference = batch.findtext(f"{{{_SPACE}}}CallerReference") or ""
        paths = tuple(each.text or "" for each in batch.iter(f"{{{_SPACE}}}Path"))
        for before in self.invalidations:
            if before.reference == reference:
                if before.paths == paths:
                    return before
                raise ApiError(
                    "InvalidationBatchAlreadyExists",
                    "The invalidation batch specified already exists.",
                )
        if not all(path.startswith("/") for path in paths) or not paths:
            raise ApiError(
                "InvalidArgument", "Your request contains one or more invalid invalidation paths."
            )
        going = [each for each in self.invalidations if not each.is_completed(now)]
        wild = [path for each in going for path in each.paths if path.endswith("*")]
        if len(wild) + sum(path.endswith("*") for path in paths) > _MOST_WILDCARDS:
            raise ApiError(
                "TooManyInvalidationsInProgress",
                "Your request exceeds the number of invalidations in progress.",
            )
        digest = hashlib.sha256(reference.encode()).hexdigest()
        made = Invalidation(
            id=f"I{digest[:12].upper()}",
            distribution=distribution,
            reference=reference,
            paths=paths,
            at=now,
        )
        self.invalidations.append(made)
        return made

    def _shown(self, found: Invalidation, *, status: int) -> Response:
        root = ET.Element("Invalidation", xmlns=_SPACE)
        state = "Completed" if found.is_completed(self._clock.now()) else "InProgress"
        for name, text in (
            ("Id", found.id),
            ("Status", state),
            ("CreateTime", f"{found.at:%Y-%m-%dT%H:%M:%SZ}"),
        ):
            ET.SubElement(root, name).text = text
        batch = ET.SubElement(root, "InvalidationBatch")
        paths = ET.SubElement(batch, "Paths")
        ET.SubElement(paths, "Quantity").text = str(len(found.paths))
        items = ET.SubElement(paths, "Items")
        for path in found.paths:
            ET.SubElement(items, "Path").text = path
        ET.SubElement(batch, "CallerReference").text = found.reference
        return Response(ET.tostring(root), status=status, content_type="text/xml")
