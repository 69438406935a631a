"""ECS's own records of deployments: which belongs to which, and what they say now."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Protocol

from ecsstep.aws.allowed import Allowed
from ecsstep.core.together import together
from ecsstep.rules.records import is_for, is_surely, record_of
from ecsstep.rules.service import Revision, ServiceDeployment
from ecsstep.rules.watch import Watch

Known = Mapping[str, ServiceDeployment]

_TRIES = 3
_AT_ONCE = 5
_READ_IN_A_LOOK = 60


class Ecs(Protocol):
    """What is read of records."""

    def deployments(self, cluster: str, service: str) -> tuple[str, ...]: ...  # noqa: D102
    def records(self, arns: Sequence[str]) -> Known: ...  # noqa: D102
    def revisions(self, arns: Sequence[str]) -> Mapping[str, Revision]: ...  # noqa: D102


class Records:
    """Finds and reads the records of many deployments, in as few calls as AWS allows.

    A look reads sixty of them at most, in turns, so that its calls stay few where many services
    are waited for; who needs one at once asks for it with :meth:`by_arn`.
    """

    def __init__(self, ecs: Ecs, cluster: str, allowed: Allowed) -> None:
        self._ecs = ecs
        self._cluster = cluster
        self._allowed = allowed
        self._tries: Counter[str] = Counter()
        self._looks = 0
        self._read_at: dict[str, int] = {}

    def by_arn(self, arns: Sequence[str]) -> Known:
        """Return the records of these ARNs, as far as ECS knows them and they may be read."""
        if not arns:
            return {}
        return self._allowed("records", lambda: self._ecs.records(arns)) or {}

    def in_turn(self, watches: Sequence[Watch]) -> Known:
        """Return what the records say now, of those whose turn it is."""
        self._looks += 1
        arns = [watch.record.arn for watch in watches if watch.record and not watch.is_code]
        due = sorted(arns, key=lambda arn: self._read_at.get(arn, 0))[:_READ_IN_A_LOOK]
        self._read_at |= dict.fromkeys(due, self._looks)
        return self.by_arn(due)

    def newest(self, services: Sequence[str]) -> dict[str, str]:
        """Return the ARN of each service's newest record; nothing for one that has none."""
        return {name: arns[0] for name, arns in self._listed(services).items() if arns}

    def tied(self, watches: Sequence[Watch], known: Known) -> dict[str, ServiceDeployment]:
        """Return by the service's name the records that belong to these deployments.

        The service names the record of its current deployment; that it is ours, the time of its
        making and its target revision tell. Where it isn't, or may be that of a deployment
        shortly before, the nearest one is looked for in the list.

        Args:
            watches: The deployments.
            known: Records that were just read.
        """
        asking = [watch for watch in watches if self._may_ask(watch)]
        self._tries.update(watch.name for watch in asking)
        arns = [arn for watch in asking if (arn := current_of(watch)) and arn not in known]
        known = {**known, **self.by_arn(arns)}
        found = {}
        for watch in asking:
            record = known.get(current_of(watch))
            found[watch.name] = record_of(watch.seen, (record,) if record else ())
        lost = [watch for watch in asking if not is_surely(found[watch.name], watch.seen)]
        listed = self._listed([watch.name for watch in lost])
        known = self.by_arn([arn for some in listed.values() for arn in some])
        for watch in lost:
            some = [known[arn] for arn in listed.get(watch.name, ()) if arn in known]
            current = found[watch.name]
            found[watch.name] = record_of(watch.seen, (*some, *([current] if current else ())))
        return self._ours(asking, {name: each for name, each in found.items() if each})

    def _ours(
        self, watches: Sequence[Watch], found: Mapping[str, ServiceDeployment]
    ) -> dict[str, ServiceDeployment]:
        """Return those of the records that bring the deployments' task definitions."""
        arns = [arn for record in found.values() if (arn := record.target_revision_arn)]
        bring = (self._allowed("revision", lambda: self._ecs.revisions(arns)) if arns else {}) or {}
        return {
            watch.name: record
            for watch in watches
            if (record := found.get(watch.name))
            and is_for(bring.get(record.target_revision_arn or ""), watch.seen)
        }

    def _may_ask(self, watch: Watch) -> bool:
        if watch.is_code or watch.seen is None or watch.service is None:
            return False
        if is_surely(watch.record, watch.seen):
            return False
        return (watch.is_over and not watch.record) or self._tries[watch.name] < _TRIES

    def _listed(self, services: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return the ARNs of the services' records, newest first; a service's cost a call."""

        def listed(name: str) -> tuple[str, ...]:
            read = partial(self._ecs.deployments, self._cluster, name)
            return self._allowed("list", read) or ()

        deeds = [partial(listed, name) for name in services]
        found = together(deeds, most=_AT_ONCE) if len(deeds) > 1 else [deed() for deed in deeds]
        return dict(zip(services, found, strict=True))


def current_of(watch: Watch) -> str:
    """Return the ARN of the record that may be this deployment's, by the service; or nothing."""
    service = watch.service
    if service is None or watch.is_code or watch.seen is None or service.primary != watch.seen:
        return ""
    return service.current_service_deployment or ""
