"""Amazon ECS: one method per call, our types out."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Literal

from ecsstep.aws.ecs_replies import (
    revision_from,
    service_deployment_from,
    service_from,
    task_from,
)
from ecsstep.aws.errors import translated
from ecsstep.errors import Exit, StepError
from ecsstep.rules.service import LONG_AGO, Revision, Service, ServiceDeployment, Task
from ecsstep.text import listed, printable
from ecsstep.value import Value

if TYPE_CHECKING:
    from mypy_boto3_ecs.client import ECSClient

_DESCRIBED_AT_ONCE = 100
_EMPTY = "AWS's answer is empty"
_RECORDS_AT_ONCE = 20
_SERVICES_AT_ONCE = 10
_MISSING = "MISSING"
_HINTS = {
    "ClusterNotFoundException": "aws ecs list-clusters shows the clusters of this region",
    "ServiceNotActiveException": "the service was deleted; create it again",
}
# ECS has no code of its own for this:
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
_CONTENDED = "too many concurrent attempts"


class FamilyBusyError(StepError):
    """Somebody else registers a revision of the same family at this very moment."""


class TaskDefinition(Value):
    """A registered revision.

    Attributes:
        arn: Its ARN, with the revision.
        status: ACTIVE, INACTIVE or DELETE_IN_PROGRESS.
        raw: AWS's answer as it came, with what botocore's model may not know.
        tags: Its tags.
        beside: Members of AWS's answer, beside the definition, that botocore's model doesn't know.
    """

    arn: str
    status: str
    raw: Mapping[str, Any]
    tags: tuple[Mapping[str, Any], ...] = ()
    beside: tuple[str, ...] = ()


class Ecs:
    """The calls of ECS that the steps make.

    Every method raises StepError for a call that failed: see :func:`ecsstep.aws.errors.translated`.
    """

    def __init__(self, client: "ECSClient") -> None:
        self._client = client
        self._bodies: dict[str, bytes] = {}
        # botocore's parser drops what its model doesn't know; this public event hands the body
        # over before that (https://docs.aws.amazon.com/boto3/latest/guide/events.html).
        client.meta.events.register(
            "before-parse.ecs.DescribeTaskDefinition", self._keep_body, unique_id="ecsstep"
        )

    def task_definition(self, name: str) -> TaskDefinition:
        """Return a revision by FAMILY (its latest active one), FAMILY:REVISION or ARN."""
        self._bodies.clear()
        doing = f"describe task definition '{name}'"
        # ECS says ClientException for a revision that doesn't exist, and little more.
        family = name.rpartition("/")[2].partition(":")[0]
        hints = {"ClientException": f"aws ecs list-task-definitions --family-prefix {family}"}
        with translated(doing, action="ecs:DescribeTaskDefinition", hints=hints):
            reply = self._client.describe_task_definition(taskDefinition=name, include=["TAGS"])
        body = self._bodies.get("DescribeTaskDefinition")
        # Without the event (a stubbed client) there is only what botocore parsed.
        parsed = _member(reply, "taskDefinition", doing)
        answer = json.loads(body) if body else {"taskDefinition": parsed}
        operation = self._client.meta.service_model.operation_model("DescribeTaskDefinition")
        known = operation.output_shape.members if operation.output_shape else {}
        return TaskDefinition(
            arn=parsed["taskDefinitionArn"],
            status=parsed.get("status", ""),
            raw=answer["taskDefinition"],
            tags=tuple(dict(tag) for tag in reply.get("tags", ())),
            beside=tuple(name for name in answer if name not in known),
        )

    def register(self, definition: Mapping[str, Any]) -> str:
        """Register a revision and return its ARN.

        Raises:
            FamilyBusyError: Somebody registers one of the same family at this moment (exit 75).
        """
        family = definition.get("family")
        doing = f"register task definition '{family}'"
        hints = {"ClientException": "mend the definition: ECS's words say what of it"}
        with translated(doing, action="ecs:RegisterTaskDefinition", hints=hints):
            try:
                reply = self._client.register_task_definition(**definition)
            except self._client.exceptions.ClientError as error:
                words = error.response.get("Error", {}).get("Message", "")
                if _CONTENDED in words.lower():
                    raise FamilyBusyError(
                        f"can't {doing}: {printable(words)}",
                        exit=Exit.TEMPORARY,
                        hint="run the step again",
                    ) from error
                raise
        doing = f"read the answer to the registration of '{family}'"
        arn: str = _member(reply, "taskDefinition", doing)["taskDefinitionArn"]
        return arn

    def service(self, cluster: str, name: str) -> Service | None:
        """Return a service, or None where the cluster has none of this name.

        A deleted service can still be described for a while, as INACTIVE. An answer that neither
        holds the service nor says MISSING is an error: nothing can be said of the service then.
        """
        doing = f"describe service '{name}' in cluster '{cluster}'"
        with _named(doing, "ecs:DescribeServices"):
            reply = self._client.describe_services(cluster=cluster, services=[name])
        if reply.get("services"):
            return service_from(reply["services"][0])
        reasons = [each.get("reason", "") for each in reply.get("failures", ())]
        if reasons == [_MISSING]:
            return None
        raise StepError(
            f"can't {doing}: {printable(reasons[0]) if reasons else _EMPTY}",
            exit=Exit.TEMPORARY,
            hint="run the step again",
        )

    def services(self, cluster: str, names: Sequence[str]) -> dict[str, Service | None]:
        """Return services by the names that were given (or ARNs), ten at each call.

        None stands for one that the cluster doesn't have; one that the answer says nothing of is
        an error.
        """
        found: dict[str, Service | None] = {}
        for some in _in_parts(list(names), _SERVICES_AT_ONCE):
            doing = f"describe {_named_services(some)} in cluster '{cluster}'"
            with _named(doing, "ecs:DescribeServices"):
                reply = self._client.describe_services(cluster=cluster, services=some)
            there = [service_from(each) for each in reply.get("services", ())]
            failures = {
                each.get("arn", "").rpartition("/")[2]: each.get("reason", "")
                for each in reply.get("failures", ())
            }
            for name in some:
                short = name.rpartition("/")[2]
                service = next((each for each in there if each.name == short), None)
                if service is None and failures.get(short) != _MISSING:
                    raise StepError(
                        f"can't {doing}: {printable(failures.get(short) or _EMPTY)}",
                        exit=Exit.TEMPORARY,
                        hint="run the step again",
                    )
                found[name] = service
        return found

    def update_service(self, request: Mapping[str, Any]) -> Service:
        """Send an UpdateService with exactly these members and return the service after it."""
        service, cluster = request["service"], request.get("cluster", "default")
        where = f"service '{service}' in cluster '{cluster}'"
        same = f"--cluster {cluster} --service {service}"
        hints = {
            **_HINTS,
            "ServiceNotFoundException": f"aws ecs list-services --cluster {cluster}",
            "InvalidParameterException": "mend what was asked of the service: ECS's words say what",
            # ECS says so of a revision that was deregistered meanwhile, and little more.
            "ClientException": "where the revision was deregistered, register it again: "
            f"taskdef-render {same} | service-update {same} --taskdef -",
        }
        with translated(f"update {where}", action="ecs:UpdateService", hints=hints):
            reply = self._client.update_service(**request)
        return service_from(_member(reply, "service", f"read the answer to the update of {where}"))

    def deployments(self, cluster: str, service: str) -> tuple[str, ...]:
        """Return the ARNs of ECS's newest records of a service's deployments, newest first.

        They are kept for 90 days; deployments from before 2024-10-25 have none.
        """
        doing = f"read the deployments of service '{service}' in cluster '{cluster}'"
        with _named(doing, "ecs:ListServiceDeployments"):
            listed = self._client.list_service_deployments(cluster=cluster, service=service)
        briefs = sorted(
            listed.get("serviceDeployments", ()),
            key=lambda each: each.get("createdAt") or LONG_AGO,
            reverse=True,
        )
        return tuple(each["serviceDeploymentArn"] for each in briefs)[:_RECORDS_AT_ONCE]

    def records(self, arns: Sequence[str]) -> dict[str, ServiceDeployment]:
        """Return ECS's records of deployments by their ARNs; what ECS doesn't know is left out."""
        found: dict[str, ServiceDeployment] = {}
        for some in _in_parts(list(arns), _RECORDS_AT_ONCE):
            with _named("read the service deployments", "ecs:DescribeServiceDeployments"):
                reply = self._client.describe_service_deployments(serviceDeploymentArns=some)
            for each in reply.get("serviceDeployments", ()):
                found[each["serviceDeploymentArn"]] = service_deployment_from(each)
        return found

    def revisions(self, arns: Sequence[str]) -> dict[str, Revision]:
        """Return service revisions by their ARNs; what ECS doesn't know is left out."""
        found: dict[str, Revision] = {}
        for some in _in_parts(list(arns), _RECORDS_AT_ONCE):
            with _named("read the service revisions", "ecs:DescribeServiceRevisions"):
                reply = self._client.describe_service_revisions(serviceRevisionArns=some)
            for each in reply.get("serviceRevisions", ()):
                found[each["serviceRevisionArn"]] = revision_from(each)
        return found

    def stop_deployment(self, arn: str) -> None:
        """Stop a service deployment and let ECS go back to what ran before.

        AWS documents ROLLBACK as the only stop type that may be given.
        """
        with _named("stop the service deployment", "ecs:StopServiceDeployment"):
            self._client.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")

    def stopped_tasks(self, cluster: str, service: str, deployment: str) -> tuple[Task, ...]:
        """Return the tasks that a deployment started and that have stopped, in the last hour."""
        return self._tasks(cluster, service, deployment, "STOPPED")

    def running_tasks(self, cluster: str, service: str, deployment: str) -> tuple[Task, ...]:
        """Return the tasks that a deployment started and that are to run."""
        return self._tasks(cluster, service, deployment, "RUNNING")

    def _tasks(
        self, cluster: str, service: str, deployment: str, status: Literal["RUNNING", "STOPPED"]
    ) -> tuple[Task, ...]:
        """Return tasks of one deployment.

        ListTasks can't filter by service and starter at once, so the starter is compared here.
        """
        doing = f"read the {status.lower()} tasks of service '{service}' in cluster '{cluster}'"
        tasks: list[Task] = []
        with _named(doing, "ecs:ListTasks"):
            pages = self._client.get_paginator("list_tasks").paginate(
                cluster=cluster, serviceName=service, desiredStatus=status
            )
            arns = [arn for page in pages for arn in page.get("taskArns", ())]
        for some in _in_parts(arns, _DESCRIBED_AT_ONCE):
            with _named(doing, "ecs:DescribeTasks"):
                reply = self._client.describe_tasks(cluster=cluster, tasks=some)
            tasks.extend(task_from(each) for each in reply.get("tasks", ()))
        return tuple(task for task in tasks if task.started_by == deployment)

    def _keep_body(self, response_dict: Mapping[str, Any], operation_model: Any, **_: Any) -> None:
        if response_dict.get("status_code") == 200:  # noqa: PLR2004 - HTTP's OK
            self._bodies[operation_model.name] = response_dict["body"]


def _member(reply: Any, name: str, doing: str) -> Any:
    """Return what an answer must hold.

    Raises:
        StepError: It doesn't: it was cut short, or something else answered (exit 75).
    """
    if reply.get(name):
        return reply[name]
    raise StepError(f"can't {doing}: {_EMPTY}", exit=Exit.TEMPORARY, hint="run the step again")


def _named(doing: str, action: str) -> AbstractContextManager[None]:
    return translated(doing, action=action, hints=_HINTS)


def _named_services(names: Sequence[str]) -> str:
    return f"service '{names[0]}'" if len(names) == 1 else f"services {listed(names)}"


def _in_parts(names: list[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(names), size):
        yield names[start : start + size]
