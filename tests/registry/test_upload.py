"""One blob's way into a repository: cut, resumed, mounted."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from registries import FakeRegistry, NoDisplay, serving

from ecsstep.errors import Exit, StepError
from ecsstep.registry.client import Repository
from ecsstep.registry.files import Folder, Opener
from ecsstep.registry.image import Blob
from ecsstep.registry.transport import Transport
from fakes import FakeClock
from images import sha256

RAW = bytes(range(256)) * 8000


class Counted(NoDisplay):
    def __init__(self) -> None:
        self.count = 0

    def add(self, count: int) -> None:
        self.count += count


@pytest.fixture
def registry() -> Iterator[FakeRegistry]:
    with serving(FakeRegistry()) as made:
        yield made


def a_blob(folder: Path, raw: bytes = RAW, *, origins: tuple[tuple[str, str], ...] = ()) -> Blob:
    (folder / "blob").write_bytes(raw)
    opener = Opener(files=Folder(str(folder)), name="blob")
    return Blob(digest=sha256(raw), size=len(raw), open=opener, origins=origins)


def a_repository(registry: FakeRegistry) -> Repository:
    transport = Transport(registry.host, logins=[], clock=FakeClock(), environ={})
    return Repository(transport=transport, name="team/app")


@given(at=st.integers(2, len(RAW) - 1))
@settings(max_examples=15, deadline=None)
def test_a_cut_upload_goes_on_where_the_registry_stopped(
    tmp_path_factory: pytest.TempPathFactory, at: int
) -> None:
    meter = Counted()
    with serving(FakeRegistry(cut=at)) as registry:
        sent = a_repository(registry).upload(a_blob(tmp_path_factory.mktemp("cut")), meter)

        assert sent
        assert registry.blobs == {sha256(RAW): RAW}
        assert registry.received == len(RAW) == meter.count


def test_a_registry_that_can_not_go_on_gets_it_anew(registry: FakeRegistry, tmp_path: Path) -> None:
    registry.cut, registry.resumes = 1_000_000, False
    meter = Counted()

    a_repository(registry).upload(a_blob(tmp_path), meter)

    assert registry.blobs == {sha256(RAW): RAW}
    assert registry.received == len(RAW) + 1_000_000
    assert meter.count == len(RAW)


def test_a_registry_that_goes_on_wrongly_gets_it_anew(
    registry: FakeRegistry, tmp_path: Path
) -> None:
    registry.cut = 1_000_000

    def late_bytes(asked: str) -> None:
        # What was still on its way is written after the registry has told how much it has.
        if asked.startswith("PATCH") and registry.uploads and registry.cut is None:
            for session, begun in registry.uploads.items():
                if len(begun) == 1_000_000:
                    registry.uploads[session] = begun + b"late"

    registry.fault = late_bytes

    a_repository(registry).upload(a_blob(tmp_path), Counted())

    assert registry.blobs == {sha256(RAW): RAW}


def test_a_lost_answer_to_the_last_request_is_no_second_upload(
    registry: FakeRegistry, tmp_path: Path
) -> None:
    def lost(asked: str) -> str | None:
        if asked.startswith("PUT") and not registry.blobs:
            registry.blobs[sha256(RAW)] = RAW
            return "drop"
        return None

    registry.fault = lost

    assert a_repository(registry).upload(a_blob(tmp_path), Counted())

    assert registry.received == len(RAW)


def test_a_lost_request_after_the_last_byte_sends_none_again(
    registry: FakeRegistry, tmp_path: Path
) -> None:
    dropped: list[str] = []

    def lost(asked: str) -> str | None:
        if asked.startswith("PUT") and not dropped:
            dropped.append(asked)
            return "drop"
        return None

    registry.fault = lost

    a_repository(registry).upload(a_blob(tmp_path), Counted())

    assert registry.blobs == {sha256(RAW): RAW}
    assert registry.received == len(RAW)


def test_a_blob_of_another_repository_is_mounted(registry: FakeRegistry, tmp_path: Path) -> None:
    registry.elsewhere = {sha256(RAW)}
    origins = (("r.example", "x"), (registry.host, "team/app"), (registry.host, "team/base"))

    sent = a_repository(registry).upload(a_blob(tmp_path, origins=origins), Counted())

    assert not sent
    assert registry.received == 0
    assert registry.asked == ["POST /v2/team/app/blobs/uploads/"]


@pytest.mark.parametrize("status", [None, 404, 405], ids=["not there", "unknown", "not done"])
def test_what_can_not_be_mounted_is_sent(
    registry: FakeRegistry, tmp_path: Path, status: int | None
) -> None:
    asked_for: list[str] = []

    def once(asked: str) -> int | None:
        asked_for.append(asked)
        return status if len(asked_for) == 1 else None

    registry.fault = once
    origins = ((registry.host, "team/base"),)

    assert a_repository(registry).upload(a_blob(tmp_path, origins=origins), Counted())

    assert registry.blobs == {sha256(RAW): RAW}


def test_a_broken_source_is_told_though_the_upload_was_resumed(
    registry: FakeRegistry, tmp_path: Path
) -> None:
    registry.cut = 1_000_000
    blob = a_blob(tmp_path)
    (tmp_path / "blob").write_bytes(RAW[:-1] + b"x")

    with pytest.raises(StepError, match="holds something else") as caught:
        a_repository(registry).upload(blob, Counted())

    assert caught.value.exit is Exit.USAGE
    assert registry.blobs == {}


def test_an_empty_blob_is_a_blob(registry: FakeRegistry, tmp_path: Path) -> None:
    a_repository(registry).upload(a_blob(tmp_path, b""), Counted())

    assert registry.blobs == {sha256(b""): b""}
