"""What ECS says of a service, in our words for AWS's things."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from ecsstep.value import Value

_ROLLING = frozenset({None, "", "ROLLING"})
_OTHER_SIDE = "alternateTargetGroupArn"
LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Deployment(Value):
    """One entry of a service's ``deployments``.

    Attributes:
        id: ``ecs-svc/…``; the identity that a rollout keeps.
        status: PRIMARY, ACTIVE (an older one that is drained), DRAINING or INACTIVE.
        taskdef_arn: The revision that it runs.
        rollout_state: IN_PROGRESS, COMPLETED or FAILED; None where ECS keeps none (a service
            behind a Classic Load Balancer).
        rollout_reason: ECS's words for that state.
    """

    id: str
    status: str
    taskdef_arn: str
    rollout_state: str | None = None
    rollout_reason: str = ""
    desired: int = 0
    pending: int = 0
    running: int = 0
    failed: int = 0
    created_at: dt.datetime | None = None


class Event(Value):
    """One line of a service's events."""

    id: str
    at: dt.datetime
    text: str


class TaskSet(Value):
    """One entry of a service's ``taskSets``: what a service under CodeDeploy has for deployments.

    Attributes:
        status: PRIMARY (it has the traffic), ACTIVE or DRAINING.
        deployment: CodeDeploy's deployment that made it, ``d-…``; nothing for the first one.
        balancers: ``loadBalancers``, as it stands there.
    """

    id: str
    status: str
    taskdef_arn: str
    deployment: str = ""
    created_at: dt.datetime | None = None
    balancers: tuple[Mapping[str, Any], ...] = ()


class Service(Value):
    """A service, as DescribeServices tells it.

    Attributes:
        status: ACTIVE, DRAINING or INACTIVE.
        controller: ECS, CODE_DEPLOY or EXTERNAL.
        events: Newest first, as ECS gives them.
        current_service_deployment: The ARN of ECS's service deployment, where it tells one.
        configuration: ``deploymentConfiguration``, as it stands there.
        task_sets: Under another controller than ECS's own: what it runs.
        load_balancers: ``loadBalancers``, as it stands there.
        platform_version: Of Fargate, as it stands there.
        capacity_providers: ``capacityProviderStrategy``, as it stands there.
        launch_type: EC2, FARGATE, …; nothing where capacity providers decide.
        network: ``networkConfiguration``, as it stands there.
        placement_constraints: ``placementConstraints``, as it stands there.
    """

    name: str
    arn: str
    cluster_arn: str
    status: str
    taskdef_arn: str
    controller: str = "ECS"
    desired: int = 0
    running: int = 0
    pending: int = 0
    deployments: tuple[Deployment, ...] = ()
    events: tuple[Event, ...] = ()
    current_service_deployment: str | None = None
    configuration: Mapping[str, Any] = {}
    task_sets: tuple[TaskSet, ...] = ()
    load_balancers: tuple[Mapping[str, Any], ...] = ()
    platform_version: str = ""
    capacity_providers: tuple[Mapping[str, Any], ...] = ()
    launch_type: str = ""
    network: Mapping[str, Any] = {}
    placement_constraints: tuple[Mapping[str, Any], ...] = ()

    @property
    def breaker(self) -> Mapping[str, Any]:
        """``deploymentCircuitBreaker``, as it stands there."""
        return self.configuration.get("deploymentCircuitBreaker") or {}

    @property
    def has_breaker(self) -> bool:
        """Whether ECS's circuit breaker gives a failing deployment up by itself."""
        return bool(self.breaker.get("enable"))

    @property
    def is_shifting(self) -> bool:
        """Whether ECS's own blue/green, linear or canary strategy brings its deployments."""
        return self.configuration.get("strategy") not in _ROLLING

    @property
    def target_groups(self) -> tuple[str, ...]:
        """The ARNs of the target groups that its tasks stand behind, on either side."""
        balancers = [*self.load_balancers, *(lb for ts in self.task_sets for lb in ts.balancers)]
        sides = (
            (each.get("targetGroupArn"), (each.get("advancedConfiguration") or {}).get(_OTHER_SIDE))
            for each in balancers
        )
        return tuple(dict.fromkeys(str(arn) for arns in sides for arn in arns if arn))

    @property
    def primary(self) -> Deployment | None:
        """The deployment that the service wants to run."""
        return next((each for each in self.deployments if each.status == "PRIMARY"), None)

    @property
    def serving(self) -> TaskSet | None:
        """The task set that has the traffic."""
        return next((each for each in self.task_sets if each.status == "PRIMARY"), None)

    @property
    def newest(self) -> TaskSet | None:
        """The task set that was made last: the one that a deployment brings, or has brought."""
        return max(
            self.task_sets, key=lambda each: each.created_at or LONG_AGO, default=self.serving
        )

    @property
    def wanted_taskdef_arn(self) -> str:
        """The revision that the service runs, or is being brought to."""
        newest = self.newest
        return newest.taskdef_arn if newest and newest.taskdef_arn else self.taskdef_arn

    def deployment(self, id: str) -> Deployment | None:  # noqa: A002 - AWS's name of it
        """Return the deployment with this id, if ECS still lists it."""
        return next((each for each in self.deployments if each.id == id), None)


