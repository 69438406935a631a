"""What moves while a step waits."""

import fcntl
import io
import os
import pty
import struct
import termios

import pytest

from ecsstep.core.live import Live, Section, section
from fakes import FakeClock


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_are_drawn_in_the_place_of_those_before() -> None:
    stream = Terminal()
    live = Live(stream, is_plain=True)

    live.show(["a", "b"])
    live.show(["c\x1b[31m"])
    live.clear()
    live.clear()

    assert stream.getvalue() == "a\nb\n\x1b[2F\x1b[Jc\n\x1b[1F\x1b[J"


def test_nothing_is_drawn_elsewhere() -> None:
    plain, among_json = io.StringIO(), Terminal()

    Live(plain, is_plain=True).show(["a"])
    Live(among_json, is_plain=False).show(["a"])

    assert (plain.getvalue(), among_json.getvalue()) == ("", "")


def test_a_terminal_that_is_gone_is_no_reason_to_fail() -> None:
    stream = Terminal()
    live = Live(stream, is_plain=True)
    stream.close = lambda: None  # type: ignore[method-assign]
    io.StringIO.close(stream)
    live.is_on = True

    live.show(["a"])


def test_a_section_is_folded_in_gitlab_and_ends_after_an_error_too() -> None:
    stream, clock = io.StringIO(), FakeClock()

    folded = section(stream, {"GITLAB_CI": "true"}, clock, name="w", title="a\x1b[2Jb")
    with pytest.raises(ZeroDivisionError), folded:
        stream.write(f"{1 // 0}")

    assert stream.getvalue() == (
        "\x1b[0Ksection_start:1767323045:w[collapsed=true]\r\x1b[0Kab\n"
        "\x1b[0Ksection_end:1767323045:w\r\x1b[0K\n"
    )


def test_elsewhere_there_is_no_section() -> None:
    stream = io.StringIO()

    with section(stream, {}, FakeClock(), name="w", title="t"):
        pass

    assert stream.getvalue() == ""


def test_what_somebody_has_to_see_stands_between_two_sections() -> None:
    stream, clock = io.StringIO(), FakeClock()
    job = Section(stream, {"GITLAB_CI": "true"}, clock, name="wait", title="waiting")

    with job.folded():
        stream.write("before\n")
        with job.unfolded():
            stream.write("look here\n")
        stream.write("after\n")

    text = stream.getvalue().replace("\x1b[0K", "").replace("[collapsed=true]\rwaiting", "")
    assert text.replace(":1767323045:", " ").replace("\r", "").splitlines() == [
        "section_start wait", "before", "section_end wait",
        "look here",
        "section_start wait_2", "after", "section_end wait_2",
    ]  # fmt: skip


@pytest.mark.parametrize(("wide", "shown"), [(20, 19), (500, 100), (0, 100)])
def test_a_line_is_no_longer_than_the_terminal_is_wide(wide: int, shown: int) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, wide, 0, 0))
    stream = Terminal()
    stream.fileno = lambda: theirs  # type: ignore[method-assign]

    Live(stream, is_plain=True).show(["x" * 200])
    os.close(ours)
    os.close(theirs)

    assert stream.getvalue() == f"{'x' * shown}\n"
