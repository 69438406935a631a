"""An image that is in a registry already, promoted as it is."""

from collections.abc import Iterator
from typing import ClassVar

import pytest
from registries import NO_DISPLAY, FakeRegistry, serving
from urllib3.exceptions import ProtocolError

from ecsstep.core.outside import using
from ecsstep.core.tape import Tape
from ecsstep.errors import Exit, StepError
from ecsstep.registry.client import Repository
from ecsstep.registry.image import Manifest
from ecsstep.registry.push import Uploaded, upload
from ecsstep.registry.remote import Remote, revisions_there
from ecsstep.registry.transport import Transport
from ecsstep.registry.wire import AgainError, Download
from ecsstep.rules.image import Reference
from ecsstep.rules.rebuilds import REVISION
from ecsstep.rules.tag_verdict import Identity
from fakes import FakeClock
from images import OCI_INDEX, OCI_LAYER, OCI_MANIFEST, Layout, descriptor, sha256, to_bytes


@pytest.fixture
def source() -> Iterator[FakeRegistry]:
    with serving(FakeRegistry()) as made:
        yield made


@pytest.fixture
def target() -> Iterator[FakeRegistry]:
    with serving(FakeRegistry()) as made:
        yield made


def a_repository(registry: FakeRegistry, name: str = "team/app") -> Repository:
    transport = Transport(registry.host, logins=[], clock=FakeClock(), environ={})
    return Repository(transport=transport, name=name)


def hold(registry: FakeRegistry, layout: Layout, tag: str = "v1") -> str:
    """Let a registry have a layout's image under a tag, and return its digest."""
    for digest, raw in layout.blobs.items():
        registry.blobs[digest] = raw
        kind = OCI_INDEX if b'"manifests"' in raw else OCI_MANIFEST
        registry.manifests["team/app", digest] = (kind, raw)
    digest = str(layout.entries[0]["digest"])
    registry.manifests["team/app", tag] = registry.manifests["team/app", digest]
    return digest


def an_index() -> Layout:
    """Return an index of two platforms with an attestation, as buildx makes it."""
    layout = Layout()
    attestation = {
        **layout.image({"in-toto": b"{}"}, architecture="unknown"),
        "annotations": {"vnd.docker.reference.type": "attestation-manifest"},
    }
    layout.name(
        layout.index(
            layout.image({"a": b"1"}), layout.image({"a": b"2"}, architecture="arm64"), attestation
        )
    )
    return layout


def remote(registry: FakeRegistry, reference: str = "v1") -> Remote:
    tag, digest = (None, reference) if ":" in reference else (reference, None)
    name = Reference(registry=registry.host, repository="team/app", tag=tag, digest=digest)
    return Remote(a_repository(registry), name)


def promoted(manifest: Manifest, repository: Repository) -> Uploaded:
    done = upload(manifest, repository, display=NO_DISPLAY)
    assert repository.put(manifest, "v1") == manifest.digest
    return done


def test_an_index_with_attestations_is_promoted_byte_for_byte(
    source: FakeRegistry, target: FakeRegistry
) -> None:
    digest = hold(source, an_index())
    found = remote(source)

    done = promoted(found.manifest(), a_repository(target))

    assert found.identity == Identity(manifests=frozenset({digest}))
    assert target.tag("team/app", "v1") == digest
    assert {key: raw for key, (_, raw) in target.manifests.items() if ":" in key[1]} == {
        key: raw
        for key, (kind, raw) in source.manifests.items()
        if ":" in key[1] and kind in (OCI_INDEX, OCI_MANIFEST) and key in target.manifests
    }
    assert (done.blobs, len(target.blobs)) == (6, 6)


def test_within_a_registry_blobs_are_mounted(source: FakeRegistry) -> None:
    digest = hold(source, an_index())
    source.elsewhere = set(source.blobs)

    done = promoted(remote(source, digest).manifest(), a_repository(source, "prod/app"))

    assert done == Uploaded(blobs=0, size=0, present=0, mounted=6)
    assert source.tag("prod/app", "v1") == digest


