"""Resolve the image once, wait for the scan of each platform, judge, and report."""

from collections.abc import Mapping

from ecsstep.aws.ecr import Ecr
from ecsstep.aws.scan_subjects import Images, subjects
from ecsstep.aws.scan_watch import Scanned, ScanWatch, coverage
from ecsstep.aws.scans import Scans
from ecsstep.aws.session import connect
from ecsstep.core.files import check_writable
from ecsstep.core.output import Result
from ecsstep.core.step import World
from ecsstep.core.values import spelled
from ecsstep.errors import Exit, StepError
from ecsstep.rules import gate
from ecsstep.rules.exceptions import Exemptions
from ecsstep.rules.image import ecr_host, is_loopback
from ecsstep.rules.platforms import Platform
from ecsstep.rules.scans import State
from ecsstep.steps.scan_gate.desk import Desk
from ecsstep.steps.scan_gate.exemptions import exceptions_of
from ecsstep.steps.scan_gate.options import GateOptions


def scan_gate(
    options: GateOptions, world: World, images: Images, scans: Scanned, account: str | None
) -> Result:
    """Resolve the image once, wait for the scan of each of its platforms, judge, and report."""
    for _, path in options.report:
        check_writable(path)
    desk = Desk(options, world)
    with desk.failure_reported():
        entries = exceptions_of(options, world)
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
    desk: "Desk",
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


def run(options: GateOptions, world: World) -> Result:
    """Build the collaborators and judge."""
    image = options.image
    host = ecr_host(image.registry)
    # The registry's own region counts, whatever else is set.
    settings = options.replaced(region=host.region) if host else options
    with Desk(options, world).failure_reported():
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
