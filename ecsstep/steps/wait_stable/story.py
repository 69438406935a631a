"""Follow deployments to their end, find out why they ended so, and tell."""

from collections.abc import Sequence
from functools import cache

from ecsstep.aws.codedeploy import CodeDeploy
from ecsstep.aws.ecs import Ecs
from ecsstep.aws.elbv2 import Elbv2
from ecsstep.aws.evidence import Evidence
from ecsstep.aws.logs import Logs
from ecsstep.aws.session import connect
from ecsstep.core import files, output
from ecsstep.core.live import section
from ecsstep.core.output import Result
from ecsstep.core.step import World
from ecsstep.errors import Exit, StepError
from ecsstep.rules.service import TargetHealth
from ecsstep.rules.waited import report
from ecsstep.rules.waited.told import Told
from ecsstep.steps.wait_stable.options import WaitOptions
from ecsstep.steps.wait_stable.sources import Sources
from ecsstep.steps.wait_stable.telling import told
from ecsstep.steps.wait_stable.waiting import Waiting


def wait_stable(options: WaitOptions, world: World, sources: Sources) -> Result:
    """Follow deployments to their end, find out why they ended so, and tell."""
    started = world.clock.now()
    waiting = Waiting(options, world, sources)
    first = options.subjects[0].service
    # A marker between lines of JSON is nothing.
    environ = world.environ if options.log_format == "text" else {}
    title = f"waiting for {first}"
    with section(world.stderr, environ, world.clock, name="ecsstep_wait", title=title):
        watches = waiting.ended()
    evidence = Evidence(
        ecs=sources.ecs,
        read_log=sources.read_log,
        sick_targets=sources.sick_targets,
        log=world.log,
        cluster=options.cluster,
        lines=options.logs,
    )
    ends = tuple(told(watch, waiting, evidence, world, started=started) for watch in watches)
    result = report.result_of(ends)
    _write(options, ends, result, world)
    return Result(**result.members)


def _write(options: WaitOptions, ends: Sequence[Told], result: report.Answer, world: World) -> None:
    try:
        for path in options.report:
            files.write_whole(path, report.rendered(path, ends, options.cluster, output.to_json))
    except StepError as error:
        if result.exit is Exit.OK:
            raise
        # What happened to the deployment is worth more than a file.
        world.log.warning(error.message, hint=error.hint)


def run(options: WaitOptions, world: World) -> Result:
    """Build the collaborators and wait."""
    aws = connect(options, world.environ, world.log)

    def read_log(region: str, group: str, stream: str, lines: int) -> tuple[str, ...]:
        return Logs(aws.client("logs", region=region or None)).last_lines(group, stream, lines)

    def sick_targets(arn: str) -> tuple[TargetHealth, ...]:
        return Elbv2(aws.client("elbv2")).sick_targets(arn)

    sources = Sources(
        ecs=Ecs(aws.client("ecs")),
        code=cache(lambda: CodeDeploy(aws.client("codedeploy"))),
        read_log=read_log,
        sick_targets=sick_targets,
    )
    return wait_stable(options, world, sources)
