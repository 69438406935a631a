"""Whether a repository lets a tag move."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.mutability import Mutability

FILTERS = ("latest", "dev-*", "*-snap*")


@pytest.mark.parametrize(
    ("setting", "tag", "moves"),
    [
        ("MUTABLE", "v1", True),
        ("IMMUTABLE", "latest", False),
        ("IMMUTABLE_WITH_EXCLUSION", "latest", True),
        ("IMMUTABLE_WITH_EXCLUSION", "dev-1", True),
        ("IMMUTABLE_WITH_EXCLUSION", "a-snapshot", True),
        ("IMMUTABLE_WITH_EXCLUSION", "latest1", False),
        ("IMMUTABLE_WITH_EXCLUSION", "v1", False),
        ("MUTABLE_WITH_EXCLUSION", "latest", False),
        ("MUTABLE_WITH_EXCLUSION", "v1", True),
        ("SOMETHING_NEW", "v1", True),
    ],
)
def test_a_tag_moves_by_the_setting_and_its_exclusions(setting: str, tag: str, moves: bool) -> None:
    assert Mutability(setting=setting, filters=FILTERS).lets_move(tag) is moves


tags = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,20}", fullmatch=True)


@given(tag=tags, wildcard=st.from_regex(r"[A-Za-z0-9._-]{0,3}(\*[A-Za-z0-9._-]{0,3}){0,2}",
                                        fullmatch=True))  # fmt: skip
def test_only_the_star_is_special(tag: str, wildcard: str) -> None:
    expected = re.fullmatch(wildcard.replace(".", r"\.").replace("*", ".*"), tag) is not None
    found = Mutability(setting="IMMUTABLE_WITH_EXCLUSION", filters=(wildcard,))

    assert found.lets_move(tag) is expected
