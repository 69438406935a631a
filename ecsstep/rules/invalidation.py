"""What CloudFront is asked to forget, and by which name it knows the request again."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from ecsstep.value import Value

# CloudFront's clock and ours may differ by so much.
_SKEW = dt.timedelta(minutes=1)


class Invalidation(Value):
    """An invalidation, as CloudFront tells it.

    Attributes:
        status: ``InProgress`` or ``Completed``.
        created_at: When it was first asked for.
    """

    distribution: str
    id: str
    status: str
    paths: tuple[str, ...] = ()
    created_at: dt.datetime | None = None

    @property
    def is_completed(self) -> bool:
        """Whether every edge has forgotten the paths."""
        return self.status == "Completed"

    def is_older_than(self, start: dt.datetime) -> bool:
        """Whether it was asked for by an earlier run, and came back since the request is equal."""
        return self.created_at is not None and self.created_at < start - _SKEW

    @property
    def data(self) -> dict[str, Any]:
        """The JSON result of this invalidation."""
        return {
            "distribution": self.distribution,
            "invalidation": self.id,
            "status": self.status,
            "paths": list(self.paths),
            "createdAt": self.created_at.isoformat() if self.created_at else None,
        }


def reference(distribution: str, paths: Iterable[str], run: str) -> str:
    """Return the CallerReference of a request: the same for the same request of the same run.

    CloudFront answers an equal request with the invalidation that it made for the first one,
    however old that is. So the run must be told apart from every later one: by the deployment, or
    by the job. A commit is not enough: going back to it would be the same request as the first.
    https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_InvalidationBatch.html
    """
    text = "\n".join((distribution, run, *_once(paths)))
    return f"ecsstep-{hashlib.sha256(text.encode()).hexdigest()[:40]}"


def request(distribution: str, paths: Iterable[str], caller_reference: str) -> Mapping[str, Any]:
    """Return the CreateInvalidation request."""
    items = _once(paths)
    return {
        "DistributionId": distribution,
        "InvalidationBatch": {
            "Paths": {"Quantity": len(items), "Items": items},
            "CallerReference": caller_reference,
        },
    }


def _once(paths: Iterable[str]) -> list[str]:
    """Return the paths in order, each once: CloudFront refuses a request that names one twice."""
    return sorted({*paths})