def test_a_blob_may_be_kept_elsewhere(source: FakeRegistry, target: FakeRegistry) -> None:
    hold(source, an_index())
    blob = remote(source).manifest().children[0].blobs[0]
    target.blobs[blob.digest] = source.blobs[blob.digest]
    source.redirect = f"http://{target.host}/v2/store/blobs/{blob.digest}"

    with a_repository(source).download(blob.digest) as file:
        assert file.read() == source.blobs[blob.digest]

    assert target.asked == [f"GET /v2/store/blobs/{blob.digest}"]


def test_a_registry_that_leads_in_circles_is_left(source: FakeRegistry) -> None:
    hold(source, an_index())

    def again(_asked: str) -> None:
        source.redirect = "/v2/team/app/blobs/sha256:x"

    source.fault = again
    source.blobs["sha256:x"] = b""

    with pytest.raises(AgainError, match="in circles"):
        a_repository(source).download("sha256:x")


@pytest.mark.parametrize(
    ("fault", "error"),
    [(404, StepError), (403, StepError), (503, AgainError), ("drop", AgainError)],
)
def test_a_refused_download_is_no_blob(
    source: FakeRegistry, fault: int | str, error: type[Exception]
) -> None:
    source.fault = lambda _asked: fault

    with pytest.raises(error):
        a_repository(source).download(sha256(b"x"))


def test_a_download_that_breaks_begins_the_upload_anew(
    source: FakeRegistry, target: FakeRegistry
) -> None:
    digest = hold(source, an_index())
    broken: list[str] = []

    def once(asked: str) -> str | None:
        if "/blobs/" in asked and not broken:
            broken.append(asked)
            return "drop"
        return None

    source.fault = once

    promoted(remote(source).manifest(), a_repository(target))

    assert target.tag("team/app", "v1") == digest


def test_what_is_not_there_can_not_be_promoted(source: FakeRegistry) -> None:
    with pytest.raises(StepError, match="there is no image") as caught:
        remote(source)

    assert caught.value.exit is Exit.USAGE


def test_a_manifest_that_goes_away_is_told(source: FakeRegistry, target: FakeRegistry) -> None:
    layout = an_index()
    hold(source, layout)
    child = remote(source).manifest().children[0].digest
    del source.manifests["team/app", child]

    with pytest.raises(StepError, match=f"the source lacks manifest '{child}'"):
        promoted(remote(source).manifest(), a_repository(target))

    assert target.tag("team/app", "v1") is None


def labelled(commit: str | None = "abc") -> Layout:
    layout = Layout()
    layout.name(layout.image({"a": b"1"}, labels={REVISION: commit} if commit else {}))
    return layout


def test_the_commit_of_an_image_that_is_there_is_read_again_where_that_breaks(
    source: FakeRegistry,
) -> None:
    digest = hold(source, labelled())
    broken: list[str] = []

    def once(asked: str) -> str | None:
        if "/blobs/" in asked and not broken:
            broken.append(asked)
            return "drop"
        return None

    source.fault = once

    assert revisions_there(a_repository(source), digest) == {"abc"}
    assert broken


def test_the_commit_is_in_the_record_though_the_configuration_is_not(
    source: FakeRegistry,
) -> None:
    digest = hold(source, labelled())
    tape = Tape(FakeClock())

    with using(tape):
        assert revisions_there(a_repository(source), digest) == {"abc"}

    last = list(tape)[-1]
    assert (last.question["do"], last.answer) == ("revision", {"revisions": ["abc"]})
    assert not [
        noted for noted in tape if b"Labels" in getattr(noted.answer.get("body"), "raw", b"")
    ]


def test_what_is_no_image_or_gone_names_no_commit(source: FakeRegistry) -> None:
    broken = to_bytes({"schemaVersion": 2})
    source.manifests["team/app", sha256(broken)] = (OCI_MANIFEST, broken)

    assert revisions_there(a_repository(source), sha256(broken)) == {""}
    assert revisions_there(a_repository(source), sha256(b"gone")) == {""}


