"""The runner of buildspecs judges as CodeBuild does, so that what it calls green is green."""

from pathlib import Path
from typing import Any

import pytest

from buildspecs import Build, Project, build, client, faults
from ecsstep.sandbox.server import Sandbox
from processes import environ


def a_spec(**phases: Any) -> dict[str, Any]:
    """Return a buildspec with these phases; a list is a phase's commands."""
    return {
        "version": 0.2,
        "phases": {
            name: phase if isinstance(phase, dict) else {"commands": phase}
            for name, phase in phases.items()
        },
    }


def built(folder: Path, spec: dict[str, Any], **variables: str) -> Build:
    source = folder / "source"
    source.mkdir()
    project = Project(environ=environ(), variables=variables)
    return build(spec, project, source=source, out=folder / "out")


def test_all_items_share_one_shell(tmp_path: Path) -> None:
    spec = a_spec(pre_build=["mkdir sub && cd sub", "WORD=kept"], build=['echo "$WORD" >file'])

    ended = built(tmp_path, spec)

    assert ended.succeeded
    assert (tmp_path / "source/sub/file").read_text() == "kept\n"


def test_an_item_is_judged_by_its_last_command(tmp_path: Path) -> None:
    ended = built(tmp_path, a_spec(build=["false; true", "false", "echo not reached"]))

    assert ended.phases["build"] == "FAILED"
    assert "command not reached" not in ended.log


@pytest.mark.parametrize(
    ("phases", "ran"),
    [
        ({"pre_build": ["false"], "build": [":"], "post_build": [":"]}, {"pre_build": "FAILED"}),
        (
            {"build": ["false"], "post_build": ['[ "$CODEBUILD_BUILD_SUCCEEDING" = 0 ]']},
            {"build": "FAILED", "post_build": "SUCCEEDED", "upload_artifacts": "SUCCEEDED"},
        ),
        (
            {"build": {"commands": ["false"], "on-failure": "ABORT"}, "post_build": [":"]},
            {"build": "FAILED", "upload_artifacts": "SUCCEEDED"},
        ),
        (
            {"install": {"commands": ["false"], "on-failure": "CONTINUE"}, "build": [":"]},
            {"install": "FAILED", "build": "SUCCEEDED", "upload_artifacts": "SUCCEEDED"},
        ),
        ({"build": ["exit 0"]}, {"build": "FAILED", "upload_artifacts": "SUCCEEDED"}),
    ],
    ids=["before build", "post_build after build", "ABORT", "CONTINUE", "a shell that ends"],
)
def test_a_failure_goes_the_way_of_its_phase(
    tmp_path: Path, phases: dict[str, Any], ran: dict[str, str]
) -> None:
    ended = built(tmp_path, a_spec(**phases))

    assert ended.phases == ran
    assert not ended.succeeded


def test_finally_runs_after_a_failure_and_can_be_one(tmp_path: Path) -> None:
    spec = a_spec(
        build={"commands": ["false"], "finally": ["echo tidy >tidied"]},
        post_build={"commands": [":"], "finally": ["false"]},
    )

    ended = built(tmp_path, spec)

    assert (tmp_path / "source/tidied").exists()
    assert (ended.phases["build"], ended.phases["post_build"]) == ("FAILED", "FAILED")


def test_a_projects_variable_beats_the_buildspecs_and_an_exported_one_is_handed_on(
    tmp_path: Path,
) -> None:
    spec = a_spec(build=['SEEN="$WORD $OTHER"', "export SEEN"])
    spec["env"] = {
        "variables": {"WORD": "spec", "OTHER": 1},
        "exported-variables": ["SEEN", "UNSET"],
    }

    ended = built(tmp_path, spec, WORD="project")

    assert ended.exported == {"SEEN": "project 1"}


def test_secrets_come_from_aws_and_are_not_said(tmp_path: Path) -> None:
    spec = a_spec(build=['[ "$USER_NAME $TOKEN" = "me pass-word" ]'])
    spec["env"] = {
        "parameter-store": {"USER_NAME": "/hub/user"},
        "secrets-manager": {"TOKEN": "hub:token"},
    }
    source = tmp_path / "source"
    source.mkdir()

    with Sandbox(environ=environ()) as sandbox:
        here = sandbox.environ()
        with client(here, "ssm") as ssm, client(here, "secretsmanager") as secrets:
            ssm.put_parameter(Name="/hub/user", Value="me", Type="SecureString")
            secrets.create_secret(Name="hub", SecretString='{"token": "pass-word"}')
        ended = build(spec, Project(environ=here), source=source, out=tmp_path / "out")
        spec["env"]["parameter-store"]["MISSING"] = "/hub/none"
        with pytest.raises(AssertionError, match="Decrypted Variables Error: /hub/none"):
            build(spec, Project(environ=here), source=source, out=tmp_path / "again")

    assert ended.succeeded, ended.log


def test_artifacts_and_reports_are_collected_after_a_failed_build_too(tmp_path: Path) -> None:
    report = "<testsuite><testcase/><testcase><failure>no</failure></testcase></testsuite>"
    spec = a_spec(
        build=["mkdir -p .kept/a dist && echo x >.kept/a/b", "echo y >dist/c && echo z >dist/d",
               f"echo '{report}' >report.xml", "false"]
    )  # fmt: skip
    spec["artifacts"] = {
        "files": [".kept/**/*", "missing.json"],
        "secondary-artifacts": {
            "more": {"files": ["**/*"], "base-directory": "dist", "exclude-paths": ["d"]}
        },
    }
    spec["reports"] = {"tests": {"files": ["report.xml"], "file-format": "JUNITXML"}}

    ended = built(tmp_path, spec)

    assert ended.artifacts == {"": (".kept/a/b",), "more": ("c",)}
    assert (ended.folder / "primary/.kept/a/b").read_text() == "x\n"
    assert ended.reports == {"tests": (2, 1)}


def test_artifacts_that_are_not_there_fail_the_build(tmp_path: Path) -> None:
    spec = a_spec(build=[":"]) | {"artifacts": {"files": ["missing.json"]}}

    assert built(tmp_path, spec).phases["upload_artifacts"] == "FAILED"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"version": "0.2"}, "version: "),
        ({"phase": {}}, "'phase' was unexpected"),
        ({"phases": {"deploy": {"commands": ["x"]}}}, "'deploy' was unexpected"),
        ({"phases": {"build": {"commands": "x"}}}, "phases/build/commands"),
        ({"phases": {"build": {"comands": ["x"]}}}, "'comands' was unexpected"),
        ({"artifacts": {"secondary-artifacts": {}}}, "'files' is a required property"),
        ({"env": {"variables": {"CODEBUILD_X": "1"}}}, "CODEBUILD_X"),
        ({"env": {"exported-variables": ["AWS_X"]}}, "'AWS_X' can't be exported"),
        (
            {"env": {"parameter-store": {"P": "/p"}, "exported-variables": ["P"]}},
            "'P' is a secret",
        ),
    ],
)
def test_a_key_that_codebuild_does_not_know_is_told(change: dict[str, Any], said: str) -> None:
    found = faults(a_spec(build=[":"]) | change)

    assert any(said in fault for fault in found), found
