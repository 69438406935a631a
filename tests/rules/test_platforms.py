"""The images behind a manifest."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.platforms import Platform, Subject, narrowed, platforms_of

DIGEST = "sha256:" + "d" * 64
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
SOCI = "application/vnd.amazon.soci.index.v2+json"
ATTESTATION = {"vnd.docker.reference.type": "attestation-manifest"}
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"


def read(manifest: Any, media_type: str = "") -> tuple[Platform, ...]:
    text = manifest if isinstance(manifest, str) else json.dumps(manifest)
    return platforms_of(text, digest=DIGEST, media_type=media_type)


def entry(
    digest: str, os: str = "linux", architecture: str = "amd64", **rest: Any
) -> dict[str, Any]:
    variant = {"variant": rest.pop("variant")} if "variant" in rest else {}
    return {
        "digest": digest,
        "platform": {"os": os, "architecture": architecture, **variant},
        **rest,
    }


@pytest.mark.parametrize(
    "config",
    [
        {"config": {"mediaType": "application/vnd.oci.image.config.v1+json"}},
        {"config": {"mediaType": "application/vnd.docker.container.image.v1+json"}},
        {"schemaVersion": 1},
    ],
)
def test_a_single_image_is_itself(config: dict[str, Any]) -> None:
    assert read(config) == (Platform(digest=DIGEST),)


@pytest.mark.parametrize("media_type", [OCI_INDEX, DOCKER_LIST, ""])
def test_an_index_is_its_platforms_without_attestations(media_type: str) -> None:
    index = {
        "manifests": [
            entry("sha256:a"),
            entry("sha256:b", architecture="arm64", variant="v8"),
            entry("sha256:c", os="unknown", architecture="unknown"),
            entry("sha256:d", os="unknown", architecture="unknown", annotations=ATTESTATION),
            {"digest": "sha256:e"},
            entry("sha256:f"),
        ]
    }

    assert read(index, media_type) == (
        Platform(name="linux/amd64", digest="sha256:a"),
        Platform(name="linux/arm64/v8", digest="sha256:b"),
        Platform(name="sha256:e", digest="sha256:e"),
        Platform(name="linux/amd64 sha256:f", digest="sha256:f"),
    )


def test_what_an_engine_would_run_is_gated_whatever_it_calls_itself() -> None:
    index = {
        "manifests": [
            entry("sha256:a", artifactType=SOCI),
            entry("sha256:b", architecture="arm64", annotations=ATTESTATION),
        ]
    }

    assert read(index) == (
        Platform(name="linux/amd64", digest="sha256:a"),
        Platform(name="linux/arm64", digest="sha256:b"),
    )


def test_what_stands_beside_an_image_and_is_none_is_named() -> None:
    image = "application/vnd.oci.image.config.v1+json"
    index = {
        "manifests": [
            entry("sha256:a"),
            entry("sha256:b", artifactType=SOCI),
            {"digest": "sha256:c", "artifactType": SOCI},
            entry("sha256:d", artifactType=image),
        ]
    }

    assert read(index) == (
        Platform(name="linux/amd64", digest="sha256:a"),
        Platform(name="linux/amd64 sha256:b", digest="sha256:b", artifact=SOCI),
        Platform(name="sha256:c", digest="sha256:c", artifact=SOCI),
        Platform(name="linux/amd64 sha256:d", digest="sha256:d"),
    )
    with pytest.raises(ValueError, match="without any image"):
        read({"manifests": [{"digest": "sha256:c", "artifactType": SOCI}]})


@pytest.mark.parametrize(
    ("left_out", "platforms", "expected"),
    [
        pytest.param((), ("a", "b"), "whole", id="all"),
        pytest.param(("c",), ("a", "b"), "whole", id="some"),
        pytest.param(("b",), ("a",), "a", id="one"),
        pytest.param((), ("a",), "whole", id="the only one"),
    ],
)
def test_a_pass_of_one_platform_is_about_that_one(
    left_out: tuple[str, ...], platforms: tuple[str, ...], expected: str
) -> None:
    found = tuple(Platform(name=name, digest=name) for name in platforms)

    subject = Subject(digest="whole", platforms=found, left_out=left_out)

    assert subject.judged_digest == expected


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        pytest.param("<html>", "no JSON", id="no json"),
        pytest.param("[]", "no JSON object", id="no object"),
        pytest.param("[" * 100_000, "no JSON", id="bottomless"),
        pytest.param({"manifests": []}, "without any image", id="empty index"),
        pytest.param({"manifests": 3}, "without any image", id="no list"),
        pytest.param(
            {"manifests": [entry("sha256:a", os="unknown", architecture="unknown")]},
            "without any image",
            id="attestations alone",
        ),
        pytest.param(
            {"manifests": [{"digest": "sha256:a", "mediaType": OCI_INDEX}]},
            "with image indexes within: 'sha256:a'",
            id="nested",
        ),
        pytest.param({"manifests": [{"platform": {}}]}, "has no digest", id="no digest"),
        pytest.param(
            {"config": {"mediaType": "application/vnd.cncf.helm.config.v1+json"}},
            "no container image but 'application/vnd.cncf.helm.config",
            id="a helm chart",
        ),
    ],
)
def test_what_cant_be_scanned_is_told(manifest: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(manifest)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["manifests", "platform", "digest", "config", "mediaType", "os"]), inner
        )
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from(["", OCI_INDEX]))
def test_any_json_has_images_or_is_a_mistake(manifest: Any, media_type: str) -> None:
    try:
        assert read(json.dumps(manifest), media_type)
    except ValueError:
        return


def test_platforms_are_narrowed_by_name_or_its_beginning() -> None:
    one, two = Platform(name="linux/arm/v6", digest="a"), Platform(name="linux/arm/v7", digest="b")
    other = Platform(name="windows/amd64", digest="c")
    again = Platform(name="windows/amd64 sha256:d", digest="d")
    found = (one, two, other, again)

    assert narrowed(found, ["linux/arm"]) == (one, two)
    assert narrowed(found, ["windows/amd64", "linux/arm/v6"]) == (other, again, one)
    with pytest.raises(ValueError, match="it has no platform 'linux/ar'; it has 'linux/arm/v6', "):
        narrowed(found, ["linux/arm", "linux/ar"])
