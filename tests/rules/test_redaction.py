"""What is secret goes, one value for one placeholder; what decides something stays."""

import base64
import json
from typing import Any

import botocore.session
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.redaction import marks, places
from ecsstep.rules.redaction.hidden import Hidden, Pieces
from ecsstep.rules.redaction.masks import masked_words
from ecsstep.rules.redaction.patterns import scan
from ecsstep.rules.redaction.walk import redacted

CANARY = "kanarie-7Fq.x+Q2"
KINDS = {"--env": places.VARIABLE, "ECSSTEP_ENV": places.VARIABLE, "--secret": places.REFERENCE}
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
        pytest.param({"argv": list(marks.argv(["--env", f"A={CANARY}"], KINDS))}, id="flag"),
        pytest.param({"argv": list(marks.argv([f"--env=c:A={CANARY}"], KINDS))}, id="flag with ="),
        pytest.param(
            {"argv": list(marks.argv(["--secret", f"A={CANARY}"], KINDS))}, id="secret flag"
        ),
        pytest.param(
            {"v": marks.variable("ECSSTEP_ENV", f"B=1\nA={CANARY}", KINDS)},
            id="variable of settings",
        ),
        pytest.param(
            {"v": marks.variable("T", CANARY, {"T": places.PASSWORD})}, id="secret option"
        ),
        pytest.param({"v": marks.variable("CI_JOB_TOKEN", CANARY, {})}, id="by its name"),
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


def test_words_after_two_dashes_are_no_flags_of_ours_and_a_flag_without_a_value_is_none() -> None:
    words = ["--env", "--secret", "A=kanarie-99", "--", "--secret", "B=1", "--env", "C=2", "--env"]

    assert clean(list(marks.argv(words, KINDS))) == [
        "--env", "--secret", "A=redacted-1",
        "--", "--secret", "redacted-2", "--env", "C=redacted-3", "--env",
    ]  # fmt: skip


def test_a_secret_that_is_an_object_keeps_what_is_no_text() -> None:
    found = clean({"SecretString": json.dumps({"a": None, "b": True, "c": {"d": [5]}})})

    assert json.loads(found["SecretString"]) == {
        "a": None,
        "b": True,
        "c": {"d": ["redacted-1"]},
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('{"username": "u", "password"', "{redacted-1"),
        (' ["kanarie-7"]', '["redacted-1"]'),
        ("[kanarie-7", "[redacted-1"),
    ],
)
def test_a_secret_that_is_no_object_though_it_begins_like_one_stays_so(
    value: str, expected: str
) -> None:
    assert clean({"SecretString": value}) == {"SecretString": expected}


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


def test_what_is_found_in_a_log_by_two_looks_is_replaced_once() -> None:
    found, redactions = redacted({"events": [{"message": "app: password=abc"}]})

    assert found == {"events": [{"message": "app: password=redacted-1"}]}
    assert [each.count for each in redactions] == [1]


def test_a_secret_that_is_a_number_goes_too() -> None:
    assert clean({"password": 12345678, "count": 12345678, "said": "12345678!"}) == {
        "password": "redacted-1",
        "count": 12345678,
        "said": "redacted-1!",
    }


