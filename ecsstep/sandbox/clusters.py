"""The clusters of the emulated ECS, and the way to a service by its names."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecsstep.sandbox.api import ApiError
from ecsstep.sandbox.one_off import OneOff
from ecsstep.sandbox.place import Place, paged
from ecsstep.sandbox.service import Service
from ecsstep.sandbox.tasks import CREATED, Task, seconds

_DEFAULT = "default"
_PAGE = 100
# Seconds for which a deleted service, and a stopped task, can still be described.
_INACTIVE_KEPT = 300
_STOPPED_KEPT = 3600


@dataclass(kw_only=True)
class Cluster:
    """A cluster.

    Attributes:
        services: Its services by name, and deleted ones among them for a while.
        one_offs: The tasks that no service started, by id.
    """

    name: str
    arn: str
    settings: Mapping[str, Any]
    services: dict[str, Service] = field(default_factory=dict)
    one_offs: dict[str, OneOff] = field(default_factory=dict)

    def tasks(self) -> Iterator[Task]:
        """Yield every task, whoever started it."""
        for service in self.services.values():
            yield from service.rollout.tasks.values()
        for one_off in self.one_offs.values():
            yield one_off.task


class Clusters:
    """Every cluster of the account."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._clusters: dict[str, Cluster] = {}

    def services(self) -> Iterator[Service]:
        """Return every service of every cluster."""
        for cluster in self._clusters.values():
            yield from cluster.services.values()

    def find(self, reference: str | None) -> Cluster:
        """Return the cluster of this name or ARN.

        Raises:
            ApiError: ClusterNotFoundException.
        """
        cluster = self._known(reference or _DEFAULT)
        if cluster is None:
            raise ApiError("ClusterNotFoundException", "Cluster not found.")
        return cluster

    def service(self, cluster: str | None, reference: str) -> Service:
        """Return the service of this name or ARN.

        Raises:
            ApiError: ClusterNotFoundException or ServiceNotFoundException.
        """
        found = self.find(cluster).services.get(reference.rpartition("/")[2])
        if found is None:
            raise ApiError("ServiceNotFoundException", "Service not found.")
        return found

    def advance(self, now: dt.datetime) -> None:
        """Bring everything up to now, and forget what is long gone."""
        old = now - seconds(_STOPPED_KEPT)
        for cluster in self._clusters.values():
            for one_off in list(cluster.one_offs.values()):
                one_off.advance(now)
                if one_off.task.is_stopped(old):
                    del cluster.one_offs[one_off.task.id]
            for service in list(cluster.services.values()):
                service.advance(now)
                ended = service.rollout.ended_at
                if ended is not None and ended + seconds(_INACTIVE_KEPT) <= now:
                    del cluster.services[service.name]

    def create(self, body: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
        """Answer CreateCluster; for one that is there, that one comes back."""
        name = body.get("clusterName") or _DEFAULT
        arn = self._place.arn(f"cluster/{name}")
        kept = {k: body.get(k) for k in ("tags", "settings", "configuration", "capacityProviders")}
        cluster = self._clusters.setdefault(name, Cluster(name=name, arn=arn, settings=kept))
        return {"cluster": _view(cluster, now)}

    def describe(self, body: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
        """Answer DescribeClusters."""
        found, failures = [], []
        for reference in body.get("clusters") or [_DEFAULT]:
            cluster = self._known(reference)
            if cluster is not None:
                found.append(_view(cluster, now))
            else:
                name = reference.rpartition("/")[2]
                arn = self._place.arn(f"cluster/{name}")
                failures.append({"arn": arn, "reason": "MISSING"})
        return {"clusters": found, "failures": failures}

    def list_all(self, body: Mapping[str, Any], _now: dt.datetime) -> dict[str, Any]:
        """Answer ListClusters."""
        arns = [cluster.arn for cluster in self._clusters.values()]
        page, token = paged(arns, body, most=_PAGE)
        return {"clusterArns": page, "nextToken": token}

    def _known(self, reference: str) -> Cluster | None:
        cluster = self._clusters.get(reference.rpartition("/")[2])
        is_meant = cluster is not None and reference in {cluster.name, cluster.arn}
        return cluster if is_meant else None


def _view(cluster: Cluster, now: dt.datetime) -> dict[str, Any]:
    active = [s for s in cluster.services.values() if s.rollout.status == "ACTIVE"]
    tasks = list(cluster.tasks())
    return {
        "clusterArn": cluster.arn,
        "clusterName": cluster.name,
        "status": "ACTIVE",
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": sum(task.is_running(now) for task in tasks),
        "pendingTasksCount": sum(task.status(now) in CREATED for task in tasks),
        "activeServicesCount": len(active),
        "statistics": [],
        "defaultCapacityProviderStrategy": [],
        **{name: value or [] for name, value in cluster.settings.items()},
        "configuration": cluster.settings["configuration"],
    }
