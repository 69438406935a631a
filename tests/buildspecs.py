"""A small runner of buildspecs: what CodeBuild does with one, on this machine.

The phases run in one shell; an item is judged by its last command's exit status; ``post_build``
runs after a failed ``build``, but not after a failed ``pre_build``; ``finally`` runs in any case;
artifacts and reports are collected where ``build`` ran, also when it failed. The user guide's
buildspec reference and its table of phase transitions say so.
"""

import contextlib
import json
import os
import re
import shlex
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from processes import ROOT, run

PHASES = ("install", "pre_build", "build", "post_build")
ACCOUNT = "123456789012"
COMMIT = "4f2a9c1d7e6b5a3f00112233445566778899aabb"
_TIMEOUT = 300


@dataclass(frozen=True, kw_only=True)
class Project:
    """What a CodeBuild project adds to its buildspec.

    Attributes:
        environ: The machine's environment, with the way to AWS.
        variables: The project's own variables; they beat those of the buildspec.
        stand_ins: Programs that come first on the path.
    """

    environ: Mapping[str, str]
    variables: Mapping[str, str] = field(default_factory=dict)
    stand_ins: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Build:
    """How a build ended.

    Attributes:
        phases: ``SUCCEEDED`` or ``FAILED`` of each phase that ran.
        log: What the build wrote, stdout and stderr in their order.
        exported: The exported variables that are set.
        artifacts: The files of each artifact; the primary one has the name ``""``.
        reports: Tests and failures of each report group that has got a file; CodeBuild calls the
            others INCOMPLETE and the build still green.
        folder: Where the artifacts lie, each in a folder of its name (the primary's: ``primary``).
    """

    phases: Mapping[str, str]
    log: str
    exported: Mapping[str, str]
    artifacts: Mapping[str, tuple[str, ...]]
    reports: Mapping[str, tuple[int, int]]
    folder: Path

    @property
    def succeeded(self) -> bool:
        """Whether no phase failed."""
        return set(self.phases.values()) == {"SUCCEEDED"}


def faults(spec: Any) -> list[str]:
    """Return what CodeBuild would complain about, each with its place."""
    import jsonschema

    schema = json.loads((ROOT / "tests/data/buildspec.schema.json").read_text())
    found = [
        f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
        for error in jsonschema.Draft202012Validator(schema).iter_errors(spec)
    ]
    if found:
        return found
    env = spec.get("env", {})
    secret = {*env.get("parameter-store", {}), *env.get("secrets-manager", {})}
    for name in env.get("exported-variables", ()):
        if name in secret:
            found.append(f"env/exported-variables: '{name}' is a secret")
        if name.startswith(("AWS_", "CODEBUILD_")):
            found.append(f"env/exported-variables: '{name}' can't be exported")
    return found


def read(path: Path) -> dict[str, Any]:
    """Return a buildspec that has no fault."""
    spec: dict[str, Any] = yaml.safe_load(path.read_text())
    assert faults(spec) == [], path.name
    return spec


def build(spec: Mapping[str, Any], project: Project, *, source: Path, out: Path) -> Build:
    """Run a buildspec in the folder of its source; what it leaves goes to ``out``."""
    assert faults(spec) == []
    (out / "state").mkdir(parents=True)
    shell = {"bash": "bash", "/bin/sh": "sh"}[spec.get("env", {}).get("shell", "/bin/sh")]
    env = _environ(spec, project, source)
    (out / "script").write_text(_script(spec, out / "state"))
    ended = run(
        shell, "-c", f'exec 2>&1; . "{out}/script"', env=env, cwd=source, timeout=_TIMEOUT
    )  # fmt: skip
    phases = _phases(out / "state" / "phases")
    after = _environ_at_the_end(out / "state" / "env")
    exported = spec.get("env", {}).get("exported-variables", ())
    artifacts: dict[str, tuple[str, ...]] = {}
    reports: dict[str, tuple[int, int]] = {}
    if "build" in phases:
        artifacts = dict(_artifacts(spec, source, out))
        reports = dict(_reports(spec, source))
        found = any(artifacts.values()) or "artifacts" not in spec
        phases["upload_artifacts"] = "SUCCEEDED" if found else "FAILED"
    return Build(
        phases=phases,
        log=ended.out,
        exported={name: after[name] for name in exported if name in after},
        artifacts=artifacts,
        reports=reports,
        folder=out,
    )


def _environ(spec: Mapping[str, Any], project: Project, source: Path) -> dict[str, str]:
    region = project.environ.get("AWS_DEFAULT_REGION", "ap-northeast-1")
    name = "app-build:0f9e8d7c-0000-4000-8000-000000000000"
    env = spec.get("env", {})
    variables = {name: str(value) for name, value in env.get("variables", {}).items()}
    path = project.environ["PATH"]
    return {
        **project.environ,
        **variables,
        **dict(_secrets(env, project.environ)),
        "PATH": f"{project.stand_ins}{os.pathsep}{path}" if project.stand_ins else path,
        "CI": "true",
        "CODEBUILD_BUILD_ARN": f"arn:aws:codebuild:{region}:{ACCOUNT}:build/{name}",
        "CODEBUILD_BUILD_ID": name,
        "CODEBUILD_BUILD_NUMBER": "7",
        "CODEBUILD_BUILD_SUCCEEDING": "1",
        "CODEBUILD_INITIATOR": "codepipeline/app",
        "CODEBUILD_LOG_PATH": name.partition(":")[2],
        "CODEBUILD_RESOLVED_SOURCE_VERSION": COMMIT,
        "CODEBUILD_SOURCE_VERSION": f"arn:aws:s3:::artifacts/app/{COMMIT[:7]}",
        "CODEBUILD_SRC_DIR": str(source),
        "CODEBUILD_START_TIME": "1700000000000",
        **project.variables,
    }


