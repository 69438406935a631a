"""What ecsstep replay can be told."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ecsstep.core.help import described, usage
from ecsstep.core.options import Given, Option, Options

PROG = "ecsstep replay"
_MODES = ("explain", "shell", "live", "show_redactions")
_OF_A_RUN = ("options", "contents", "write_to")
_OF_LIVE = ("yes", "dry_run", "account")


class Replaced(NamedTuple):
    """A file of the step, and where its content comes from instead."""

    name: str
    path: str


def _replaced(text: str) -> Replaced:
    name, equals, path = text.partition("=")
    if not equals or not name or not path:
        raise ValueError(f"'{text}' is not NAME=PATH")
    try:
        with Path(path).open("rb"):
            pass
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ValueError(f"can't read '{path}': {reason.lower()}") from error
    return Replaced(name, path)


def _account(text: str) -> str:
    if len(text) != len("123456789012") or not text.isascii() or not text.isdecimal():
        raise ValueError(f"'{text}' is no account's id of twelve digits")
    return text


class ReplayOptions(Options):
    """What ecsstep replay can be told; by flags alone, since variables are the step's own."""

    file: str = Option(flag="FILE", help="the record", variable="").field(required=True)
    options: tuple[str, ...] = Option(
        flag="--option",
        help="give one of the step's options anew (timeout=1h); NAME= takes it away",
        metavar="NAME=VALUE",
        variable="",
        repeatable=True,
        has_lines=True,
    ).field()
    contents: tuple[Replaced, ...] = Option(
        flag="--file",
        help="let the step find the content of PATH in its file NAME (- for stdin)",
        metavar="NAME=PATH",
        variable="",
        parse=_replaced,
        repeatable=True,
    ).field()
    write_to: str | None = Option(
        flag="--write-to",
        help="write the files that the step writes into this folder",
        metavar="DIR",
        variable="",
    ).field()
    explain: bool = Option(
        flag="--explain",
        help="tell what was asked, what AWS answered, and which rule decided; runs nothing",
        variable="",
        is_switch=True,
        default=False,
    ).field()
    shell: bool = Option(
        flag="--shell",
        help="print the calls as lines of the AWS CLI; runs nothing",
        variable="",
        is_switch=True,
        default=False,
    ).field()
    live: bool = Option(
        flag="--live",
        help="run the step against AWS, with your own credentials; what changes something asks "
        "first",
        variable="",
        is_switch=True,
        default=False,
    ).field()
    dry_run: bool = Option(
        flag="--dry-run",
        help="with --live: do all reads and checks, change nothing",
        variable="",
        is_switch=True,
        default=False,
    ).field()
    yes: bool = Option(
        flag="--yes",
        help="with --live: change things without asking",
        variable="",
        is_switch=True,
        default=False,
    ).field()
    account: str | None = Option(
        flag="--account",
        help="with --live: the account that is meant, where it isn't the record's",
        metavar="ID",
        variable="",
        parse=_account,
    ).field()
    show_redactions: bool = Option(
        flag="--show-redactions",
        help="list what was taken out of the record; runs nothing",
        variable="",
        is_switch=True,
        default=False,
    ).field()

    @classmethod
    def declared(cls) -> dict[str, Option]:
        """Return its own options; those of every step belong to the step that is replayed."""
        return {name: each for name, each in cls._options.items() if name not in Options.shared}

    @classmethod
    def faults(cls, given: Given) -> Iterator[str]:
        """Yield what doesn't go together."""
        flags = {name: option.flag for name, option in cls.declared().items()}

        def on(*names: str) -> list[str]:
            return [flags[name] for name in names if given.values.get(name)]

        modes = on(*_MODES)
        if len(modes) > 1:
            yield f"{' and '.join(modes)} don't go together"
        if not given.values.get("live"):
            yield from (f"{flag} goes with --live" for flag in on(*_OF_LIVE))
        if modes and not given.values.get("live"):
            yield from (f"{flag} does nothing with {modes[0]}" for flag in on(*_OF_A_RUN))
        if on("yes") and on("dry_run"):
            yield "--yes and --dry-run don't go together"


def help_text(about: str) -> str:
    """Return what ``ecsstep replay --help`` prints."""
    declared = ReplayOptions.declared()
    options = "\n".join(
        ["options:", *described(declared), "  --help, -h              print this text"]
    )
    return "\n\n".join([usage(PROG, declared), about.strip(), options]) + "\n"
