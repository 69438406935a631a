"""Look again and again, until all has ended or the time is over."""

from ecsstep.aws import looks
from ecsstep.core.clock import ticks
from ecsstep.core.step import World
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.rules.pace import Pace
from ecsstep.rules.rollout import Mistaken, Unknown
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
        watches: What is known, of each service in its turn; nothing before the first look.
    """

    def __init__(self, options: WaitOptions, world: World, sources: Sources) -> None:
        self._options = options
        self._world = world
        self._sources = sources
        self._pace = Pace(every=options.interval)
        self._broken = 0
        self.talk = Talk(options, world)
        deployers = sources.deployers
        self._looks = looks.Looks(
            deployers.ecs,
            deployers.code,
            cluster=options.cluster,
            stage=options.stage,
            denied=self.talk.denied,
        )
        self.watches: tuple[Watch, ...] = ()
        self.rollback = Rollback(options.cluster, world)

    def ended(self) -> tuple[Watch, ...]:
        """Return what is known when all have ended, or when the time is over."""
        options = self._options
        try:
            self._follow()
        except (KeyboardInterrupt, Terminated):
            goes_back = options.on_cancel == "rollback"
            self.talk.left(self.watches, goes_back=goes_back)
            if goes_back:
                self.rollback.ask(self.watches, self._sources.hurried(), is_ending=True)
            raise
        except StepError:
            self.talk.left(self.watches)
            raise
        self.talk.live.clear()
        if options.on_timeout == "rollback":
            self.rollback.ask(self.watches, self._sources.deployers, is_ending=False)
        return self.watches

    def _follow(self) -> None:
        trouble: StepError | None = None
        clock, limit = self._world.clock, self._options.timeout
        for elapsed in ticks(clock, every=lambda: self._pace.seconds, limit=limit):
            try:
                is_new = self._look(elapsed)
            except StepError as error:
                # A look that went wrong is no outcome; many in a row are an outage.
                trouble, self._pace = error, self._pace.after_trouble()
                self._broken += 1
                if error.exit is not Exit.TEMPORARY or self._broken >= _BROKEN_LOOKS:
                    raise
                self.talk.failed(error)
                continue
            self._broken = 0
            is_listed = not any(isinstance(each.verdict, Unknown) for each in self.watches)
            if self._looks.is_slowed:
                self._pace = self._pace.after_trouble()
            else:
                self._pace = self._pace.after_a_look(changed=is_new or not is_listed)
            # ECS may list a new deployment a moment later.
            if elapsed >= _UNKNOWN_SECONDS:
                self._give_up_the_unknown()
            if all(watch.is_over for watch in self.watches):
                return
        if trouble is not None and not self.watches:
            # Nothing was ever seen, so there is nothing to say of the deployment.
            raise trouble

    def _look(self, elapsed: float) -> bool:
        """Look once at all that aren't over, and return whether something was new."""
        before = self.watches
        if before:
            self._take(self._looks.again(before))
        else:
            self._begin(self._looks.first(self._options.subjects))
        known = {watch.name: watch for watch in before}
        new = [each for each in self.watches if line.changed(known.get(each.name), each)]
        self.talk.seen(self.watches, new, elapsed)
        return bool(new)

    def _begin(self, found: tuple[Watch, ...]) -> None:
        """Find out whether there is something to wait for, and say for what."""
        begun = []
        for watch, subject in zip(found, self._options.subjects, strict=True):
            is_named = bool(subject.deployment)
            fault = fault_at_start(watch, self._options.cluster, is_named=is_named)
            begun.append(watch.replaced(verdict=fault) if fault else watch)
        self._take(tuple(begun))
        for watch, subject in zip(self.watches, self._options.subjects, strict=True):
            self.talk.begun(watch, subject)

    def _give_up_the_unknown(self) -> None:
        self._take(
            tuple(
                watch.replaced(verdict=unknown(watch))
                if isinstance(watch.verdict, Unknown)
                else watch
                for watch in self.watches
            )
        )

    def _take(self, watches: tuple[Watch, ...]) -> None:
        """Keep what is known now.

        Raises:
            StepError: The only one that was named isn't there (exit 2). One of several is told
                beside the outcomes of the others.
        """
        if len(watches) == 1 and isinstance(watches[0].verdict, Mistaken):
            fault = watches[0].verdict
            self.watches = ()
            raise StepError(fault.message, exit=Exit.USAGE, why=fault.why, hint=fault.hint)
        self.watches = watches
