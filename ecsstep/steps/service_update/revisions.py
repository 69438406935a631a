"""Which revision is to run, and what is new in it."""

from collections.abc import Mapping
from typing import Any

from ecsstep.core.terminal import room_of
from ecsstep.errors import Exit, StepError
from ecsstep.rules.changes import Changes
from ecsstep.rules.diff import shown
from ecsstep.rules.equality import normal
from ecsstep.rules.registered import Registered, source_of
from ecsstep.rules.taskdef import Faulty, Source, render
from ecsstep.steps.service_update.job import Job


def existing(job: Job, running: str) -> str:
    """Return the registered revision that is to run; without one asked for, the one that runs."""
    options, ecs = job.options, job.clients.ecs
    if options.taskdef is None:
        return running
    revision = ecs.task_definition(options.taskdef)
    if revision.status != "ACTIVE":
        raise StepError(
            f"revision '{options.taskdef}' is {revision.status}, a service can't be pointed at it",
            exit=Exit.USAGE,
            hint="register it again: taskdef-render --taskdef REVISION | service-update "
            "--taskdef -",
        )
    if options.dry_run and revision.arn != running:
        job.world.log.info("another revision is asked for", since=running)
        log_difference(job, ecs.task_definition(running), revision.raw)
    return revision.arn


def log_difference(job: Job, current: Registered, after: Mapping[str, Any]) -> None:
    """Show what changes, as far as this version can read what runs."""
    model = job.api.task_definition
    before = render(source_of(current), Changes(), model, allow_unknown=True)
    wanted = render(Source(name="", definition=after, is_answer=True), Changes(), model,
                    allow_unknown=True)  # fmt: skip
    if isinstance(before, Faulty) or isinstance(wanted, Faulty):
        return
    # What ECS fills in and reorders is no change.
    one, other = normal(before.definition), normal(wanted.definition)
    for line in shown(one, other, room=room_of(job.world)):
        job.world.log.info(line)
