"""Which calls a look makes, and what it does without them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from ecs_fakes import (
    ACCOUNT,
    DENIED,
    OLD,
    OUR_ID,
    THROTTLED,
    a_deployment,
    a_record,
    a_service,
    the_old_one,
)
from ecsstep.aws.looks import Looks
from ecsstep.errors import StepError
from ecsstep.rules.rollout import Deployed, Going, RolledBack
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
        return ()

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


def test_a_throttled_record_is_a_look_that_went_wrong() -> None:
    with pytest.raises(StepError) as caught:
        looking(Calls(record=THROTTLED)).first([("web", OUR_ID)])

    assert caught.value is THROTTLED


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
