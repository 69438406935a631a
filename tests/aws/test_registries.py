"""Tokens for ECR's registries."""

import base64
import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pytest

from ecsstep.aws.registries import Registries
from ecsstep.errors import Exit, StepError
from ecsstep.rules.mutability import Mutability

EXPIRES = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
ACCOUNT = "012345678901"


def a_host(region: str = "eu-west-1", account: str = ACCOUNT) -> str:
    return f"{account}.dkr.ecr.{region}.amazonaws.com"


@dataclass
class FakeConnection:
    """Clients that answer with a token which names its region."""

    region: str = "eu-west-1"
    is_emulated: bool = False
    proxy: str = "https://012345678901.dkr.ecr.eu-west-1.amazonaws.com"
    calls: list[tuple[str, str]] = field(default_factory=list)

    def client(self, service: str, *, region: str | None = None) -> Any:
        return FakeClient(self, service, region or self.region)


@dataclass
class FakeClient:
    connection: FakeConnection
    service: str
    region: str

    def get_authorization_token(self) -> dict[str, Any]:
        self.connection.calls.append((self.service, self.region))
        token = base64.b64encode(f"AWS:token-{self.service}-{self.region}".encode()).decode()
        data = {"authorizationToken": token, "expiresAt": EXPIRES}
        if self.service == "ecr-public":
            return {"authorizationData": data}
        return {"authorizationData": [{**data, "proxyEndpoint": self.connection.proxy}]}


def registries(**settings: Any) -> tuple[Registries, FakeConnection]:
    connection = FakeConnection(**settings)
    return Registries(lambda: connection), connection


def test_one_token_serves_all_accounts_of_a_region() -> None:
    found, connection = registries()
    hosts = [a_host(), a_host(account="109876543210"), a_host("us-east-1"), "public.ecr.aws"]

    passwords = [found.authorization(host).password.reveal() for host in hosts]

    assert passwords == [
        "token-ecr-eu-west-1",
        "token-ecr-eu-west-1",
        "token-ecr-us-east-1",
        "token-ecr-public-us-east-1",
    ]
    assert connection.calls == [
        ("ecr", "eu-west-1"),
        ("ecr", "us-east-1"),
        ("ecr-public", "us-east-1"),
    ]


def test_the_default_registry_is_the_callers_own() -> None:
    found, connection = registries()

    assert found.default_host() == a_host()
    assert found.default_host("109876543210") == a_host(account="109876543210")
    assert connection.calls == [("ecr", "eu-west-1")]


@pytest.mark.parametrize(
    ("proxy", "account", "host"),
    [
        pytest.param("http://127.0.0.1:5000", ACCOUNT, "127.0.0.1:5000", id="emulated registry"),
        pytest.param("https://x.example", ACCOUNT, a_host(), id="an emulator without a registry"),
        pytest.param("http://127.0.0.1:5000", None, "127.0.0.1:5000", id="no account"),
    ],
)
def test_where_aws_is_emulated_so_is_the_accounts_registry(
    proxy: str, account: str | None, host: str
) -> None:
    found, _ = registries(is_emulated=True, proxy=proxy)

    assert found.default_host(account) == host


def test_a_registry_on_this_machine_is_ecrs_only_where_it_says_so() -> None:
    found, _ = registries(is_emulated=True, proxy="http://127.0.0.1:5000")

    assert found.authorization("127.0.0.1:5000").user == "AWS"
    with pytest.raises(StepError, match="the emulated AWS has its registry at"):
        found.authorization("127.0.0.1:6000")


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("127.0.0.1:5000", "it is on this machine"),
        ("evil.example", "it is none of ECR's host names"),
        (f"{a_host()}.evil.example", "no host of ECR is spelled like this"),
        ("123.dkr.ecr.eu-west-1.amazonaws.com", "'123' has 3"),
        (a_host("p-northeast-1"), "did you mean 'ap-northeast-1'?"),
        (a_host("xx-northeast-1"), "'xx-northeast-1' is not an AWS region"),
        ("docker.io", "it is none of ECR's host names"),
    ],
)
def test_another_host_is_refused_without_a_call(host: str, said: str) -> None:
    found, connection = registries()

    with pytest.raises(StepError) as caught:
        found.authorization(host)

    assert caught.value.exit is Exit.USAGE
    assert said in caught.value.message
    assert connection.calls == []


