"""OCI layouts in folders and archives: what is read is verified."""

import contextlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecsstep.errors import Exit, StepError
from ecsstep.registry.files import Archive, Folder
from ecsstep.registry.image import Blob, Manifest
from ecsstep.registry.layout import Layout as Read
from ecsstep.registry.sources import opened
from ecsstep.registry.verified import Verified, verify
from ecsstep.rules.pushes import FileSource
from ecsstep.rules.tag_verdict import Identity
from images import OCI_INDEX, OCI_MANIFEST, Layout, a_layout, content, sha256, tarred, to_bytes


def read(layout: Layout, folder: Path, tag: str | None = None) -> Manifest:
    path = layout.write(folder / "layout")
    return Read(Folder(str(path)), name="oci:layout", tag=tag).manifest()


@pytest.mark.parametrize("form", ["oci", "oci-archive"])
def test_an_image_is_read_byte_for_byte(tmp_path: Path, form: str) -> None:
    layout = a_layout("v1")
    path = layout.write(tmp_path / "l") if form == "oci" else layout.archive(tmp_path / "l.tar")
    digest = layout.entries[0]["digest"]

    source = opened(FileSource(form=form, place=f"{path}:v1"))
    manifest = source.manifest()
    verify(manifest)

    assert source.identity == Identity(manifests=frozenset({digest}))
    assert (manifest.digest, manifest.raw) == (digest, layout.blobs[digest])
    blobs = {blob.digest: content(blob) for blob in manifest.blobs}
    assert {**blobs, digest: manifest.raw} == layout.blobs


def test_an_index_is_read_whole_with_its_children_first(tmp_path: Path) -> None:
    layout = Layout()
    one, two = layout.image({"a": b"1"}), layout.image({"a": b"2"}, architecture="arm64")
    inner = layout.index(two)
    outer = layout.index(one, inner)
    layout.name(outer)

    manifest = read(layout, tmp_path)

    assert [each.digest for each in manifest.walk()] == [
        each["digest"] for each in (one, two, inner, outer)
    ]


def test_what_an_index_lists_and_the_layout_lacks_is_named(tmp_path: Path) -> None:
    layout = Layout()
    one, two = layout.image({"a": b"1"}), layout.image({"a": b"2"})
    layout.name(layout.index(one, two))
    del layout.blobs[two["digest"]]

    assert read(layout, tmp_path).absent == (two["digest"],)


def test_a_blob_that_the_layout_lacks_can_not_be_opened(tmp_path: Path) -> None:
    layout = a_layout()
    config = json.loads(layout.blobs[layout.entries[0]["digest"]])["config"]
    del layout.blobs[config["digest"]]

    manifest = read(layout, tmp_path)
    verify(manifest)

    assert [blob.digest for blob in manifest.blobs if blob.open is None] == [config["digest"]]


def test_a_foreign_layer_is_left_where_it_is(tmp_path: Path) -> None:
    layout = Layout()
    config = layout.add(b"{}", "config")
    kind = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    foreign = {"mediaType": kind, "digest": sha256(b"x"), "size": 1, "urls": ["https://x"]}
    manifest = {"schemaVersion": 2, "config": config, "layers": [foreign]}
    layout.name(layout.add(to_bytes(manifest), OCI_MANIFEST))

    found = read(layout, tmp_path)

    assert [blob.digest for blob in found.blobs] == [config["digest"]]
    assert found.foreign == (sha256(b"x"),)


def test_blobs_of_a_folder_may_be_links(tmp_path: Path) -> None:
    layout = a_layout()
    folder = layout.write(tmp_path / "l")
    (tmp_path / "store").mkdir()
    for path in (folder / "blobs/sha256").iterdir():
        path.rename(tmp_path / "store" / path.name)
        path.symlink_to(tmp_path / "store" / path.name)

    verify(Read(Folder(str(folder)), name="l", tag=None).manifest())


