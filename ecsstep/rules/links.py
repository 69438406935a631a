"""Pages of AWS's console."""

import re
from collections.abc import Iterable

from ecsstep.rules.image import Reference, ecr_host
from ecsstep.value import Value

_SHORT = len("sha256:") + 12
_CONSOLES = {
    "aws": "{region}.console.aws.amazon.com",
    "aws-cn": "{region}.console.amazonaws.cn",
    "aws-us-gov": "{region}.console.amazonaws-us-gov.com",
}
_SERVICE_ARN = re.compile(
    r"arn:(?P<partition>[a-z-]+):ecs:(?P<region>[a-z0-9-]+):\d{12}:service/"
    r"(?P<cluster>[A-Za-z0-9_-]+)/(?P<service>[A-Za-z0-9_-]+)"
)
_TASK_ARN = re.compile(
    r"arn:(?P<partition>[a-z-]+):ecs:(?P<region>[a-z0-9-]+):\d{12}:task/"
    r"(?P<cluster>[A-Za-z0-9_-]+)/(?P<task>[0-9a-f]+)"
)
_SUFFIXES = {"amazonaws.com.cn": "aws-cn", "amazonwebservices.com.cn": "aws-cn"}


class Link(Value):
    """A page that somebody may want to open.

    Attributes:
        label: What it shows.
        url: Where it is.
    """

    label: str
    url: str


def by_label(links: Iterable[Link]) -> dict[str, str]:
    """Return the pages' URLs by what stands on the links."""
    return {link.label: link.url for link in links}


def image_links(image: Reference) -> tuple[Link, ...]:
    """Return ECR's page of an image by its digest; nothing where the image is not in ECR."""
    registry = ecr_host(image.registry)
    if registry is None or image.digest is None:
        return ()
    console = _CONSOLES[_partition(registry.host, registry.region)].format(region=registry.region)
    page = f"{registry.account}/{image.repository}/_/image/{image.digest}/details"
    return (
        Link(
            label=f"ECR: {image.repository}@{image.digest[:_SHORT]}",
            url=f"https://{console}/ecr/repositories/private/{page}?region={registry.region}",
        ),
    )


def service_links(arn: str, deployment: str) -> tuple[Link, ...]:
    """Return the pages of a service and of its deployment; nothing for an ARN of the old form.

    Args:
        arn: The service's ARN, with its cluster.
        deployment: The deployment's id, of ECS or of CodeDeploy (``d-…``); nothing for none.
    """
    found = _SERVICE_ARN.fullmatch(arn)
    if found is None or found["partition"] not in _CONSOLES:
        return ()
    console = _CONSOLES[found["partition"]].format(region=found["region"])
    service = f"https://{console}/ecs/v2/clusters/{found['cluster']}/services/{found['service']}"
    query = f"region={found['region']}"
    links = [Link(label=f"ECS: service {found['service']}", url=f"{service}/health?{query}")]
    if deployment.startswith("d-"):
        url = f"https://{console}/codesuite/codedeploy/deployments/{deployment}?{query}"
        links.append(Link(label=f"CodeDeploy: deployment {deployment}", url=url))
    elif deployment:
        url = f"{service}/deployments?{query}"
        links.append(Link(label=f"ECS: deployment {deployment}", url=url))
    return tuple(links)


def task_links(arn: str) -> tuple[Link, ...]:
    """Return the page of a task; nothing for an ARN of the old form, without its cluster."""
    found = _TASK_ARN.fullmatch(arn)
    if found is None or found["partition"] not in _CONSOLES:
        return ()
    console = _CONSOLES[found["partition"]].format(region=found["region"])
    page = f"clusters/{found['cluster']}/tasks/{found['task']}/configuration"
    return (
        Link(
            label=f"ECS: task {found['task'][:_SHORT]}",
            url=f"https://{console}/ecs/v2/{page}?region={found['region']}",
        ),
    )


def _partition(host: str, region: str) -> str:
    for suffix, partition in _SUFFIXES.items():
        if host.endswith(suffix):
            return partition
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
