"""Where a run took place, and what a record lacks."""

import json
from typing import Any

import pytest

from ecsstep.rules.record import origin
from ecsstep.rules.record.reading import parsed
from ecsstep.rules.record.value import Entry, Record
from ecsstep.rules.redaction.redactor import Redaction
from replays import a_document


def an_entry(service: str, body: Any, *, region: str = "eu-west-1") -> Entry:
    return Entry(
        kind="aws",
        question={"service": service, "operation": "X", "region": region},
        answer={"body": json.dumps(body).encode()},
        at=0.0,
    )


def a_record(*entries: Entry, **changes: Any) -> Record:
    return parsed(a_document()).replaced(entries=entries, **changes)


_ECS = an_entry("ecs", {"arn": "arn:aws:ecs:eu-west-1:111111111111:service/demo/web"})
_ECR = an_entry("ecr", {"registryId": "222222222222"})
_STS = an_entry("sts", {"Arn": "arn:aws:sts::333333333333:assumed-role/ci/x"}, region="us-east-1")
_LOGIN = an_entry("ecr", {"proxyEndpoint": "https://444444444444.dkr.ecr.eu-west-1.amazonaws.com"})


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((_ECR, _ECS), "111111111111"),
        ((_ECS, _STS), "333333333333"),
        ((_ECR,), "222222222222"),
        ((_LOGIN,), "444444444444"),
        ((an_entry("ecr", {}), Entry(kind="aws", question={}, answer={"broken": {}}, at=0)), ""),
        ((), ""),
    ],
)
def test_the_account_is_told_by_awss_own_answers(entries: tuple[Entry, ...], expected: str) -> None:
    assert origin.account(a_record(*entries)) == expected


def test_the_region_is_that_of_the_calls_but_for_the_tokens() -> None:
    assert origin.region(a_record(_STS, _ECS)) == "eu-west-1"
    assert not origin.region(a_record())


def test_what_was_taken_out_and_would_be_sent_is_named_with_its_place() -> None:
    place = "file read t.json #0.text.containerDefinitions[web].environment[DB]"
    record = a_record(redactions=(
        Redaction(placeholder="redacted-1", kind="environment value", places=(place,), count=1),
        Redaction(placeholder="redacted-12", kind="password", places=(), count=1),
    ))  # fmt: skip

    found = list(origin.lacking(
        record,
        ["--env", "A=redacted-12", "redacted-2"],
        {"ECSSTEP_ENV": "A=redacted-1"},
        {"t.json": b'{"value": "redacted-1", "x": "redacted-1"}'},
    ))  # fmt: skip

    assert found == [
        "on the command line: password in 'A=redacted-12'",
        "in ECSSTEP_ENV: environment value redacted-1",
        "in 't.json': environment value containerDefinitions[web].environment[DB]",
    ]
