"""Which revision is to run, and what is new in it."""

from collections.abc import Mapping
from typing import Any

from ecsstep.aws.definitions import registered_as
from ecsstep.core.terminal import room_of
from ecsstep.errors import Exit, StepError
from ecsstep.rules.changes import Changes
from ecsstep.rules.diff import shown
from ecsstep.rules.equality import normal
from ecsstep.rules.registered import Registered, is_same, source_of, unknown_in
from ecsstep.rules.taskdef import Faulty, Source, render
from ecsstep.steps.service_update.job import Job
from ecsstep.value import Value


class Target(Value):
    """What the service is to run.

    Attributes:
        arn: The revision; where one is to be registered, the one that runs.
        definition: The definition to register; nothing where a revision has it.
        content: What the revision holds, where it was read.
    """

    arn: str
    definition: Mapping[str, Any] = {}
    content: Mapping[str, Any] = {}


def target_of(job: Job, running: str) -> Target:
    """Find out what the service is to run; without anything asked for, what runs. Reads only."""
    if job.inputs.definition:
        return _defined(job, job.inputs.definition, running)
    if job.options.taskdef is None:
        return Target(arn=running)
    return _existing(job, job.options.taskdef, running)


def _defined(job: Job, definition: Mapping[str, Any], running: str) -> Target:
    """Return the revision that a definition has already, or the definition to register.

    What runs is looked at, and the newest revision of the family: an earlier run of this step may
    have registered it and come no further, or ECS has gone back from it.
    """
    ecs, model, log = job.clients.ecs, job.api.task_definition, job.world.log
    current = ecs.task_definition(running)
    if is_same(definition, current, model):
        return Target(arn=running, content=definition)
    family = str(definition["family"])
    _warn_of_another_family(job, family, running)
    found = registered_as(definition, [family], ecs.task_definition, model, may_be_hidden=True)
    if found is not None:
        log.info("the definition is registered already", revision=found.arn, since=current.arn)
    else:
        log.info("a new revision is needed", since=current.arn)
    for unknown in unknown_in(current, model):
        log.warning(
            f"{unknown}, so it is not in the definition that replaces it",
            hint="pip install -U ecsstep botocore, then render the definition again",
        )
    log_difference(job, current, definition)
    if found is not None:
        return Target(arn=found.arn, content=definition)
    return Target(arn=running, definition=definition, content=definition)


def _existing(job: Job, name: str, running: str) -> Target:
    """Return the registered revision that was asked for."""
    options, ecs = job.options, job.clients.ecs
    revision = ecs.task_definition(name)
    if revision.status != "ACTIVE":
        raise StepError(
            f"revision '{name}' is {revision.status}, a service can't be pointed at it",
            exit=Exit.USAGE,
            hint=f"register it again: taskdef-render --taskdef {name} | service-update "
            f"--cluster {options.cluster} --service {options.service} --taskdef -",
        )
    if revision.arn != running:
        _warn_of_another_family(job, _family(revision.arn), running)
        if options.dry_run:
            job.world.log.info("another revision is asked for", since=running)
            log_difference(job, ecs.task_definition(running), revision.raw)
    return Target(arn=revision.arn, content=revision.raw)


def _warn_of_another_family(job: Job, family: str, running: str) -> None:
    if running and family != _family(running):
        job.world.log.warning(
            f"the service runs family '{_family(running)}', and is asked to run '{family}'",
            hint="check that --service and --taskdef belong together",
        )


def _family(arn: str) -> str:
    return arn.rpartition("/")[2].partition(":")[0]


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
