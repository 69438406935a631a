"""Resolve the image once, wait for the scan of each platform, judge, and report."""

from collections.abc import Callable, Mapping

from ecsstep.aws.ecr import Ecr, private_host
from ecsstep.aws.scan_subjects import Images, subject_of
from ecsstep.aws.scan_watch import Scanned, ScanWatch, coverage
from ecsstep.aws.scans import Scans
from ecsstep.aws.session import Aws, connect
from ecsstep.core.output import Result
from ecsstep.core.step import World
from ecsstep.core.values import spelled
from ecsstep.errors import Exit, StepError
from ecsstep.rules import gate
from ecsstep.rules.exceptions import Exemptions
from ecsstep.rules.image import EcrHost, ecr_host, is_loopback
from ecsstep.rules.platforms import Subject
from ecsstep.rules.scan_place import Place
from ecsstep.rules.scans import State
from ecsstep.steps.scan_gate.desk import Desk
from ecsstep.steps.scan_gate.exemptions import exceptions_of
from ecsstep.steps.scan_gate.options import GateOptions


def scan_gate(
    desk: Desk, images: Images, scans: Scanned, place: Place, host_of: Callable[[str], str]
) -> Result:
    """Resolve the image once, wait for the scan of each of its platforms, judge, and report.

    Args:
        desk: Where the verdict is told.
        images: The images of the registry.
        scans: The scans of its repository.
        place: Where the image is.
        host_of: Names the registry of an account, for an image that was named without one.
    """
    options, world = desk.options, desk.world
    entries = exceptions_of(options, world)
    scans.check_model()
    image = options.subject
    desk.subject = subject_of(images, image, options.platform, place=place, log=world.log)
    exemptions = Exemptions(entries=entries, image=image, today=desk.started.date())
    known = coverage(scans, place.account or None, world.log)
    watch = ScanWatch(scans, known, options.terms, world.clock, world.log, place=place)
    verdict = _verdict(desk, watch, exemptions, desk.subject)
    return desk.result(verdict, watch, host_of)


def _verdict(
    desk: Desk, watch: ScanWatch, exemptions: Exemptions, subject: Subject
) -> gate.Verdict:
    options = desk.options
    names = [platform.name for platform in subject.platforms if platform.name]
    desk.world.log.info(
        "waiting for the scan",
        image=options.subject.pinned(subject.digest),
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

    return watch.verdict(subject.platforms, judge, every=options.interval, limit=options.timeout)


def run(options: GateOptions, world: World) -> Result:
    """Build the collaborators and judge."""
    image = options.subject
    host = ecr_host(image.registry)
    # The registry's own region counts, whatever else is set.
    settings = options.replaced(region=host.region) if host else options
    desk = Desk(options, world)
    with desk.reporting():
        aws = connect(settings, world.environ, world.log)
        if is_loopback(image.registry) and not aws.is_emulated:
            raise StepError(
                f"'{image.registry}' is no private registry of Amazon ECR",
                exit=Exit.USAGE,
                hint="registries on this machine stand for ECR's in the sandbox alone",
            )
        client = aws.client("ecr")
        account = host.account if host else ""
        scans = Scans(client, repository=image.repository, registry_id=account or None)
        place = Place(repository=image.repository, region=aws.region, account=account)
        known = options.registry or ""
        return scan_gate(
            desk, Ecr(client), scans, place, lambda owner: _host(aws, owner, known=known)
        )


def _host(aws: Aws, owner: str, *, known: str) -> str:
    """Return the host of an account's registry; of its several names the one that is known."""
    is_own = ecr_host(known) == EcrHost(host=known, account=owner, region=aws.region)
    is_emulated = aws.is_emulated and is_loopback(known)
    return known if is_own or is_emulated else private_host(owner, aws.region)
