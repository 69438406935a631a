"""One deployment, looked at again and again: what the looks together say of it."""

from ecsstep.rules.codedeploy import CodeDeployment, Target
from ecsstep.rules.codedeploy_verdict import as_deployment, is_for_another, judge_code
from ecsstep.rules.deployment_id import is_code_deployment
from ecsstep.rules.records import has_reached, refined
from ecsstep.rules.rollout import (
    Deployed,
    Going,
    Hopeless,
    Reached,
    RolledBack,
    Stopped,
    Superseded,
    Unknown,
    Verdict,
    is_rollback,
    judge,
)
from ecsstep.rules.service import Deployment, Event, Service, ServiceDeployment
from ecsstep.value import Value

_LOOKS_UNTIL_SURE = 2
_NOT_BEGUN = frozenset({"Pending", "Skipped"})


class Watch(Value):
    """What is known of a deployment.

    Attributes:
        id: The deployment's id; empty where none was given and the service has none.
        name: The service, as the user named it.
        is_named: Whether the user named the deployment.
        verdict: How it stood at the last look.
        service: The service at the last look that found one.
        seen: The deployment, as it was last listed.
        old_events: The ids of the events that were there at the first look.
        is_way_back: Whether nobody named a deployment and what the service runs is ECS's way
            back from another one.
        doubts: At how many looks in a row it seemed superseded or stopped.
        record: ECS's own record of it, where there is one and it may be read.
        code: CodeDeploy's deployment, where that controls the service.
        target: CodeDeploy's stages and task sets.
    """

    id: str
    name: str = ""
    is_named: bool = True
    verdict: Verdict = Unknown()
    service: Service | None = None
    seen: Deployment | None = None
    old_events: frozenset[str] = frozenset()
    is_way_back: bool = False
    doubts: int = 0
    record: ServiceDeployment | None = None
    code: CodeDeployment | None = None
    target: Target | None = None

    @property
    def is_over(self) -> bool:
        """Whether the outcome can't change any more.

        That another deployment stands in its place, or that somebody stopped it, is believed at
        the second look: the two answers that say so may be of different moments, and ECS may say
        only a moment later that the other deployment is its way back.
        """
        if isinstance(self.verdict, Superseded | Stopped):
            return self.doubts >= _LOOKS_UNTIL_SURE or self.is_code
        return not isinstance(self.verdict, Going | Unknown)

    @property
    def is_code(self) -> bool:
        """Whether CodeDeploy brings the deployment, and not ECS."""
        return is_code_deployment(self.id)

    @property
    def starter(self) -> str:
        """What the deployment's tasks say that they were started by."""
        green = self.target.task_set("Green") if self.target else None
        if self.is_code:
            return green.id if green else ""
        return self.id

    @property
    def stage(self) -> str:
        """The stage that the deployment is in, where it has stages."""
        if self.target is not None:
            begun = [each.name for each in self.target.events if each.status not in _NOT_BEGUN]
            return begun[-1] if begun else ""
        return self.record.stage if self.record else ""

    @property
    def weight(self) -> float | None:
        """The share of the traffic that the new revision gets, in percent."""
        green = self.target.task_set("Green") if self.target else None
        if green is not None:
            return green.traffic
        return self.record.production_weight if self.record else None

    @property
    def counts(self) -> dict[str, int]:
        """The deployment's counts, as they were last seen."""
        seen = self.seen or Deployment(id="", status="", taskdef_arn="")
        return {
            "desired": seen.desired,
            "running": seen.running,
            "pending": seen.pending,
            "failed": seen.failed,
        }

    @property
    def others_running(self) -> int:
        """How many tasks of other deployments still run."""
        blue = self.target.task_set("Blue") if self.target else None
        if self.is_code:
            return blue.running if blue else 0
        others = self.service.deployments if self.service else ()
        return sum(each.running for each in others if each.id != self.id)

    @property
    def events(self) -> tuple[Event, ...]:
        """The service's events since the deployment's start, oldest first."""
        found = reversed(self.service.events if self.service else ())
        since = self.seen.created_at if self.seen else None
        if since is None:
            return tuple(each for each in found if each.id not in self.old_events)
        return tuple(each for each in found if each.at >= since)

    def after_the_last(self, record: ServiceDeployment | None) -> "Watch":
        """Return what is known, with ECS's newest record of the service's deployments.

        Where no deployment was named, a completed way back looks like any completed deployment;
        its record alone tells that the last one was given up.
        """
        is_way_back = record is not None and record.status.startswith("ROLLBACK_")
        return self.replaced(is_way_back=self.is_way_back or is_way_back)

    def after(self, service: Service | None, record: ServiceDeployment | None = None) -> "Watch":
        """Return what is known after one more look.

        Args:
            service: What DescribeServices says.
            record: What DescribeServiceDeployments says of this deployment, if it may be asked.
        """
        seen = (service.deployment(self.id) if service else None) or self.seen
        past = record or self.record
        has_past = past is not None and bool(past.source_revisions)
        stands = judge(service, self.id, seen=self.seen, has_past=has_past)
        verdict = refined(stands, record, seen)
        if self.is_way_back and isinstance(verdict, Going | Deployed):
            verdict = RolledBack(reason="the primary deployment is ECS's rollback of another one")
        return self.replaced(
            verdict=verdict,
            service=service or self.service,
            seen=seen,
            record=record or self.record,
            doubts=self.doubts + 1 if isinstance(verdict, Superseded | Stopped) else 0,
        )

    def was_there(self, taskdef_arn: str) -> "Watch":
        """Return what is known, with the tasks' word that ECS has listed it once."""
        gone = Deployment(id=self.id, status="INACTIVE", taskdef_arn=taskdef_arn)
        return self.replaced(seen=gone).after(self.service, self.record)

    def after_code(
        self, service: Service | None, code: CodeDeployment | None, target: Target | None
    ) -> "Watch":
        """Return what is known after one more look at a deployment of CodeDeploy."""
        verdict = is_for_another(service, code, target) or judge_code(service, code, target)
        return self.replaced(
            verdict=verdict,
            service=service or self.service,
            seen=as_deployment(code, target, service) or self.seen,
            code=code or self.code,
            target=target or self.target,
        )

    def given_up(self, verdict: Hopeless | None) -> "Watch":
        """Return what is known, with the judgement that it is hopeless, if it is."""
        return self.replaced(verdict=verdict) if verdict else self

    def until(self, stage: str) -> "Watch":
        """Return what is known, with the judgement that it has come as far as was asked."""
        if not stage or not isinstance(self.verdict, Going):
            return self
        if self.target is not None:
            done = {each.name for each in self.target.events if each.status == "Succeeded"}
            is_there = stage in done
        else:
            is_there = self.record is not None and has_reached(self.record.stage, stage)
        return self.replaced(verdict=Reached(stage=stage)) if is_there else self


def begun(service: Service | None, id: str | None, name: str = "") -> Watch:  # noqa: A002 - AWS's
    """Return what is known at the first look: which deployment to follow, and what is old.

    Args:
        service: The service, or None where there is none of its name.
        id: The deployment's id, if one was given; otherwise the primary one is followed.
        name: The service, as the user named it.
    """
    primary = service.primary if service else None
    return Watch(
        id=id or (primary.id if primary else ""),
        name=name or (service.name if service else ""),
        is_named=bool(id),
        old_events=frozenset(event.id for event in service.events) if service else frozenset(),
        is_way_back=bool(service and primary and not id and is_rollback(service, primary)),
    )
