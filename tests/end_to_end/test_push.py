"""Pushes against real parts: what is sent, what is not, and what happens when it breaks."""

import hashlib
import json
import random
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from registries import FakeRegistry, serving

from images import OCI_CONFIG, OCI_LAYER, OCI_MANIFEST, Layout, a_layout, gzipped, sha256, to_bytes
from processes import Ended, environ, run, sandboxed

from .conftest import Registry

REAL = pytest.mark.real("registry", "htpasswd", "skopeo")


def push(registry: Registry, env: dict[str, str], *argv: str) -> Ended:
    """Push without an engine."""
    done = run(
        "image-push", *argv, "--registry", registry.host, env={**env, "DOCKER_HOST": "unix:///no"}
    )
    assert done.code == 0, done.err
    return done


def raw(name: str, env: dict[str, str]) -> bytes:
    """Return the bytes that a registry has, by skopeo."""
    done = run("skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{name}", env=env)
    assert done.code == 0, done.err
    return done.out.encode()


def an_index(folder: Path) -> tuple[Layout, str]:
    """Write a layout of two platforms and an attestation, and return it with its digest."""
    layout = Layout()
    attestation = {
        **layout.image({"in-toto": b"{}"}, architecture="unknown"),
        "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
    }
    digest = layout.name(
        layout.index(
            layout.image({"a": b"1"}), layout.image({"a": b"2"}, architecture="arm64"), attestation
        )
    )
    layout.write(folder)
    return layout, digest


@REAL
def test_an_index_is_pushed_whole_and_a_second_push_uploads_nothing(
    registry: Registry, logged_in: dict[str, str], tmp_path: Path
) -> None:
    layout, digest = an_index(tmp_path / "index")

    for tag in ("v1", "v1", "v2"):
        push(registry, logged_in, f"oci:{tmp_path}/index", "--repository", "index", "--tag", tag)

    assert raw(f"{registry.host}/index:v2", logged_in) == layout.blobs[digest]
    asked = registry.asked("index")
    uploads = [each.partition("?")[0] for each in asked if "/blobs/uploads/" in each]
    assert [each.split()[0] for each in uploads].count("POST") == 6
    assert [each.split()[0] for each in uploads].count("PUT") == 6
    tagged = [each for each in asked if each.startswith("PUT /v2/index/manifests/v")]
    assert tagged == ["PUT /v2/index/manifests/v1", "PUT /v2/index/manifests/v2"]


@REAL
def test_a_promotion_between_registries_keeps_every_byte(
    registry: Registry, logged_in: dict[str, str], tmp_path: Path
) -> None:
    layout, digest = an_index(tmp_path / "index")
    push(registry, logged_in, f"oci:{tmp_path}/index", "--repository", "dev/app", "--tag", "v1")

    beside = push(
        registry, logged_in, "--from", "dev/app:v1", "--repository", "prod/app", "--tag", "v1.0.0"
    )
    folder = logged_in["DOCKER_CONFIG"]
    source = f"{registry.host}/dev/app@{digest}"
    line = f"image-push --from {source} --repository app --tag v9 --docker-config {folder}\n"
    across = sandboxed(line + line)

    assert beside.out == f"{registry.host}/prod/app@{digest}\n"
    assert "mounted=6" in beside.err
    assert raw(f"{registry.host}/prod/app:v1.0.0", logged_in) == layout.blobs[digest]
    assert across.code == 0, across.err
    assert [line.partition("@")[2] for line in across.out.splitlines()] == [digest, digest]
    assert "already there" in across.err


@contextmanager
def cutting(host: str, after: int) -> Iterator[str]:
    """Stand in front of a registry, and cut the first connection that sent so many bytes."""
    cut = threading.Event()

    def forward(source: socket.socket, target: socket.socket, *, counted: bool) -> None:
        sent = 0
        with suppress(OSError):
            while part := source.recv(1 << 18):
                sent += len(part)
                if counted and sent > after and not cut.is_set():
                    cut.set()
                    break
                target.sendall(part)
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection((name, int(port)))
                for pair, counted in (((client, server), True), ((server, client), False)):
                    threading.Thread(
                        target=forward, args=pair, kwargs={"counted": counted}, daemon=True
                    ).start()

    name, _, port = host.partition(":")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, args=(listener,), daemon=True).start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        assert cut.is_set()


def a_large_layout(folder: Path, size: int) -> str:
    """Write a layout with one layer of so many bytes, and return the image's digest."""
    layout = Layout()
    content = random.Random(8).randbytes(size)
    config = to_bytes({"os": "linux", "rootfs": {"type": "layers", "diff_ids": [sha256(content)]}})
    manifest = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": layout.add(config, OCI_CONFIG),
        "layers": [layout.add(gzipped(content, level=0), OCI_LAYER)],
    }
    digest = layout.name(layout.add(to_bytes(manifest), OCI_MANIFEST))
    layout.write(folder)
    return digest