def test_a_configuration_that_may_not_be_read_is_told_with_the_action(
    source: FakeRegistry,
) -> None:
    digest = hold(source, labelled())
    source.fault = lambda asked: 403 if "/blobs/" in asked else None

    with pytest.raises(StepError) as caught:
        revisions_there(a_repository(source), digest)

    assert caught.value.exit is Exit.ACCESS
    assert "ecr:GetDownloadUrlForLayer" in caught.value.hint


def test_a_foreign_layer_stays_where_it_is(source: FakeRegistry, target: FakeRegistry) -> None:
    layout = Layout()
    config = layout.add(b"{}", "application/vnd.oci.image.config.v1+json")
    kind = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
    foreign = {**descriptor(b"far", kind), "urls": ["https://far.example/layer"]}
    raw = to_bytes({"schemaVersion": 2, "config": config, "layers": [foreign]})
    layout.name(layout.add(raw, OCI_MANIFEST))
    hold(source, layout)

    assert promoted(remote(source).manifest(), a_repository(target)).blobs == 1
    assert remote(source).manifest().foreign == (sha256(b"far"),)


def test_a_registry_that_may_take_no_foreign_layers_is_still_worth_another_attempt(
    source: FakeRegistry,
) -> None:
    source.fault = lambda asked: 500 if asked.startswith("PUT") else None
    plain = Manifest(digest=sha256(b"{}"), media_type=OCI_MANIFEST, raw=b"{}")

    with pytest.raises(StepError, match="answers 500") as refused:
        a_repository(source).put(plain.replaced(foreign=("sha256:f",)), "v1")
    with pytest.raises(StepError) as ill:
        a_repository(source).put(plain, "v1")

    assert refused.value.exit is ill.value.exit is Exit.TEMPORARY
    assert refused.value.hint.startswith(f"{ill.value.hint}; ")
    assert "kept elsewhere (sha256:f)" in refused.value.hint
    assert "elsewhere" not in ill.value.hint


def test_a_kind_of_image_that_is_too_old_is_told(source: FakeRegistry) -> None:
    raw = to_bytes({"schemaVersion": 1})
    kind = "application/vnd.docker.distribution.manifest.v1+prettyjws"
    source.manifests["team/app", "v1"] = (kind, raw)

    with pytest.raises(StepError, match="has the media type"):
        remote(source).manifest()


def test_layers_know_the_repositories_that_containerd_noted(
    source: FakeRegistry,
) -> None:
    layout = Layout()
    manifest = to_bytes(
        {
            "schemaVersion": 2,
            "config": layout.add(b"{}", "application/vnd.oci.image.config.v1+json"),
            "layers": [
                {
                    **layout.add(b"layer", OCI_LAYER),
                    "annotations": {
                        "containerd.io/distribution.source.r.example": "base/a,base/b",
                        "other": "x",
                    },
                }
            ],
        }
    )
    layout.name(layout.add(manifest, OCI_MANIFEST))
    hold(source, layout)

    blobs = remote(source).manifest().blobs

    assert blobs[1].origins == (
        (source.host, "team/app"),
        ("r.example", "base/a"),
        ("r.example", "base/b"),
    )


class Broken:
    """An answer whose connection breaks while it is read."""

    status = 404
    headers: ClassVar[dict[str, str]] = {}

    def read(self, *_size: int | None, **_more: object) -> bytes:
        raise ProtocolError("connection broken")

    def close(self) -> None:
        return

    release_conn = close


def test_a_connection_that_breaks_within_a_download_is_tried_again() -> None:
    download = Download(Broken(), "r.example")

    with pytest.raises(AgainError, match=r"the download from 'r\.example' broke"):
        download.read()
    download.close()
    download.close()


def test_a_connection_that_breaks_within_a_refusal_is_tried_again(source: FakeRegistry) -> None:
    wire = a_repository(source).transport._wire
    wire._made_pool = type("Pool", (), {"request": lambda *_words, **_more: Broken()})()

    with pytest.raises(AgainError, match="can't be reached"):
        wire.open(f"http://{source.host}/x", {})
