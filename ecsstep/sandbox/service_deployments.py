"""The emulated ECS's operations on service deployments and service revisions."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from ecsstep.sandbox.api import ApiError
from ecsstep.sandbox.clusters import Clusters
from ecsstep.sandbox.deployments import Record
from ecsstep.sandbox.place import paged
from ecsstep.sandbox.rollouts import Rollout
from ecsstep.sandbox.service import Service
from ecsstep.sandbox.views import record_arn, record_view

_MOST_DESCRIBED = 20
_PAGE = 100
_STOPPABLE = frozenset({"PENDING", "IN_PROGRESS"})


class ServiceDeployments:
    """DescribeServiceDeployments and its like."""

    def __init__(self, clusters: Clusters) -> None:
        self._clusters = clusters

    def describe(self, body: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
        """Answer DescribeServiceDeployments."""
        known = self._records()
        found, failures = _sorted_out(body["serviceDeploymentArns"], known)
        views = [record_view(*known[arn], now) for arn in found]
        return {"serviceDeployments": views, "failures": failures}

    def describe_revisions(self, body: Mapping[str, Any], _now: dt.datetime) -> dict[str, Any]:
        """Answer DescribeServiceRevisions."""
        known = {
            arn: revision
            for service in self._clusters.services()
            for arn, revision in service.revisions.items()
        }
        found, failures = _sorted_out(body["serviceRevisionArns"], known)
        return {"serviceRevisions": [known[arn] for arn in found], "failures": failures}

    def list_all(self, body: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
        """Answer ListServiceDeployments, newest first."""
        service = self._clusters.service(body.get("cluster"), body["service"])
        created = body.get("createdAt") or {}
        after, before = _seconds(created.get("after"), 0), _seconds(created.get("before"), None)
        views = [
            record_view(service, record, now)
            for record in service.rollout.records
            if record.status in (body.get("status") or [record.status])
            and after <= record.created_at.timestamp() <= (before or now.timestamp())
        ]
        page, token = paged(views, body, most=_PAGE)
        briefs = [
            {**view, "targetServiceRevisionArn": view["targetServiceRevision"]["arn"]}
            for view in page
        ]
        return {"serviceDeployments": briefs, "nextToken": token}

    def stop(self, body: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
        """Answer StopServiceDeployment."""
        arn = body["serviceDeploymentArn"]
        known = self._records().get(arn)
        if known is None:
            raise ApiError(
                "ServiceDeploymentNotFoundException", "The service deployment was not found."
            )
        if (body.get("stopType") or "ROLLBACK") != "ROLLBACK":
            raise ApiError("InvalidParameterException", "The only valid stopType is ROLLBACK.")
        service, record = known
        if record.status not in _STOPPABLE:
            raise ApiError(
                "ConflictException",
                f"The service deployment is {record.status} and can't be stopped.",
            )
        service.rollout.stop_deployment(now)
        return {"serviceDeploymentArn": arn}

    def go_on(self, body: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
        """Answer ContinueServiceDeployment."""
        arn = body["serviceDeploymentArn"]
        known = self._records().get(arn)
        if known is None:
            raise ApiError(
                "ServiceDeploymentNotFoundException", "The service deployment was not found."
            )
        rollout = known[0].rollout
        action = body.get("action") or "CONTINUE"
        if not isinstance(rollout, Rollout) or not rollout.answer(now, body["hookId"], action):
            raise ApiError("InvalidParameterException", "The hook isn't awaiting an action.")
        return {"serviceDeploymentArn": arn}

    def _records(self) -> dict[str, tuple[Service, Record]]:
        return {
            record_arn(service, record): (service, record)
            for service in self._clusters.services()
            for record in service.rollout.records
        }


def _sorted_out(
    arns: list[str], known: Mapping[str, Any]
) -> tuple[list[str], list[dict[str, str]]]:
    if len(arns) > _MOST_DESCRIBED:
        raise ApiError(
            "InvalidParameterException", f"No more than {_MOST_DESCRIBED} ARNs can be described."
        )
    found = [arn for arn in arns if arn in known]
    return found, [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in known]


def _seconds(value: Any, default: Any) -> Any:
    """Return a timestamp of a request as seconds; botocore sends numbers."""
    return value.timestamp() if isinstance(value, dt.datetime) else value or default
