"""The ends of a process, as they look through the :class:`~ecsstep.core.outside.Outside` in use."""

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import IO, Any

from ecsstep.core.clock import Clock
from ecsstep.core.outside import current
from ecsstep.core.process import Completed, Run
from ecsstep.core.tape import Tape
from ecsstep.errors import Exit, StepError
from ecsstep.secret import Secret


class TapedClock:
    """A clock whose readings are kept where they can't be told from the answers."""

    def __init__(self, clock: Clock, tape: Tape) -> None:
        self._clock = clock
        self._tape = tape

    def now(self) -> dt.datetime:
        """Return the wall clock's time, in UTC."""
        return self._clock.now()

    def monotonic(self) -> float:
        """Return seconds that only ever grow."""
        found = self._clock.monotonic()
        self._tape.saw(found)
        return found

    def sleep(self, seconds: float) -> None:
        """Let ``seconds`` go by."""
        self._clock.sleep(seconds)
        self._tape.slept(seconds)


class Variables(Mapping[str, str]):
    """The environment, with a note of what was read of it.

    Attributes:
        read: The variables that were asked for one by one and are set.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.read: dict[str, str] = {}

    def __getitem__(self, name: str) -> str:
        self.read[name] = value = self._environ[name]
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._environ)

    def __len__(self) -> int:
        return len(self._environ)


class Stdin:
    """stdin, of which is kept what was read; reading one that is closed is the user's mistake."""

    def __init__(self, stream: IO[str] | None) -> None:
        self._stream = stream

    def isatty(self) -> bool:
        """Whether nothing comes from it by itself: a person sits there, or it is closed."""

        def live() -> dict[str, bool]:
            return {"is": self._stream is None or self._stream.isatty()}

        return bool(current().ask("stdin", {"do": "isatty"}, live)["is"])

    def readline(self) -> str:
        """Return its next line."""
        return self._text("readline", lambda: _open(self._stream).readline())

    def read(self, size: int = -1) -> str:
        """Return the rest of it, or so many characters."""
        return self._text("read", lambda: _open(self._stream).read(size))

    @property
    def buffer(self) -> "_Buffer":
        """The bytes below, as :func:`ecsstep.core.files.read_text` wants them."""
        return _Buffer(self._stream)

    def _text(self, do: str, live: Any) -> str:
        asked = current().ask("stdin", {"do": do}, lambda: {"content": live().encode()})
        return bytes(asked["content"]).decode()


class _Buffer:
    def __init__(self, stream: IO[str] | None) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        def live() -> dict[str, bytes]:
            stream = _open(self._stream)
            binary: IO[bytes] | None = getattr(stream, "buffer", None)
            return {"content": stream.read().encode() if binary is None else binary.read(size)}

        return bytes(current().ask("stdin", {"do": "bytes"}, live)["content"])


def _open(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise StepError(
            "can't read stdin: it is closed",
            exit=Exit.USAGE,
            hint="give a file instead of -, or pipe the text in: … | STEP …",
        )
    return stream


def taped(run: Run) -> Run:
    """Return what runs a program, through the one in use."""

    def through(
        argv: tuple[str, ...],
        *,
        stdin: Secret | str | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Completed:
        def live() -> dict[str, Any]:
            done = run(argv, stdin=stdin, environ=environ)
            # A program's output may hold what is no Unicode.
            return {
                "code": done.code,
                "stdout": done.stdout.encode(errors="backslashreplace"),
                "stderr": done.stderr.encode(errors="backslashreplace"),
            }

        found = current().ask("run", {"argv": list(argv)}, live)
        return Completed(
            code=int(found["code"]),
            stdout=bytes(found["stdout"]).decode(),
            stderr=bytes(found["stderr"]).decode(),
        )

    return through
