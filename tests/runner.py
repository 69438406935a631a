"""A GitLab project, and the runner gitlab-ci-local that runs its pipelines in the sandbox."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from gitlab import FOLDER
from processes import ROOT, Ended, environ, run

TOKEN = "a-token-from-gitlab"
# As for the push of a tag: the OIDC token is the only credential that a job has.
GITLAB = (
    "env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY gitlab-ci-local --force-shell-executor "
    "--shell-isolation --no-artifacts-to-source --no-color --unset-variable CI_COMMIT_BRANCH "
    f"--variable GITLAB_OIDC_TOKEN={TOKEN} --variable CI_COMMIT_TAG=v1.2.3"
)


def a_project(folder: Path, pipeline: str, files: Mapping[str, str] | None = None) -> Path:
    """Lay out a project with the templates, its pipeline and more files, as somebody cloned it."""
    written = {
        **{f"ci-templates/gitlab/{each.name}": each.read_text() for each in FOLDER.iterdir()},
        "Dockerfile": "FROM scratch\nCOPY page.html /srv/index.html\n",
        "page.html": "<p>it runs",
        ".gitlab-ci.yml": pipeline,
        **(files or {}),
    }
    for name, text in written.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    for argv in (
        ("git", "init", "-q", "-b", "main"),
        ("git", "remote", "add", "origin", "git@gitlab.example:team/app.git"),
        ("git", "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"),
        ("git", "add", "-A"),
        ("git", "-c", "user.name=t", "-c", "user.email=t@example", "commit", "-qm", "x"),
    ):
        done = run(*argv, cwd=folder, env=environ())
        assert done.code == 0, done.err
    return folder


def with_inputs(pipeline: str, inputs: Mapping[str, str]) -> str:
    """Return a pipeline whose includes have these inputs as well."""
    lines = "".join(f"      {name}: {value}\n" for name, value in inputs.items())
    return pipeline.replace("    inputs:\n", f"    inputs:\n{lines}")


def an_example(folder: Path, name: str, inputs: Mapping[str, str] | None = None) -> Path:
    """Lay out a project as an example shows it, with further inputs."""
    here = ROOT / "examples" / name
    files = {
        str(each.relative_to(here)): each.read_text()
        for each in here.rglob("*")
        if each.is_file() and each.name != ".gitlab-ci.yml"
    }
    pipeline = with_inputs((here / ".gitlab-ci.yml").read_text(), inputs or {})
    return a_project(folder, pipeline, files)


def piped(
    project: Path,
    script: str = GITLAB,
    *,
    scenario: str = "steady",
    log: Path | None = None,
    policies: Sequence[Path] = (),
) -> Ended:
    """Run a script in the sandbox with the project as its folder; stderr goes to stdout."""
    asked = ["--log", str(log)] if log else []
    asked += [word for path in policies for word in ("--policy", str(path))]
    return run(
        *("ecsstep", "sandbox", "--scenario", scenario, "--look", "5", *asked),
        *("--", "sh", "-euc", f"exec 2>&1\n{script}"),
        env=environ(ECSSTEP_RECORD=""),  # as in a user's job: a step that fails writes its record
        cwd=project,
        timeout=600,
    )
