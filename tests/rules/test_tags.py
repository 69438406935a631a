"""Which tags an image gets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.image import parse_tag
from ecsstep.rules.tags import (
    Platform,
    default_tag,
    floating_tags,
    is_moving,
    parse_asked,
    release,
    tag_faults,
)

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("platform", "tag"),
    [
        pytest.param(Platform(commit_tag="v1.2.3", commit=COMMIT), "v1.2.3", id="Git tag"),
        pytest.param(
            Platform(webhook_trigger="tag/v1.2.3", commit=COMMIT), "v1.2.3", id="CodeBuild's tag"
        ),
        pytest.param(
            Platform(webhook_trigger="branch/main", commit=COMMIT), "01234567", id="a branch"
        ),
        pytest.param(Platform(webhook_trigger="tag/", commit=COMMIT), "01234567", id="empty tag"),
        pytest.param(Platform(commit=COMMIT.upper()), "01234567", id="commit"),
        pytest.param(Platform(commit_tag="v1.2.3+b.7"), "v1.2.3_b.7", id="build metadata"),
        pytest.param(Platform(commit="s3-version.id"), None, id="a source that is no commit"),
        pytest.param(Platform(), None, id="nothing"),
    ],
)
def test_the_default_tag_is_the_git_tag_or_the_commit(platform: Platform, tag: str | None) -> None:
    assert default_tag(platform) == tag


def test_a_git_tag_that_is_no_image_tag_is_an_error_that_says_what_to_give() -> None:
    with pytest.raises(ValueError, match=r"'release/1' is no image tag.*give --tag"):
        default_tag(Platform(commit_tag="release/1", commit=COMMIT))


@pytest.mark.parametrize(
    "tag",
    ["latest", "Stable", "test", "dev", "staging", "prod", "main", "master", "HEAD", "dev-latest"],
)
def test_names_that_people_move_are_moving_tags(tag: str) -> None:
    assert is_moving(tag)


@pytest.mark.parametrize(
    "tag", ["v1.2.3", "1.2", "v1", "01234567", "v1.2.3-beta", "main-01234567", "tester", "64"]
)
def test_versions_and_commits_are_no_moving_tags(tag: str) -> None:
    assert not is_moving(tag)


def test_every_moving_tag_is_told_unless_they_are_allowed() -> None:
    assert len(list(tag_faults(["latest", "v1", "main"], allow_mutable=False))) == 2
    assert list(tag_faults(["latest"], allow_mutable=True)) == []


@pytest.mark.parametrize(
    ("tag", "existing", "floating"),
    [
        pytest.param("v1.2.3", (), ("v1.2", "v1"), id="first"),
        pytest.param("1.2.3", ("v1.2.2",), ("1.2", "1"), id="own spelling"),
        pytest.param("V1.2.3", (), ("V1.2", "V1"), id="capital"),
        pytest.param("v1.2.3", ("v1.2.3", "v1.2"), ("v1.2", "v1"), id="again"),
        pytest.param("v1.2.3", ("v1.3.0",), ("v1.2",), id="a higher minor"),
        pytest.param("v1.2.3", ("v1.2.4",), (), id="a higher patch"),
        pytest.param("v1.2.3", ("v1.2.10-rc.1",), ("v1.2", "v1"), id="a higher pre-release"),
        pytest.param("v1.2.9", ("v1.2.10",), (), id="numbers, not text"),
        pytest.param("v1.2.3", ("v2.0.0", "latest"), ("v1.2", "v1"), id="another major"),
        pytest.param("v0.2.3", (), ("v0.2",), id="never v0"),
        pytest.param("v1.2.3-rc.1", (), (), id="pre-release"),
        pytest.param("v1.2.3_b.7", (), ("v1.2", "v1"), id="build metadata"),
        pytest.param("v1.2.3_b.7", ("v1.2.3_b.10",), (), id="a later build"),
        pytest.param("v1.2.3_b.7", ("v1.2.3_b.6", "v1.2.3"), ("v1.2", "v1"), id="earlier builds"),
        pytest.param("v1.2.3_abc", ("v1.2.3_abd",), ("v1.2", "v1"), id="builds without order"),
        pytest.param("01234567", (), (), id="commit"),
        pytest.param("v1.2", (), (), id="short"),
    ],
)
def test_shorter_versions_move_forward_only(
    tag: str, existing: tuple[str, ...], floating: tuple[str, ...]
) -> None:
    assert floating_tags(tag, existing) == floating


numbers = st.integers(0, 30)
versions = st.builds("v{}.{}.{}".format, numbers, numbers, numbers)


@given(versions, st.lists(versions))
def test_a_floating_tag_never_leaves_a_higher_release(tag: str, existing: list[str]) -> None:
    ours = release(tag)
    assert ours is not None
    for floating in floating_tags(tag, existing):
        line = tuple(int(part) for part in floating[1:].split("."))
        others = [other for text in existing if (other := release(text)) is not None]
        assert line != (0,)
        assert all(other <= ours for other in others if other.to_tuple()[: len(line)] == line)


@given(st.text(), st.text(), st.text())
def test_a_default_tag_is_always_a_tag(tag: str, trigger: str, commit: str) -> None:
    try:
        found = default_tag(Platform(commit_tag=tag, webhook_trigger=trigger, commit=commit))
    except ValueError:
        return
    assert found is None or parse_tag(found) == found


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("v1.2.3+build.5", "v1.2.3_build.5"),
        ("1.2.3-rc.1+5", "1.2.3-rc.1_5"),
        ("v1.2.3", "v1.2.3"),
        ("latest", "latest"),
    ],
)
def test_a_versions_build_metadata_becomes_a_tag(text: str, tag: str) -> None:
    assert parse_asked(text) == tag


@pytest.mark.parametrize("text", ["a+b", "1.2+3", "+", "v1.2.3+" + "a" * 128, "a b"])
def test_what_is_no_version_keeps_its_mistakes(text: str) -> None:
    with pytest.raises(ValueError, match="is no image tag"):
        parse_asked(text)


def test_a_promoted_images_own_tag_comes_after_the_git_tag() -> None:
    assert default_tag(Platform(own="v1", commit="0" * 40)) == "v1"
    assert default_tag(Platform(own="v1", commit_tag="v2")) == "v2"
