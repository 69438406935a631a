"""Follow deployments to their end, find out why they ended so, and tell."""

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence
from functools import cache

from ecsstep.aws.codedeploy import CodeDeploy
from ecsstep.aws.ecr import Ecr
from ecsstep.aws.ecs import Ecs
from ecsstep.aws.elbv2 import Elbv2
from ecsstep.aws.evidence import Evidence
from ecsstep.aws.logs import Logs
from ecsstep.aws.pinned_images import PinnedImages
from ecsstep.aws.session import connect
from ecsstep.core import files, output
from ecsstep.core.output import Result
from ecsstep.core.step import World
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.rules.outcome import BEGUN, unfinished
from ecsstep.rules.service import TargetHealth
from ecsstep.rules.waited import report
from ecsstep.rules.waited.told import NO_COUNTS, Told
from ecsstep.steps.wait_stable.options import Subject, WaitOptions
from ecsstep.steps.wait_stable.sources import Deployers, Sources
from ecsstep.steps.wait_stable.telling import told, untold
from ecsstep.steps.wait_stable.waiting import Waiting


def wait_stable(options: WaitOptions, world: World, sources: Sources) -> Result:
    """Follow deployments to their end, find out why they ended so, and tell."""
    started = world.clock.now()
    # What an earlier run has left must not be taken for this one's.
    begun = [_begun(each, started) for each in options.subjects]
    _write([path for path in options.report if not files.is_stream(path)], options, begun)
    waiting = Waiting(options, world, sources)
    try:
        with waiting.talk.folded():
            watches = waiting.ended()
        evidence = Evidence(
            ecs=sources.deployers.ecs,
            read_log=sources.read_log,
            sick_targets=sources.sick_targets,
            parts_of=sources.parts_of,
            log=world.log,
            cluster=options.cluster,
            lines=options.logs,
        )
        ends = tuple(told(watch, waiting, evidence, world, started=started) for watch in watches)
    except (StepError, KeyboardInterrupt, Terminated) as error:
        times = {"started": started, "ended": world.clock.now()}
        left = [untold(watch, waiting, error, **times) for watch in waiting.watches]
        unseen = [each.replaced(outcome=unfinished(error), **times) for each in begun]
        with _hiding_nothing(world):
            _write(options.report, options, left or unseen)
        raise
    result = report.result_of(ends)
    if result.exit is Exit.OK:
        _write(options.report, options, ends)
    else:
        with _hiding_nothing(world):
            _write(options.report, options, ends)
    return Result(**result.members)


def _begun(subject: Subject, started: dt.datetime) -> Told:
    return Told(
        service=subject.service,
        deployment=subject.deployment or "",
        outcome=BEGUN,
        counts=NO_COUNTS,
        started=started,
        ended=started,
    )


def _write(paths: Sequence[str], options: WaitOptions, ends: Sequence[Told]) -> None:
    for path in paths:
        files.write_whole(path, report.rendered(path, ends, options.cluster, output.to_json))


@contextlib.contextmanager
def _hiding_nothing(world: World) -> Iterator[None]:
    """What happened to the deployment is worth more than a file."""
    try:
        yield
    except StepError as error:
        world.log.warning(error.message, hint=error.hint)


def run(options: WaitOptions, world: World) -> Result:
    """Build the collaborators and wait."""
    aws = connect(options, world.environ, world.log)
    if options.interval < 1 and not aws.is_emulated:
        raise StepError(
            "--interval: less than a second is too often for AWS",
            exit=Exit.USAGE,
            hint="give a second or more; the default is 5s",
        )

    def read_log(region: str, group: str, stream: str, lines: int) -> tuple[str, ...]:
        return Logs(aws.client("logs", region=region or None)).last_lines(group, stream, lines)

    def sick_targets(arn: str) -> tuple[TargetHealth, ...]:
        return Elbv2(aws.client("elbv2")).sick_targets(arn)

    def deployers(*, is_hurried: bool = False) -> Deployers:
        return Deployers(
            ecs=Ecs(aws.client("ecs", is_hurried=is_hurried)),
            code=cache(lambda: CodeDeploy(aws.client("codedeploy", is_hurried=is_hurried))),
        )

    images = PinnedImages(
        lambda region: Ecr(aws.client("ecr", region=region)), is_emulated=aws.is_emulated
    )
    sources = Sources(
        deployers=deployers(),
        hurried=lambda: deployers(is_hurried=True),
        read_log=read_log,
        sick_targets=sick_targets,
        parts_of=images.parts,
    )
    return wait_stable(options, world, sources)
