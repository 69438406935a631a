"""Log in to every registry that is asked for, or out of it again."""

import datetime as dt
from collections.abc import Sequence
from functools import cache, partial

from ecsstep.aws.registries import Registries
from ecsstep.aws.secrets import SecretStores
from ecsstep.aws.session import connect
from ecsstep.core.output import Result
from ecsstep.core.step import World
from ecsstep.core.together import both
from ecsstep.registry import auth
from ecsstep.registry.auth import Credentials
from ecsstep.registry.keepers import FileKeeper, Keeper, ToolKeeper
from ecsstep.registry.tools import find_tool
from ecsstep.rules.container_tools import LOGIN_TOOLS
from ecsstep.rules.image import is_docker_hub
from ecsstep.rules.registries import hosts_in_auth
from ecsstep.steps.ecr_login.hosts import Tokens, hosts_of
from ecsstep.steps.ecr_login.hub import Vault, hub_credentials
from ecsstep.steps.ecr_login.options import EcrLoginOptions
from ecsstep.value import Value


class Login(Value):
    """One login to make."""

    host: str
    credentials: Credentials
    expires_at: dt.datetime | None = None


def log_in(options: EcrLoginOptions, world: World, tokens: Tokens, vault: Vault) -> Result:
    """Log in to every registry that is asked for, or out of it again."""
    hosts = hosts_of(options, world, tokens)
    if options.logout:
        return _log_out(options, world, hosts, _keeper(options, world))
    keeper = _keeper_of(hosts, options, world, tokens)
    _warn(hosts, world, keeper)
    logins = _logins(hosts, options, world, tokens, vault)
    for login in () if options.dry_run else logins:
        by = keeper.add(login.host, login.credentials)
        world.log.info("logged in", host=login.host, by=by)
    return _result(options, logins, keeper)


def _keeper_of(
    hosts: tuple[str, ...], options: EcrLoginOptions, world: World, tokens: Tokens
) -> Keeper:
    """Return who keeps the logins, with the hosts checked: the SDK loads while docker answers."""
    ours = [host for host in hosts if not is_docker_hub(host)]
    keeper, _ = both(partial(_keeper, options, world), partial(tokens.check, ours))
    return keeper


def _keeper(options: EcrLoginOptions, world: World) -> Keeper:
    """Return who keeps the logins, and can: the tool that was found, or the auth files."""
    folder = options.docker_config
    tool = find_tool(options.tool, among=LOGIN_TOOLS, run=world.run, folder=folder)
    if tool is not None:
        path = auth.auth_file(world.environ, folder)
        return ToolKeeper(tool=tool, path=path, log=world.log)
    alone = "docker_config" in options.by_flag
    files = FileKeeper(
        paths=auth.auth_files(world.environ, folder, alone=alone),
        stale=() if alone else auth.podmans(world.environ),
        run=world.run,
        log=world.log,
    )
    files.check()
    return files


def _logins(
    hosts: Sequence[str], options: EcrLoginOptions, world: World, tokens: Tokens, vault: Vault
) -> list[Login]:
    found = tokens.authorizations([host for host in hosts if not is_docker_hub(host)])
    logins = []
    for host in hosts:
        if is_docker_hub(host):
            logins.append(Login(host=host, credentials=hub_credentials(options, world, vault)))
            continue
        token = found[host]
        credentials = Credentials(user=token.user, password=token.password)
        logins.append(Login(host=host, credentials=credentials, expires_at=token.expires_at))
    return logins


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
    aws = cache(lambda: connect(options, world.environ, world.log))
    return log_in(options, world, Registries(aws), SecretStores(aws))
