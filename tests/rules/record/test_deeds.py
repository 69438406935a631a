"""What a step would change."""

import pytest

from ecsstep.cli import STEPS, step
from ecsstep.core.arguments import parse
from ecsstep.rules.record.deeds import deed

_SERVICE = ("--cluster", "demo", "--service", "web")


@pytest.mark.parametrize(
    ("name", "argv", "expected"),
    [
        ("ecr-login", (), "writes logins for the container tools of this machine"),
        ("ecr-login", ("--logout",), "takes logins away from the container tools of this machine"),
        ("image-push", ("app:build", "--repository", "app", "--tag", "v1"),
         "pushes an image to repository 'app'"),
        ("scan-gate", ("app:v1",), ""),
        ("taskdef-render", ("--file", "t.json"), ""),
        ("task-run", (*_SERVICE, "--", "migrate"),
         "runs a task of service 'web' in cluster 'demo'"),
        ("service-update", _SERVICE, "updates service 'web' in cluster 'demo'"),
        ("service-update", (*_SERVICE, "--dry-run"), ""),
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
