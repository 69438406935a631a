#!/usr/bin/env python3
"""Push the same kind of image by image-push, skopeo and docker to one real registry, and measure.

    python3 benchmarks/push.py                     # 500 MB in eight layers, three rounds
    python3 benchmarks/push.py --size 8 --layers 2 --rounds 1

Every tool gets an image of its own, so that none finds the layers of another in the registry. What
docker costs is what its engine costs, since its client does nothing. Needs docker with a running
engine, skopeo, docker-registry and htpasswd.
"""

import argparse
import contextlib
import hashlib
import io
import json
import os
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

MEGABYTE = 1_000_000
USER, PASSWORD = "user", "correct horse battery"
TICKS = os.sysconf("SC_CLK_TCK")
CONFIG = """\
version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}/data}}}}
http: {{addr: "127.0.0.1:{port}"}}
auth: {{htpasswd: {{realm: benchmark, path: {folder}/htpasswd}}}}
"""


@dataclass(frozen=True)
class Cost:
    """What a push cost: seconds, seconds of processor time, peak memory in bytes."""

    seconds: float
    processor: float
    memory: float


@dataclass(frozen=True)
class Registry:
    """The real registry, and an environment that is logged in to it."""

    host: str
    environ: Mapping[str, str]


def main() -> int:
    """Print a table in Markdown."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--size", type=int, default=500, help="megabytes of the image")
    parser.add_argument("--layers", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    names = ("image-push", "skopeo", "docker")
    costs: dict[str, list[tuple[Cost, Cost]]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as temporary, registry(Path(temporary)) as place:
        for number in range(options.rounds):
            for name in names:
                folder = Path(temporary) / f"{name}-{number}"
                costs[name].append(
                    pushed(name, folder, place, size=options.size, layers=options.layers)
                )
                shutil.rmtree(folder)
    print(f"{options.size} MB in {options.layers} layers, median of {options.rounds}:\n")
    print("| | time | processor | peak memory | second push |")
    print("|---|---|---|---|---|")
    for name in names:
        first = [one for one, _ in costs[name]]
        again = [two.seconds for _, two in costs[name]]
        print(
            f"| {name} | {middle(one.seconds for one in first):.2f} s "
            f"| {middle(one.processor for one in first):.2f} s "
            f"| {middle(one.memory for one in first) / MEGABYTE:.0f} MB "
            f"| {middle(again):.2f} s |"
        )
    return 0


def middle(values: Iterator[float] | Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def pushed(
    name: str, folder: Path, place: Registry, *, size: int, layers: int
) -> tuple[Cost, Cost]:
    """Return the costs of a tool's first and second push of an image of its own."""
    seed = folder.name
    target = f"{place.host}/{seed}:v1"
    # In a process of its own: a program's peak begins with the memory of the one that starts it.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as apart:
        make = docker_archive if name == "docker" else layout
        apart.submit(make, folder, seed, target, size, layers).result()
    if name == "docker":
        saved = str(folder / "saved.tar")
        command(("docker", "load", "--quiet", "--input", saved), place.environ)
        pid = engine()
        argv: tuple[str, ...] = ("docker", "push", "--quiet", target)
        first, again = measured(argv, place.environ, pid), measured(argv, place.environ, pid)
        command(("docker", "rmi", "--force", target), place.environ)
        return first, again
    if name == "skopeo":
        argv = ("skopeo", "copy", "--quiet", "--dest-tls-verify=false")
        argv += (f"oci:{folder}", f"docker://{target}")
    else:
        script = str(Path(sys.executable).parent / "image-push")
        argv = (script, f"oci:{folder}", "--repository", target.rpartition(":")[0], "--tag", "v1")
    return measured(argv, place.environ), measured(argv, place.environ)


def measured(argv: tuple[str, ...], environ: Mapping[str, str], engine: int | None = None) -> Cost:
    """Run a program to its end and return what it cost, or what it cost its engine."""
    os.sync()
    if engine is not None:
        # 5 sets the peak of resident memory back (proc(5)).
        Path(f"/proc/{engine}/clear_refs").write_text("5")
    before = processor(engine) if engine else 0.0
    begun = time.monotonic()
    process = subprocess.Popen(
        argv, env=dict(environ), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    _, said = process.communicate() if engine else (None, b"")
    used = None
    if engine is None:
        said = process.stderr.read() if process.stderr else b""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.stderr:
            process.stderr.close()
    seconds = time.monotonic() - begun
    if process.returncode:
        raise SystemExit(f"{argv[0]} ended with {process.returncode}: {said.decode()}")
    if used is not None:
        return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)
    return Cost(seconds, processor(engine or 0) - before, peak(engine or 0))