def test_of_a_secret_that_stands_everywhere_a_few_places_are_told_and_all_are_counted() -> None:
    found, [only] = redacted([{"password": CANARY}, *[f"{CANARY} {CANARY}"] * 4])

    assert found[1:] == ["redacted-1 redacted-1"] * 4
    assert (only.places, only.count) == (("[0].password", "[1]", "[2]"), 9)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"command": ["migrate", "--password", CANARY]}, id="two words"),
        pytest.param({"command": ["x", "-db-token", CANARY]}, id="one dash"),
        pytest.param({"command": ["x", f"--api-key={CANARY}"]}, id="one word"),
        pytest.param({"entryPoint": ["sh", "-c", f"x --password {CANARY}"]}, id="a shell's line"),
        pytest.param({"entryPoint": ["sh", "-c", f"DB_PASSWORD={CANARY} x"]}, id="an assignment"),
        pytest.param({"command": ["mysql", "-uroot", f"-p{CANARY}"]}, id="mysql"),
        pytest.param({"command": ["/usr/bin/sshpass", f"-p{CANARY}", "ssh"]}, id="sshpass"),
        pytest.param({"command": ["x", f"-p{CANARY}"]}, id="-p of anything"),
        pytest.param({"command": ["redis-cli", "-a", CANARY]}, id="redis-cli"),
        pytest.param({"command": ["docker", "login", "-u", "a", "-p", CANARY]}, id="docker login"),
        pytest.param({"command": ["curl", "-u", f"admin:{CANARY}", "h"]}, id="curl"),
        pytest.param({"command": ["sh", "-c", f"curl -u admin:{CANARY} h"]}, id="curl in a shell"),
        pytest.param(
            {"command": ["sh", "-c", f"mysql -uroot -p{CANARY} x"]}, id="mysql in a shell"
        ),
        pytest.param({"command": ["docker", "run", "-e", f"A_TOKEN={CANARY}"]}, id="-e"),
        pytest.param({"command": ["docker", "run", f"--env=A_TOKEN={CANARY}"]}, id="--env="),
        pytest.param({"command": ["env", f"DB_PASSWORD={CANARY}", "x"]}, id="env"),
        pytest.param({"dockerLabels": {"traefik.basicauth.users": CANARY}}, id="basic auth"),
        pytest.param({"dockerLabels": {"com.example.auth_token.x": CANARY}}, id="label"),
        pytest.param({"tags": [{"key": "token", "value": CANARY}]}, id="tag"),
        pytest.param({"Tags": [{"Key": "db_password", "Value": CANARY}]}, id="tag in capitals"),
        pytest.param({"properties": [{"name": "API_KEY", "value": CANARY}]}, id="property"),
        pytest.param({"HttpHeaders": {"X-Meta": CANARY}}, id="header of docker"),
        pytest.param({"argv": list(marks.argv(["--hub-token", CANARY], KINDS))}, id="no option"),
        pytest.param(
            {"argv": list(marks.argv([f"--hub-token={CANARY}"], KINDS))}, id="no option, with ="
        ),
        pytest.param(
            {"argv": list(marks.argv(["--", "x", "--password", CANARY], KINDS))}, id="after dashes"
        ),
        pytest.param({"argv": list(marks.argv(["--env", CANARY], KINDS))}, id="no name"),
        pytest.param(
            {"v": marks.variable("ECSSTEP_ENV", CANARY, KINDS)}, id="no name in a variable"
        ),
        pytest.param(
            {"v": marks.variable("DOCKER_AUTH_CONFIG", f'\n {{"a": {{"auth": "{CANARY}"}}}}', {})},
            id="an object after blanks",
        ),
    ],
)
def test_a_secret_of_a_command_a_tag_or_a_label_goes_from_everywhere(value: Any) -> None:
    said = {"said": f"it was {CANARY}", "value": value}

    found = json.dumps(clean(said), ensure_ascii=False)

    assert CANARY not in found
    assert "redacted-" in found


def test_what_is_no_secret_of_a_command_stays() -> None:
    value = {
        "command": [
            *(
                "docker",
                "run",
                "-parallel",
                "-proto=v3abc",
                "-p8080:80",
                "-u",
                "1000:1000",
                "-e",
                "NAME",
                "--password-stdin",
            ),
            *("--key", "-x", "A=b", "mysql", "-p", "x"),
        ],
        "tags": [{"key": "team", "value": "shop"}, {"key": 7, "value": "x"}],
        "details": [{"name": "privateIPv4Address", "value": "10.0.0.1"}, {"name": "API_KEY"}],
    }

    assert clean(value) == value


