"""JMESPath as a condition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.expression import Held, check, holds
from ecsstep.rules.judged import parse_condition

VALUES = {
    "counts": {"HIGH": 2, "LOW": 0},
    "findings": [
        {"id": "CVE-1", "severity": "HIGH", "score": 9.8, "exploit": True},
        {"id": "CVE-2", "severity": "HIGH", "score": None, "exploit": None},
    ],
    "platforms": [],
}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("counts.HIGH > `1`", True),
        ("counts.HIGH > `2` || counts.LOW > `0`", False),
        ("counts.HIGH >= `2` && !(counts.LOW > `0`)", True),
        ("counts.HIGH < `2` && counts.LOW.none", False),
        ("length(findings[?id == 'CVE-1']) > `0`", True),
        ("length(findings[?severity == 'CRITICAL']) > `0`", False),
        ("contains(findings[].id, 'CVE-9')", False),
        ("contains(findings[].severity, 'HIGH')", True),
        ("contains(keys(counts), 'HIGH')", True),
        ("length(platforms) == `0`", True),
        ("platforms[0].name == 'x'", False),
        ("platforms[0].names[] == `[]`", False),
        ("findings[:1].id | length(@) == `1`", True),
        ("sum(counts.*) == `2`", True),
        ("findings[?exploit].score | max(@) > `9`", True),
        ("!platforms", True),
    ],
)
def test_a_condition_holds_or_not(expression: str, expected: bool) -> None:
    assert holds(expression, VALUES).is_true is expected


def test_what_was_read_and_had_no_data_is_told() -> None:
    assert holds("length(findings[?exploit]) > `0`", VALUES) == Held(
        is_true=True, unknown=frozenset({"exploit"})
    )
    assert holds("counts.HIGH > `0`", VALUES) == Held(is_true=True)


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
        ("findings.HIGH == `1`", "it asks a list for 'HIGH'"),
        ("counts.HIGH.total == `1`", "it asks a number for 'total'"),
        ("findings[0].id.text == 'x'", "it asks a text for 'text'"),
        ("findings[0].exploit.known == `true`", "it asks true or false for 'known'"),
        ("counts[].HIGH == `[]`", "it takes an object for a list"),
        ("counts[*].HIGH == `[]`", "it takes an object for a list"),
        ("counts[?HIGH] == `[]`", "it takes an object for a list"),
        ("counts[:1] == `[]`", "it takes an object for a list"),
        ("counts.*.HIGH == `[]`", "it asks a number for 'HIGH'"),
        ("findings.* == `[]`", "it asks a list for the values of its fields"),
        ("counts[0] != `null`", "it takes an object for a list"),
        ("findings[0][0] == `1`", "it takes an object for a list"),
        ("counts.HIGH == '2'", "it compares a number with a text, which are never the same"),
        ("counts == findings", "it compares an object with a list"),
        (
            'length(findings[?severity == `"high"`]) > `0`',
            "'high' is no severity; did you mean 'HI",
        ),
        ("findings[0].severity == 'SEVERE'", "'SEVERE' is no severity"),
        ("'high' == findings[0].severity", "'high' is no severity"),
        ("contains(findings[].severity, 'high')", "'high' is no severity"),
        ("contains(findings[0].severity, 'high')", "'high' is no severity"),
        ("contains(findings[].id, `1`)", "it compares a text with a number"),
        ("contains(keys(counts), 'HIHG')", "there is no 'HIHG' in the result; did you mean"),
        ("contains(counts, 'HIGH')", "contains"),
        ("!length(findings)", "it takes a number for true or false"),
        ("(" * 3000 + "a" + ")" * 3000, "it is nested too deep"),
    ],
)
def test_a_slip_is_a_mistake_and_never_a_no(expression: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        holds(expression, VALUES)

    assert said in str(caught.value)


@pytest.mark.parametrize(
    "expression",
    [
        "counts.MEDIUM > `10` || judged.UNTRIAGED > `0`",
        "length(findings[?exploit]) > `0`",
        "length(findings[?not_null(score, `0`) >= `9` && exploit && fixable]) > `0`",
        "length(findings[?score && score >= `9`]) > `0`",
        "length(findings[?severity == 'CRITICAL' && !exploit].id) > `0`",
        "findings[0].severity == 'CRITICAL'",
        "findings[5].severity == 'CRITICAL'",
        "not_null(max(findings[].score), `0`) > `9`",
        "counts.HIGH > not_null(limits.HIGH, `3`)",
        "sum(values(counts)) > `100`",
        "contains(findings[*].platforms[], 'linux/arm64')",
        "length(findings[?contains(platforms, 'linux/arm64')]) > `0`",
        "length(findings[?starts_with(id, 'CVE-2021')]) > `0`",
        "length(findings[?fixed_in != `null`]) > `0`",
        "length(ignored[?reason == 'x']) > `0` || unlisted.HIGH > `0`",
        "limits.LOW == `null`",
        "findings[1:3].id | length(@) > `1`",
        "contains(not_null(findings[0].severity, ''), 'CRIT')",
    ],
)
def test_what_fits_the_result_is_taken(expression: str) -> None:
    assert parse_condition(expression) == expression


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        pytest.param("length(findings[?severtiy == 'HIGH']) > `0`", "'severtiy'", id="in a filter"),
        pytest.param("length(findings[].packag) > `0`", "no 'packag'", id="in a projection"),
        pytest.param("counts.HIGH > `0` && counts.LO > `0`", "no 'LO'", id="behind an and"),
        pytest.param("counts.HIGH >= `0` || counts.LO > `0`", "no 'LO'", id="behind an or"),
        pytest.param("findings[9].severtiy == 'HIGH'", "no 'severtiy'", id="beyond the end"),
        pytest.param("findings[3:].severtiy == `[]`", "no 'severtiy'", id="in a slice"),
        pytest.param("length(findings[?id == 'x'].pack) > `0`", "no 'pack'", id="after a filter"),
        pytest.param("counts.HIGH > `0` || findings", "neither true nor", id="half a condition"),
        pytest.param("counts.HIGH >", "expression", id="no JMESPath"),
    ],
)
def test_a_slip_is_told_before_the_work_though_nothing_is_found(expression: str, said: str) -> None:
    with pytest.raises(ValueError, match="does not fit the result") as caught:
        parse_condition(expression)

    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        pytest.param("length(findings[?score >= `9`]) > `0`", "compares None", id="no score"),
        pytest.param("max(findings[].score) > `9`", "compares None", id="no finding"),
        pytest.param("max_by(findings, &score).score > `9`", "compares None", id="none by score"),
        pytest.param(
            "length(findings) > `0` && max_by(findings, &score).score > `9`", "max_by",
            id="findings without a score",
        ),
        pytest.param("counts.HIGH > limits.HIGH", "compares None", id="no limit"),
        pytest.param("length(findings[?contains(path, 'usr')]) > `0`", "contains", id="no path"),
        pytest.param("length(findings[?starts_with(fixed_in, '1')]) > `0`", "starts", id="no fix"),
    ],
)  # fmt: skip
def test_what_a_result_may_lack_is_told_before_the_work_with_the_way_out(
    expression: str, said: str
) -> None:
    with pytest.raises(ValueError, match="does not fit a result that lacks") as caught:
        parse_condition(expression)

    assert said in str(caught.value)
    assert "not_null(score, `0`) > `7`" in str(caught.value)


def test_a_list_that_is_empty_hides_nothing_from_a_trial() -> None:
    with pytest.raises(ValueError, match="no 'b'"):
        check("length(a[?b]) > `0`", {"a": [{"c": 1}]})


@given(st.integers(min_value=0), st.integers(min_value=0))
def test_a_number_is_compared_as_a_number(found: int, limit: int) -> None:
    held = holds(f"counts.HIGH > `{limit}`", {"counts": {"HIGH": found}})

    assert held.is_true is (found > limit)


PIECES = (
    "findings", "counts", "LOW", "severity", "score", ".", "[]", "[*]", "[0]", "[1:]", "[?", "]",
    "(", ")", "==", ">", "&&", "||", "!", "|", "@", "&", "*", "length(", "contains(", "keys(",
    "`1`", "`null`", "'LOW'", ",",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join))
def test_any_text_is_a_condition_or_a_mistake(text: str) -> None:
    try:
        assert parse_condition(text) == text
    except ValueError as error:
        assert "does not fit the result" in str(error)  # noqa: PT017 - both ends are right