@pytest.mark.parametrize(
    ("names", "tag", "said"),
    [
        pytest.param(["a", "b"], None, "holds 2 images, where one is wanted", id="several"),
        pytest.param(["a"], "b", "holds 0 images named 'b'", id="another name"),
        pytest.param([], None, "holds 0 images", id="none"),
        pytest.param(["a", "x/y:a"], "a", "holds 2 images named 'a'", id="twice"),
    ],
)
def test_one_image_must_be_meant(
    tmp_path: Path, names: list[str], tag: str | None, said: str
) -> None:
    layout = Layout()
    for name in names:
        layout.name(layout.image({"a": name.encode()}), name)

    with pytest.raises(StepError, match=said) as caught:
        read(layout, tmp_path, tag)

    assert caught.value.exit is Exit.USAGE


def test_a_whole_reference_as_containerd_writes_it_is_a_name(tmp_path: Path) -> None:
    layout = Layout()
    digest = layout.name(layout.image({"a": b"1"}), "docker.io/library/app:v1")

    assert read(layout, tmp_path, "v1").digest == digest


def broken(what: str) -> Layout:  # noqa: C901, PLR0912 - a table of faults
    layout = a_layout()
    root = layout.entries[0]
    digest = root["digest"]
    match what:
        case "manifest":
            layout.blobs[digest] = layout.blobs[digest].replace(b"2", b"3", 1)
        case "size":
            root["size"] += 1
        case "negative":
            root["size"] = -1
        case "bool":
            root["size"] = True
        case "digest":
            root["digest"] = "sha256:../../../etc/passwd"
        case "media type":
            root["mediaType"] = "text/plain"
        case "other media type":
            root["mediaType"] = OCI_INDEX
        case "no object":
            layout.entries[0] = "x"  # type: ignore[call-overload]
        case "missing":
            del layout.blobs[digest]
        case "no json":
            layout.entries[0] = layout.add(b"{", OCI_MANIFEST)
        case "a list":
            layout.entries[0] = layout.add(b"[]", OCI_MANIFEST)
        case "no layers":
            config = {"digest": sha256(b"x"), "size": 1}
            raw = to_bytes({"schemaVersion": 2, "config": config})
            layout.entries[0] = layout.add(raw, OCI_MANIFEST)
        case "large":
            layout.entries[0] = layout.add(b" " * (4 * 1024 * 1024 + 1), OCI_MANIFEST)
        case "deep":
            entry = layout.index()
            for _ in range(6):
                entry = layout.index(entry)
            layout.entries[0] = entry
        case _:
            raise AssertionError(what)
    return layout


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("manifest", "holds something else"),
        ("size", "its descriptor says"),
        ("negative", "has the size -1"),
        ("bool", "has the size True"),
        ("digest", "has the digest 'sha256:../"),
        ("media type", "has the media type 'text/plain'"),
        ("other media type", "says another media type than its index"),
        ("no object", "a descriptor in it is no object"),
        ("missing", "there is no blob"),
        ("no json", "is not JSON"),
        ("a list", "is no object"),
        ("no layers", "it has no list of 'layers'"),
        ("large", "4194304 are the limit"),
        ("deep", "nested too deeply"),
    ],
)
def test_a_broken_layout_is_told_before_anything_is_sent(
    tmp_path: Path, what: str, said: str
) -> None:
    with pytest.raises(StepError) as caught:
        read(broken(what), tmp_path)

    assert said in caught.value.message
    assert caught.value.exit is Exit.USAGE


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        pytest.param(lambda raw: raw[:-1] + b"x", "holds something else", id="content"),
        pytest.param(lambda raw: raw, "", id="untouched"),
    ],
)
def test_a_layer_is_verified_while_it_is_read(tmp_path: Path, changed: Any, said: str) -> None:
    layout = a_layout()
    manifest_json = json.loads(layout.blobs[layout.entries[0]["digest"]])
    layer = manifest_json["layers"][0]["digest"]
    layout.blobs[layer] = changed(layout.blobs[layer])

    manifest = read(layout, tmp_path)

    if said:
        with pytest.raises(StepError, match=said):
            verify(manifest)
    else:
        verify(manifest)


