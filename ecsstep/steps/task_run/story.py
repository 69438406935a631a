"""Starting one task, seeing it to its end, and telling how that was."""

from collections.abc import Mapping
from typing import Any

from ecsstep.aws.definitions import image_lookup
from ecsstep.aws.ecs import Ecs
from ecsstep.aws.logs import Logs, Page
from ecsstep.aws.models import input_shape, task_definition_model
from ecsstep.aws.session import connect
from ecsstep.aws.tasks import Tasks, look_for
from ecsstep.core.live import section
from ecsstep.core.output import Result, to_json
from ecsstep.core.step import World
from ecsstep.core.values import spelled
from ecsstep.errors import Exit, Terminated
from ecsstep.rules.errand.told import Outcome, data_of, outcome_of, why
from ecsstep.rules.errand.verdict import NotPlaced
from ecsstep.rules.links import by_label, task_links
from ecsstep.rules.service import Task
from ecsstep.steps.task_run.following import Following
from ecsstep.steps.task_run.options import TaskOptions
from ecsstep.steps.task_run.plan import Plan, followed, plan_of
from ecsstep.steps.task_run.sources import Sources


def task_run(options: TaskOptions, world: World, sources: Sources) -> Result:
    """Register what is new, start the task, follow it, and tell."""
    if options.task is not None:
        plan, task = followed(options, sources, options.task)
        return _seen_to_its_end(options, world, sources, plan, task)
    plan = plan_of(options, world, sources)
    if options.dry_run:
        requests = plan.all_requests(options)
        lines = tuple(to_json(requests).splitlines())
        return Result(lines=lines, data={"dryRun": True, "requests": requests})
    if not plan.arn:
        plan = plan.replaced(arn=sources.ecs.register(plan.definition))
        world.log.info("revision registered", revision=plan.arn)
    started = _started(plan.run_request(plan.arn, options), world, sources)
    if isinstance(started, NotPlaced):
        return _told(options, plan, outcome_of(started, plan.wanted.container), None)
    return _seen_to_its_end(options, world, sources, plan, started)


def _seen_to_its_end(
    options: TaskOptions, world: World, sources: Sources, plan: Plan, task: Task
) -> Result:
    world.log.info(
        "following the task" if options.task else "task started",
        task=task.arn,
        revision=plan.arn,
        container=plan.wanted.container,
        timeout=spelled(options.timeout),
    )
    following = Following(options, world, sources, task=task, plan=plan)
    # A marker between lines of JSON is nothing.
    environ = world.environ if options.log_format == "text" else {}
    title = f"task of service {options.service}"
    with section(world.stderr, environ, world.clock, name="ecsstep_task", title=title):
        verdict = following.ended()
    outcome = outcome_of(verdict, plan.wanted.container)
    if outcome.exit is Exit.OK:
        world.log.info(outcome.word, task=task.arn, reason=outcome.reason)
    return _told(options, plan, outcome, following)


def _started(request: Mapping[str, Any], world: World, sources: Sources) -> Task | NotPlaced:
    """Start the task; whoever interrupts that is told how to find out whether it was."""
    try:
        return sources.tasks.run(request)
    except (KeyboardInterrupt, Terminated):
        world.log.warning(
            "interrupted while the task was being started",
            hint=f"see whether it runs: {look_for(request)}",
        )
        raise


def _told(
    options: TaskOptions, plan: Plan, outcome: Outcome, following: Following | None
) -> Result:
    """Return the result; what a later step reads is handed on whatever the outcome."""
    container = plan.wanted.container
    task = following.task.arn if following else ""
    lines = tuple(following.lines) if following else ()
    known: dict[str, Any] = {
        "lines": (task,) if task else (),
        "data": {
            **data_of(outcome),
            "task": task or None,
            "service": options.service,
            "container": container,
            "taskDefinition": plan.arn,
            "stop": following.stopped if following else "",
            "log": list(lines),
        },
        "dotenv": _handed_on(plan, task, outcome),
        "links": by_label(task_links(task)),
    }
    if outcome.exit is Exit.OK:
        return Result(**known)
    return Result(
        **known,
        exit=outcome.exit,
        message=f"task of service '{options.service}': {outcome.word}: {outcome.reason}",
        why=why(outcome, container, lines),
        hint=_hint(outcome, following),
    )


def _handed_on(plan: Plan, task: str, outcome: Outcome) -> dict[str, str]:
    """Return what later steps read; nothing is written as nothing.

    Otherwise an earlier run's task and exit code would stand there as this one's. A 0 of a
    container that was ended before it was done isn't handed on either.
    """
    code = outcome.exit_code or (0 if outcome.exit is Exit.OK else None)
    return {
        **({"ECSSTEP_RENDERED": plan.arn} if plan.is_from_file else {}),
        "ECSSTEP_TASK_ARN": task,
        "ECSSTEP_TASK_EXIT_CODE": "" if code is None else str(code),
    }


def _hint(outcome: Outcome, following: Following | None) -> str:
    if outcome.exit is not Exit.TIMEOUT or following is None:
        return outcome.hint
    if following.stopped == "requested":
        return "ECS was asked to stop it; find out how far it has come before you run it again"
    return f"{following.ways_on}; do one of them before you run it again"


def run(options: TaskOptions, world: World) -> Result:
    """Build the collaborators and run the task."""
    aws = connect(options, world.environ, world.log)

    logs: dict[str, Logs] = {}

    def read_on(region: str, group: str, stream: str, token: str) -> Page:
        if region not in logs:
            logs[region] = Logs(aws.client("logs", region=region or None))
        return logs[region].page(group, stream, token)

    client = aws.client("ecs")
    sources = Sources(
        ecs=Ecs(client),
        tasks=Tasks(client),
        read_on=read_on,
        has_image=image_lookup(aws),
        is_emulated=aws.is_emulated,
        task_definition=task_definition_model,
        run_task=lambda: input_shape("ecs", "RunTask"),
    )
    return task_run(options, world, sources)
