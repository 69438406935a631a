"""Exceptions that were written for trivy and for grype.

What they say and ECR's findings can't answer (a package's type, a VEX statement) is skipped with a
word, so that nothing more is set aside than those tools would.

* https://trivy.dev/docs/latest/configuration/filtering/
* https://github.com/anchore/grype#specifying-matches-to-ignore
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ecsstep.rules.exceptions import Exemption
from ecsstep.rules.ignore_file import Parsed, parse_day
from ecsstep.rules.package_urls import SkippedError, for_package
from ecsstep.text import printable

_NO_REASON = "no reason given"
_TRIVY_KEYS = frozenset({"id", "paths", "purls", "expired_at", "statement"})
_GRYPE_KEYS = frozenset({"vulnerability", "reason", "fix-state", "package", "include-aliases"})
_GRYPE_PACKAGE = frozenset({"name", "version", "location"})
_FIX_STATES = frozenset({"fixed", "not-fixed"})
_ONE_DAY = dt.timedelta(days=1)
_REGEX_SIGNS = set("*[](){}|?^$\\+")


def from_trivyignore(text: str, name: str) -> Parsed:
    """Return the exceptions in a ``.trivyignore``; the comment before one is its reason."""
    entries: list[Exemption] = []
    faults: list[str] = []
    comment: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        # A sign within a word begins no comment.
        said, *inlines = re.split(r"(?:^|\s)#", line, maxsplit=1)
        inline, words = "".join(inlines).strip(), said.split()
        if not words:
            comment = [*comment, inline] if inline else []
            continue
        place = f"'{name}', line {number}"
        try:
            until = _expiry(words[1:])
            _check_id(words[0])
        except ValueError as error:
            faults.append(f"{place}: {error}")
            continue
        reason = inline or " ".join(comment) or _NO_REASON
        entries.append(Exemption(id=words[0], until=until, reason=reason, place=place))
        comment = []
    return Parsed(entries=tuple(entries), faults=tuple(faults))


def from_trivy_document(document: Any, name: str) -> Parsed:
    """Return the exceptions in a ``.trivyignore.yaml``, of which vulnerabilities are ours."""
    written = document.get("vulnerabilities", []) if isinstance(document, Mapping) else None
    if not isinstance(written, list):
        return Parsed(faults=(f"'{name}' is no .trivyignore.yaml: it lacks 'vulnerabilities'",))
    return _each(written, name, _trivy_entries)


def from_grype(document: Any, name: str) -> Parsed:
    """Return the exceptions in a ``.grype.yaml``, of which ``ignore`` is ours."""
    written = document.get("ignore", []) if isinstance(document, Mapping) else None
    if not isinstance(written, list):
        return Parsed(faults=(f"'{name}' is no .grype.yaml: 'ignore' is no list",))
    return _each(written, name, _grype_entries)


def _each(written: list[Any], name: str, entries_of: Any) -> Parsed:
    entries: list[Exemption] = []
    faults: list[str] = []
    skipped: list[str] = []
    for number, entry in enumerate(written, start=1):
        place = f"'{name}', entry {number}"
        try:
            if not isinstance(entry, Mapping):
                raise ValueError("it is no mapping")  # noqa: TRY004, TRY301 - one kind of mistake
            entries.extend(entries_of(entry, place))
        except ValueError as error:
            faults.append(f"{place}: {error}")
        except SkippedError as error:
            skipped.append(f"{place}: {error}")
    return Parsed(entries=tuple(entries), faults=tuple(faults), skipped=tuple(skipped))


def _trivy_entries(entry: Mapping[str, Any], place: str) -> Iterator[Exemption]:
    _check_keys(entry, _TRIVY_KEYS)
    until = parse_day(entry["expired_at"]) - _ONE_DAY if _is_given(entry, "expired_at") else None
    found = Exemption(
        id=_text(entry, "id", required=True),
        until=until,
        reason=_words(entry, "statement"),
        place=place,
    )
    of_packages = [for_package(purl, found) for purl in _texts(entry, "purls")] or [found]
    for path in _texts(entry, "paths") or [""]:
        yield from (each.replaced(path=path) for each in of_packages)


def _grype_entries(entry: Mapping[str, Any], place: str) -> Iterator[Exemption]:
    package = entry["package"] if _is_given(entry, "package") else {}
    if not isinstance(package, Mapping):
        raise ValueError("'package' is no mapping")  # noqa: TRY004 - one kind of mistake
    _check_keys(entry, _GRYPE_KEYS)
    _check_keys(package, _GRYPE_PACKAGE)
    name, version = _text(package, "name"), _text(package, "version")
    fix_state = _text(entry, "fix-state")
    if set(name) & _REGEX_SIGNS:
        raise SkippedError(f"the package's name '{printable(name)}' is a regular expression")
    if "*" in version:
        raise SkippedError(f"the version '{printable(version)}' is none; grype compares exactly")
    if fix_state and fix_state not in _FIX_STATES:
        raise SkippedError(f"'fix-state: {printable(fix_state)}' can't be told by ECR's findings")
    found = Exemption(
        id=_text(entry, "vulnerability"),
        package=name,
        version=version,
        path=_text(package, "location"),
        fix_state=fix_state,
        reason=_words(entry, "reason"),
        place=place,
    )
    if not any((found.id, found.package, found.version, found.path, found.fix_state)):
        raise ValueError("it says nothing to match")
    yield found


def _check_keys(entry: Mapping[str, Any], known: frozenset[str]) -> None:
    for key in entry:
        if key not in known:
            raise SkippedError(f"'{printable(key)}' can't be told by ECR's findings")


def _is_given(entry: Mapping[str, Any], key: str) -> bool:
    """Whether there is something under a key; an empty text is something, and a mistake."""
    return entry.get(key) is not None


def _text(entry: Mapping[str, Any], key: str, *, required: bool = False) -> str:
    if not _is_given(entry, key):
        if required:
            raise ValueError(f"'{key}' is missing")
        return ""
    value = entry[key]
    if isinstance(value, (bool, int, float)):
        raise ValueError(f"'{key}' is {value!r} and no text; write it in quotes: \"…\"")  # noqa: TRY004 - one kind of mistake
    if not isinstance(value, str) or not value:
        raise ValueError(f"'{key}' is no text")
    return value


def _words(entry: Mapping[str, Any], key: str) -> str:
    """Return the reason under a key; an empty one narrows nothing and is as if it wasn't given."""
    return _NO_REASON if entry.get(key) == "" else _text(entry, key) or _NO_REASON


def _texts(entry: Mapping[str, Any], key: str) -> list[str]:
    """Return the texts under a key, none where it isn't given; for trivy an empty list is that."""
    if not _is_given(entry, key):
        return []
    values = entry[key]
    if not isinstance(values, list) or not all(isinstance(each, str) and each for each in values):
        raise ValueError(f"'{key}' is no list of texts")
    return list(values)


def _check_id(word: str) -> None:
    if "#" in word:
        raise ValueError(f"'{printable(word)}' is no id; a space has to stand before a comment")


def _expiry(words: list[str]) -> dt.date | None:
    """Return the last day of ``exp:2026-12-31``; for trivy that day itself is too late."""
    for word in words:
        if word.startswith("exp:"):
            return parse_day(word.removeprefix("exp:")) - _ONE_DAY
    if words:
        raise ValueError(f"'{printable(words[0])}' is neither exp:DATE nor a comment")
    return None
