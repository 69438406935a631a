"""What is told of one answer."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.record.gist import briefly, called, facts
from ecsstep.rules.record.gist_aws import GISTS
from ecsstep.rules.record.gist_ecs import time_of_day
from ecsstep.rules.record.value import Entry
from ecsstep.text import printable

_XML = b"<R><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></R>"


def an_entry(
    kind: str = "aws", answer: dict[str, Any] | None = None, **question: Any
) -> Entry:  # fmt: skip
    return Entry(kind=kind, question=question, answer=answer or {}, at=1.0)


def an_answer(
    operation: str, body: Any, *, service: str = "ecs", status: int = 200, **parameters: Any
) -> Entry:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    question: dict[str, Any] = {
        "service": service, "operation": operation, "parameters": parameters,
    }  # fmt: skip
    return an_entry(answer={"status": status, "headers": {}, "body": raw}, **question)


def told(entry: Entry) -> list[str]:
    return [str(fact) for fact in facts(entry) or ()]


_SERVICE = {
    "serviceName": "web",
    "status": "ACTIVE",
    "desiredCount": 2,
    "runningCount": 1,
    "pendingCount": 1,
    "taskDefinition": "arn:aws:ecs:r:1:task-definition/web:7",
    "deployments": [
        {
            "id": "ecs-svc/1",
            "status": "PRIMARY",
            "rolloutState": "FAILED",
            "rolloutStateReason": "circuit breaker",
            "desiredCount": 2,
            "runningCount": 0,
            "failedTasks": 3,
            "taskDefinition": "arn:aws:ecs:r:1:task-definition/web:7",
        }
    ],
    "events": [{"id": "e", "createdAt": 1767323045, "message": "(service web) rolling back"}],
}


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param(
            an_answer("DescribeServices", {"services": [_SERVICE], "failures": [
                {"arn": "arn:aws:ecs:r:1:service/demo/api", "reason": "MISSING"}]}),
            [
                "service web: ACTIVE, 1 of 2 running, 1 pending, 1 deployment, web:7",
                ("deployment ecs-svc/1: PRIMARY FAILED, 0 of 2 running, 0 pending, 3 failed, "
                "web:7, circuit breaker"),
                "event 03:04:05Z: (service web) rolling back",
                "failure api: MISSING",
            ],
            id="a service, its deployments, its events, and what is missing",
        ),
        pytest.param(
            an_answer("UpdateService", {"service": {**_SERVICE, "deployments": []}}),
            ["service web: ACTIVE, 1 of 2 running, 1 pending, 0 deployments, web:7"],
            id="an update",
        ),
        pytest.param(
            an_answer("DescribeServiceDeployments", {"serviceDeployments": [{
                "serviceDeploymentArn": "arn:aws:ecs:r:1:service-deployment/demo/web/9",
                "status": "ROLLBACK_SUCCESSFUL", "statusReason": "alarm", "lifecycleStage": "BAKE",
                "deploymentCircuitBreaker": {"status": "TRIGGERED", "failureCount": 3,
                                             "threshold": 3},
                "alarms": {"status": "TRIGGERED"}}]}),
            [("service deployment 9: ROLLBACK_SUCCESSFUL, alarm, BAKE, "
             "circuit breaker TRIGGERED 3 of 3, alarms TRIGGERED")],
            id="a record of a deployment",
        ),
        pytest.param(
            an_answer("ListServiceDeployments", {"serviceDeployments": [
                {"serviceDeploymentArn": "a/9", "status": "PENDING"}]}),
            ["service deployments: 1, first 9 PENDING"],
            id="a list of records",
        ),
        pytest.param(
            an_answer("ListServiceDeployments", {"serviceDeployments": []}),
            ["service deployments: 0"],
            id="an empty list of records",
        ),
        pytest.param(
            an_answer("DescribeServiceRevisions", {"serviceRevisions": [
                {"serviceRevisionArn": "a/5", "taskDefinition": "t/web:7",
                 "containerImages": [{"image": "web@sha256:1"}]}]}),
            ["service revision 5: web:7, web@sha256:1"],
            id="a revision of a service",
        ),
        pytest.param(
            an_answer("ListTasks", {"taskArns": ["a", "b"]}, desiredStatus="STOPPED"),
            ["tasks, stopped: 2"],
            id="a list of tasks",
        ),
        pytest.param(
            an_answer("DescribeTasks", {"tasks": [{
                "taskArn": "a/t1", "lastStatus": "STOPPED", "stopCode": "EssentialContainerExited",
                "stoppedReason": "Essential container in task exited",
                "containers": [{"name": "app", "exitCode": 1, "reason": "boom",
                                "healthStatus": "UNHEALTHY"}, {"name": "log"}]}]}),
            [("task t1: STOPPED, EssentialContainerExited, Essential container in task exited, "
             "container app: exit code 1 boom UNHEALTHY")],
            id="a task that ended",
        ),
        pytest.param(
            an_answer("StopTask", {"task": {"taskArn": "a/t1", "lastStatus": "RUNNING"}}),
            ["task t1: RUNNING"],
            id="a task that was stopped",
        ),
        pytest.param(
            an_answer("StopTask", {}), ["answered 200, 2 bytes"], id="a stop without a task",
        ),
        pytest.param(
            an_answer("RegisterTaskDefinition", {"taskDefinition": {
                "taskDefinitionArn": "a/web:8", "status": "ACTIVE",
                "containerDefinitions": [{"image": "web:v2"}]}}),
            ["task definition web:8: ACTIVE, web:v2"],
            id="a new revision",
        ),
        pytest.param(
            an_answer("StopServiceDeployment", {"serviceDeploymentArn": "a/9"}),
            ["service deployment 9: asked to stop"],
            id="a rollback",
        ),
        pytest.param(
            an_answer("DescribeImageScanFindings", {
                "imageScanStatus": {"status": "COMPLETE"}, "nextToken": "n",
                "imageScanFindings": {"findingSeverityCounts": {"HIGH": 2}, "findings": [{}]}},
                service="ecr"),
            ["scan: COMPLETE, 2 HIGH, 1 listed here, more on the next page"],
            id="a scan",
        ),
        pytest.param(
            an_answer("StartImageScan", {"imageScanStatus": {"status": "PENDING"}}, service="ecr"),
            ["scan: PENDING"],
            id="a scan that was asked for",
        ),
        pytest.param(
            an_answer("BatchGetImage", {
                "images": [{"repositoryName": "app", "imageManifestMediaType": "oci",
                            "imageId": {"imageTag": "v1", "imageDigest": "sha256:1"}}],
                "failures": [{"imageId": {"imageTag": "v2"}, "failureCode": "ImageNotFound",
                              "failureReason": "no"}]}, service="ecr"),
            ["image app:v1: sha256:1, oci", "failure v2: ImageNotFound: no"],
            id="images",
        ),
        pytest.param(
            an_answer("GetAuthorizationToken", {"authorizationData": [
                {"proxyEndpoint": "https://h", "expiresAt": 1767323045}]}, service="ecr"),
            ["token for https://h: taken out of the record, good until 03:04:05Z"],
            id="a login",
        ),
        pytest.param(
            an_answer("GetAuthorizationToken", {"authorizationData": {}}, service="ecr-public"),
            ["token: taken out of the record"],
            id="a login of the public registry",
        ),
        pytest.param(
            an_answer("DescribeRepositories", {"repositories": [
                {"repositoryName": "app", "imageTagMutability": "IMMUTABLE"}]}, service="ecr"),
            ["repository app: IMMUTABLE"],
            id="repositories",
        ),
        pytest.param(
            an_answer("CreateRepository", {"repository": {"repositoryName": "app"}},
                      service="ecr"),
            ["repository app"],
            id="a new repository",
        ),
        pytest.param(
            an_answer("GetRegistryScanningConfiguration",
                      {"scanningConfiguration": {"scanType": "BASIC"}}, service="ecr"),
            ["scanning of the registry: BASIC"],
            id="how a registry scans",
        ),
        pytest.param(
            an_answer("BatchGetRepositoryScanningConfiguration", {"scanningConfigurations": [
                {"repositoryName": "app", "scanFrequency": "MANUAL", "scanOnPush": True}]},
                service="ecr"),
            ["scanning of app: MANUAL, on push yes"],
            id="how a repository is scanned",
        ),
        pytest.param(
            an_answer("GetLogEvents", {"events": [{"message": "a"}, {"message": "b"}]},
                      service="logs"),
            ["log lines: 2, last: b"],
            id="a log",
        ),
        pytest.param(
            an_answer("GetDeployment", {"deploymentInfo": {
                "deploymentId": "d-1", "status": "Failed",
                "errorInformation": {"code": "C", "message": "m"}}}, service="codedeploy"),
            ["deployment d-1: Failed, C, m"],
            id="a deployment of CodeDeploy",
        ),
        pytest.param(
            an_answer("CreateDeployment", {"deploymentId": "d-1"}, service="codedeploy"),
            ["deployment d-1: made"],
            id="a new deployment of CodeDeploy",
        ),
        pytest.param(
            an_answer("BatchGetDeploymentTargets", {"deploymentTargets": [{"ecsTarget": {
                "targetId": "demo:web", "status": "Failed", "lifecycleEvents": [
                    {"lifecycleEventName": "Install", "status": "Failed",
                     "diagnostics": {"message": "m"}}]}}]}, service="codedeploy"),
            ["target demo:web: Failed", "Install: Failed, m"],
            id="a target of CodeDeploy",
        ),
        pytest.param(
            an_answer("GetDeploymentGroup", {"deploymentGroupInfo": {"ecsServices": [
                {"clusterName": "demo", "serviceName": "web"}]}}, service="codedeploy"),
            ["deployment group: for service demo/web"],
            id="a deployment group",
        ),
        pytest.param(
            an_answer("GetSecretValue", {"SecretString": "redacted-1"}, service="secretsmanager"),
            ["a value, which was taken out of the record"],
            id="a secret",
        ),
        pytest.param(
            an_answer("GetCallerIdentity", _XML, service="sts"),
            ["Account: 123456789012", f"answered 200, {len(_XML)} bytes"],
            id="an answer in XML",
        ),
        pytest.param(
            an_answer("Unheard", {"a": 1}, service="of"), ["answered 200, 8 bytes"],
            id="an operation that nobody knows",
        ),
        pytest.param(
            an_answer("DescribeServices", {"__type": "com#ClusterNotFoundException",
                                           "message": "Cluster not found."}, status=400),
            ["refused, 400: ClusterNotFoundException: Cluster not found."],
            id="a refusal",
        ),
        pytest.param(
            an_answer("Publish", b"<E><Code>NotFound</Code><Message>no topic</Message></E>",
                      service="sns", status=404),
            ["refused, 404: NotFound: no topic"],
            id="a refusal in XML",
        ),
        pytest.param(
            an_entry(answer={"broken": {"type": "EndpointConnectionError", "said": "no way"}}),
            ["no answer: EndpointConnectionError: no way"],
            id="a broken connection",
        ),
        pytest.param(
            an_entry("http", {"status": 201, "headers": {"docker-content-digest": "sha256:1"}}),
            ["answered 201, sha256:1"], id="a registry's answer",
        ),
        pytest.param(
            an_entry("http", {"status": 403, "body": b'{"errors":[{"code":"DENIED"}]}'}),
            ["answered 403, DENIED"], id="a registry's refusal",
        ),
        pytest.param(
            an_entry("http", {"status": 502, "body": b"<h1>bad\ngateway</h1>"}),
            ["answered 502, <h1>bad gateway</h1>"], id="a proxy's page",
        ),
        pytest.param(
            an_entry("http", {"broken": "connection refused"}),
            ["no answer: connection refused"], id="a broken registry",
        ),
        pytest.param(
            an_entry("run", {"code": 1, "stdout": b"out", "stderr": b"one\nlast\n"}),
            ["exit code 1: last"], id="a tool that failed",
        ),
        pytest.param(
            an_entry("run", {"code": 0, "stdout": b"out"}), ["exit code 0"], id="a tool",
        ),
        pytest.param(
            an_entry("run", {"error": {"message": "there is no 'docker' on this machine"}}),
            ["there is no 'docker' on this machine"], id="a tool that isn't there",
        ),
        pytest.param(
            an_entry("file", {"content": b"abc"}, do="read"), ["3 bytes"], id="a file",
        ),
        pytest.param(
            an_entry("file", {"content": {"left_out": 9}}, do="read"), ["more than is kept"],
            id="a large file",
        ),
        pytest.param(
            an_entry("file", {"size": 3}, do="write"), ["3 bytes written"],
            id="a file that was written",
        ),
        pytest.param(
            an_entry("file", {"os_error": {"strerror": "No such file"}}, do="read"),
            ["No such file"], id="a file that isn't there",
        ),
        pytest.param(an_entry("file", {"is": True}, do="exists"), [], id="a look at a file"),
        pytest.param(an_entry("stdin", {"content": b"abc"}), ["3 bytes"], id="stdin"),
        pytest.param(an_entry("stdin", {"is": True}), [], id="a look at stdin"),
        pytest.param(
            an_entry("identity", {"method": "env"}, do="load"), ["found, by env"],
            id="credentials",
        ),
        pytest.param(
            an_entry("identity", {"method": None}, do="load"), ["there are none"],
            id="no credentials",
        ),
        pytest.param(an_entry("identity", {}, do="fetch"), [], id="credentials that were fetched"),
        pytest.param(an_entry("setting", {"value": "r"}, name="region"), ["r"], id="a setting"),
        pytest.param(an_entry("setting", {"value": None}), [], id="no setting"),
        pytest.param(
            an_entry("image", {"manifest": {"digest": "sha256:1", "blobs": [{}, {}]}}),
            ["sha256:1, 2 blobs"], id="an image",
        ),
        pytest.param(
            an_entry("image", {"manifest": {"digest": "sha256:1", "children": [{}]}}),
            ["sha256:1, 1 platforms"], id="an image index",
        ),
        pytest.param(an_entry("image", {}), ["done"], id="an image that was opened"),
        pytest.param(
            an_entry("gap", {"left_out": 7}), ["7 answers were too many for the record"],
            id="a gap",
        ),
        pytest.param(
            an_entry("interrupt", {"signal": "SIGTERM"}), ["SIGTERM arrived"], id="a signal",
        ),
        pytest.param(an_entry("clock"), [], id="a time that was read"),
        pytest.param(
            an_answer("UpdateService", {}), ["answered 200, 2 bytes"],
            id="an update without a service",
        ),
        pytest.param(an_entry("of-the-future"), ["answered"], id="what nobody knows"),
    ],
)  # fmt: skip
def test_an_answer_is_told_by_what_matters(entry: Entry, expected: list[str]) -> None:
    assert told(entry) == expected


def test_a_failed_deployment_catches_the_eye() -> None:
    found = facts(an_answer("DescribeServices", {"services": [_SERVICE]})) or ()

    assert [fact.is_strong for fact in found] == [False, True, True]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            an_entry(service="ecs", operation="DescribeTasks", parameters={
                "cluster": "demo", "none": [], "tasks": ["arn:aws:ecs:r:1:task/demo/1", "b"],
                "id": {"tag": "v1"}}, attempt=2),
            ("ecs DescribeTasks  cluster=demo, none=none, tasks=task/demo/1 and 1 more, id=tag:v1 "
            "(attempt 2)"),
        ),
        (an_entry(service="sts", operation="GetCallerIdentity"), "sts GetCallerIdentity"),
        (an_entry("file", do="read", path="a.json"), "read file a.json"),
        (an_entry("stdin", do="bytes"), "read stdin"),
        (an_entry("identity", do="load"), "look for AWS credentials"),
        (an_entry("setting", name="region"), "read 'region' of the AWS configuration"),
        (an_entry("image", do="open", source="oci:app"), "open image oci:app"),
        (an_entry("run", argv=["docker", "push", "a"]), "docker push a"),
        (an_entry("http", method="GET", url="http://h/v2/"), "GET http://h/v2/"),
        (
            an_entry("http", method="PUT", url="http://h/v2/a/blobs/uploads/7f?digest=sha256:1"),
            "PUT http://h/v2/a/blobs/uploads/…?digest=sha256:1",
        ),
        (an_entry("gap"), "gap"),
    ],
)  # fmt: skip
def test_a_question_is_told_in_a_line(entry: Entry, expected: str) -> None:
    assert called(entry) == expected


def test_a_call_is_told_briefly_without_its_parameters() -> None:
    call = an_entry(service="ecs", operation="DescribeTasks", parameters={"cluster": "demo"})

    assert briefly(call) == "ecs DescribeTasks"
    assert briefly(an_entry("stdin", do="bytes")) == "read stdin"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1767323045.5, "03:04:05Z"),
        ("2026-01-02T04:04:05+01:00", "03:04:05Z"),
        (1e300, ""),
        (float("nan"), ""),
        ("yesterday", ""),
        (None, ""),
    ],
)
def test_a_time_is_one_of_the_day_or_nothing(value: object, expected: str) -> None:
    assert time_of_day(value) == expected


def is_harmless(text: str) -> bool:
    """Whether nothing in a line acts on a terminal; letters newer than this Python may stay."""
    return printable(text) == text


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["services", "tasks", "deployments", "events", "containers", "status", "message",
             "createdAt", "failures", "imageScanStatus", "imageScanFindings", "content", "code",
             "findingSeverityCounts", "deploymentInfo", "authorizationData", "do", "path", "error"]
        ),
        inner,
        max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(name=st.sampled_from(sorted(GISTS)), body=_ANY, asked=_ANY, status=_ANY)
def test_no_answer_of_any_form_is_too_strange(
    name: tuple[str, str], body: Any, asked: Any, status: Any
) -> None:
    service, operation = name
    question = {"service": service, "operation": operation, "parameters": asked}
    raw = json.dumps(body).encode()

    found = facts(an_entry(answer={"status": status, "body": raw}, **question))

    assert found
    assert all(is_harmless(str(fact)) for fact in found)


@given(kind=st.sampled_from(["http", "run", "file", "stdin", "identity", "setting", "image",
                             "gap", "interrupt", "clock", "x"]),
       question=st.dictionaries(st.sampled_from(["do", "path", "argv", "url"]), _ANY),
       answer=st.dictionaries(
           st.sampled_from(["status", "body", "code", "stderr", "content", "error", "broken",
                            "os_error", "manifest", "value", "headers"]),
           _ANY | st.binary()))  # fmt: skip
def test_no_other_answer_is_too_strange_either(
    kind: str, question: dict[str, Any], answer: dict[str, Any]
) -> None:
    entry = Entry(kind=kind, question=question, answer=answer, at=0.0)

    found = facts(entry)

    assert all(is_harmless(str(fact)) for fact in found or ())
    assert is_harmless(called(entry))
