"""ecr-login, by fakes."""

import base64
import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from ecsstep.aws.ecr import Authorization
from ecsstep.core import arguments
from ecsstep.core.output import Result
from ecsstep.errors import Exit, StepError
from ecsstep.secret import Secret
from ecsstep.steps.ecr_login import main
from ecsstep.steps.ecr_login.options import EcrLoginOptions
from ecsstep.steps.ecr_login.story import log_in
from fakes import FakeRun, Said, a_world, completed, invoke

OWN = "012345678901.dkr.ecr.eu-west-1.amazonaws.com"
OTHER = "109876543210.dkr.ecr.eu-west-1.amazonaws.com"
ACCOUNT = {"AWS_ACCOUNT_ID": "109876543210"}
EXPIRES = dt.datetime(2026, 1, 2, 15, tzinfo=dt.UTC)
HUB = "https://index.docker.io/v1/"


@dataclass
class FakeTokens:
    """Tokens that name their host."""

    asked: list[str] = field(default_factory=list)

    def default_host(self, account: str | None = None) -> str:
        return OWN.replace("012345678901", account) if account else OWN

    def check(self, hosts: Iterable[str]) -> None:
        for host in hosts:
            if "ecr" not in host:
                raise StepError(f"'{host}' is no registry of Amazon ECR", exit=Exit.USAGE)

    def authorizations(self, hosts: Iterable[str]) -> dict[str, Authorization]:
        return {host: self.authorization(host) for host in hosts}

    def authorization(self, host: str) -> Authorization:
        self.asked.append(host)
        return Authorization(user="AWS", password=Secret(f"token-for-{host}"), expires_at=EXPIRES)


class FakeVault:
    """Secrets by their name."""

    def parameter(self, name: str) -> Secret:
        return Secret(f"parameter-{name}")

    def secret(self, name: str) -> Secret:
        return Secret(name)


def logged_in(
    tmp_path: Path,
    *argv: str,
    environ: Mapping[str, str] | None = None,
    stdin: str = "",
    run: FakeRun | None = None,
) -> tuple[Result, Said, FakeTokens]:
    environ = {"HOME": str(tmp_path), **(environ or {})}
    said = a_world(environ, stdin=stdin, run=run)
    given = arguments.parse(EcrLoginOptions, argv, environ, prog="ecr-login")
    assert isinstance(given, EcrLoginOptions)
    tokens = FakeTokens()
    return log_in(given, said.world, tokens, FakeVault()), said, tokens


def entries(tmp_path: Path) -> dict[str, str]:
    config = json.loads((tmp_path / ".docker/config.json").read_text())
    return {
        host: base64.b64decode(entry["auth"]).decode() for host, entry in config["auths"].items()
    }


def test_without_a_tool_the_auth_file_is_written(tmp_path: Path) -> None:
    result, said, _ = logged_in(tmp_path)

    assert result.lines == (OWN,)
    assert result.data == {
        "registries": [
            {
                "host": OWN,
                "user": "AWS",
                "expiresAt": "2026-01-02T15:00:00+00:00",
                "file": f"{tmp_path}/.docker/config.json",
            }
        ]
    }
    assert entries(tmp_path) == {OWN: f"AWS:token-for-{OWN}"}
    assert "token-for" not in said.err.getvalue()


@pytest.mark.parametrize(
    ("argv", "environ", "hosts"),
    [
        pytest.param([], {}, [OWN], id="the caller's own"),
        pytest.param([], {"ECR_REGISTRY": "a.ecr", **ACCOUNT}, ["a.ecr"], id="ECR_REGISTRY"),
        pytest.param([], ACCOUNT, [OTHER], id="AWS_ACCOUNT_ID"),
        pytest.param(
            ["--registry", "a.ecr", "--registry", "b.ecr", "--image", "a.ecr/app:1"],
            {},
            ["a.ecr", "b.ecr"],
            id="several, each once",
        ),
        pytest.param(
            ["--registry", "a.ecr", "--account", "109876543210"],
            {},
            ["a.ecr", OTHER],
            id="account by flag",
        ),
        pytest.param(["--public"], {}, ["public.ecr.aws"], id="public"),
        pytest.param(
            [],
            {"DOCKERHUB_USER": "u", "DOCKERHUB_TOKEN": "the-token"},
            ["docker.io"],
            id="Docker Hub alone",
        ),
        pytest.param(
            [],
            {"DOCKER_USER": "u", "DOCKER_PASSWORD": "the-token", "ECR_REGISTRY": "a.ecr"},
            ["a.ecr", "docker.io"],
            id="both, as in the articles",
        ),
    ],
)
def test_the_hosts_are_those_that_are_asked_for(
    tmp_path: Path, argv: list[str], environ: Mapping[str, str], hosts: list[str]
) -> None:
    result, _, tokens = logged_in(tmp_path, *argv, environ=environ)

    assert list(result.lines) == hosts
    assert tokens.asked == [host for host in hosts if host != "docker.io"]


