"""What CodeDeploy says of a deployment."""

import pytest

from ecsstep.rules.codedeploy import (
    CodeDeployment,
    LifecycleEvent,
    Target,
    TaskSet,
    default_names,
)

LONG = "abcdefghij" * 5


@pytest.mark.parametrize(
    ("cluster", "service", "expected"),
    [
        pytest.param("prod", "web", ("AppECS-prod-web", "DgpECS-prod-web"), id="names"),
        pytest.param(
            "arn:aws:ecs:us-east-1:123456789012:cluster/prod",
            "arn:aws:ecs:us-east-1:123456789012:service/prod/web",
            ("AppECS-prod-web", "DgpECS-prod-web"),
            id="ARNs",
        ),
        pytest.param(
            LONG,
            LONG,
            (f"AppECS-{LONG[:46]}-{LONG[:46]}", f"DgpECS-{LONG[:46]}-{LONG[:46]}"),
            id="long names are cut",
        ),
    ],
)
def test_the_default_names_are_those_of_the_console(
    cluster: str, service: str, expected: tuple[str, str]
) -> None:
    assert default_names(cluster, service) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        *[(status, True) for status in ("Succeeded", "Failed", "Stopped")],
        *[
            (status, False)
            for status in ("Created", "Queued", "InProgress", "Baking", "Ready", "Unheard")
        ],
    ],
)
def test_three_statuses_are_the_end(status: str, expected: bool) -> None:
    assert CodeDeployment(id="d-A1B2C3D4E", status=status).is_over is expected


def test_a_target_tells_its_failed_stages_and_its_sides() -> None:
    green, failed = (
        TaskSet(id="ecs-svc/2", label="Green"),
        LifecycleEvent(name="b", status="Failed"),
    )
    target = Target(
        id="prod:web",
        status="Failed",
        events=(LifecycleEvent(name="a", status="Succeeded"), failed),
        task_sets=(TaskSet(id="ecs-svc/1", label="Blue"), green),
    )

    assert target.failed_events == (failed,)
    assert target.task_set("Green") == green
    assert target.task_set("Red") is None
