"""One factory for AWS clients, against an STS and an ECS of a few lines on this machine."""

import io
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from ecsstep.aws.errors import translated
from ecsstep.aws.session import Aws, connect
from ecsstep.core.log import Log
from ecsstep.core.outside import using
from ecsstep.core.tape import Tape
from ecsstep.errors import Exit, StepError
from ecsstep.secret import Secret, scrubbed
from fakes import FakeClock

ROLE = "arn:aws:iam::123456789012:role/deploy"
TOKEN = "header.payload.signature"
ASSUMED = """<{verb}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{verb}Result>
<Credentials><AccessKeyId>ASIAFROMROLE</AccessKeyId><SecretAccessKey>role-secret-key</SecretAccessKey>
<SessionToken>role-session-token</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>
</{verb}Result></{verb}Response>"""
REFUSED = """<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>
<Message>{message}</Message></Error></ErrorResponse>"""


@dataclass(frozen=True, kw_only=True)
class Settings:
    region: str | None = "eu-west-1"
    role_arn: str | None = None
    id_token: Secret | None = None


@dataclass
class Server:
    """What was asked of the fake AWS, and how its STS refuses."""

    url: str = ""
    agent: str = ""
    forms: list[dict[str, str]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    refusal: tuple[int, str, str] | None = None
    ecs: tuple[int, str] = (200, '{"clusterArns": ["arn:one"]}')

    def answer(self, handler: BaseHTTPRequestHandler, body: str) -> tuple[int, str]:
        authorization = handler.headers.get("Authorization") or "unsigned"
        if "X-Amz-Target" in handler.headers:
            self.authorizations.append(authorization)
            self.agent = handler.headers["User-Agent"]
            return self.ecs
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self.forms.append({**form, "signed": authorization.partition("/")[0]})
        if self.refusal:
            status, code, message = self.refusal
            return status, REFUSED.format(code=code, message=message)
        return 200, ASSUMED.format(verb=form["Action"])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            status, text = state.answer(self, body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_arguments: Any) -> None:
            return

    http = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    state.url = f"http://127.0.0.1:{http.server_port}"
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", state.url)
    monkeypatch.setenv("AWS_ENDPOINT_URL_ECS", state.url)
    # One attempt: between two the AWS SDK sleeps.
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    yield state
    http.shutdown()
    thread.join()
    http.server_close()


def connected(**settings: Any) -> tuple[Aws, str]:
    stream = io.StringIO()
    aws = connect(Settings(**settings), os.environ, Log(step="s", stream=stream))
    return aws, stream.getvalue()


def clusters(aws: Aws) -> list[str]:
    with translated("list clusters", action="ecs:ListClusters"):
        found: list[str] = aws.client("ecs").list_clusters()["clusterArns"]
    return found


def static_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIASTATIC")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "static-secret-key")


def test_a_token_from_the_environment_becomes_the_role_inside_the_process(server: Server) -> None:
    aws, said = connected(role_arn=ROLE, id_token=Secret(TOKEN))

    assert clusters(aws) == ["arn:one"]
    assert server.forms == [
        {
            "Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "RoleArn": ROLE,
            "RoleSessionName": "ecsstep", "WebIdentityToken": TOKEN, "signed": "unsigned",
        }
    ]  # fmt: skip
    assert "Credential=ASIAFROMROLE/" in server.authorizations[0]
    assert "ecsstep/" in server.agent
    assert said == ""


def test_the_role_beats_static_keys_and_says_so(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    static_keys(monkeypatch)
    monkeypatch.setenv("AWS_ROLE_SESSION_NAME", "job-7")

    aws, said = connected(role_arn=ROLE, id_token=Secret(TOKEN))
    clusters(aws)

    assert server.forms[0]["RoleSessionName"] == "job-7"
    assert "Credential=ASIAFROMROLE/" in server.authorizations[0]
    assert "AWS_ACCESS_KEY_ID stands in the environment; the role is used instead" in said
    assert TOKEN not in said


def test_a_token_without_a_role_is_warned_about() -> None:
    _, said = connected(id_token=Secret(TOKEN))

    assert "warning: there is an OIDC token, but no role to assume with it" in said
    assert TOKEN not in said


def test_without_a_token_the_role_is_assumed_by_the_chains_identity(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    static_keys(monkeypatch)

    aws, said = connected(role_arn=ROLE)
    clusters(aws)

    assert server.forms[0]["Action"] == "AssumeRole"
    assert "Credential=AKIASTATIC" in server.forms[0]["signed"]
    assert "Credential=ASIAFROMROLE/" in server.authorizations[0]
    assert said == ""


@pytest.mark.parametrize("beside", [ROLE, ""])
def test_the_token_file_is_read_for_the_role_beside_it(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, beside: str
) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", beside)

    clusters(connected(role_arn=ROLE)[0])

    assert server.forms[0]["WebIdentityToken"] == TOKEN


def test_another_role_is_assumed_from_the_one_beside_the_token_file(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(TOKEN)
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", ROLE.replace("deploy", "runner"))

    clusters(connected(role_arn=ROLE)[0])

    assert [(form["Action"], form["RoleArn"]) for form in server.forms] == [
        ("AssumeRoleWithWebIdentity", ROLE.replace("deploy", "runner")),
        ("AssumeRole", ROLE),
    ]
    assert len(server.authorizations) == 1


def test_an_unreadable_token_file_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "none"))

    with pytest.raises(StepError, match=r"can't read the token file .*: no such file") as caught:
        connected(role_arn=ROLE)

    assert caught.value.exit is Exit.USAGE
    (tmp_path / "none").write_bytes(b"\xff")
    with pytest.raises(StepError, match=r"can't read the token file .*: it is not UTF-8 text"):
        connected(role_arn=ROLE)


@pytest.mark.parametrize(
    ("refusal", "code", "said", "hint"),
    [
        pytest.param(
            (403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"),
            Exit.ACCESS, "Not authorized", "trust policy", id="trust policy",
        ),
        pytest.param(
            (400, "InvalidIdentityToken", "Incorrect token audience"),
            Exit.ACCESS, "Incorrect token audience", "aud", id="audience",
        ),
        pytest.param(
            (400, "ExpiredTokenException", "Token expired"), Exit.ACCESS, "Token expired", "fresh",
            id="expired",
        ),
        pytest.param(
            (500, "InternalFailure", "oops"), Exit.TEMPORARY, "oops", "run the step again",
            id="down",
        ),
    ],
)  # fmt: skip
def test_a_role_that_cant_be_assumed_is_named(
    server: Server, refusal: tuple[int, str, str], code: Exit, said: str, hint: str
) -> None:
    server.refusal = refusal
    aws, _ = connected(role_arn=ROLE, id_token=Secret(TOKEN))

    with pytest.raises(StepError) as caught:
        clusters(aws)

    assert caught.value.exit is code
    assert caught.value.message.startswith(f"can't assume the role '{ROLE}': {said}")
    assert hint in caught.value.hint
    assert TOKEN not in f"{caught.value.message} {caught.value.hint}"


def test_no_credentials_at_all(server: Server) -> None:
    for attempt in (lambda: clusters(connected()[0]), lambda: connected(role_arn=ROLE)):
        with pytest.raises(StepError, match="there are no AWS credentials") as caught:
            attempt()
        assert caught.value.exit is Exit.ACCESS


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        pytest.param(400, '{"__type": "AccessDeniedException", "message": "no"}', 5, id="denied"),
        pytest.param(400, '{"__type": "ExpiredTokenException"}', 5, id="expired"),
        pytest.param(400, '{"__type": "ThrottlingException"}', 75, id="throttled"),
        pytest.param(503, "<html>", 75, id="down"),
        pytest.param(200, "<html>a proxy's page", 75, id="a proxy's page"),
        pytest.param(200, "", 75, id="nothing"),
        pytest.param(200, "[]", 75, id="no object"),
        pytest.param(200, '{"clusterArns": ["arn:o', 75, id="cut short"),
        pytest.param(400, '{"__type": "ClientException", "message": "no"}', 2, id="refused"),
    ],
)
def test_a_call_that_fails_has_its_exit_code(
    server: Server, monkeypatch: pytest.MonkeyPatch, status: int, body: str, code: int
) -> None:
    static_keys(monkeypatch)
    server.ecs = (status, body)

    with pytest.raises(StepError, match="can't list clusters") as caught:
        clusters(connected()[0])

    assert caught.value.exit == code


def test_an_endpoint_that_cant_be_reached_is_temporary(monkeypatch: pytest.MonkeyPatch) -> None:
    static_keys(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")

    with pytest.raises(StepError, match="AWS can't be reached") as caught:
        clusters(connected()[0])

    assert caught.value.exit is Exit.TEMPORARY


def test_a_region_that_cant_exist_is_told_with_the_one_that_was_meant() -> None:
    with pytest.raises(StepError) as caught:
        connected(region="p-northeast-1")
    assert caught.value.exit is Exit.USAGE
    assert (
        caught.value.message
        == "'p-northeast-1' is not an AWS region; did you mean 'ap-northeast-1'?"
    )

    aws, _ = connected()
    with pytest.raises(StepError, match="not an AWS region"):
        aws.client("ecr", region="eu west 1")


def test_the_region_comes_from_the_option_or_from_awss_own_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.write_text("[default]\nregion = ap-southeast-2\n")
    with pytest.raises(StepError, match="there is no AWS region"):
        connected(region=None)

    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    from_file, _ = connected(region=None)
    given, _ = connected()

    assert (from_file.region, given.region) == ("ap-southeast-2", "eu-west-1")
    assert from_file.client("ecs").meta.region_name == "ap-southeast-2"
    assert given.client("ecs", region="us-east-1").meta.region_name == "us-east-1"
    assert given.client("ecs", region="eu-west-1").meta.region_name == "eu-west-1"


@pytest.mark.parametrize(
    ("variables", "mode", "attempts"),
    [
        pytest.param({}, "standard", 8, id="ours"),
        pytest.param({"AWS_MAX_ATTEMPTS": "3"}, "standard", 3, id="the user's attempts"),
        pytest.param({"AWS_RETRY_MODE": "adaptive"}, "adaptive", 8, id="the user's mode"),
    ],
)
def test_throttling_is_retried_as_the_user_wants(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], mode: str, attempts: int
) -> None:
    for name, text in variables.items():
        monkeypatch.setenv(name, text)

    config = connected()[0].client("ecs").meta.config

    assert config.retries == {"mode": mode, "total_max_attempts": attempts}


@pytest.mark.parametrize(
    ("variable", "text", "said"),
    [
        pytest.param("AWS_MAX_ATTEMPTS", "many", "'many' is not a whole number", id="attempts"),
        pytest.param("AWS_RETRY_MODE", "fast", "Invalid value", id="mode"),
        pytest.param("AWS_PROFILE", "nobody", "nobody", id="profile"),
    ],
)
def test_broken_settings_are_the_users_mistake(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str, said: str
) -> None:
    monkeypatch.setenv(variable, text)

    with pytest.raises(StepError, match=said) as caught:
        connected()[0].client("ecs")

    assert caught.value.exit is Exit.USAGE


def test_an_endpoint_of_the_configuration_file_is_checked_as_well(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    for url, said in {
        "http://127.0.0.1:99999": "port out of range",
        "http://127.0.0.1:1 ": "",
        "not a url": "Invalid endpoint",
    }.items():
        (tmp_path / "config").write_text(f"[default]\nendpoint_url = {url}\n")
        aws, _ = connected()
        if not said:
            assert aws.client("ecs").meta.endpoint_url == "http://127.0.0.1:1"
            continue

        with pytest.raises(StepError, match=said) as raised:
            aws.client("ecs")

        assert raised.value.exit is Exit.USAGE
        assert "AWS_ENDPOINT_URL" in raised.value.hint


def test_an_endpoint_that_is_none_is_told_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://[")

    with pytest.raises(StepError, match="the endpoint of AWS can't be used: AWS_ENDPOINT_URL"):
        connected()


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("AWS_SESSION_TOKEN", "a-session-token-of-aws\n", "AWS_SESSION_TOKEN ends in a line break"),
        ("AWS_SESSION_TOKEN", "a-session\n-token-of-aws", "AWS_SESSION_TOKEN holds a control"),
        ("AWS_SECRET_ACCESS_KEY", "static-secret-key\r", "AWS_SECRET_ACCESS_KEY ends in a line"),
        ("AWS_ACCESS_KEY_ID", "AKIASTATIC\n", "AWS_ACCESS_KEY_ID ends in a line break"),
    ],
)
def test_a_key_that_no_header_can_hold_is_refused_and_not_shown(
    server: Server, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    static_keys(monkeypatch)
    monkeypatch.setenv(variable, value)

    for arguments in ({}, {"role_arn": ROLE}):
        with pytest.raises(StepError, match=said) as caught:
            clusters(connected(**arguments)[0])

        assert caught.value.exit is Exit.ACCESS
        assert caught.value.hint.startswith(f"set {variable} anew without it")
        assert value.strip() not in f"{caught.value.message} {caught.value.hint}"


def test_a_key_of_a_file_is_refused_by_where_it_stands(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys = "aws_access_key_id = AKIAFILE\naws_secret_access_key = a\x07-secret-key-of-a-file\n"
    (tmp_path / "credentials").write_text(f"[default]\n{keys}")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))

    with pytest.raises(StepError, match="what stands for AWS_SECRET_ACCESS_KEY holds a control"):
        clusters(connected()[0])


