"""Which calls a look makes, and what it does without them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from ecs_fakes import (
    ACCOUNT,
    DENIED,
    OLD,
    OTHER_ID,
    OUR_ID,
    THROTTLED,
    a_deployment,
    a_record,
    a_service,
    a_task,
    at,
    the_old_one,
)
from ecsstep.aws.looks import Looks
from ecsstep.errors import StepError
from ecsstep.rules.rollout import (
    Deployed,
    Failed,
    Going,
    RolledBack,
    Superseded,
    Unknown,
)
from ecsstep.rules.service import Revision, Service, ServiceDeployment, Task

CURRENT = f"{ACCOUNT}:service-deployment/prod/web/current"
GOING = a_service(a_deployment(), the_old_one(), current_service_deployment=CURRENT)
RECORD = a_record("IN_PROGRESS").replaced(arn=CURRENT, target_revision_arn="r")


@dataclass
class Calls:
    """ECS, and what it was asked."""

    service: Any = GOING
    record: Any = RECORD
    listed: Any = ()
    taskdef: str = GOING.taskdef_arn
    tasks: tuple[Task, ...] = ()
    asked: list[str] = field(default_factory=list)

    def services(self, cluster: str, names: Sequence[str]) -> dict[str, Service | None]:
        self.asked.append("services")
        return dict.fromkeys(names, self.service)

    def records(self, arns: Sequence[str]) -> dict[str, ServiceDeployment]:
        self.asked.append("records")
        if isinstance(self.record, BaseException):
            raise self.record
        return {each.arn: each for each in (self.record, *self.listed) if each.arn in arns}

    def revisions(self, arns: Sequence[str]) -> dict[str, Revision]:
        self.asked.append("revisions")
        return {arn: Revision(arn=arn, taskdef_arn=self.taskdef) for arn in arns}

    def deployments(self, cluster: str, service: str) -> tuple[str, ...]:
        self.asked.append("list")
        if isinstance(self.listed, BaseException):
            raise self.listed
        return tuple(each.arn for each in self.listed)

    def stopped_tasks(self, cluster: str, service: str, deployment: str) -> tuple[Task, ...]:
        self.asked.append("tasks")
        return self.tasks

    def running_tasks(self, cluster: str, service: str, deployment: str) -> tuple[Task, ...]:
        return ()


def looking(ecs: Calls) -> Looks:
    return Looks(ecs, None, cluster="prod")  # type: ignore[arg-type]


def test_the_services_current_record_is_ours_by_its_time_and_its_revision() -> None:
    ecs = Calls()
    looks = looking(ecs)

    [watch] = looks.first([("web", OUR_ID)])
    looks.again([watch])

    assert watch.record == RECORD
    assert ecs.asked == ["services", "records", "revisions", "records", "services"]


def test_a_record_that_brings_another_revision_is_not_ours() -> None:
    ecs = Calls(taskdef=OLD)

    [watch] = looking(ecs).first([("web", OUR_ID)])

    assert watch.record is None


def test_a_record_of_another_time_is_looked_for_in_the_list() -> None:
    ours = RECORD.replaced(arn="ours")
    ecs = Calls(record=RECORD.replaced(created_at=None), listed=(ours,))

    [watch] = looking(ecs).first([("web", OUR_ID)])

    assert watch.record == ours


def test_what_the_role_may_not_read_is_asked_once() -> None:
    ecs = Calls(record=DENIED, listed=DENIED)
    looks = looking(ecs)

    watches = looks.first([("web", OUR_ID)])
    for _ in range(5):
        watches = looks.again(watches)

    assert (ecs.asked.count("records"), ecs.asked.count("list")) == (1, 1)
    assert isinstance(watches[0].verdict, Going)


def test_a_record_that_is_not_there_is_not_looked_for_for_ever() -> None:
    ecs = Calls(record=RECORD.replaced(created_at=None))
    looks = looking(ecs)

    watches = looks.first([("web", OUR_ID)])
    for _ in range(5):
        watches = looks.again(watches)

    assert ecs.asked.count("list") == 3


def test_a_throttled_record_is_left_out_of_the_look() -> None:
    looks = looking(Calls(record=THROTTLED))

    [watch] = looks.first([("web", OUR_ID)])

    assert (isinstance(watch.verdict, Going), looks.is_slowed) == (True, True)


def test_a_red_service_needs_no_record() -> None:
    failed = a_service(a_deployment(state="FAILED"), current_service_deployment=CURRENT)

    [watch] = looking(Calls(service=failed, record=THROTTLED)).first([("web", OUR_ID)])

    assert isinstance(watch.verdict, Failed)


def test_a_deployment_is_not_called_good_while_its_record_is_throttled() -> None:
    """An alarm may still send it back, and the record alone tells."""
    done = a_service(a_deployment(state="COMPLETED"), current_service_deployment=CURRENT)
    ecs = Calls(service=done, record=THROTTLED)
    looks = looking(ecs)

    with pytest.raises(StepError) as caught:
        looks.first([("web", OUR_ID)])
    ecs.record = RECORD.replaced(status="SUCCESSFUL")
    [watch] = looks.first([("web", OUR_ID)])

    assert caught.value is THROTTLED
    assert (isinstance(watch.verdict, Deployed), looks.is_slowed) == (True, False)


def test_the_nearest_record_is_ours_where_the_services_own_is_behind() -> None:
    """Two forced deployments, seconds apart; the service still names the first one's record."""
    first = RECORD.replaced(created_at=at(-6), status="STOPPED")
    ours = RECORD.replaced(arn="ours")
    ecs = Calls(record=first, listed=(ours, first))

    [watch] = looking(ecs).first([("web", OUR_ID)])

    assert watch.record == ours


def test_a_record_that_may_be_anothers_is_replaced_by_a_nearer_one() -> None:
    first = RECORD.replaced(created_at=at(-6))
    ecs = Calls(record=first)
    looks = looking(ecs)
    watches = looks.first([("web", OUR_ID)])

    ours = RECORD.replaced(arn="ours")
    ecs.listed = (ours, first)
    [after] = looks.again(watches)

    assert (watches[0].record, after.record) == (first, ours)


@pytest.mark.parametrize("tasks", [(), (a_task(),)])
def test_the_tasks_of_a_deployment_that_is_listed_no_more_tell_that_it_was_there(
    tasks: tuple[Task, ...],
) -> None:
    ecs = Calls(service=a_service(a_deployment(OTHER_ID)), record=DENIED, tasks=tasks)
    looks = looking(ecs)

    watches = looks.first([("web", OUR_ID)])
    [watch] = looks.again(watches)

    assert isinstance(watch.verdict, Superseded if tasks else Unknown)
    assert watch.is_over is bool(tasks)
    assert ecs.asked.count("tasks") == 1


def test_the_record_is_red_before_the_service_is() -> None:
    ecs = Calls()
    looks = looking(ecs)
    watches = looks.first([("web", OUR_ID)])

    ecs.record = RECORD.replaced(status="ROLLBACK_REQUESTED", rollback_reason="alarm")

    assert looks.again(watches)[0].verdict == RolledBack(reason="alarm")


def test_those_that_are_over_are_not_looked_at_again() -> None:
    ecs = Calls(service=a_service(a_deployment(state="COMPLETED")), record=DENIED)
    looks = looking(ecs)
    watches = looks.first([("web", OUR_ID)])
    ecs.asked.clear()

    assert isinstance(watches[0].verdict, Deployed)
    assert looks.again(watches) == watches
    assert ecs.asked == []