@pytest.mark.parametrize(
    ("length", "said"), [(-1, "is cut short"), (1, "is longer than its")], ids=["short", "long"]
)
def test_a_layer_that_changes_its_length_while_it_is_read_is_found_out(
    tmp_path: Path, length: int, said: str
) -> None:
    layout = a_layout()
    folder = layout.write(tmp_path / "l")
    manifest = Read(Folder(str(folder)), name="l", tag=None).manifest()
    layer = manifest.blobs[1]
    path = folder / "blobs" / layer.digest.replace(":", "/")
    raw = path.read_bytes()
    path.write_bytes(raw[:-1] if length < 0 else raw + b"x")

    with pytest.raises(StepError, match=said):
        verify(manifest)


@pytest.mark.parametrize("version", [{}, {"imageLayoutVersion": "2.0.0"}])
def test_another_version_of_layouts_is_an_error(tmp_path: Path, version: Any) -> None:
    folder = a_layout().write(tmp_path / "l")
    (folder / "oci-layout").write_text(json.dumps(version))

    with pytest.raises(StepError, match="is no OCI layout of version 1"):
        Read(Folder(str(folder)), name="oci:l", tag=None)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(lambda path: None, "it is not there", id="missing"),
        pytest.param(lambda path: path.write_text("x"), "it is no folder", id="a file"),
        pytest.param(lambda path: path.mkdir(), "there is no 'oci-layout'", id="another folder"),
        pytest.param(lambda path: path.symlink_to(path), "can't be read: too many", id="a loop"),
    ],
)
def test_what_is_no_layout_is_an_error(tmp_path: Path, make: Any, said: str) -> None:
    make(tmp_path / "l")

    with pytest.raises(StepError, match=said) as caught:
        opened(FileSource(form="oci", place=str(tmp_path / "l")))

    assert caught.value.exit is Exit.USAGE


def member(name: str, content: bytes = b"", **more: Any) -> tuple[tarfile.TarInfo, bytes]:
    made = tarfile.TarInfo(name)
    made.size = len(content)
    for key, value in more.items():
        setattr(made, key, value)
    return made, content


def archive(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Archive:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for each, content in members:
            made.addfile(each, io.BytesIO(content))
    path.write_bytes(out.getvalue())
    return Archive(str(path))


@pytest.mark.parametrize(
    "hostile",
    [
        member("/etc/passwd", b"x"),
        member("../x", b"x"),
        member("a/../../x", b"x"),
        member("x", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("a/x", type=tarfile.SYMTYPE, linkname="../../etc/passwd"),
        member("x", type=tarfile.LNKTYPE, linkname="../etc/passwd"),
    ],
    ids=lambda each: f"{each[0].name} {each[0].linkname}",
)
def test_an_archive_that_leads_outside_is_refused(tmp_path: Path, hostile: Any) -> None:
    with pytest.raises(StepError, match="leads outside of it") as caught:
        archive(tmp_path / "a.tar", member("ok", b"1"), hostile)

    assert caught.value.exit is Exit.USAGE


def test_links_within_an_archive_are_followed_and_loops_end(tmp_path: Path) -> None:
    files = archive(
        tmp_path / "a.tar",
        member("./a/layer.tar", b"layer"),
        member("b/layer.tar", type=tarfile.SYMTYPE, linkname="../a/layer.tar"),
        member("c", type=tarfile.LNKTYPE, linkname="a/layer.tar"),
        member("loop", type=tarfile.SYMTYPE, linkname="loop"),
        member("pipe", type=tarfile.FIFOTYPE),
    )

    assert [opened_and_read(files, name) for name in ("a/layer.tar", "b/layer.tar", "c")] == (
        [b"layer"] * 3
    )
    assert [files.size(name) for name in ("loop", "pipe", "nothing")] == [None] * 3
    with pytest.raises(StepError, match="the archive lacks 'nothing'"):
        files.open("nothing")


def opened_and_read(files: Archive, name: str) -> bytes:
    with files.open(name) as file:
        return file.read()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        pytest.param(b"\x1f\x8b rest", "gzip -d", id="gzip"),
        pytest.param(b"\x28\xb5\x2f\xfd", "zstd -d", id="zstd"),
        pytest.param(b"x" * 1024, "as an archive", id="no archive"),
        pytest.param(b"", "as an archive", id="empty"),
        pytest.param(tarred({"a": b"x" * 9000})[:5000], "cut short within 'a'", id="cut short"),
    ],
)
def test_what_is_no_archive_is_an_error(tmp_path: Path, raw: bytes, said: str) -> None:
    path = tmp_path / "a.tar"
    path.write_bytes(raw)

    with pytest.raises(StepError) as caught:
        Archive(str(path))

    assert caught.value.exit is Exit.USAGE
    assert said in f"{caught.value.message} {caught.value.hint}"


