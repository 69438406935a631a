"""How far a transfer has come, on a terminal and in a log."""

import io

import pytest

from ecsstep.core.log import Log
from ecsstep.core.progress import Progress, size_of
from fakes import FakeClock


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Closed(Terminal):
    def write(self, text: str) -> int:
        raise OSError(text)


def a_progress(stream: io.StringIO, *, is_plain: bool = True) -> tuple[Progress, FakeClock]:
    clock = FakeClock()
    log = Log(step="image-push", stream=stream)
    return Progress(log=log, stream=stream, clock=clock, is_plain=is_plain), clock


def test_on_a_terminal_a_bar_is_drawn_and_taken_away() -> None:
    stream = Terminal()
    progress, clock = a_progress(stream)
    progress.begin(200_000_000)

    progress.add(50_000_000)
    progress.show()
    clock.sleep(2)
    progress.show()
    progress.show()
    progress.end()

    bar = "[######                  ]  25% 50.0 MB of 200.0 MB, 25.0 MB/s"
    assert stream.getvalue() == f"\r{bar}\x1b[K\r\x1b[K"


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["a log", "json"])
def test_in_a_log_a_line_is_said_now_and_then(stream: io.StringIO) -> None:
    progress, clock = a_progress(stream, is_plain=not isinstance(stream, Terminal))
    progress.begin(2000)

    for _ in range(12):
        clock.sleep(1)
        progress.add(100)
        progress.show()
    progress.end()

    assert stream.getvalue() == 'image-push: uploading  done="1.0 kB"  of="2.0 kB"\n'


def test_what_was_sent_in_vain_is_taken_back() -> None:
    stream = Terminal()
    progress, clock = a_progress(stream)
    progress.begin(100)

    progress.add(80)
    progress.add(-80)
    clock.sleep(1)
    progress.show()

    assert "   0% 0 B of 100 B" in stream.getvalue()


def test_nothing_to_send_is_all_of_it_and_a_closed_stderr_is_no_reason_to_fail() -> None:
    stream = Terminal()
    for each in (stream, Closed()):
        progress, clock = a_progress(each)
        progress.begin(0)
        clock.sleep(1)
        progress.show()
        progress.end()

    assert "100%" in stream.getvalue()


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (62_500_000, "62.5 MB"), (5 * 10**9, "5.0 GB")],
)
def test_sizes_are_for_people(count: int, said: str) -> None:
    assert size_of(count) == said
