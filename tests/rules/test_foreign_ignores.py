"""Exceptions that were written for trivy and grype."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.exceptions import Exemption
from ecsstep.rules.foreign_ignores import from_grype, from_trivy_document, from_trivyignore
from ecsstep.rules.ignore_file import Parsed

TRIVY = """
# Not reachable
# from outside
CVE-2026-0001

CVE-2026-0002 exp:2026-12-31  # until the next base
  # no reason follows a blank line

CVE-2026-0003
"""


def test_a_trivyignore_is_read_with_its_comments_as_reasons() -> None:
    assert from_trivyignore(TRIVY, "f") == Parsed(
        entries=(
            Exemption(
                id="CVE-2026-0001", reason="Not reachable from outside", place="'f', line 4"
            ),
            # For trivy the day itself is too late.
            Exemption(
                id="CVE-2026-0002", until=dt.date(2026, 12, 30), reason="until the next base",
                place="'f', line 6",
            ),
            Exemption(id="CVE-2026-0003", reason="no reason given", place="'f', line 9"),
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("CVE-1 exp:soon", "'f', line 1: 'soon' is no date"),
        ("CVE-1 CVE-2", "'f', line 1: 'CVE-2' is neither exp:DATE nor a comment"),
        ("CVE-1#foo", "'f', line 1: 'CVE-1#foo' is no id; a space has to stand before a comment"),
    ],
)
def test_a_line_that_trivy_would_not_take_is_told(line: str, said: str) -> None:
    found = from_trivyignore(line, "f")

    assert (found.entries, len(found.faults)) == ((), 1)
    assert found.faults[0].startswith(said)


def test_a_trivyignore_yaml_is_read() -> None:
    document = {
        "vulnerabilities": [
            {
                "id": "CVE-1",
                "paths": ["usr/lib/a.jar", "srv/**"],
                "statement": "words",
                "expired_at": "2026-12-31",
            },
            {"id": "CVE-2", "purls": ["pkg:deb/debian/openssl@3.0.11-1"]},
            {"id": "CVE-3", "purls": ["pkg:pypi/urllib3"]},
        ],
        "misconfigurations": [{"id": "AVD-1"}],
    }

    found = from_trivy_document(document, "f")

    until, one, two = dt.date(2026, 12, 30), "'f', entry 1", "'f', entry 2"
    reason = "no reason given"
    assert found == Parsed(
        entries=(
            Exemption(id="CVE-1", path="usr/lib/a.jar", until=until, reason="words", place=one),
            Exemption(id="CVE-1", path="srv/**", until=until, reason="words", place=one),
            Exemption(
                id="CVE-2", package="openssl", version="3.0.11-1", managers=frozenset({"OS"}),
                system="debian", reason=reason, place=two,
            ),
            Exemption(
                id="CVE-3", package="urllib3",
                managers=frozenset({"PIP", "PIPENV", "POETRY", "PYTHONPKG"}), reason=reason,
                place="'f', entry 3",
            ),
        )
    )  # fmt: skip


def test_a_grype_yaml_is_read() -> None:
    document = {
        "ignore": [
            {"vulnerability": "CVE-1", "reason": "words", "include-aliases": True},
            {
                "vulnerability": "CVE-2",
                "fix-state": "not-fixed",
                "package": {"name": "zlib", "version": "1.2", "location": "/usr/**"},
            },
        ],
        "fail-on-severity": "high",
    }

    assert from_grype(document, "f") == Parsed(
        entries=(
            Exemption(id="CVE-1", reason="words", place="'f', entry 1"),
            Exemption(
                id="CVE-2", package="zlib", version="1.2", path="/usr/**", fix_state="not-fixed",
                reason="no reason given", place="'f', entry 2",
            ),
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"vulnerability": "CVE-1", "vex-status": "fixed"}, "'vex-status' can't be told"),
        ({"vulnerability": "CVE-1", "package": {"type": "deb"}}, "'type' can't be told"),
        ({"vulnerability": "CVE-1", "fix-state": "wont-fix"}, "'fix-state: wont-fix' can't"),
        ({"fix-state": "unknown"}, "'fix-state: unknown' can't"),
        ({"vulnerability": "CVE-1", "package": {"version": "1.*"}}, "grype compares exactly"),
        ({"package": {"name": "linux-.*-headers"}}, "is a regular expression"),
    ],
)
def test_what_grype_would_heed_and_we_cant_judge_sets_nothing_aside(
    entry: dict[str, Any], said: str
) -> None:
    found = from_grype({"ignore": [entry]}, "f")

    assert (found.entries, found.faults, len(found.skipped)) == ((), (), 1)
    assert said in found.skipped[0]


@pytest.mark.parametrize(
    ("purl", "said"),
    [
        ("pkg:deb/debian/*", "holds a '*'"),
        ("pkg:deb/debian/openssl@1.*", "holds a '*'"),
        ("pkg:deb/debian/openssl@1?arch=amd64", "what follows '?' in the package URL"),
        ("pkg:golang/a/b#sub", "what follows '#' in the package URL"),
        ("pkg:github/a/b", "the package URL's type 'github' can't be told"),
    ],
)
def test_a_package_url_that_says_more_than_ecr_is_left_out(purl: str, said: str) -> None:
    found = from_trivy_document({"vulnerabilities": [{"id": "CVE-1", "purls": [purl]}]}, "f")

    assert (found.entries, len(found.skipped)) == ((), 1)
    assert said in found.skipped[0]


@pytest.mark.parametrize(
    ("purl", "package", "manager"),
    [
        ("pkg:npm/%40angular/core@1", "@angular/core", "NODEPKG"),
        ("pkg:maven/org.apache/log4j", "org.apache:log4j", "JAR"),
        ("pkg:golang/golang.org/x/net", "golang.org/x/net", "GOBINARY"),
        ("pkg:PYPI/urllib3", "urllib3", "PIP"),
    ],
)
def test_a_package_urls_name_is_the_whole_of_it(purl: str, package: str, manager: str) -> None:
    [entry] = from_trivy_document(
        {"vulnerabilities": [{"id": "CVE-1", "purls": [purl]}]}, "f"
    ).entries

    assert entry.package == package
    assert manager in entry.managers


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("CVE-1", "it is no mapping"),
        ({}, "'id' is missing"),
        ({"id": None}, "'id' is missing"),
        ({"id": ["CVE-1"]}, "'id' is no text"),
        ({"id": True}, "'id' is True and no text; write it in quotes"),
        ({"id": "CVE-1", "paths": ""}, "'paths' is no list of texts"),
        ({"id": "CVE-1", "purls": 0}, "'purls' is no list of texts"),
        ({"id": "CVE-1", "purls": {}}, "'purls' is no list of texts"),
        ({"id": "CVE-1", "purls": [""]}, "'purls' is no list of texts"),
        ({"id": "CVE-1", "expired_at": ""}, "'' is no date"),
        ({"id": "CVE-1", "expired_at": 0}, "'0' is no date"),
        ({"id": "CVE-1", "expired_at": False}, "'False' is no date"),
        ({"id": "CVE-1", "expired_at": []}, "'[]' is no date"),
        ({"id": "CVE-1", "statement": 1}, "'statement' is 1 and no text"),
        ({"id": ""}, "'id' is no text"),
        ({"id": "CVE-1", "paths": "srv"}, "'paths' is no list of texts"),
        ({"id": "CVE-1", "purls": ["openssl"]}, "'openssl' is no package URL"),
        ({"id": "CVE-1", "expired_at": "soon"}, "'soon' is no date"),
    ],
)
def test_a_mistake_in_trivys_yaml_is_told(entry: Any, said: str) -> None:
    [fault] = from_trivy_document({"vulnerabilities": [entry]}, "f").faults

    assert said in fault


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"vulnerability": "CVE-1", "package": "zlib"}, "'package' is no mapping"),
        ({"vulnerability": "CVE-1", "package": ""}, "'package' is no mapping"),
        ({"vulnerability": "CVE-1", "package": {"name": ""}}, "'name' is no text"),
        ({"vulnerability": "CVE-1", "package": {"version": 1.1}}, "'version' is 1.1 and no text"),
        ({"vulnerability": "CVE-1", "package": {"version": ""}}, "'version' is no text"),
        ({"vulnerability": "CVE-1", "package": {"location": ""}}, "'location' is no text"),
        ({"vulnerability": "CVE-1", "reason": False}, "'reason' is False and no text"),
        ({"vulnerability": True}, "'vulnerability' is True and no text; write it in quotes"),
        ({"reason": "all of it"}, "it says nothing to match"),
    ],
)
def test_a_mistake_in_grypes_rules_is_told(entry: Any, said: str) -> None:
    [fault] = from_grype({"ignore": [entry]}, "f").faults

    assert said in fault


def test_null_is_as_if_it_was_not_there() -> None:
    trivy = {"id": "CVE-1", "paths": None, "purls": None, "expired_at": None, "statement": None}
    grype = {"vulnerability": "CVE-1", "package": None, "fix-state": None, "reason": None}
    entry = Exemption(id="CVE-1", reason="no reason given", place="'f', entry 1")

    assert from_trivy_document({"vulnerabilities": [trivy]}, "f") == Parsed(entries=(entry,))
    assert from_grype({"ignore": [grype]}, "f") == Parsed(entries=(entry,))


def test_an_empty_reason_and_an_empty_list_narrow_nothing() -> None:
    trivy = {"id": "CVE-1", "paths": [], "purls": [], "statement": ""}
    grype = {"vulnerability": "CVE-1", "reason": ""}
    entry = Exemption(id="CVE-1", reason="no reason given", place="'f', entry 1")

    assert from_trivy_document({"vulnerabilities": [trivy]}, "f") == Parsed(entries=(entry,))
    assert from_grype({"ignore": [grype]}, "f") == Parsed(entries=(entry,))


@pytest.mark.parametrize("document", [None, [], "text"])
def test_something_else_is_no_file_of_theirs(document: Any) -> None:
    assert from_grype(document, "f").faults
    assert from_trivy_document(document, "f").faults


@pytest.mark.parametrize("read", [from_grype, from_trivy_document])
def test_a_list_that_is_none_is_told(read: Any) -> None:
    assert read({"ignore": 1, "vulnerabilities": 1}, "f").faults


@given(st.text())
def test_any_trivyignore_is_read_or_told(text: str) -> None:
    found = from_trivyignore(text, "f")

    assert all(entry.id and entry.reason for entry in found.entries)
