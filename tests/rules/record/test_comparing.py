"""Whether an end is the recorded one, and in which words."""

import pytest

from ecsstep.rules.record.comparing import decisions, words
from ecsstep.rules.record.value import End


@pytest.mark.parametrize(
    ("then", "now", "is_same"),
    [
        ("no service 'web'", "no service 'web'", True),
        ("no service 'web'", "no service 'api'", False),
        ("password: redacted-3 (x)", "password: hunter (x)", True),
        ("password: redacted-3 (x)", "password: hunter (y)", False),
        ("redacted-1 and redacted-12", "a\nb and c", True),
        ("'c' is too many", "'redacted-1' is too many", True),
        ("", "something", False),
    ],
)
def test_a_placeholder_may_stand_for_any_word(then: str, now: str, is_same: bool) -> None:
    found = decisions(End(exit=3, message=then), End(exit=3, message=now))

    assert (not found) is is_same


def test_lines_and_hints_are_compared_one_by_one() -> None:
    then, now = End(exit=1, why=("a", "b"), hint="h"), End(exit=1, why=("a", "c", "d"))

    assert decisions(then, now) == ()
    assert words(then, now) == (
        "hint: recorded: h",
        "hint: now: none",
        "line: recorded: b",
        "line: now: c",
        "line: recorded: none",
        "line: now: d",
    )
