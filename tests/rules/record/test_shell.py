"""Lines for a shell."""

import json
import re
import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.aws.cli import name_of as name_of_aws
from ecsstep.replay.reader import read
from ecsstep.rules.record.reading import parsed
from ecsstep.rules.record.shell import _READING, Name, shell
from ecsstep.rules.record.value import Entry
from ecsstep.text import printable
from replays import a_document
from stories import RECORDS


def name_of(service: str, operation: str) -> Name | None:
    if service == "none":
        return None
    options = {"cluster": "cluster", "services": "services", "forceNewDeployment": "force"}
    return Name(words=(service, operation.lower()), options=options)


def an_entry(operation: str, *, service: str = "ecs", body: Any = None, **parameters: Any) -> Entry:
    return Entry(
        kind="aws",
        question={
            "service": service, "operation": operation, "region": "r", "parameters": parameters,
        },
        answer={"status": 200, "body": json.dumps(body).encode()},
        at=0.0,
    )  # fmt: skip


def lines(*entries: Entry, **changes: Any) -> list[str]:
    record = parsed(a_document()).replaced(entries=entries, **changes)
    return list(shell(record, name_of))[1:]


_MARK = "# changes something; take the mark away to run it:"
_PRINTS = "# may print a secret; take the mark away to run it:"
_LOGIN = ["--username", "AWS", "--password-stdin"]


def a_run(*argv: str) -> Entry:
    return Entry(kind="run", question={"argv": list(argv)}, answer={}, at=0)


def a_token(place: str, *, service: str = "ecr") -> Entry:
    body = {"authorizationData": [{"proxyEndpoint": place}]}
    return an_entry("GetAuthorizationToken", service=service, body=body)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param(
            an_entry("DescribeServices", cluster="demo", services=["web", "api"]),
            ["aws ecs describeservices --region r --cluster demo --services web api"],
            id="plain parameters are options",
        ),
        pytest.param(
            an_entry("DescribeServices", cluster="it's", services=["web"]),
            ["aws ecs describeservices --region r --cli-input-json "
             + shlex.quote('{"cluster": "it\'s", "services": ["web"]}')],
            id="others are JSON, quoted",
        ),
        pytest.param(
            an_entry("DescribeServices", cluster="file:///etc/passwd"),
            [("aws ecs describeservices --region r --cli-input-json "
             "'{\"cluster\": \"file:///etc/passwd\"}'")],
            id="what the AWS CLI would read is JSON",
        ),
        pytest.param(
            an_entry("DescribeServices", endpointUrl="evil.example"),
            [("aws ecs describeservices --region r --cli-input-json "
             "'{\"endpointUrl\": \"evil.example\"}'")],
            id="what isn't a parameter is no option",
        ),
        pytest.param(
            an_entry("DescribeServices", services=[{"name": "web"}]),
            [("aws ecs describeservices --region r --cli-input-json "
             "'{\"services\": [{\"name\": \"web\"}]}'")],
            id="what is nested is JSON",
        ),
        pytest.param(
            an_entry("UpdateService", cluster="demo", forceNewDeployment=True),
            [_MARK, "#aws ecs updateservice --region r --cluster demo --force"],
            id="what changes something is a comment",
        ),
        pytest.param(
            an_entry("UpdateService", forceNewDeployment=False),
            [_MARK, "#aws ecs updateservice --region r --no-force"],
            id="a switch that is off",
        ),
        pytest.param(
            an_entry("GetSecretValue", service="secretsmanager"),
            [_PRINTS, "#aws secretsmanager getsecretvalue --region r"],
            id="what prints a secret is a comment",
        ),
        pytest.param(
            an_entry("GetAuthorizationToken", service="ecr",
                     body={"authorizationData": [{"proxyEndpoint": "https://h"}]}),
            [_MARK, ("#aws ecr get-login-password --region r | docker login --username AWS "
             "--password-stdin h")],
            id="a token is a login",
        ),
        pytest.param(
            an_entry("GetAuthorizationToken", service="ecr-public", body={"authorizationData": {}}),
            [_MARK, ("#aws ecr-public get-login-password --region r | docker login --username AWS "
             "--password-stdin public.ecr.aws")],
            id="a login to the public registry",
        ),
        pytest.param(
            an_entry("DescribeX", service="none", a="b"),
            ["# none DescribeX(a=b): the AWS CLI has no such command"],
            id="what the AWS CLI doesn't know",
        ),
        pytest.param(
            an_entry("DescribeServices", cluster="demo\x1b[31m\u202e"),
            [("aws ecs describeservices --region r --cli-input-json "
             "'{\"cluster\": \"demo\\u001b[31m\\u202e\"}'")],
            id="nothing acts on the terminal",
        ),
        pytest.param(
            Entry(kind="http", question={"method": "GET", "url": "http://h/v2/\nrm"},
                  answer={"status": 200}, at=0),
            ["# GET http://h/v2/ rm -> 200"],
            id="a registry's call is a comment of one line",
        ),
        pytest.param(
            Entry(kind="http", question={}, answer={"broken": "x"}, at=0),
            ["# -> no answer"],
            id="a registry that didn't answer",
        ),
        pytest.param(
            an_entry("GetSessionToken", service="sts"),
            [_PRINTS, "#aws sts getsessiontoken --region r"],
            id="what no step asks is a comment though it only reads",
        ),
        pytest.param(
            an_entry("GetAuthorizationToken", service="codeartifact"),
            [_PRINTS, "#aws codeartifact getauthorizationtoken --region r"],
            id="a token that is no registry's",
        ),
        pytest.param(Entry(kind="run", question={"argv": 3}, answer={}, at=0), [], id="no program"),
        pytest.param(
            Entry(kind="gap", question={}, answer={}, at=0),
            ["# answers that were too many for the record stood here"],
            id="a gap",
        ),
        pytest.param(Entry(kind="file", question={}, answer={}, at=0), [], id="a file"),
    ],
)  # fmt: skip
def test_a_call_is_a_line(entry: Entry, expected: list[str]) -> None:
    assert lines(entry) == expected


