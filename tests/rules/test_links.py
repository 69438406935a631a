"""Pages of AWS's console."""

import pytest

from ecsstep.rules.image import parse_reference
from ecsstep.rules.links import Link, by_label, image_links, service_links, task_links

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("host", "console"),
    [
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com", "eu-west-1.console.aws.amazon.com"),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1.console.amazonaws.cn"),
        (
            "123456789012.dkr.ecr.us-gov-west-1.amazonaws.com",
            "us-gov-west-1.console.amazonaws-us-gov.com",
        ),
    ],
)
def test_an_image_has_a_page_in_its_partition(host: str, console: str) -> None:
    links = image_links(parse_reference(f"{host}/team/app@{DIGEST}"))

    region = console.partition(".")[0]
    page = f"repositories/private/123456789012/team/app/_/image/{DIGEST}/details"
    url = f"https://{console}/ecr/{page}?region={region}"
    assert links == (Link(label="ECR: team/app@sha256:aaaaaaaaaaaa", url=url),)


@pytest.mark.parametrize(
    "image",
    [
        pytest.param(f"127.0.0.1:5000/app@{DIGEST}", id="a registry on this machine"),
        pytest.param("123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:v1", id="by tag alone"),
    ],
)
def test_an_image_without_a_page_has_no_link(image: str) -> None:
    assert image_links(parse_reference(image)) == ()


def test_a_service_and_its_deployment_have_a_page_each() -> None:
    arn = "arn:aws:ecs:eu-west-1:123456789012:service/demo/web"

    page = "https://eu-west-1.console.aws.amazon.com/ecs/v2/clusters/demo/services/web"
    service = Link(label="ECS: service web", url=f"{page}/health?region=eu-west-1")
    assert service_links(arn, "") == (service,)
    assert service_links(arn, "ecs-svc/1") == (
        service,
        Link(label="ECS: deployment ecs-svc/1", url=f"{page}/deployments?region=eu-west-1"),
    )


def test_a_deployment_of_codedeploy_has_its_page_there() -> None:
    arn = "arn:aws:ecs:eu-west-1:123456789012:service/demo/web"

    assert service_links(arn, "d-A1B2C3D4E")[1] == Link(
        label="CodeDeploy: deployment d-A1B2C3D4E",
        url="https://eu-west-1.console.aws.amazon.com/codesuite/codedeploy/deployments/d-A1B2C3D4E"
        "?region=eu-west-1",
    )


def test_links_are_told_by_their_labels() -> None:
    assert by_label([Link(label="a", url="https://a")]) == {"a": "https://a"}


@pytest.mark.parametrize(
    "arn",
    [
        pytest.param("arn:aws:ecs:eu-west-1:123456789012:service/web", id="without its cluster"),
        pytest.param("arn:aws-iso:ecs:us-iso-east-1:123456789012:service/a/b", id="no console"),
    ],
)
def test_a_service_without_a_page_has_no_links(arn: str) -> None:
    assert service_links(arn, "ecs-svc/1") == ()


def test_a_task_has_its_page_if_its_arn_names_the_cluster() -> None:
    task = "0123456789abcdef" * 2
    page = f"ecs/v2/clusters/demo/tasks/{task}/configuration?region=eu-west-1"

    assert task_links(f"arn:aws:ecs:eu-west-1:123456789012:task/demo/{task}") == (
        Link(
            label=f"ECS: task {task[:19]}",
            url=f"https://eu-west-1.console.aws.amazon.com/{page}",
        ),
    )
    assert task_links(f"arn:aws:ecs:eu-west-1:123456789012:task/{task}") == ()
    assert task_links(f"arn:aws-iso:ecs:us-iso-east-1:123456789012:task/demo/{task}") == ()
