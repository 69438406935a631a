"""Which images tasks run."""

import pytest

from ecs_fakes import a_task
from ecsstep.errors import Exit
from ecsstep.rules.outcome import Outcome, proved
from ecsstep.rules.proof import RunningImage, proof_of
from ecsstep.rules.service import Container, Task

PINNED, OTHER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
WELL = Outcome(word="deployed", exit=Exit.OK, reason="completed")


def running(image: str, digest: str, name: str = "t") -> Task:
    container = Container(name="app", image=image, image_digest=digest)
    return a_task(task_id=name).replaced(status="RUNNING", containers=(container,))


def test_equal_tasks_are_counted_and_stopped_ones_left_out() -> None:
    proof = proof_of([running("app:1", PINNED), running("app:1", PINNED), a_task()], {})

    assert proof.images == (RunningImage(container="app", image="app:1", digest=PINNED, tasks=2),)
    assert proof.data == [{"container": "app", "image": "app:1", "digest": PINNED, "tasks": 2}]
    assert proof.mixed == ()


def test_a_tag_that_moved_between_two_tasks_shows() -> None:
    assert proof_of([running("app:1", PINNED), running("app:1", OTHER)], {}).mixed == ("app",)


@pytest.mark.parametrize(
    ("image", "digest", "resolved", "differs"),
    [
        pytest.param(f"app@{PINNED}", PINNED, "", False, id="as pinned"),
        pytest.param(f"app@{PINNED}", OTHER, "", True, id="another one"),
        pytest.param(f"app@{PINNED}", OTHER, PINNED, False, id="a platform of the pinned index"),
        pytest.param(f"app@{PINNED}", "", "", False, id="ECS tells none"),
        pytest.param("app:1", OTHER, "", False, id="nothing is pinned"),
    ],
)
def test_another_digest_than_the_pinned_one_is_an_error(
    image: str, digest: str, resolved: str, differs: bool
) -> None:
    proof = proof_of([running(image, digest)], {"app": resolved})
    outcome = proved(WELL, proof)

    assert bool(proof.differs) is differs
    assert outcome.word == ("failed" if differs else "deployed")
    assert (PINNED in outcome.reason) is differs


def test_without_proof_the_outcome_stays() -> None:
    assert proved(WELL, None) == WELL
