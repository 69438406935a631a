"""Which registries are meant."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from ecsstep.core.documents import read_document
from ecsstep.core.files import exists
from ecsstep.core.step import World
from ecsstep.errors import Exit, StepError
from ecsstep.rules.image import (
    DOCKER_HUB,
    PUBLIC_HOSTS,
    is_docker_hub,
)
from ecsstep.rules.images_in import hosts_in
from ecsstep.rules.registries import (
    PUBLIC_HOST,
    is_ecr,
    is_lookalike,
    unique,
)

if TYPE_CHECKING:
    from ecsstep.aws.ecr import Authorization
from ecsstep.steps.ecr_login.options import EcrLoginOptions


class Tokens(Protocol):
    """What a login needs of ECR."""

    def default_host(self, account: str | None = None) -> str: ...  # noqa: D102 - see Registries
    def check(self, hosts: Iterable[str]) -> None: ...  # noqa: D102
    def authorizations(self, hosts: Iterable[str]) -> Mapping[str, "Authorization"]: ...  # noqa: D102


def hosts_of(options: EcrLoginOptions, world: World, tokens: Tokens) -> tuple[str, ...]:
    """Return the hosts that are asked for, each once, Docker Hub under its short name."""
    named = [*options.registries, *options.images]
    if "accounts" in options.by_flag or not named:
        named += [tokens.default_host(account) for account in options.accounts]
    if options.public:
        named.append(PUBLIC_HOST)
    wants_hub = any(
        (
            options.docker_hub_user,
            options.docker_user,
            options.docker_hub_parameter,
            options.docker_hub_secret,
        )
    )
    if wants_hub:
        named.append(DOCKER_HUB)
    if not named and not options.by_flag & {"definitions", "files"}:
        named.append(tokens.default_host())
    named += _hosts_of_files(options, world)
    return unique(DOCKER_HUB if is_docker_hub(host) else host for host in named)


def _hosts_of_files(options: EcrLoginOptions, world: World) -> Iterator[str]:
    """Yield ECR's registries that files speak of; what is not ECR's is none of our business."""
    from ecsstep.aws.endpoints import is_emulated

    emulated = is_emulated(world.environ)
    for field, paths in (("definitions", options.definitions), ("files", options.files)):
        for path in paths:
            if field not in options.by_flag and not exists(path):
                # A pipeline's variable, of a file that a later step writes.
                world.log.info("there is no such file yet", file=path)
                continue
            document = read_document(path, stdin=world.stdin)
            try:
                hosts = hosts_in(document.value)
            except ValueError as error:
                raise StepError(
                    f"'{document.name}' {error}",
                    exit=Exit.USAGE,
                    hint="give imagedefinitions.json to --definitions, a task definition to --file",
                ) from error
            for host in hosts:
                if host in PUBLIC_HOSTS or is_lookalike(host) or is_ecr(host, is_emulated=emulated):
                    yield host
                else:
                    world.log.info("no login of ours", registry=host, file=document.name)
