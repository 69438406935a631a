"""Where a verdict becomes a result and reports."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, assert_never

from ecsstep.aws.scan_watch import ScanWatch
from ecsstep.core.output import Result
from ecsstep.core.step import World
from ecsstep.core.values import spelled
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.rules import gate
from ecsstep.rules.judged import data
from ecsstep.rules.links import by_label, image_links
from ecsstep.rules.platforms import Subject
from ecsstep.rules.scans import Unusable, Waiting
from ecsstep.steps.scan_gate.files import ReportFiles
from ecsstep.steps.scan_gate.handing import handed_on
from ecsstep.steps.scan_gate.options import GateOptions

_BROKEN_OFF = "run the step again; there is no verdict of it"


@dataclass
class Desk:
    """Where a verdict becomes a result and reports.

    Attributes:
        subject: What is judged; without a digest until it is known.
    """

    options: GateOptions
    world: World
    subject: Subject = field(default_factory=lambda: Subject(digest="", platforms=()))

    def __post_init__(self) -> None:
        self._files = ReportFiles(self.options, self.world)

    @property
    def started(self) -> dt.datetime:
        """When the step began."""
        return self._files.started

    @contextlib.contextmanager
    def reporting(self) -> Iterator[None]:
        """Write reports that say failure until there is a verdict: an old pass must not stay.

        Raises:
            StepError: One of them can't be written.
        """
        try:
            said = "the gate has not come to its end"
            self._files.begin(self._unusable(said, _BROKEN_OFF, Exit.BUG))
            yield
        except StepError as error:
            self._report_failure(error.message, error.hint, error.exit)
            raise
        except KeyboardInterrupt:
            self._report_failure("the gate was interrupted", _BROKEN_OFF, Exit.INTERRUPTED)
            raise
        except Terminated:
            self._report_failure("the gate was ended by SIGTERM", _BROKEN_OFF, Exit.TERMINATED)
            raise
        except BaseException:
            self._report_failure("the gate broke off by a bug", _BROKEN_OFF, Exit.BUG)
            raise

    def result(
        self, verdict: gate.Verdict, watch: ScanWatch, host_of: Callable[[str], str]
    ) -> Result:
        """Return the result of a verdict, with its reports written.

        Raises:
            StepError: There is none, or a report of a pass can't be written.
        """
        match verdict:
            case gate.Passed():
                result = self._passed(verdict, watch, host_of)
            case gate.Refused():
                result = self._refused(verdict, watch)
            case Unusable():
                raise StepError(
                    f"there is no usable scan of image {self._name}: {verdict.reason}",
                    exit=Exit.FAILED,
                    hint=verdict.hint,
                    why=watch.known(),
                )
            case Waiting():
                raise StepError(
                    f"the scan of image {self._name} came to no end in "
                    f"{spelled(self.options.timeout)}: {verdict.reason}",
                    exit=Exit.TIMEOUT,
                    hint=self._longer(verdict),
                    why=watch.known(),
                )
            case _:
                assert_never(verdict)
        self._tell(verdict)
        self._report(result, verdict)
        return result.replaced(
            links=by_label(image_links(self.options.subject.pinned(self._digest)))
        )

    @property
    def _digest(self) -> str:
        return self.subject.digest

    @property
    def _name(self) -> str:
        image = self.options.subject
        return f"'{image}'" if image.digest else f"'{image}' ({self._digest})"

    def _longer(self, verdict: Waiting) -> str:
        if self.options.timeout > verdict.needed:
            return "run the step again, or give it longer with --timeout"
        enough = spelled(verdict.needed + max(60, self.options.interval))
        return (
            f"the result has to stay the same for {spelled(verdict.needed)}: give it --timeout "
            f"{enough}, or less with --settle"
        )

    def _passed(
        self, verdict: gate.Passed, watch: ScanWatch, host_of: Callable[[str], str]
    ) -> Result:
        tally = verdict.tally
        aside = {"set_aside": len(tally.set_aside)} if tally.set_aside else {}
        found = gate.summary(tally.counts)
        self.world.log.info(
            "the scan is within the limits",
            image=self.options.subject.pinned(self._digest),
            found=found,
            **aside,
        )
        return Result(
            lines=("passed",),
            data=self._data(verdict, watch),
            dotenv=handed_on(
                self.options.subject,
                self.subject,
                host=self._host(watch, host_of),
                log=self.world.log,
            ),
            message=f"image {self._name} is within the limits: {found}",
        )

    def _host(self, watch: ScanWatch, host_of: Callable[[str], str]) -> str:
        """Return the registry of an image that was named without one."""
        is_named = bool(self.options.subject.registry)
        return "" if is_named or not watch.owner else host_of(watch.owner)

    def _refused(self, verdict: gate.Refused, watch: ScanWatch) -> Result:
        return Result(
            lines=("refused",),
            data=self._data(verdict, watch),
            exit=Exit.REFUSED,
            message=f"image {self._name} {verdict}",
            why=gate.lines(verdict, self.options.policy),
            hint=gate.hint(verdict, self.options.policy),
        )

    def _data(self, verdict: gate.Passed | gate.Refused, watch: ScanWatch) -> dict[str, Any]:
        return {
            **self._head("passed" if isinstance(verdict, gate.Passed) else "refused"),
            **data(verdict.tally, self.options.policy),
            "fixable_only": self.options.fixable_only,
            "fail_when": self.options.fail_when,
            "exceptions": [standing.data() for standing in verdict.standings],
            "platforms": watch.data(),
            "left_out": list(self.subject.left_out),
        }

    def _head(self, verdict: str) -> dict[str, Any]:
        return {
            "verdict": verdict,
            "image": str(self.options.subject),
            "digest": self._digest or None,
            "judged_at": f"{self.world.clock.now():%Y-%m-%dT%H:%M:%SZ}",
        }

    def _tell(self, verdict: gate.Passed | gate.Refused) -> None:
        for standing in verdict.standings:
            for warning in standing.warnings():
                self.world.log.warning(warning)
        unknown = sum(each.is_fixable is None for each in verdict.tally.findings)
        if self.options.fixable_only and unknown:
            self.world.log.warning(
                "--fixable-only: what has no fix data counts as if it had a fix; basic scanning "
                "never has any",
                findings=unknown,
            )
        if isinstance(verdict, gate.Passed) and verdict.unknown:
            self.world.log.warning(
                "--fail-when asks for what this scan doesn't tell of each finding, so that the "
                "condition can't hold for those",
                fields=list(verdict.unknown),
            )

    def _report(self, result: Result, verdict: gate.Passed | gate.Refused) -> None:
        faults = self._files.write(result, digest=self._digest, verdict=verdict)
        if faults and result.exit is Exit.OK:
            raise faults[0]
        # A report that can't be written must not stand in for the refusal.
        self._tell_faults(faults)

    def _report_failure(self, said: str, hint: str, code: Exit) -> None:
        faults = self._files.write(self._unusable(said, hint, code), digest=self._digest)
        self._tell_faults(each for each in faults if each.message != said)

    def _unusable(self, said: str, hint: str, code: Exit) -> Result:
        data = {**self._head("unusable"), "reason": said, "hint": hint}
        return Result(data=data, message=said, hint=hint, exit=code)

    def _tell_faults(self, faults: Iterable[StepError]) -> None:
        for error in faults:
            self.world.log.error(error.message, why=error.why, hint=error.hint)
