"""Nothing is changed before somebody has agreed, in the account that is meant."""

import shlex
import sys
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Protocol

from ecsstep.core.live import write
from ecsstep.core.log import Log
from ecsstep.core.options import Options
from ecsstep.errors import Exit, StepError
from ecsstep.text import printable
from ecsstep.value import Value

if TYPE_CHECKING:
    from ecsstep.aws.caller import Caller

_YES = frozenset({"y", "yes"})
_ANY_REGION = "us-east-1"


class Consent(Value):
    """What somebody has to agree to.

    Attributes:
        deed: What would be changed; nothing where the step only reads.
        is_given: Whether it is agreed to already, by ``--yes``.
        words: The command line.
        look: The flags with which the step changes nothing.
    """

    deed: str
    is_given: bool
    words: tuple[str, ...]
    look: str

    def check(self, stdin: IO[str]) -> None:
        """Find out, before any call, whether somebody can be asked who has to be.

        Raises:
            StepError: Nobody can (exit 2).
        """
        if self.deed and not self.is_given and not stdin.isatty():
            raise StepError(
                f"this {self.deed}, and there is no terminal to ask on",
                exit=Exit.USAGE,
                hint=f"look first: {self.look}; then agree to it: --live --yes",
            )

    def ask(
        self,
        caller: "Caller | None",
        stdin: IO[str],
        *,
        is_certain: bool,
        stderr: IO[str] | None = None,
    ) -> None:
        """Ask on the terminal, with the account and the identity in the question.

        Args:
            caller: Whose credentials are in use; None where AWS isn't asked.
            stdin: Where the answer comes from.
            is_certain: Whether it is known that this account is meant.
            stderr: Where the question goes.

        Raises:
            StepError: The answer is no (exit 1), or the account is nobody's word (exit 2).
        """
        if not self.deed:
            return
        if self.is_given:
            if caller is not None and not is_certain:
                raise StepError(
                    f"the record doesn't tell its account, and --yes would take {caller.account}",
                    exit=Exit.USAGE,
                    hint=f"if that is the one that is meant: --account {caller.account}",
                )
            return
        where = f", account {caller.account} ({caller.region}) as {caller.arn}" if caller else ""
        command = shlex.join(self.words)
        said = f"{command}\nthis {self.deed}{where}: go on? [y/N] "
        write(sys.stderr if stderr is None else stderr, printable(said, lines=True))
        if stdin.readline().strip().lower() not in _YES:
            raise StepError(
                "nothing was done", exit=Exit.REFUSED, hint="answer y to go on, or give --yes"
            )


class Identify(Protocol):
    """Finds out whose credentials are in use."""

    def __call__(  # noqa: D102 - see check_account
        self, settings: Options, environ: Mapping[str, str], log: Log, *, meant: str
    ) -> "Caller": ...


def check_account(
    settings: Options, environ: Mapping[str, str], log: Log, *, meant: str
) -> "Caller":
    """Return whose credentials are in use.

    Raises:
        StepError: They are another account's than the one that is meant (exit 2), or there are
            none (exit 5).
    """
    from ecsstep.aws.caller import caller
    from ecsstep.aws.session import connect

    found = caller(connect(settings, environ, log, fallback=_ANY_REGION))
    if meant and found.account != meant:
        raise StepError(
            f"your credentials are of account {found.account}, and {meant} is meant",
            exit=Exit.USAGE,
            hint=f"take credentials of {meant} (AWS_PROFILE); or, if {found.account} is meant: "
            f"--account {found.account}",
        )
    log.info("for real", account=found.account, region=found.region, identity=found.arn)
    return found
