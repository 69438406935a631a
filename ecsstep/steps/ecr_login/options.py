"""What ecr-login can be told."""

from collections.abc import Iterator

from ecsstep.core.options import DRY_RUN, Given, Option, Options
from ecsstep.core.shared import DOCKER_CONFIG, REGISTRY, TOOL
from ecsstep.core.values import one_of
from ecsstep.rules.container_tools import LOGIN_TOOLS
from ecsstep.rules.image import (
    DOCKER_HUB,
    is_docker_hub,
    parse_reference,
    parse_registry,
)
from ecsstep.rules.registries import (
    parse_account,
)
from ecsstep.secret import Secret


def _image_host(text: str) -> str:
    """Return the registry's host of an image reference."""
    return parse_reference(text).registry or DOCKER_HUB


class EcrLoginOptions(Options):
    """What ecr-login can be told."""

    registries: tuple[str, ...] = REGISTRY.field(
        help="registry to log in to", parse=parse_registry, repeatable=True
    )
    images: tuple[str, ...] = Option(
        flag="--image",
        help="image whose registry to log in to",
        metavar="REF",
        parse=_image_host,
        repeatable=True,
    ).field()
    accounts: tuple[str, ...] = Option(
        flag="--account",
        help="account whose registry in the region to log in to",
        metavar="ID",
        parse=parse_account,
        aliases=("AWS_ACCOUNT_ID",),
        repeatable=True,
    ).field()
    definitions: tuple[str, ...] = Option(
        flag="--definitions",
        help="imagedefinitions.json whose images' registries to log in to",
        metavar="FILE",
        repeatable=True,
    ).field()
    files: tuple[str, ...] = Option(
        flag="--file",
        help="task definition, JSON or YAML, whose images' registries to log in to",
        metavar="FILE",
        repeatable=True,
    ).field()
    public: bool = Option(
        flag="--public", help="log in to ECR Public", is_switch=True, default=False
    ).field()
    docker_hub_user: str | None = Option(
        flag="--docker-hub-user",
        help="user of Docker Hub; its password comes from its variable or stdin",
        metavar="U",
        aliases=("DOCKERHUB_USER",),
    ).field()
    docker_hub_token: Secret | None = Option(
        help="password or token of that user",
        variable="ECSSTEP_DOCKER_HUB_TOKEN",
        aliases=("DOCKERHUB_TOKEN",),
        secret=True,
    ).field()
    docker_hub_parameter: str | None = Option(
        flag="--docker-hub-parameter",
        help="parameter of SSM's Parameter Store with that password, or user and password as JSON",
        metavar="NAME",
    ).field()
    docker_hub_secret: str | None = Option(
        flag="--docker-hub-secret",
        help="secret of Secrets Manager with the same",
        metavar="NAME",
    ).field()
    docker_user: str | None = Option(
        help="user of Docker Hub, where DOCKERHUB_USER is not given", variable="DOCKER_USER"
    ).field()
    docker_password: Secret | None = Option(
        help="password of DOCKER_USER", variable="DOCKER_PASSWORD", secret=True
    ).field()
    tool: str = TOOL.field(
        help="what to log in; auto takes what answers, none writes the auth file",
        parse=one_of("auto", "none", *LOGIN_TOOLS),
    )
    docker_config: str | None = DOCKER_CONFIG.field()
    logout: bool = Option(
        flag="--logout", help="take the logins out again", is_switch=True, default=False
    ).field()
    dry_run: bool = DRY_RUN.field()

    @classmethod
    def faults(cls, given: Given) -> Iterator[str]:
        """Yield what is wrong between options."""
        hosts = (*given.values.get("registries", ()), *given.values.get("images", ()))
        stores = ("docker_hub_parameter", "docker_hub_secret")
        if (
            any(map(is_docker_hub, hosts))
            and not given.has("docker_hub_user", "docker_user", *stores)
            and not given.values.get("logout")
        ):
            yield "Docker Hub wants a user: give --docker-hub-user or DOCKERHUB_USER or DOCKER_USER"
        if all(given.has(name) for name in stores):
            yield "--docker-hub-parameter and --docker-hub-secret are two places; give one of them"
