"""The one image that is meant of several."""

import pytest

from ecsstep.errors import Exit, StepError
from ecsstep.registry.chosen import chosen

SEVERAL = [(("r.example/app:v1", "v2"), 1), ((), 2), (("r.example/app:v3",), 3)]


@pytest.mark.parametrize(
    ("tag", "image"), [("v1", 1), ("v2", 1), ("v3", 3), ("r.example/app:v3", 3)]
)
def test_an_image_is_meant_by_its_tag_or_its_whole_name(tag: str, image: int) -> None:
    assert chosen(SEVERAL, name="oci:x", tag=tag) == image


def test_the_only_image_needs_no_name() -> None:
    assert chosen([((), 1)], name="oci:x", tag=None) == 1


@pytest.mark.parametrize(
    ("named", "tag", "said", "hint"),
    [
        pytest.param(SEVERAL, None, "3 images", "oci:x:TAG", id="several"),
        pytest.param(SEVERAL, "v9", "0 images named 'v9'", "oci:x:TAG", id="another name"),
        pytest.param([((), 1), ((), 2)], None, "2 images", "save the one", id="without names"),
        pytest.param([], None, "0 images", "the build may have failed", id="none"),
    ],
)
def test_no_image_or_several_are_an_error_that_says_what_to_do(
    named: list[tuple[tuple[str, ...], int]], tag: str | None, said: str, hint: str
) -> None:
    with pytest.raises(StepError, match=said) as caught:
        chosen(named, name="oci:x", tag=tag)

    assert caught.value.exit is Exit.USAGE
    assert hint in caught.value.hint
