"""The ways to a login at a registry, the best first."""

from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from ecsstep.core.process import Run
from ecsstep.errors import StepError
from ecsstep.registry import auth
from ecsstep.registry.auth import Credentials
from ecsstep.registry.handshake import Login
from ecsstep.rules.registries import (
    LocalRegistry,
    PrivateRegistry,
    PublicRegistry,
    Registry,
    registry_of,
)
from ecsstep.secret import Secret


class Token(Protocol):
    """A token of ECR."""

    @property
    def user(self) -> str: ...  # noqa: D102 - see aws.ecr.Authorization
    @property
    def password(self) -> Secret: ...  # noqa: D102


class Tokens(Protocol):
    """Where tokens come from."""

    def authorization(self, host: str) -> Token: ...  # noqa: D102 - see aws.registries.Registries
    def renewed(self, host: str) -> Token: ...  # noqa: D102


def ways(
    host: str, tokens: Tokens, *, environ: Mapping[str, str], folder: str | None, run: Run
) -> Iterator[Login]:
    """Yield this machine's logins, then a token of ECR, then another for when that has ended."""
    yield from auth.stored(host, environ, folder=folder, run=run)
    registry = registry_of(host)
    if isinstance(registry, PrivateRegistry | PublicRegistry | LocalRegistry):
        yield lambda: _made(tokens.authorization, registry)
        yield lambda: _made(tokens.renewed, registry)


def _made(ask: Callable[[str], Token], registry: Registry) -> Credentials | None:
    try:
        found = ask(registry.host)
    except StepError:
        if isinstance(registry, LocalRegistry):
            return None  # a registry on this machine that is not an emulated ECR
        raise
    return Credentials(user=found.user, password=found.password)
