"""Where a verdict becomes a result and reports."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, assert_never

from ecsstep import __version__
from ecsstep.aws.scan_watch import ScanWatch
from ecsstep.core.files import write_whole
from ecsstep.core.output import Result
from ecsstep.core.step import World
from ecsstep.core.values import spelled
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.rules import gate
from ecsstep.rules.image import Reference
from ecsstep.rules.links import by_label, image_links
from ecsstep.rules.reports import rendered
from ecsstep.rules.reports.report import Report
from ecsstep.rules.scans import Unusable, Waiting
from ecsstep.steps.scan_gate.options import GateOptions


@dataclass
class Desk:
    """Where a verdict becomes a result and reports.

    Attributes:
        digest: The image's digest, as soon as it is known.
    """

    options: GateOptions
    world: World
    digest: str = ""

    def __post_init__(self) -> None:
        self.started = self.world.clock.now()

    def result(self, verdict: gate.Verdict, watch: ScanWatch) -> Result:
        """Return the result of a verdict, with its reports written.

        Raises:
            StepError: There is none, or a report of a pass can't be written.
        """
        match verdict:
            case gate.Passed():
                result = self._passed(verdict, watch)
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
                    hint="run the step again, or give it longer with --timeout",
                    why=watch.known(),
                )
            case _:
                assert_never(verdict)
        self._tell(verdict)
        self._report(result, verdict)
        return result.replaced(links=by_label(image_links(self.options.image.pinned(self.digest))))

    @contextlib.contextmanager
    def failure_reported(self) -> Iterator[None]:
        """Write the reports where there is no verdict: an old one of a pass must not stay."""
        try:
            yield
        except StepError as error:
            self._report_failure(error.message, error.hint, error.exit)
            raise
        except (KeyboardInterrupt, Terminated):
            self._report_failure("the gate was interrupted", "", Exit.INTERRUPTED)
            raise

    def _report_failure(self, said: str, hint: str, code: Exit) -> None:
        data = {
            "verdict": "unusable",
            "image": str(self.options.image),
            "digest": self.digest or None,
            "reason": said,
            "hint": hint,
        }
        with _faults_told(self.world):
            self._write(Result(data=data, message=said, hint=hint, exit=code), None)

    @property
    def _name(self) -> str:
        image = self.options.image
        return f"'{image}'" if image.digest else f"'{image}' ({self.digest})"

    def _passed(self, verdict: gate.Passed, watch: ScanWatch) -> Result:
        tally = verdict.tally
        aside = {"set_aside": len(tally.set_aside)} if tally.set_aside else {}
        found = gate.summary(tally.counts)
        self.world.log.info(
            "the scan is within the limits",
            image=self.options.image.pinned(self.digest),
            found=found,
            **aside,
        )
        return Result(
            lines=("passed",),
            data=self._data(verdict, watch),
            dotenv=_handed_on(self.options.image, self.digest),
            message=f"image {self._name} is within the limits: {found}",
        )

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
            "verdict": "passed" if isinstance(verdict, gate.Passed) else "refused",
            "image": str(self.options.image),
            "digest": self.digest,
            **gate.data(verdict.tally, self.options.policy),
            "exceptions": [standing.data() for standing in verdict.standings],
            "platforms": watch.data(),
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

    def _report(self, result: Result, verdict: gate.Passed | gate.Refused) -> None:
        if result.exit is Exit.OK:
            self._write(result, verdict)
            return
        # A report that can't be written must not stand in for the refusal.
        with _faults_told(self.world):
            self._write(result, verdict)

    def _write(self, result: Result, verdict: gate.Passed | gate.Refused | None) -> None:
        report = Report(
            image=self.options.image,
            digest=self.digest,
            version=__version__,
            started=self.started,
            ended=self.world.clock.now(),
            said=result.message,
            hint=result.hint,
            exit=int(result.exit),
            data=result.data,
            policy=self.options.policy,
            anchor=self.options.dockerfile,
            tally=verdict.tally if verdict else None,
            refused=verdict if isinstance(verdict, gate.Refused) else None,
        )
        faults: list[StepError] = []
        for name, path in self.options.report:
            try:
                write_whole(path, rendered(name, report))
            except StepError as error:
                faults.append(error)
            else:
                self.world.log.info("report written", format=name, file=path)
        if faults:
            raise faults[0]


@contextlib.contextmanager
def _faults_told(world: World) -> Iterator[None]:
    try:
        yield
    except StepError as error:
        world.log.error(error.message, why=error.why, hint=error.hint)


def _handed_on(image: Reference, digest: str) -> dict[str, str]:
    """Return what was judged, for the steps that deploy it."""
    where = {"ECSSTEP_IMAGE": str(image.pinned(digest))} if image.registry else {}
    return {**where, "ECSSTEP_IMAGE_DIGEST": digest}
