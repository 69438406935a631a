"""The ways to a login."""

import base64
import json
from pathlib import Path

import pytest

from ecsstep.errors import Exit, StepError
from ecsstep.registry.auth import Credentials
from ecsstep.registry.logins import ways
from ecsstep.secret import Secret
from fakes import FakeRun

ECR = "012345678901.dkr.ecr.eu-west-1.amazonaws.com"
STORED = Credentials(user="user", password=Secret("stored-one"))
FRESH = Credentials(user="AWS", password=Secret("fresh-token"))
RENEWED = Credentials(user="AWS", password=Secret("renewed-token"))


class FakeTokens:
    def __init__(self, *, refuses: bool = False) -> None:
        self.refuses = refuses

    def authorization(self, host: str) -> Credentials:
        del host
        if self.refuses:
            raise StepError("no region", exit=Exit.USAGE)
        return FRESH

    def renewed(self, host: str) -> Credentials:
        del host
        return RENEWED


def found(host: str, folder: Path, *, refuses: bool = False) -> list[Credentials]:
    """Return what each way leads to, where it leads to anything."""
    all_ways = ways(
        host,
        FakeTokens(refuses=refuses),
        environ={"HOME": str(folder)},
        folder=None,
        run=FakeRun(),
    )
    return [login for way in all_ways if (login := way())]


@pytest.mark.parametrize(
    ("host", "tokens"),
    [(ECR, [FRESH, RENEWED]), ("localhost:5000", [FRESH, RENEWED]), ("r.example", [])],
)
def test_a_stored_login_comes_first_then_tokens_for_ecrs_hosts(
    tmp_path: Path, host: str, tokens: list[Credentials]
) -> None:
    config = {"auths": {host: {"auth": base64.b64encode(b"user:stored-one").decode()}}}
    (tmp_path / ".docker").mkdir()
    (tmp_path / ".docker/config.json").write_text(json.dumps(config))

    assert found(host, tmp_path) == [STORED, *tokens]


def test_a_registry_on_this_machine_may_be_another(tmp_path: Path) -> None:
    assert found("localhost:5000", tmp_path, refuses=True) == [RENEWED]
    with pytest.raises(StepError, match="no region"):
        found(ECR, tmp_path, refuses=True)
