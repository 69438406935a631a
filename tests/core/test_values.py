"""Values of single options."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.core.values import count, duration, file, one_of, positive_duration, spelled, switch


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("90", 90.0, id="bare"),
        pytest.param("0.5", 0.5, id="bare fraction"),
        pytest.param("90s", 90.0, id="seconds"),
        pytest.param("15m", 900.0, id="minutes"),
        pytest.param("1h30m", 5400.0, id="joined"),
        pytest.param("250ms", 0.25, id="milliseconds"),
        pytest.param("1.5h", 5400.0, id="fraction"),
        pytest.param("0", 0.0, id="zero"),
    ],
)
def test_a_duration_is_read(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "m", "5 m", "-5s", "5x", "1e3", "1:30", "٣s", "٣", "nan", "inf", "9" * 400, "31h" * 99],
)
def test_what_is_no_duration_is_a_mistake(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|30 days"):
        duration(text)


def test_no_time_at_all_is_no_time_to_wait() -> None:
    assert positive_duration("1ms") == 0.001
    with pytest.raises(ValueError, match="no time at all"):
        positive_duration("0m")


@given(st.integers(min_value=0, max_value=30 * 24 * 3600))
def test_a_spelled_duration_is_read_back(seconds: int) -> None:
    assert duration(spelled(seconds)) == seconds


@given(st.floats(min_value=0, max_value=1e6))
def test_a_spelled_duration_is_never_off_by_more_than_a_second(seconds: float) -> None:
    assert abs(duration(spelled(seconds)) - seconds) < 1


@given(st.text())
def test_a_duration_is_read_or_refused(text: str) -> None:
    try:
        assert duration(text) >= 0
    except ValueError:
        return


def test_whole_numbers() -> None:
    assert count("007") == 7
    for text in ("-1", "1.5", "", "1e3", "٣", "1234567890"):
        with pytest.raises(ValueError, match="not a whole number"):
            count(text)


def test_switches_by_variable() -> None:
    assert [switch(word) for word in ("1", "true", "YES", " on ")] == [True] * 4
    assert [switch(word) for word in ("0", "False", "no", "off")] == [False] * 4
    with pytest.raises(ValueError, match="neither true nor false"):
        switch("maybe")


def test_a_choice_names_its_words() -> None:
    choice = one_of("text", "json")

    assert choice("json") == "json"
    with pytest.raises(ValueError, match="'xml' is not one of text, json"):
        choice("xml")


def test_stdout_is_no_file_to_merge_into() -> None:
    assert file("deploy.env") == "deploy.env"
    with pytest.raises(ValueError, match="stdout has the result"):
        file("-")
