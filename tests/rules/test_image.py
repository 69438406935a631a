"""Image references and ECR's hosts."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ecsstep.rules.image import (
    EcrHost,
    Reference,
    ecr_host,
    is_docker_hub,
    is_loopback,
    parse_digest,
    parse_reference,
    parse_registry,
    parse_repository,
    parse_tag,
)

DIGEST = "sha256:" + "0a" * 32
REGISTRY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
HOSTS = st.sampled_from(
    ["", REGISTRY, "localhost", "localhost:5000", "127.0.0.1:80", "[::1]:5000", "a.b", "x:1"]
)
REPOSITORIES = st.from_regex(
    r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+){0,2}(/[a-z0-9]+){0,2}", fullmatch=True
)
TAGS = st.none() | st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,20}", fullmatch=True)


@given(HOSTS, REPOSITORIES, TAGS, st.sampled_from([None, DIGEST]))
def test_a_reference_is_read_back_the_same(
    registry: str, repository: str, tag: str | None, digest: str | None
) -> None:
    reference = Reference(registry=registry, repository=repository, tag=tag, digest=digest)
    head = repository.partition("/")[0]
    assume(registry or "/" not in repository or "_" not in head)
    if not registry and "/" in repository and ("." in head or head == "localhost"):
        # Docker's own rule: that is a host.
        reference = Reference(
            registry=head, repository=repository.partition("/")[2], tag=tag, digest=digest
        )

    assert parse_reference(str(reference)) == reference


@given(st.text())
def test_any_text_is_a_reference_that_reads_the_same_or_a_mistake(text: str) -> None:
    try:
        assert str(parse_reference(text)) == text
    except ValueError as error:
        assert "is no image reference" in str(error)  # noqa: PT017 - both ends are right


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "no repository name", id="empty"),
        pytest.param("App", "no repository name", id="upper case"),
        pytest.param("app:", "'' is no tag", id="empty tag"),
        pytest.param("app:a b", "'a b' is no tag", id="space in the tag"),
        pytest.param("app@sha256:12", "'sha256:12' is no digest", id="short digest"),
        pytest.param("app@", "'' is no digest", id="empty digest"),
        pytest.param("https://host/app", "without a scheme", id="scheme"),
        pytest.param("a_b.c:1/app", "'a_b.c:1' is no host", id="host"),
        pytest.param("host.x/", "'' is no repository name", id="host alone"),
        pytest.param("a" * 256, "no repository name", id="long"),
        pytest.param("app:" + "t" * 129, "is no tag", id="long tag"),
        pytest.param("app\n", "no repository name", id="line end"),
    ],
)
def test_what_is_no_reference_is_told(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_reference(text)


def test_a_reference_is_pinned_and_tagged() -> None:
    reference = parse_reference(f"{REGISTRY}/team/app:v1")

    assert reference.name == f"{REGISTRY}/team/app"
    assert str(reference.pinned(DIGEST)) == f"{REGISTRY}/team/app@{DIGEST}"
    assert str(reference.pinned(DIGEST).tagged("v2")) == f"{REGISTRY}/team/app:v2"
    assert parse_reference("app").name == "app"


@pytest.mark.parametrize(
    ("host", "region"),
    [
        (REGISTRY, "eu-west-1"),
        ("123456789012.dkr.ecr.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
        ("123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", "us-east-1"),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "cn-north-1"),
        ("123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
        ("123456789012.dkr.ecr.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"),
        ("123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov", "us-isob-east-1"),
        ("123456789012.dkr-ecr.eu-west-1.on.aws", "eu-west-1"),
        ("123456789012.dkr-ecr-fips.us-east-1.on.aws", "us-east-1"),
        ("123456789012.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn", "cn-north-1"),
    ],
)
def test_an_ecr_host_tells_account_and_region(host: str, region: str) -> None:
    assert ecr_host(host) == EcrHost(host=host, account="123456789012", region=region)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "docker.io",
        "public.ecr.aws",
        "12345678901.dkr.ecr.eu-west-1.amazonaws.com",
        f"{REGISTRY}.evil.example",
        f"evil.{REGISTRY}",
        f"{REGISTRY}:443",
        REGISTRY.replace("amazonaws", "amazonavvs"),
        "123456789012.dkr-ecr.eu-west-1.amazonaws.com",
        "123456789012.dkr.ecr.us-east-1.amazonaws.com.cn",
        "123456789012.dkr.ecr.cn-north-1.amazonaws.com",
        "123456789012.dkr.ecr.eu-west-1.c2s.ic.gov",
        "123456789012.dkr-ecr.us-iso-east-1.on.aws",
        "123456789012.dkr.ecr.eu-west-1.on.aws",
        "123456789012xdkr.ecr.eu-west-1.amazonaws.com",
        f"{REGISTRY}\n",
    ],
)
def test_a_look_alike_is_no_ecr_host(host: str) -> None:
    assert ecr_host(host) is None


def test_docker_hub_and_this_machine_have_several_names() -> None:
    assert all(map(is_docker_hub, ["", "docker.io", "index.docker.io", "registry-1.docker.io"]))
    assert not is_docker_hub("ghcr.io")
    assert all(
        map(is_loopback, ["localhost", "localhost:5000", "127.0.0.1:1", "127.1.2.3", "[::1]:5"])
    )
    assert not any(
        map(is_loopback, ["", "localhost.evil.example", "128.0.0.1", "127.0.0.1.nip.io"])
    )


def test_single_words_are_checked_by_their_grammar() -> None:
    assert parse_repository("team/app-1") == "team/app-1"
    assert parse_tag("v1.2_3-x") == "v1.2_3-x"
    assert parse_digest(DIGEST) == DIGEST
    assert parse_registry("localhost:5000") == "localhost:5000"
    for parse, text in (
        (parse_repository, f"{REGISTRY}/app:x"),
        (parse_tag, "-x"),
        (parse_digest, "sha256:XY"),
        (parse_registry, "https://host"),
        (parse_registry, "host/app"),
    ):
        with pytest.raises(ValueError, match="is no "):
            parse(text)