def test_a_key_that_a_program_hands_out_is_refused_when_it_is_fetched(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    handed_out = {
        "Version": 1, "AccessKeyId": "AKIAPROCESS", "SecretAccessKey": "a-secret-of-a-process",
        "SessionToken": "a-token-of-a\x07-process", "Expiration": "2999-01-01T00:00:00Z",
    }  # fmt: skip
    (tmp_path / "keys.json").write_text(json.dumps(handed_out))
    (tmp_path / "config").write_text(f"[default]\ncredential_process = cat {tmp_path}/keys.json\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))

    with pytest.raises(StepError, match="what stands for AWS_SESSION_TOKEN holds a control"):
        clusters(connected()[0])

    assert scrubbed("a-secret-of-a-process") == "***"


def test_a_refused_key_is_kept_on_the_tape(monkeypatch: pytest.MonkeyPatch) -> None:
    static_keys(monkeypatch)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-session-token-of-aws\n")
    tape = Tape(FakeClock())

    with using(tape), pytest.raises(StepError, match="ends in a line break"):
        clusters(connected()[0])

    [noted] = [each for each in tape if each.kind == "identity"]
    assert noted.answer["error"]["exit"] == Exit.ACCESS


def test_the_keys_in_use_are_secrets_however_they_are_spelled(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    static_keys(monkeypatch)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-session-token-of-aws")

    clusters(connected(role_arn=ROLE)[0])

    said = "static-secret-key a-session-token-of-aws role-secret-key role-session-token"
    assert scrubbed(said) == "*** *** role-secret-key ***"


def test_a_word_that_is_a_key_for_an_emulator_is_no_secret(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    static_keys(monkeypatch)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "sandbox")

    clusters(connected()[0])

    assert scrubbed("the sandbox") == "the sandbox"


def test_what_is_recorded_is_asked_for_real(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    static_keys(monkeypatch)
    tape = Tape(FakeClock())

    with using(tape):
        aws, _ = connected()
        assert clusters(aws) == ["arn:one"]

    [noted] = [each for each in tape if each.kind == "aws"]
    assert noted.question["operation"] == "ListClusters"
    assert noted.answer["body"].raw == server.ecs[1].encode()


def test_a_model_of_the_users_own_is_found_in_his_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "private" / "2026-01-01" / "service-2.json"
    model.parent.mkdir(parents=True)
    model.write_text(
        '{"metadata": {"endpointPrefix": "private", "protocol": "json", "apiVersion": "2026-01-01",'
        ' "serviceId": "Private", "signatureVersion": "v4"}, "operations": {}, "shapes": {}}'
    )
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))

    aws, _ = connected()

    assert aws.client("private").meta.service_model.service_id == "Private"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        pytest.param({"region": "auto"}, "'auto' is not an AWS region", id="region"),
        pytest.param({"role_arn": "deploy"}, "'deploy' is no role's ARN", id="role"),
    ],
)
def test_what_a_platform_says_is_judged_where_it_is_needed(
    settings: dict[str, str], said: str
) -> None:
    with pytest.raises(StepError, match=said) as caught:
        connected(**{"region": "eu-west-1", **settings})

    assert caught.value.exit is Exit.USAGE
    assert "AWS_DEFAULT_REGION" in caught.value.hint
