"""The reports' files, which say failure until there is a verdict."""

from ecsstep import __version__
from ecsstep.core.files import check_writable, is_stream, write_whole
from ecsstep.core.output import Result
from ecsstep.core.step import World
from ecsstep.errors import StepError
from ecsstep.rules import gate
from ecsstep.rules.reports import rendered
from ecsstep.rules.reports.report import Report
from ecsstep.steps.scan_gate.options import GateOptions


class ReportFiles:
    """The reports' files of one run."""

    def __init__(self, options: GateOptions, world: World) -> None:
        self._options = options
        self._world = world
        self.started = world.clock.now()

    def begin(self, unfinished: Result) -> None:
        """Write to each file that there is no verdict, so that none is left of an older run.

        Raises:
            StepError: One of them can't be written; the others are.
        """
        faults = []
        for name, path in self._options.report:
            try:
                check_writable(path)
                # What goes into a stream can't be taken back.
                if not is_stream(path):
                    write_whole(path, rendered(name, self._report(unfinished)))
            except StepError as error:
                faults.append(error)
        if faults:
            raise faults[0]

    def write(
        self, result: Result, *, digest: str = "", verdict: gate.Passed | gate.Refused | None = None
    ) -> tuple[StepError, ...]:
        """Write each report, and return what is wrong with those that can't be written."""
        report = self._report(result, digest=digest, verdict=verdict)
        faults = []
        for name, path in self._options.report:
            try:
                write_whole(path, rendered(name, report))
            except StepError as error:
                faults.append(error)
            else:
                self._world.log.info("report written", format=name, file=path)
        return tuple(faults)

    def _report(
        self, result: Result, *, digest: str = "", verdict: gate.Passed | gate.Refused | None = None
    ) -> Report:
        return Report(
            image=self._options.subject,
            digest=digest,
            version=__version__,
            started=self.started,
            ended=self._world.clock.now(),
            said=result.message,
            hint=result.hint,
            exit=int(result.exit),
            data=result.data,
            policy=self._options.policy,
            anchor=self._options.dockerfile,
            tally=verdict.tally if verdict else None,
            refused=verdict if isinstance(verdict, gate.Refused) else None,
        )