@pytest.mark.parametrize(
    "text", ['{"auths": {"h": {"auth": "X"', '{"a": {"auth": "X"}, "a": 1}', "X"]
)
def test_an_object_of_logins_that_cant_be_read_as_one_is_hidden_whole(text: str) -> None:
    found = clean({"v": marks.variable("DOCKER_AUTH_CONFIG", text.replace("X", CANARY), {})})

    assert CANARY not in found["v"]


def test_a_word_that_only_looks_like_an_option_of_ours_has_its_value_and_ours_have_theirs() -> None:
    words = ["--cluster", "demo", "--docker-hub-secret", "prod/hub", "--cluster=x", "--flag", "y"]
    kinds = {"--cluster": "", "--docker-hub-secret": ""}

    assert list(marks.argv(words, kinds)) == words


def test_a_name_without_a_value_is_no_value() -> None:
    assert clean(list(marks.argv(["--env", "APP_DEBUG"], KINDS))) == ["--env", "APP_DEBUG"]


def test_what_is_known_is_no_public_name() -> None:
    found = clean({"a": "the word is swordfish-7"}, public={"swordfish-7"}, known={"swordfish-7"})

    assert found == {"a": "the word is redacted-1"}


@pytest.mark.parametrize("value", ["createdAt", "containerDefinitions", "StoppedReason"])
def test_a_harmless_value_renames_no_member_and_no_word(value: str) -> None:
    document = {"environment": [{"name": "ORDER_BY", "value": value}], value: {"x": value}}

    assert clean(document)[value] == {"x": value}


def test_only_what_surely_is_a_secret_is_taken_out_of_names() -> None:
    found = clean(
        {
            "environment": [
                {"name": "SORT", "value": "by-date_2"}, {"name": "TOKEN", "value": "by-name_3"}
            ],
            "by-date_2": "by-date_2", "by-name_3": 1,
        }
    )  # fmt: skip

    assert found["by-date_2"] == "redacted-1"
    assert found["redacted-2"] == 1


@pytest.mark.parametrize(
    "line",
    [
        "charged with sk_live_SECRETSECRET0",
        "key sk-proj-SECRETsecret_0123456789",
        "AIzaSECRETsecretSECRETsecretSECRETsecret01",
        "npm_SECRETsecretSECRETsecretSECRETsecret01",
        "SG.SECRETsecretSECRET01.SECRETsecretSECRET01",
        "hvs.SECRETsecretSECRET01",
        "Authorization: Token SECRETsecret",
        "authorization=ApiKey SECRETsecret",
        "Authorization: SECRETsecret0",
        "Set-Cookie: session=SECRET; Path=/",
        "cookie: a=SECRET; b=SECRET",
        "the password is SECRETsecret1",
        "password 'SECRET'",
        "login --password SECRETsecret1",
        "AccountKey=SECRET;EndpointSuffix=core.windows.net",
        "_auth=c2VjcmV0OnSECRETs",
        "https://SECRET0123456789abcdef0123456789@o1.ingest.sentry.io/2".replace(
            "SECRET", "abcdef"
        ),
        "https://discord.com/api/webhooks/1/SECRET",
        "https://x.webhook.office.com/webhookb2/SECRET@y/IncomingWebhook/SECRET",
        "jdbc:oracle:thin:app/SECRET@db:1521:orcl",
        "SECRET_KEY_BASE: SECRETsecret",
        "secretKey: SECRETsecret",
        '"password" => "SECRET"',
        'password="SECRET with blanks"',
        "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=" + "5ec2e7" * 10 + "abcd",
        "https://storage.example/x?X-Goog-Signature=SECRET&X-Goog-Credential=SECRET",
        "admin:$apr1$SECRETsa$SECRETsecretSECRET",
    ],
)
def test_what_a_program_says_of_a_secret_is_found(line: str) -> None:
    found = clean({"events": [{"message": line}]})["events"][0]["message"]

    assert "redacted-1" in found
    assert not any(
        word in found for word in ("SECRETs", "=SECRET", "/SECRET", "'SECRET", '"SECRET')
    )
    assert not any(word in found for word in ("5ec2e7", "abcdef0123", "with blanks"))


