"""Read the source, lay the changes over it, check the whole, and hand it on."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, assert_never

from ecsstep.aws.ecs import Ecs
from ecsstep.aws.models import task_definition_model
from ecsstep.aws.pushed_images import PushedImages
from ecsstep.aws.registries import Registries
from ecsstep.aws.session import connect
from ecsstep.core.files import check_writable, write_whole
from ecsstep.core.output import Result, to_json
from ecsstep.core.step import World
from ecsstep.core.terminal import room_of
from ecsstep.errors import Exit, StepError
from ecsstep.rules.absent import no_service
from ecsstep.rules.diff import shown
from ecsstep.rules.taskdef import Faulty, Model, Rendered, Source, render
from ecsstep.steps.taskdef_render.commit import Pinned, images_of_commit
from ecsstep.steps.taskdef_render.gated import check_passed

if TYPE_CHECKING:
    from ecsstep.rules.service import Service
from ecsstep.steps.taskdef_render.inputs import InputFiles, changes_of, faulty
from ecsstep.steps.taskdef_render.options import RENDERED, RenderOptions


class Described(Protocol):
    """A revision, as AWS tells it."""

    @property
    def arn(self) -> str: ...  # noqa: D102
    @property
    def raw(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def tags(self) -> tuple[Mapping[str, Any], ...]: ...  # noqa: D102
    @property
    def beside(self) -> tuple[str, ...]: ...  # noqa: D102


class Reader(Protocol):
    """What this step reads from ECS."""

    def task_definition(self, name: str) -> Described: ...  # noqa: D102
    def service(self, cluster: str, name: str) -> "Service | None": ...  # noqa: D102


def taskdef_render(
    options: RenderOptions,
    world: World,
    *,
    ecs: Callable[[], Reader],
    pinned: Pinned,
    model: Model,
) -> Result:
    """Read the source, lay the changes over it, check the whole, and hand it on."""
    if options.output:
        check_writable(options.output)
    files = InputFiles(world, model)
    changes = changes_of(options, files)
    if options.source == "file":
        source = files.source(options.file or "")
    elif files.faults:
        raise faulty(tuple(files.faults))
    else:
        source = _live_source(options, ecs(), world)
    if options.commit_image and not files.faults:
        changes = changes.replaced(of_commit=images_of_commit(options, pinned))
    if changes.is_nothing and source.is_answer and options.source != "file":
        world.log.warning(
            "no change is asked of the source: what is rendered is what stands there",
            hint="if an image was to come in: is ECSSTEP_IMAGE empty? give --image or "
            "--definitions",
        )
    outcome = render(source, changes, model, allow_unknown=options.allow_unknown_fields)
    match outcome:
        case Faulty():
            raise faulty(
                (*files.faults, *outcome.faults),
                is_newer=outcome.is_newer,
                has_words=outcome.has_words,
            )
        case Rendered() if files.faults:
            raise faulty(tuple(files.faults))
        case Rendered():
            check_passed(outcome, changes, options, world, ecs)
            return _handed_on(outcome, options, world)
        case _:
            assert_never(outcome)


def _live_source(options: RenderOptions, ecs: Reader, world: World) -> Source:
    name = options.taskdef or ""
    if options.source == "service":
        cluster, service = options.cluster or "", options.service or ""
        found = ecs.service(cluster, service)
        if found is None or found.status == "INACTIVE":
            raise no_service(service, cluster)
        if not found.taskdef_arn:
            raise StepError(
                f"service '{service}' has no task definition of its own: its controller is "
                f"{found.controller}",
                exit=Exit.USAGE,
                hint="give the source by --taskdef FAMILY:REVISION",
            )
        name = found.taskdef_arn
    revision = ecs.task_definition(name)
    world.log.info("rendering from", revision=revision.arn)
    return Source(
        name=revision.arn,
        definition=revision.raw,
        tags=revision.tags,
        beside=revision.beside,
        is_answer=True,
    )


def _handed_on(rendered: Rendered, options: RenderOptions, world: World) -> Result:
    for warning in rendered.warnings:
        world.log.warning(warning)
    if options.diff:
        lines = shown(rendered.before, rendered.definition, room=room_of(world))
        world.log.info("changes against the source" if lines else "no change against the source")
        for line in lines:
            world.log.info(line)
    text = to_json(rendered.definition) + "\n"
    if options.output is None:
        return Result(verbatim=text, data=rendered.definition)
    write_whole(options.output, text)
    return Result(
        lines=(options.output,), data=rendered.definition, dotenv={RENDERED: options.output}
    )


def run(options: RenderOptions, world: World) -> Result:
    """Build the collaborators and render."""
    pushed = PushedImages(
        Registries(lambda: connect(options, world.environ, world.log)),
        host=options.registry,
        account=options.account,
        log=world.log,
    )
    return taskdef_render(
        options,
        world,
        ecs=lambda: Ecs(connect(options, world.environ, world.log).client("ecs")),
        pinned=pushed.pinned,
        model=task_definition_model(),
    )
