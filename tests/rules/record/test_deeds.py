"""What a step would change."""

import pytest

from ecsstep.cli import STEPS, step
from ecsstep.core.arguments import parse
from ecsstep.rules.record.deeds import deed, needs_aws

_SERVICE = ("--cluster", "demo", "--service", "web")


@pytest.mark.parametrize(
    ("name", "argv", "expected"),
    [
        ("ecr-login", (), "writes logins for the container tools of this machine"),
        ("ecr-login", ("--logout",), "takes logins away from the container tools of this machine"),
        ("image-push", ("app:build", "--repository", "app", "--tag", "v1"),
         "pushes an image to repository 'app'"),
        ("scan-gate", ("app:v1",), "starts a scan of image 'app:v1' where ECR has none of it"),
        ("scan-gate", ("app:v1", "--start", "never"), ""),
        ("taskdef-render", ("--file", "t.json"), ""),
        ("task-run", (*_SERVICE, "--", "migrate"),
         "runs a task of service 'web' in cluster 'demo'"),
        ("service-update", (*_SERVICE, "--force-new-deployment"),
         "updates service 'web' in cluster 'demo'"),
        ("service-update", (*_SERVICE, "--force-new-deployment", "--dry-run"), ""),
        ("wait-stable", _SERVICE, ""),
        ("wait-stable", (*_SERVICE, "--on-timeout", "rollback"),
         "may roll back service 'web' in cluster 'demo'"),
        ("cache-invalidate", ("--distribution", "EDFDVBD6EXAMPLE"),
         "lets distribution 'EDFDVBD6EXAMPLE' forget what it has cached"),
        ("notify", ("--sns-topic", "arn:aws:sns:eu-west-1:123456789012:t"),
         "sends a message to people"),
    ],
)  # fmt: skip
def test_what_a_step_changes_is_said(name: str, argv: tuple[str, ...], expected: str) -> None:
    given = parse(step(name).options, argv, {"ECS_CLUSTER": "demo"}, prog=name)

    assert deed(name, given) == expected


@pytest.mark.parametrize("name", STEPS)
def test_each_step_that_can_be_tried_dry_says_what_it_changes(name: str) -> None:
    can_be_dry = "dry_run" in step(name).options.declared()

    assert can_be_dry <= (name in deed.__globals__["_DEEDS"])


_PUSH = ("app:build", "--tag", "v1", "--repository")
_ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("name", "argv", "expected"),
    [
        ("notify", ("--sns-topic", "arn:aws:sns:eu-west-1:123456789012:t"), True),
        ("notify", ("--slack",), False),
        ("ecr-login", (), True),
        ("ecr-login", ("--docker-hub-user", "bob"), False),
        ("ecr-login", ("--docker-hub-user", "bob", "--public"), True),
        ("image-push", (*_PUSH, "app"), True),
        ("image-push", (*_PUSH, f"{_ECR}/app"), True),
        ("image-push", (*_PUSH, "ghcr.io/x/app"), False),
        ("image-push", (*_PUSH, "docker.io/x/app"), False),
        ("image-push", (*_PUSH, "123.dkr.ecr.eu-west-1.amazonaws.com/app"), True),
        ("image-push", (*_PUSH, "localhost:5000/app"), False),
        ("image-push", ("--from", f"{_ECR}/app:v1", *_PUSH[1:], "ghcr.io/x/app"), True),
        ("scan-gate", ("app:v1",), True),
        ("taskdef-render", ("--file", "t.json"), True),
    ],
)  # fmt: skip
def test_whether_a_step_needs_aws_its_options_tell(
    name: str, argv: tuple[str, ...], *, expected: bool
) -> None:
    variables = {"ECSSTEP_SLACK_WEBHOOK": "https://hooks.slack.com/services/T0/B0/x",
                 "DOCKERHUB_TOKEN": "a-token"}  # fmt: skip
    given = parse(step(name).options, argv, variables, prog=name)

    assert needs_aws(name, given, is_emulated=False) is expected


def test_where_aws_is_emulated_a_registry_of_this_machine_is_ecrs() -> None:
    given = parse(step("image-push").options, (*_PUSH, "localhost:5000/app"), {}, prog="x")

    assert needs_aws("image-push", given, is_emulated=True)
