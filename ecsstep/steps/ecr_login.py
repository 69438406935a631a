"""Log container tools in to ECR's registries and Docker Hub.

The default registry is ECR_REGISTRY, or the one of AWS_ACCOUNT_ID in the region, or the caller's
own. Accounts and regions may be mixed; one token per region serves all its accounts. Docker Hub's
user and password come from the variables alone, or the password from stdin.

Docker or podman does the login where one answers. Without them, or with --tool none, the login is
written into the auth file itself: $DOCKER_CONFIG/config.json. No password is ever in argv.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Protocol

from ecsstep.core.documents import read_document
from ecsstep.core.options import DRY_RUN, Given, Option, Options
from ecsstep.core.output import Result
from ecsstep.core.step import Step, World
from ecsstep.core.values import one_of
from ecsstep.errors import Exit, StepError
from ecsstep.registry import auth
from ecsstep.registry.auth import Credentials
from ecsstep.registry.files import exists
from ecsstep.registry.tools import LOGIN_TOOLS, find_tool
from ecsstep.rules.hub import HubAccount, hub_account, hub_secret
from ecsstep.rules.image import (
    DOCKER_HUB,
    PUBLIC_HOSTS,
    is_docker_hub,
    parse_reference,
    parse_registry,
)
from ecsstep.rules.images_in import hosts_in
from ecsstep.rules.registries import (
    PUBLIC_HOST,
    hosts_in_auth,
    is_ecr,
    is_lookalike,
    parse_account,
    unique,
)
from ecsstep.secret import Secret

if TYPE_CHECKING:
    from ecsstep.aws.ecr import Authorization
    from ecsstep.registry.keepers import Keeper


def _image_host(text: str) -> str:
    """Return the registry's host of an image reference."""
    return parse_reference(text).registry or DOCKER_HUB


