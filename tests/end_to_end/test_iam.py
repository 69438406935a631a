"""What the steps declare to IAM is what they call: no more, no less."""

import dataclasses
import functools
import io
import json
import shlex
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from ecsstep.core.arguments import parse
from ecsstep.policies.command import STEP
from ecsstep.policies.options import PolicyOptions
from ecsstep.rules.iam.actions import Need
from ecsstep.rules.iam.declared import ACTIONS
from ecsstep.sandbox.demands import Demand
from ecsstep.sandbox.permissions import Permissions, read_policy
from ecsstep.sandbox.registry import action_of
from ecsstep.sandbox.server import Sandbox
from fakes import invoke
from images import a_layout
from processes import Ended, environ, run

PLACE = "--region ap-northeast-1 --account 123456789012 "
TOPIC = "arn:aws:sns:ap-northeast-1:123456789012:deployments"
SERVICE = PLACE + "--cluster demo --service web"
BLUE = PLACE + "--cluster demo --service blue --codedeploy-group DgpECS-demo-blue"
DEFINITION = json.dumps(
    {
        "family": "web",
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
        "taskRoleArn": "arn:aws:iam::123456789012:role/task",
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "tags": [{"key": "team", "value": "web"}],
        "containerDefinitions": [
            {
                "name": "app",
                "image": "REGISTRY/app:v1.0.0",
                "portMappings": [{"containerPort": 8080}],
            }
        ],
    }
)
WRITE = f"printf %s '{DEFINITION}' | sed \"s|REGISTRY|$ECR_REGISTRY|\" > taskdef.json\n"
DEPLOY = "service-update --cluster demo --service {0} --force-new-deployment --dotenv deploy.env\n"
REGISTER = (
    WRITE.replace('"family": "web"', '"family": "blue"')
    + "service-update --cluster demo --service blue --taskdef taskdef.json --dotenv deploy.env\n"
)
WAIT = "set -a; . ./deploy.env; set +a; wait-stable --cluster demo --service {0} {1}"
KEEP = "python -c \"import boto3; boto3.client('{0}').{1}\"\n"


@dataclass(frozen=True, kw_only=True)
class Story:
    """One run of a step, with the words of its policy.

    Attributes:
        command: What is run with the policy in force.
        words: What the policy is asked for with.
        setup: What is run before, with everything allowed.
        without: An action that is taken out of the policy.
    """

    step: str
    command: str
    words: str
    scenario: str = "steady"
    setup: str = ""
    code: int = 0
    without: str = ""

    def __str__(self) -> str:
        return f"{self.step} {self.scenario} {self.words.removeprefix(PLACE)}"


