"""What a registry's host is, and how auth files name it."""

import re
from collections.abc import Iterable
from typing import Any

from ecsstep.rules.ecr_names import ENDINGS, endings
from ecsstep.rules.image import DOCKER_HUB, PUBLIC_HOSTS, ecr_host, is_docker_hub, is_loopback
from ecsstep.value import Value

DOCKER_HUB_KEY = "https://index.docker.io/v1/"
"""The name under which auth files keep Docker Hub."""
PUBLIC_HOST = "public.ecr.aws"
"""The host that ECR Public's images are named by."""

_NEARLY_ECR = re.compile(
    r"(?P<account>\d+)\.(?P<form>dkr[.-]ecr(?:-fips)?)\.(?P<region>[a-z0-9-]+)"
    r"\.(?P<ending>[a-z0-9.-]+)(?P<port>:\d+)?",
    re.IGNORECASE,
)
_ACCOUNT_DIGITS = 12
_NAMES = ("amazonaws", "amazonwebservices")
_ALIKE = 0.8


class PrivateRegistry(Value):
    """A private registry of Amazon ECR."""

    host: str
    account: str
    region: str


class PublicRegistry(Value):
    """Amazon ECR Public."""

    host: str


class DockerHub(Value):
    """Docker Hub."""

    host: str = DOCKER_HUB


class LocalRegistry(Value):
    """A registry on this machine; ECR's only where AWS itself is emulated here."""

    host: str


class OtherRegistry(Value):
    """A registry that is none of these.

    Attributes:
        host: Its host.
        region: What stands where ECR's hosts have their region, if it looks like one of them.
        why: What keeps it from being ECR's, for a message.
        is_lookalike: Whether it looks like one of ECR's hosts.
    """

    host: str
    region: str | None = None
    why: str = "it is none of ECR's host names"
    is_lookalike: bool = False


Registry = PrivateRegistry | PublicRegistry | DockerHub | LocalRegistry | OtherRegistry


def registry_of(host: str) -> Registry:
    """Return what registry a host is, by its exact name alone."""
    found = ecr_host(host)
    if found:
        return PrivateRegistry(host=host, account=found.account, region=found.region)
    if host in PUBLIC_HOSTS:
        return PublicRegistry(host=host)
    if is_docker_hub(host):
        return DockerHub()
    if is_loopback(host):
        return LocalRegistry(host=host)
    return _other(host)


def _other(host: str) -> OtherRegistry:
    near = _NEARLY_ECR.fullmatch(host)
    if not near or not _is_near(near["ending"].lower()):
        return OtherRegistry(host=host)
    account, region = near["account"], None
    right = endings(near["region"]).get(near["form"])
    if host != host.lower():
        why = f"ECR's hosts are spelled in lower case: {host.lower()}"
    elif near["port"]:
        why = f"ECR's hosts have no port: {host.removesuffix(near['port'])}"
    elif len(account) != _ACCOUNT_DIGITS:
        why = f"an account's id has {_ACCOUNT_DIGITS} digits, '{account}' has {len(account)}"
    elif near["ending"] == right:
        region = near["region"]
        why = f"'{region}' is not an AWS region"
    elif right and near["ending"] in ENDINGS:
        why = f"in '{near['region']}' it would end with '{right}', not with '{near['ending']}'"
    else:
        why = f"no host of ECR is spelled like this and ends with '{near['ending']}'"
    return OtherRegistry(host=host, region=region, why=why, is_lookalike=True)


def _is_near(ending: str) -> bool:
    """Whether an ending is one of AWS's, has one in it, or is spelled almost like one.

    An emulator's own hosts are spelled like ECR's and end with its own domain.
    """
    from difflib import get_close_matches

    has_one = any(f".{each}." in f".{ending}." for each in ENDINGS)
    has_a_name = any(label.startswith(_NAMES) for label in ending.split("."))
    return has_one or has_a_name or bool(get_close_matches(ending, ENDINGS, cutoff=_ALIKE))


def is_lookalike(host: str) -> bool:
    """Whether a host looks like ECR's and is none of them."""
    registry = registry_of(host)
    return isinstance(registry, OtherRegistry) and registry.is_lookalike


def is_ecr(host: str, *, is_emulated: bool) -> bool:
    """Whether a host is a private registry of ECR; on this machine where AWS is emulated here."""
    registry = registry_of(host)
    return isinstance(registry, PrivateRegistry) or (
        is_emulated and isinstance(registry, LocalRegistry)
    )


def parse_account(text: str) -> str:
    """Return ``text`` if it is an AWS account's id; leading zeros stay.

    Raises:
        ValueError: It is not.
    """
    if not re.fullmatch(rf"\d{{{_ACCOUNT_DIGITS}}}", text, re.ASCII):
        raise ValueError(f"'{text}' is no account id: it has {_ACCOUNT_DIGITS} digits")
    return text


def hosts_in_auth(config: Any) -> tuple[str, ...]:
    """Return the hosts that an auth file's ``auths`` names, reduced as the tools do."""
    auths = config.get("auths") if isinstance(config, dict) else None
    return tuple(reduced(key) for key in auths) if isinstance(auths, dict) else ()


def reduced(key: str) -> str:
    """Return the host that a key of ``auths`` stands for; old keys have a scheme and a path."""
    if is_docker_hub(key):
        return DOCKER_HUB
    _, scheme, rest = key.partition("://")
    return rest.partition("/")[0] if scheme else key


def helper_for(config: Any, host: str) -> str | None:
    """Return the credential helper that docker asks for this host instead of the file."""
    store = config.get("credsStore") if isinstance(config, dict) else None
    return host_helper(config, host) or (store if isinstance(store, str) and store else None)


def host_helper(config: Any, host: str) -> str | None:
    """Return the credential helper that is set for this host alone."""
    helpers = config.get("credHelpers") if isinstance(config, dict) else None
    if not isinstance(helpers, dict):
        return None
    found = helpers.get(auth_key(host)) or helpers.get(host)
    return found if isinstance(found, str) and found else None


def auth_key(host: str) -> str:
    """Return the key under which ``auths`` keeps a host."""
    return DOCKER_HUB_KEY if is_docker_hub(host) else host


def unique(hosts: Iterable[str]) -> tuple[str, ...]:
    """Return each host once, in the order of its first mention."""
    return tuple(dict.fromkeys(hosts))
