"""Real parts, started for the tests that ask for them."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import urllib3

import parts
from processes import environ, run

_CONFIG = """\
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {folder}/data}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}"}}
auth: {{htpasswd: {{realm: tests, path: {folder}/htpasswd}}}}
"""


@dataclass(frozen=True)
class Registry:
    """A real registry on loopback, with password authentication."""

    host: str
    user: str = "user"
    password: str = "correct horse battery"
    log: Path = Path("/dev/null")

    def asked(self, repository: str) -> list[str]:
        """Return ``METHOD path`` of every request about a repository, from the access log."""
        found = re.findall(r'"([A-Z]+) (/v2/\S+) HTTP', self.log.read_text())
        return [f"{verb} {path}" for verb, path in found if path.startswith(f"/v2/{repository}/")]


@pytest.fixture(scope="session")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("registry")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = Registry(host=f"127.0.0.1:{port}", log=folder / "access.log")
    argv = ("htpasswd", "-Bbn", found.user, found.password)
    (folder / "htpasswd").write_text(run(*argv, env=parts.HOST_ENVIRON).out)
    (folder / "config.yml").write_text(_CONFIG.format(folder=folder, port=port))
    with (
        found.log.open("wb") as log,
        subprocess.Popen(
            ["docker-registry", "serve", str(folder / "config.yml")],
            stdout=log,
            stderr=subprocess.DEVNULL,
        ) as process,
    ):
        try:
            _until_it_answers(f"http://{found.host}/v2/")
            yield found
        finally:
            process.terminate()


def _until_it_answers(url: str) -> None:
    for _ in range(100):
        try:
            urllib3.request("GET", url, retries=False)
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"nothing answers at {url}")


@pytest.fixture
def logged_in(registry: Registry, tmp_path: Path) -> dict[str, str]:
    """Return an environment whose docker folder holds a login to the registry."""
    folder = tmp_path / "docker"
    env = environ(DOCKER_CONFIG=str(folder), REGISTRY_AUTH_FILE=str(folder / "config.json"))
    done = run(
        *("skopeo", "login", "--tls-verify=false", "--username", registry.user),
        *("--password-stdin", registry.host),
        env=env,
        stdin=registry.password,
    )
    assert done.code == 0, done.err
    return env