LOGIN = "ecr-login --tool none --docker-config job "
PUSH = "image-push --tool none oci:image --tag v1.2.0 --repository "
STORIES = (
    Story(step="ecr-login", command=LOGIN, words=PLACE),
    Story(step="ecr-login", command=LOGIN + "--public", words=PLACE + "--public"),
    Story(
        step="ecr-login",
        command=LOGIN + "--docker-hub-user u --docker-hub-parameter /hub/password",
        words=PLACE + "--docker-hub-parameter /hub/password",
        setup=KEEP.format(
            "ssm", "put_parameter(Name='/hub/password', Type='SecureString', Value='word-1')"
        ),
    ),
    Story(
        step="ecr-login",
        command=LOGIN + "--docker-hub-user u --docker-hub-secret hub",
        words=PLACE + "--docker-hub-secret hub",
        setup=KEEP.format("secretsmanager", "create_secret(Name='hub', SecretString='word-1')"),
    ),
    Story(step="image-push", command=PUSH + "app", words=PLACE + "--repository app"),
    Story(
        step="image-push",
        command=PUSH + "app --floating-tags",
        words=PLACE + "--repository app --floating-tags",
    ),
    Story(
        step="image-push",
        command="image-push --tool none oci:image --tag v1.0.0 --repository app --accept-rebuild",
        words=PLACE + "--repository app --accept-rebuild",
        code=1,
    ),
    Story(
        step="image-push",
        command=PUSH + "team/new --create-repository",
        words=PLACE + "--repository team/new --create-repository",
    ),
    Story(
        step="image-push",
        command="image-push --tool none --from $ECR_REGISTRY/app:v1.0.0 --tag v1 "
        "--repository laravel-php",
        words=PLACE + "--repository laravel-php --from app:v1.0.0",
    ),
    Story(step="scan-gate", command="scan-gate app:v1.0.0", words=PLACE + "--repository app"),
    Story(
        step="scan-gate",
        command="scan-gate app:v1.0.0",
        words=PLACE + "--image app:v1.0.0",
        scenario="scan-by-hand",
        code=1,
    ),
    Story(
        step="scan-gate",
        command="scan-gate --settle 1ms app:v1.0.0",
        words=PLACE + "--repository app",
        scenario="findings-enhanced",
        code=1,
    ),
    Story(
        step="taskdef-render",
        command="taskdef-render --cluster demo --service web",
        words=SERVICE,
    ),
    Story(
        step="taskdef-render",
        command="taskdef-render --taskdef web",
        words=PLACE + "--taskdef web",
    ),
    Story(
        step="taskdef-render",
        command="env -u ECR_REGISTRY -u AWS_ACCOUNT_ID "
        "taskdef-render --cluster demo --service web --commit-image --repository app --tag v1.0.0",
        words=SERVICE + " --commit-image --repository app",
    ),
    Story(
        step="task-run",
        setup=WRITE,
        command="task-run --cluster demo --service web --taskdef taskdef.json -- migrate",
        words=SERVICE + " --taskdef taskdef.json",
    ),
    Story(
        step="task-run",
        command="task-run --cluster demo --service web -- migrate",
        words=SERVICE + " --taskdef web --log-group /ecs/web",
    ),
    Story(
        step="task-run",
        command="task-run --cluster demo --service web --timeout 20ms --on-timeout stop -- migrate",
        words=SERVICE + " --on-timeout stop",
        scenario="task-endless",
        code=124,
    ),
    Story(
        step="service-update",
        setup=WRITE,
        command="service-update --cluster demo --service web --taskdef taskdef.json",
        words=SERVICE + " --taskdef taskdef.json",
    ),
    Story(
        step="service-update",
        setup=REGISTER.replace("service-update", "true"),
        command="service-update --cluster demo --service blue --taskdef taskdef.json",
        words=BLUE + " --taskdef taskdef.json",
        scenario="codedeploy",
    ),
    # Run again, it finds its own deployment under way and begins nothing.
    Story(
        step="service-update",
        setup=REGISTER,
        command="service-update --cluster demo --service blue --taskdef taskdef.json",
        words=BLUE + " --taskdef taskdef.json",
        scenario="codedeploy",
    ),
    Story(
        step="wait-stable",
        setup=DEPLOY.format("web"),
        command=WAIT.format("web", ""),
        words=SERVICE,
    ),
    Story(
        step="wait-stable",
        setup=DEPLOY.format("web"),
        command=WAIT.format("web", ""),
        words=SERVICE + " --taskdef web --log-group /ecs/web",
        scenario="rolled-back",
        code=3,
    ),
    Story(
        step="wait-stable",
        setup=DEPLOY.format("web"),
        command=WAIT.format("web", ""),
        words=SERVICE,
        scenario="unhealthy",
        code=3,
    ),
    Story(
        step="wait-stable",
        command="wait-stable --cluster demo --service web",
        words=SERVICE,
    ),
    Story(
        step="wait-stable",
        command="wait-stable --cluster demo --service web",
        words=SERVICE,
        scenario="wrong-digest",
        code=3,
    ),
    Story(
        step="wait-stable",
        setup=DEPLOY.format("web"),
        command=WAIT.format("web", "--timeout 20ms --on-timeout rollback"),
        words=SERVICE + " --on-timeout rollback",
        scenario="slow-start",
        code=124,
    ),
    Story(
        step="wait-stable",
        setup=REGISTER,
        command=WAIT.format("blue", ""),
        words=BLUE,
        scenario="codedeploy",
    ),
    Story(
        step="wait-stable",
        setup=REGISTER,
        command=WAIT.format("blue", "--timeout 20ms --on-timeout rollback"),
        words=BLUE + " --on-timeout rollback",
        scenario="codedeploy",
        code=124,
    ),
    Story(
        step="cache-invalidate",
        command="cache-invalidate --distribution EDFDVBD6EXAMPLE --wait",
        words=PLACE + "--distribution EDFDVBD6EXAMPLE --wait",
    ),
    Story(
        step="notify",
        command=f"notify --sns-topic {TOPIC} --outcome deployed --strict",
        words=PLACE + f"--sns-topic {TOPIC}",
    ),
)


# In which story AWS asks for what within a call.
NEEDED = {
    story: {
        "ecr-login": {"sts:GetServiceBearerToken"} if "--public" in story.words else set(),
        "scan-gate": {"inspector2:ListFindings"} if "enhanced" in story.scenario else set(),
        "task-run": {"iam:PassRole", "ecs:TagResource"} if story.setup else set(),
        "service-update": set()
        if story.setup == REGISTER
        else {"iam:PassRole", "ecs:TagResource"}
        | (
            {"codedeploy:GetDeploymentConfig", "codedeploy:RegisterApplicationRevision"}
            if story.scenario == "codedeploy"
            else set()
        ),
    }.get(story.step, set())
    for story in STORIES
}


