"""Wait for deployments, by their identity, and say how they ended and why.

A service that is stable is no deployment that succeeded: after a rollback it is stable as well, on
the old revision. So this step follows the deployment's own id. Outcomes: deployed (exit 0),
failed, rolled-back, stopped, gone (3), superseded (4), timeout (124); reached (0) with --until.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ecsstep.aws import evidence, looks
from ecsstep.core import files, output
from ecsstep.core.clock import ticks
from ecsstep.core.live import Live, section
from ecsstep.core.options import CLUSTER, SERVICE, Given, Option, Options
from ecsstep.core.output import Result
from ecsstep.core.step import Step, World
from ecsstep.core.values import count, one_of, positive_duration, spelled
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.rules import outcome as outcomes
from ecsstep.rules.pace import Pace
from ecsstep.rules.rollout import Deployed, Going, Unknown
from ecsstep.rules.service import TargetHealth
from ecsstep.rules.waited import line, report
from ecsstep.rules.waited.start import fault_at_start, unknown
from ecsstep.rules.waited.told import Moment, Told, moment
from ecsstep.rules.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_BROKEN_LOOKS = 5
_UNKNOWN_SECONDS = 60.0
_SHOWN_EVENTS = 12
_SHOWN_GROUPS = 5
_GRACE_SECONDS = 8.0


class Subject(NamedTuple):
    """A service, and its deployment where one was named."""

    service: str
    deployment: str | None


def _subject(text: str) -> Subject:
    service, equals, deployment = text.partition("=")
    if not service or (equals and not deployment):
        raise ValueError(f"'{text}' is not NAME or NAME=DEPLOYMENT")
    return Subject(service, deployment or None)


@dataclass(frozen=True, kw_only=True)
class WaitOptions(Options):
    """What wait-stable can be told."""

    cluster: str = CLUSTER.field(required=True)
    service: tuple[Subject, ...] = SERVICE.field(
        required=True,
        repeatable=True,
        parse=_subject,
        metavar="NAME[=DEPLOYMENT]",
        help="ECS service, with the deployment to follow or without",
    )
    deployment: str | None = Option(
        flag="--deployment",
        help="id of the deployment to follow, as service-update printed it; without it, the "
        "service's primary deployment at the start",
        metavar="ID",
    ).field()
    timeout: float = Option(
        flag="--timeout",
        help="how long to wait at most",
        metavar="TIME",
        parse=positive_duration,
        default="30m",
    ).field()
    interval: float = Option(
        flag="--interval",
        help="time between two looks; longer while nothing changes and after throttling",
        metavar="TIME",
        parse=positive_duration,
        default="5s",
    ).field()
    logs: int = Option(
        flag="--logs",
        help="how many of the failing container's last log lines to show",
        metavar="N",
        parse=count,
        default="20",
    ).field()
    until: str = Option(
        flag="--until",
        help="how far to wait: deployed, or a stage of ECS or CodeDeploy that has to be reached",
        metavar="STAGE",
        parse=report.until,
        default="deployed",
    ).field()
    on_timeout: str = Option(
        flag="--on-timeout",
        help="what to do with a deployment that is still under way when the time is over",
        metavar="WHAT",
        parse=one_of("keep", "rollback"),
        default="keep",
    ).field()
    on_cancel: str = Option(
        flag="--on-cancel",
        help="the same, when the step is ended by SIGTERM or Ctrl-C",
        metavar="WHAT",
        parse=one_of("keep", "rollback"),
        default="keep",
    ).field()
    report: tuple[str, ...] = Option(
        flag="--report",
        help="write a report to this file, by its ending: .json, .md, .xml (JUnit) or .html",
        metavar="FILE",
        parse=report.path,
        repeatable=True,
    ).field()

    @property
    def subjects(self) -> tuple[Subject, ...]:
        """The services with the deployments to follow."""
        alone = len(self.service) == 1
        return tuple(
            Subject(name, id_ or (self.deployment if alone else None)) for name, id_ in self.service
        )

    @property
    def stage(self) -> str:
        """The stage to wait for; nothing for the end."""
        return "" if self.until == "deployed" else self.until

    @classmethod
    def faults(cls, given: Given) -> "Iterator[str]":
        """Yield what is wrong between the services and the deployment."""
        services: Sequence[Subject] = given.values.get("service", ())
        names = [each.service for each in services]
        yield from (
            f"--service: '{name}' is given {names.count(name)} times"
            for name in dict.fromkeys(names)
            if names.count(name) > 1
        )
        is_by_flag = "deployment" in given.by_flag
        if "deployment" not in given.values or not services:
            return
        if len(services) > 1 and (is_by_flag or not all(each.deployment for each in services)):
            yield "--deployment names one deployment; with several services: --service NAME=ID"
        elif is_by_flag and services[0].deployment:
            yield "--deployment and --service NAME=ID both name a deployment"


class EcsCalls(looks.Ecs, evidence.Ecs, Protocol):
    """What this step needs from ECS."""

    def stop_deployment(self, arn: str) -> None: ...  # noqa: D102


class CodeDeployCalls(looks.CodeDeploy, Protocol):
    """What this step needs from CodeDeploy."""

    def stop_deployment(self, deployment: str) -> None: ...  # noqa: D102


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Everything that this step reads, or stops."""

    ecs: EcsCalls
    code: CodeDeployCalls
    read_log: evidence.ReadLog
    sick_targets: evidence.SickTargets


