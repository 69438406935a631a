"""Whether two images were built of one commit."""

from typing import Any

import pytest

from ecsstep.rules.rebuilds import REVISION, apart, revision_in, revision_of


@pytest.mark.parametrize(
    ("config", "found"),
    [
        pytest.param({"config": {"Labels": {REVISION: "abc"}}}, "abc", id="labelled"),
        pytest.param({"config": {"Labels": {REVISION: " "}}}, "", id="blank"),
        pytest.param({"config": {"Labels": {REVISION: 1}}}, "", id="a number"),
        pytest.param({"config": {"Labels": None}}, "", id="no labels"),
        pytest.param({"config": None}, "", id="nothing to run"),
        pytest.param([], "", id="no configuration"),
    ],
)
def test_the_commit_is_read_from_the_configurations_label(config: Any, found: str) -> None:
    assert revision_in(config) == found
    assert revision_of(None) == ""


@pytest.mark.parametrize(
    ("ours", "there", "said"),
    [
        pytest.param({"a"}, {"a"}, None, id="one commit"),
        pytest.param(
            {"a"}, {"b"}, "ours is built of commit a, the one that is there of b", id="two"
        ),
        pytest.param({""}, {"a"}, f"our image has no label {REVISION}", id="ours without"),
        pytest.param({"a"}, {""}, f"the one that is there has no label {REVISION}", id="theirs"),
        pytest.param({""}, {""}, f"our image has no label {REVISION}", id="neither"),
        pytest.param(set(), {"a"}, f"our image has no label {REVISION}", id="no platform"),
        pytest.param(
            {"a", ""}, {"a"}, "platforms of our image aren't all", id="a platform without"
        ),
        pytest.param({"a"}, {"a", "b"}, "(a, b)", id="platforms of two commits"),
    ],
)
def test_builds_of_one_commit_have_its_label_everywhere(
    ours: set[str], there: set[str], said: str | None
) -> None:
    found = apart(ours=frozenset(ours), there=frozenset(there))

    assert found == said if said is None else said in (found or "")


@pytest.mark.parametrize(
    ("label", "job", "is_one"),
    [
        pytest.param("a", "a", True, id="this job's commit"),
        pytest.param("a", "b", False, id="a base image's label"),
        pytest.param("a", "", True, id="no word of the platform"),
        pytest.param("a", None, True, id="no platform"),
    ],
)
def test_our_label_names_the_jobs_own_commit(label: str, job: str | None, is_one: bool) -> None:
    both = frozenset({label})

    found = apart(ours=both, there=both, job=job)

    assert (found is None) is is_one
    assert is_one or f"names another commit ({label}) than this job's ({job})" in str(found)
