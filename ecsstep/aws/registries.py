"""The registries of ECR, as one AWS identity sees them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, assert_never

from ecsstep.aws.ecr import PUBLIC_REGION, Authorization, Ecr, EcrPublic, StoredImage, private_host
from ecsstep.aws.repositories import Repositories
from ecsstep.aws.session import check_region
from ecsstep.core.together import together
from ecsstep.errors import Exit, StepError
from ecsstep.rules.image import is_loopback
from ecsstep.rules.mutability import Mutability
from ecsstep.rules.registries import (
    DockerHub,
    LocalRegistry,
    OtherRegistry,
    PrivateRegistry,
    PublicRegistry,
    registry_of,
)
from ecsstep.text import printable

_AT_ONCE = 8


class Connection(Protocol):
    """What is needed of an AWS connection."""

    region: str
    is_emulated: bool

    def client(self, service: str, *, region: str | None = None) -> Any:
        """Return a client."""
        ...


class Registries:
    """Tokens for ECR's registries, one call per region; AWS is connected to when it is needed."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._connection: Connection | None = None
        self._tokens: dict[tuple[str, str], Authorization] = {}

    def default_host(self, account: str | None = None) -> str:
        """Return the registry of an account in the region in use; the caller's own by default.

        Raises:
            StepError: AWS refuses, or there is no region.
        """
        if account is not None and not self._aws().is_emulated:
            return private_host(account, self._aws().region)
        # Where AWS is emulated on this machine, so is the registry.
        own = self._token("ecr", self._aws().region).proxy_host
        if account is not None and not is_loopback(own):
            return private_host(account, self._aws().region)
        return own

    def check(self, hosts: Iterable[str]) -> None:
        """Find out, before any call, whether these hosts can be ECR's.

        Raises:
            StepError: One of them can't (exit 2).
        """
        for host in hosts:
            registry = registry_of(host)
            if isinstance(registry, PrivateRegistry | OtherRegistry) and registry.region:
                # Names the region that was probably meant.
                check_region(_session(), registry.region)
            if isinstance(registry, OtherRegistry):
                raise not_ecr(host, registry.why)
            if isinstance(registry, LocalRegistry) and not self._aws().is_emulated:
                raise not_ecr(host, "it is on this machine, and AWS_ENDPOINT_URL is not")

    def authorization(self, host: str) -> Authorization:
        """Return a token for this host.

        Raises:
            StepError: The host is none of ECR's (exit 2), or AWS refuses.
        """
        self.check([host])
        registry = registry_of(host)
        match registry:
            case PrivateRegistry():
                return self._token("ecr", registry.region)
            case PublicRegistry():
                return self._token("ecr-public", PUBLIC_REGION)
            case LocalRegistry():
                found = self._token("ecr", self._aws().region)
                if found.proxy_host == host:
                    return found
                raise not_ecr(host, f"the emulated AWS has its registry at '{found.proxy_host}'")
            case DockerHub() | OtherRegistry():
                raise not_ecr(host, "it is none of ECR's host names")
            case _:
                assert_never(registry)

    def renewed(self, host: str) -> Authorization:
        """Return a token for this host that was not given out before.

        Raises:
            StepError: The host is none of ECR's (exit 2), or AWS refuses.
        """
        self._tokens.clear()
        return self.authorization(host)

    def authorizations(self, hosts: Iterable[str]) -> dict[str, Authorization]:
        """Return a token for each of these hosts; the calls for several regions run side by side.

        Raises:
            StepError: One of the hosts is none of ECR's (exit 2), or AWS refuses.
        """
        hosts = tuple(hosts)
        self.check(hosts)
        apis = {key: self._api(*key) for key in dict.fromkeys(map(self._key, hosts))}
        missing = {key: api for key, api in apis.items() if key not in self._tokens}
        found = together([api.authorization for api in missing.values()], most=_AT_ONCE)
        self._tokens.update(zip(missing, found, strict=True))
        return {host: self.authorization(host) for host in hosts}

    def stored(self, host: str, name: str, *, tag: str) -> StoredImage | None:
        """Return the image under a tag, or None where it isn't there.

        Raises:
            StepError: The host is none of ECR's private registries (exit 2), or AWS refuses.
        """
        return self._repositories(host).stored(name, tag=tag, account=self._account(host))

    def mutability(self, host: str, name: str) -> Mutability | None:
        """Return which tags of a repository may move; None where ECR has no such repository.

        Raises:
            StepError: The host is none of ECR's private registries (exit 2), or AWS refuses.
        """
        return self._repositories(host).mutability(name, account=self._account(host))

    def create(self, host: str, name: str, *, movable: Sequence[str] = ()) -> None:
        """Create a repository with immutable tags and scan on push; one that is there is fine.

        Raises:
            StepError: The host is none of ECR's private registries (exit 2), or AWS refuses.
        """
        self._repositories(host).create(name, account=self._account(host), movable=movable)

    def _repositories(self, host: str) -> Repositories:
        self.check([host])
        registry = registry_of(host)
        if isinstance(registry, PrivateRegistry):
            return Repositories(self._aws().client("ecr", region=registry.region))
        if isinstance(registry, LocalRegistry):
            return Repositories(self._aws().client("ecr"))
        raise not_ecr(host, "only private registries have such settings")

    def _account(self, host: str) -> str | None:
        registry = registry_of(host)
        return registry.account if isinstance(registry, PrivateRegistry) else None

    def _key(self, host: str) -> tuple[str, str]:
        """Return the service and the region that have the token for a host."""
        registry = registry_of(host)
        if isinstance(registry, PublicRegistry):
            return "ecr-public", PUBLIC_REGION
        return "ecr", registry.region if isinstance(registry, PrivateRegistry) else (
            self._aws().region
        )

    def _api(self, service: str, region: str) -> Ecr | EcrPublic:
        client = self._aws().client(service, region=region)
        return Ecr(client) if service == "ecr" else EcrPublic(client)

    def _token(self, service: str, region: str) -> Authorization:
        key = (service, region)
        if key not in self._tokens:
            self._tokens[key] = self._api(service, region).authorization()
        return self._tokens[key]

    def _aws(self) -> Connection:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection


def _session() -> Any:
    import botocore.session

    return botocore.session.Session()


def not_ecr(host: str, why: str) -> StepError:
    """Return the error for a host that gets no token of ours."""
    return StepError(
        f"'{printable(host)}' is no registry of Amazon ECR: {why}",
        exit=Exit.USAGE,
        hint="ECR's hosts look like ACCOUNT.dkr.ecr.REGION.amazonaws.com; "
        "for another registry use its own login",
    )
