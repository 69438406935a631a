"""Files that are read with a good error and written whole or not at all."""

import contextlib
import io
import os
import resource
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecsstep.core.files import check_writable, is_same, is_stream, locked, read_text, write_whole
from ecsstep.errors import Exit, StepError


def test_a_file_is_read_as_utf8_with_or_without_its_mark(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbfgr\xc3\xbc\xc3\x9fe\r\n")

    assert read_text(str(tmp_path / "a")) == "grüße\r\n"


def test_stdin_is_read_by_a_dash_as_text_or_as_bytes() -> None:
    assert read_text("-", stdin=io.StringIO("here")) == "here"
    assert read_text("-", stdin=io.TextIOWrapper(io.BytesIO(b"\xef\xbb\xbfhere"))) == "here"


def broken(folder: Path) -> str:
    (folder / "binary").write_bytes(b"\xff\xfe\x00")
    return str(folder / "binary")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        pytest.param(lambda p: str(p / "none"), "no such file or directory", id="missing"),
        pytest.param(str, "is a directory", id="folder"),
        pytest.param(broken, "is not UTF-8 text: invalid start byte at byte 0", id="binary"),
        pytest.param(lambda _: "/dev/zero", "'/dev/zero' is larger than 64 MiB", id="endless"),
    ],
)
def test_what_cant_be_read_is_told_by_name(
    tmp_path: Path, path: Callable[[Path], str], said: str
) -> None:
    with pytest.raises(StepError) as caught:
        read_text(path(tmp_path))

    assert caught.value.exit is Exit.USAGE
    assert path(tmp_path) in caught.value.message
    assert said in caught.value.message


def test_binary_on_stdin_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(StepError, match="not UTF-8"):
        read_text("-", stdin=io.TextIOWrapper(io.BytesIO(b"\xff")))


def test_a_missing_folder_is_made_and_the_mode_follows_the_umask(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "out"

    write_whole(str(target), "text")

    umask = os.umask(0)
    os.umask(umask)
    assert target.read_text() == "text"
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~umask
    assert os.listdir(target.parent) == ["out"]  # noqa: PTH208 - names are enough


def test_an_existing_file_keeps_its_mode_unless_one_is_given(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.write_text("old")
    target.chmod(0o640)

    write_whole(str(target), b"new")
    assert (target.read_text(), stat.S_IMODE(target.stat().st_mode)) == ("new", 0o640)

    write_whole(str(target), "newer", mode=0o600)
    assert (target.read_text(), stat.S_IMODE(target.stat().st_mode)) == ("newer", 0o600)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")

    write_whole(str(tmp_path / "link"), "new")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_name_of_full_length_can_be_written(tmp_path: Path) -> None:
    target = tmp_path / ("n" * 255)

    write_whole(str(target), "text")

    assert target.read_text() == "text"


def test_a_full_disk_leaves_what_stood_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    target.write_text("old")
    full = Path("/dev/full").open("wb")  # noqa: SIM115 - the code under test closes it
    monkeypatch.setattr("os.fdopen", lambda *_: full)

    with pytest.raises(StepError) as caught:
        write_whole(str(target), "new")

    assert caught.value.message == f"can't write '{target}': no space left on device"
    assert caught.value.exit is Exit.USAGE
    assert "free some space" in caught.value.hint
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["out"]  # noqa: PTH208 - names are enough


def test_an_interruption_leaves_what_stood_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    target.write_text("old")

    def interrupted(*_arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fchmod", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(str(target), "new")

    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["out"]  # noqa: PTH208 - names are enough


def test_a_path_below_a_file_cant_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    below = str(tmp_path / "file" / "out")

    attempts: list[Callable[[], object]] = [
        lambda: write_whole(below, "x"),
        lambda: check_writable(below),
    ]
    for attempt in attempts:
        with pytest.raises(StepError, match="can't write"):
            attempt()
    with pytest.raises(StepError, match="can't write"), locked(below):
        pass


def test_where_could_be_written_is_known_before(tmp_path: Path) -> None:
    check_writable(str(tmp_path / "new" / "folder" / "out"))
    check_writable("/dev/stderr")
    with pytest.raises(StepError, match="is a folder, not a file"):
        check_writable(str(tmp_path))


def test_a_full_disk_is_known_before(tmp_path: Path) -> None:
    # A limit on the size of files stands for the disk's.
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(StepError, match=r"can't write .*: file too large") as caught:
            check_writable(str(tmp_path / "new" / "out"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert caught.value.exit is Exit.USAGE
    assert list(tmp_path.iterdir()) == []


def test_a_pipe_is_written_to_in_place(tmp_path: Path) -> None:
    fifo = str(tmp_path / "fifo")
    os.mkfifo(fifo)
    seen: list[str] = []
    reader = threading.Thread(target=lambda: seen.append(Path(fifo).read_text()))
    reader.start()

    write_whole(fifo, "text")

    reader.join()
    assert (is_stream(fifo), seen) == (True, ["text"])


def test_a_lock_keeps_others_out_and_leaves_no_file(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "counter"
    write_whole(str(target), "0")

    def count_up() -> None:
        for _ in range(20):
            with locked(str(target)):
                write_whole(str(target), str(int(target.read_text()) + 1))

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert target.read_text() == "80"
    assert [path.name for path in target.parent.iterdir()] == ["counter"]


def test_a_file_system_without_locks_is_written_to_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_arguments: object) -> None:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr("fcntl.flock", unsupported)

    with locked(str(tmp_path / "out")):
        write_whole(str(tmp_path / "out"), "text")

    assert (tmp_path / "out").read_text() == "text"


@given(st.binary())
def test_any_bytes_are_text_or_a_mistake(raw: bytes) -> None:
    with contextlib.suppress(StepError):
        assert isinstance(read_text("-", stdin=io.TextIOWrapper(io.BytesIO(raw))), str)


def test_two_paths_are_one_file_by_a_link_and_before_it_is_there(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("file")

    assert is_same(str(tmp_path / "link"), f"{tmp_path}/./file")
    assert not is_same(str(tmp_path / "file"), str(tmp_path / "other"))
