"""Which images tasks run."""

import json

import pytest

from ecs_fakes import a_task
from ecsstep.errors import Exit
from ecsstep.rules.outcome import Outcome, proved
from ecsstep.rules.proof import RunningImage, parts_in, proof_of
from ecsstep.rules.service import Container, Task

PINNED, OTHER, THIRD = (f"sha256:{letter * 64}" for letter in "abc")
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
    ("image", "digest", "parts", "differs", "is_doubtful"),
    [
        pytest.param(f"app@{PINNED}", PINNED, None, False, False, id="as pinned"),
        pytest.param(f"app@{PINNED}", OTHER, [], True, False, id="one of a single platform"),
        pytest.param(f"app@{PINNED}", OTHER, [THIRD], True, False, id="no platform of the pinned"),
        pytest.param(f"app@{PINNED}", OTHER, [OTHER, THIRD], False, False, id="a platform of it"),
        pytest.param(f"app@{PINNED}", OTHER, None, False, True, id="the platforms aren't known"),
        pytest.param(f"app@{PINNED}", "", None, False, False, id="ECS tells none"),
        pytest.param("app:1", OTHER, None, False, False, id="nothing is pinned"),
    ],
)
def test_another_digest_than_the_pinned_one_is_an_error_where_that_is_sure(
    image: str, digest: str, parts: list[str] | None, differs: bool, is_doubtful: bool
) -> None:
    known = {} if parts is None else {image: frozenset(parts)}
    proof = proof_of([running(image, digest)], known)
    outcome = proved(WELL, proof)

    assert bool(proof.doubtful) is is_doubtful

    assert bool(proof.differs) is differs
    assert outcome.word == ("failed" if differs else "deployed")
    assert (PINNED in outcome.reason) is differs


def test_without_proof_the_outcome_stays() -> None:
    assert proved(WELL, None) == WELL


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        pytest.param({"manifests": [{"digest": PINNED}, "odd"]}, {PINNED}, id="an index"),
        pytest.param({"layers": []}, set(), id="a single platform"),
        pytest.param([], set(), id="something else"),
    ],
)
def test_an_index_names_its_platforms(manifest: object, expected: set[str]) -> None:
    assert parts_in(json.dumps(manifest)) == expected


def test_a_text_that_is_no_manifest_is_an_error() -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        parts_in("")


def test_an_image_that_runs_is_told_in_a_line() -> None:
    known, unknown = running("app:1", PINNED), running("app:1", "", "u")

    assert proof_of([known, known, unknown], {}).lines == (
        "1 task of 'app' from app:1: a digest that ECS doesn't tell",
        f"2 tasks of 'app' from app:1: {PINNED}",
    )
