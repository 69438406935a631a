"""What a registry's host is, and how auth files name it."""

from typing import Any

import pytest

from ecsstep.rules.registries import (
    DockerHub,
    LocalRegistry,
    OtherRegistry,
    PrivateRegistry,
    PublicRegistry,
    Registry,
    auth_key,
    helper_for,
    host_helper,
    hosts_in_auth,
    is_ecr,
    is_lookalike,
    parse_account,
    registry_of,
    unique,
)

HOST = "012345678901.dkr.ecr.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("host", "registry"),
    [
        (HOST, PrivateRegistry(host=HOST, account="012345678901", region="eu-west-1")),
        ("public.ecr.aws", PublicRegistry(host="public.ecr.aws")),
        ("docker.io", DockerHub()),
        ("index.docker.io", DockerHub()),
        ("localhost:5000", LocalRegistry(host="localhost:5000")),
        ("quay.io", OtherRegistry(host="quay.io")),
    ],
)
def test_a_host_is_told_by_its_exact_name(host: str, registry: Registry) -> None:
    assert registry_of(host) == registry


@pytest.mark.parametrize(
    ("host", "region", "why"),
    [
        pytest.param(
            "012345678901.dkr.ecr.p-northeast-1.amazonaws.com",
            "p-northeast-1",
            "'p-northeast-1' is not an AWS region",
            id="a typo in the region",
        ),
        pytest.param(
            "12345.dkr.ecr.eu-west-1.amazonaws.com",
            None,
            "an account's id has 12 digits, '12345' has 5",
            id="a short account",
        ),
        pytest.param(
            f"{HOST}.example.com",
            None,
            "no host of ECR is spelled like this and ends with 'amazonaws.com.example.com'",
            id="a look-alike",
        ),
        pytest.param(
            "012345678901.dkr.ecr.us-east-1.amazonaws.com.cn",
            None,
            "in 'us-east-1' it would end with 'amazonaws.com', not with 'amazonaws.com.cn'",
            id="another partition's ending",
        ),
        pytest.param(
            "012345678901.dkr.ecr-fips.cn-north-1.amazonaws.com.cn",
            None,
            "no host of ECR is spelled like this and ends with 'amazonaws.com.cn'",
            id="FIPS where there is none",
        ),
        pytest.param(
            HOST.replace("dkr", "DKR"),
            None,
            f"ECR's hosts are spelled in lower case: {HOST}",
            id="upper case",
        ),
        pytest.param(f"{HOST}:443", None, f"ECR's hosts have no port: {HOST}", id="a port"),
    ],
)
def test_a_lookalike_says_what_is_wrong(host: str, region: str | None, why: str) -> None:
    assert registry_of(host) == OtherRegistry(host=host, region=region, why=why, is_lookalike=True)
    assert is_lookalike(host)
    assert not is_lookalike(HOST)


@pytest.mark.parametrize(
    ("ending", "is_like"),
    [
        pytest.param("localhost.localstack.cloud:4566", False, id="an emulator's"),
        pytest.param("localhost.localstack.cloud", False, id="an emulator's without a port"),
        pytest.param("registry.example", False, id="somebody's own"),
        pytest.param("amazonaws.com.evil.example", True, id="more behind"),
        pytest.param("evil.amazonaws.com", True, id="more before"),
        pytest.param("AMAZONAWS.com.evil.example", True, id="upper case"),
        pytest.param("amazonaws.com:4566", True, id="a port"),
        pytest.param("amazonaws.eu", True, id="another partition's"),
        pytest.param("c2s.ic.gov.example", True, id="a closed partition's"),
        pytest.param("amazonaws-mirror.example", True, id="the name"),
        pytest.param("amazonwebservices.example", True, id="the other name"),
        pytest.param("amazonas.com", True, id="a typo"),
    ],
)
def test_a_lookalike_ends_nearly_as_awss_hosts_do(ending: str, is_like: bool) -> None:
    assert is_lookalike(f"000000000000.dkr.ecr.us-east-1.{ending}") is is_like


def test_an_account_is_twelve_digits() -> None:
    assert parse_account("001234567890") == "001234567890"
    with pytest.raises(ValueError, match="it has 12 digits"):
        parse_account("1234")


@pytest.mark.parametrize(
    ("host", "emulated", "found"),
    [
        (HOST, False, True),
        ("localhost:5000", True, True),
        ("localhost:5000", False, False),
        ("public.ecr.aws", True, False),
    ],
)
def test_a_registry_on_this_machine_is_ecrs_where_aws_is_emulated(
    host: str, emulated: bool, found: bool
) -> None:
    assert is_ecr(host, is_emulated=emulated) is found


def test_keys_of_auths_are_reduced_to_hosts() -> None:
    keys = ["https://index.docker.io/v1/", "quay.io", "https://reg.example:5000/v2/", "a.b/c"]

    found = hosts_in_auth({"auths": dict.fromkeys(keys)})

    assert found == ("docker.io", "quay.io", "reg.example:5000", "a.b/c")
    assert hosts_in_auth([]) == hosts_in_auth({"auths": []}) == ()


@pytest.mark.parametrize(
    ("config", "any_helper", "own_helper"),
    [
        pytest.param({"credHelpers": {HOST: "ecr-login"}}, "ecr-login", "ecr-login", id="own"),
        pytest.param({"credsStore": "desktop"}, "desktop", None, id="store"),
        pytest.param(
            {"credsStore": "desktop", "credHelpers": {HOST: "ecr-login"}},
            "ecr-login",
            "ecr-login",
            id="own beats store",
        ),
        pytest.param({"credHelpers": {"quay.io": "x"}}, None, None, id="another host's"),
        pytest.param({"credHelpers": [], "credsStore": 1}, None, None, id="nonsense"),
        pytest.param(None, None, None, id="no file"),
    ],
)
def test_a_credential_helper_is_found_for_its_host(
    config: Any, any_helper: str | None, own_helper: str | None
) -> None:
    assert (helper_for(config, HOST), host_helper(config, HOST)) == (any_helper, own_helper)


def test_docker_hub_has_a_key_of_its_own() -> None:
    assert auth_key("docker.io") == "https://index.docker.io/v1/"
    assert auth_key(HOST) == HOST
    assert unique(["b", "a", "b"]) == ("b", "a")