@dataclass(frozen=True, kw_only=True)
class EcrLoginOptions(Options):
    """What ecr-login can be told."""

    registries: tuple[str, ...] = Option(
        flag="--registry",
        help="registry to log in to",
        metavar="HOST",
        parse=parse_registry,
        aliases=("ECR_REGISTRY",),
        repeatable=True,
    ).field()
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
    docker_hub_token: Secret | None = Option(  # noqa: RUF009 - it is dataclasses.field
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
    docker_password: Secret | None = Option(  # noqa: RUF009 - it is dataclasses.field
        help="password of DOCKER_USER", variable="DOCKER_PASSWORD", secret=True
    ).field()
    tool: str = Option(
        flag="--tool",
        help="what to log in; auto takes what answers, none writes the auth file",
        metavar="TOOL",
        parse=one_of("auto", "none", *LOGIN_TOOLS),
        default="auto",
    ).field()
    docker_config: str | None = Option(
        flag="--docker-config",
        help="folder of the auth file, instead of the user's own",
        metavar="DIR",
        aliases=("DOCKER_CONFIG",),
    ).field()
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


class Tokens(Protocol):
    """What a login needs of ECR."""

    def default_host(self, account: str | None = None) -> str: ...  # noqa: D102 - see Registries
    def check(self, hosts: Iterable[str]) -> None: ...  # noqa: D102
    def authorizations(self, hosts: Iterable[str]) -> Mapping[str, "Authorization"]: ...  # noqa: D102


class Vault(Protocol):
    """What a login needs of AWS's secret stores."""

    def parameter(self, name: str) -> Secret: ...  # noqa: D102 - see aws.secrets
    def secret(self, name: str) -> Secret: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Login:
    """One login to make."""

    host: str
    credentials: Credentials
    expires_at: dt.datetime | None = None


def log_in(options: EcrLoginOptions, world: World, tokens: Tokens, vault: Vault) -> Result:
    """Log in to every registry that is asked for, or out of it again."""
    hosts = _hosts(options, world, tokens)
    keeper = _keeper(options, world)
    keeper.check()
    if options.logout:
        return _log_out(options, world, hosts, keeper)
    tokens.check(host for host in hosts if not is_docker_hub(host))
    _warn(hosts, world, keeper)
    logins = _logins(hosts, options, world, tokens, vault)
    for login in () if options.dry_run else logins:
        by = keeper.add(login.host, login.credentials)
        world.log.info("logged in", host=login.host, by=by)
    return _result(options, logins, keeper)


def _hosts(options: EcrLoginOptions, world: World, tokens: Tokens) -> tuple[str, ...]:
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
    from ecsstep.aws.session import is_emulated

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
                raise StepError(f"'{document.name}' {error}", exit=Exit.USAGE) from error
            for host in hosts:
                if host in PUBLIC_HOSTS or is_lookalike(host) or is_ecr(host, is_emulated=emulated):
                    yield host
                else:
                    world.log.info("no login of ours", registry=host, file=document.name)


def _keeper(options: EcrLoginOptions, world: World) -> "Keeper":
    """Return who keeps the logins: the tool that was found, or the auth files."""
    from ecsstep.registry.keepers import FileKeeper, ToolKeeper

    folder = options.docker_config
    tool = find_tool(options.tool, among=LOGIN_TOOLS, run=world.run, folder=folder)
    if tool is not None:
        path = auth.auth_file(world.environ, folder)
        return ToolKeeper(tool=tool, path=path, log=world.log)
    alone = "docker_config" in options.by_flag
    return FileKeeper(
        paths=auth.auth_files(world.environ, folder, alone=alone),
        stale=() if alone else auth.podmans(world.environ),
        run=world.run,
        log=world.log,
    )


def _logins(
    hosts: Sequence[str], options: EcrLoginOptions, world: World, tokens: Tokens, vault: Vault
) -> list[Login]:
    found = tokens.authorizations([host for host in hosts if not is_docker_hub(host)])
    logins = []
    for host in hosts:
        if is_docker_hub(host):
            logins.append(Login(host=host, credentials=_hub_credentials(options, world, vault)))
            continue
        token = found[host]
        credentials = Credentials(user=token.user, password=token.password)
        logins.append(Login(host=host, credentials=credentials, expires_at=token.expires_at))
    return logins


def _hub_credentials(options: EcrLoginOptions, world: World, vault: Vault) -> Credentials:
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
        raise StepError(f"'{name}' {error}", exit=Exit.USAGE) from error
    asked = options.docker_hub_user
    if found.user and (asked is None or "docker_hub_user" not in options.by_flag):
        return found
    return HubAccount(user=asked or options.docker_user or "", password=found.password)


def _warn(hosts: tuple[str, ...], world: World, keeper: "Keeper") -> None:
    """Say what will hide the login from those who need it."""
    in_variable = hosts_in_auth(auth.from_variable(world.environ))
    for host in hosts:
        keeper.warn(host)
        if host in in_variable:
            world.log.warning(
                "DOCKER_AUTH_CONFIG names this host; docker 28.3 and newer take it, not the login",
                host=host,
                hint="take the host out of the variable, or: unset DOCKER_AUTH_CONFIG",
            )


def _log_out(
    options: EcrLoginOptions, world: World, hosts: tuple[str, ...], keeper: "Keeper"
) -> Result:
    for host in () if options.dry_run else hosts:
        world.log.info("logged out", host=host, by=keeper.remove(host))
    return Result(lines=hosts, data={"registries": [{"host": h, **keeper.place} for h in hosts]})


def _result(options: EcrLoginOptions, logins: Sequence[Login], keeper: "Keeper") -> Result:
    return Result(
        lines=tuple(login.host for login in logins),
        data={
            "registries": [
                {
                    "host": login.host,
                    "user": login.credentials.user,
                    "expiresAt": login.expires_at.isoformat() if login.expires_at else None,
                    **keeper.place,
                }
                for login in logins
            ]
        },
        dotenv={"ECSSTEP_DOCKER_CONFIG": options.docker_config} if options.docker_config else {},
    )


def run(options: EcrLoginOptions, world: World) -> Result:
    """Build what is needed and log in."""
    from ecsstep.aws.registries import Registries
    from ecsstep.aws.secrets import SecretStores
    from ecsstep.aws.session import connect

    aws = cache(lambda: connect(options, world.environ, world.log))
    return log_in(options, world, Registries(aws), SecretStores(aws))


main = Step(name="ecr-login", about=__doc__ or "", options=EcrLoginOptions, run=run)
