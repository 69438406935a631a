"""One look after another at deployments of one cluster, in as few calls as AWS allows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from ecsstep.aws import records, troubles
from ecsstep.aws.allowed import Allowed
from ecsstep.aws.records import Known, Records, current_of
from ecsstep.aws.troubles import Troubles
from ecsstep.errors import StepError
from ecsstep.rules.codedeploy import CodeDeployment, Target
from ecsstep.rules.records import is_behind
from ecsstep.rules.rollout import Deployed, Going, Unknown
from ecsstep.rules.service import Service
from ecsstep.rules.watch import Watch, begun

# Without these an alarm that has yet to send a deployment back isn't seen.
_NEEDED = ("records", "list", "targets")
Services = Mapping[str, Service | None]


class Ecs(records.Ecs, troubles.Ecs, Protocol):
    """What is read from ECS."""

    def services(self, cluster: str, names: Sequence[str]) -> Services: ...  # noqa: D102


class CodeDeploy(Protocol):
    """What is read from CodeDeploy."""

    def deployment(self, deployment: str) -> CodeDeployment | None: ...  # noqa: D102
    def targets(self, deployment: str) -> tuple[Target, ...]: ...  # noqa: D102


class Looks:
    """Looks at deployments.

    What the role may not read is asked once and not again, and nothing is said of it: the
    deployments are then judged by DescribeServices alone. What could not be read for the moment
    (throttled, out of reach) is left out of the look, and void is a look that would be good
    without it.

    Attributes:
        is_slowed: Whether something of the last look was throttled or out of reach.
    """

    def __init__(
        self,
        ecs: Ecs,
        code: Callable[[], CodeDeploy],
        *,
        cluster: str,
        stage: str = "",
        denied: Callable[[StepError], None] = lambda _: None,
    ) -> None:
        """Begin to look.

        Args:
            ecs: ECS.
            code: CodeDeploy, where a service is under it.
            cluster: The cluster of all services.
            stage: The stage that is far enough; nothing for the end.
            denied: Is told of a reading of CodeDeploy that the role may not do.
        """
        self._ecs = ecs
        self._code = code
        self._cluster = cluster
        self._stage = stage
        self._denied = denied
        self._allowed = Allowed()
        self._records = Records(ecs, cluster, self._allowed)
        self._troubles = Troubles(ecs, cluster, self._allowed)
        self._looked_for: set[str] = set()

    @property
    def is_slowed(self) -> bool:
        """Whether something of the last look was throttled or out of reach."""
        return bool(self._allowed.trouble)

    def first(self, subjects: Sequence[tuple[str, str | None]]) -> tuple[Watch, ...]:
        """Return what the first look says, by services and the deployments to follow.

        Raises:
            StepError: A call failed that is needed, or one that the end of a deployment needs.
        """
        self._allowed.trouble.clear()
        found = self._ecs.services(self._cluster, [name for name, _ in subjects])
        watches = [begun(found[name], id_, name) for name, id_ in subjects]
        # Where no deployment was named, the service's past counts too.
        past = self._records.newest(
            [watch.name for watch in watches if _is_past_in_question(watch, found)]
        )
        current = [current_of(watch.after(found[watch.name])) for watch in watches]
        known = self._records.by_arn(list(dict.fromkeys(filter(None, [*past.values(), *current]))))
        watches = [watch.after_the_last(known.get(past.get(watch.name, ""))) for watch in watches]
        return self._after(watches, found, known, {})

    def again(self, watches: Sequence[Watch]) -> tuple[Watch, ...]:
        """Return what is known after one more look at those that aren't over.

        Raises:
            StepError: As for :meth:`first`.
        """
        self._allowed.trouble.clear()
        going = [watch for watch in watches if not watch.is_over]
        if not going:
            return tuple(watches)
        # The records first: what the services say then is the newer of the two.
        now = self._records.in_turn(going)
        found = self._ecs.services(self._cluster, [watch.name for watch in going])
        unsure = [watch for watch in going if _is_unsure(watch, found[watch.name], now)]
        if unsure:
            now = {**now, **self._records.by_arn([_arn(watch) for watch in unsure])}
            names = [watch.name for watch in unsure]
            found = {**found, **self._ecs.services(self._cluster, names)}
        behind = [
            record.arn
            for watch in going
            if (record := now.get(_arn(watch)))
            and is_behind(record, watch.after(found[watch.name]).verdict)
        ]
        now = {**now, **self._records.by_arn(behind)}
        after = {watch.name: watch for watch in self._after(going, found, {}, now)}
        return tuple(after.get(watch.name, watch) for watch in watches)

    def _after(
        self, watches: Sequence[Watch], found: Services, known: Known, now: Known
    ) -> tuple[Watch, ...]:
        """Return what is known after a look.

        Args:
            watches: What was known before it.
            found: What DescribeServices says.
            known: Records that were just read, of whomever.
            now: What the records say that belong to the deployments.
        """
        plain = [watch.after(found[watch.name]) for watch in watches if not watch.is_code]
        own = {watch.name: now[_arn(watch)] for watch in watches if _arn(watch) in now}
        own |= self._records.tied(plain, known)
        after = [
            self._after_code(watch, found[watch.name])
            if watch.is_code
            else watch.after(found[watch.name], own.get(watch.name))
            for watch in watches
        ]
        after = [self._listed_no_more(watch) for watch in after]
        self._refuse_what_needs_more(after)
        return tuple(watch.until(self._stage) for watch in self._troubles.judged(after))

    def _refuse_what_needs_more(self, after: Sequence[Watch]) -> None:
        """Raise where a deployment would be called good without what an alarm's record says."""
        missing = [self._allowed.trouble[kind] for kind in _NEEDED if kind in self._allowed.trouble]
        if missing and any(isinstance(watch.verdict, Deployed) for watch in after):
            raise missing[0]

    def _listed_no_more(self, watch: Watch) -> Watch:
        """Return what is known of a deployment that ECS doesn't list (any more).

        For an hour the tasks that it started tell that it was there.
        """
        if watch.is_code or not watch.id or not isinstance(watch.verdict, Unknown):
            return watch
        if watch.name in self._looked_for:
            return watch
        self._looked_for.add(watch.name)
        names = (self._cluster, watch.name, watch.id)
        tasks = self._allowed("tasks", lambda: self._ecs.stopped_tasks(*names))
        return watch.was_there(tasks[0].taskdef_arn) if tasks else watch

    def _after_code(self, watch: Watch, service: Service | None) -> Watch:
        deployer = self._code()
        code = deployer.deployment(watch.id)
        found = (
            self._allowed("targets", lambda: deployer.targets(watch.id), self._denied)
            if code
            else ()
        )
        return watch.after_code(service, code, found[0] if found else None)


def _arn(watch: Watch) -> str:
    return watch.record.arn if watch.record else ""


def _is_past_in_question(watch: Watch, found: Services) -> bool:
    return not (watch.is_named or watch.is_way_back or watch.is_code or not found[watch.name])


def _is_unsure(watch: Watch, service: Service | None, now: Known) -> bool:
    """Whether the service shows an end, and the record, whose turn it wasn't, may know more."""
    if watch.is_code or not watch.record or watch.record.arn in now:
        return False
    return not isinstance(watch.after(service).verdict, Going)
