"""What is said while a deployment is under way."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from shlex import quote
from typing import TYPE_CHECKING

from ecsstep.core.live import Live, Section
from ecsstep.core.step import World
from ecsstep.core.values import spelled
from ecsstep.errors import StepError
from ecsstep.rules.outcome import outcome_of
from ecsstep.rules.rollout import Mistaken, Unknown
from ecsstep.rules.waited import line, report
from ecsstep.rules.waited.start import unseen_stage
from ecsstep.rules.waited.told import moment
from ecsstep.rules.watch import Watch
from ecsstep.steps.wait_stable.options import Subject, WaitOptions

if TYPE_CHECKING:
    from ecsstep.rules.waited.told import Moment


class Talk:
    """Says what changes, and keeps it for the reports.

    Attributes:
        live: The lines at the end of a terminal.
        timelines: What was said of each service, and when.
    """

    def __init__(self, options: WaitOptions, world: World) -> None:
        self._options = options
        self._world = world
        self._log = world.log
        self._hooks_said: set[str] = set()
        self.live = Live(world.stderr, is_plain=options.log_format == "text")
        self._section = Section(
            world.stderr,
            # A marker between lines of JSON is nothing.
            world.environ if options.log_format == "text" else {},
            world.clock,
            name="ecsstep_wait",
            title=f"waiting for {options.subjects[0].service}",
        )
        self.timelines: dict[str, list[Moment]] = {}

    def folded(self) -> AbstractContextManager[None]:
        """Fold what is said meanwhile, in a GitLab job's log."""
        return self._section.folded()

    def begun(self, watch: Watch, subject: Subject) -> None:
        """Say what is waited for, or what is wrong with it."""
        options = self._options
        if isinstance(watch.verdict, Mistaken):
            self._log.warning(watch.verdict.message, hint=watch.verdict.hint)
            return
        if not subject.deployment and watch.id:
            self._log.warning(
                "no deployment was given: following the primary one",
                hint="give --deployment, or the dotenv file of service-update",
            )
        self._log.info(
            "waiting",
            service=watch.name,
            deployment=watch.id,
            timeout=spelled(options.timeout),
            **({"until": options.until} if options.stage else {}),
        )
        unseen = unseen_stage(watch, options.stage)
        if unseen:
            self._log.warning(
                f"{options.stage} will not be seen: waiting for the end", reason=unseen
            )

    def denied(self, error: StepError) -> None:
        """Say what of CodeDeploy can't be read."""
        self.live.clear()
        self._log.warning(
            "going on by CodeDeploy's status alone, without its stages and tasks",
            reason=error.message,
            hint=error.hint,
        )

    def seen(self, watches: Sequence[Watch], new: Sequence[Watch], elapsed: float) -> None:
        """Say what a look has shown: what is new, and who is waited for."""
        if new:
            self.live.clear()
        for watch in new:
            self._note(watch, is_one_of_many=len(watches) > 1)
        for watch in watches:
            self._say_who_is_awaited(watch)
        self.live.show([line.line_of(watch, elapsed) for watch in watches])

    def failed(self, error: StepError) -> None:
        """Say that a look went wrong."""
        self.live.clear()
        self._log.warning("this look failed, trying again", reason=error.message)

    def left(self, watches: Sequence[Watch], *, goes_back: bool = False) -> None:
        """Say what is known of the deployments that nobody watches any longer.

        Args:
            watches: The deployments.
            goes_back: Whether those that are under way are now asked to go back.
        """
        self.live.clear()
        for watch in watches:
            if isinstance(watch.verdict, Unknown | Mistaken):
                continue
            if watch.is_over:
                ended = outcome_of(watch.verdict)
                self._log.warning(f"it has ended: {ended.word}", service=watch.name,
                                  reason=ended.reason)  # fmt: skip
                continue
            deployer = "CodeDeploy" if watch.is_code else "ECS"
            again = f"wait-stable --cluster {quote(self._options.cluster)} "
            goes_on = "" if goes_back else f"; the deployment goes on in {deployer}"
            self._log.warning(
                f"no longer watching{goes_on}",
                **watch.counts,
                hint=f"watch it again: {again}--service {quote(watch.name)} "
                f"--deployment {watch.id}",
            )

    def _note(self, watch: Watch, *, is_one_of_many: bool) -> None:
        noted = moment(watch, self._world.clock.now())
        self.timelines.setdefault(watch.name, []).append(noted)
        if self.live.is_on:
            return
        self._log.info(
            f"{noted.running} of {noted.desired} tasks running",
            **({"service": watch.name} if is_one_of_many else {}),
            pending=noted.pending,
            failed=noted.failed,
            **({"old": noted.others} if noted.others else {}),
            **({"state": noted.state} if noted.state else {}),
            **({"stage": noted.stage} if noted.stage else {}),
            **({"traffic": f"{noted.weight:g}%"} if noted.weight is not None else {}),
        )

    def _say_who_is_awaited(self, watch: Watch) -> None:
        for awaited in report.awaited(watch):
            if awaited.key not in self._hooks_said:
                self._hooks_said.add(awaited.key)
                self.live.clear()
                with self._section.unfolded():
                    self._log.warning(
                        "the deployment waits for a person", service=watch.name, **awaited.told
                    )