class Guarded(Permissions):
    """Permissions that come into force when the preparations are over."""

    def __init__(self) -> None:
        super().__init__([])
        self.is_on = False

    def put_in_force(self, path: Path) -> None:
        self._statements = list(read_policy(str(path))["Statement"])
        self.is_on = True

    def allow(self, demand: Demand) -> bool:
        return not self.is_on or super().allow(demand)


@dataclass(frozen=True)
class Told:
    """How a story ended, and which IAM actions its calls were."""

    ended: Ended
    called: frozenset[str]
    denied: frozenset[str]


@functools.cache
def told(story: Story) -> Told:
    """Run a story with its step's policy in force."""
    log, permissions = io.StringIO(), Guarded()
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(
            story.scenario, look=5, permissions=permissions, log=log, environ=environ()
        ) as sandbox,
    ):
        home, env = Path(folder), sandbox.environ()
        a_layout().write(home / "image")
        prepared = run("sh", "-euc", story.setup, env=env, cwd=home)
        assert prepared.code == 0, prepared.err
        (home / "policy.json").write_text(policy(story, home))
        permissions.put_in_force(home / "policy.json")
        log.seek(0)
        log.truncate()
        ended = run("sh", "-euc", story.command, env=env, cwd=home)
    calls = [json.loads(line) for line in log.getvalue().splitlines()]
    return Told(
        ended=ended,
        called=frozenset(filter(None, map(action, calls))),
        denied=frozenset(filter(None, (action(each) for each in calls if each["status"] == 403))),
    )


def policy(story: Story, home: Path) -> str:
    """Return the policy of a story's step; it knows only what its words say."""
    words = shlex.split(story.words.replace("taskdef.json", f"{home}/taskdef.json"))
    made = invoke(STEP, story.step, *words)
    assert made.code == 0, made.err
    document = json.loads(made.out)
    for statement in document["Statement"]:
        statement["Action"] = [each for each in statement["Action"] if each != story.without]
    document["Statement"] = [each for each in document["Statement"] if each["Action"]]
    return json.dumps(document)


def action(call: dict[str, str]) -> str | None:
    """Return the IAM action of a line in the sandbox's log."""
    if call["service"] == "registry":
        return action_of(*call["operation"].split(" ", 1))
    return f"{call['service']}:{call['operation']}"


def declared(story: Story) -> set[str]:
    """Return what the policy of a story allows."""
    given = parse(PolicyOptions, [story.step, *shlex.split(story.words)], {}, prog="iam-policy")
    assert isinstance(given, PolicyOptions)
    used = given.used()
    return {each.name for each in ACTIONS[story.step] if each.is_needed(used)}


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_step_passes_with_only_its_own_policy(story: Story) -> None:
    found = told(story)

    assert found.ended.code == story.code, found.ended.err
    assert found.denied == frozenset()
    assert "not authorized" not in found.ended.err


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_a_step_makes_no_call_that_it_does_not_declare(story: Story) -> None:
    assert told(story).called <= declared(story)


@pytest.mark.parametrize("step", ACTIONS)
def test_every_action_that_a_step_declares_is_called_in_some_story(step: str) -> None:
    called = {name for story in STORIES if story.step == step for name in told(story).called}

    assert called == {each.name for each in ACTIONS[step] if each.need is not Need.IMPLIED}


IMPLIED = [
    pytest.param(story, name, id=f"{story.step} {name}")
    for story in STORIES
    for name in sorted(
        {each.name for each in ACTIONS[story.step] if each.need is Need.IMPLIED} & NEEDED[story]
    )
]


@pytest.mark.parametrize(("story", "name"), IMPLIED)
def test_what_aws_asks_for_within_a_call_is_needed_as_well(story: Story, name: str) -> None:
    found = told(dataclasses.replace(story, without=name))

    assert found.ended.code == 5
    assert name in found.ended.err


def test_without_an_action_a_step_is_denied() -> None:
    [plain] = [each for each in STORIES if each.step == "service-update" and each.setup == WRITE]
    story = dataclasses.replace(plain, words=plain.words.replace("web", "shop"))

    found = told(story)

    assert found.ended.code == 5
    assert "ecs:DescribeServices on arn:aws:ecs:ap-northeast-1:123456789012:service/demo/web" in (
        found.ended.err
    )
