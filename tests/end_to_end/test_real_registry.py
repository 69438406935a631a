"""A real engine and a real registry: what is pushed is what the registry has."""

import json
from pathlib import Path

import pytest

import images
from processes import ROOT, run

from .conftest import Registry


def inspected(registry: Registry, name: str, env: dict[str, str]) -> str:
    """Return the digest that skopeo reads."""
    done = run(
        *("skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}"),
        f"docker://{registry.host}/{name}",
        env=env,
    )
    assert done.code == 0, done.err
    return done.out.strip()


def push(source: str, registry: Registry, *more: str, env: dict[str, str]) -> str:
    """Push and return what stdout said."""
    done = run("image-push", source, "--registry", registry.host, *more, env=env)
    assert done.code == 0, done.err
    return done.out.strip()


@pytest.mark.real("docker", "registry", "htpasswd", "skopeo", "busybox")
def test_an_image_from_the_engine_is_pinned_by_the_digest_that_the_registry_has(
    registry: Registry, logged_in: dict[str, str], tmp_path: Path
) -> None:
    built = run("sh", f"{ROOT}/examples/app/build.sh", "engine", "build", str(tmp_path))
    assert built.out == "engine:build\n", built.err

    pinned = push("engine:build", registry, "--repository", "engine", "--tag", "v1", env=logged_in)

    assert pinned == f"{registry.host}/engine@{inspected(registry, 'engine:v1', logged_in)}"


@pytest.mark.real("docker", "registry", "htpasswd", "skopeo", "busybox")
def test_the_same_image_saved_by_docker_is_pushed_without_an_engine(
    registry: Registry, logged_in: dict[str, str], tmp_path: Path
) -> None:
    run("sh", f"{ROOT}/examples/app/build.sh", "saved", "build", str(tmp_path))
    saved = tmp_path / "saved.tar"
    assert run("docker", "save", "--output", str(saved), "saved:build").code == 0
    identity = run("docker", "image", "inspect", "--format", "{{.Id}}", "saved:build").out.strip()
    env = {**logged_in, "DOCKER_HOST": "unix:///nowhere"}

    pinned = push(
        f"docker-archive:{saved}", registry, "--repository", "saved", "--tag", "v1", env=env
    )

    digest = inspected(registry, "saved:v1", logged_in)
    raw = run(
        *("skopeo", "inspect", "--raw", "--tls-verify=false"),
        f"docker://{registry.host}/saved:v1",
        env=logged_in,
    ).out
    assert pinned == f"{registry.host}/saved@{digest}"
    assert json.loads(raw)["config"]["digest"] == identity


@pytest.mark.real("registry", "htpasswd", "skopeo")
@pytest.mark.parametrize("form", ["oci", "oci-archive"])
def test_a_layout_keeps_its_digest(
    registry: Registry, logged_in: dict[str, str], tmp_path: Path, form: str
) -> None:
    run("python3", f"{ROOT}/examples/app/layout.py", str(tmp_path / "image"), form,
        f"{ROOT}/examples/app/page.html")  # fmt: skip
    digest = json.loads((tmp_path / "image" / "index.json").read_text())["manifests"][0]["digest"]
    source = f"oci:{tmp_path}/image"
    if form == "oci-archive":
        source = f"oci-archive:{tmp_path}/image.tar"
        run("tar", "-cf", str(tmp_path / "image.tar"), "-C", str(tmp_path / "image"), ".")
    env = {**logged_in, "DOCKER_HOST": "unix:///nowhere"}

    first = push(source, registry, "--repository", form, "--tag", "v1", env=env)
    second = push(source, registry, "--repository", form, "--tag", "v1", env=env)

    assert first == second == f"{registry.host}/{form}@{digest}"
    assert inspected(registry, f"{form}:v1", logged_in) == digest


@pytest.mark.real("registry", "htpasswd", "skopeo")
def test_a_tag_that_another_image_has_is_refused_with_both_digests(
    registry: Registry, logged_in: dict[str, str], tmp_path: Path
) -> None:
    for name in ("one", "two"):
        run("python3", f"{ROOT}/examples/app/layout.py", str(tmp_path / name), name,
            f"{ROOT}/examples/app/page.html")  # fmt: skip
    one = push(f"oci:{tmp_path}/one", registry, "--repository", "taken", "--tag", "v1",
               env=logged_in)  # fmt: skip

    done = run("image-push", f"oci:{tmp_path}/two", "--registry", registry.host,
               "--repository", "taken", "--tag", "v1", env=logged_in)  # fmt: skip

    two = json.loads((tmp_path / "two" / "index.json").read_text())["manifests"][0]["digest"]
    assert (done.code, done.out) == (1, "")
    assert one.partition("@")[2] in done.err
    assert two in done.err
    assert inspected(registry, "taken:v1", logged_in) == one.partition("@")[2]


@pytest.mark.real("registry", "htpasswd")
def test_without_a_login_the_hint_names_it(registry: Registry, tmp_path: Path) -> None:
    run("python3", f"{ROOT}/examples/app/layout.py", str(tmp_path / "image"), "app",
        f"{ROOT}/examples/app/page.html")  # fmt: skip

    done = run("image-push", f"oci:{tmp_path}/image", "--registry", registry.host,
               "--repository", "app", "--tag", "v1")  # fmt: skip

    assert (done.code, done.out) == (5, "")
    assert "login" in done.err


@pytest.mark.real("registry", "htpasswd", "skopeo", "podman")
@pytest.mark.parametrize("tool", ["podman", "buildah"])
def test_an_image_of_podmans_or_buildahs_store_is_pushed(
    registry: Registry, logged_in: dict[str, str], tmp_path: Path, tool: str
) -> None:
    layout = tmp_path / "image"
    run("python3", f"{ROOT}/examples/app/layout.py", str(layout), tool,
        f"{ROOT}/examples/app/page.html")  # fmt: skip
    loaded = run("skopeo", "copy", f"oci:{layout}", f"containers-storage:localhost/{tool}:build",
                 env=logged_in)  # fmt: skip
    assert loaded.code == 0, loaded.err

    pinned = push(
        f"{tool}:build", registry, "--repository", tool, "--tag", "v1", "--tool", tool,
        env=logged_in,
    )  # fmt: skip

    assert pinned == f"{registry.host}/{tool}@{inspected(registry, f'{tool}:v1', logged_in)}"


@pytest.mark.real("registry", "htpasswd", "skopeo")
def test_what_skopeo_pulls_from_us_is_the_image_that_was_pushed(
    registry: Registry, logged_in: dict[str, str], tmp_path: Path
) -> None:
    layout = images.Layout()
    del layout
    run("python3", f"{ROOT}/examples/app/layout.py", str(tmp_path / "image"), "back",
        f"{ROOT}/examples/app/page.html")  # fmt: skip
    pinned = push(f"oci:{tmp_path}/image", registry, "--repository", "back", "--tag", "v1",
                  env=logged_in)  # fmt: skip

    pulled = run("skopeo", "copy", "--src-tls-verify=false", f"docker://{pinned}",
                 f"oci:{tmp_path}/back:v1", env=logged_in)  # fmt: skip

    assert pulled.code == 0, pulled.err
    index = json.loads((tmp_path / "back" / "index.json").read_text())
    assert index["manifests"][0]["digest"] == pinned.partition("@")[2]
