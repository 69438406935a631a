"""What is told of a tag that can't name our image."""

import shlex
from typing import Any

import pytest

from ecsstep.rules.image import Reference
from ecsstep.rules.mutability import Mutability
from ecsstep.rules.refused import Refused
from ecsstep.rules.tag_verdict import Behind, Frozen, Identity, Taken

HOST = "012345678901.dkr.ecr.eu-west-1.amazonaws.com"
OURS, THEIRS = "sha256:ours", "sha256:theirs"


def refused(verdict: Taken | Frozen | Behind, *, host: str = HOST, **more: Any) -> Refused:
    return Refused(
        name=Reference(registry=host, repository="app", tag="v1"),
        verdict=verdict,
        **{"ours": Identity(manifests=frozenset({OURS})), "movable": ("v1", "latest"), **more},
    )


def test_another_image_is_told_with_both_digests() -> None:
    found = refused(Taken(digest=THEIRS), host="r.example")

    assert found.message == "'r.example/app:v1' is another image already; it stays as it is"
    assert found.why == (f"there: {THEIRS}", f"ours:  {OURS}")
    assert found.data == {"image": "r.example/app:v1", "there": THEIRS, "ours": [OURS]}
    assert found.hint.startswith("push under a tag of its own; one tag is one image")
    assert "--accept-rebuild" in found.hint
    assert "docker build --label" in found.replaced(note="no label").hint
    assert found.there == THEIRS


def test_a_configuration_is_not_shown_beside_a_manifest_without_a_name() -> None:
    ours = Identity(config="sha256:c", layers=1, manifests=frozenset({"sha256:m"}))

    found = refused(Taken(digest=THEIRS, config="sha256:d"), ours=ours, note="no label")

    assert found.why == (
        f"there: {THEIRS} (manifest), sha256:d (configuration)",
        "ours:  sha256:c (configuration)",
        "no rebuild: no label",
    )
    assert refused(Taken(digest=THEIRS), ours=ours).why[0].endswith("none (configuration)")


@pytest.mark.parametrize(
    ("verdict", "message", "hint"),
    [
        pytest.param(
            Taken(digest=THEIRS, is_overtaken=True),
            "was just put there",
            "at the same time",
            id="lost",
        ),
        pytest.param(Behind(digest=OURS), "a higher one came", "highest release", id="behind"),
        pytest.param(Frozen(), "has to move later", "leave 'v1' out", id="frozen"),
    ],
)
def test_what_happened_is_told_apart(
    verdict: Taken | Frozen | Behind, message: str, hint: str
) -> None:
    found = refused(verdict)

    assert message in found.message
    assert hint in found.hint
    assert found.there is None
    assert bool(found.why) is isinstance(verdict, Taken)
    assert found.data["there"] == getattr(verdict, "digest", None)


@pytest.mark.parametrize(
    ("mutability", "command"),
    [
        pytest.param(
            Mutability(setting="IMMUTABLE"),
            ["IMMUTABLE_WITH_EXCLUSION", "v1", "latest"],
            id="immutable",
        ),
        pytest.param(
            Mutability(setting="IMMUTABLE_WITH_EXCLUSION", filters=("dev-*", "lat*")),
            ["IMMUTABLE_WITH_EXCLUSION", "dev-*", "lat*", "v1"],
            id="filters are kept",
        ),
        pytest.param(
            Mutability(setting="MUTABLE_WITH_EXCLUSION", filters=("v*", "rel-*")),
            ["MUTABLE_WITH_EXCLUSION", "rel-*"],
            id="a filter that forbids",
        ),
        pytest.param(
            Mutability(setting="MUTABLE_WITH_EXCLUSION", filters=("v*",)),
            ["MUTABLE"],
            id="the last",
        ),
    ],
)
def test_the_command_lets_every_tag_move_and_keeps_what_is_set(
    mutability: Mutability, command: list[str]
) -> None:
    found = refused(Taken(digest=THEIRS, is_immutable=True), mutability=mutability)

    words = shlex.split(found.hint.partition("or let it move: ")[2])

    setting, *filters = command
    assert words == [
        *("aws", "ecr", "put-image-tag-mutability", "--region", "eu-west-1"),
        *("--registry-id", "012345678901", "--repository-name", "app"),
        *("--image-tag-mutability", setting),
        *(["--image-tag-mutability-exclusion-filters"] if filters else []),
        *(f"filterType=WILDCARD,filter={each}" for each in filters),
    ]


def test_without_room_for_a_filter_those_that_are_there_are_named() -> None:
    full = Mutability(setting="IMMUTABLE_WITH_EXCLUSION", filters=("a", "b", "c", "d"))

    found = refused(Taken(digest=THEIRS, is_immutable=True), mutability=full)

    assert "make room among the 5 exclusion filters that ECR keeps: a, b, c, d" in found.hint


def test_where_the_setting_is_unknown_the_hint_is_to_look_first() -> None:
    found = refused(Taken(digest=THEIRS, is_immutable=True), host="127.0.0.1:5000")

    assert found.hint.endswith("aws ecr describe-repositories --repository-names app")