PEAK = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:])
print("peak", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024, file=sys.stderr)
sys.exit(done.returncode)
"""


@REAL
def test_a_connection_cut_within_a_large_layer_is_mended_in_little_memory(
    registry: Registry, logged_in: dict[str, str], tmp_path: Path
) -> None:
    digest = a_large_layout(tmp_path / "image", 200_000_000)
    auth = Path(logged_in["DOCKER_CONFIG"]) / "config.json"

    with cutting(registry.host, 100_000_000) as host:
        config = json.loads(auth.read_text())
        config["auths"][host] = config["auths"][registry.host]
        auth.write_text(json.dumps(config))
        done = run(
            *(sys.executable, "-c", PEAK, "image-push", f"oci:{tmp_path}/image"),
            *("--repository", f"{host}/large", "--tag", "v1"),
            env=logged_in,
        )

    assert (done.code, done.out) == (0, f"{host}/large@{digest}\n"), done.err
    assert int(done.err.rpartition("peak ")[2]) < 100_000_000
    stored = raw(f"{registry.host}/large:v1", logged_in)
    assert f"sha256:{hashlib.sha256(stored).hexdigest()}" == digest


TWO_PUSHES = """
image-push oci:one --repository app --tag v1 --container web --definitions defs.json &
first=$!
image-push oci:two --repository laravel-nginx --tag v1 --container log --definitions defs.json
wait $first
"""


def test_two_pushes_at_once_share_one_definitions_file(tmp_path: Path) -> None:
    for name in ("one", "two"):
        a_layout(content=name.encode()).write(tmp_path / name)

    done = sandboxed(TWO_PUSHES, cwd=tmp_path)

    assert done.code == 0, done.err
    found = {
        each["name"]: each["imageUri"] for each in json.loads((tmp_path / "defs.json").read_text())
    }
    assert set(found.values()) == set(done.out.splitlines())
    assert set(found) == {"web", "log"}


IMMUTABLE = """
image-push oci:one --repository immutable --tag v1
image-push oci:one --repository immutable --tag v1
set +e
image-push oci:two --repository immutable --tag v1; echo $?
image-push oci:two --repository immutable --tag v2 --tag latest --allow-mutable-tag; echo $?
"""


def test_an_immutable_repository_takes_the_same_image_twice_and_no_other(tmp_path: Path) -> None:
    one = a_layout(content=b"one")
    one.write(tmp_path / "one")
    a_layout(content=b"two").write(tmp_path / "two")

    done = sandboxed(IMMUTABLE, cwd=tmp_path)

    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert lines[0] == lines[1]
    assert lines[2:] == ["1", "1"]
    assert f"there: {one.entries[0]['digest']}" in done.err
    assert "the repository's tags are immutable; leave 'latest' out" in done.err
    assert "blobs uploaded" in done.err
    assert done.err.count("blobs uploaded") == 1


@pytest.mark.real("aws")
def test_a_missing_repository_is_told_or_created(tmp_path: Path) -> None:
    a_layout().write(tmp_path / "image")
    script = """
    image-push oci:image --repository fresh --tag v1 || echo $?
    image-push oci:image --repository fresh --tag v1 --create-repository > /dev/null
    aws ecr describe-repositories --repository-names fresh --output text --query \
        'repositories[0].[imageTagMutability, imageScanningConfiguration.scanOnPush]'
    """

    done = sandboxed(script, cwd=tmp_path)

    assert done.code == 0, done.err
    assert done.out.split() == ["2", "IMMUTABLE", "True"]
    assert "aws ecr create-repository" in done.err
    assert "--create-repository" in done.err


def test_the_usual_role_that_may_push_and_not_look_can_push(tmp_path: Path) -> None:
    a_layout(content=b"one").write(tmp_path / "one")
    a_layout(content=b"two").write(tmp_path / "two")
    script = "".join(
        f"image-push oci:{name} --repository app --tag v{name} --tag latest --allow-mutable-tag\n"
        for name in ("one", "two")
    )

    done = sandboxed(script, deny=("ecr:DescribeRepositories",), cwd=tmp_path)

    assert done.code == 0, done.err
    assert "ecr:DescribeRepositories" in done.err


def test_a_push_without_the_right_to_upload_names_it(tmp_path: Path) -> None:
    a_layout().write(tmp_path / "image")

    done = sandboxed(
        "image-push oci:image --repository app --tag v1 || echo $?",
        deny=("ecr:InitiateLayerUpload",),
        cwd=tmp_path,
    )

    assert done.out == "5\n"
    assert "ecr:InitiateLayerUpload" in done.err


def test_a_bar_is_drawn_on_a_terminal_alone(tmp_path: Path) -> None:
    a_layout().write(tmp_path / "image")

    done = sandboxed("image-push oci:image --repository app --tag v1 > /dev/null", cwd=tmp_path)

    assert "\x1b[" not in done.err
    assert "uploading  blobs=2" in done.err


def test_sigterm_ends_an_upload_that_hangs(tmp_path: Path) -> None:
    a_layout().write(tmp_path / "image")
    reached, leave = threading.Event(), threading.Event()

    def hang(asked: str) -> None:
        if asked.startswith("PATCH"):
            reached.set()
            leave.wait(30)

    with serving(FakeRegistry(fault=hang)) as registry:
        argv = ["image-push", f"oci:{tmp_path}/image", "--repository", f"{registry.host}/app"]
        with subprocess.Popen(
            [*argv, "--tag", "v1"], env=environ(), stderr=subprocess.PIPE, text=True
        ) as process:
            assert reached.wait(30)
            process.terminate()
            _, said = process.communicate(timeout=60)
            leave.set()

    assert (process.returncode, registry.manifests) == (143, {})
    assert "ended by SIGTERM" in said
