"""One look after another at deployments of one cluster, in as few calls as AWS allows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from ecsstep.errors import Exit, StepError
from ecsstep.rules.codedeploy import CodeDeployment, Target
from ecsstep.rules.hopeless import hopeless
from ecsstep.rules.records import is_for, record_of
from ecsstep.rules.rollout import Going
from ecsstep.rules.service import Revision, Service, ServiceDeployment, Task
from ecsstep.rules.watch import Watch, begun

T = TypeVar("T")

_TRIES = 3
_LOOKS_BETWEEN_READS = 5


class Ecs(Protocol):
    """What is read from ECS."""

    def services(  # noqa: D102
        self, cluster: str, names: Sequence[str]
    ) -> Mapping[str, Service | None]: ...
    def records(self, arns: Sequence[str]) -> Mapping[str, ServiceDeployment]: ...  # noqa: D102
    def revision(self, arn: str) -> Revision | None: ...  # noqa: D102
    def service_deployments(  # noqa: D102
        self, cluster: str, service: str
    ) -> tuple[ServiceDeployment, ...]: ...
    def stopped_tasks(  # noqa: D102
        self, cluster: str, service: str, deployment: str
    ) -> tuple[Task, ...]: ...
    def running_tasks(  # noqa: D102
        self, cluster: str, service: str, deployment: str
    ) -> tuple[Task, ...]: ...


class CodeDeploy(Protocol):
    """What is read from CodeDeploy."""

    def deployment(self, deployment: str) -> CodeDeployment | None: ...  # noqa: D102
    def targets(self, deployment: str) -> tuple[Target, ...]: ...  # noqa: D102


@dataclass(kw_only=True)
class _Memory:
    """What was read of one deployment, so that it isn't read for nothing again."""

    tries: int = 0
    is_tied: bool = False
    troubles: tuple[object, ...] = ()
    looks_since: int = _LOOKS_BETWEEN_READS


class Looks:
    """Looks at deployments.

    What the role may not read is asked once and not again, and nothing is said of it: the
    deployments are then judged by DescribeServices alone.
    """

    def __init__(self, ecs: Ecs, code: CodeDeploy, *, cluster: str, stage: str = "") -> None:
        self._ecs = ecs
        self._code = code
        self._cluster = cluster
        self._stage = stage
        self._denied: set[str] = set()
        self._memory: dict[str, _Memory] = {}

    def first(self, subjects: Sequence[tuple[str, str | None]]) -> tuple[Watch, ...]:
        """Return what the first look says, by services and the deployments to follow."""
        found = self._ecs.services(self._cluster, [name for name, _ in subjects])
        return tuple(
            self._after(self._begun(found[name], id_, name), found[name], {})
            for name, id_ in subjects
        )

    def _begun(self, service: Service | None, id_: str | None, name: str) -> Watch:
        """Return where the watching begins; where no deployment was named, its past counts too."""
        watch = begun(service, id_, name)
        if watch.is_named or watch.is_way_back or service is None:
            return watch
        listed = self._allowed("list", lambda: self._ecs.service_deployments(self._cluster, name))
        return watch.after_the_last(listed[0] if listed else None)

    def again(self, watches: Sequence[Watch]) -> tuple[Watch, ...]:
        """Return what is known after one more look at those that aren't over."""
        going = [watch for watch in watches if not watch.is_over]
        # The records first: what the services say then is the newer of the two.
        arns = [watch.record.arn for watch in going if watch.record and not watch.is_code]
        records = self._allowed("records", lambda: self._ecs.records(arns)) if arns else None
        if not going:
            return tuple(watches)
        found = self._ecs.services(self._cluster, [watch.name for watch in going])
        return tuple(
            watch if watch.is_over else self._after(watch, found[watch.name], records or {})
            for watch in watches
        )

    def _after(
        self, watch: Watch, service: Service | None, records: Mapping[str, ServiceDeployment]
    ) -> Watch:
        if watch.is_code:
            code = self._code.deployment(watch.id)
            targets = self._code.targets(watch.id) if code else ()
            return watch.after_code(service, code, targets[0] if targets else None).until(
                self._stage
            )
        record = records.get(watch.record.arn) if watch.record else None
        now = watch.after(service, record or self._tied(watch.after(service)))
        return self._judged(now).until(self._stage)

    def _tied(self, watch: Watch) -> ServiceDeployment | None:
        """Return ECS's record that belongs to this deployment, if one can be found.

        The service names the record of its current deployment; that it is ours, the time of its
        making and its target revision tell.
        """
        memory = self._memory.setdefault(watch.name, _Memory())
        if memory.is_tied or watch.seen is None or watch.service is None:
            return None
        if memory.tries >= _TRIES and not watch.is_over:
            return None
        memory.tries += 1
        arn = watch.service.current_service_deployment
        found: ServiceDeployment | None = None
        if arn and watch.service.primary == watch.seen:
            known = self._allowed("records", lambda: self._ecs.records([arn])) or {}
            found = record_of(watch.seen, tuple(known.values()))
        if found is None:
            listed = self._allowed(
                "list",
                lambda: self._ecs.service_deployments(self._cluster, watch.name),
            )
            found = record_of(watch.seen, listed or ())
        if found is None or not self._is_ours(found, watch):
            return None
        memory.is_tied = True
        return found

    def _is_ours(self, record: ServiceDeployment, watch: Watch) -> bool:
        arn = record.target_revision_arn
        if not arn:
            return True
        return is_for(self._allowed("revision", lambda: self._ecs.revision(arn)), watch.seen)

    def _judged(self, watch: Watch) -> Watch:
        """Return the watch, given up if it is hopeless; tasks are read when something changed."""
        memory = self._memory.setdefault(watch.name, _Memory())
        memory.looks_since += 1
        if not isinstance(watch.verdict, Going) or watch.service is None:
            return watch
        newest = watch.service.events[0].id if watch.service.events else ""
        troubles = (watch.counts["failed"], newest)
        if troubles == memory.troubles or memory.looks_since < _LOOKS_BETWEEN_READS:
            return watch
        memory.troubles, memory.looks_since = troubles, 0
        names = (self._cluster, watch.name, watch.id)
        stopped = self._allowed("tasks", lambda: self._ecs.stopped_tasks(*names))
        if not stopped:
            return watch
        running = self._allowed("tasks", lambda: self._ecs.running_tasks(*names))
        return watch.given_up(hopeless(stopped, running, has_breaker=watch.service.has_breaker))

    def _allowed(self, what: str, read: Callable[[], T]) -> T | None:
        """Return what could be read, or None where the role may not."""
        if what in self._denied:
            return None
        try:
            return read()
        except StepError as error:
            if error.exit is Exit.TEMPORARY:
                raise
            self._denied.add(what)
            return None
