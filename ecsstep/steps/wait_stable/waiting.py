"""Look again and again, until all has ended or the time is over."""

from ecsstep.aws import looks
from ecsstep.core.clock import ticks
from ecsstep.core.step import World
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.rules.pace import Pace
from ecsstep.rules.rollout import Unknown
from ecsstep.rules.waited import line
from ecsstep.rules.waited.start import fault_at_start, unknown
from ecsstep.rules.watch import Watch
from ecsstep.steps.wait_stable.options import WaitOptions
from ecsstep.steps.wait_stable.rollback import Rollback
from ecsstep.steps.wait_stable.sources import Sources
from ecsstep.steps.wait_stable.talk import Talk

_BROKEN_LOOKS = 5
_UNKNOWN_SECONDS = 60.0


class Waiting:
    """Looks at deployments again and again.

    Attributes:
        talk: What is said meanwhile.
        rollback: What was asked for, where the options want it.
    """

    def __init__(self, options: WaitOptions, world: World, sources: Sources) -> None:
        self._options = options
        self._world = world
        self._pace = Pace(every=options.interval)
        self._looks = looks.Looks(
            sources.ecs, sources.code, cluster=options.cluster, stage=options.stage
        )
        self._watches: tuple[Watch, ...] = ()
        self.talk = Talk(options, world)
        self.rollback = Rollback(self._looks, sources, world)

    def ended(self) -> tuple[Watch, ...]:
        """Return what is known when all have ended, or when the time is over."""
        try:
            self._follow()
        except (KeyboardInterrupt, Terminated):
            self.talk.left(self._watches)
            if self._options.on_cancel == "rollback":
                self.rollback.ask(self._watches)
            raise
        except StepError:
            self.talk.left(self._watches)
            raise
        self.talk.live.clear()
        if self._options.on_timeout == "rollback":
            self.rollback.ask(self._watches)
        return self._watches

    def _follow(self) -> None:
        trouble: StepError | None = None
        clock, limit = self._world.clock, self._options.timeout
        for elapsed in ticks(clock, every=lambda: self._pace.seconds, limit=limit):
            try:
                is_new = self._look(elapsed)
            except StepError as error:
                # A look that went wrong is no outcome; many in a row are an outage.
                trouble, self._pace = error, self._pace.after_trouble()
                if error.exit is not Exit.TEMPORARY or self._pace.broken >= _BROKEN_LOOKS:
                    raise
                self.talk.failed(error)
                continue
            is_listed = not any(isinstance(each.verdict, Unknown) for each in self._watches)
            self._pace = self._pace.after_a_look(changed=is_new or not is_listed)
            if all(watch.is_over for watch in self._watches):
                return
            # ECS may list a new deployment a moment later.
            if elapsed >= _UNKNOWN_SECONDS:
                for watch in self._watches:
                    if isinstance(watch.verdict, Unknown):
                        raise unknown(watch)
        if trouble is not None and not self._watches:
            # Nothing was ever seen, so there is nothing to say of the deployment.
            raise trouble

    def _look(self, elapsed: float) -> bool:
        """Look once at all that aren't over, and return whether something was new."""
        before = self._watches
        if before:
            self._watches = self._looks.again(before)
        else:
            self._watches = self._looks.first(self._options.subjects)
            self._begin()
        known = {watch.name: watch for watch in before}
        new = [each for each in self._watches if line.changed(known.get(each.name), each)]
        self.talk.seen(self._watches, new, elapsed)
        return bool(new)

    def _begin(self) -> None:
        """Find out whether there is something to wait for, and say for what."""
        for watch, subject in zip(self._watches, self._options.subjects, strict=True):
            fault = fault_at_start(watch, self._options.cluster, is_named=bool(subject.deployment))
            if fault is not None:
                self._watches = ()
                raise fault
            self.talk.begun(watch, subject)
