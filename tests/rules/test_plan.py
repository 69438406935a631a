"""What becomes of each tag of a push."""

from typing import Any

import pytest

from ecsstep.rules.image import Reference
from ecsstep.rules.mutability import Mutability
from ecsstep.rules.plan import Plan, planned
from ecsstep.rules.pushes import AlreadyThere, Free, Moves, Stored, Taken

NAME = Reference(registry="r.example", repository="app")
OURS, THEIRS = "sha256:ours", "sha256:theirs"
STOCK = {
    "v1.2.3": None,
    "v1": Stored(digest=THEIRS),
    "latest": Stored(digest=THEIRS),
    "same": Stored(digest=OURS),
}
IMMUTABLE = Mutability(setting="IMMUTABLE")


def a_plan(*tags: str, **more: Any) -> Plan:
    settings: dict[str, Any] = {"identity": frozenset({OURS}), "allow_mutable": True, **more}
    return planned(NAME, STOCK, tags=tags, **settings)


def test_every_tag_has_its_verdict_and_the_asked_ones_stand_first() -> None:
    plan = a_plan("v1.2.3", "latest", "same", floating=("v1", "latest"))

    assert plan.verdicts == {
        "v1.2.3": Free(),
        "latest": Moves(digest=THEIRS),
        "same": AlreadyThere(digest=OURS),
        "v1": Moves(digest=THEIRS),
    }
    assert plan.tags == ("v1.2.3", "latest", "same", "v1")
    assert (plan.kept, plan.moves, plan.digest) == (("same",), ("latest", "v1"), OURS)
    assert plan.refused is None


def test_a_version_that_was_asked_for_never_moves() -> None:
    refused = a_plan("v1").refused

    assert refused is not None
    assert str(refused.name) == "r.example/app:v1"
    assert refused.why == (f"there: {THEIRS}", f"ours:  {OURS}")
    assert refused.data == {"image": "r.example/app:v1", "there": THEIRS, "ours": [OURS]}
    assert refused.hint == "push under a tag of its own; one tag is one image"


@pytest.mark.parametrize(
    ("mutability", "taken"),
    [
        (None, False),
        (Mutability(setting="MUTABLE"), False),
        (Mutability(setting="IMMUTABLE_WITH_EXCLUSION", filters=("late*",)), False),
        (IMMUTABLE, True),
    ],
)
def test_what_the_repository_keeps_in_place_is_refused_before_the_push(
    mutability: Mutability | None, taken: bool
) -> None:
    plan = a_plan("v1.2.3", "latest").within(mutability)

    assert (plan.refused is not None) is taken
    if plan.refused:
        assert "--image-tag-mutability-exclusion-filters" in plan.refused.hint
        assert plan.verdicts["v1.2.3"] == Free()


@pytest.mark.parametrize(
    ("stored", "verdict"),
    [
        (Stored(digest=OURS), AlreadyThere(digest=OURS)),
        (Stored(digest=THEIRS), Taken(digest=THEIRS, is_immutable=True)),
        (None, Free()),
    ],
)
def test_after_a_refusal_what_is_there_decides(stored: Stored | None, verdict: Any) -> None:
    assert a_plan("latest").anew("latest", stored).verdicts == {"latest": verdict}


def test_a_reference_is_by_digest_where_it_is_known_and_wanted() -> None:
    plan = a_plan("v1.2.3", "latest")

    assert plan.reference(OURS, pin="digest") == f"r.example/app@{OURS}"
    assert plan.reference(OURS, pin="tag") == "r.example/app:v1.2.3"
    assert plan.reference(None, pin="digest") == "r.example/app:v1.2.3"
    assert plan.digest is None
