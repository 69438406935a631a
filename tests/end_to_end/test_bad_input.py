"""What people get wrong: a clear message, a hint, its exit code, and nothing half-written."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from processes import ROOT, Ended, environ, sandboxed

UPDATE = "service-update --cluster demo --service web --desired-count 1"
RENDER = "taskdef-render --cluster demo --service web"


@pytest.mark.parametrize(
    ("script", "code", "said"),
    [
        pytest.param(
            "wait-stable",
            2,
            ["--cluster is missing", "ECS_CLUSTER", "--service is missing", "--help"],
            id="missing variables",
        ),
        pytest.param(
            "ECS_CLUSTER= ECS_SERVICE= wait-stable", 2, ["--cluster is missing"], id="empty ones"
        ),
        pytest.param(
            f"{RENDER} --image wordpres=app:1",
            2,
            ["no container 'wordpres'", "'app'"],
            id="unknown container",
        ),
        pytest.param(
            "printf '{\"family\": ' > t.json; taskdef-render --file t.json",
            2,
            ["'t.json' is not JSON", "line 1"],
            id="broken JSON",
        ),
        pytest.param(
            "printf 'family: [web\\n' > t.yaml; taskdef-render --file t.yaml",
            2,
            ["'t.yaml' is not YAML", "line 2"],
            id="broken YAML",
        ),
        pytest.param(
            f"{UPDATE} --region p-northeast-1",
            2,
            ["'p-northeast-1' is not an AWS region; did you mean 'ap-northeast-1'?"],
            id="wrong region",
        ),
        pytest.param(
            "ecr-login --registry 123456789012.dkr.ecr.p-northeast-1.amazonaws.com",
            2,
            ["p-northeast-1", "ap-northeast-1"],
            id="wrong region in a registry",
        ),
        pytest.param(
            "env -u AWS_DEFAULT_REGION -u AWS_REGION " + UPDATE,
            2,
            ["there is no AWS region", "--region"],
            id="no region",
        ),
        pytest.param(
            "env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY " + UPDATE,
            5,
            ["there are no AWS credentials", "aws sts get-caller-identity"],
            id="no credentials",
        ),
        pytest.param(
            "service-update --cluster nowhere --service web --taskdef web:1",
            2,
            ["'nowhere'", "aws ecs list-clusters"],
            id="no such cluster",
        ),
        pytest.param(
            "service-update --cluster demo --service nobody --taskdef web:1",
            2,
            ["there is no service 'nobody' in cluster 'demo'", "aws ecs list-services"],
            id="no such service",
        ),
        pytest.param(
            "wait-stable --cluster demo --service nobody",
            2,
            ["there is no service 'nobody' in cluster 'demo'"],
            id="no such service to wait for",
        ),
        pytest.param(
            f"{RENDER} --output /dev/null/x/t.json",
            2,
            ["can't write '/dev/null/x/t.json'"],
            id="an output path that can't be",
        ),
        pytest.param(
            f"{RENDER} --output /dev/full",
            2,
            ["can't write '/dev/full': no space left on device"],
            id="a full disk",
        ),
        pytest.param(
            f"{RENDER} > /dev/full", 2, ["can't write the result to stdout"], id="a full stdout"
        ),
        pytest.param(
            f"{UPDATE} --taskdef web", 2, ["a family without a revision"], id="a family alone"
        ),
        pytest.param(
            "AWS_ENDPOINT_URL=http://127.0.0.1:9 AWS_MAX_ATTEMPTS=1 " + UPDATE,
            75,
            ["AWS can't be reached"],
            id="AWS unreachable",
        ),
        pytest.param(
            "image-push oci:nothing --repository app --tag v1",
            2,
            ["nothing"],
            id="no such image",
        ),
        pytest.param(
            "image-push app:build --repository app --tag latest",
            2,
            ["'latest'", "--allow-mutable-tag"],
            id="latest",
        ),
        pytest.param(
            'PATH=/nowhere "$(command -v image-push)" app:build --repository app --tag v1',
            6,
            ["docker"],
            id="no docker",
        ),
        pytest.param(
            'image-push app:build --repository "https://$ECR_REGISTRY/app" --tag v1',
            2,
            ["--repository"],
            id="a repository with a scheme",
        ),
        pytest.param("scan-gate $ECR_REGISTRY/nothing:v1", 2, ["nothing"], id="no such repository"),
        pytest.param("ecsstep wait-stabel", 2, ["did you mean 'wait-stable'?"], id="unknown step"),
    ],
)
def test_a_mistake_is_told_with_its_exit_code(
    tmp_path: Path, script: str, code: int, said: list[str]
) -> None:
    ended = sandboxed(script, cwd=tmp_path)

    assert (ended.code, ended.out) == (code, ""), ended.err
    for words in said:
        assert words in ended.err
    assert "Traceback" not in ended.err
    assert not list(tmp_path.glob(".*"))


def test_a_repository_may_be_given_as_a_full_uri(tmp_path: Path) -> None:
    ended = sandboxed(
        f"python3 {ROOT}/examples/app/layout.py image app {ROOT}/examples/app/page.html\n"
        'image-push oci:image --repository "$ECR_REGISTRY/app" --tag v9',
        cwd=tmp_path,
    )

    assert ended.code == 0, ended.err
    assert "/app@sha256:" in ended.out


def test_a_dotenv_file_that_can_not_be_written_stops_the_step_before_it_acts(
    tmp_path: Path,
) -> None:
    (tmp_path / "deploy.env").write_text("# a comment, which GitLab refuses\n")

    ended = sandboxed(
        f"{UPDATE} --force-new-deployment --dotenv deploy.env || code=$?\n"
        "service-update --cluster demo --service web --taskdef web:1; exit $code",
        cwd=tmp_path,
    )

    assert ended.code == 2
    assert "line 1 is not NAME=value" in ended.err
    assert "service updated" not in ended.err


def test_a_denied_action_is_named(tmp_path: Path) -> None:
    ended = sandboxed(UPDATE, deny=("ecs:DescribeServices",), cwd=tmp_path)

    assert (ended.code, ended.out) == (5, "")
    assert "allow the role the action ecs:DescribeServices" in ended.err


def test_ctrl_c_during_a_wait_says_what_is_known_and_how_to_go_on(tmp_path: Path) -> None:
    ended = _interrupted(tmp_path, signal.SIGINT)

    assert ended.code == 130, ended.err
    assert "no longer watching; the deployment goes on in ECS" in ended.err
    assert "wait-stable --cluster demo --service web --deployment ecs-svc/" in ended.err


def test_sigterm_during_a_wait_does_the_same(tmp_path: Path) -> None:
    ended = _interrupted(tmp_path, signal.SIGTERM)

    assert ended.code == 143, ended.err
    assert "no longer watching; the deployment goes on in ECS" in ended.err


def _interrupted(folder: Path, number: signal.Signals) -> Ended:
    """Send a signal to a wait that is under way; the shell's own id is the step's by exec."""
    script = (
        f"{UPDATE} --force-new-deployment --dotenv deploy.env 2>update.err\n"
        "set -a; . ./deploy.env; set +a\n"
        "echo $$ > pid; exec wait-stable --cluster demo --service web"
    )
    with subprocess.Popen(
        ["ecsstep", "sandbox", "--scenario", "crash-loop", "--", "sh", "-euc", script],
        env=environ(),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if "tasks running" in line:
                os.kill(int((folder / "pid").read_text()), number)
        out = process.stdout.read()
    return Ended(process.returncode, out, "".join(said))
