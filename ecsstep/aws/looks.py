"""One look after another at deployments of one cluster, in as few calls as AWS allows."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from ecsstep.aws import records, troubles
from ecsstep.aws.allowed import Allowed
from ecsstep.aws.records import Known, Records, current_of
from ecsstep.aws.troubles import Troubles
from ecsstep.rules.codedeploy import CodeDeployment, Target
from ecsstep.rules.records import is_behind
from ecsstep.rules.rollout import Going
from ecsstep.rules.service import Service
from ecsstep.rules.watch import Watch, begun

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
    deployments are then judged by DescribeServices alone.
    """

    def __init__(
        self, ecs: Ecs, code: Callable[[], CodeDeploy], *, cluster: str, stage: str = ""
    ) -> None:
        self._ecs = ecs
        self._code = code
        self._cluster = cluster
        self._stage = stage
        allowed = Allowed()
        self._records = Records(ecs, cluster, allowed)
        self._troubles = Troubles(ecs, cluster, allowed)

    def first(self, subjects: Sequence[tuple[str, str | None]]) -> tuple[Watch, ...]:
        """Return what the first look says, by services and the deployments to follow."""
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
        """Return what is known after one more look at those that aren't over."""
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
        own = {**self._records.tied(plain, known)}
        own |= {watch.name: now[_arn(watch)] for watch in watches if _arn(watch) in now}
        after = [
            self._after_code(watch, found[watch.name])
            if watch.is_code
            else watch.after(found[watch.name], own.get(watch.name))
            for watch in watches
        ]
        return tuple(watch.until(self._stage) for watch in self._troubles.judged(after))

    def _after_code(self, watch: Watch, service: Service | None) -> Watch:
        deployer = self._code()
        code = deployer.deployment(watch.id)
        targets = deployer.targets(watch.id) if code else ()
        return watch.after_code(service, code, targets[0] if targets else None)


def _arn(watch: Watch) -> str:
    return watch.record.arn if watch.record else ""


def _is_past_in_question(watch: Watch, found: Services) -> bool:
    return not (watch.is_named or watch.is_way_back or watch.is_code or not found[watch.name])


def _is_unsure(watch: Watch, service: Service | None, now: Known) -> bool:
    """Whether the service shows an end, and the record, whose turn it wasn't, may know more."""
    if watch.is_code or not watch.record or watch.record.arn in now:
        return False
    return not isinstance(watch.after(service).verdict, Going)
