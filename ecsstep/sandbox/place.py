"""Where the emulated ECS is: its ARNs, its caller, its pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecsstep.sandbox.api import ApiError


@dataclass(frozen=True, kw_only=True)
class Place:
    """One account in one region."""

    region: str
    account: str

    @property
    def partition(self) -> str:
        """The first part of ARNs."""
        return "aws-cn" if self.region.startswith("cn-") else "aws"

    @property
    def caller(self) -> str:
        """Who calls, as an ARN."""
        return self.principal("role/deploy")

    @property
    def somebody(self) -> str:
        """Who else works in this account."""
        return self.principal("user/somebody-else")

    def principal(self, name: str) -> str:
        """Return the ARN of a user or role."""
        return f"arn:{self.partition}:iam::{self.account}:{name}"

    def arn(self, resource: str) -> str:
        """Return the ARN of something in ECS."""
        return f"arn:{self.partition}:ecs:{self.region}:{self.account}:{resource}"


def paged(
    items: Sequence[Any], body: Mapping[str, Any], *, most: int
) -> tuple[list[Any], str | None]:
    """Return the page that a list request asks for, and the token of the next one.

    Raises:
        ApiError: The token is none of ours, or the page too large.
    """
    size = body.get("maxResults") or most
    if not 1 <= size <= most:
        raise ApiError(
            "InvalidParameterException", f"maxResults should be between 1 and {most} inclusive."
        )
    token = body.get("nextToken") or "0"
    if not token.isdecimal():
        raise ApiError("InvalidParameterException", "Invalid token.")
    start = int(token)
    rest = start + size
    return list(items[start:rest]), str(rest) if rest < len(items) else None
