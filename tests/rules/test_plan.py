"""What becomes of each tag of a push."""

from typing import Any

import pytest

from ecsstep.rules.image import Reference
from ecsstep.rules.mutability import Mutability
from ecsstep.rules.plan import Plan, planned
from ecsstep.rules.tag_verdict import (
    AlreadyThere,
    Behind,
    Free,
    Frozen,
    Identity,
    Moves,
    Stored,
    Taken,
)

NAME = Reference(registry="r.example", repository="app")
OURS, THEIRS = "sha256:ours", "sha256:theirs"
STOCK = {
    "v1.2.3": None,
    "v2": None,
    "v1": Stored(digest=THEIRS),
    "latest": Stored(digest=THEIRS),
    "same": Stored(digest=OURS),
}
IMMUTABLE = Mutability(setting="IMMUTABLE")


def a_plan(*tags: str, **more: Any) -> Plan:
    settings: dict[str, Any] = {
        "identity": Identity(manifests=frozenset({OURS})),
        "allow_mutable": True,
        **more,
    }
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
    assert (plan.kept, plan.digest) == (("same",), OURS)
    assert plan.movable == {"latest", "v1"}
    assert plan.refused is None


def test_a_version_that_was_asked_for_never_moves() -> None:
    refused = a_plan("v1").refused

    assert refused is not None
    assert str(refused.name) == "r.example/app:v1"
    assert refused.verdict == Taken(digest=THEIRS)


@pytest.mark.parametrize(
    ("mutability", "verdict"),
    [
        (None, Moves(digest=THEIRS)),
        (Mutability(setting="MUTABLE"), Moves(digest=THEIRS)),
        (
            Mutability(setting="IMMUTABLE_WITH_EXCLUSION", filters=("late*",)),
            Moves(digest=THEIRS),
        ),
        (IMMUTABLE, Taken(digest=THEIRS, is_immutable=True)),
    ],
)
def test_what_the_repository_keeps_in_place_is_refused_before_the_push(
    mutability: Mutability | None, verdict: Moves | Taken
) -> None:
    plan = a_plan("v1.2.3", "latest").within(mutability)

    assert plan.is_shifting is (verdict == Moves(digest=THEIRS))
    assert plan.verdicts == {"v1.2.3": Free(), "latest": verdict}


def test_a_new_tag_that_has_to_move_later_would_be_frozen() -> None:
    plan = a_plan("v1.2.3", floating=("same", "v2"))

    assert plan.is_shifting
    assert plan.within(IMMUTABLE).verdicts == {
        "v1.2.3": Free(),
        "same": AlreadyThere(digest=OURS),
        "v2": Frozen(),
    }
    assert not a_plan("v1.2.3").is_shifting


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


def test_another_look_at_a_tag_counts_in_place_of_the_first() -> None:
    plan = a_plan("v1.2.3", "latest")

    assert plan.seen("v1.2.3", Stored(digest=THEIRS)).verdicts["v1.2.3"] == Taken(digest=THEIRS)
    assert plan.within(IMMUTABLE).seen("latest", None).verdicts["latest"] == Frozen()


def test_after_the_push_the_tag_names_our_image_or_it_was_overtaken() -> None:
    plan = a_plan("v1.2.3", identity=Identity(config="c", layers=1))

    done = plan.confirmed("v1.2.3", OURS, Stored(digest=OURS, config="c"))
    lost = plan.confirmed("v1.2.3", OURS, Stored(digest=THEIRS))

    assert (done.digest, done.refused) == (OURS, None)
    assert lost.refused is not None
    assert lost.refused.verdict == Taken(digest=THEIRS, is_overtaken=True)
    assert lost.refused.ours == Identity(manifests=frozenset({OURS}))


def test_a_tag_that_is_ours_by_its_configuration_stays_so_after_another_was_put() -> None:
    ours = Stored(digest=THEIRS, config="c", layers=1)
    plan = a_plan("v1.2.3", "same", identity=Identity(config="c", layers=1)).seen("same", ours)

    done = plan.confirmed("v1.2.3", OURS, Stored(digest=OURS)).seen("same", ours)

    assert (done.kept, done.refused) == (("v1.2.3", "same"), None)


def test_a_plan_knows_what_a_tag_leaves() -> None:
    plan = a_plan("v1.2.3", "latest", "same")

    assert [plan.before(tag) for tag in plan.tags] == [None, THEIRS, None]


def test_a_floating_tag_behind_a_higher_release_is_refused() -> None:
    refused = a_plan("v1.2.3", floating=("v1",)).behind("v1", OURS).refused

    assert refused is not None
    assert refused.verdict == Behind(digest=OURS)


def test_the_image_that_is_there_takes_the_place_of_ours() -> None:
    plan = a_plan("v1", "latest", "v1.2.3", "same", floating=("v2",)).accepting(THEIRS)

    assert plan.verdicts == {
        "v1": AlreadyThere(digest=THEIRS),
        "latest": AlreadyThere(digest=THEIRS),
        "v1.2.3": Free(),
        "same": Taken(digest=OURS),
        "v2": Free(),
    }


def test_a_tag_can_be_left_out() -> None:
    plan = a_plan("v1.2.3", floating=("v1",)).without("v1")

    assert (plan.tags, plan.movable) == (("v1.2.3",), frozenset())


def test_a_reference_is_by_digest_where_it_is_known_and_wanted() -> None:
    plan = a_plan("v1.2.3", "latest")

    assert plan.reference(OURS, pin="digest") == f"r.example/app@{OURS}"
    assert plan.reference(OURS, pin="tag") == "r.example/app:v1.2.3"
    assert plan.reference(None, pin="digest") == "r.example/app:v1.2.3"
    assert plan.digest is None