def test_a_tool_gets_the_password_on_stdin(tmp_path: Path) -> None:
    run = FakeRun({("docker",): completed("Login Succeeded")})

    result, _, _ = logged_in(tmp_path, run=run)

    assert result.data["registries"][0]["tool"] == "docker"
    assert run.calls[1:] == [("docker", "login", "--username", "AWS", "--password-stdin", OWN)]
    assert run.stdins[1:] == [f"token-for-{OWN}"]
    assert not (tmp_path / ".docker/config.json").exists()


@pytest.mark.parametrize(
    ("argv", "environ", "stdin"),
    [
        pytest.param(["--docker-hub-user", "u"], {}, "pass-word\nrest\n", id="stdin"),
        pytest.param([], {"DOCKERHUB_USER": "u", "DOCKERHUB_TOKEN": "pass-word"}, "", id="token"),
        pytest.param([], {"DOCKER_USER": "u", "DOCKER_PASSWORD": "pass-word"}, "", id="password"),
    ],
)
def test_docker_hubs_password_comes_from_its_variables_or_stdin(
    tmp_path: Path, argv: list[str], environ: Mapping[str, str], stdin: str
) -> None:
    result, _, _ = logged_in(tmp_path, *argv, environ=environ, stdin=stdin)

    assert entries(tmp_path) == {HUB: "u:pass-word"}
    assert result.data["registries"][0]["expiresAt"] is None


def test_without_docker_hubs_password_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(StepError, match="no password for Docker Hub's user 'u'") as caught:
        logged_in(tmp_path, "--docker-hub-user", "u", "--registry", "a.ecr")

    assert caught.value.exit is Exit.USAGE
    assert not (tmp_path / ".docker").exists()


def test_docker_hub_without_a_user_and_a_registry_with_a_scheme_are_told_at_once() -> None:
    ended = invoke(main, "--image", "nginx", "--registry", "https://a.ecr/x", "--account", "12")

    assert ended.code == Exit.USAGE
    assert "Docker Hub wants a user" in ended.err
    assert "'https://a.ecr/x' is no registry host; write HOST or HOST:PORT" in ended.err
    assert "'12' is no account id" in ended.err


def test_a_lookalike_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    with pytest.raises(StepError, match=r"'evil.example' is no registry of Amazon ECR"):
        logged_in(tmp_path, "--registry", "a.ecr", "--registry", "evil.example")

    assert not (tmp_path / ".docker").exists()


@pytest.mark.parametrize(
    ("config", "tool", "warned"),
    [
        pytest.param({"credHelpers": {OWN: "ecr-login"}}, False, True, id="helper, file"),
        pytest.param({"credHelpers": {OWN: "ecr-login"}}, True, True, id="helper, docker"),
        pytest.param({"credsStore": "desktop"}, False, True, id="store, file"),
        pytest.param({"credsStore": "desktop"}, True, False, id="store, docker uses it"),
        pytest.param({}, False, False, id="none"),
    ],
)
def test_an_entry_that_a_helper_will_shadow_is_warned_about(
    tmp_path: Path, config: Any, tool: bool, warned: bool
) -> None:
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker/config.json").write_text(json.dumps(config))
    run = FakeRun({("docker",): completed()} if tool else {})

    _, said, _ = logged_in(tmp_path, run=run)

    assert ("a credential helper answers for this host" in said.err.getvalue()) == warned


def test_a_variable_that_will_shadow_the_login_is_warned_about(tmp_path: Path) -> None:
    variable = json.dumps({"auths": {OWN: {"auth": "x"}}})

    _, said, _ = logged_in(tmp_path, environ={"DOCKER_AUTH_CONFIG": variable})

    assert "DOCKER_AUTH_CONFIG names this host" in said.err.getvalue()
    assert "unset DOCKER_AUTH_CONFIG" in said.err.getvalue()


def test_a_folder_of_its_own_is_handed_to_the_next_step(tmp_path: Path) -> None:
    folder = str(tmp_path / "job")

    result, _, _ = logged_in(tmp_path, "--docker-config", folder)

    assert result.dotenv == {"ECSSTEP_DOCKER_CONFIG": folder}
    assert (tmp_path / "job/config.json").exists()


def test_a_dry_run_changes_nothing(tmp_path: Path) -> None:
    result, _, tokens = logged_in(tmp_path, "--dry-run")

    assert result.lines == (OWN,)
    assert tokens.asked == [OWN]
    assert not (tmp_path / ".docker").exists()


def test_logout_takes_out_what_was_put_in(tmp_path: Path) -> None:
    logged_in(tmp_path, "--registry", "a.ecr", "--registry", "b.ecr")

    result, _, tokens = logged_in(tmp_path, "--registry", "a.ecr", "--logout")

    assert result.lines == ("a.ecr",)
    assert result.data == {
        "registries": [{"host": "a.ecr", "file": f"{tmp_path}/.docker/config.json"}]
    }
    assert list(entries(tmp_path)) == ["b.ecr"]
    assert tokens.asked == []


def test_logout_by_a_tool(tmp_path: Path) -> None:
    run = FakeRun({("podman",): completed()})

    logged_in(tmp_path, "--registry", "docker.io", "--logout", run=run)

    assert run.calls[-1] == ("podman", "logout", HUB)


