"""What CodeDeploy says of a deployment to ECS, in our words for AWS's things."""

import datetime as dt

from ecsstep.value import Value

# CodeDeploy takes names of 100 characters; ECS's console and `aws ecs deploy` therefore use so many
# of the cluster's name and so many of the service's.
_LONGEST_PART = 46
_ENDS = frozenset({"Succeeded", "Failed", "Stopped"})


class LifecycleEvent(Value):
    """One stage of a deployment.

    Attributes:
        name: BeforeInstall, Install, AfterInstall, AllowTestTraffic, AfterAllowTestTraffic,
            BeforeAllowTraffic, AllowTraffic or AfterAllowTraffic.
        status: Pending, InProgress, Succeeded, Failed, Skipped or Unknown.
        error_code: Success, ScriptFailed, ScriptTimedOut, UnknownError, …; nothing where CodeDeploy
            gives no diagnostics.
        message: CodeDeploy's words on how it went.
    """

    name: str
    status: str
    error_code: str = ""
    message: str = ""
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None


class TaskSet(Value):
    """One side of a blue/green deployment.

    Attributes:
        id: ``ecs-svc/…``, which is also what its tasks were started by.
        label: Blue (what ran before) or Green (what is new).
        status: PRIMARY, ACTIVE or DRAINING.
        traffic: The share of the production traffic that it gets, in percent.
        target_group: The target group that it stands behind, by name.
    """

    id: str
    label: str = ""
    status: str = ""
    desired: int = 0
    pending: int = 0
    running: int = 0
    traffic: float = 0
    target_group: str = ""


class Target(Value):
    """A service that a deployment is for: CodeDeploy deploys to one at a time.

    Attributes:
        id: ``CLUSTER:SERVICE``.
        status: Pending, InProgress, Succeeded, Failed, Skipped, Unknown or Ready.
        events: Its stages, in their order.
        task_sets: Blue and green, as far as they are there.
    """

    id: str
    status: str
    events: tuple[LifecycleEvent, ...] = ()
    task_sets: tuple[TaskSet, ...] = ()

    @property
    def failed_events(self) -> tuple[LifecycleEvent, ...]:
        """The stages that failed."""
        return tuple(event for event in self.events if event.status == "Failed")

    def task_set(self, label: str) -> TaskSet | None:
        """Return the Blue or the Green one."""
        return next((each for each in self.task_sets if each.label == label), None)


class CodeDeployment(Value):
    """A deployment of CodeDeploy.

    Attributes:
        id: ``d-…``.
        status: Created, Queued, InProgress, Baking, Ready (waits for somebody to shift the
            traffic), Succeeded, Failed or Stopped.
        creator: user, codeDeployRollback, …
        description: What its creator said of it.
        error_code: ALARM_ACTIVE, HEALTH_CONSTRAINTS, MANUAL_STOP, …, where it ended badly.
        error_message: CodeDeploy's words for that.
        rollback_id: The deployment that undoes this one, if there is one.
        undoes: The deployment that this one undoes, if it is a rollback.
        rollback_message: CodeDeploy's words for the rollback.
        messages: What else CodeDeploy says of its status.
        is_waiting_for_termination: Whether all traffic has moved and only the old tasks are still
            kept, for a quick way back.
        appspec: The AppSpec that it was begun with, as it came.
    """

    id: str
    status: str
    application: str = ""
    group: str = ""
    configuration: str = ""
    creator: str = ""
    description: str = ""
    error_code: str = ""
    error_message: str = ""
    rollback_id: str = ""
    undoes: str = ""
    rollback_message: str = ""
    messages: tuple[str, ...] = ()
    created_at: dt.datetime | None = None
    started_at: dt.datetime | None = None
    completed_at: dt.datetime | None = None
    is_waiting_for_termination: bool = False
    appspec: str = ""

    @property
    def is_over(self) -> bool:
        """Whether its status can't change any more."""
        return self.status in _ENDS


class DeploymentGroup(Value):
    """What CodeDeploy says of a deployment group.

    Attributes:
        services: Cluster and name of the ECS services that it deploys to.
        last: The id of the newest deployment that was begun; nothing where there was none.
    """

    services: tuple[tuple[str, str], ...] = ()
    last: str = ""


def default_names(cluster: str, service: str) -> tuple[str, str]:
    """Return application and deployment group as ECS's console and ``aws ecs deploy`` name them.

    Args:
        cluster: The cluster's name or ARN.
        service: The service's name or ARN.
    """
    cluster, service = (text.rpartition("/")[2][:_LONGEST_PART] for text in (cluster, service))
    return f"AppECS-{cluster}-{service}", f"DgpECS-{cluster}-{service}"
