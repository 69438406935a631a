"""The auth files of docker, podman and their kin: merge, remove, look up.

All of them read ``{"auths": {HOST: {"auth": base64(USER:PASSWORD)}}}``. For one host
``credHelpers`` beats ``credsStore``, and both beat the file
(https://docs.docker.com/reference/cli/docker/login/#credential-stores).
"""

import base64
import binascii
import json
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ecsstep.core.documents import parse_document
from ecsstep.core.files import check_writable, exists, locked, read_text, write_whole
from ecsstep.core.process import Run
from ecsstep.errors import Exit, StepError
from ecsstep.rules.image import DOCKER_HUB, is_docker_hub
from ecsstep.rules.registries import auth_key, helper_for, hosts_in_auth, reduced
from ecsstep.secret import Secret
from ecsstep.value import Value

_PRIVATE = 0o600
_IDENTITY_TOKEN = "<token>"  # noqa: S105 - docker's mark for a token in the password's place


class Credentials(Value):
    """A user and a password for one registry."""

    user: str
    password: Secret


def auth_file(environ: Mapping[str, str], folder: str | None = None) -> str:
    """Return the file that a login without a container tool goes into.

    ``--docker-config`` and ``DOCKER_CONFIG`` name a folder, ``REGISTRY_AUTH_FILE`` a file.
    """
    if folder:
        return str(Path(folder) / "config.json")
    if environ.get("DOCKER_CONFIG"):
        return str(Path(environ["DOCKER_CONFIG"]) / "config.json")
    return environ.get("REGISTRY_AUTH_FILE") or _at_home(environ, ".docker/config.json")


def auth_files(environ: Mapping[str, str], folder: str | None, *, alone: bool) -> tuple[str, ...]:
    """Return every file that a login without a container tool goes into.

    docker reads the folder's file, podman and its kin the one of ``REGISTRY_AUTH_FILE``: where
    both are named, both get it, unless the folder is to stand ``alone``.
    """
    found = [auth_file(environ, folder)]
    if not alone and environ.get("REGISTRY_AUTH_FILE"):
        found.append(environ["REGISTRY_AUTH_FILE"])
    return tuple(dict.fromkeys(found))


