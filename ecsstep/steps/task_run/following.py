"""Following one task to its end, with what its container says on the way."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from ecsstep.aws.tail import Tail
from ecsstep.core.clock import ticks
from ecsstep.core.step import World
from ecsstep.core.values import spelled
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.rules.errand import request
from ecsstep.rules.errand.verdict import (
    Going,
    Lost,
    NeverRan,
    TaskVerdict,
    Unwatched,
    ended_before,
    judged,
)
from ecsstep.rules.pace import Pace
from ecsstep.rules.service import Task, log_places
from ecsstep.steps.task_run.options import TaskOptions
from ecsstep.steps.task_run.plan import Plan
from ecsstep.steps.task_run.sources import Sources

_BROKEN_LOOKS = 5
# ECS may list a new task a moment later; one that it has shown it forgets after an hour.
_UNKNOWN_SECONDS = 60.0
# CloudWatch may show a container's last words some seconds after its end.
_LAST_WORDS_SECONDS = 10.0
_LAST_WORDS_EVERY = 2.0
_QUIET_READS = 2


class Following:
    """Looks at one task again and again, and says what changes.

    Attributes:
        task: The task as it was last seen.
        lines: The last lines of its log.
        stopped: What became of the wish to stop it; nothing where there was none.
    """

    def __init__(
        self,
        options: TaskOptions,
        world: World,
        sources: Sources,
        *,
        task: Task,
        plan: Plan,
    ) -> None:
        self._options = options
        self._world = world
        self._sources = sources
        self._container = plan.wanted.container
        self._essentials = request.essentials(plan.definition)
        self._ended_before = ""
        self._pace = Pace(every=options.interval)
        self._tail = self._tail_of(task, plan.definition)
        self.task = task
        self.lines: deque[str] = deque(maxlen=options.logs)
        self.stopped = ""

    def ended(self) -> TaskVerdict:
        """Return how the task has ended; it is still going where the time is over."""
        try:
            verdict = self._followed()
        except (KeyboardInterrupt, Terminated):
            self._say_what_goes_on()
            if self._options.on_cancel == "stop":
                self._stop("the step that waited for it was cancelled")
            raise
        except StepError as error:
            self._say_what_goes_on()
            return Unwatched(reason=error.message, exit=error.exit, hint=error.hint)
        if isinstance(verdict, Going):
            if self._options.on_timeout == "stop":
                self._stop(f"it took longer than {spelled(self._options.timeout)}")
        else:
            if getattr(verdict, "runs_on", False):
                self._stop(f"container '{self._container}' has done its work")
            if not isinstance(verdict, NeverRan | Lost):
                self._say_last_words()
        return verdict

    def _followed(self) -> TaskVerdict:
        seen_at, verdict = 0.0, self._judged()
        for elapsed in self._looks():
            try:
                task = self._sources.tasks.task(self._options.cluster, self.task.arn)
            except StepError as error:
                self._note_trouble(error)
                continue
            if task is None:
                if elapsed - seen_at >= _UNKNOWN_SECONDS:
                    return Lost()
                continue
            seen_at = elapsed
            is_new = self._note(task)
            verdict = self._judged()
            is_talking = self._say_new_lines()
            self._pace = self._pace.after_a_look(changed=is_new or is_talking)
            if not isinstance(verdict, Going):
                return verdict
        return verdict

    def _looks(self) -> Iterator[float]:
        limit = self._options.timeout
        return ticks(self._world.clock, every=lambda: self._pace.seconds, limit=limit)

    def _judged(self) -> TaskVerdict:
        return judged(self.task, self._container, self._essentials, ended_before=self._ended_before)

    def _note(self, task: Task) -> bool:
        """Take note of a look, and return whether it showed something new."""
        is_new = task.status != self.task.status
        self.task = task
        self._ended_before = self._ended_before or ended_before(
            task, self._container, self._essentials
        )
        if is_new:
            self._world.log.info(f"the task is {task.status}")
        return is_new

    def _note_trouble(self, error: StepError) -> None:
        self._pace = self._pace.after_trouble()
        if error.exit is not Exit.TEMPORARY or self._pace.broken >= _BROKEN_LOOKS:
            raise error
        self._world.log.warning("this look failed, trying again", reason=error.message)

    def _tail_of(self, task: Task, definition: Mapping[str, Any]) -> Tail | None:
        if not self._options.logs:
            return None
        for place in log_places(definition):
            if place.container == self._container:
                return Tail(self._sources.read_on, place, task.id, self._world.log)
        self._world.log.info(
            "its log can't be shown: only awslogs with a stream prefix tells where it is",
            container=self._container,
        )
        return None

    def _say_new_lines(self) -> bool:
        lines = self._tail.lines() if self._tail else ()
        for line in lines:
            self.lines.append(line)
            self._world.log.info(f"{self._container} | {line.rstrip()}")
        return bool(lines)

    def _say_last_words(self) -> None:
        """Read on until nothing more has come for a while."""
        quiet = 0
        every = min(_LAST_WORDS_EVERY, self._options.interval)
        is_done = self._tail is None
        for _ in ticks(self._world.clock, every=every, limit=_LAST_WORDS_SECONDS):
            if is_done:
                return
            quiet = 0 if self._say_new_lines() else quiet + 1
            is_done = bool(self.lines) and quiet >= _QUIET_READS

    @property
    def ways_on(self) -> str:
        """What can be done about a task that nobody watches any more."""
        cluster, arn = self._options.cluster, self.task.arn
        names = f"--cluster {cluster} --service {self._options.service}"
        return (
            f"it goes on in ECS; follow it: task-run {names} --container {self._container} --task "
            f"{arn}, or stop it: aws ecs stop-task --cluster {cluster} --task {arn}"
        )

    def _say_what_goes_on(self) -> None:
        self._world.log.warning(
            "no longer watching; the task goes on in ECS",
            task=self.task.arn,
            status=self.task.status,
            hint=self.ways_on,
        )

    def _stop(self, reason: str) -> None:
        try:
            self._sources.tasks.stop(
                self._options.cluster, self.task.arn, f"ecsstep task-run: {reason}"
            )
        except StepError as error:
            self.stopped = f"refused: {error.message}"
            self._world.log.warning(
                "the task can't be stopped", reason=error.message, hint=error.hint
            )
            return
        self.stopped = "requested"
        self._world.log.warning("asked ECS to stop the task", task=self.task.arn, reason=reason)
