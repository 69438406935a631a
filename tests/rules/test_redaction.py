"""What is secret goes, one value for one placeholder; what decides something stays."""

import base64
import json
from typing import Any

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.redaction import marks, places
from ecsstep.rules.redaction.patterns import scan
from ecsstep.rules.redaction.redactor import Hidden
from ecsstep.rules.redaction.walk import Pieces, redacted

CANARY = "kanarie-7Fq.x+Q2"
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf"
# What the steps, and those who may come, ask of AWS.
CALLS = {
    "ecs": (
        "DescribeServices", "DescribeTaskDefinition", "RegisterTaskDefinition", "UpdateService",
        "DescribeTasks", "ListTasks", "RunTask", "StopTask", "DescribeServiceDeployments",
        "DescribeServiceRevisions", "ListServiceDeployments", "StopServiceDeployment",
    ),
    "ecr": ("GetAuthorizationToken", "DescribeImages", "BatchGetImage",
            "DescribeImageScanFindings", "CreateRepository", "DescribeRepositories"),
    "ecr-public": ("GetAuthorizationToken",),
    "sts": ("AssumeRole", "AssumeRoleWithWebIdentity", "GetCallerIdentity"),
    "ssm": ("GetParameter",),
    "secretsmanager": ("GetSecretValue",),
    "logs": ("GetLogEvents",),
    "codedeploy": ("CreateDeployment", "GetDeployment", "BatchGetDeploymentTargets"),
    "elbv2": ("DescribeTargetHealth", "DescribeTargetGroups"),
    "cloudfront": ("CreateInvalidation", "GetInvalidation"),
    "sns": ("Publish",),
    "inspector2": ("ListCoverage",),
}  # fmt: skip


def clean(value: Any, **more: Any) -> Any:
    return redacted(value, **more)[0]


def spots(shape: Any, above: tuple[str, ...] = (), seen: tuple[str, ...] = ()) -> Any:
    """Yield the paths of the members that a model marks as sensitive."""
    if shape is None or shape.name in seen:
        return
    if shape.metadata.get("sensitive"):
        yield above
        return
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from spots(member, (*above, name), (*seen, shape.name))
    elif shape.type_name == "list":
        yield from spots(shape.member, above, (*seen, shape.name))


@pytest.mark.parametrize("service", CALLS)
def test_every_member_that_botocore_marks_as_sensitive_is_a_place_of_ours(service: str) -> None:
    model = botocore.session.Session().get_service_model(service)
    shapes = [
        shape
        for name in CALLS[service]
        for shape in (
            model.operation_model(name).input_shape,
            model.operation_model(name).output_shape,
        )
    ]

    for path in (path for shape in shapes for path in spots(shape)):
        above, name = ("", *path)[-2:]
        is_known = name in places.ENVIRONMENTS or places.kind_of(name, above)
        assert is_known or name == "repositoryCredentials", path


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"environment": [{"name": "A", "value": CANARY}]}, id="environment"),
        pytest.param({"environment": {"A": CANARY}}, id="environment as an object"),
        pytest.param({"Env": [f"A={CANARY}"]}, id="docker's environment"),
        pytest.param({"secrets": [{"name": "A", "valueFrom": CANARY}]}, id="reference"),
        pytest.param({"repositoryCredentials": {"credentialsParameter": CANARY}}, id="registry"),
        pytest.param({"authorizationToken": CANARY}, id="a token that is no login"),
        pytest.param({"Parameter": {"Value": CANARY}}, id="parameter"),
        pytest.param({"SecretString": json.dumps({"a": [CANARY, 1]})}, id="secret that is JSON"),
        pytest.param({"token": CANARY, "access_token": CANARY}, id="registry's token"),
        pytest.param(json.dumps({"password": CANARY}), id="JSON in a text"),
        pytest.param(f"<SecretAccessKey>{CANARY}</SecretAccessKey>", id="XML"),
        pytest.param({"events": [{"message": f"PASSWORD: {CANARY}"}]}, id="log line"),
        pytest.param(f"https://user:{CANARY}@host/x", id="URL"),
        pytest.param({"argv": list(marks.argv(["--env", f"A={CANARY}"]))}, id="flag"),
        pytest.param({"argv": list(marks.argv([f"--env=c:A={CANARY}"]))}, id="flag with ="),
        pytest.param({"argv": list(marks.argv(["--secret", f"A={CANARY}"]))}, id="secret flag"),
        pytest.param(
            {"v": marks.variable("ECSSTEP_ENV", f"B=1\nA={CANARY}", secret=(), declared=())},
            id="variable of settings",
        ),
        pytest.param(
            {"v": marks.variable("T", CANARY, secret={"T"}, declared={"T"})}, id="secret option"
        ),
        pytest.param(
            {"v": marks.variable("CI_JOB_TOKEN", CANARY, secret=(), declared=())}, id="by its name"
        ),
    ],
)
def test_a_secret_goes_from_its_place_and_from_every_other(value: Any) -> None:
    said = {"said": f"it was {CANARY}", "value": value}

    found = json.dumps(clean(said), ensure_ascii=False)

    assert CANARY not in found
    assert "redacted-" in found


