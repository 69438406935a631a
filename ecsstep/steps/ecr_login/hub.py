"""Docker Hub's login, from variables, stdin or AWS's secret stores."""

from typing import Protocol

from ecsstep.core.step import World
from ecsstep.errors import Exit, StepError
from ecsstep.registry.auth import Credentials
from ecsstep.rules.hub import HubAccount, hub_account, hub_secret
from ecsstep.secret import Secret
from ecsstep.steps.ecr_login.options import EcrLoginOptions


class Vault(Protocol):
    """What a login needs of AWS's secret stores."""

    def parameter(self, name: str) -> Secret: ...  # noqa: D102 - see aws.secrets
    def secret(self, name: str) -> Secret: ...  # noqa: D102


def hub_credentials(options: EcrLoginOptions, world: World, vault: Vault) -> Credentials:
    """Return Docker Hub's login; the password is the first line of stdin where it is missing."""
    account = _held(options, vault) or hub_account(
        user=options.docker_hub_user,
        token=options.docker_hub_token,
        second_user=options.docker_user,
        second_password=options.docker_password,
    )
    user = account.user if account else ""
    password = account.password if account else None
    if not password and not world.stdin.isatty():
        password = Secret(world.stdin.readline().strip("\r\n"))
    if not user or not password:
        what = f"password for Docker Hub's user '{user}'" if user else "user for Docker Hub"
        raise StepError(
            f"there is no {what}",
            exit=Exit.USAGE,
            hint="set DOCKERHUB_TOKEN or DOCKER_PASSWORD, or give it on stdin"
            if user
            else "give --docker-hub-user",
        )
    return Credentials(user=user, password=password)


def _held(options: EcrLoginOptions, vault: Vault) -> HubAccount | None:
    """Return what AWS's secret stores hold for Docker Hub, if they were named."""
    if options.docker_hub_parameter:
        name, held = options.docker_hub_parameter, vault.parameter(options.docker_hub_parameter)
    elif options.docker_hub_secret:
        name, held = options.docker_hub_secret, vault.secret(options.docker_hub_secret)
    else:
        return None
    try:
        found = hub_secret(held)
    except ValueError as error:
        raise StepError(
            f"'{name}' {error}",
            exit=Exit.USAGE,
            hint='store the password alone, or {"username": "U", "password": "P"}',
        ) from error
    asked = options.docker_hub_user
    if found.user and (asked is None or "docker_hub_user" not in options.by_flag):
        return found
    return HubAccount(user=asked or options.docker_user or "", password=found.password)