def wait_stable(options: WaitOptions, world: World, sources: Sources) -> Result:
    """Follow deployments to their end, find out why they ended so, and tell."""
    waiting = Waiting(options, world, sources)
    first = options.subjects[0].service
    # A marker between lines of JSON is nothing.
    environ = world.environ if options.log_format == "text" else {}
    title = f"waiting for {first}"
    with section(world.stderr, environ, world.clock, name="ecsstep_wait", title=title):
        watches = waiting.ended()
    told = tuple(waiting.told(watch) for watch in watches)
    result = report.result_of(told)
    try:
        for path in options.report:
            files.write_whole(path, report.rendered(path, told, options.cluster, output.to_json))
    except StepError as error:
        if result.exit is Exit.OK:
            raise
        # What happened to the deployment is worth more than a file.
        world.log.warning(error.message, hint=error.hint)
    return Result(**result.members)


@dataclass
class Waiting:
    """Looks at deployments again and again, and says what changes."""

    options: WaitOptions
    world: World
    sources: Sources
    watches: tuple[Watch, ...] = ()
    timelines: dict[str, list[Moment]] = field(default_factory=dict)
    rollbacks: dict[str, str] = field(default_factory=dict)
    hooks_said: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Take note of the time, and of what is needed for a look."""
        options, world = self.options, self.world
        self.started = world.clock.now()
        self.pace = Pace(every=options.interval)
        self.looks = looks.Looks(
            self.sources.ecs, self.sources.code, cluster=options.cluster, stage=options.stage
        )
        self.live = Live(world.stderr, is_plain=options.log_format == "text")

    def ended(self) -> tuple[Watch, ...]:
        """Return what is known when all have ended, or when the time is over."""
        try:
            self._follow()
        except (KeyboardInterrupt, Terminated):
            self.live.clear()
            self._say_what_is_known()
            if self.options.on_cancel == "rollback":
                self._roll_back()
            raise
        except StepError:
            self.live.clear()
            self._say_what_is_known()
            raise
        self.live.clear()
        if self.options.on_timeout == "rollback":
            self._roll_back()
        return self.watches

    def _follow(self) -> None:
        trouble: StepError | None = None
        clock, limit = self.world.clock, self.options.timeout
        for elapsed in ticks(clock, every=lambda: self.pace.seconds, limit=limit):
            try:
                is_new = self._look(elapsed)
            except StepError as error:
                # A look that went wrong is no outcome; many in a row are an outage.
                trouble, self.pace = error, self.pace.after_trouble()
                if error.exit is not Exit.TEMPORARY or self.pace.broken >= _BROKEN_LOOKS:
                    raise
                self.live.clear()
                self.world.log.warning("this look failed, trying again", reason=error.message)
                continue
            is_listed = not any(isinstance(each.verdict, Unknown) for each in self.watches)
            self.pace = self.pace.after_a_look(changed=is_new or not is_listed)
            if all(watch.is_over for watch in self.watches):
                return
            # ECS may list a new deployment a moment later.
            if elapsed >= _UNKNOWN_SECONDS:
                for watch in self.watches:
                    if isinstance(watch.verdict, Unknown):
                        raise unknown(watch)
        if trouble is not None and not self.watches:
            # Nothing was ever seen, so there is nothing to say of the deployment.
            raise trouble

    def _look(self, elapsed: float) -> bool:
        """Look once at all that aren't over, and return whether something was new."""
        before = self.watches
        if before:
            self.watches = self.looks.again(before)
        else:
            self.watches = self.looks.first(self.options.subjects)
            self._begin()
        known = {watch.name: watch for watch in before}
        new = [each for each in self.watches if line.changed(known.get(each.name), each)]
        if new:
            self.live.clear()
        for watch in new:
            self._note(watch)
        self._say_who_is_awaited()
        self.live.show([line.line_of(watch, elapsed) for watch in self.watches])
        return bool(new)

    def _begin(self) -> None:
        """Find out whether there is something to wait for, and say for what."""
        options, log = self.options, self.world.log
        for watch, subject in zip(self.watches, options.subjects, strict=True):
            fault = fault_at_start(watch, options.cluster, is_named=bool(subject.deployment))
            if fault is not None:
                self.watches = ()
                raise fault
            if not subject.deployment and watch.id:
                log.warning(
                    "no deployment was given: following the primary one",
                    hint="give --deployment, or the dotenv file of service-update",
                )
            log.info(
                "waiting",
                service=watch.name,
                deployment=watch.id,
                timeout=spelled(options.timeout),
                **({"until": options.until} if options.stage else {}),
            )

    def _note(self, watch: Watch) -> None:
        noted = moment(watch, self.world.clock.now())
        self.timelines.setdefault(watch.name, []).append(noted)
        if self.live.is_on:
            return
        self.world.log.info(
            f"{noted.running} of {noted.desired} tasks running",
            **({"service": watch.name} if len(self.watches) > 1 else {}),
            pending=noted.pending,
            failed=noted.failed,
            **({"old": noted.others} if noted.others else {}),
            **({"state": noted.state} if noted.state else {}),
            **({"stage": noted.stage} if noted.stage else {}),
            **({"traffic": f"{noted.weight:g}%"} if noted.weight is not None else {}),
        )

    def _say_who_is_awaited(self) -> None:
        for watch in self.watches:
            for awaited in report.awaited(watch):
                if awaited.key not in self.hooks_said:
                    self.hooks_said.add(awaited.key)
                    self.live.clear()
                    self.world.log.warning(
                        "the deployment waits for a person", service=watch.name, **awaited.told
                    )

    def _say_what_is_known(self) -> None:
        for watch in self.watches:
            if not isinstance(watch.verdict, Unknown):
                self.world.log.warning(
                    "no longer watching; the deployment goes on in ECS",
                    **watch.counts,
                    hint=f"watch it again: wait-stable --cluster {self.options.cluster} "
                    f"--service {watch.name} --deployment {watch.id}",
                )

    def _roll_back(self) -> None:
        """Ask for a rollback of what is still ours and still under way, and see it begin."""
        asked = False
        for watch in self.watches:
            if isinstance(watch.verdict, Going):
                self.rollbacks[watch.name] = self._asked_to_go_back(watch)
                asked = asked or self.rollbacks[watch.name] == "requested"
        if not asked:
            return
        for _ in ticks(self.world.clock, every=1.0, limit=_GRACE_SECONDS):
            try:
                after = self.looks.again(self.watches)
            except StepError:
                continue
            if not any(isinstance(watch.verdict, Going) for watch in after):
                self.world.log.info("the rollback has begun")
                return

    def _asked_to_go_back(self, watch: Watch) -> str:
        try:
            [now] = self.looks.again([watch])
            if not isinstance(now.verdict, Going):
                return "not needed: it is under way no more"
            if watch.is_code:
                self.sources.code.stop_deployment(watch.id)
            else:
                self.sources.ecs.stop_deployment(report.to_stop(now))
        except StepError as error:
            self.world.log.warning(
                "the rollback can't be asked for", reason=error.message, hint=error.hint
            )
            return f"refused: {error.message}"
        self.world.log.warning("asked ECS to roll back", service=watch.name, deployment=watch.id)
        return "requested"

    def told(self, watch: Watch) -> Told:
        """Return how the wait for one service went, with the reasons for a bad end."""
        options, log = self.options, self.world.log
        ended = outcomes.outcome_of(watch.verdict)
        found = evidence.Evidence(
            ecs=self.sources.ecs,
            read_log=self.sources.read_log,
            sick_targets=self.sources.sick_targets,
            log=log,
            cluster=options.cluster,
            lines=options.logs,
        )
        known: dict[str, Any] = {
            "service": watch.name,
            "deployment": watch.id,
            "counts": watch.counts,
            "started": self.started,
            "ended": self.world.clock.now(),
            "timeline": tuple(self.timelines.get(watch.name, ())),
            "events": watch.events[-_SHOWN_EVENTS:],
            "rollback": self.rollbacks.get(watch.name, ""),
        }
        if isinstance(watch.verdict, Deployed):
            proof = found.proof(watch)
            ended = outcomes.proved(ended, proof)
            known["proof"] = proof
            if proof is not None and proof.mixed:
                log.warning("tasks of one container run different images", containers=proof.mixed)
        if ended.exit is Exit.OK:
            log.info(ended.word, deployment=watch.id, reason=ended.reason)
            return Told(outcome=ended, **known)
        log.info("gathering the reasons", outcome=ended.word)
        groups = found.stopped(watch)
        blamed = outcomes.blamed(groups)
        cause = outcomes.likely(blamed, ended, known["events"])
        targets = found.targets(watch)
        lines = found.last_log_lines(blamed)
        return Told(
            outcome=ended,
            cause=cause,
            groups=groups,
            targets=targets,
            log=lines,
            why=outcomes.lines_for(cause, groups[:_SHOWN_GROUPS], known["events"], lines, targets),
            hint=report.hint(
                ended, cause, blamed, watch, goes_back=known["rollback"] == "requested"
            ),
            **known,
        )


def run(options: WaitOptions, world: World) -> Result:
    """Build the collaborators and wait."""
    from ecsstep.aws.codedeploy import CodeDeploy
    from ecsstep.aws.ecs import Ecs
    from ecsstep.aws.elbv2 import Elbv2
    from ecsstep.aws.logs import Logs
    from ecsstep.aws.session import connect

    aws = connect(options, world.environ, world.log)

    def read_log(region: str, group: str, stream: str, lines: int) -> tuple[str, ...]:
        return Logs(aws.client("logs", region=region or None)).last_lines(group, stream, lines)

    def sick_targets(arn: str) -> tuple[TargetHealth, ...]:
        return Elbv2(aws.client("elbv2")).sick_targets(arn)

    sources = Sources(
        ecs=Ecs(aws.client("ecs")),
        code=CodeDeploy(aws.client("codedeploy")),
        read_log=read_log,
        sick_targets=sick_targets,
    )
    return wait_stable(options, world, sources)


main = Step(name="wait-stable", about=__doc__ or "", options=WaitOptions, run=run)
