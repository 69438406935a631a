"""Fail when Amazon ECR's scan of an image finds more than the policy allows.

Only a finished scan that was read to its last page can pass. A scan that failed, that never took
place, that is too old or that is in a state which nobody knows is exit 3, never clean. An image for
several platforms is judged by all of them; the same finding on two of them counts once.

By default no CRITICAL and no HIGH finding is allowed; the other severities are shown. Basic
scanning's result is final when it is complete. Enhanced scanning (Amazon Inspector) fills its
result bit by bit: one within the limits has to stay the same for --settle, an empty one for twice
as long. Where no scan shows up within --grace, there is none.

Exceptions stand in .scan-gate.toml (or .yaml): an exact id, a reason, and until when. Files of
trivy (.trivyignore, .trivyignore.yaml) and grype (.grype.yaml) are read as well, by --ignore-file.
"""

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, assert_never

from ecsstep import __version__
from ecsstep.aws.ecr import Ecr
from ecsstep.aws.scan_subjects import Images, subjects
from ecsstep.aws.scan_watch import Scanned, ScanWatch, coverage
from ecsstep.aws.scans import Scans
from ecsstep.core.documents import parse_document
from ecsstep.core.files import check_writable, read_text, write_whole
from ecsstep.core.options import Given, Option, Options
from ecsstep.core.output import Result, compiled
from ecsstep.core.step import Step, World
from ecsstep.core.values import one_of, positive_duration, spelled
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.rules import gate
from ecsstep.rules.exception_files import DEFAULT_FILES, parsed_file
from ecsstep.rules.exceptions import Exemption, Exemptions
from ecsstep.rules.findings import DEFAULT_LIMITS, Policy, parse_limit
from ecsstep.rules.image import Reference, ecr_host, is_loopback, parse_reference
from ecsstep.rules.platforms import Platform
from ecsstep.rules.reports import parse_anchor, parse_report, rendered
from ecsstep.rules.reports.report import Report
from ecsstep.rules.scans import State, Terms, Unusable, Waiting


@dataclass(frozen=True, kw_only=True)
class GateOptions(Options):
    """What scan-gate can be told."""

    image: Reference = Option(  # noqa: RUF009 - it is dataclasses.field
        flag="IMAGE",
        help="the image in ECR, by digest or by tag: HOST/REPOSITORY@DIGEST, or "
        "REPOSITORY:TAG in the caller's own registry",
        parse=parse_reference,
        required=True,
    ).field()
    limits: tuple[tuple[str, int], ...] = Option(
        flag="--max",
        help="the most findings of a severity that are let through; CRITICAL and HIGH have 0 by "
        "default, the others no limit",
        metavar="SEVERITY=N",
        parse=parse_limit,
        repeatable=True,
    ).field()
    fixable_only: bool = Option(
        flag="--fixable-only",
        help="let findings through that have no fix; one without fix data counts (basic scanning "
        "has none at all)",
        is_switch=True,
        default=False,
    ).field()
    fail_when: str | None = Option(
        flag="--fail-when",
        help="JMESPath condition over the JSON result that refuses the image as well: "
        "counts.MEDIUM > `10`",
        metavar="EXPR",
        parse=compiled,
    ).field()
    platform: tuple[str, ...] = Option(
        flag="--platform",
        help="platform to judge of an image for several, as in linux/arm64; by default all",
        metavar="OS/ARCH",
        repeatable=True,
    ).field()
    ignore_file: tuple[str, ...] = Option(
        flag="--ignore-file",
        help="file of exceptions; by default .scan-gate.toml (or .yaml) where there is one",
        metavar="FILE",
        repeatable=True,
    ).field()
    report: tuple[tuple[str, str], ...] = Option(
        flag="--report",
        help="report to write: json, gitlab (container scanning), codequality, junit, sarif or "
        "markdown",
        metavar="FORMAT=FILE",
        parse=parse_report,
        repeatable=True,
    ).field()
    dockerfile: str = Option(
        flag="--dockerfile",
        help="file of the project at which reports show the findings",
        metavar="FILE",
        parse=parse_anchor,
        default="Dockerfile",
    ).field()
    start: str = Option(
        flag="--start",
        help="whether to start a scan where basic scanning has none",
        metavar="WHEN",
        parse=one_of("auto", "never"),
        default="auto",
    ).field()
    timeout: float = Option(
        flag="--timeout",
        help="how long to wait for the scan at most",
        metavar="TIME",
        parse=positive_duration,
        default="15m",
    ).field()
    interval: float = Option(
        flag="--interval",
        help="time between two looks",
        metavar="TIME",
        parse=positive_duration,
        default="5s",
    ).field()
    settle: float = Option(
        flag="--settle",
        help="how long the result of enhanced scanning has to stay the same",
        metavar="TIME",
        parse=positive_duration,
        default="1m",
    ).field()
    grace: float = Option(
        flag="--grace",
        help="after what time a scan that hasn't shown up is taken for none",
        metavar="TIME",
        parse=positive_duration,
        default="5m",
    ).field()
    max_age: float = Option(
        flag="--max-age",
        help="how old a completed scan may be; basic scanning starts a new one where it is older",
        metavar="TIME",
        parse=positive_duration,
        default="720h",
    ).field()

    @classmethod
    def faults(cls, given: Given) -> Iterator[str]:
        """Yield what is wrong between options."""
        yield from super().faults(given)
        image: Reference | None = given.values.get("image")
        if image and not (image.tag or image.digest):
            yield f"IMAGE: '{image}' has neither tag nor digest; which of its images is meant?"
        host = image.registry if image else ""
        if host and not ecr_host(host) and not is_loopback(host):
            yield f"IMAGE: '{host}' is no private registry of Amazon ECR"
        limits = dict.fromkeys(given.values.get("limits", ()))
        names = [severity for severity, _ in limits]
        for severity in dict.fromkeys(name for name in names if names.count(name) > 1):
            yield f"--max: {severity} is given twice with different numbers"
        paths = [path for _, path in given.values.get("report", ())]
        for path in dict.fromkeys(path for path in paths if paths.count(path) > 1):
            yield f"--report: two reports are to go into '{path}'"

    @property
    def policy(self) -> Policy:
        """What is allowed."""
        return Policy(
            limits={**DEFAULT_LIMITS, **dict(self.limits)},
            fixable_only=self.fixable_only,
            condition=self.fail_when or "",
        )

    @property
    def terms(self) -> Terms:
        """How long to wait for what."""
        return Terms(
            start=self.start == "auto",
            settle=self.settle,
            grace=self.grace,
            max_age=self.max_age,
        )


