"""What becomes of a tag, by what the registry holds under it."""

import pytest

from ecsstep.rules.tag_verdict import (
    AlreadyThere,
    Free,
    Identity,
    Moves,
    Stored,
    Taken,
    Verdict,
    judge,
    may_move,
)

OURS = Identity(manifests=frozenset({"d"}), config="c", layers=2)


@pytest.mark.parametrize(
    ("stored", "may", "verdict"),
    [
        pytest.param(None, False, Free(), id="free"),
        pytest.param(Stored(digest="d"), False, AlreadyThere(digest="d"), id="same digest"),
        pytest.param(Stored(digest="d"), True, AlreadyThere(digest="d"), id="nothing to move"),
        pytest.param(
            Stored(digest="x", config="c", layers=2),
            False,
            AlreadyThere(digest="x"),
            id="same configuration",
        ),
        pytest.param(
            Stored(digest="x", config="c", layers=1),
            False,
            Taken(digest="x", config="c"),
            id="same configuration beside other layers",
        ),
        pytest.param(
            Stored(digest="x", config="c"),
            False,
            Taken(digest="x", config="c"),
            id="same configuration and no layers",
        ),
        pytest.param(
            Stored(digest="x", config="y", layers=2),
            False,
            Taken(digest="x", config="y"),
            id="taken",
        ),
        pytest.param(Stored(digest="x"), True, Moves(digest="x"), id="moves"),
    ],
)
def test_a_tag_is_judged_by_what_it_names(
    stored: Stored | None, may: bool, verdict: Verdict
) -> None:
    assert judge(stored, identity=OURS, may_move=may) == verdict


def test_a_manifests_digest_is_no_configurations() -> None:
    ours = Identity(manifests=frozenset({"d"}))

    found = judge(Stored(digest="x", config="d", layers=0), identity=ours, may_move=False)

    assert found == Taken(digest="x", config="d")
    assert (ours.digests, OURS.digests) == (("d",), ("c", "d"))


def test_a_version_never_moves() -> None:
    assert may_move("latest", allow_mutable=True)
    assert not may_move("v1.2.3", allow_mutable=True)
    assert not may_move("latest", allow_mutable=False)
