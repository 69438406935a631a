"""A look at many services: as few calls as AWS allows, and no less of the truth."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from ecs_fakes import ACCOUNT, a_deployment, a_record, a_service, the_old_one
from ecsstep.aws.looks import Looks
from ecsstep.rules.rollout import Deployed, Going, Stopped
from ecsstep.rules.service import Deployment, Revision, Service, ServiceDeployment, Task

MANY = 100
READ_IN_A_LOOK = 60
A_LOOK_READS_ALL = 2


def a_name(number: int) -> str:
    return f"service-{number}"


def an_arn(name: str) -> str:
    return f"{ACCOUNT}:service-deployment/prod/{name}/1"


@dataclass
class Fleet:
    """A hundred services whose deployments are under way, and what was asked of them.

    Attributes:
        ours: The deployments that don't go on as the others.
        ends: The records that don't, by ARN.
        later: Those that don't once the services have been read.
        asked: The calls, with the names in them.
    """

    ours: dict[str, Deployment] = field(default_factory=dict)
    ends: dict[str, ServiceDeployment] = field(default_factory=dict)
    later: dict[str, ServiceDeployment] = field(default_factory=dict)
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def services(self, cluster: str, names: Sequence[str]) -> dict[str, Service | None]:
        self.asked.append(("services", *names))
        self.ends |= self.later
        return {name: self._service(name) for name in names}

    def _service(self, name: str) -> Service:
        ours = self.ours.get(name, a_deployment(state="IN_PROGRESS"))
        others = a_service(ours, the_old_one(), current_service_deployment=an_arn(name))
        return others.replaced(name=name)

    def deployments(self, cluster: str, service: str) -> tuple[str, ...]:
        self.asked.append(("list", service))
        return (an_arn(service),)

    def records(self, arns: Sequence[str]) -> dict[str, ServiceDeployment]:
        self.asked.append(("records", *arns))
        going = a_record("IN_PROGRESS")
        return {arn: self.ends.get(arn, going).replaced(arn=arn) for arn in arns}

    def revisions(self, arns: Sequence[str]) -> dict[str, Revision]:
        self.asked.append(("revisions", *arns))
        return {}

    def stopped_tasks(self, cluster: str, service: str, deployment: str) -> tuple[Task, ...]:
        self.asked.append(("tasks", service))
        return ()

    def running_tasks(self, cluster: str, service: str, deployment: str) -> tuple[Task, ...]:
        return ()

    def many(self, what: str) -> list[int]:
        """How many names each call of a kind had."""
        return [len(names) for kind, *names in self.asked if kind == what]


def looking(fleet: Fleet) -> Looks:
    return Looks(fleet, None, cluster="prod")  # type: ignore[arg-type]


NAMED = [(a_name(number), a_deployment().id) for number in range(MANY)]


def test_the_first_look_reads_all_records_at_once() -> None:
    fleet = Fleet()

    watches = looking(fleet).first(NAMED)

    assert [watch.record.arn for watch in watches if watch.record] == [
        an_arn(name) for name, _ in NAMED
    ]
    assert (fleet.many("services"), fleet.many("records"), fleet.many("list")) == ([100], [100], [])


def test_the_past_of_services_without_a_named_deployment_is_listed_one_by_one() -> None:
    fleet = Fleet(ends={an_arn(a_name(3)): a_record("ROLLBACK_SUCCESSFUL")})

    watches = looking(fleet).first([(name, None) for name, _ in NAMED])

    assert [watch.name for watch in watches if watch.is_way_back] == [a_name(3)]
    assert (len(fleet.many("list")), fleet.many("records")) == (MANY, [100])


def test_a_look_reads_sixty_records_and_the_others_in_the_next() -> None:
    fleet = Fleet()
    looks = looking(fleet)
    watches = looks.first(NAMED)
    fleet.asked.clear()

    for _ in range(A_LOOK_READS_ALL):
        watches = looks.again(watches)

    assert fleet.many("records") == [READ_IN_A_LOOK, READ_IN_A_LOOK]
    read = {arn for kind, *arns in fleet.asked if kind == "records" for arn in arns}
    assert read == {an_arn(name) for name, _ in NAMED}


def test_a_service_that_shows_an_end_has_its_record_read_before_that_is_believed() -> None:
    fleet = Fleet()
    looks = looking(fleet)
    watches = looks.first(NAMED)
    last = a_name(MANY - 1)
    fleet.asked.clear()

    fleet.ours[last] = a_deployment(state="COMPLETED")
    watches = looks.again(watches)
    baking = watches[-1].verdict
    fleet.ends[an_arn(last)] = a_record("SUCCESSFUL")
    watches = looks.again(watches)

    assert isinstance(baking, Going)
    assert isinstance(watches[-1].verdict, Deployed)
    assert fleet.asked[:4] == [
        ("records", *(an_arn(a_name(number)) for number in range(READ_IN_A_LOOK))),
        ("services", *(name for name, _ in NAMED)),
        ("records", an_arn(last)),
        ("services", last),
    ]


def test_a_record_that_does_not_know_yet_of_a_bad_end_is_read_again() -> None:
    fleet = Fleet()
    looks = looking(fleet)
    watches = looks.first(NAMED[:1])

    fleet.ours[a_name(0)] = a_deployment(state="FAILED")
    fleet.later[an_arn(a_name(0))] = a_record("ROLLBACK_IN_PROGRESS", reason="stopped by user")
    [watch] = looks.again(watches)

    assert watch.verdict == Stopped(reason="stopped by user")
