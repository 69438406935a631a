"""Where the emulated ECS is: its ARNs, its caller, its pages."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ecsstep.sandbox.api import ApiError

_PARTITIONS = {"cn": "aws-cn", "us-gov": "aws-us-gov"}
_NAMING = (
    "cluster", "clusters", "service", "services", "serviceDeploymentArn", "serviceDeploymentArns",
    "serviceRevisionArns", "task", "taskDefinition", "tasks",
)  # fmt: skip
_OF_ECS = re.compile(r"arn:[^:]*:ecs:")


@dataclass(frozen=True, kw_only=True)
class Place:
    """One account in one region."""

    region: str
    account: str

    @property
    def partition(self) -> str:
        """The first part of ARNs."""
        begins = self.region.split("-")
        return _PARTITIONS.get("-".join(begins[:2])) or _PARTITIONS.get(begins[0], "aws")

    @property
    def caller(self) -> str:
        """Who calls, as an ARN."""
        return self.principal("role/deploy")

    @property
    def session(self) -> str:
        """The same as STS and a denied call name it, as an ARN."""
        return f"arn:{self.partition}:sts::{self.account}:assumed-role/deploy/ecsstep"

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

    def refuse_foreign(self, body: Mapping[str, Any]) -> None:
        """Refuse a request that names something of another account or region by its ARN.

        Raises:
            ApiError: InvalidParameterException, of the account in ECS's words.
        """
        for arn in _named(body):
            _, partition, _, region, account, *_ = [*arn.split(":"), *[""] * 5]
            if account != self.account:
                said = f"Identifier is for {account}. Your accountId is {self.account}"
                raise ApiError("InvalidParameterException", said)
            if (partition, region) != (self.partition, self.region):
                said = f"Identifier is for {region}. Your region is {self.region}"
                raise ApiError("InvalidParameterException", said)


def _named(body: Mapping[str, Any]) -> Iterator[str]:
    """Yield the ARNs of ECS by which a request names what it is about."""
    for member in _NAMING:
        value = body.get(member) or ()
        for name in [value] if isinstance(value, str) else value:
            if isinstance(name, str) and _OF_ECS.match(name):
                yield name


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