def processor(pid: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak(pid: int) -> float:
    """Return a process's peak of resident memory, in bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return float(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024


def engine() -> int:
    """Return the process that listens at docker's socket."""
    url = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(url.removeprefix("unix://"))
        raw = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", raw)[0])


def contents(seed: str, size: int, layers: int) -> list[bytes]:
    """Return the layers of an image of so many megabytes."""
    return [layer(f"{seed}-{at}", size * MEGABYTE // layers) for at in range(layers)]


def layer(seed: str, size: int) -> bytes:
    """Return a tar archive with a file of so many bytes that no compressor makes smaller."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo(seed)
        member.size = size
        archive.addfile(member, io.BytesIO(hashlib.shake_128(seed.encode()).digest(size)))
    return out.getvalue()


def layout(folder: Path, seed: str, _name: str, size: int, layers: int) -> None:
    """Write an OCI layout of one image."""
    tarballs = contents(seed, size, layers)
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def kept(raw: bytes, kind: str) -> dict[str, object]:
        digest = hashlib.sha256(raw).hexdigest()
        (blobs / digest).write_bytes(raw)
        media_type = f"application/vnd.oci.image.{kind}"
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(raw)}

    config = kept(image_config(tarballs), "config.v1+json")
    kept_layers = [kept(stored(raw), "layer.v1.tar+gzip") for raw in tarballs]
    raw = json.dumps({"schemaVersion": 2, "config": config, "layers": kept_layers}).encode()
    listed = kept(raw, "manifest.v1+json")
    (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [listed]}))


def docker_archive(folder: Path, seed: str, name: str, size: int, layers: int) -> None:
    """Write what docker load reads."""
    tarballs = contents(seed, size, layers)
    folder.mkdir()
    config = image_config(tarballs)
    names = [f"{at}/layer.tar" for at in range(len(tarballs))]
    entry = {"Config": "config.json", "RepoTags": [name], "Layers": names}
    files = {"config.json": config, **dict(zip(names, tarballs, strict=True))}
    with tarfile.open(folder / "saved.tar", "w") as archive:
        for each, raw in {**files, "manifest.json": json.dumps([entry]).encode()}.items():
            member = tarfile.TarInfo(each)
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))


def image_config(tarballs: Sequence[bytes]) -> bytes:
    """Return the image's configuration."""
    ids = [f"sha256:{hashlib.sha256(raw).hexdigest()}" for raw in tarballs]
    rootfs = {"type": "layers", "diff_ids": ids}
    return json.dumps({"architecture": "amd64", "os": "linux", "rootfs": rootfs}).encode()


def stored(raw: bytes) -> bytes:
    """Return a gzip file that stores the bytes as they are."""
    pack = zlib.compressobj(0, zlib.DEFLATED, 31)
    return pack.compress(raw) + pack.flush()


def command(argv: tuple[str, ...], environ: Mapping[str, str], stdin: bytes = b"") -> bytes:
    """Run a program that must not fail, and return what it printed."""
    return subprocess.run(
        argv, env=dict(environ), input=stdin, stdout=subprocess.PIPE, check=True
    ).stdout


@contextlib.contextmanager
def registry(folder: Path) -> Iterator[Registry]:
    """Run a real registry on loopback, with password authentication."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    host = f"127.0.0.1:{port}"
    hashed = command(("htpasswd", "-Bbn", USER, PASSWORD), os.environ)
    (folder / "htpasswd").write_bytes(hashed)
    (folder / "config.yml").write_text(CONFIG.format(folder=folder, port=port))
    auth = str(folder / "docker")
    environ = {**os.environ, "DOCKER_CONFIG": auth, "REGISTRY_AUTH_FILE": f"{auth}/config.json"}
    with subprocess.Popen(
        ("docker-registry", "serve", str(folder / "config.yml")),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            wait_for(f"http://{host}/v2/")
            argv = ("skopeo", "login", "--tls-verify=false", "--username", USER)
            command((*argv, "--password-stdin", host), environ, PASSWORD.encode())
            yield Registry(host, environ)
        finally:
            process.terminate()


def wait_for(url: str) -> None:
    """Wait until something answers, if only with a refusal."""
    for _ in range(100):
        try:
            urllib.request.urlopen(url)  # noqa: S310 - a loopback URL that is made here
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"nothing answers at {url}")


if __name__ == "__main__":
    sys.exit(main())
