"""Ask for a rollback of what is still ours and still under way, and see it begin."""

from collections.abc import Sequence

from ecsstep.aws.looks import Looks
from ecsstep.core.clock import ticks
from ecsstep.core.step import World
from ecsstep.errors import Exit, StepError
from ecsstep.rules.rollout import Going, Hopeless, Unknown
from ecsstep.rules.waited import report
from ecsstep.rules.watch import Watch
from ecsstep.steps.wait_stable.sources import Deployers

_GRACE_SECONDS = 8.0
_REQUESTED = "requested"
_NO_TIME = "not asked for: there was no time left"


class Rollback:
    """Asks for rollbacks, and keeps what became of each by the service's name."""

    def __init__(self, cluster: str, world: World) -> None:
        self._cluster = cluster
        self._world = world
        self._answers: dict[str, str] = {}

    def ask(self, watches: Sequence[Watch], deployers: Deployers, *, is_ending: bool) -> None:
        """Ask for all that are under way, and wait a moment for them to turn.

        Args:
            watches: What is known.
            deployers: What is asked.
            is_ending: Whether the step is being ended, so that all of it must be done within the
                grace of a signal.
        """
        wanted = [watch for watch in watches if is_to_go_back(watch)]
        looks = Looks(deployers.ecs, deployers.code, cluster=self._cluster)
        began = self._world.clock.monotonic()
        for watch in wanted:
            has_time = self._world.clock.monotonic() - began < _GRACE_SECONDS
            is_asked = has_time or not is_ending
            self._answers[watch.name] = (
                self._asked(watch, looks, deployers) if is_asked else _NO_TIME
            )
        asked = [_reopened(watch) for watch in wanted if self.is_requested(watch)]
        left = _GRACE_SECONDS - (self._world.clock.monotonic() - began if is_ending else 0.0)
        if asked and left > 0:
            self._see_it_begin(asked, looks, left)

    def _see_it_begin(self, asked: Sequence[Watch], looks: Looks, seconds: float) -> None:
        for _ in ticks(self._world.clock, every=1.0, limit=seconds):
            try:
                after = looks.again(asked)
            except StepError:
                continue
            if not any(isinstance(watch.verdict, Going | Hopeless) for watch in after):
                self._world.log.info("the rollback has begun")
                return

    def answer(self, watch: Watch) -> str:
        """Return what became of asking for this one; nothing where nobody asked."""
        return self._answers.get(watch.name, "")

    def is_requested(self, watch: Watch) -> bool:
        """Whether this one was asked for, and not refused."""
        return self.answer(watch) == _REQUESTED

    def _asked(self, watch: Watch, looks: Looks, deployers: Deployers) -> str:
        log = self._world.log
        try:
            now = _now(watch, looks)
            if not isinstance(now.verdict, Going | Hopeless):
                return "not needed: it is under way no more"
            if watch.is_code:
                deployers.code().stop_deployment(watch.id)
            else:
                deployers.ecs.stop_deployment(report.to_stop(now))
        except StepError as error:
            log.warning("the rollback can't be asked for", reason=error.message, hint=error.hint)
            return f"refused: {error.message}"
        deployer = "CodeDeploy" if watch.is_code else "ECS"
        log.warning(f"asked {deployer} to roll back", service=watch.name, deployment=watch.id)
        return _REQUESTED


def is_to_go_back(watch: Watch) -> bool:
    """Whether it is under way, or would go on without hope and without anybody to end it."""
    if isinstance(watch.verdict, Hopeless):
        return watch.is_code or watch.service is None or not watch.service.has_breaker
    return isinstance(watch.verdict, Going)


def _now(watch: Watch, looks: Looks) -> Watch:
    """Return how it stands now; where that can't be seen, as it was seen last.

    Its own record names what is to be stopped, so that nobody else's deployment can be hit.
    """
    try:
        [now] = looks.again([_reopened(watch)])
    except StepError as error:
        if error.exit is Exit.TEMPORARY and (watch.is_code or watch.record):
            return watch
        raise
    return now


def _reopened(watch: Watch) -> Watch:
    """Return it as one that is looked at once more."""
    return watch.replaced(verdict=Unknown(), doubts=0)
