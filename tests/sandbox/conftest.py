"""AWS's own clients, pointed at a sandbox."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from ecsstep.sandbox.server import Sandbox

ONCE = Config(retries={"total_max_attempts": 1})


@pytest.fixture
def aws() -> Iterator[Any]:
    """A factory of clients that closes what it made."""
    made: list[Any] = []

    def client(sandbox: Sandbox, service: str, region: str | None = None) -> Any:
        made.append(
            boto3.client(
                service,  # type: ignore[call-overload]
                endpoint_url=sandbox.url,
                region_name=region or sandbox.region,
                aws_access_key_id="a",
                aws_secret_access_key="b",
                config=ONCE,
            )
        )
        return made[-1]

    yield client
    for one in made:
        one.close()
