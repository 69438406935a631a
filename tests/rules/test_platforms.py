"""The images behind a manifest."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.rules.platforms import Platform, narrowed, platforms_of

DIGEST = "sha256:" + "d" * 64
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
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
            entry(
                "sha256:d",
                annotations={"vnd.docker.reference.type": "attestation-manifest"},
            ),
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
