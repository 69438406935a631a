"""What the options and their files say."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ecsstep.aws.definitions import definition_in
from ecsstep.core.documents import read_document
from ecsstep.core.step import World
from ecsstep.errors import Exit, StepError, mistakes
from ecsstep.rules import appspec, update
from ecsstep.rules.model import Shape
from ecsstep.rules.revision_names import names_a_revision
from ecsstep.rules.taskdef import Model
from ecsstep.rules.taskfile import unquoted
from ecsstep.steps.service_update.job import Api, Inputs
from ecsstep.steps.service_update.options import NOTHING_ASKED, UpdateOptions

T = TypeVar("T")


def inputs_of(options: UpdateOptions, world: World, api: Api) -> Inputs:
    """Return what was asked; what is wrong in any of the files is told at once."""
    errors: list[StepError] = []

    def read(reader: Callable[..., T], *more: Any) -> T | None:
        try:
            return reader(options, world, *more)
        except StepError as error:
            errors.append(error)
            return None

    wanted = read(_wanted, api.update_service)
    definition = read(_definition, api.task_definition)
    spec = read(_given_appspec)
    if len(errors) == 1:
        raise errors[0]
    if errors or wanted is None or definition is None:
        raise StepError(
            f"{len(errors)} files can't be used",
            exit=Exit.USAGE,
            why=tuple(line for error in errors for line in (error.message, *error.why)),
            hint=errors[0].hint,
        )
    if wanted.is_nothing and options.taskdef is None and spec is None:
        raise StepError(
            NOTHING_ASKED, exit=Exit.USAGE, hint=f"'{options.parameters}' holds an empty object"
        )
    return Inputs(wanted=wanted, definition=definition, appspec=spec)


def _given_appspec(options: UpdateOptions, world: World) -> Mapping[str, Any] | None:
    if options.appspec is None:
        return None
    document = read_document(options.appspec, stdin=world.stdin)
    _, respelled = unquoted(document.name, document.value, document.plain)
    found = [*respelled, *appspec.faults(document.value)]
    if found:
        raise mistakes(
            f"'{document.name}' is no AppSpec for an ECS service",
            found,
            hint="https://docs.aws.amazon.com/codedeploy/latest/userguide/"
            "reference-appspec-file-structure-resources.html shows one",
        )
    value: Mapping[str, Any] = document.value
    return value


def _wanted(options: UpdateOptions, world: World, shape: Shape) -> update.Wanted:
    parameters: Mapping[str, Any] = {}
    if options.parameters:
        document = read_document(options.parameters, stdin=world.stdin)
        value, respelled = unquoted(document.name, document.value, document.plain, shape)
        found = [*respelled, *update.parameter_faults(value, shape)]
        if found:
            raise mistakes(
                f"'{document.name}' does not fit UpdateService",
                found,
                hint="aws ecs update-service --generate-cli-skeleton shows its members; what is "
                "newer than this version needs: pip install -U ecsstep botocore",
            )
        parameters = document.value
    return update.Wanted(
        force_new_deployment=options.force_new_deployment,
        desired_count=options.desired_count,
        circuit_breaker=options.circuit_breaker,
        minimum_healthy=options.minimum_healthy,
        maximum=options.maximum,
        parameters=parameters,
    )


def _definition(options: UpdateOptions, world: World, model: Model) -> dict[str, Any]:
    """Return the definition in the file that was given; nothing for a revision's name."""
    if options.taskdef is None or names_a_revision(options.taskdef):
        return {}
    return definition_in(options.taskdef, model, stdin=world.stdin)
