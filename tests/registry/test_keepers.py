"""Who keeps a login."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from ecsstep.errors import Exit, StepError
from ecsstep.registry.auth import Credentials, auth_files, holds, podmans
from ecsstep.registry.keepers import FileKeeper, ToolKeeper
from ecsstep.registry.tools import Tool
from ecsstep.secret import Secret
from fakes import FakeRun, a_world, completed

HOST = "012345678901.dkr.ecr.eu-west-1.amazonaws.com"
LOGIN = Credentials(user="AWS", password=Secret("pass-word"))
ENTRY = {"auth": base64.b64encode(b"AWS:pass-word").decode()}
STORE = ("docker-credential-desktop", "store")


def saved(path: Path, config: Any) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(config))
    return str(path)


def auths(path: str | Path) -> Any:
    return json.loads(Path(path).read_text()).get("auths")


@pytest.mark.parametrize(
    "config",
    [{"credsStore": "desktop"}, {"credHelpers": {HOST: "desktop"}}],
    ids=["store", "for the host"],
)
def test_a_helper_that_takes_the_login_keeps_it(tmp_path: Path, config: Any) -> None:
    said = a_world(run=FakeRun({STORE: completed()}))
    path = saved(tmp_path / "config.json", config)
    keeper = FileKeeper(paths=(path,), run=said.run, log=said.world.log)

    by = keeper.add(HOST, LOGIN)

    assert by == "docker-credential-desktop"
    assert json.loads(str(said.run.stdins[0])) == {
        "ServerURL": HOST,
        "Username": "AWS",
        "Secret": "pass-word",
    }
    assert auths(path) is None
    assert said.err.getvalue() == ""


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({STORE: completed(code=1, stderr="not implemented")}, "not implemented"),
        ({}, "there is no 'docker-credential-desktop' on this machine"),
    ],
    ids=["refuses", "missing"],
)
def test_a_helper_that_can_not_keep_it_says_why(tmp_path: Path, answers: Any, why: str) -> None:
    said = a_world(run=FakeRun(answers))
    path = saved(tmp_path / "config.json", {"credsStore": "desktop"})
    keeper = FileKeeper(paths=(path,), run=said.run, log=said.world.log)

    by = keeper.add(HOST, LOGIN)

    assert (by, auths(path)) == (path, {HOST: ENTRY})
    assert "a credential helper answers for this host instead" in said.err.getvalue()
    assert why in said.err.getvalue()
    assert "pass-word" not in said.err.getvalue()


@pytest.mark.parametrize("answers", [{("docker-credential-desktop", "erase"): completed()}, {}])
def test_a_logout_asks_the_helper_and_clears_the_files(tmp_path: Path, answers: Any) -> None:
    said = a_world(run=FakeRun(answers))
    path = saved(tmp_path / "config.json", {"credsStore": "desktop", "auths": {HOST: ENTRY}})
    keeper = FileKeeper(paths=(path,), run=said.run, log=said.world.log)

    by = keeper.remove(HOST)

    assert by == ("docker-credential-desktop" if answers else path)
    assert (said.run.stdins, auths(path)) == ([HOST], {})


def test_an_old_login_of_podman_that_would_win_is_renewed(tmp_path: Path) -> None:
    said = a_world()
    path = str(tmp_path / ".docker/config.json")
    stale = saved(tmp_path / "run/containers/auth.json", {"auths": {HOST: {"auth": "b2xk"}}})
    other = saved(tmp_path / ".config/containers/auth.json", {"auths": {"quay.io": ENTRY}})
    keeper = FileKeeper(paths=(path,), stale=(stale, other), run=said.run, log=said.world.log)

    keeper.add(HOST, LOGIN)

    assert auths(path) == auths(stale) == {HOST: ENTRY}
    assert auths(other) == {"quay.io": ENTRY}
    keeper.remove(HOST)
    assert auths(path) == auths(stale) == {}


def test_a_file_that_could_not_be_written_is_told_before(tmp_path: Path) -> None:
    said = a_world()
    (tmp_path / "a.json").mkdir()
    paths = (str(tmp_path / "config.json"), str(tmp_path / "a.json"))

    with pytest.raises(StepError, match="is a folder") as caught:
        FileKeeper(paths=paths, run=said.run, log=said.world.log).check()

    assert caught.value.exit is Exit.USAGE


def test_a_tool_keeps_it_by_itself(tmp_path: Path) -> None:
    said = a_world(run=FakeRun({("docker",): completed("Login Succeeded")}))
    path = saved(tmp_path / "config.json", {"credHelpers": {HOST: "ecr-login"}})
    tool = Tool(name="docker", run=said.run)
    keeper = ToolKeeper(tool=tool, path=path, log=said.world.log)

    keeper.check()
    keeper.warn(HOST)

    assert keeper.add(HOST, LOGIN) == keeper.remove(HOST) == "docker"
    assert keeper.place == {"tool": "docker"}
    assert [call[1] for call in said.run.calls] == ["login", "logout"]
    assert "helper=ecr-login" in said.err.getvalue()


@pytest.mark.parametrize(
    ("folder", "alone", "files"),
    [
        (None, False, ("/a.json",)),
        ("/d", False, ("/d/config.json", "/a.json")),
        ("/d", True, ("/d/config.json",)),
    ],
)
def test_docker_and_podman_both_get_what_they_read(
    folder: str | None, alone: bool, files: tuple[str, ...]
) -> None:
    assert auth_files({"REGISTRY_AUTH_FILE": "/a.json"}, folder, alone=alone) == files


def test_podmans_places_are_looked_into(tmp_path: Path) -> None:
    found = podmans({"HOME": "/h", "XDG_RUNTIME_DIR": "/run/user/1"})

    assert found[0] == "/run/user/1/containers/auth.json"
    assert found[-1] == "/h/.config/containers/auth.json"
    assert len(podmans({"HOME": "/h"})) == 2
    assert not holds(str(tmp_path / "none.json"), HOST)


def test_a_tool_logs_in_where_dockers_file_can_not_be_locked(tmp_path: Path) -> None:
    said = a_world(run=FakeRun({("podman",): completed("Login Succeeded!")}))
    (tmp_path / "home").write_text("no folder")
    path = str(tmp_path / "home/.docker/config.json")
    keeper = ToolKeeper(tool=Tool(name="podman", run=said.run), path=path, log=said.world.log)

    assert keeper.add(HOST, LOGIN) == "podman"


def test_each_file_has_its_own_helper_or_none(tmp_path: Path) -> None:
    said = a_world(run=FakeRun({STORE: completed(), (STORE[0], "erase"): completed()}))
    docker = saved(tmp_path / "config.json", {"credsStore": "desktop"})
    podman = str(tmp_path / "auth.json")
    stale = saved(tmp_path / "run/auth.json", {"auths": {HOST: {"auth": "b2xk"}}})
    keeper = FileKeeper(paths=(docker, podman), stale=(stale,), run=said.run, log=said.world.log)

    by = keeper.add(HOST, LOGIN)

    assert by == "docker-credential-desktop"
    assert auths(docker) is None
    assert auths(podman) == auths(stale) == {HOST: ENTRY}
    assert keeper.remove(HOST) == by
    assert auths(podman) == auths(stale) == {}


@pytest.mark.parametrize(
    ("config", "said", "hint"),
    [
        pytest.param({"credsStore": "desktop"}, "not implemented", "take 'HOST' out", id="store"),
        pytest.param({"credHelpers": {HOST: "ecr-login"}}, "no", "'ecr-login' takes no", id="host"),
        pytest.param({}, "disk full", "docker's words", id="no helper"),
        pytest.param({"credsStore": "desktop"}, "connection refused", "can be reached", id="away"),
    ],
)
def test_a_tool_whose_helper_takes_no_login_says_the_way_out(
    tmp_path: Path, config: Any, said: str, hint: str
) -> None:
    world = a_world(run=FakeRun({("docker",): completed(code=1, stderr=f"Error saving: {said}")}))
    path = saved(tmp_path / "config.json", config)
    tool = Tool(name="docker", run=world.run)

    with pytest.raises(StepError, match=said) as caught:
        ToolKeeper(tool=tool, path=path, log=world.world.log).add(HOST, LOGIN)

    assert hint.replace("HOST", HOST) in caught.value.hint


def test_a_logout_passes_by_a_file_of_podmans_that_is_broken(tmp_path: Path) -> None:
    said = a_world()
    path = saved(tmp_path / "config.json", {"auths": {HOST: ENTRY}})
    stale = tmp_path / "auth.json"
    stale.write_text("{")
    keeper = FileKeeper(paths=(path,), stale=(str(stale),), run=said.run, log=said.world.log)

    assert keeper.remove(HOST) == path
    assert (auths(path), stale.read_text()) == ({}, "{")


def test_a_file_without_logins_may_say_null(tmp_path: Path) -> None:
    said = a_world()
    path = saved(tmp_path / "config.json", {"auths": None, "psFormat": "x"})

    FileKeeper(paths=(path,), run=said.run, log=said.world.log).add(HOST, LOGIN)

    assert json.loads(Path(path).read_text()) == {"psFormat": "x", "auths": {HOST: ENTRY}}
