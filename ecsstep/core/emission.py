"""What goes out of a step when it has ended: to the dotenv file, to a job's page, to stdout."""

from collections.abc import Iterator
from typing import IO

from ecsstep.core import output
from ecsstep.core.options import Options
from ecsstep.core.output import Result
from ecsstep.errors import StepError


def check(given: Options) -> None:
    """Find out before the work whether the result could be handed on.

    Raises:
        StepError: It could not (exit 2).
    """
    if given.dotenv and not given.is_dotenv_read:
        from ecsstep.core import dotenv

        # A dry run hands nothing on, so it needs no room there.
        is_dry = bool(getattr(given, "dry_run", False))
        dotenv.check(given.dotenv, {} if is_dry else given.hands_on)
    if given.annotations:
        from ecsstep.core import annotations

        annotations.check(given.annotations)


def hand_on(result: Result, given: Options, stdout: IO[str] | None) -> Iterator[StepError]:
    """Hand a result on, and yield what couldn't be: the one doesn't keep the others back."""
    for deed in (_merge, _annotate):
        try:
            deed(result, given)
        except StepError as error:
            yield error
    try:
        output.write(stdout, output.rendered(result, form=given.format, query=given.query))
    except StepError as error:
        yield error


def _merge(result: Result, given: Options) -> None:
    if given.dotenv and result.dotenv:
        from ecsstep.core import dotenv

        dotenv.merge(given.dotenv, result.dotenv, without=result.withdrawn)


def _annotate(result: Result, given: Options) -> None:
    if given.annotations and result.links:
        from ecsstep.core import annotations

        annotations.merge(given.annotations, result.links)
