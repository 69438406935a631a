"""The GitLab templates' scripts by ShellCheck, and what their users check them by."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

from gitlab import TEMPLATES, WHOLE, jobs_of
from processes import ROOT, run, sandboxed

PIP = "pip3 install --quiet --disable-pip-version-check ecsstep==0.1.0"


@pytest.mark.real("shellcheck")
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_every_script_passes_shellcheck(path: Path, tmp_path: Path) -> None:
    script = tmp_path / "script.sh"
    for name, job in jobs_of(path.read_text()).items():
        lines = [*job.get("before_script", ()), *job.get("script", ())]
        script.write_text("\n".join(("#!/bin/sh", "set -e", *lines, "")))

        # SC1091: the dotenv file is there only when the script runs.
        done = run("shellcheck", "--exclude=SC1091", str(script))

        assert done.code == 0, f"{name}: {done.out}"


def test_what_integrity_wants_to_know_is_the_files_hash() -> None:
    done = run(str(ROOT / ".ci" / "integrity"))

    assert done.code == 0, done.err
    lines = [line.split() for line in done.out.splitlines()]
    told = {name: hashed for hashed, name in lines}
    assert told == {
        str(path.relative_to(ROOT)): "sha256-"
        + base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()
        for path in TEMPLATES
    }


def test_the_job_of_a_deployment_links_to_the_console(tmp_path: Path) -> None:
    ended = sandboxed(
        "service-update --cluster demo --service web --force-new-deployment", cwd=tmp_path,
        variables={"ECSSTEP_ANNOTATIONS": "annotations.json"},
    )  # fmt: skip

    assert ended.code == 0, ended.err
    links = json.loads((tmp_path / "annotations.json").read_text())["ecsstep"]
    assert [each["external_link"]["label"].split(" ")[:2] for each in links] == [
        ["ECS:", "service"],
        ["ECS:", "deployment"],
    ]
    assert "/clusters/demo/services/web/" in links[0]["external_link"]["url"]


@pytest.mark.parametrize(
    ("files", "environ", "required"),
    [
        pytest.param((), {}, [], id="the record is no more there"),
        pytest.param(("scan-gate.json",), {}, ["./scan-gate.json"], id="one image"),
        pytest.param(
            ("php-scan-gate.json", "nginx-scan-gate.json"),
            {},
            ["./nginx-scan-gate.json", "./php-scan-gate.json"],
            id="two images",
        ),
        pytest.param(
            ("scan-gate.json",), {"ECSSTEP_REQUIRE_PASSED": ""}, [], id="somebody decides otherwise"
        ),
    ],
)
def test_a_deployment_asks_for_the_records_of_the_gates(
    tmp_path: Path, files: tuple[str, ...], environ: dict[str, str], required: list[str]
) -> None:
    for name in files:
        (tmp_path / name).touch()
    line, *_ = jobs_of(WHOLE.read_text())["ecs-deploy"]["script"]
    env = {"PATH": "/usr/bin:/bin", **environ}

    done = run("/bin/sh", "-euc", f"{line}\nprintenv ECSSTEP_REQUIRE_PASSED", env=env, cwd=tmp_path)

    assert done.code == 0, done.err
    assert sorted(done.out.split()) == required


@pytest.mark.parametrize(
    ("install", "has", "called"),
    [
        pytest.param("none", ("pip3", "apk", "dnf"), [], id="it is there"),
        pytest.param("pip", ("pip3", "apk"), [PIP], id="by pip"),
        pytest.param("pip", ("apk", "dnf"), ["apk add --no-cache py3-pip", PIP], id="on Alpine"),
        pytest.param("pip", ("dnf",), ["dnf install --assumeyes python3-pip", PIP], id="on Fedora"),
        pytest.param(
            "pip",
            ("apt-get",),
            ["apt-get update", "apt-get install --yes python3-pip", PIP],
            id="on Debian",
        ),
    ],
)
def test_the_pinned_version_gets_into_the_image(
    tmp_path: Path, install: str, has: tuple[str, ...], called: list[str]
) -> None:
    noted = tmp_path / "noted"
    noted.touch()
    for name in ("pip3", "apk", "dnf", "apt-get", "ecsstep"):
        # What installs pip leaves a pip behind.
        note = f'echo "{name} $*" >>{noted}'
        kept = f"test {name} = pip3 || /bin/ln -sf pip3.kept pip3"
        program = tmp_path / (name if name in has or name == "ecsstep" else f"{name}.kept")
        program.write_text(f"#!/bin/sh\n{note}\n{kept}\n")
        program.chmod(0o755)
    job = jobs_of(WHOLE.read_text())["ecs-deploy"]

    done = run(
        "/bin/sh",
        "-ec",
        "\n".join(job["before_script"]),
        env={"PATH": str(tmp_path), "ECSSTEP_INSTALL": install, "ECSSTEP_VERSION": "0.1.0"},
        cwd=tmp_path,
    )

    assert done.code == 0, done.err
    assert noted.read_text().splitlines() == [*called, "ecsstep --version"]


def test_an_image_that_pip_cant_get_into_is_told_what_to_do() -> None:
    job = jobs_of(WHOLE.read_text())["ecs-deploy"]
    env = {"PATH": "/nowhere", "ECSSTEP_INSTALL": "pip", "ECSSTEP_VERSION": "0.1.0"}

    done = run("/bin/sh", "-ec", "\n".join(job["before_script"]), env=env)

    assert done.code == 1
    assert "take an image with ecsstep in it and install none" in done.err