class Container(Value):
    """A container of a task.

    Attributes:
        exit_code: None where it has not run, or runs still.
        reason: ECS's words, for a container that couldn't start or was killed.
        status: PENDING, RUNNING or STOPPED.
        health: HEALTHY, UNHEALTHY or UNKNOWN, by its own health check; nothing without one.
    """

    name: str
    image: str = ""
    image_digest: str = ""
    exit_code: int | None = None
    reason: str = ""
    status: str = ""
    health: str = ""


class Task(Value):
    """A task, as DescribeTasks tells it.

    Attributes:
        started_by: The deployment's id.
        stop_code: EssentialContainerExited, TaskFailedToStart, …
        started_at: When all its containers were up; None if they never were.
    """

    arn: str
    taskdef_arn: str
    started_by: str = ""
    status: str = ""
    stop_code: str = ""
    stopped_reason: str = ""
    started_at: dt.datetime | None = None
    stopped_at: dt.datetime | None = None
    containers: tuple[Container, ...] = ()

    @property
    def id(self) -> str:
        """The last part of the ARN, which is also the last part of its log streams."""
        return self.arn.rpartition("/")[2]


class Hook(Value):
    """A lifecycle hook of a deployment, as far as it has come.

    Attributes:
        kind: AWS_LAMBDA or PAUSE.
        status: AWAITING_ACTION, IN_PROGRESS, SUCCEEDED, FAILED or TIMED_OUT.
        expires_at: When ECS decides by itself.
        on_timeout: What it decides then: CONTINUE or ROLLBACK.
    """

    id: str
    kind: str = ""
    status: str = ""
    expires_at: dt.datetime | None = None
    on_timeout: str = ""

    @property
    def waits_for_a_person(self) -> bool:
        """Whether nothing happens until somebody says so."""
        return self.status == "AWAITING_ACTION"


class ServiceDeployment(Value):
    """ECS's own record of a deployment, as DescribeServiceDeployments tells it.

    Attributes:
        status: PENDING, IN_PROGRESS, SUCCESSFUL, STOPPED, ROLLBACK_IN_PROGRESS, …
        rollback_reason: ECS's words for the rollback, if there is one.
        target_revision_arn: The service revision that it is to bring.
        stage: Its lifecycle stage (SCALE_UP, BAKE_TIME, …); nothing where ECS tells none.
        strategy: ROLLING, BLUE_GREEN, LINEAR or CANARY.
        hooks: Its lifecycle hooks that have begun.
        production_weight: The share of the production traffic that the new revision gets, in
            percent; None where ECS tells none.
        test_weight: The same of the test traffic.
        breaker: How the circuit breaker stands: DISABLED, MONITORING, TRIGGERED, …
        alarms: The alarms that were triggered.
        source_revisions: The service revisions that were there before; without one there is
            nothing to go back to.
    """

    arn: str
    status: str
    status_reason: str = ""
    rollback_reason: str = ""
    target_revision_arn: str = ""
    created_at: dt.datetime | None = None
    stage: str = ""
    strategy: str = ""
    hooks: tuple[Hook, ...] = ()
    production_weight: float | None = None
    test_weight: float | None = None
    breaker: str = ""
    alarms: tuple[str, ...] = ()
    source_revisions: tuple[str, ...] = ()

    @property
    def is_shifting(self) -> bool:
        """Whether ECS's own blue/green, linear or canary strategy brings it."""
        return self.strategy not in _ROLLING

    @property
    def was_given_up_by_ecs(self) -> bool:
        """Whether the circuit breaker or an alarm ended it, and not a person."""
        return self.breaker == "TRIGGERED" or bool(self.alarms)


class Revision(Value):
    """A service revision: what a deployment brings.

    Attributes:
        images: The digest that ECS resolved each container's image to, by the container's name.
    """

    arn: str
    taskdef_arn: str
    images: Mapping[str, str] = {}


class TargetHealth(Value):
    """A target of a load balancer that isn't healthy.

    Attributes:
        state: unhealthy, initial, draining, unavailable, …
        reason: Elastic Load Balancing's code: ``Target.ResponseCodeMismatch``.
        words: Its words: ``Health checks failed with these codes: [502]``.
    """

    group_arn: str
    target: str
    state: str
    reason: str = ""
    words: str = ""

    @property
    def group(self) -> str:
        """The target group's name."""
        parts = self.group_arn.split("/")
        return parts[1] if len(parts) > 1 else self.group_arn


class LogPlace(Value):
    """Where a container's log lines are.

    Attributes:
        group: The log group.
        prefix: The stream's prefix; the stream is ``PREFIX/CONTAINER/TASK-ID``.
        region: The region of the group.
    """

    container: str
    group: str
    prefix: str
    region: str

    def stream(self, task_id: str) -> str:
        """Return the stream of this container in one task."""
        return f"{self.prefix}/{self.container}/{task_id}"


def log_places(definition: Mapping[str, Any]) -> tuple[LogPlace, ...]:
    """Return where the containers of a task definition log to, for those that use awslogs."""
    places = []
    for container in definition.get("containerDefinitions", ()):
        logging = container.get("logConfiguration") or {}
        options = logging.get("options") or {}
        if logging.get("logDriver") == "awslogs" and options.get("awslogs-stream-prefix"):
            places.append(
                LogPlace(
                    container=str(container.get("name")),
                    group=str(options.get("awslogs-group")),
                    prefix=str(options.get("awslogs-stream-prefix")),
                    region=str(options.get("awslogs-region", "")),
                )
            )
    return tuple(places)
