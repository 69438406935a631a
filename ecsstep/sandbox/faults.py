"""Answers that are errors because a test or a demonstration wants them to be."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ecsstep.sandbox.api import ApiError
from ecsstep.sandbox.demands import Demand, demands, of_registry
from ecsstep.sandbox.permissions import Permissions
from ecsstep.sandbox.place import Place

_SERVER_ERROR = 500
_SECOND, _THIRD = 2, 3


class BrokenConnection(ConnectionError):  # noqa: N818 - what happens, not what went wrong
    """The connection is to end without an answer."""


def why_denied(action: str, *, place: Place, resource: str = "*") -> str:
    """Return IAM's words for an action that is not allowed."""
    return (
        f"User: {place.session} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action"
    )


class Faults:
    """Which actions go wrong, and how.

    Attributes:
        kinds: ``AccessDenied``, ``Throttling`` or ``ServerError``, ``Stumbling`` (each second call
            is throttled) or ``Reset`` (each third connection breaks), by action (``ecs:ListTasks``)
            or service (``ecs:*``).
        permissions: What the role may do at all; everything where there is None.
        has_inspector: Whether Amazon Inspector scans the images.
    """

    def __init__(
        self,
        kinds: Mapping[str, str],
        *,
        account: str,
        region: str,
        permissions: Permissions | None = None,
        has_inspector: bool = False,
    ) -> None:
        self.permissions = permissions
        self.has_inspector = has_inspector
        self.kinds = {action.lower(): kind for action, kind in kinds.items()}
        self._account = account
        self._region = region
        self._place = Place(region=region, account=account)
        self._asked: Counter[str] = Counter()

    def check(self, action: str, body: Mapping[str, Any]) -> None:
        """Let the action pass, or not.

        Raises:
            ApiError: It is to go wrong.
            BrokenConnection: The connection is to break.
        """
        asked = demands(
            action,
            body,
            region=self._region,
            account=self._account,
            has_inspector=self.has_inspector,
        )
        for demand in asked:
            if not self._allows(demand):
                resource = demand.resource or "*"
                words = why_denied(demand.action, place=self._place, resource=resource)
                raise ApiError("AccessDeniedException", words)
        service = action.partition(":")[0].lower()
        kind = self.kinds.get(action.lower()) or self.kinds.get(f"{service}:*")
        self._asked[action] += 1
        match kind:
            case None:
                return
            case "Stumbling":
                if self._asked[action] % _SECOND == 1:
                    raise ApiError("ThrottlingException", "Rate exceeded")
            case "Reset":
                if self._asked[action] % _THIRD == 1:
                    raise BrokenConnection(action)
            case "AccessDenied":
                resource = self._resource(action, body)
                words = why_denied(action, place=self._place, resource=resource)
                raise ApiError("AccessDeniedException", words)
            case "Throttling":
                raise ApiError("ThrottlingException", "Rate exceeded")
            case _:
                raise ApiError("ServerException", "Service Unavailable", _SERVER_ERROR)

    def refused(self, action: str, repository: str) -> str | None:
        """Return why a registry client may not do this, or None where it may."""
        demand = of_registry(action, repository, region=self._region, account=self._account)
        if action.lower() not in self.kinds and self._allows(demand):
            return None
        return why_denied(action, place=self._place)

    def _allows(self, demand: Demand) -> bool:
        return self.permissions is None or self.permissions.allow(demand)

    def _resource(self, action: str, body: Mapping[str, Any]) -> str:
        service = action.partition(":")[0]
        base = f"arn:{self._place.partition}:{service}:{self._region}:{self._account}"
        if service == "ecr" and "repositoryName" in body:
            return f"{base}:repository/{body['repositoryName']}"
        if service == "ecs" and "cluster" in body:
            cluster = str(body["cluster"]).rpartition("/")[2]
            name = body.get("service") or next(iter(body.get("services") or ()), None)
            if name:
                return f"{base}:service/{cluster}/{str(name).rpartition('/')[2]}"
            return f"{base}:cluster/{cluster}"
        return "*"