def scan_gate(
    options: GateOptions, world: World, images: Images, scans: Scanned, account: str | None
) -> Result:
    """Resolve the image once, wait for the scan of each of its platforms, judge, and report."""
    for _, path in options.report:
        check_writable(path)
    desk = _Desk(options, world)
    with desk.failure_reported():
        entries = _exceptions(options, world)
        scans.check_model()
        desk.digest, platforms = subjects(
            images, options.image, options.platform, account=account, log=world.log
        )
        exemptions = Exemptions(entries=entries, image=options.image, today=desk.started.date())
        watch = ScanWatch(
            scans, coverage(scans, account, world.log), options.terms, world.clock, world.log
        )
        verdict = _verdict(options, world, watch, exemptions, platforms, desk)
        return desk.result(verdict, watch)


def _verdict(  # noqa: PLR0913, PLR0917 - everything that a verdict rests on
    options: GateOptions,
    world: World,
    watch: ScanWatch,
    exemptions: Exemptions,
    platforms: tuple[Platform, ...],
    desk: "_Desk",
) -> gate.Verdict:
    names = [platform.name for platform in platforms if platform.name]
    world.log.info(
        "waiting for the scan",
        image=options.image.pinned(desk.digest),
        **({"platforms": names} if names else {}),
        timeout=spelled(options.timeout),
    )

    def judge(states: Mapping[str, State]) -> gate.Verdict:
        try:
            return gate.judge(states, options.policy, exemptions)
        except ValueError as error:
            raise StepError(
                f"--fail-when '{options.fail_when}' does not fit the result: {error}",
                exit=Exit.USAGE,
                hint="--format json without it shows what it is held against",
            ) from error

    return watch.verdict(platforms, judge, every=options.interval, limit=options.timeout)


@dataclass
class _Desk:
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
        return result

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


def _exceptions(options: GateOptions, world: World) -> tuple[Exemption, ...]:
    """Return the exceptions of all files.

    Raises:
        StepError: A file can't be read, or something in it is wrong (exit 2).
    """
    paths = options.ignore_file
    if not paths:
        paths = tuple(name for name in DEFAULT_FILES if Path(name).is_file())
    if len(paths) > 1 and not options.ignore_file:
        raise StepError(
            f"there is more than one file of exceptions: {' and '.join(paths)}",
            exit=Exit.USAGE,
            hint="keep one of them, or name them with --ignore-file",
        )
    parsed = [parsed_file(path, read_text(path), parse=_document) for path in paths]
    faults = tuple(fault for each in parsed for fault in each.faults)
    if faults:
        raise StepError(
            faults[0] if len(faults) == 1 else f"{len(faults)} mistakes in the exceptions",
            exit=Exit.USAGE,
            why=faults if len(faults) > 1 else (),
            hint="docs/scan-gate.md shows what an exception looks like",
        )
    for skipped in (each for found in parsed for each in found.skipped):
        world.log.warning("an exception is left out", reason=skipped)
    entries = tuple(entry for each in parsed for entry in each.entries)
    if paths:
        world.log.info("exceptions read", files=list(paths), exceptions=len(entries))
    return entries


def _document(text: str, name: str) -> Any:
    return parse_document(text, name=name).value


def _handed_on(image: Reference, digest: str) -> dict[str, str]:
    """Return what was judged, for the steps that deploy it."""
    where = {"ECSSTEP_IMAGE": str(image.pinned(digest))} if image.registry else {}
    return {**where, "ECSSTEP_IMAGE_DIGEST": digest}


def run(options: GateOptions, world: World) -> Result:
    """Build the collaborators and judge."""
    from ecsstep.aws.session import connect

    image = options.image
    host = ecr_host(image.registry)
    # The registry's own region counts, whatever else is set.
    settings = dataclasses.replace(options, region=host.region) if host else options
    with _Desk(options, world).failure_reported():
        aws = connect(settings, world.environ, world.log)
        if is_loopback(image.registry) and not aws.is_emulated:
            raise StepError(
                f"'{image.registry}' is no private registry of Amazon ECR",
                exit=Exit.USAGE,
                hint="registries on this machine stand for ECR's in the sandbox alone",
            )
        client = aws.client("ecr")
    account = host.account if host else None
    scans = Scans(client, repository=image.repository, registry_id=account)
    return scan_gate(options, world, Ecr(client), scans, account)


main = Step(name="scan-gate", about=__doc__ or "", options=GateOptions, run=run)
