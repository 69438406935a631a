import datetime as dt
from typing import Any

import pytest

from ecsstep.sandbox.api import ApiError, SandboxClock, checked, serialised, without_nulls

AT = dt.datetime(2026, 1, 2, 3, 4, 5, 250000, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("service", "operation", "body", "code"),
    [
        pytest.param("ecs", "DescribeServices", {}, "ClientException", id="missing in ecs"),
        pytest.param("ecr", "DescribeImages", {}, "InvalidParameterException", id="in ecr"),
        pytest.param("sts", "AssumeRole", {}, "ValidationException", id="in another service"),
        pytest.param(
            "ecs", "ListClusters", {"wrong": 1}, "SerializationException", id="unknown member"
        ),
        pytest.param(
            "ecs",
            "DescribeServices",
            {"services": "web"},
            "SerializationException",
            id="wrong type",
        ),
        pytest.param(
            "ecs",
            "RegisterTaskDefinition",
            {"family": "web", "containerDefinitions": [{"memroy": 1}]},
            "SerializationException",
            id="unknown member within",
        ),
    ],
)
def test_a_request_that_the_model_forbids_is_refused(
    service: str, operation: str, body: dict[str, Any], code: str
) -> None:
    with pytest.raises(ApiError) as caught:
        checked(service, operation, body)

    assert (caught.value.code, caught.value.status) == (code, 400)
    assert caught.value.message


@pytest.mark.parametrize(
    ("service", "operation", "body"),
    [
        pytest.param("ecs", "DescribeServices", {"services": ["web"]}, id="plain"),
        pytest.param("ecs", "DescribeServices", {"services": ["a"], "cluster": None}, id="null"),
        pytest.param("sts", "GetCallerIdentity", {}, id="without members"),
        pytest.param("elasticbeanstalk", "CreateStorageLocation", {}, id="without input"),
    ],
)
def test_a_request_that_the_model_allows_passes(
    service: str, operation: str, body: dict[str, Any]
) -> None:
    checked(service, operation, body)


def test_a_result_goes_over_the_wire_as_the_model_has_it() -> None:
    result = {
        "taskDefinition": {
            "family": "web",
            "cpu": None,
            "unknown": 1,
            "registeredAt": AT,
            "deregisteredAt": 1.5,
            "containerDefinitions": [
                {"name": "app", "cpu": 0, "environment": [], "dockerLabels": {"a": ""}}
            ],
        },
        "tags": None,
    }

    assert serialised("ecs", "DescribeTaskDefinition", result) == {
        "taskDefinition": {
            "family": "web",
            "registeredAt": AT.timestamp(),
            "deregisteredAt": 1.5,
            "containerDefinitions": [
                {"name": "app", "cpu": 0, "environment": [], "dockerLabels": {"a": ""}}
            ],
        }
    }


def test_bytes_go_over_the_wire_as_base64() -> None:
    answer = serialised("ecr", "GetDownloadUrlForLayer", {"downloadUrl": "x"})
    part = serialised("kms", "Encrypt", {"CiphertextBlob": b"abc", "KeyId": "k"})
    again = serialised("kms", "Encrypt", {"CiphertextBlob": "YWJj"})

    assert (answer, part) == ({"downloadUrl": "x"}, {"CiphertextBlob": "YWJj", "KeyId": "k"})
    assert again == {"CiphertextBlob": "YWJj"}


def test_an_operation_without_output_has_an_empty_answer() -> None:
    assert serialised("logs", "CreateLogGroup", {"x": 1}) == {}


def test_nulls_go_and_nothing_else() -> None:
    given = {"a": None, "b": [{"c": None, "d": 0}, ""], "e": False}

    assert without_nulls(given) == {"b": [{"d": 0}, ""], "e": False}


def test_the_sandbox_clock_runs_at_its_speed() -> None:
    moments = iter([100.0, 100.5, 103.0])
    before = dt.datetime.now(dt.UTC)

    clock = SandboxClock(10, monotonic=lambda: next(moments))

    assert clock.elapsed() == 5.0
    assert dt.timedelta(seconds=30) <= clock.now() - before < dt.timedelta(seconds=31)
