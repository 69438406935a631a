"""The emulated ECS's operations on services."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from ecsstep.sandbox.api import ApiError, without_nulls
from ecsstep.sandbox.clusters import Clusters
from ecsstep.sandbox.deployments import settings_of
from ecsstep.sandbox.place import paged
from ecsstep.sandbox.scenarios import Fate
from ecsstep.sandbox.service import Service, Surroundings
from ecsstep.sandbox.views import service_view

_MOST_DESCRIBED = 10
_PAGE = 100

# A change of these starts a deployment (documented for UpdateService); of others it does not.
_DEPLOYED = (
    "networkConfiguration",
    "platformVersion",
    "loadBalancers",
    "serviceRegistries",
    "serviceConnectConfiguration",
    "volumeConfigurations",
    "vpcLatticeConfigurations",
)
_KEPT = (
    *_DEPLOYED,
    "launchType",
    "capacityProviderStrategy",
    "placementConstraints",
    "placementStrategy",
    "healthCheckGracePeriodSeconds",
    "schedulingStrategy",
    "enableECSManagedTags",
    "propagateTags",
    "enableExecuteCommand",
    "availabilityZoneRebalancing",
)
_DEFAULTS = {
    "launchType": "EC2",
    "schedulingStrategy": "REPLICA",
    "deploymentController": {"type": "ECS"},
    "enableECSManagedTags": False,
    "propagateTags": "NONE",
    "enableExecuteCommand": False,
    "availabilityZoneRebalancing": "DISABLED",
}
_BY_CODEDEPLOY = {
    "taskDefinition": "task definition",
    "networkConfiguration": "network parameters",
    "platformVersion": "platform version",
    "loadBalancers": "load balancers",
}
_DEFAULT_PERCENTAGES = {"maximumPercent": 200, "minimumHealthyPercent": 100}


class Services:
    """CreateService, UpdateService, DescribeServices, ListServices and DeleteService."""

    def __init__(self, clusters: Clusters, surroundings: Surroundings) -> None:
        self._clusters = clusters
        self._surroundings = surroundings

    def create(
        self, body: Mapping[str, Any], now: dt.datetime, *, is_seeded: bool = False
    ) -> dict[str, Any]:
        """Answer CreateService."""
        cluster = self._clusters.find(body.get("cluster"))
        before = cluster.services.get(body["serviceName"])
        if before is not None and before.rollout.status != "INACTIVE":
            raise _invalid("Creation of service was not idempotent.")
        controller = (body.get("deploymentController") or {}).get("type", "ECS")
        if controller not in {"ECS", "CODE_DEPLOY"}:
            raise _invalid(f"The sandbox knows no deployment controller of type {controller}.")
        definition = self._definition(body.get("taskDefinition") or "")
        if definition.get("networkMode") == "awsvpc" and not body.get("networkConfiguration"):
            raise _invalid(
                "Network Configuration must be provided when networkMode 'awsvpc' is specified."
            )
        service = Service(
            name=body["serviceName"],
            cluster=cluster.name,
            surroundings=self._surroundings,
            settings=_settings(body),
            desired=body.get("desiredCount", 1),
            created_at=now,
            tags=body.get("tags") or (),
            is_seeded=is_seeded,
        )
        cluster.services[service.name] = service
        fate = Fate.WELL if is_seeded else None
        service.deploy(now, definition["taskDefinitionArn"], fate=fate)
        return {"service": service_view(service, now)}

    def update(self, body: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
        """Answer UpdateService; a deployment begins only where AWS says so."""
        service = self._clusters.service(body.get("cluster"), body["service"])
        if service.rollout.status != "ACTIVE":
            raise ApiError("ServiceNotActiveException", "Service was not ACTIVE.")
        asked = without_nulls(body)
        _refuse_under_codedeploy(service, asked)
        wanted = service.task_definition
        if "taskDefinition" in asked:
            wanted = self._definition(asked["taskDefinition"])["taskDefinitionArn"]
        is_deployed = (
            bool(asked.get("forceNewDeployment"))
            or wanted != service.task_definition
            or any(m in asked and asked[m] != service.settings.get(m) for m in _DEPLOYED)
        )
        configuration = {
            **service.settings["deploymentConfiguration"],
            **asked.get("deploymentConfiguration", {}),
        }
        service.settings |= {name: asked[name] for name in _KEPT if name in asked}
        service.settings["deploymentConfiguration"] = configuration
        desired = asked.get("desiredCount", service.rollout.settings.desired)
        service.rollout.configure(now, settings_of(desired, configuration))
        if is_deployed:
            service.is_seeded = False
            service.deploy(now, wanted)
            service.tell_story(now)
        return {"service": service_view(service, now)}

    def describe(self, body: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
        """Answer DescribeServices."""
        cluster = self._clusters.find(body.get("cluster"))
        references = body["services"]
        if not references:
            raise _invalid("Services cannot be empty.")
        if len(references) > _MOST_DESCRIBED:
            raise _invalid(f"Services cannot have more than {_MOST_DESCRIBED} elements.")
        found, failures = [], []
        for reference in references:
            name = reference.rpartition("/")[2]
            service = cluster.services.get(name)
            if service is not None:
                tags = list(service.tags) if "TAGS" in (body.get("include") or ()) else None
                found.append({**service_view(service, now), "tags": tags})
            else:
                arn = self._surroundings.place.arn(f"service/{cluster.name}/{name}")
                failures.append({"arn": arn, "reason": "MISSING"})
        return {"services": found, "failures": failures}

    def list_all(self, body: Mapping[str, Any], _now: dt.datetime) -> dict[str, Any]:
        """Answer ListServices."""
        arns = [
            service.arn
            for service in self._clusters.find(body.get("cluster")).services.values()
            if service.rollout.status != "INACTIVE"
            and body.get("launchType") in (None, service.settings["launchType"])
            and body.get("schedulingStrategy") in (None, service.settings["schedulingStrategy"])
        ]
        page, token = paged(arns, body, most=_PAGE)
        return {"serviceArns": page, "nextToken": token}

    def delete(self, body: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
        """Answer DeleteService."""
        service = self._clusters.service(body.get("cluster"), body["service"])
        if service.rollout.status == "ACTIVE":
            if service.rollout.settings.desired > 0 and not body.get("force"):
                raise _invalid("The service cannot be stopped while it is scaled above 0.")
            service.rollout.close(now)
        return {"service": service_view(service, now)}

    def _definition(self, reference: str) -> dict[str, Any]:
        found = self._surroundings.definitions.find(reference)
        if found is None:
            raise ApiError("ClientException", "TaskDefinition not found.")
        if found["status"] != "ACTIVE":
            raise ApiError("ClientException", "TaskDefinition is inactive")
        return found


def _refuse_under_codedeploy(service: Service, asked: Mapping[str, Any]) -> None:
    """Refuse what only a deployment can change where CodeDeploy makes the deployments."""
    if service.settings["deploymentController"]["type"] != "CODE_DEPLOY":
        return
    words = "on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a"
    if asked.get("forceNewDeployment"):
        raise _invalid(f"Cannot force a new deployment {words} new deployment.")
    for name, what in _BY_CODEDEPLOY.items():
        if name in asked:
            raise _invalid(f"Unable to update {what} {words} new deployment.")


def _settings(body: Mapping[str, Any]) -> dict[str, Any]:
    asked = without_nulls(body)
    kept = {name: asked[name] for name in (*_KEPT, "deploymentController") if name in asked}
    on_fargate = kept.get("launchType") == "FARGATE"
    fargate = {"platformVersion": "LATEST", "platformFamily": "Linux"} if on_fargate else {}
    configuration = {**_DEFAULT_PERCENTAGES, **asked.get("deploymentConfiguration", {})}
    return {**_DEFAULTS, **fargate, **kept, "deploymentConfiguration": configuration}


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidParameterException", message)
