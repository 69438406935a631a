"""``ecsstep iam-policy``, from its words to the document."""

import json
from pathlib import Path
from typing import Any

import pytest

from ecsstep.errors import Exit
from ecsstep.policies.argv import relevant
from ecsstep.policies.command import STEP, main
from ecsstep.rules.iam.declared import ACTIONS
from ecsstep.rules.iam.policy import INLINE, MANAGED, size
from fakes import Ended, invoke

HERE = ("--region", "eu-west-1", "--account", "123456789012")
WEB = ("--cluster", "demo", "--service", "web")
ECS = "arn:aws:ecs:eu-west-1:123456789012"
ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
DEFINITION = {
    "family": "web",
    "executionRoleArn": "arn:aws:iam::123456789012:role/execution",
    "containerDefinitions": [
        {
            "name": "app",
            "image": f"{ECR}/app:v1",
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {"awslogs-group": "/ecs/web", "awslogs-stream-prefix": "app"},
            },
        }
    ],
}


def policy(*argv: str, environ: dict[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """Return the statements by their Sids."""
    ended = invoke(STEP, *argv, environ=environ)
    assert ended.code == 0, ended.err
    return {each["Sid"]: each for each in json.loads(ended.out)["Statement"]}


def mistakes(*argv: str) -> Ended:
    ended = invoke(STEP, *argv)
    assert (ended.code, ended.out) == (Exit.USAGE, "")
    return ended


def actions(*argv: str, environ: dict[str, str] | None = None) -> set[str]:
    return {name for each in policy(*argv, environ=environ).values() for name in each["Action"]}


def test_a_policy_is_narrowed_to_what_is_given() -> None:
    ended = invoke(STEP, "taskdef-render", *HERE, *WEB)

    assert json.loads(ended.out)["Statement"] == [
        {
            "Sid": "ActionsWithoutResource",
            "Effect": "Allow",
            "Action": ["ecs:DescribeTaskDefinition"],
            "Resource": ["*"],
        },
        {
            "Sid": "Services",
            "Effect": "Allow",
            "Action": ["ecs:DescribeServices"],
            "Resource": [f"{ECS}:service/demo/web"],
        },
    ]
    assert ended.err == ""


def test_the_pipeline_s_own_variables_narrow_it_too() -> None:
    environ = {
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCOUNT_ID": "123456789012",
        "ECS_CLUSTER": "demo",
        "ECSSTEP_SERVICE": "web\napi",
        "ECSSTEP_ON_TIMEOUT": "rollback",
    }

    found = policy("wait-stable", environ=environ)

    assert found["Services"]["Resource"] == [f"{ECS}:service/demo/api", f"{ECS}:service/demo/web"]
    assert "ecs:StopServiceDeployment" in found["ServiceDeployments"]["Action"]


def test_what_is_wide_is_told_with_the_option_that_narrows_it() -> None:
    ended = invoke(STEP, "taskdef-render", "--region", "eu-west-1", "--cluster", "demo")

    assert ended.err.splitlines() == [
        f"ecsstep iam-policy: warning: without {option} more is allowed than is needed  "
        "statements=Services"
        for option in ("--account", "--service")
    ]


@pytest.mark.parametrize(
    ("argv", "added"),
    [
        (
            ("image-push", "--create-repository"),
            {"ecr:CreateRepository", "ecr:DescribeRepositories"},
        ),
        (("image-push", "--floating-tags"), {"ecr:ListImages", "ecr:DescribeRepositories"}),
        (("image-push", "--from", "app:v1"), {"ecr:GetDownloadUrlForLayer"}),
        (("image-push", "--accept-rebuild"), {"ecr:GetDownloadUrlForLayer"}),
        (("image-push", "--cache", "cache:app"), {"ecr:GetDownloadUrlForLayer"}),
        (
            ("taskdef-render", "--commit-image"),
            {"ecr:BatchGetImage", "ecr:GetAuthorizationToken"},
        ),
        (
            ("ecr-login", "--public"),
            {"ecr-public:GetAuthorizationToken", "sts:GetServiceBearerToken"},
        ),
        (("ecr-login", "--docker-hub-secret", "hub"), {"secretsmanager:GetSecretValue"}),
        (("wait-stable", "--on-cancel", "rollback"), {"ecs:StopServiceDeployment"}),
        (
            ("service-update", "--codedeploy-group", "g"),
            {
                "codedeploy:GetDeploymentGroup",
                "codedeploy:GetDeployment",
                "codedeploy:CreateDeployment",
                "codedeploy:GetDeploymentConfig",
                "codedeploy:RegisterApplicationRevision",
            },
        ),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_an_option_brings_its_actions(argv: tuple[str, ...], added: set[str]) -> None:
    assert actions(*argv) - actions(argv[0]) == added


@pytest.mark.parametrize(
    ("argv", "gone"),
    [
        (("wait-stable", "--logs", "0"), {"logs:GetLogEvents", "ecs:DescribeTaskDefinition"}),
        (("scan-gate", "--start", "never"), {"ecr:StartImageScan"}),
        (
            ("taskdef-render", "--file", "FILE"),
            {"ecs:DescribeTaskDefinition", "ecs:DescribeServices"},
        ),
        (("taskdef-render", "--taskdef", "web"), {"ecs:DescribeServices"}),
        (
            ("scan-gate", "--no-optional"),
            {
                "ecr:StartImageScan",
                "ecr:GetRegistryScanningConfiguration",
                "ecr:BatchGetRepositoryScanningConfiguration",
            },
        ),
    ],
    ids=lambda each: " ".join(each) if isinstance(each, tuple) else "",
)
def test_an_option_takes_actions_away(
    tmp_path: Path, argv: tuple[str, ...], gone: set[str]
) -> None:
    file = tmp_path / "taskdef.json"
    file.write_text(json.dumps(DEFINITION))
    words = [str(file) if word == "FILE" else word for word in argv]

    assert actions("ecr-login", argv[0]) - actions("ecr-login", *words) == gone


def test_a_task_definition_s_file_narrows_roles_logs_images_and_family(tmp_path: Path) -> None:
    file = tmp_path / "taskdef.json"
    file.write_text(json.dumps({"taskDefinition": DEFINITION}))

    found = policy("service-update", "wait-stable", *HERE, *WEB, "--taskdef", str(file))

    assert found["RolesOfTasks"]["Resource"] == ["arn:aws:iam::123456789012:role/execution"]
    assert found["RolesOfTasks"]["Condition"] == {
        "StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}
    }
    assert found["TaskDefinitions"]["Resource"] == [f"{ECS}:task-definition/web:*"]
    assert found["LogsOfTasks"]["Resource"] == [
        "arn:aws:logs:eu-west-1:123456789012:log-group:/ecs/web:log-stream:*"
    ]
    assert found["Repositories"]["Resource"] == [
        "arn:aws:ecr:eu-west-1:123456789012:repository/app"
    ]


def test_a_file_that_a_later_step_writes_is_passed_by() -> None:
    ended = invoke(
        STEP, "service-update", *HERE, environ={"ECSSTEP_RENDERED": "build/taskdef.json"}
    )

    assert ended.code == 0
    assert "there is no such file yet  file=build/taskdef.json" in ended.err


def test_a_file_that_is_no_task_definition_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "appspec.json"
    file.write_text("{}")

    assert "is no task definition" in mistakes("service-update", "--taskdef", str(file)).err
    assert "can't read" in mistakes("service-update", "--taskdef", f"{tmp_path}/none.json").err


def test_a_repository_is_where_its_host_or_the_registry_says() -> None:
    there = "210987654321.dkr.ecr.us-east-1.amazonaws.com"
    environ = {"ECR_REGISTRY": there, "ECSSTEP_IMAGE": f"{ECR}/proxy@sha256:{'a' * 64}"}

    found = policy("image-push", *HERE, "--repository", "app", environ=environ)

    assert found["Repositories"]["Resource"] == [
        "arn:aws:ecr:eu-west-1:123456789012:repository/proxy",
        "arn:aws:ecr:us-east-1:210987654321:repository/app",
    ]


def test_what_is_not_in_ecr_needs_nothing_of_it() -> None:
    found = policy("service-update", *HERE, "--image", "app=ghcr.io/team/app:v1")
    pushed = policy(
        "image-push", *HERE, "--repository", "app", "--from", "docker.io/library/nginx:1"
    )

    assert "Repositories" not in found
    assert "SourceRepository" not in pushed
    assert "Repositories" in pushed


def test_a_definition_with_images_elsewhere_says_nothing_of_the_push(tmp_path: Path) -> None:
    file = tmp_path / "taskdef.json"
    container = {"name": "app", "image": "ghcr.io/team/app:v1"}
    file.write_text(json.dumps({"family": "web", "containerDefinitions": [container]}))

    found = policy("image-push", "service-update", *HERE, "--taskdef", str(file))

    assert found["Repositories"]["Resource"] == ["arn:aws:ecr:eu-west-1:123456789012:repository/*"]


def test_the_image_of_this_commit_is_looked_up_in_its_repositories() -> None:
    found = policy(
        "taskdef-render", *HERE, "--commit-image", "--repository", "app", "--sidecar", "nginx=proxy"
    )

    assert found["Repositories"]["Action"] == ["ecr:BatchGetImage"]
    assert found["Repositories"]["Resource"] == [
        "arn:aws:ecr:eu-west-1:123456789012:repository/app",
        "arn:aws:ecr:eu-west-1:123456789012:repository/proxy",
    ]


def test_the_account_may_be_the_role_s() -> None:
    role = "arn:aws:iam::123456789012:role/deploy"

    found = policy("taskdef-render", "--region", "eu-west-1", *WEB, environ={"AWS_ROLE_ARN": role})

    assert found["Services"]["Resource"] == [f"{ECS}:service/demo/web"]


def test_an_arn_says_its_account_and_region() -> None:
    cluster, service = f"{ECS}:cluster/demo", f"{ECS}:service/demo/web"
    # What the job's variables say is about the job, not about these.
    environ = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCOUNT_ID": "210987654321"}

    found = policy("taskdef-render", "--cluster", cluster, "--service", service, environ=environ)
    beside = policy("service-update", "--taskdef", f"{ECS}:task-definition/web:3")

    assert found["Services"]["Resource"] == [service]
    assert beside["TaskDefinitions"]["Resource"] == [f"{ECS}:task-definition/web:*"]


def test_an_arn_says_its_partition() -> None:
    service = "arn:aws-cn:ecs:cn-north-1:123456789012:service/demo/web"

    found = policy("taskdef-render", "--cluster", "demo", "--service", service)

    assert found["Services"]["Resource"] == [service]


def test_arns_of_two_accounts_or_regions_are_two_policies() -> None:
    other = "arn:aws:ecs:us-east-1:210987654321:service/demo/web"

    ended = mistakes("wait-stable", "--cluster", f"{ECS}:cluster/demo", "--service", other)
    by_flag = mistakes("wait-stable", "--service", other, "--account", "123456789012")

    assert "more than one account is named: '123456789012' and '210987654321'" in ended.err
    assert "more than one region is named: 'eu-west-1' and 'us-east-1'" in ended.err
    assert "more than one account is named: '210987654321' and '123456789012'" in by_flag.err


def test_a_family_that_is_none_is_a_mistake() -> None:
    assert (
        "is no name of a task definition's family"
        in mistakes(
            "service-update", "--taskdef", "arn:aws:ecs:eu-west-1:123456789012:task-definition/a b"
        ).err
    )


def test_a_cache_is_pulled_and_pushed_in_its_own_repository() -> None:
    found = policy("image-push", *HERE, "--repository", "app", "--cache", f"{ECR}/cache:app")
    elsewhere = policy("image-push", *HERE, "--repository", "app", "--cache", "ghcr.io/team/c:1")

    assert found["CacheRepository"]["Resource"] == [
        "arn:aws:ecr:eu-west-1:123456789012:repository/cache"
    ]
    assert {"ecr:PutImage", "ecr:GetDownloadUrlForLayer"} <= {*found["CacheRepository"]["Action"]}
    assert "CacheRepository" not in elsewhere


@pytest.mark.parametrize(
    ("region", "partition"),
    [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eusc-de-east-1", "aws-eusc")],
)
def test_the_partition_is_the_region_s(region: str, partition: str) -> None:
    found = policy("taskdef-render", "--region", region, "--account", "123456789012", *WEB)

    assert found["Services"]["Resource"] == [
        f"arn:{partition}:ecs:{region}:123456789012:service/demo/web"
    ]


def test_codedeploy_s_names_are_the_usual_ones_where_only_one_is_given() -> None:
    found = policy("wait-stable", *HERE, *WEB, "--codedeploy-group", "mine")

    assert found["DeploymentGroups"]["Resource"] == [
        "arn:aws:codedeploy:eu-west-1:123456789012:deploymentgroup:AppECS-demo-web/mine"
    ]


def test_that_codedeploy_is_left_out_is_said() -> None:
    assert "CodeDeploy's actions are left out" in invoke(STEP, "wait-stable").err
    assert "CodeDeploy" not in invoke(STEP, "wait-stable", "--codedeploy-group", "g").err
    assert "CodeDeploy" not in invoke(STEP, "image-push").err


def test_records_of_a_gate_need_what_the_service_runs(tmp_path: Path) -> None:
    file = tmp_path / "taskdef.json"
    file.write_text(json.dumps(DEFINITION))
    argv = ("taskdef-render", "--file", str(file), "--require-passed", "passed.json")

    assert actions(*argv) == {"ecs:DescribeServices", "ecs:DescribeTaskDefinition"}


@pytest.mark.parametrize("variable", ["AWS_DEFAULT_REGION", "AWS_ROLE_ARN"])
def test_what_goes_into_a_policy_is_judged_also_where_a_platform_says_it(variable: str) -> None:
    ended = invoke(STEP, "taskdef-render", environ={variable: "auto"})

    assert ended.code == Exit.USAGE
    assert variable in ended.err


def test_nothing_to_allow_is_no_empty_policy(tmp_path: Path) -> None:
    file = tmp_path / "taskdef.json"
    file.write_text(json.dumps(DEFINITION))

    ended = invoke(STEP, "taskdef-render", "--file", str(file))

    assert (ended.code, ended.out) == (Exit.REFUSED, "")
    assert "there is nothing to allow" in ended.err


def test_all_steps_with_all_options_fit_into_a_managed_policy() -> None:
    ended = invoke(
        STEP, *ACTIONS, *HERE, *WEB, "--repository", "app", "--from", "dev/app:v1",
        "--role", "task", "--role", "execution", "--taskdef", "web", "--log-group", "/ecs/web",
        "--codedeploy-application", "app", "--codedeploy-configuration", "CodeDeployDefault.*",
        "--create-repository", "--floating-tags", "--public", "--docker-hub-secret", "hub",
        "--docker-hub-parameter", "hub", "--on-timeout", "rollback", "--wait",
        "--distribution", "EDFDVBD6EXAMPLE",
        "--sns-topic", "arn:aws:sns:eu-west-1:123456789012:deployments",
    )  # fmt: skip

    assert ended.code == 0
    assert size(json.loads(ended.out)) < MANAGED
    assert "warning" not in ended.err


@pytest.mark.parametrize(
    ("count", "code", "words"),
    [(110, Exit.OK, "aws iam put-role-policy"), (200, Exit.REFUSED, "make a policy for each step")],
)
def test_a_policy_that_is_too_long_is_told(count: int, code: Exit, words: str) -> None:
    services = [word for number in range(count) for word in ("--service", f"service-{number}")]

    ended = invoke(STEP, "taskdef-render", *HERE, "--cluster", "demo", *services)

    assert ended.code == code
    assert words in ended.err
    assert size(json.loads(ended.out)) > (INLINE if code else MANAGED)


def test_the_result_can_be_queried() -> None:
    ended = invoke(STEP, "ecr-login", "--query", "Statement[0].Action[0]")

    assert ended.out == "ecr:GetAuthorizationToken\n"


def test_all_mistakes_are_told_at_once() -> None:
    ended = mistakes("waitstable", "--account", "1", "--ref", "a b", "--rol", "x")

    for words in (
        "did you mean 'wait-stable'?", "it has 12 digits", "no name of a branch", "'--role'",
    ):  # fmt: skip
        assert words in ended.err


def test_no_step_at_all_is_a_mistake() -> None:
    assert "STEP is missing: give one or more of ecr-login" in mistakes().err


def test_a_region_that_is_none_is_a_mistake() -> None:
    assert "is not an AWS region" in mistakes("ecr-login", "--region", "europe-1").err


def test_the_trust_policy_of_a_gitlab_project() -> None:
    ended = invoke(
        STEP, "--trust", "gitlab", "--project-path", "group/project", "--ref", "main", "--account",
        "123456789012", environ={"CI_SERVER_URL": "https://gitlab.example.com/"},
    )  # fmt: skip

    [statement] = json.loads(ended.out)["Statement"]
    assert statement["Condition"]["StringEquals"] == {
        "gitlab.example.com:aud": "https://gitlab.example.com",
        "gitlab.example.com:sub": "project_path:group/project:ref_type:branch:ref:main",
    }
    assert "aud=https://gitlab.example.com" in ended.err
    assert '"ClientIDList": ["https://gitlab.example.com"]' in ended.err


def test_a_trust_policy_wants_to_know_whom() -> None:
    ended = mistakes("--trust", "gitlab")

    for option in ("--project-path", "--ref", "--account"):
        assert f"{option} is missing" in ended.err
    assert "give one of them" in mistakes("ecr-login", "--trust", "gitlab").err


def test_a_pipeline_s_own_line_can_be_taken_as_it_stands() -> None:
    line = "wait-stable --cluster demo --timeout 30m --report=wait.json --no-dry-run --service web"
    words = [*line.split(), "--interval", "5s", "--", "migrate"]

    assert relevant(words) == ["wait-stable", "--cluster", "demo", "--service", "web"]


def test_a_word_that_no_step_knows_stays_a_mistake() -> None:
    assert relevant(["wait-stable", "--timeuot", "30m"]) == ["wait-stable", "--timeuot", "30m"]


def test_as_a_command_it_passes_such_words_by(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("ECSSTEP_RECORD", raising=False)

    code = main(["ecr-login", "--tool", "none", "--query", "Statement[0].Action[0]"])

    assert (code, capsys.readouterr().out) == (0, "ecr:GetAuthorizationToken\n")
