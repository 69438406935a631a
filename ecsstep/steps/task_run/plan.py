"""What is to be run: which revision, in which container, and how ECS is asked for it."""

from collections.abc import Mapping
from typing import Any

from ecsstep.aws.definitions import check_images, definition_in, registered_as
from ecsstep.core.documents import read_document
from ecsstep.core.step import World
from ecsstep.errors import Exit, StepError, mistakes
from ecsstep.rules.absent import no_service
from ecsstep.rules.errand import request
from ecsstep.rules.errand.request import Wanted
from ecsstep.rules.registered import Registered
from ecsstep.rules.revision_names import names_a_revision
from ecsstep.rules.service import Service, Task
from ecsstep.steps.task_run.options import TaskOptions
from ecsstep.steps.task_run.sources import Sources
from ecsstep.value import Value

_TO_BE_REGISTERED = "(the revision that is registered first)"


class Plan(Value):
    """What is to be done.

    Attributes:
        definition: The definition of the task, as it stands in the file or in ECS.
        arn: Its revision; nothing where it has to be registered first.
        wanted: What was asked of the task.
        is_from_file: Whether the definition stood in a file.
    """

    service: Service
    definition: Mapping[str, Any]
    arn: str
    wanted: Wanted
    is_from_file: bool

    def run_request(self, arn: str, options: TaskOptions) -> dict[str, Any]:
        """Return the RunTask request for a revision."""
        started_by = f"task-run/{options.job}" if options.job else "task-run"
        return request.request_for(
            self.service, self.wanted, taskdef_arn=arn, started_by=started_by
        )

    def all_requests(self, options: TaskOptions) -> dict[str, Any]:
        """Return every request, for a run that is dry."""
        first = {} if self.arn else {"RegisterTaskDefinition": self.definition}
        run = self.run_request(self.arn or _TO_BE_REGISTERED, options)
        return {**first, "RunTask": run}


def plan_of(options: TaskOptions, world: World, sources: Sources) -> Plan:
    """Find out what is to be run; reads only.

    Raises:
        StepError: The service, the definition or what was asked can't be used (exit 2).
    """
    parameters = _parameters(options, world, sources)
    written = _written(options, world, sources)
    service = _service(options, sources)
    definition: Mapping[str, Any] = written
    arn = ""
    if written:
        arn = _found(written, service, world, sources)
        if not arn:
            check_images(
                written,
                sources.has_image,
                world.log,
                is_emulated=sources.is_emulated,
                may_be_missing=options.allow_missing_images,
            )
    else:
        revision = _registered(options.taskdef or service.wanted_taskdef_arn, sources)
        definition, arn = revision.raw, revision.arn
    return Plan(
        service=service,
        definition=definition,
        arn=arn,
        wanted=_wanted(options, parameters, definition),
        is_from_file=bool(written),
    )


def followed(options: TaskOptions, sources: Sources, arn: str) -> tuple[Plan, Task]:
    """Return a task that an earlier run has started, and what is known of it.

    Raises:
        StepError: ECS doesn't know it, or which container did the work can't be told (exit 2).
    """
    service = _service(options, sources)
    task = sources.tasks.task(options.cluster, arn)
    if task is None:
        raise StepError(
            f"there is no task '{arn}' in cluster '{options.cluster}'",
            exit=Exit.USAGE,
            hint="ECS forgets a task an hour after its end; its log tells how that was",
        )
    definition = sources.ecs.task_definition(task.taskdef_arn).raw
    plan = Plan(
        service=service,
        definition=definition,
        arn=task.taskdef_arn,
        wanted=Wanted(container=_worker(definition, options)),
        is_from_file=False,
    )
    return plan, task


def _wanted(
    options: TaskOptions, parameters: Mapping[str, Any], definition: Mapping[str, Any]
) -> Wanted:
    wanted = Wanted(
        container=_worker(definition, options),
        command=options.command,
        environment=options.env,
        parameters=parameters,
    )
    found = list(request.wanted_faults(wanted, definition))
    if found:
        raise mistakes(
            "ECS would refuse this task", found, hint="a name is a variable or a secret, not both"
        )
    return wanted


def _worker(definition: Mapping[str, Any], options: TaskOptions) -> str:
    try:
        return request.worker(definition, options.container)
    except ValueError as error:
        raise StepError(
            str(error), exit=Exit.USAGE, hint="name one of them: --container NAME"
        ) from error


def _parameters(options: TaskOptions, world: World, sources: Sources) -> Mapping[str, Any]:
    if options.parameters is None:
        return {}
    document = read_document(options.parameters, stdin=world.stdin)
    found = list(request.parameter_faults(document.value, sources.run_task()))
    if found:
        raise mistakes(
            f"'{document.name}' does not fit RunTask",
            found,
            hint="its form: aws ecs run-task --generate-cli-skeleton",
        )
    parameters: Mapping[str, Any] = document.value
    return parameters


def _written(options: TaskOptions, world: World, sources: Sources) -> dict[str, Any]:
    """Return the definition in the file that was given; nothing for a revision's name."""
    if options.taskdef is None or names_a_revision(options.taskdef):
        return {}
    return definition_in(options.taskdef, sources.task_definition(), stdin=world.stdin)


def _service(options: TaskOptions, sources: Sources) -> Service:
    where = f"service '{options.service}' in cluster '{options.cluster}'"
    service = sources.ecs.service(options.cluster, options.service)
    if service is None:
        raise no_service(options.service, options.cluster)
    if service.status != "ACTIVE":
        raise StepError(
            f"{where} is {service.status}, so its network and capacity may be gone",
            exit=Exit.USAGE,
            hint="name a service that is there: --service",
        )
    return service


def _found(definition: Mapping[str, Any], service: Service, world: World, sources: Sources) -> str:
    """Return the registered revision that is this definition, or nothing.

    The service's own is looked at, and the newest of the family: an earlier run of this step may
    have registered it.
    """
    names = (service.wanted_taskdef_arn, str(definition["family"]))
    revision = registered_as(
        definition, names, sources.ecs.task_definition, sources.task_definition()
    )
    if revision is not None:
        return revision.arn
    world.log.info("a new revision is needed", since=service.wanted_taskdef_arn)
    return ""


def _registered(name: str, sources: Sources) -> Registered:
    revision = sources.ecs.task_definition(name)
    if revision.status != "ACTIVE":
        raise StepError(
            f"revision '{name}' is {revision.status}, ECS runs no task of it",
            exit=Exit.USAGE,
            hint="register it again: taskdef-render --taskdef REVISION | task-run --taskdef - …",
        )
    return revision
