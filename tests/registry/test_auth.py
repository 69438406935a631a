"""The auth files: merge, remove, look up."""

import base64
import json
import stat
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.errors import Exit, StepError
from ecsstep.registry import auth
from ecsstep.registry.auth import Credentials
from ecsstep.secret import Secret
from fakes import FakeRun, completed

HOST = "012345678901.dkr.ecr.eu-west-1.amazonaws.com"
LOGIN = Credentials(user="AWS", password=Secret("pass:word"))
ENTRY = {"auth": base64.b64encode(b"AWS:pass:word").decode()}


def saved(folder: Path, config: Any) -> str:
    path = folder / "config.json"
    path.write_text(json.dumps(config))
    return str(path)


def test_a_login_is_added_with_mode_0600_in_a_folder_that_is_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.json"

    auth.add(str(path), HOST, LOGIN)

    assert json.loads(path.read_text()) == {"auths": {HOST: ENTRY}}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_docker_hub_stands_under_its_old_key(tmp_path: Path) -> None:
    path = str(tmp_path / "config.json")

    auth.add(path, "docker.io", LOGIN)

    assert auth.read(path) == {"auths": {"https://index.docker.io/v1/": ENTRY}}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(
    others=st.dictionaries(st.text(), json_values),
    auths=st.dictionaries(st.text(), json_values),
)
def test_a_merge_keeps_everything_else_and_a_removal_gives_it_back(
    tmp_path_factory: pytest.TempPathFactory, others: dict[str, Any], auths: dict[str, Any]
) -> None:
    before = {**others, "auths": {key: each for key, each in auths.items() if key != HOST}}
    path = saved(tmp_path_factory.mktemp("auth"), before)

    auth.add(path, HOST, LOGIN)

    assert auth.read(path) == {**before, "auths": {**before["auths"], HOST: ENTRY}}
    assert auth.remove(path, HOST)
    assert auth.read(path) == before


def test_an_older_entry_goes_whole_since_its_identity_token_would_win(tmp_path: Path) -> None:
    path = saved(tmp_path, {"auths": {HOST: {"auth": "x", "identitytoken": "y"}}})

    auth.add(path, HOST, LOGIN)

    assert auth.read(path)["auths"] == {HOST: ENTRY}


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target = Path(saved(tmp_path / "real", {}))
    link = tmp_path / "config.json"
    link.symlink_to(target)

    auth.add(str(link), HOST, LOGIN)

    assert link.is_symlink()
    assert json.loads(target.read_text()) == {"auths": {HOST: ENTRY}}


@pytest.mark.parametrize("text", ['{"auths": {', "[]", '{"auths": []}', "auths", "\xff\xfe", '"x"'])
def test_a_broken_file_is_an_error_that_loses_nothing(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text, encoding="latin-1")

    for change in (lambda: auth.add(str(path), HOST, LOGIN), lambda: auth.remove(str(path), HOST)):
        with pytest.raises(StepError) as caught:
            change()

        assert caught.value.exit is Exit.USAGE
        assert path.read_text(encoding="latin-1") == text
        assert list(tmp_path.iterdir()) == [path]


def test_an_empty_file_is_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(" \n")

    assert auth.check(str(path)) == {}


def test_what_is_not_there_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "config.json"

    assert not auth.remove(str(path), HOST)
    assert not path.exists()
    path.write_text('{"auths":{}}')
    assert not auth.remove(str(path), HOST)


def test_logins_at_once_lose_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "config.json")
    hosts = [f"host-{number}.example" for number in range(20)]
    threads = [threading.Thread(target=auth.add, args=(path, host, LOGIN)) for host in hosts]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert auth.read(path)["auths"] == dict.fromkeys(hosts, ENTRY)


@pytest.mark.parametrize(
    ("environ", "folder", "file"),
    [
        ({"HOME": "/h"}, None, "/h/.docker/config.json"),
        ({"HOME": "/h", "REGISTRY_AUTH_FILE": "/a.json"}, None, "/a.json"),
        ({"HOME": "/h", "REGISTRY_AUTH_FILE": "/a", "DOCKER_CONFIG": "/d"}, None, "/d/config.json"),
        ({"HOME": "/h", "DOCKER_CONFIG": "/d"}, "/own", "/own/config.json"),
    ],
)
def test_the_file_is_where_the_tools_look(
    environ: Mapping[str, str], folder: str | None, file: str
) -> None:
    assert auth.auth_file(environ, folder) == file


def found(
    config: Any, tmp_path: Path, *, host: str = HOST, run: FakeRun | None = None
) -> list[Credentials]:
    folder = tmp_path / "docker"
    folder.mkdir()
    saved(folder, config)
    environ = {"HOME": str(tmp_path / "nobody")}
    return list(all_of(auth.stored(host, environ, folder=str(folder), run=run or FakeRun())))


