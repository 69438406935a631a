"""What is told of a record without running anything."""

import sys
from collections.abc import Iterator

from ecsstep.core.options import Options
from ecsstep.core.output import write
from ecsstep.replay.options import ReplayOptions
from ecsstep.rules.record.value import Record
from ecsstep.text import printable


def is_printed(wish: ReplayOptions) -> bool:
    """Whether something is to be told of the record, and nothing run."""
    return wish.explain or wish.shell or wish.show_redactions


def print_record(wish: ReplayOptions, record: Record, options: type[Options]) -> None:
    """Write what is wanted to stdout.

    Args:
        wish: What is wanted.
        record: The record.
        options: The step's options; those of every step where this version doesn't know it.

    Raises:
        StepError: stdout can't be written (exit 2).
    """
    if wish.explain:
        from ecsstep.replay.explain import explain

        explain(record, options)
        return
    lines = _for_a_shell(record) if wish.shell else redactions(record)
    write(sys.stdout, "".join(f"{line}\n" for line in lines))


def redactions(record: Record) -> Iterator[str]:
    """Yield what was taken out of a record, one line each."""
    for each in record.redactions:
        places = "; ".join(each.places)
        yield printable(f"{each.placeholder}  {each.kind}, {each.count} times: {places}")


def _for_a_shell(record: Record) -> Iterator[str]:
    from ecsstep.aws.cli import name_of
    from ecsstep.rules.record.shell import shell

    yield from shell(record, name_of)
