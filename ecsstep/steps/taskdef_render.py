"""Render the task definition to deploy; reads AWS, changes nothing.

What comes out is the source (a family, what a service runs, or a file) with the asked changes and
nothing else: every field survives as it stands, read-only fields go by the API's own model, and
the whole is checked against that model. It is the JSON that
aws ecs register-task-definition --cli-input-json takes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, assert_never

from ecsstep.core.documents import read_document
from ecsstep.core.files import check_writable, write_whole
from ecsstep.core.options import CLUSTER, SERVICE, Given, Option, Options
from ecsstep.core.output import Result, to_json
from ecsstep.core.step import Step, World
from ecsstep.core.terminal import width_of
from ecsstep.errors import Exit, StepError
from ecsstep.rules import settings
from ecsstep.rules.changes import Changes, Setting
from ecsstep.rules.diff import difference, side_by_side
from ecsstep.rules.passed import fresh_images, passed_digests, unproven
from ecsstep.rules.taskdef import Faulty, Model, Rendered, Source, as_source, render
from ecsstep.rules.taskfile import images_from, unquoted

if TYPE_CHECKING:
    from ecsstep.rules.service import Service

RENDERED = "ECSSTEP_RENDERED"
_RECORD_HINT = "gate the image that is deployed: scan-gate --report json=FILE, then render"


@dataclass(frozen=True, kw_only=True)
class RenderOptions(Options):
    """What taskdef-render can be told."""

    taskdef: str | None = Option(
        flag="--taskdef",
        help="source: FAMILY (its latest active revision), FAMILY:REVISION or ARN",
        metavar="NAME",
        aliases=("TASK_DEFINITION",),
    ).field()
    cluster: str | None = CLUSTER.field(help="source, with --service: the cluster")
    service: str | None = SERVICE.field(help="source: the revision that this service points at")
    file: str | None = Option(
        flag="--file",
        help="source: a JSON or YAML file, or - for stdin; a definition, or the whole answer of "
        "describe-task-definition",
        metavar="FILE",
    ).field()
    image: tuple[Setting, ...] = Option(
        flag="--image",
        help="image for a container, or for a placeholder such as <IMAGE1_NAME> in its place",
        metavar="[CONTAINER=]REF",
        parse=settings.image_setting,
        repeatable=True,
    ).field()
    definitions: tuple[str, ...] = Option(
        flag="--definitions",
        help="images from CodePipeline's imagedefinitions.json or imageDetail.json; --image beats "
        "it",
        metavar="FILE",
        repeatable=True,
    ).field()
    require_passed: tuple[str, ...] = Option(
        flag="--require-passed",
        help="record of scan-gate (--report json=FILE); an image that this call brings in and that "
        "has not passed by its digest is refused",
        metavar="FILE",
        repeatable=True,
    ).field()
    container: str | None = Option(
        flag="--container",
        help="the container that a setting without a container's name means",
        metavar="NAME",
        aliases=("CONTAINER_NAME",),
    ).field()
    env: tuple[Setting, ...] = Option(
        flag="--env",
        help="environment variable to set; the value is literally what follows the first =",
        metavar="[CONTAINER:]NAME=VALUE",
        parse=settings.variable_setting,
        repeatable=True,
    ).field()
    secret: tuple[Setting, ...] = Option(
        flag="--secret",
        help="variable that ECS fills from Secrets Manager or Parameter Store",
        metavar="[CONTAINER:]NAME=ARN-OR-PARAMETER",
        parse=settings.secret_setting,
        repeatable=True,
    ).field()
    unset: tuple[Setting, ...] = Option(
        flag="--unset",
        help="variable or secret to take out",
        metavar="[CONTAINER:]NAME",
        parse=settings.name_setting,
        repeatable=True,
    ).field()
    merge: str | None = Option(
        flag="--merge",
        help="JSON or YAML fragment to lay over the source; null removes; flags beat it",
        metavar="FILE",
    ).field()
    family: str | None = Option(
        flag="--family", help="family to register under, instead of the source's", metavar="NAME"
    ).field()
    output: str | None = Option(
        flag="--output",
        help=f"write the JSON to this file and print its path; read as {RENDERED} later",
        metavar="FILE",
    ).field()
    diff: bool = Option(
        flag="--diff",
        help="show on stderr what changes against the source, side by side on a wide terminal",
        is_switch=True,
        default=False,
    ).field()
    allow_unknown_fields: bool = Option(
        flag="--allow-unknown-fields",
        help="leave out fields of AWS's answer that this version doesn't know, with a warning",
        is_switch=True,
        default=False,
    ).field()

    @classmethod
    def faults(cls, given: Given) -> Iterator[str]:
        """Yield what is wrong between the sources."""
        by_flag = [
            name
            for name in ("taskdef", "file", "service")
            if name in given.by_flag or (name == "service" and "cluster" in given.by_flag)
        ]
        if len(by_flag) > 1:
            yield f"more than one source: {' and '.join(f'--{name}' for name in by_flag)}"
        if not given.has("taskdef", "file", "service"):
            yield (
                "no source: give --taskdef (or TASK_DEFINITION), --cluster and --service "
                "(or ECS_CLUSTER and ECS_SERVICE), or --file"
            )
        is_service = by_flag == ["service"] or not (by_flag or given.has("taskdef", "file"))
        if is_service and given.has("service") and not given.has("cluster"):
            yield "--cluster is missing: the source is a service; give --cluster or ECS_CLUSTER"
        if is_service and by_flag and not given.has("service"):
            yield "--service is missing: the source is a service; give --service or ECS_SERVICE"
        from_stdin = [given.values.get("file"), given.values.get("merge")].count("-")
        if from_stdin + list(given.values.get("definitions", ())).count("-") > 1:
            yield "only one of --file, --definitions and --merge can be read from stdin"

    @property
    def source(self) -> str:
        """Which source is meant: a flag silently beats a variable."""
        for name in ("file", "taskdef", "service", "cluster"):
            if name in self.by_flag:
                return "service" if name == "cluster" else name
        return "file" if self.file else "taskdef" if self.taskdef else "service"

    @property
    def images(self) -> tuple[Setting, ...]:
        """The images asked for; the variable ECSSTEP_IMAGE gives way to --definitions."""
        return () if self.definitions and "image" not in self.by_flag else self.image


class Described(Protocol):
    """A revision, as AWS tells it."""

    @property
    def arn(self) -> str: ...  # noqa: D102
    @property
    def raw(self) -> Mapping[str, Any]: ...  # noqa: D102
    @property
    def tags(self) -> tuple[Mapping[str, Any], ...]: ...  # noqa: D102


class Reader(Protocol):
    """What this step reads from ECS."""

    def task_definition(self, name: str) -> Described: ...  # noqa: D102
    def service(self, cluster: str, name: str) -> "Service | None": ...  # noqa: D102


def taskdef_render(
    options: RenderOptions, world: World, *, ecs: Callable[[], Reader], model: Model
) -> Result:
    """Read the source, lay the changes over it, check the whole, and hand it on."""
    if options.output:
        check_writable(options.output)
    files = _Files(world)
    changes = _changes(options, files)
    if options.source == "file":
        source = files.source(options.file or "")
    elif files.faults:
        raise _faulty(tuple(files.faults))
    else:
        source = _live_source(options, ecs(), world)
    outcome = render(source, changes, model, allow_unknown=options.allow_unknown_fields)
    match outcome:
        case Faulty():
            raise _faulty((*files.faults, *outcome.faults), is_newer=outcome.is_newer)
        case Rendered() if files.faults:
            raise _faulty(tuple(files.faults))
        case Rendered():
            _check_passed(outcome, changes, options)
            return _handed_on(outcome, options, world)
        case _:
            assert_never(outcome)


class _Files:
    """The input files, with what is wrong in any of them."""

    def __init__(self, world: World) -> None:
        self._stdin = world.stdin
        self.faults: list[str] = []

    def document(self, path: str) -> Any:
        """Return what stands in a file, or None with a fault more."""
        try:
            document = read_document(path, stdin=self._stdin)
        except StepError as error:
            self.faults.append(error.message)
            return None
        value, faults = unquoted(document.name, document.value, document.plain)
        self.faults.extend(faults)
        return value

    def source(self, path: str) -> Source:
        """Return the definition in a file; without one there is nothing else to tell."""
        document = self.document(path)
        if document is None:
            raise _faulty(tuple(self.faults))
        found = as_source("stdin" if path == "-" else path, document)
        if isinstance(found, Faulty):
            raise _faulty((*self.faults, *found.faults))
        return found

    def fragment(self, path: str) -> Mapping[str, Any] | None:
        """Return the object in a --merge file."""
        document = self.document(path)
        if document is not None and not isinstance(document, Mapping):
            self.faults.append(f"'{path}' holds no object to merge")
            return None
        return document

    def images(self, path: str) -> tuple[Setting, ...]:
        """Return the images in an imagedefinitions.json."""
        document = self.document(path)
        if document is None:
            return ()
        try:
            return images_from(document, name=path)
        except ValueError as error:
            self.faults.append(str(error))
            return ()


def _changes(options: RenderOptions, files: _Files) -> Changes:
    defined = tuple(image for path in options.definitions for image in files.images(path))
    return Changes(
        images=options.images,
        defined=defined,
        environment=options.env,
        secrets=options.secret,
        unset=options.unset,
        merge=files.fragment(options.merge) if options.merge else None,
        merge_name=options.merge or "",
        family=options.family,
        container=options.container,
    )


def _live_source(options: RenderOptions, ecs: Reader, world: World) -> Source:
    name = options.taskdef or ""
    if options.source == "service":
        cluster, service = options.cluster or "", options.service or ""
        found = ecs.service(cluster, service)
        if found is None or found.status == "INACTIVE":
            raise StepError(
                f"there is no service '{service}' in cluster '{cluster}'",
                exit=Exit.USAGE,
                hint=f"aws ecs list-services --cluster {cluster}",
            )
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
    return Source(name=revision.arn, definition=revision.raw, tags=revision.tags, is_answer=True)


def _check_passed(rendered: Rendered, changes: Changes, options: RenderOptions) -> None:
    """Refuse an image that has no record of having passed the scan gate.

    Raises:
        StepError: There is one (exit 1), or a record can't be read (exit 2).
    """
    if not options.require_passed:
        return
    passed: frozenset[str] = frozenset()
    for path in options.require_passed:
        try:
            passed |= passed_digests(read_document(path).value, name=path)
        except ValueError as error:
            raise StepError(str(error), exit=Exit.USAGE, hint=_RECORD_HINT) from error
    # What a file holds is all new; what a revision of AWS's holds may run already.
    before = {} if options.source == "file" else rendered.before
    named = [setting.value for setting in (*changes.images, *changes.defined)]
    faults = tuple(unproven(fresh_images(rendered.definition, before, named=named), passed))
    if faults:
        raise StepError(
            faults[0] if len(faults) == 1 else f"{len(faults)} images have not passed scan-gate",
            exit=Exit.REFUSED,
            why=faults if len(faults) > 1 else (),
            hint=_RECORD_HINT,
        )


def _handed_on(rendered: Rendered, options: RenderOptions, world: World) -> Result:
    for warning in rendered.warnings:
        world.log.warning(warning)
    if options.diff:
        lines = _difference(rendered, options, world)
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


def _difference(rendered: Rendered, options: RenderOptions, world: World) -> Sequence[str]:
    """Return what changes: side by side on a terminal with room for it, else line by line."""
    width = width_of(world.stderr, world.environ)
    if width is None or options.log_format == "json":
        return difference(rendered.before, rendered.definition)
    room = width - len(f"{main.name}: ")
    return side_by_side(rendered.before, rendered.definition, width=room)


def _faulty(faults: tuple[str, ...], *, is_newer: bool = False) -> StepError:
    hint = (
        "upgrade ecsstep and botocore: pip install -U ecsstep botocore; or leave the fields out "
        "with --allow-unknown-fields"
        if is_newer
        else ""
    )
    if len(faults) == 1:
        return StepError(faults[0], exit=Exit.USAGE, hint=hint)
    return StepError(
        f"{len(faults)} mistakes in the task definition", exit=Exit.USAGE, why=faults, hint=hint
    )


def run(options: RenderOptions, world: World) -> Result:
    """Build the collaborators and render."""
    from ecsstep.aws.ecs import Ecs
    from ecsstep.aws.models import task_definition_model
    from ecsstep.aws.session import connect

    return taskdef_render(
        options,
        world,
        ecs=lambda: Ecs(connect(options, world.environ, world.log).client("ecs")),
        model=task_definition_model(),
    )


main = Step(name="taskdef-render", about=__doc__ or "", options=RenderOptions, run=run)