def test_tokens_for_several_regions_are_asked_for_side_by_side() -> None:
    found, connection = registries()
    hosts = [a_host(), a_host(account="109876543210"), a_host("us-east-1"), "public.ecr.aws"]

    tokens = found.authorizations(hosts)

    assert {host: token.password.reveal() for host, token in tokens.items()} == {
        a_host(): "token-ecr-eu-west-1",
        a_host(account="109876543210"): "token-ecr-eu-west-1",
        a_host("us-east-1"): "token-ecr-us-east-1",
        "public.ecr.aws": "token-ecr-public-us-east-1",
    }
    assert sorted(connection.calls) == [
        ("ecr", "eu-west-1"),
        ("ecr", "us-east-1"),
        ("ecr-public", "us-east-1"),
    ]


def test_the_emulated_registry_has_its_token_from_the_region_in_use() -> None:
    found, _ = registries(is_emulated=True, proxy="http://127.0.0.1:5000")

    assert list(found.authorizations(["127.0.0.1:5000"])) == ["127.0.0.1:5000"]


def test_one_lookalike_among_the_hosts_means_no_call_at_all() -> None:
    found, connection = registries()

    with pytest.raises(StepError, match="no registry of Amazon ECR"):
        found.authorizations([a_host(), "evil.example"])

    assert connection.calls == []


def test_a_renewed_token_is_asked_for_again() -> None:
    found, connection = registries()

    found.authorization(a_host())
    found.renewed(a_host())

    assert connection.calls == [("ecr", "eu-west-1")] * 2


@dataclass
class RepositoryClient:
    """Answers about repositories, and notes what it was asked."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    exceptions: Any = None

    def describe_repositories(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return {"repositories": [{"imageTagMutability": "IMMUTABLE"}]}

    def batch_get_image(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return {"failures": [{"failureCode": "ImageNotFound"}]}

    def create_repository(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        return {}


@dataclass
class RepositoryConnection:
    """A connection that gives that client, and notes its region."""

    made: RepositoryClient = field(default_factory=RepositoryClient)
    region: str = "eu-west-1"
    is_emulated: bool = True
    regions: list[str | None] = field(default_factory=list)

    def client(self, service: str, *, region: str | None = None) -> Any:
        del service
        self.made.exceptions = type("Exceptions", (), {"ClientError": KeyError})
        self.regions.append(region)
        return self.made


def test_a_repository_is_asked_about_in_its_registrys_region_and_account() -> None:
    connection = RepositoryConnection()
    found = Registries(lambda: connection)

    assert found.mutability(a_host("us-east-1"), "app") == Mutability(setting="IMMUTABLE")
    found.create("127.0.0.1:5000", "app")

    assert connection.regions == ["us-east-1", None]
    assert connection.made.asked[0] == {"repositoryNames": ["app"], "registryId": ACCOUNT}
    assert "registryId" not in connection.made.asked[1]


def test_an_image_is_looked_for_in_its_registrys_region_and_account() -> None:
    connection = RepositoryConnection()

    found = Registries(lambda: connection).stored(a_host("us-east-1"), "app", tag="v1")

    assert found is None
    assert connection.regions == ["us-east-1"]
    [asked] = connection.made.asked
    assert (asked["registryId"], asked["imageIds"]) == (ACCOUNT, [{"imageTag": "v1"}])


def test_a_public_registry_has_no_such_settings() -> None:
    found, connection = registries()

    with pytest.raises(StepError, match="only private registries"):
        found.mutability("public.ecr.aws", "app")

    assert connection.calls == []
