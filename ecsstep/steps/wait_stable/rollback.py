"""Ask for a rollback of what is still ours and still under way, and see it begin."""

from collections.abc import Sequence

from ecsstep.aws.looks import Looks
from ecsstep.core.clock import ticks
from ecsstep.core.step import World
from ecsstep.errors import StepError
from ecsstep.rules.rollout import Going
from ecsstep.rules.waited import report
from ecsstep.rules.watch import Watch
from ecsstep.steps.wait_stable.sources import Sources

_GRACE_SECONDS = 8.0
_REQUESTED = "requested"


class Rollback:
    """Asks for rollbacks, and keeps what became of each by the service's name."""

    def __init__(self, looks: Looks, sources: Sources, world: World) -> None:
        self._looks = looks
        self._sources = sources
        self._world = world
        self._answers: dict[str, str] = {}

    def ask(self, watches: Sequence[Watch]) -> None:
        """Ask for all that are under way, and wait a moment for them to turn."""
        for watch in watches:
            if isinstance(watch.verdict, Going):
                self._answers[watch.name] = self._asked(watch)
        if _REQUESTED not in self._answers.values():
            return
        for _ in ticks(self._world.clock, every=1.0, limit=_GRACE_SECONDS):
            try:
                after = self._looks.again(watches)
            except StepError:
                continue
            if not any(isinstance(watch.verdict, Going) for watch in after):
                self._world.log.info("the rollback has begun")
                return

    def answer(self, watch: Watch) -> str:
        """Return what became of asking for this one; nothing where nobody asked."""
        return self._answers.get(watch.name, "")

    def is_requested(self, watch: Watch) -> bool:
        """Whether this one was asked for, and not refused."""
        return self.answer(watch) == _REQUESTED

    def _asked(self, watch: Watch) -> str:
        log = self._world.log
        try:
            [now] = self._looks.again([watch])
            if not isinstance(now.verdict, Going):
                return "not needed: it is under way no more"
            if watch.is_code:
                self._sources.code().stop_deployment(watch.id)
            else:
                self._sources.ecs.stop_deployment(report.to_stop(now))
        except StepError as error:
            log.warning("the rollback can't be asked for", reason=error.message, hint=error.hint)
            return f"refused: {error.message}"
        log.warning("asked ECS to roll back", service=watch.name, deployment=watch.id)
        return _REQUESTED
