"""Our own file of exceptions."""

import datetime as dt
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.exceptions import Exemption
from ecsstep.rules.ignore_file import Parsed, from_document, from_toml, parse_day

NAME = ".scan-gate.toml"
WHOLE = """
[[ignore]]
id = "CVE-2026-0001"
package = "openssl"
version = "3.0.*"
path = "/srv/app/**"
image = "shop/*"
until = 2026-12-31
until-fixed = true
reason = "not reachable"
owner = "team-shop"
"""


def test_everything_that_can_be_said() -> None:
    assert from_toml(WHOLE, NAME) == Parsed(
        entries=(
            Exemption(
                id="CVE-2026-0001", package="openssl", version="3.0.*", path="/srv/app/**",
                image="shop/*", until=dt.date(2026, 12, 31), until_fixed=True,
                reason="not reachable", owner="team-shop", place="'.scan-gate.toml', entry 1",
            ),
        )
    )  # fmt: skip


def test_an_id_and_a_reason_are_enough() -> None:
    found = from_document({"ignore": [{"id": "CVE-1", "reason": "r", "until": "2026-01-31"}]}, "f")

    assert found.entries == (
        Exemption(id="CVE-1", reason="r", until=dt.date(2026, 1, 31), place="'f', entry 1"),
    )


@pytest.mark.parametrize("document", [{}, {"ignore": []}])
def test_nothing_is_excepted_by_an_empty_file(document: Any) -> None:
    assert from_document(document, "f") == Parsed()
    assert from_toml("", "f") == Parsed()


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        pytest.param("CVE-1", "it is no table", id="text"),
        pytest.param({"reason": "r"}, "'id' is missing", id="no id"),
        pytest.param({"id": "CVE-1"}, "'reason' is missing", id="no reason"),
        pytest.param({"id": "CVE-1", "reason": " "}, "'reason' is no text", id="empty reason"),
        pytest.param({"id": 1, "reason": "r"}, "'id' is no text", id="number"),
        pytest.param({"id": "CVE-*", "reason": "r"}, "it has to be one exact id", id="pattern"),
        pytest.param(
            {"id": "CVE-1", "reason": "r", "pakage": "x"},
            "unknown key 'pakage'; did you mean 'package'?",
            id="unknown key",
        ),
        pytest.param(
            {"id": "CVE-1", "reason": "r", "until": "2026-02-30"}, "is no date", id="no such day"
        ),
        pytest.param(
            {"id": "CVE-1", "reason": "r", "until": "31.12.2026"}, "write 2026-12-31", id="spelling"
        ),
        pytest.param({"id": "CVE-1", "reason": "r", "until": 2026}, "is no date", id="year"),
        pytest.param(
            {"id": "CVE-1", "reason": "r", "until": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)},
            "is no date",
            id="time",
        ),
        pytest.param(
            {"id": "CVE-1", "reason": "r", "until-fixed": "yes"},
            "'until-fixed' is neither true nor false",
            id="until fixed",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(entry: Any, said: str) -> None:
    good = {"id": "CVE-2", "reason": "r"}

    found = from_document({"ignore": [good, entry]}, "f")

    assert [fault.startswith("'f', entry 2: ") for fault in found.faults] == [True]
    assert said in found.faults[0]
    assert len(found.entries) == 1


def test_all_mistakes_are_told_at_once() -> None:
    found = from_document({"ignore": [{"x": 1}, {"id": "CVE-1", "until": "soon"}]}, "f")

    assert len(found.faults) == 5


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "is no file of exceptions; it holds 'ignore' alone"),
        (None, "is no file of exceptions; it holds 'ignore' alone"),
        ({"ignored": []}, "unknown key 'ignored'"),
        ({"ignore": {"id": "CVE-1"}}, "'ignore' is no list"),
    ],
)
def test_something_else_is_no_file_of_exceptions(document: Any, said: str) -> None:
    [fault] = from_document(document, "f").faults

    assert said in fault


def test_broken_toml_is_told() -> None:
    [fault] = from_toml("[[ignore]\n", "f").faults

    assert fault.startswith("'f' is not TOML: ")


texts = st.text(alphabet=string.ascii_letters + string.digits + "-._/", min_size=1, max_size=12)


@given(texts, texts, st.dates(dt.date(2000, 1, 1), dt.date(2999, 12, 31)), st.booleans())
def test_what_is_written_is_what_is_read(
    identity: str, reason: str, until: dt.date, until_fixed: bool
) -> None:
    written = (
        f'[[ignore]]\nid = "{identity}"\nreason = "{reason}"\nuntil = {until}\n'
        f"until-fixed = {str(until_fixed).lower()}\n"
    )

    [entry] = from_toml(written, "f").entries

    assert (entry.id, entry.reason, entry.until, entry.until_fixed) == (
        identity, reason, until, until_fixed,
    )  # fmt: skip


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(json_values | st.fixed_dictionaries({"ignore": st.lists(json_values, max_size=3)}))
def test_anything_is_read_or_told(document: Any) -> None:
    found = from_document(document, "f")

    assert found.faults or all(entry.id and entry.reason for entry in found.entries)


@given(st.text(max_size=12))
def test_a_day_is_read_or_refused(text: str) -> None:
    try:
        day = parse_day(text)
    except ValueError:
        return
    assert day.isoformat() == text