def all_of(ways: Iterator[Any]) -> Iterator[Credentials]:
    return (login for way in ways if (login := way()))


@pytest.mark.parametrize(
    ("host", "key", "entry"),
    [
        pytest.param(HOST, HOST, ENTRY, id="exact"),
        pytest.param(HOST, f"https://{HOST}/v2/", ENTRY, id="old key"),
        pytest.param("docker.io", "https://index.docker.io/v1/", ENTRY, id="Docker Hub"),
        pytest.param("docker.io", "docker.io", ENTRY, id="Docker Hub by podman"),
        pytest.param(
            HOST, HOST, {"auth": base64.b64encode(b"AWS:pass:word\0").decode()}, id="padded"
        ),
    ],
)
def test_a_login_is_found_under_its_hosts_key(
    tmp_path: Path, host: str, key: str, entry: Any
) -> None:
    assert found({"auths": {key: entry}}, tmp_path, host=host) == [LOGIN]


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({"auths": {"other.example": ENTRY}}, id="another host"),
        pytest.param({"auths": {f"{HOST}.evil.example": ENTRY}}, id="a look-alike"),
        pytest.param({"auths": {HOST: {}}}, id="no auth"),
        pytest.param({"auths": {HOST: {"auth": "%"}}}, id="not base64"),
        pytest.param({"auths": {HOST: {"auth": "QVdT"}}}, id="no password"),
        pytest.param({"auths": {HOST: 1}}, id="no object"),
        pytest.param({"auths": []}, id="broken file"),
        pytest.param({}, id="nothing"),
    ],
)
def test_no_login_is_found_where_there_is_none(tmp_path: Path, config: Any) -> None:
    assert found(config, tmp_path) == []


def test_a_credential_helper_is_asked_on_stdin(tmp_path: Path) -> None:
    answer = completed('{"Username": "AWS", "Secret": "pass:word"}')
    run = FakeRun({("docker-credential-ecr-login", "get"): answer})

    assert found({"credHelpers": {HOST: "ecr-login"}}, tmp_path, run=run) == [LOGIN]
    assert run.stdins == [HOST]


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(completed("credentials not found", code=1), id="none"),
        pytest.param(completed("[]"), id="no object"),
        pytest.param(completed("{"), id="no JSON"),
        pytest.param(completed('{"Username": "<token>", "Secret": "x"}'), id="identity token"),
        pytest.param(completed('{"Username": "", "Secret": "x"}'), id="no user"),
        pytest.param(completed('{"Username": "AWS"}'), id="no secret"),
        pytest.param(None, id="no such helper"),
    ],
)
def test_a_helper_without_an_answer_leaves_the_file(tmp_path: Path, answer: Any) -> None:
    run = FakeRun({("docker-credential-x", "get"): answer} if answer else {})

    assert found({"credsStore": "x", "auths": {HOST: ENTRY}}, tmp_path, run=run) == [LOGIN]


def test_the_other_tools_files_and_the_variable_are_looked_at_last(tmp_path: Path) -> None:
    (tmp_path / "run/containers").mkdir(parents=True)
    (tmp_path / "run/containers/auth.json").write_text(json.dumps({"auths": {HOST: ENTRY}}))
    (tmp_path / "named.json").write_text(json.dumps({"auths": {HOST: ENTRY}}))
    environ = {
        "HOME": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        "REGISTRY_AUTH_FILE": str(tmp_path / "named.json"),
        "DOCKER_CONFIG": str(tmp_path / "nowhere"),
        "DOCKER_AUTH_CONFIG": json.dumps({"auths": {HOST: ENTRY}}),
    }

    ways = auth.stored(HOST, environ, folder=None, run=FakeRun())

    assert list(all_of(ways)) == [LOGIN] * 3
    assert auth.from_variable({}) is None


def test_a_link_to_a_file_that_is_not_there_yet_is_followed(tmp_path: Path) -> None:
    link = tmp_path / "config.json"
    link.symlink_to(tmp_path / "later" / "config.json")

    auth.add(str(link), HOST, LOGIN)

    assert auth.read(str(tmp_path / "later/config.json")) == {"auths": {HOST: ENTRY}}


def test_a_file_that_can_not_be_looked_at_is_an_error(tmp_path: Path) -> None:
    link = tmp_path / "config.json"
    link.symlink_to(link)

    with pytest.raises(StepError, match="too many levels") as caught:
        auth.read(str(link))

    assert caught.value.exit is Exit.USAGE
