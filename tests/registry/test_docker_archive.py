"""What docker save writes, made into a manifest."""

import contextlib
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecsstep.errors import Exit, StepError
from ecsstep.registry.image import DOCKER_MANIFEST, Manifest, Source
from ecsstep.registry.sources import opened
from ecsstep.registry.verified import verify
from ecsstep.rules.pushes import FileSource
from ecsstep.rules.tag_verdict import Identity
from images import content, docker_save, gzipped, sha256, tarred, to_bytes

FILES = {"hello": b"hello" * 1000}


def source(folder: Path, files: dict[str, bytes], name: str = "") -> Source:
    path = folder / "save.tar"
    path.write_bytes(tarred(files))
    return opened(FileSource(form="docker-archive", place=f"{path}{name}"))


def contents(manifest: Manifest) -> dict[str, bytes]:
    return {blob.digest: content(blob) for blob in manifest.blobs}


def test_the_configuration_stays_and_plain_layers_are_compressed(tmp_path: Path) -> None:
    files = docker_save(FILES)
    config, layer = next(iter(files.values())), files["0/layer.tar"]

    found = source(tmp_path, files)
    manifest = found.manifest()
    verify(manifest)

    packed = gzipped(layer)
    assert found.identity == Identity(config=sha256(config), layers=1)
    assert found.revisions() == {""}
    assert manifest.media_type == DOCKER_MANIFEST
    assert json.loads(manifest.raw) == {
        "schemaVersion": 2,
        "mediaType": DOCKER_MANIFEST,
        "config": {
            "mediaType": "application/vnd.docker.container.image.v1+json",
            "size": len(config),
            "digest": sha256(config),
        },
        "layers": [
            {
                "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
                "size": len(packed),
                "digest": sha256(packed),
            }
        ],
    }
    assert contents(manifest) == {sha256(config): config, sha256(packed): packed}
    assert contents(manifest) == contents(found.manifest())


@pytest.mark.parametrize(
    "pack",
    [
        pytest.param(gzipped, id="one member"),
        pytest.param(
            lambda raw: gzip.compress(raw[:3000]) + gzip.compress(raw[3000:]), id="several members"
        ),
    ],
)
def test_a_compressed_layer_stays_as_it_is(tmp_path: Path, pack: Any) -> None:
    files = docker_save(FILES)
    files["0/layer.tar"] = pack(files["0/layer.tar"])

    manifest = source(tmp_path, files).manifest()

    assert contents(manifest)[sha256(files["0/layer.tar"])] == files["0/layer.tar"]


@pytest.mark.parametrize("name", ["", ":build", ":app:build"])
def test_an_image_is_found_by_its_tag_or_whole_name(tmp_path: Path, name: str) -> None:
    assert len(source(tmp_path, docker_save(FILES), name).manifest().blobs) == 2


def changed(what: str) -> dict[str, bytes]:  # noqa: C901, PLR0912 - a table of faults
    files = docker_save(FILES)
    name = next(iter(files))
    entry = json.loads(files["manifest.json"])[0]
    match what:
        case "layer":
            files["0/layer.tar"] = files["0/layer.tar"].replace(b"hello", b"hallo", 1)
        case "compressed layer":
            files["0/layer.tar"] = gzipped(b"other")
        case "bad gzip":
            files["0/layer.tar"] = b"\x1f\x8b" + b"x" * 100
        case "zstd":
            files["0/layer.tar"] = b"\x28\xb5\x2f\xfd rest"
        case "no layer":
            del files["0/layer.tar"]
        case "no config":
            del files[name]
        case "config":
            files[name] = b"{}"
        case "config list":
            files[name] = b'{"rootfs": {"diff_ids": 1}}'
        case "count":
            files["manifest.json"] = to_bytes([{**entry, "Layers": []}])
        case "entry":
            files["manifest.json"] = to_bytes([{"RepoTags": None}])
        case "no json":
            files["manifest.json"] = b"["
        case "object":
            files["manifest.json"] = b"{}"
        case "two":
            files["manifest.json"] = to_bytes([entry, entry])
        case "none":
            del files["manifest.json"]
        case "outside":
            files["manifest.json"] = to_bytes([{**entry, "Layers": ["../../etc/passwd"]}])
        case _:
            raise AssertionError(what)
    return files


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("layer", "layer '0/layer.tar' holds something else"),
        ("compressed layer", "layer '0/layer.tar' holds something else"),
        ("bad gzip", "can't be decompressed"),
        ("zstd", "compressed by zstd"),
        ("no layer", "there is no layer '0/layer.tar'"),
        ("no config", "there is no '"),
        ("config", "its configuration lists no layers"),
        ("config list", "its configuration lists no layers"),
        ("count", "it has 0 layers and 1 are wanted"),
        ("entry", "names no 'Config' and 'Layers'"),
        ("no json", "is not JSON"),
        ("object", "lists no images"),
        ("two", "holds 2 images, where one is wanted; its names are 'app:build'"),
        ("none", "there is no 'manifest.json'"),
        ("outside", "there is no layer '../../etc/passwd'"),
    ],
)
def test_a_broken_archive_is_an_error(tmp_path: Path, what: str, said: str) -> None:
    with pytest.raises(StepError) as caught:
        source(tmp_path, changed(what)).manifest()

    assert said in caught.value.message
    assert caught.value.exit is Exit.USAGE


def test_another_name_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StepError, match="holds 0 images named 'v2'"):
        source(tmp_path, docker_save(FILES), ":v2")


def test_a_full_disk_says_where_room_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", full)

    with pytest.raises(StepError, match="no space left on device") as caught:
        source(tmp_path, docker_save(FILES)).manifest()

    assert "TMPDIR" in caught.value.hint


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 20_000), flipped=st.integers(1, 255), compressed=st.booleans())
def test_a_flipped_byte_is_found_out_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, at: int, flipped: int, compressed: bool
) -> None:
    raw = bytearray(tarred(docker_save(FILES, compressed=compressed)))
    raw[at % len(raw)] ^= flipped
    path = tmp_path_factory.mktemp("flip") / "save.tar"
    path.write_bytes(raw)

    with contextlib.suppress(StepError):
        manifest = opened(FileSource(form="docker-archive", place=str(path))).manifest()
        verify(manifest)
        # A flipped byte in the configuration makes another image, and never a broken one.
        layer = gzip.decompress(contents(manifest)[manifest.blobs[1].digest])
        config = json.loads(contents(manifest)[manifest.blobs[0].digest])
        assert config["rootfs"]["diff_ids"] == [sha256(layer)]


member_names = st.one_of(
    st.sampled_from(["../x", "/etc/passwd", "a/../../x", "manifest.json", "0/layer.tar", "."]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30),
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(member_names, st.binary(max_size=200), max_size=6))
def test_any_members_are_an_image_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("any")

    with pytest.raises(StepError) as caught:
        source(folder, files).manifest()

    assert caught.value.exit is Exit.USAGE
    assert [path.name for path in folder.iterdir()] == ["save.tar"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(entry=json_values, layers=json_values, config=json_values)
def test_any_description_is_an_image_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, entry: Any, layers: Any, config: Any
) -> None:
    described = {"Config": "c.json", "RepoTags": entry, "Layers": layers}
    files = {"manifest.json": to_bytes([described]), "c.json": to_bytes(config)}

    with pytest.raises(StepError) as caught:
        source(tmp_path_factory.mktemp("any"), files).manifest()

    assert caught.value.exit is Exit.USAGE
