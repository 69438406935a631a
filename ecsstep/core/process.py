"""Other programs; the only importer of subprocess."""

from collections.abc import Mapping
from typing import Protocol

from ecsstep.errors import Exit, StepError
from ecsstep.secret import Secret, scrubbed
from ecsstep.value import Value


class Completed(Value):
    """A program that has ended.

    Attributes:
        code: Its exit code; negative for the signal that ended it.
        stdout: What it printed.
        stderr: What it said.
    """

    code: int
    stdout: str
    stderr: str

    @property
    def said(self) -> str:
        """The last line that it said, for a message."""
        lines = (self.stderr.strip() or self.stdout.strip()).splitlines()
        return lines[-1].strip() if lines else f"it ended with {self.code} and said nothing"


class Run(Protocol):
    """Runs a program to its end."""

    def __call__(
        self,
        argv: tuple[str, ...],
        *,
        stdin: Secret | str | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Completed:
        """Return the completed program."""
        ...


def run(
    argv: tuple[str, ...],
    *,
    stdin: Secret | str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Completed:
    """Run a program to its end and return what it printed, whatever its exit code.

    Secrets go in by ``stdin``; what comes back is scrubbed of them.

    Args:
        argv: The program and its arguments; never a shell.
        stdin: What it reads; nothing at all by default.
        environ: Its whole environment; ours by default.

    Raises:
        StepError: There is no such program, or it can't be started (exit 6).
    """
    import subprocess

    text = stdin.reveal() if isinstance(stdin, Secret) else stdin
    try:
        done = subprocess.run(  # noqa: S603 - an argv, not a shell's line
            argv,
            input=(text or "").encode(errors="surrogateescape"),
            capture_output=True,
            check=False,
            env=None if environ is None else dict(environ),
        )
    except FileNotFoundError as error:
        raise StepError(
            f"there is no '{argv[0]}' on this machine",
            exit=Exit.TOOL,
            hint=f"install {argv[0]}, or put its folder on PATH",
        ) from error
    except OSError as error:
        raise StepError(
            f"'{argv[0]}' can't be started: {(error.strerror or str(error)).lower()}",
            exit=Exit.TOOL,
            hint=f'look at the file itself: ls -l "$(command -v {argv[0]})"',
        ) from error
    return Completed(
        code=done.returncode,
        stdout=scrubbed(done.stdout.decode(errors="replace")),
        stderr=scrubbed(done.stderr.decode(errors="replace")),
    )