def encoded(secret: str) -> list[str]:
    return [
        base64.b64encode(f"{before}{secret}{after}".encode()).decode()
        for before in ("", "u:", "us:", "use:")
        for after in ("", "x", "xy")
    ]


@given(secret=st.text(alphabet="abcXYZ019-+/=!", min_size=12, max_size=40))
def test_a_secret_is_found_inside_base64_at_every_alignment(secret: str) -> None:
    texts = encoded(secret)

    found = clean({"s": Hidden(secret, kind="x"), "texts": texts})

    assert all("redacted-" in text for text in found["texts"])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
SECRET = st.text(alphabet="abcdefXYZ0123456789-_+/", min_size=10, max_size=30).map(
    lambda text: f"k4{text}Z"
)


@given(secret=SECRET, around=st.data())
def test_whatever_is_around_it_no_declared_secret_survives(
    secret: str, around: st.DataObject
) -> None:
    before, after = around.draw(st.text(max_size=6)), around.draw(st.text(max_size=6))
    inside = around.draw(JSON)
    place = around.draw(
        st.sampled_from(
            [
                {"environment": [{"name": "DB_PASSWORD", "value": secret}]},
                {"password": secret},
                {"SecretString": secret},
                Hidden(secret, kind="x"),
                Pieces((before, Hidden(secret, kind="x"), after)),
            ]
        )
    )
    document = {
        "a": f"{before}{secret}{after}",
        "b": [place, inside, {f"{before}{secret}": inside}],
        "c": json.dumps({"x": f"{before}{secret}{after}"}),
        "d": {"deep": [{"er": [f"{after}{secret}"]}]},
    }

    assert secret not in json.dumps(clean(document), ensure_ascii=False)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='xyz ,.{}[]"', max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(alphabet="xyz", max_size=8), inner, max_size=4)
    ),
)


@given(value=PLAIN)
def test_a_value_without_secrets_stays_as_it_is(value: Any) -> None:
    assert clean({"x": value}) == {"x": value}


def test_one_value_has_one_placeholder_so_that_what_was_equal_stays_equal() -> None:
    one = {"environment": [{"name": "A", "value": "2"}, {"name": "B", "value": "3"}]}
    other = {"environment": [{"name": "A", "value": "2"}], "count": "2"}

    found = clean([one, other])

    assert found[0]["environment"][0] == found[1]["environment"][0]
    assert found[0]["environment"][0]["value"] != found[0]["environment"][1]["value"]
    assert found[1]["count"] == "2"


@pytest.mark.parametrize(
    "value",
    ["ap-northeast-1", "production", "FARGATE", "123456789012", "v1.2.3", "8080",
     "db.internal:5432", "https://api.example.com/v1", "arn:aws:ecs:eu-west-1:1:cluster/demo"],
)  # fmt: skip
def test_a_harmless_value_of_an_environment_is_left_where_it_decides_something(value: str) -> None:
    found = clean({"environment": [{"name": "WHERE", "value": value}], "region": value})

    assert found["environment"][0]["value"] == "redacted-1"
    assert found["region"] == value


def test_a_public_name_is_left_though_a_secret_is_the_same() -> None:
    found = clean(
        {"environment": [{"name": "DB_PASSWORD", "value": "web-2026"}], "cluster": "web-2026"},
        public={"web-2026"},
    )

    assert found == {
        "environment": [{"name": "DB_PASSWORD", "value": "redacted-1"}],
        "cluster": "web-2026",
    }