def test_a_missing_archive_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(StepError, match="it is not there"):
        Archive(str(tmp_path / "none.tar"))
    with pytest.raises(StepError, match="it is no file") as folder:
        Archive(str(tmp_path))
    (tmp_path / "a.tar").write_bytes(b"")
    with pytest.raises(StepError, match="it is no folder") as file:
        Folder(str(tmp_path / "a.tar"))

    assert f"write oci:{tmp_path}" in folder.value.hint
    assert f"write oci-archive:{tmp_path}/a.tar" in file.value.hint


@settings(max_examples=60)
@given(at=st.integers(0, 9000), flipped=st.integers(1, 255))
def test_a_flipped_byte_is_found_out_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, at: int, flipped: int
) -> None:
    layout = a_layout("v1")
    raw = bytearray(tarred(layout.files()))
    raw[at % len(raw)] ^= flipped
    path = tmp_path_factory.mktemp("flip") / "a.tar"
    path.write_bytes(raw)

    found = None
    with contextlib.suppress(StepError):
        found = opened(FileSource(form="oci-archive", place=str(path))).manifest()
        verify(found)
        assert {content(blob) for blob in found.blobs} | {found.raw} == set(layout.blobs.values())
    assert found is None or found.digest in layout.blobs


@given(raw=st.binary(max_size=2000))
@settings(max_examples=60)
def test_any_bytes_are_an_archive_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.tar"
    path.write_bytes(raw)

    with pytest.raises(StepError) as caught:
        opened(FileSource(form="oci-archive", place=str(path)))

    assert caught.value.exit is Exit.USAGE


def test_too_many_members_are_no_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecsstep.registry.files._MOST_MEMBERS", 1)

    with pytest.raises(StepError, match="more than 1 members"):
        archive(tmp_path / "a.tar", member("a"), member("b"))


@pytest.mark.parametrize(
    "kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK]
)
@pytest.mark.parametrize("size", [1500 * 1024 * 1024, -5])
def test_a_header_that_says_it_is_huge_is_not_read(tmp_path: Path, kind: bytes, size: int) -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = kind, size
    path = tmp_path / "a.tar"
    with path.open("wb") as file:
        file.write(header.tobuf(tarfile.GNU_FORMAT))
        file.truncate(1600 * 1024 * 1024)

    with pytest.raises(StepError, match="bytes of headers" if size > 0 else "as an archive"):
        Archive(str(path))


def test_a_chain_of_headers_about_headers_ends(tmp_path: Path) -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 0
    path = tmp_path / "a.tar"
    path.write_bytes(header.tobuf() * 5000)

    with pytest.raises(StepError, match="as an archive"):
        Archive(str(path))


def test_a_part_of_a_file_is_closed_once_and_reads_in_pieces(tmp_path: Path) -> None:
    part = archive(tmp_path / "a.tar", member("a", b"12345")).open("a")

    assert (part.readable(), part.read(2), part.read(9), part.read(1)) == (True, b"12", b"345", b"")
    part.close()
    part.close()


def test_a_file_that_goes_away_is_an_error(tmp_path: Path) -> None:
    layout = a_layout()
    manifest = read(layout, tmp_path)
    path = tmp_path / "layout/blobs" / manifest.blobs[0].digest.replace(":", "/")
    path.unlink()

    with pytest.raises(StepError, match="can't be opened: no such file") as caught:
        verify(manifest)

    assert caught.value.exit is Exit.USAGE


def test_a_disk_that_fails_while_it_is_read_is_an_error() -> None:
    class Failing(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

    reader = Verified(Blob(digest=sha256(b"x"), size=1, open=None), Failing())  # type: ignore[arg-type]

    with pytest.raises(StepError, match="can't be read"):
        reader.read(1)
