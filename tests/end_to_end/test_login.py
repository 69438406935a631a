"""Logins as processes: many at once, and nothing of the password to be seen."""

import base64
import json
from pathlib import Path

import pytest

from processes import run, sandboxed

from .conftest import Registry

TWENTY = """
i=0
while [ $i -lt 20 ]; do
    ecr-login --tool none --docker-config job \
        --registry "$(printf %012d $i).dkr.ecr.us-east-1.amazonaws.com" > /dev/null &
    i=$((i + 1))
done
wait
"""


def test_twenty_logins_at_once_lose_nothing(tmp_path: Path) -> None:
    done = sandboxed(TWENTY, cwd=tmp_path)

    assert done.code == 0, done.err
    config = tmp_path / "job/config.json"
    assert set(json.loads(config.read_text())["auths"]) == {
        f"{number:012d}.dkr.ecr.us-east-1.amazonaws.com" for number in range(20)
    }
    assert config.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in config.parent.iterdir()] == ["config.json"]


@pytest.mark.real("aws")
@pytest.mark.parametrize(
    ("keep", "option"),
    [
        (
            "aws ssm put-parameter --type SecureString --name /hub --value pass-word-1",
            "--docker-hub-parameter /hub --docker-hub-user u",
        ),
        (
            """aws secretsmanager create-secret --name hub \\
            --secret-string '{"username":"u","accessToken":"pass-word-1"}'""",
            "--docker-hub-secret hub",
        ),
    ],
    ids=["Parameter Store", "Secrets Manager"],
)
def test_docker_hubs_password_comes_from_aws(tmp_path: Path, keep: str, option: str) -> None:
    script = f"""
    {keep} > /dev/null
    unset ECR_REGISTRY AWS_ACCOUNT_ID
    ecr-login --tool none --docker-config job {option}
    """

    done = sandboxed(script, cwd=tmp_path)

    assert (done.code, done.out) == (0, "docker.io\n"), done.err
    auths = json.loads((tmp_path / "job/config.json").read_text())["auths"]
    entry = auths["https://index.docker.io/v1/"]["auth"]
    assert base64.b64decode(entry) == b"u:pass-word-1"
    assert "pass-word-1" not in done.err


def test_a_login_reads_the_registries_of_a_file_and_a_logout_takes_them_out(
    tmp_path: Path,
) -> None:
    hosts = [
        "012345678901.dkr.ecr.us-east-1.amazonaws.com",
        "109876543210.dkr.ecr.eu-west-1.amazonaws.com",
    ]
    entries = [{"name": f"c{at}", "imageUri": f"{host}/a/b:1"} for at, host in enumerate(hosts)]
    (tmp_path / "defs.json").write_text(json.dumps(entries))
    script = """
    unset ECR_REGISTRY AWS_ACCOUNT_ID
    ecr-login --tool none --docker-config job --definitions defs.json --registry 127.0.0.1:9 ||
        echo $?
    test ! -e job/config.json
    ecr-login --tool none --docker-config job --definitions defs.json
    cat job/config.json > before.json
    ecr-login --tool none --docker-config job --definitions defs.json --logout
    """

    done = sandboxed(script, cwd=tmp_path)

    assert done.code == 0, done.err
    assert done.out.splitlines() == ["2", *hosts, *hosts]
    assert list(json.loads((tmp_path / "before.json").read_text())["auths"]) == hosts
    assert json.loads((tmp_path / "job/config.json").read_text())["auths"] == {}


@pytest.mark.real("docker", "registry", "htpasswd")
def test_docker_reads_what_we_wrote(registry: Registry, tmp_path: Path) -> None:
    folder = tmp_path / "job"
    entry = base64.b64encode(f"{registry.user}:{registry.password}".encode()).decode()
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"auths": {registry.host: {"auth": entry}}}))

    # `docker login` without a password tries the stored one at the registry.
    done = run("docker", "--config", str(folder), "login", registry.host)

    assert done.code == 0, done.err


HELPER = """#!/bin/sh
printf '%s ' "$1" >> "$HELPER_LOG"
cat >> "$HELPER_LOG"
printf '\\n' >> "$HELPER_LOG"
"""


def test_a_credential_helper_keeps_what_is_its_own(tmp_path: Path) -> None:
    folder, tools = tmp_path / "job", tmp_path / "tools"
    folder.mkdir()
    tools.mkdir()
    (folder / "config.json").write_text('{"credsStore": "mine"}')
    helper = tools / "docker-credential-mine"
    helper.write_text(HELPER)
    helper.chmod(0o755)
    log = tmp_path / "helper.log"
    script = f"""
    export PATH="{tools}:$PATH" HELPER_LOG="{log}"
    export ECR_REGISTRY=012345678901.dkr.ecr.us-east-1.amazonaws.com
    ecr-login --tool none --docker-config job
    ecr-login --tool none --docker-config job --logout
    """

    done = sandboxed(script, cwd=tmp_path)

    assert done.code == 0, done.err
    stored, erased = log.read_text().splitlines()
    assert json.loads(stored.removeprefix("store "))["Username"] == "AWS"
    assert erased == "erase 012345678901.dkr.ecr.us-east-1.amazonaws.com"
    assert json.loads((folder / "config.json").read_text()) == {"credsStore": "mine"}
