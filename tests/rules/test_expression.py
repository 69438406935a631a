"""JMESPath as a condition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.expression import holds

VALUES = {
    "counts": {"HIGH": 2, "LOW": 0},
    "findings": [{"id": "CVE-1", "score": 9.8, "exploit": True}, {"id": "CVE-2", "score": None}],
    "platforms": [],
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("counts.HIGH > `1`", True),
        ("counts.HIGH > `2` || counts.LOW > `0`", False),
        ("counts.HIGH >= `2` && !(counts.LOW > `0`)", True),
        ("length(findings[?id == 'CVE-1']) > `0`", True),
        ("contains(findings[].id, 'CVE-9')", False),
        ("length(platforms) == `0`", True),
    ],
)
def test_a_condition_holds_or_not(expression: str, expected: bool) -> None:
    assert holds(expression, VALUES) is expected


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("counts.HIHG > `0`", "there is no 'HIHG' in the result; did you mean 'HIGH'?"),
        ("count.HIGH > `0`", "there is no 'count' in the result"),
        ("counts.HIGH > '1'", "it compares '1', which is no number"),
        ("findings[?score > `9`] == `[]`", "it compares None, which is no number"),
        ("counts.HIGH", "neither true nor false"),
        ("findings[9]", "neither true nor false"),
        ("length(counts.HIGH) > `0`", "length"),
        ("counts.HIGH >", "expression"),
        ("`true` < `2`", "it compares True"),
    ],
)
def test_a_slip_is_a_mistake_and_never_a_no(expression: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        holds(expression, VALUES)

    assert said in str(caught.value)


@given(st.integers(min_value=0), st.integers(min_value=0))
def test_a_number_is_compared_as_a_number(found: int, limit: int) -> None:
    assert holds(f"counts.HIGH > `{limit}`", {"counts": {"HIGH": found}}) is (found > limit)
