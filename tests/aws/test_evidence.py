"""What is read about the way in which a deployment ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ecs_fakes import OUR_ID, a_deployment, a_record, a_service, a_task
from ecsstep.aws.evidence import Evidence
from ecsstep.rules.service import Container, Revision, Task
from ecsstep.rules.watch import Watch, begun
from fakes import a_world

PINNED, PLATFORM = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
RUNS = a_task(Container(name="app", image=f"app@{PINNED}", image_digest=PLATFORM)).replaced(
    status="RUNNING"
)


@dataclass
class Calls:
    """ECS with one running task."""

    resolved: str = PINNED
    asked: list[str] = field(default_factory=list)

    def running_tasks(self, cluster: str, service: str, deployment: str) -> tuple[Task, ...]:
        return (RUNS,)

    def stopped_tasks(self, cluster: str, service: str, deployment: str) -> tuple[Task, ...]:
        raise AssertionError(deployment)

    def revisions(self, arns: Sequence[str]) -> dict[str, Revision]:
        self.asked.extend(arns)
        images = {"app": self.resolved}
        return {arn: Revision(arn=arn, taskdef_arn="", images=images) for arn in arns}

    def task_definition(self, name: str) -> Any:
        raise AssertionError(name)


def evidence(ecs: Calls) -> Evidence:
    return Evidence(
        ecs=ecs,
        read_log=lambda *_: (),
        sick_targets=lambda _: (),
        log=a_world().world.log,
        cluster="prod",
        lines=5,
    )


def deployed() -> Watch:
    service = a_service(a_deployment(state="COMPLETED"))
    record = a_record("SUCCESSFUL").replaced(target_revision_arn="r")
    return begun(service, OUR_ID).after(service, record)


def test_the_revision_knows_the_index_that_a_platforms_image_belongs_to() -> None:
    ecs = Calls()

    proof = evidence(ecs).proof(deployed())

    assert proof is not None
    assert (proof.differs, ecs.asked) == ((), ["r"])


def test_an_image_that_the_revision_does_not_know_differs() -> None:
    proof = evidence(Calls(resolved=PLATFORM)).proof(deployed())

    assert proof is not None
    assert [each.digest for each in proof.differs] == [PLATFORM]


def test_where_nothing_runs_there_is_nothing_to_prove() -> None:
    nothing = a_service(a_deployment(state="COMPLETED", desired=0))

    assert evidence(Calls()).proof(begun(nothing, OUR_ID).after(nothing)) is None


def test_without_an_id_no_task_is_read() -> None:
    assert evidence(Calls()).stopped(begun(a_service(), None)) == ()
