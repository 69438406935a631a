"""How an ECS service under CodeDeploy moves through time: two task sets and a shift of traffic.

A pure simulation like :mod:`ecsstep.sandbox.rollouts`, and seen from outside it has the same
members, so that a service has the one or the other.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from ecsstep.sandbox.deployments import Deployment, Ids, Record, Settings
from ecsstep.sandbox.fleet import Birth, Event, Fleet
from ecsstep.sandbox.shifts import Phase, Shift
from ecsstep.sandbox.tasks import StopCode, Task, seconds

# Seconds, at speed 1.
_REACTION = 1
_RETRY = 6  # until a failed task is replaced
_SHIFTING = 4
# AWS waits for 60 minutes, and keeps the old tasks for as long as the deployment group says.
_PATIENCE = 90
_KEPT = 20
_FAILING = 15  # from a hook that failed to the end of the deployment

_NOT_HEALTHY = (
    "The deployment timed out while waiting for the replacement task set to become healthy. "
    f"This time out period is {_PATIENCE} seconds."
)
_HOOK = "The lifecycle hook failed: Lambda function check-web reported Failed."
_ALARM = "One or more alarms have been activated according to the Amazon CloudWatch metrics: "
_STOPPED = "The deployment has been stopped manually."
_DELETED = "The service was deleted."


class BlueGreen:
    """One service's task sets, tasks, events and deployments.

    Attributes:
        status: AWS's status of the service.
        task_sets: The one that serves first.
        shifts: CodeDeploy's deployments, newest first.
        deployments: None: under this controller ECS lists task sets instead.
        records: None either.
        failures: Tasks that failed by themselves, for who wants to log their last words.
        completed: The task set that served last without fault; the way back.
        proven: The task definitions that have been deployed well.
        ended_at: When a deleted service became inactive.
    """

    def __init__(
        self,
        *,
        service: str,
        ids: Ids,
        birth: Birth,
        settings: Settings,
        before_traffic: Literal["", "fails", "waits"] = "",
    ) -> None:
        self.settings = settings
        self._before_traffic = before_traffic
        self.status = "ACTIVE"
        self.task_sets: list[Deployment] = []
        self.shifts: list[Shift] = []
        self.deployments: list[Deployment] = []
        self.records: list[Record] = []
        self.failures: list[Task] = []
        self.completed: Deployment | None = None
        self.proven: set[str] = set()
        self.ended_at: dt.datetime | None = None
        self._ids = ids
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
        """The task set that serves."""
        return next((each for each in self.task_sets if each.status == "PRIMARY"), None)

    @property
    def shift(self) -> Shift | None:
        """CodeDeploy's deployment that is under way."""
        return next((each for each in self.shifts if not each.is_over), None)

    def tasks_of(self, task_set: Deployment) -> list[Task]:
        """Return the tasks of a task set, oldest first."""
        return [task for task in self.tasks.values() if task.deployment_id == task_set.id]

    # What others do. Who calls these has advanced to the time before.

    def deploy(
        self, at: dt.datetime, *, task_definition: str, revision: str, fate: object
    ) -> Deployment:
        """Make the first task set, which serves at once."""
        first = self._task_set(at, task_definition, revision, fate)
        self.task_sets.append(first)
        first.status, first.starts_at = "PRIMARY", at
        self.completed = first
        self.proven.add(task_definition)
        self._fleet.wake(at)
        return first

    def begin(self, at: dt.datetime, *, task_definition: str, revision: str, fate: object) -> Shift:
        """Begin a deployment of CodeDeploy, which a moment later makes a green task set."""
        green = self._task_set(at, task_definition, revision, fate)
        return self._shift(at, green=green)

    def stop_shift(self, at: dt.datetime, shift: Shift) -> None:
        """Stop a deployment by hand and go back to what served before it."""
        if not shift.is_over:
            self._give_up(shift, at, status="Stopped", code="MANUAL_STOP", message=_STOPPED)

    def continue_shift(self, at: dt.datetime, shift: Shift) -> None:
        """Let a deployment that is ready shift the traffic."""
        shift.status, shift.is_allowed = "InProgress", True
        self._fleet.wake(at)

    def raise_alarm(self, at: dt.datetime, name: str) -> None:
        """Let an alarm go off; CodeDeploy stops the deployment that is under way."""
        if self.shift:
            message = f"{_ALARM}{name}"
            self._give_up(self.shift, at, status="Stopped", code="ALARM_ACTIVE", message=message)

    def configure(self, at: dt.datetime, settings: Settings) -> None:
        """Change the desired count."""
        self.settings = settings
        self._fleet.wake(at)

    def stop_task(self, at: dt.datetime, task_id: str, reason: str) -> None:
        """Stop a task by hand; the scheduler replaces it."""
        self._fleet.stop([self.tasks[task_id]], at, StopCode.BY_USER, reason)
        self._fleet.wake(at)

    def stop_deployment(self, at: dt.datetime) -> None:
        """Stop CodeDeploy's deployment that is under way: ECS has none of its own here."""
        if self.shift:
            self.stop_shift(at, self.shift)

    def close(self, at: dt.datetime) -> None:
        """Delete the service: it drains, then it is inactive."""
        self.status = "DRAINING"
        self.settings = replace(self.settings, desired=0)
        if self.shift:
            self.shift.end(at, "Failed", code="INVALID_ECS_SERVICE", message=_DELETED)
        running = [task for task in self.tasks.values() if task.is_wanted(at)]
        self._fleet.stop(running, at, StopCode.BY_SCHEDULER, _DELETED)
        self._fleet.wake(at + seconds(_REACTION))

    # What time does.

    def advance(self, to: dt.datetime) -> None:
        """Let everything happen that happens until then."""
        for now in self._fleet.due(to):
            self._account(now)
            self._reconcile(now)
            if self.shift:
                self._proceed(self.shift, now)
            if self.status == "DRAINING" and not self._fleet.live(now):
                self.status, self.ended_at = "INACTIVE", now

    def _account(self, now: dt.datetime) -> None:
        for task in list(self.tasks.values()):
            if task.has_failed(now) and task.id not in self._accounted:
                self._accounted.add(task.id)
                self.failures.append(task)
                for task_set in self.task_sets:
                    if task_set.id == task.deployment_id:
                        task_set.failed_tasks += 1
                        task_set.starts_at = now + seconds(_RETRY)
                        self._fleet.wake(task_set.starts_at)

    def _reconcile(self, now: dt.datetime) -> None:
        for task_set in self.task_sets:
            wanted = [task for task in self.tasks_of(task_set) if task.is_wanted(now)]
            lacking = self.settings.desired - len(wanted)
            if lacking > 0 and task_set.starts_at <= now:
                self._fleet.start(task_set, lacking, now)
            elif lacking < 0:
                self._end(wanted[lacking:], now, "Scaling activity initiated")

    def _proceed(self, shift: Shift, now: dt.datetime) -> None:
        if shift.due_at is not None and now < shift.due_at and shift.phase is not Phase.INSTALL:
            return
        match shift.phase:
            case Phase.CREATED:
                if shift.green not in self.task_sets:
                    shift.green.created_at = shift.green.starts_at = now
                    self.task_sets.append(shift.green)
                    self._reconcile(now)
                shift.install(now, until=now + seconds(_PATIENCE))
            case Phase.INSTALL:
                healthy = sum(task.is_healthy(now) for task in self.tasks_of(shift.green))
                if healthy >= self.settings.desired and self._is_held(shift, now):
                    return
                if healthy >= self.settings.desired:
                    shift.allow_traffic(now, until=now + seconds(_SHIFTING))
                elif shift.due_at is not None and now >= shift.due_at:
                    self._give_up(shift, now, status="Failed", code="TIMEOUT", message=_NOT_HEALTHY)
                    return
            case Phase.TRAFFIC:
                self._serve(shift.green)
                shift.wait(now, until=now + seconds(0 if shift.undoes else _KEPT))
            case _:
                self._finish(shift, now)
        if shift.due_at is not None:
            self._fleet.wake(shift.due_at)

    def _is_held(self, shift: Shift, now: dt.datetime) -> bool:
        """Whether the story keeps the traffic where it is: a hook fails, or a person is waited for.

        A way back is kept by nobody.
        """
        if shift.undoes or shift.is_allowed:
            return False
        if self._before_traffic == "waits":
            shift.ready(now)
        elif self._before_traffic == "fails" and shift.has_failed_hook:
            if now >= shift.failed_at(_FAILING):
                code = "HOOK_EXECUTION_FAILURE"
                self._give_up(shift, now, status="Failed", code=code, message=_HOOK)
        elif self._before_traffic == "fails":
            shift.fail_hook(now, _HOOK)
            self._fleet.wake(now + seconds(_FAILING))
        return bool(self._before_traffic)

    def _serve(self, task_set: Deployment) -> None:
        """Let this task set have the traffic."""
        for each in self.task_sets:
            each.status = "PRIMARY" if each is task_set else "ACTIVE"
        self.task_sets.sort(key=lambda each: each.status != "PRIMARY")

    def _finish(self, shift: Shift, now: dt.datetime) -> None:
        """End well: what served before goes."""
        for task_set in [each for each in self.task_sets if each is not shift.green]:
            self._remove(task_set, now)
        self.completed = shift.green
        self.proven.add(shift.green.task_definition)
        shift.end(now, "Succeeded")
        self._fleet.say(now, "has reached a steady state.")

    def _give_up(
        self, shift: Shift, now: dt.datetime, *, status: str, code: str, message: str
    ) -> None:
        """End badly: the traffic goes back to what served before, by a deployment of its own."""
        shift.end(now, status, code=code, message=message)
        if shift.blue in self.task_sets and shift.blue is not shift.green:
            self._serve(shift.blue)
            self._remove(shift.green, now)
            back = self._shift(now, green=shift.blue)
            back.creator, back.undoes, shift.rollback_id = "codeDeployRollback", shift.id, back.id

    def _shift(self, at: dt.datetime, *, green: Deployment) -> Shift:
        blue = self.primary or green
        number = self._ids.hexadecimal()[:9].upper()
        shift = Shift(id=f"d-{number}", blue=blue, green=green, created_at=at)
        shift.due_at = at + seconds(_REACTION)
        self.shifts.insert(0, shift)
        self._fleet.wake(shift.due_at)
        return shift

    def _task_set(
        self, at: dt.datetime, task_definition: str, revision: str, fate: object
    ) -> Deployment:
        record = Record(id="", sources=(), target=revision, created_at=at, updated_at=at)
        return Deployment(
            id=f"ecs-svc/{self._ids.number()}",
            task_definition=task_definition,
            revision=revision,
            record=record,
            fate=fate,
            created_at=at,
            updated_at=at,
            starts_at=at,
            status="ACTIVE",
        )

    def _remove(self, task_set: Deployment, now: dt.datetime) -> None:
        self.task_sets = [each for each in self.task_sets if each is not task_set]
        wanted = [task for task in self.tasks_of(task_set) if task.is_wanted(now)]
        self._end(wanted, now, f"Scaling activity initiated by (taskset {task_set.id})")

    def _end(self, tasks: Sequence[Task], now: dt.datetime, reason: str) -> None:
        self._fleet.stop(tasks, now, StopCode.BY_SCHEDULER, reason)