def test_a_broken_auth_file_is_told_before_any_token_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker/config.json").write_text("{")

    with pytest.raises(StepError, match="is not JSON") as caught:
        logged_in(tmp_path)

    assert "--docker-config DIR" in caught.value.hint


def test_the_command_needs_a_region() -> None:
    ended = invoke(main, "--tool", "none", environ={"HOME": "/nonexistent"})

    assert (ended.code, ended.out) == (Exit.USAGE, "")
    assert "there is no AWS region" in ended.err


@pytest.mark.parametrize(
    ("argv", "pair"),
    [
        pytest.param(
            ["--docker-hub-parameter", "/hub", "--docker-hub-user", "u"],
            "u:parameter-/hub",
            id="ssm",
        ),
        pytest.param(
            ["--docker-hub-secret", '{"username":"her","accessToken":"tok-en"}'],
            "her:tok-en",
            id="pair in Secrets Manager",
        ),
        pytest.param(
            [
                "--docker-hub-secret",
                '{"username":"her","password":"tok-en"}',
                "--docker-hub-user",
                "u",
            ],
            "u:tok-en",
            id="a flag beats the pair's user",
        ),
    ],
)
def test_docker_hubs_password_may_be_kept_by_aws(
    tmp_path: Path, argv: list[str], pair: str
) -> None:
    result, said, tokens = logged_in(tmp_path, *argv, environ={"DOCKERHUB_TOKEN": "another-one"})

    assert result.lines == ("docker.io",)
    assert (entries(tmp_path), tokens.asked) == ({HUB: pair}, [])
    assert pair.partition(":")[2] not in said.err.getvalue()


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["--docker-hub-parameter", "/hub"], "there is no user for Docker Hub"),
        (["--docker-hub-secret", "{}"], "holds an object without 'password'"),
    ],
)
def test_what_aws_keeps_must_be_a_login(tmp_path: Path, argv: list[str], said: str) -> None:
    with pytest.raises(StepError, match=said) as caught:
        logged_in(tmp_path, *argv)

    assert caught.value.exit is Exit.USAGE


def test_two_places_for_one_password_are_a_mistake() -> None:
    ended = invoke(main, "--docker-hub-parameter", "a", "--docker-hub-secret", "b")

    assert (ended.code, "are two places" in ended.err) == (Exit.USAGE, True)


def a_task_definition(folder: Path) -> str:
    path = folder / "taskdef.yaml"
    path.write_text(
        "containerDefinitions:\n"
        f"- {{name: app, image: '{OTHER}/app:v1'}}\n"
        "- {name: proxy, image: nginx}\n"
        "- {name: side, image: public.ecr.aws/x/y:1}\n"
    )
    return str(path)


def test_the_images_of_files_say_which_registries(tmp_path: Path) -> None:
    definitions = tmp_path / "defs.json"
    definitions.write_text(json.dumps([{"name": "a", "imageUri": f"{OWN}/a:1"}]))

    result, said, _ = logged_in(
        tmp_path, "--file", a_task_definition(tmp_path), "--definitions", str(definitions)
    )

    assert result.lines == (OWN, OTHER, "public.ecr.aws")
    assert "no login of ours  registry=docker.io" in said.err.getvalue()


def test_a_file_without_an_image_of_ecr_needs_no_login(tmp_path: Path) -> None:
    definitions = tmp_path / "defs.json"
    definitions.write_text(json.dumps([{"name": "a", "imageUri": "quay.io/a:1"}]))

    result, _, tokens = logged_in(tmp_path, "--definitions", str(definitions))

    assert (result.lines, tokens.asked) == ((), [])


def test_a_lookalike_in_a_file_is_refused(tmp_path: Path) -> None:
    definitions = tmp_path / "defs.json"
    image = "123.dkr.ecr.eu-west-1.amazonaws.com/a:1"
    definitions.write_text(json.dumps([{"name": "a", "imageUri": image}]))

    # The look-alike reaches the check, which refuses it without a call (see aws.registries).
    result, _, tokens = logged_in(tmp_path, "--definitions", str(definitions))

    assert result.lines == tuple(tokens.asked) == ("123.dkr.ecr.eu-west-1.amazonaws.com",)


def test_a_variables_file_may_come_later_and_a_flags_may_not(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.json")

    result, said, _ = logged_in(tmp_path, environ={"ECSSTEP_DEFINITIONS": missing})

    assert result.lines == (OWN,)
    assert "there is no such file yet" in said.err.getvalue()
    with pytest.raises(StepError, match="can't read"):
        logged_in(tmp_path, "--definitions", missing)


def test_a_variables_file_comes_beside_the_default(tmp_path: Path) -> None:
    result, _, _ = logged_in(tmp_path, environ={"ECSSTEP_FILE": a_task_definition(tmp_path)})

    assert result.lines == (OWN, OTHER, "public.ecr.aws")


def test_another_file_is_told_by_its_name(tmp_path: Path) -> None:
    definitions = tmp_path / "defs.json"
    definitions.write_text("{}")

    with pytest.raises(StepError, match=r"defs\.json' is neither a task definition"):
        logged_in(tmp_path, "--definitions", str(definitions))