@pytest.mark.parametrize(
    "line",
    [
        "docker --version",
        "docker version --format {{.Server.Version}}",
        "podman image inspect app:build",
        "buildah inspect --type image registry.example:5000/app@sha256:0a",
    ],
)
def test_a_look_of_the_steps_is_a_line_to_be_pasted(line: str) -> None:
    assert lines(a_run(*line.split())) == [shlex.join(line.split())]


@pytest.mark.parametrize(
    "argv",
    [
        ("docker", "push", "a"),
        ("rm", "inspect"),
        ("docker", "rm", "info", "-f", "proddb"),
        ("docker", "run", "info", "--rm", "-v", "/:/h", "evil/x"),
        ("docker", "image", "inspect", "-f", "x"),
        ("docker", "image", "inspect", "a b"),
        ("docker", "image", "inspect", "a\nb"),
        ("docker", "-H", "tcp://evil", "image", "inspect", "a"),
        ("docker", "image inspect", "a"),
        ("skopeo", "inspect", "a"),
    ],
)
def test_whatever_else_is_run_is_a_comment(argv: tuple[str, ...]) -> None:
    assert all(line.startswith("#") for line in lines(a_run(*argv)))


def test_a_login_by_a_tool_is_one_line_that_can_be_pasted_with_the_tools_own_folder() -> None:
    login = ("docker", "--config", "auth", "login", *_LOGIN, "h")

    assert lines(a_token("https://h"), a_run(*login)) == [
        _MARK,
        (
            "#aws ecr get-login-password --region r | docker --config auth login --username AWS "
            "--password-stdin h"
        ),
    ]


def test_a_login_whose_password_nobody_can_print_says_where_it_goes_in() -> None:
    login = ("docker", "login", "--username", "bob", "--password-stdin", "docker.io")

    assert lines(a_run(*login)) == [
        "# logs in, with the password on stdin; take the mark away to run it:",
        "#docker login --username bob --password-stdin docker.io",
    ]


def test_every_look_of_the_steps_at_aws_is_known_and_no_other_operation() -> None:
    made = {
        (entry.question["service"], entry.question["operation"])
        for path in RECORDS.iterdir()
        for entry in read(str(path)).entries
        if entry.kind == "aws"
    }
    looks = {(service, name) for service, names in _READING.items() for name in names}

    others = {name for _, name in made - looks}

    assert not {name for name in others if re.match("Describe|List|BatchGet", name)}
    assert all(name_of_aws(*each) for each in looks)


def test_a_call_that_was_made_again_stands_there_once() -> None:
    call = an_entry("DescribeServices", cluster="demo")

    assert lines(call, call, call) == [
        "# asked 3 times:",
        "aws ecs describeservices --region r --cluster demo",
    ]


def test_where_the_run_took_place_is_said() -> None:
    found = lines(variables={"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})

    assert found == ["# then with AWS_ENDPOINT_URL=http://127.0.0.1:1"]


def test_a_login_without_a_place_and_a_region_can_still_be_filled_in() -> None:
    entry = an_entry("GetAuthorizationToken", service="ecr",
                     body={"authorizationData": [{"proxyEndpoint": "http://["}]})  # fmt: skip
    broken = entry.replaced(question={**entry.question, "region": ""}, answer={"body": b"no JSON"})

    assert lines(entry)[1].endswith("--password-stdin HOST")
    assert lines(broken) == []


_VALUE = st.text() | st.integers() | st.booleans() | st.lists(st.text(), max_size=2)


@given(
    operation=st.sampled_from(["DescribeServices", "UpdateService"]) | st.text(max_size=9),
    region=st.text(max_size=9),
    parameters=st.dictionaries(st.sampled_from(["cluster", "services"]) | st.text(), _VALUE),
    argv=st.lists(st.text() | st.sampled_from(["docker", "inspect"]), max_size=3),
)
def test_only_what_is_harmless_is_no_comment_and_a_shell_reads_it_word_for_word(
    operation: str, region: str, parameters: dict[str, Any], argv: list[str]
) -> None:
    call = an_entry(operation)
    question = {**call.question, "region": region, "parameters": parameters}
    tool = Entry(kind="run", question={"argv": argv}, answer={}, at=0)

    found = lines(call.replaced(question=question), tool)

    for line in found:
        assert printable(line) == line
        if line.startswith("#"):
            continue
        words = shlex.split(line)
        assert words[:2] == ["aws", "ecs"] or words == argv
        if words[0] == "aws" and "--cli-input-json" in words:
            assert json.loads(words[-1]) == parameters