def podmans(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the files that podman and its kin look into before docker's."""
    found = []
    if environ.get("XDG_RUNTIME_DIR"):
        found.append(f"{environ['XDG_RUNTIME_DIR']}/containers/auth.json")
    found.append(f"/run/containers/{os.getuid()}/auth.json")  # without a session's folder
    found.append(_at_home(environ, ".config/containers/auth.json"))
    return tuple(found)


def holds(path: str, host: str) -> bool:
    """Whether an auth file has a login for this host."""
    return host in hosts_in_auth(lenient(path))


def add(path: str, host: str, credentials: Credentials) -> None:
    """Put a login into an auth file and keep everything else in it.

    Raises:
        StepError: The file is no auth file, or can't be written (exit 2); it is unchanged.
    """
    pair = f"{credentials.user}:{credentials.password.reveal()}".encode()
    with locked(path):
        config = read(path)
        auths = {
            **config.get("auths", {}),
            auth_key(host): {"auth": base64.b64encode(pair).decode()},
        }
        _write(path, {**config, "auths": auths})


def remove(path: str, host: str) -> bool:
    """Take a login out of an auth file and return whether it was there.

    Raises:
        StepError: The file is no auth file, or can't be written (exit 2); it is unchanged.
    """
    if not exists(path):
        return False
    with locked(path):
        config = read(path)
        auths = dict(config.get("auths", {}))
        if auths.pop(auth_key(host), None) is None:
            return False
        _write(path, {**config, "auths": auths})
        return True


def check(path: str) -> dict[str, Any]:
    """Find out before any call whether :func:`add` could add there, and return the config.

    Raises:
        StepError: It could not (exit 2).
    """
    check_writable(path)
    return read(path)


def read(path: str) -> dict[str, Any]:
    """Return what an auth file says; nothing where it is missing or empty.

    Raises:
        StepError: It can't be read, or is no auth file (exit 2).
    """
    if not exists(path):
        return {}
    text = read_text(path)
    if not text.strip():
        return {}
    try:
        config = parse_document(text, name=path).value
    except StepError as error:
        raise _no_auth_file(path, error.message) from error
    if isinstance(config, dict) and config.get("auths", {}) is None:
        # As docker's own reader takes it.
        config = {name: value for name, value in config.items() if name != "auths"}
    if not isinstance(config, dict) or not isinstance(config.get("auths", {}), dict):
        raise _no_auth_file(path, f"'{path}' is no auth file: it has no object of 'auths'")
    return config


def stored(
    host: str, environ: Mapping[str, str], *, folder: str | None, run: Run
) -> Iterator[Callable[[], Credentials | None]]:
    """Yield the ways to find a login for this host on this machine, the best first.

    A file that can't be read is passed by: another one may have the login.
    """
    for path in _places(environ, folder):
        yield lambda path=path: _in_config(lenient(path), host, run)  # type: ignore[misc]
    yield lambda: _in_config(_parsed(environ.get("DOCKER_AUTH_CONFIG", "")), host, run)


def _places(environ: Mapping[str, str], folder: str | None) -> tuple[str, ...]:
    found = [auth_file(environ, folder)]
    if environ.get("REGISTRY_AUTH_FILE"):
        found.append(environ["REGISTRY_AUTH_FILE"])
    found += podmans(environ)
    found += [_at_home(environ, ".docker/config.json")]
    return tuple(dict.fromkeys(found))


def _in_config(config: Any, host: str, run: Run) -> Credentials | None:
    helper = helper_for(config, host)
    if helper:
        found = _asked(helper, host, run)
        if found:
            return found
    auths = config.get("auths") if isinstance(config, dict) else None
    if not isinstance(auths, dict):
        return None
    exact = [auth_key(host), host]
    wanted = DOCKER_HUB if is_docker_hub(host) else host
    keys = [*exact, *(key for key in auths if reduced(key) == wanted)]
    return next((made for key in keys if (made := _decoded(auths.get(key)))), None)


def _decoded(entry: Any) -> Credentials | None:
    text = entry.get("auth") if isinstance(entry, dict) else None
    if not isinstance(text, str):
        return None
    try:
        user, colon, password = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    # Docker pads some passwords with zero bytes.
    password = password.rstrip("\0")
    return (
        Credentials(user=user, password=Secret(password)) if colon and user and password else None
    )


def _asked(helper: str, host: str, run: Run) -> Credentials | None:
    try:
        done = run((f"docker-credential-{helper}", "get"), stdin=auth_key(host))
    except StepError:
        return None
    answer = _parsed(done.stdout) if done.code == 0 else None
    if not isinstance(answer, dict):
        return None
    user, password = answer.get("Username"), answer.get("Secret")
    if not isinstance(user, str) or not isinstance(password, str) or not password:
        return None
    if not user or user == _IDENTITY_TOKEN:
        return None
    return Credentials(user=user, password=Secret(password))


def lenient(path: str) -> Any:
    """Return what an auth file says, or None where it can't be read."""
    try:
        return read(path)
    except StepError:
        return None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def from_variable(environ: Mapping[str, str]) -> Any:
    """Return what ``DOCKER_AUTH_CONFIG`` says, or None."""
    return _parsed(environ.get("DOCKER_AUTH_CONFIG", ""))


def _write(path: str, config: Mapping[str, Any]) -> None:
    write_whole(path, json.dumps(config, indent="\t") + "\n", mode=_PRIVATE)


def _at_home(environ: Mapping[str, str], name: str) -> str:
    return str(Path(environ.get("HOME") or Path.home()) / name)


def _no_auth_file(path: str, message: str) -> StepError:
    return StepError(
        message,
        exit=Exit.USAGE,
        hint=f"repair '{path}' or move it away, or give a folder of your own: --docker-config DIR",
    )
