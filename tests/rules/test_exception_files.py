"""Whose form a file of exceptions has."""

import json
from typing import Any

import pytest

from ecsstep.rules.exception_files import parsed_file

TRIVY = json.dumps({"vulnerabilities": [{"id": "CVE-1"}]})
GRYPE = json.dumps({"ignore": [{"vulnerability": "CVE-1"}]})
OURS = json.dumps({"ignore": [{"id": "CVE-1", "reason": "r"}]})


def parse(text: str, _name: str) -> Any:
    return json.loads(text)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".scan-gate.toml", '[[ignore]]\nid = "CVE-1"\nreason = "r"\n'),
        (".scan-gate.yaml", OURS),
        ("security/exceptions.yml", OURS),
        (".trivyignore", "CVE-1\n"),
        ("ci/.trivyignore.prod", "CVE-1\n"),
        (".trivyignore.yaml", TRIVY),
        (".grype.yaml", GRYPE),
        ("ci/grype.yml", GRYPE),
    ],
)
def test_the_name_tells_the_form(path: str, text: str) -> None:
    found = parsed_file(path, text, parse=parse)

    assert ([entry.id for entry in found.entries], found.faults) == (["CVE-1"], ())


@pytest.mark.parametrize("path", [".scan-gate.yaml", ".trivyignore.yaml", ".grype.yaml"])
def test_an_empty_file_excepts_nothing(path: str) -> None:
    found = parsed_file(path, " \n", parse=parse)

    assert (found.entries, found.faults) == ((), ())