@pytest.mark.parametrize(
    "line",
    [
        "password is required",
        "password authentication failed for user 'app'",
        "no basic auth credentials",
        "authorization: denied",
        "there is no option '--hub-token'; did you mean '--hub-tokens'?",
        "--secret: needs a value",
        "docker run -u www-data:www-data -p 80:80 x",
        "task-runner-with-a-long-name-without-digits",
    ],
)
def test_what_a_program_says_of_other_things_stays(line: str) -> None:
    assert clean({"events": [{"message": line}]}) == {"events": [{"message": line}]}


def test_a_private_key_that_a_log_prints_line_by_line_goes_with_all_its_lines() -> None:
    key = ["MIIEowIBAAKCAQEAkanarie" * 2, "qwertzuiopASDFGHJKL0123"]
    lines = ["starting", "-----BEGIN RSA PRIVATE KEY-----", *key, "---",
             "-----END RSA PRIVATE KEY-----", "AbcdefghijklmnopWord"]  # fmt: skip

    found = clean({"events": [{"message": f"app {line}"} for line in lines], "why": [key[0]]})

    assert not any(line in json.dumps(found) for line in key)
    assert found["events"][0]["message"] == "app starting"
    assert found["events"][-1]["message"] == "app AbcdefghijklmnopWord"


def test_a_private_key_that_is_cut_off_hides_nothing_of_what_comes_after_the_log() -> None:
    arn = "arn:aws:ecs:eu-west-1:123456789012:task/demo/0Abc56789012345678"
    log = [{"message": text} for text in ("-----BEGIN PRIVATE KEY-----", "a line", "Zm9vYg==")]

    found = clean({"events": log, "taskArn": arn, "id": "AbcdefghijklmnopWord1234"})

    assert found["events"][2]["message"] == "redacted-2"
    assert (found["taskArn"], found["id"]) == (arn, "AbcdefghijklmnopWord1234")


def test_what_a_difference_says_of_an_environment_is_hidden_line_by_line_and_row_by_row() -> None:
    events = [
        '~ containerDefinitions[app].environment[SHORT]: "Ca20n" → "b"',
        "  environment[SHORT] │ Ca20n │ b",
        "                     │ more",
        "  image              │ x:1   │ x:2",
        "service updated",
    ]

    assert clean(list(marks.said(events))) == [
        "~ containerDefinitions[app].environment[SHORT]: redacted-1",
        "  environment[SHORT] │ redacted-2",
        "                     │ redacted-3",
        "  image              │ x:1   │ x:2",
        "service updated",
    ]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["sh", "-c", "mysqldump --password correcthorse db"], "mysqldump --password *** db"),
        (["/bin/bash", "-eu", "-c", "redis-cli -a x ping"], "redis-cli -a *** ping"),
        (["CMD-SHELL", "redis-cli -a 'x y' ping"], "redis-cli -a '***' ping"),
        (["CMD-SHELL", "mysqladmin -phorse1 ping"], "mysqladmin -p*** ping"),
        (["sh", "-lc", "x --password a'b'c"], "***"),
        (["sh", "-c", "it's --password"], "it's --password"),
        (["sh", "-c", "curl -f localhost || exit 1"], "curl -f localhost || exit 1"),
        (["wget", "-c", "redis-cli -a x"], "redis-cli -a x"),
    ],
    ids=lambda each: each if isinstance(each, str) else "of",
)
def test_a_shells_command_line_in_one_word_is_read_as_words(words: list[str], shown: str) -> None:
    assert masked_words(words) == [*words[:-1], shown]
