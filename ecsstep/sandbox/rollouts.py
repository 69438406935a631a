"""How an ECS service moves through time: deployments, tasks and events.

A pure simulation: :meth:`Rollout.advance` brings it up to a given time, whenever somebody asks.
It jumps from one moment at which something changes to the next, so that how often it is asked
makes no difference.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from ecsstep.sandbox.deployments import Deployment, Ids, Record, Settings
from ecsstep.sandbox.fleet import Birth, Event, Fleet
from ecsstep.sandbox.scheduling import decide
from ecsstep.sandbox.stages import Stages
from ecsstep.sandbox.tasks import StopCode, Task, seconds

# Seconds, at speed 1.
_REACTION = 2  # until the scheduler takes up a new deployment
_RETRY = 3  # until a failed task is replaced, for a start
_LONGEST_RETRY = 60
_SETTLE = 12  # from the last change to the steady state
_FAILED_LISTED = 15  # a failed deployment stays in the list

_PATIENCE = 3  # failures before ECS begins to throttle


class Rollout:
    """One service's deployments, tasks, events and deployment records, newest first.

    Attributes:
        status: AWS's status of the service.
        failures: Tasks that failed by themselves, for who wants to log their last words.
        completed: The deployment that reached a steady state last; the way back.
        ended_at: When a deleted service became inactive.
    """

    def __init__(
        self,
        *,
        service: str,
        ids: Ids,
        birth: Birth,
        settings: Settings,
        rollback_id: Literal["new", "old"] = "new",
    ) -> None:
        self.settings = settings
        self.status = "ACTIVE"
        self.deployments: list[Deployment] = []
        self.records: list[Record] = []
        self.failures: list[Task] = []
        self.completed: Deployment | None = None
        self.ended_at: dt.datetime | None = None
        self._ids = ids
        self._rollback_id = rollback_id
        self._accounted: set[str] = set()
        self._fleet = Fleet(service=service, ids=ids, birth=birth)

    @property
    def tasks(self) -> Mapping[str, Task]:
        """The tasks by id, the stopped ones of the last hour among them."""
        return self._fleet.tasks

    @property
    def events(self) -> Sequence[Event]:
        """The last hundred events."""
        return self._fleet.events

    @property
    def primary(self) -> Deployment | None:
        """The deployment that the service is moving to, or has come to."""
        return next((d for d in self.deployments if d.status == "PRIMARY"), None)

    def tasks_of(self, deployment: Deployment) -> list[Task]:
        """Return the tasks that this deployment started, oldest first."""
        return [task for task in self.tasks.values() if task.deployment_id == deployment.id]

    # What others do. Who calls these has advanced to the time before.

    def deploy(
        self, at: dt.datetime, *, task_definition: str, revision: str, fate: object
    ) -> Deployment:
        """Begin a deployment; one that is under way is superseded."""
        if self.primary:
            # What AWS shows for a superseded one isn't documented; STOPPED is the likely status.
            self.primary.record.change("STOPPED", at, "A newer service deployment has started.")
            self._demote(self.primary, at)
        record = Record(
            id=self._ids.hexadecimal()[:21],
            sources=(self.completed.revision,) if self.completed else (),
            target=revision,
            created_at=at,
            updated_at=at,
            threshold=self._threshold(),
            breaker_status="MONITORING" if self.settings.breaker else "DISABLED",
        )
        if self.settings.strategy is not None and self.completed is not None:
            record.stages = Stages(strategy=self.settings.strategy, since=at)
        self.records.insert(0, record)
        deployment = self._begin(at, task_definition, revision, record, fate)
        deployment.rollout_reason = f"ECS deployment {deployment.id} in progress."
        return deployment

    def configure(self, at: dt.datetime, settings: Settings) -> None:
        """Change the desired count, the percentages or the circuit breaker."""
        self.settings = settings
        self.records[0].threshold = self._threshold()
        self._fleet.wake(at)

    def stop_task(self, at: dt.datetime, task_id: str, reason: str) -> None:
        """Stop a task by hand; the scheduler replaces it."""
        self._fleet.stop([self.tasks[task_id]], at, StopCode.BY_USER, reason)
        self._fleet.wake(at)

    def stop_deployment(self, at: dt.datetime) -> None:
        """Stop the deployment that is under way, with a rollback if there is a way back."""
        primary = self.primary
        if primary is None or not primary.record.is_ongoing or primary.is_rollback:
            return
        reason = "Service deployment stopped by the user."
        primary.change("FAILED", f"ECS deployment {primary.id} was stopped by the user.", at)
        if self.completed is None:
            primary.record.change("STOPPED", at, reason)
        else:
            self._roll_back(primary, self.completed, at, reason=reason, status="ROLLBACK_REQUESTED")

    def raise_alarm(self, at: dt.datetime, name: str) -> None:
        """Let an alarm go off; the deployment that is under way goes back."""
        primary = self.primary
        if primary is None or not primary.record.is_ongoing or self.completed is None:
            return
        primary.record.alarms = (name,)
        self._fleet.say(at, f"(deployment {primary.id}) deployment failed: alarm detected.")
        primary.change("FAILED", "ECS deployment alarm: alarm detected.", at)
        reason = f"Service deployment rolled back because alarm [{name}] was in ALARM state."
        self._roll_back(primary, self.completed, at, reason=reason, status="ROLLBACK_IN_PROGRESS")

    def answer(self, at: dt.datetime, hook_id: str, action: str) -> bool:
        """Answer a pause; False if there is none of this id."""
        primary = self.primary
        stages = primary.record.stages if primary else None
        if primary is None or stages is None or not stages.answer(hook_id):
            return False
        if action == "ROLLBACK" and self.completed is not None:
            primary.change("FAILED", f"ECS deployment {primary.id} was rolled back.", at)
            reason = "Service deployment rolled back because a lifecycle hook was answered so."
            status = "ROLLBACK_IN_PROGRESS"
            self._roll_back(primary, self.completed, at, reason=reason, status=status)
        self._fleet.wake(at)
        return True

    def close(self, at: dt.datetime) -> None:
        """Delete the service: it drains, then it is inactive."""
        self.status = "DRAINING"
        self.settings = replace(self.settings, desired=0)
        for deployment in self.deployments:
            deployment.record.change("STOPPED", at, "The service was deleted.")
        running = [task for task in self.tasks.values() if task.is_wanted(at)]
        self._fleet.stop(running, at, StopCode.BY_SCHEDULER, "The service was deleted.")
        self._fleet.wake(at + seconds(_REACTION))

    # What time does.

    def advance(self, to: dt.datetime) -> None:
        """Let everything happen that happens until then."""
        for now in self._fleet.due(to):
            self._account(now)
            self._shift(now)
            self._reconcile(now)
            self._forget(now)
            self._settle(now)

    def _account(self, now: dt.datetime) -> None:
        """Count the tasks that failed; so many are too many for a circuit breaker."""
        for task in list(self.tasks.values()):
            if task.has_failed(now) and task.id not in self._accounted:
                self._accounted.add(task.id)
                self.failures.append(task)
                self._count_failure(task, now)
        primary = self.primary
        if primary is None or not primary.is_in_progress:
            return
        healthy = {task.id for task in self.tasks_of(primary) if task.is_healthy(now)}
        breaker = self.settings.breaker
        if healthy - primary.healthy_tasks and (breaker is None or breaker.resets):
            primary.failed_tasks = 0
        primary.healthy_tasks |= healthy
        if not primary.is_rollback:
            primary.record.failures = primary.failed_tasks
        if breaker and primary.failed_tasks >= self._threshold():
            self._break(primary, now, rollback=breaker.rollback)

    def _count_failure(self, task: Task, now: dt.datetime) -> None:
        deployment = next(d for d in self.deployments if d.id == task.deployment_id)
        deployment.failed_tasks += 1
        deployment.updated_at = now
        throttled = deployment.failed_tasks - _PATIENCE
        wait = min(_RETRY * 2 ** max(min(throttled, 10), 0), _LONGEST_RETRY)
        deployment.starts_at = now + seconds(wait)
        self._fleet.wake(deployment.starts_at)
        if throttled > 0:
            self._fleet.say(
                now,
                "is unable to consistently start tasks successfully. For more information, see "
                "the Troubleshooting section of the Amazon ECS Developer Guide.",
            )

    def _break(self, failed: Deployment, now: dt.datetime, *, rollback: bool) -> None:
        """The circuit breaker trips."""
        reason = "ECS deployment circuit breaker: tasks failed to start."
        self._fleet.say(now, f"(deployment {failed.id}) deployment failed: tasks failed to start.")
        failed.change("FAILED", reason, now)
        record = failed.record
        record.breaker_status = "TRIGGERED"
        said = "Service deployment rolled back because the circuit breaker threshold was exceeded."
        if failed.is_rollback:
            record.change("ROLLBACK_FAILED", now, reason)
        elif rollback and self.completed:
            self._roll_back(failed, self.completed, now, reason=said, status="ROLLBACK_IN_PROGRESS")
        else:  # the API model's words on stoppedAt: a failure without the rollback option
            record.change("STOPPED", now, reason)

    def _roll_back(
        self, failed: Deployment, target: Deployment, now: dt.datetime, *, reason: str, status: str
    ) -> None:
        """Bring back the deployment that was completed last."""
        self._fleet.say(now, f"rolling back to deployment {target.id}.")
        failed.record.change(status, now, reason)
        failed.record.rollback = {
            "reason": reason,
            "startedAt": now,
            "serviceRevisionArn": target.revision,
        }
        self._demote(failed, now)
        failed.vanishes_at = now + seconds(_FAILED_LISTED)
        self._fleet.wake(failed.vanishes_at)
        if self._rollback_id == "old":
            self.deployments = [target, *(d for d in self.deployments if d is not target)]
            primary = target
            primary.status, primary.record, primary.failed_tasks = "PRIMARY", failed.record, 0
            primary.is_steady, primary.settled_since = False, None
            primary.starts_at = now + seconds(_REACTION)
            self._fleet.wake(primary.starts_at)
        else:
            primary = self._begin(
                now, target.task_definition, target.revision, failed.record, target.fate
            )
        primary.is_rollback = True
        who = "stopped"
        if failed.record.alarms:
            who = "alarm"
        elif failed.record.breaker_status == "TRIGGERED":
            who = "circuit breaker"
        said = f"ECS deployment {who}: rolling back to deploymentId {target.id}."
        primary.change("IN_PROGRESS", said, now)

    def _shift(self, now: dt.datetime) -> None:
        """Get on to the next stage, where the deployment has stages."""
        primary = self.primary
        stages = primary.record.stages if primary else None
        if primary is None or stages is None or primary.is_rollback or now < primary.starts_at:
            return
        healthy = sum(task.is_healthy(now) for task in self.tasks_of(primary))
        then = stages.advance(
            now, self._ids.hexadecimal()[:12], is_scaled_up=healthy >= self.settings.desired
        )
        if then is not None:
            self._fleet.wake(then)

    def _reconcile(self, now: dt.datetime) -> None:
        """Start what is lacking and stop what is too much, as far as the percentages allow."""
        primary = self.primary
        if self.status != "ACTIVE" or primary is None or primary.rollout_state == "FAILED":
            return
        if now < primary.starts_at:
            return
        follow_up = "ROLLBACK_IN_PROGRESS" if primary.is_rollback else "IN_PROGRESS"
        if primary.record.status in {"PENDING", "ROLLBACK_REQUESTED"}:
            primary.record.change(follow_up, now)
        moves = decide(self.settings, primary.id, self.tasks.values(), now)
        reason = f"Scaling activity initiated by (deployment {primary.id})"
        stages = None if primary.is_rollback else primary.record.stages
        stopped = () if stages is not None and stages.keeps_old else moves.stop
        self._fleet.stop(stopped, now, StopCode.BY_SCHEDULER, reason)
        if moves.start:
            self._fleet.start(primary, moves.start, now)
        if moves.is_blocked and not primary.is_blocked:
            primary.is_blocked = True
            self._fleet.say(
                now,
                "was unable to start or stop tasks during a deployment because of the service "
                "deployment configuration. Update the minimumHealthyPercent or maximumPercent "
                "value and try again.",
            )

    def _settle(self, now: dt.datetime) -> None:
        """Announce the steady state when nothing has been left to do for a while."""
        primary = self.primary
        if primary is None or primary.rollout_state == "FAILED":
            return
        live = self._fleet.live(now)
        is_settled = (
            len(self.deployments) == 1
            and self.status == "ACTIVE"
            and now >= primary.starts_at
            and len(live) == self.settings.desired
            and all(task.is_healthy(now) and task.is_wanted(now) for task in live)
        )
        if not is_settled:
            primary.settled_since, primary.is_steady = None, False
        elif primary.settled_since is None:
            primary.settled_since = now
            self._fleet.wake(now + seconds(_SETTLE))
        elif not primary.is_steady and now >= primary.settled_since + seconds(_SETTLE):
            self._complete(primary, now)

    def _complete(self, primary: Deployment, now: dt.datetime) -> None:
        if primary.is_in_progress:
            self._fleet.say(now, f"(deployment {primary.id}) deployment completed.")
            primary.change("COMPLETED", f"ECS deployment {primary.id} completed.", now)
            primary.record.change(
                "ROLLBACK_SUCCESSFUL" if primary.is_rollback else "SUCCESSFUL", now
            )
            self.completed = primary
        primary.is_steady = True
        self._fleet.say(now, "has reached a steady state.")

    def _forget(self, now: dt.datetime) -> None:
        """Take deployments of which nothing is left out of the list."""
        live = {task.deployment_id for task in self._fleet.live(now)}
        self.deployments = [
            deployment
            for deployment in self.deployments
            if deployment.id in live
            or deployment.status == "PRIMARY"
            or (deployment.vanishes_at is not None and now < deployment.vanishes_at)
        ]
        if self.status == "DRAINING" and not live:
            self.status, self.deployments, self.ended_at = "INACTIVE", [], now

    def _begin(
        self, at: dt.datetime, task_definition: str, revision: str, record: Record, fate: object
    ) -> Deployment:
        deployment = Deployment(
            id=f"ecs-svc/{self._ids.number()}",
            task_definition=task_definition,
            revision=revision,
            record=record,
            fate=fate,
            created_at=at,
            updated_at=at,
            starts_at=at + seconds(_REACTION),
        )
        self.deployments.insert(0, deployment)
        self._fleet.wake(deployment.starts_at)
        return deployment

    def _demote(self, deployment: Deployment, at: dt.datetime) -> None:
        deployment.status, deployment.updated_at = "ACTIVE", at

    def _threshold(self) -> int:
        breaker = self.settings.breaker
        return breaker.threshold(self.settings.desired) if breaker else 0