def test_what_is_read_in_parts_keeps_its_form() -> None:
    login = base64.b64encode(b"AWS:the-password-17").decode()
    found = clean(
        {
            "authorizationData": [{"authorizationToken": login}],
            "valueFrom": ARN,
            "other": {"valueFrom": "/prod/db/password"},
            "webhook": Hidden("https://hooks.slack.com/services/T0/B0/xyz", kind="webhook"),
            "Parameter": {"Value": '{"username": "bob", "password": "hunter22"}'},
        }
    )

    token = found["authorizationData"][0]["authorizationToken"]
    assert base64.b64decode(token) == b"AWS:redacted-1"
    assert found["valueFrom"].startswith("arn:aws:secretsmanager:eu-west-1:123456789012:secret:red")
    assert found["other"]["valueFrom"].startswith("/redacted-")
    assert found["webhook"].startswith("https://hooks.slack.com/redacted-")
    assert json.loads(found["Parameter"]["Value"]).keys() == {"username", "password"}


def test_what_was_taken_out_is_told_without_its_value() -> None:
    _, redactions = redacted({"taskDefinition": {"environment": [{"name": "A", "value": CANARY}]}})

    [only] = redactions
    assert (only.kind, only.places, only.count) == (
        "environment value",
        ("taskDefinition.environment[A]",),
        1,
    )
    assert CANARY not in repr(redactions)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("AKIAIOSFODNN7EXAMPLE", "access key id"),
        ("eyJhbGciOi.eyJzdWIi.c2ln", "JWT"),
        ("-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----", "PEM block"),
        ("glpat-abcdefghij0123", "token"),
        ("postgres://app:pa55@db/x", "password in a URL"),
        ("https://s3/x?X-Amz-Signature=abc123&y=1", "signature in a URL"),
        ("Authorization: Bearer abcdef0123456789", "authorization"),
        ("db_password=x", "pair"),
        ("token: abc123", "named value"),
        ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "secret access key"),
    ],
)
def test_what_looks_like_a_secret_is_found(text: str, kind: str) -> None:
    assert kind in {found.kind for found in scan(text)}


@pytest.mark.parametrize(
    "text",
    [
        "ResourceInitializationError: unable to pull secrets or registry auth: execution failed",
        "basic scanning has none at all",
        "sha256:4754cccaf853423310f01d1e59ff28b53e4b43a8957bb1119bcab502565707d2",
        "unable to retrieve secret from asm: AccessDeniedException",
        "arn:aws:iam::123456789012:role/deploy",
        "password=redacted-3",
    ],
)
def test_what_a_decision_rests_on_looks_like_no_secret(text: str) -> None:
    assert list(scan(text)) == []


def test_a_structure_without_end_is_refused() -> None:
    value: Any = "x"
    for _ in range(250):
        value = [value]

    with pytest.raises(ValueError, match="deeply"):
        redacted(value)


def test_a_short_secret_goes_beside_the_word_that_betrays_it_and_stays_elsewhere() -> None:
    found = clean(["password=abc token=xyz", "abc is the alphabet"])

    assert found == ["password=redacted-2 token=redacted-1", "abc is the alphabet"]


def test_words_after_two_dashes_are_no_flags_and_a_flag_without_a_value_is_none() -> None:
    words = ["--env", "--secret", "A=kanarie-99", "--", "--env", "B=1"]

    assert clean(list(marks.argv(words))) == [
        "--env", "--secret", "A=redacted-1", "--", "--env", "B=1",
    ]  # fmt: skip


def test_a_secret_that_is_an_object_keeps_what_is_no_text() -> None:
    found = clean({"SecretString": json.dumps({"a": None, "b": True, "c": {"d": [5]}})})

    assert json.loads(found["SecretString"]) == {
        "a": None,
        "b": True,
        "c": {"d": ["redacted-1"]},
    }


def test_what_is_in_an_environment_besides_variables_stays() -> None:
    value = {"environment": [7, {"name": "A"}, {"name": "B", "value": 3, "more": ["x"]}, "C"]}

    assert clean(value) == value
    assert clean({"environment": {"A": 1}}) == {"environment": {"A": 1}}


def test_a_secret_of_digits_is_no_part_of_a_longer_number() -> None:
    found = clean({"password": "789012", "texts": ["123456789012", "7890123", "is 789012."]})

    assert found["texts"] == ["123456789012", "7890123", "is redacted-1."]


def test_a_containers_plain_password_goes_from_its_log_and_from_our_lines_of_it() -> None:
    line = "app: password: hunter"
    found = clean({"events": [{"message": line}], "end": {"why": [line], "message": "hunter"}})

    assert found["events"][0]["message"] == "app: password: redacted-1"
    assert found["end"] == {"why": ["app: password: redacted-1"], "message": "hunter"}
