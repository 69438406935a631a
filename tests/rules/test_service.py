"""What ECS says of a service."""

from typing import Any

import pytest

from ecs_fakes import OLD_ID, a_deployment, a_service, a_task, the_old_one
from ecsstep.rules.service import LogPlace, log_places


def test_the_primary_deployment_and_one_by_id_are_found_among_several() -> None:
    ours, old = a_deployment(), the_old_one()
    service = a_service(old, ours)

    assert service.primary is ours
    assert service.deployment(OLD_ID) is old
    assert service.deployment("ecs-svc/none") is None
    assert a_service(old).primary is None


def test_a_tasks_id_is_the_end_of_its_arn() -> None:
    assert a_task(task_id="abc").id == "abc"


def logging(driver: str = "awslogs", **options: str) -> dict[str, Any]:
    names = {key.replace("_", "-"): value for key, value in options.items()}
    return {"name": "app", "logConfiguration": {"logDriver": driver, "options": names}}


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        pytest.param(
            logging(awslogs_group="/g", awslogs_stream_prefix="p", awslogs_region="eu-west-1"),
            (LogPlace(container="app", group="/g", prefix="p", region="eu-west-1"),),
            id="awslogs",
        ),
        pytest.param(
            logging(awslogs_group="/g", awslogs_stream_prefix="p"),
            (LogPlace(container="app", group="/g", prefix="p", region=""),),
            id="no region",
        ),
        pytest.param(logging(awslogs_group="/g"), (), id="no prefix: the stream has no known name"),
        pytest.param(logging("splunk", awslogs_stream_prefix="p"), (), id="another driver"),
        pytest.param({"name": "app"}, (), id="none"),
        pytest.param({"name": "app", "logConfiguration": None}, (), id="null"),
    ],
)
def test_the_place_of_a_containers_log_is_known_for_awslogs(container: Any, expected: Any) -> None:
    assert log_places({"containerDefinitions": [container]}) == expected


def test_a_stream_is_named_by_prefix_container_and_task() -> None:
    place = LogPlace(container="app", group="/g", prefix="p", region="")

    assert place.stream("abc") == "p/app/abc"
