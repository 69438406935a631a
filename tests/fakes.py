"""Stand-ins and builders that the tests share."""

import datetime as dt
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ecsstep.core.log import Log
from ecsstep.core.process import Completed
from ecsstep.core.step import Step, World
from ecsstep.errors import Exit, StepError
from ecsstep.secret import Secret

START = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


class FakeClock:
    """A clock that moves only when somebody sleeps."""

    def __init__(self) -> None:
        self.elapsed = 0.0
        self.slept: list[float] = []

    def now(self) -> dt.datetime:
        return START + dt.timedelta(seconds=self.elapsed)

    def monotonic(self) -> float:
        return self.elapsed

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.elapsed += seconds


@dataclass
class FakeRun:
    """Programs that answer from a table, by their argv's beginning; others don't exist.

    Attributes:
        answers: What a program whose argv begins so answers.
        calls: Every argv, in order.
        stdins: What each read.
    """

    answers: dict[tuple[str, ...], Completed | Callable[[tuple[str, ...]], Completed]] = field(
        default_factory=dict
    )
    calls: list[tuple[str, ...]] = field(default_factory=list)
    stdins: list[str | None] = field(default_factory=list)
    environs: list[Mapping[str, str] | None] = field(default_factory=list)

    def __call__(
        self,
        argv: tuple[str, ...],
        *,
        stdin: Secret | str | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> Completed:
        self.calls.append(argv)
        self.stdins.append(stdin.reveal() if isinstance(stdin, Secret) else stdin)
        self.environs.append(environ)
        for length in range(len(argv), 0, -1):
            answer = self.answers.get(argv[:length])
            if answer is not None:
                return answer if isinstance(answer, Completed) else answer(argv)
        raise StepError(f"there is no '{argv[0]}' on this machine", exit=Exit.TOOL)


def completed(stdout: str = "", *, code: int = 0, stderr: str = "") -> Completed:
    return Completed(code=code, stdout=stdout, stderr=stderr)


@dataclass
class Said:
    """A world for one step, and what the step said into it."""

    world: World
    out: io.StringIO
    err: io.StringIO
    clock: FakeClock
    run: FakeRun


def a_world(
    environ: Mapping[str, str] | None = None,
    *,
    stdin: str = "",
    run: FakeRun | None = None,
    log_format: str = "text",
) -> Said:
    out, err, clock, run = io.StringIO(), io.StringIO(), FakeClock(), run or FakeRun()
    world = World(
        environ=environ or {},
        stdin=io.StringIO(stdin),
        stdout=out,
        stderr=err,
        clock=clock,
        run=run,
        log=Log(step="step", stream=err, form=log_format),
    )
    return Said(world=world, out=out, err=err, clock=clock, run=run)


@dataclass(frozen=True)
class Ended:
    """How an invocation of a step ended."""

    code: int
    out: str
    err: str


def invoke(
    step: Step,
    *argv: str,
    environ: Mapping[str, str] | None = None,
    stdin: str = "",
    run: Any = None,
) -> Ended:
    """Run a step as its console script would, with all its ends in hand."""
    out, err = io.StringIO(), io.StringIO()
    code = step.invoke(
        argv,
        # A step that fails would leave its record in the folder that the tests run in.
        environ={"ECSSTEP_RECORD": "never", **(environ or {})},
        stdin=io.StringIO(stdin),
        stdout=out,
        stderr=err,
        clock=FakeClock(),
        run=run or FakeRun(),
    )
    assert not code or is_silent(code) or "hint" in err.getvalue(), f"no hint: {err.getvalue()}"
    return Ended(code=code, out=out.getvalue(), err=err.getvalue())


def is_silent(code: int) -> bool:
    """Whether a step that ends so says no more than that it ends."""
    return code in {Exit.INTERRUPTED, Exit.TERMINATED}
