"""What is read about the way in which a deployment ended."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from ecs_fakes import DENIED, OUR_ID, a_deployment, a_record, a_service, a_task
from ecsstep.aws.evidence import Evidence
from ecsstep.errors import StepError
from ecsstep.rules.service import Container, Task
from ecsstep.rules.watch import Watch, begun
from fakes import Said, a_world

PINNED, PLATFORM = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
RUNS = a_task(Container(name="app", image=f"app@{PINNED}", image_digest=PLATFORM)).replaced(
    status="RUNNING"
)


@dataclass
class Calls:
    """ECS with one running task, and what ECR tells of its image."""

    parts: frozenset[str] | StepError | None = frozenset({PLATFORM})
    health: str = ""
    asked: list[str] = field(default_factory=list)

    def running_tasks(self, cluster: str, service: str, deployment: str) -> tuple[Task, ...]:
        return (RUNS.replaced(containers=(RUNS.containers[0].replaced(health=self.health),)),)

    def stopped_tasks(self, cluster: str, service: str, deployment: str) -> tuple[Task, ...]:
        raise AssertionError(deployment)

    def parts_of(self, image: str) -> frozenset[str] | None:
        self.asked.append(image)
        if isinstance(self.parts, StepError):
            raise self.parts
        return self.parts

    def task_definition(self, name: str) -> Any:
        raise AssertionError(name)


def evidence(ecs: Calls, said: Said | None = None) -> Evidence:
    return Evidence(
        ecs=ecs,
        read_log=lambda *_: (),
        sick_targets=lambda _: (),
        parts_of=ecs.parts_of,
        log=(said or a_world()).world.log,
        cluster="prod",
        lines=5,
    )


def deployed() -> Watch:
    service = a_service(a_deployment(state="COMPLETED"))
    record = a_record("SUCCESSFUL").replaced(target_revision_arn="r")
    return begun(service, OUR_ID).after(service, record)


def test_a_platform_of_the_pinned_image_is_what_is_pinned() -> None:
    ecs = Calls()

    proof = evidence(ecs).proof(deployed())

    assert proof is not None
    assert (proof.differs, proof.doubtful, ecs.asked) == ((), (), [f"app@{PINNED}"])


def test_what_is_no_platform_of_the_pinned_image_differs() -> None:
    proof = evidence(Calls(parts=frozenset())).proof(deployed())

    assert proof is not None
    assert [each.digest for each in proof.differs] == [PLATFORM]


@pytest.mark.parametrize("parts", [None, DENIED])
def test_without_the_pinned_image_nothing_is_proved_and_nothing_is_wrong(parts: Any) -> None:
    said = a_world()

    proof = evidence(Calls(parts=parts), said).proof(deployed())

    assert proof is not None
    assert (proof.differs, [each.digest for each in proof.doubtful]) == ((), [PLATFORM])
    assert ("can't be read" in said.err.getvalue()) is (parts is DENIED)


@pytest.mark.parametrize(("health", "found"), [("UNHEALTHY", ("app",)), ("HEALTHY", ())])
def test_containers_that_fail_their_own_check_are_found(health: str, found: Any) -> None:
    assert evidence(Calls(health=health)).unwell(deployed()) == found
    assert evidence(Calls(health=health)).unwell(begun(a_service(), None)) == ()


def test_where_nothing_runs_there_is_nothing_to_prove() -> None:
    nothing = a_service(a_deployment(state="COMPLETED", desired=0))

    assert evidence(Calls()).proof(begun(nothing, OUR_ID).after(nothing)) is None


def test_without_an_id_no_task_is_read() -> None:
    assert evidence(Calls()).stopped(begun(a_service(), None)) == ()
