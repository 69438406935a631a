"""The words in which a step says that it did not succeed."""

from collections.abc import Sequence
from enum import IntEnum


class Exit(IntEnum):
    """The public exit codes; a pipeline may rely on each of them."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    FAILED = 3
    SUPERSEDED = 4
    ACCESS = 5
    TOOL = 6
    BUG = 70
    TEMPORARY = 75
    TIMEOUT = 124
    INTERRUPTED = 130
    TERMINATED = 143


class StepError(Exception):
    """A step cannot go on.

    Attributes:
        message: What failed, on which, in the user's own names.
        exit: The exit code of the process.
        hint: The next thing to try, as a command or an IAM action.
        why: Further lines that a person reads after the message.
    """

    def __init__(
        self,
        message: str,
        *,
        exit: Exit,  # noqa: A002 - the name of the thing
        hint: str = "",
        why: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.exit = exit
        self.hint = hint
        self.why = why


def mistakes(message: str, found: Sequence[str], *, hint: str = "") -> StepError:
    """Return the error that tells one mistake in a line and several below it (exit 2)."""
    if len(found) == 1:
        return StepError(f"{message}: {found[0]}", exit=Exit.USAGE, hint=hint)
    return StepError(message, exit=Exit.USAGE, why=tuple(found), hint=hint)


class Terminated(BaseException):
    """SIGTERM arrived.

    Not an Exception, so that nothing but the boundary takes it for a failure.
    """
