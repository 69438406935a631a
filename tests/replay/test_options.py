"""What ecsstep replay can be told."""

from pathlib import Path

import pytest

from ecsstep.core.arguments import parse
from ecsstep.errors import StepError
from ecsstep.replay.command import main
from ecsstep.replay.options import PROG, Replaced, ReplayOptions, help_text


def mistakes(*argv: str) -> tuple[str, ...]:
    with pytest.raises(StepError) as caught:
        parse(ReplayOptions, argv, {"ECSSTEP_FILE": "x", "ECSSTEP_LIVE": "1"}, prog=PROG)
    return caught.value.why or (caught.value.message,)


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        ((), ("FILE is missing: give FILE",)),
        (("r", "--explain", "--shell"), ("--explain and --shell don't go together",)),
        (("r", "--live", "--show-redactions"), ("--live and --show-redactions don't go together",)),
        (("r", "--yes"), ("--yes goes with --live",)),
        (("r", "--dry-run", "--account", "1" * 12),
         ("--dry-run goes with --live", "--account goes with --live")),
        (("r", "--explain", "--option", "a=1"), ("--option does nothing with --explain",)),
        (("r", "--shell", "--write-to", "d"), ("--write-to does nothing with --shell",)),
        (("r", "--live", "--yes", "--dry-run"), ("--yes and --dry-run don't go together",)),
        (("r", "--account", "12"), ("--account: '12' is no account's id of twelve digits",)),
        (("r", "--file", "x"), ("--file: 'x' is not NAME=PATH",)),
        (("r", "--file", "a=/no/such"),
         ("--file: can't read '/no/such': no such file or directory",)),
        (("r", "--file", "a=\0"), ("--file: 'a=\\x00' holds a control character",)),
        (("r", "--lve"), ("there is no option '--lve'; did you mean '--live'?",)),
    ],
)  # fmt: skip
def test_all_mistakes_are_told_at_once(argv: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert mistakes(*argv) == expected


def test_what_goes_together_is_read(tmp_path: Path) -> None:
    content = tmp_path / "t.json"
    content.touch()
    argv = ("r", "--live", "--yes", "--option=a=1\n2", "--option", "b", f"--file=x={content}")

    wish = parse(ReplayOptions, argv, {}, prog=PROG)

    assert isinstance(wish, ReplayOptions)
    assert (wish.file, wish.live, wish.yes) == ("r", True, True)
    assert wish.options == ("a=1\n2", "b")
    assert wish.contents == (Replaced("x", str(content)),)


def test_the_help_tells_every_option_and_needs_no_record(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["--live", "--help"], steps=(), step=lambda _: pytest.fail("no step is needed"))

    said = capsys.readouterr().out
    assert code == 0
    assert said.startswith("usage: ecsstep replay FILE [--option")
    assert all(option.flag in said for option in ReplayOptions.declared().values())
    assert "ECSSTEP_" not in help_text("about")


def test_a_file_that_cant_be_read_comes_with_where_records_lie(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = main(["nowhere.json"], steps=(), step=lambda _: pytest.fail("no step is needed"))

    said = capsys.readouterr().err
    assert code == 2
    assert "hint: give the file that a failed step named; it lies in .ecsstep/" in said