def _secrets(env: Mapping[str, Any], environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what Parameter Store and Secrets Manager hold; what is missing ends the build."""
    for name, parameter in env.get("parameter-store", {}).items():
        with client(environ, "ssm") as ssm:
            done = ssm.get_parameters(Names=[parameter], WithDecryption=True)
        assert not done["InvalidParameters"], f"Decrypted Variables Error: {parameter}"
        yield name, done["Parameters"][0]["Value"]
    for name, reference in env.get("secrets-manager", {}).items():
        identifier, key, *_ = [*str(reference).split(":"), "", ""]
        with client(environ, "secretsmanager") as secrets:
            text = secrets.get_secret_value(SecretId=identifier)["SecretString"]
        yield name, json.loads(text)[key] if key else text


def client(environ: Mapping[str, str], service: str) -> contextlib.closing[Any]:
    """Return a client of the AWS that an environment points at, to be closed after use."""
    import boto3

    return contextlib.closing(
        boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=environ["AWS_ENDPOINT_URL"],
            region_name=environ["AWS_DEFAULT_REGION"],
            aws_access_key_id=environ["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
        )
    )


def _script(spec: Mapping[str, Any], state: Path) -> str:
    """Return the whole build as one shell script."""
    lines = [f"trap 'env -0 >{state}/env' EXIT"]
    for name in PHASES:
        phase = spec["phases"].get(name, {})
        lines += _function(f"phase_{name}", phase.get("commands", ()))
        lines += _function(f"finally_{name}", phase.get("finally", ()))
    for name in PHASES:
        if name in spec["phases"]:
            lines += _turn(name, spec["phases"][name].get("on-failure"), state)
    return "\n".join([*lines, ""])


def _function(name: str, items: Any) -> list[str]:
    # An item is judged by its last command; `eval` keeps `cd` and variables for the next one.
    said = [f"echo {shlex.quote('[Container] Running command ' + item)}" for item in items]
    run_ = [f"eval {shlex.quote(item)} || return $?" for item in items]
    lines = [line for pair in zip(said, run_, strict=True) for line in pair]
    return [f"{name}() {{", ":", *lines, "}"]


def _turn(name: str, on_failure: str | None, state: Path) -> list[str]:
    # A failed build goes on to post_build; a phase before it ends everything.
    goes_on = on_failure == "CONTINUE" or (on_failure is None and name == "build")
    return [
        f"echo {name} RUNNING >>{state}/phases",
        f"if phase_{name}; then ended=SUCCEEDED; else ended=FAILED; fi",
        f"finally_{name} || ended=FAILED",
        f"echo {name} $ended >>{state}/phases",
        "[ $ended = SUCCEEDED ] || export CODEBUILD_BUILD_SUCCEEDING=0",
        *([] if goes_on else ["[ $ended = SUCCEEDED ] || exit 1"]),
    ]


def _phases(path: Path) -> dict[str, str]:
    """Return how each phase ended; one that the shell didn't live to the end of has failed."""
    ended = dict(line.split() for line in path.read_text().splitlines())
    return {name: "FAILED" if status == "RUNNING" else status for name, status in ended.items()}


def _environ_at_the_end(path: Path) -> dict[str, str]:
    pairs = [line.partition("=") for line in path.read_text().split("\0") if line]
    return {name: value for name, _, value in pairs}


def _artifacts(
    spec: Mapping[str, Any], source: Path, out: Path
) -> Iterator[tuple[str, tuple[str, ...]]]:
    primary = spec.get("artifacts", {})
    for name, wanted in {"": primary, **primary.get("secondary-artifacts", {})}.items():
        base = source / wanted.get("base-directory", ".")
        files = _matching(base, wanted.get("files", ()))
        files -= _matching(base, wanted.get("exclude-paths", ()))
        for file in files:
            is_flat = wanted.get("discard-paths") == "yes"
            target = out / (name or "primary") / (file.name if is_flat else file.relative_to(base))
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
        yield name, tuple(sorted(str(file.relative_to(base)) for file in files))


def _reports(spec: Mapping[str, Any], source: Path) -> Iterator[tuple[str, tuple[int, int]]]:
    for name, wanted in spec.get("reports", {}).items():
        assert wanted.get("file-format", "JUNITXML") == "JUNITXML", "others are not ours"
        for file in _matching(source / wanted.get("base-directory", "."), wanted["files"]):
            cases = [*ET.parse(file).getroot().iter("testcase")]
            failed = [case for case in cases if case.find("failure") is not None]
            failed += [case for case in cases if case.find("error") is not None]
            yield name, (len(cases), len(failed))


def _matching(base: Path, patterns: Any) -> set[Path]:
    """Return the files that match; CodeBuild passes over a pattern that matches none."""
    return {
        file
        for pattern in patterns
        for file in base.glob(re.sub(r"^\./", "", pattern))
        if file.is_file()
    }
