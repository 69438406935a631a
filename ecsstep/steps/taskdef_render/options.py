"""What taskdef-render can be told."""

from collections.abc import Iterator

from ecsstep.core.options import (
    CLUSTER,
    COMMIT,
    COMMIT_TAG,
    SERVICE,
    WEBHOOK_TRIGGER,
    Given,
    Option,
    Options,
)
from ecsstep.core.shared import ACCOUNT, CONTAINER, REGISTRY, REPOSITORY, TAG
from ecsstep.rules import settings
from ecsstep.rules.changes import Setting
from ecsstep.rules.commit_images import Sidecar, parse_sidecar
from ecsstep.rules.image import Reference, parse_registry
from ecsstep.rules.pushes import parse_target
from ecsstep.rules.registries import parse_account
from ecsstep.rules.revision_names import parse_family
from ecsstep.rules.tags import parse_asked
from ecsstep.steps.taskdef_render.commit import commit_faults

RENDERED = "ECSSTEP_RENDERED"


class RenderOptions(Options):
    """A source, what to change in it, and where to put it."""

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
    commit_image: bool = Option(
        flag="--commit-image",
        help="deploy this commit's image: by its digest as an earlier job handed it on, else as "
        "the registry has it; --image and --definitions beat it",
        is_switch=True,
        default=False,
    ).field()
    repository: Reference | None = REPOSITORY.field(
        help="for --commit-image: the repository that the image was pushed to", parse=parse_target
    )
    sidecar: tuple[Sidecar, ...] = Option(
        flag="--sidecar",
        help="for --commit-image: a further container, and the repository of its image",
        metavar="CONTAINER=NAME",
        parse=parse_sidecar,
        repeatable=True,
    ).field()
    registry: str | None = REGISTRY.field(
        help="registry of these repositories; by default the account's in the region",
        parse=parse_registry,
    )
    account: str | None = ACCOUNT.field(parse=parse_account)
    tags: tuple[str, ...] = TAG.field(
        help="tag of this commit's images; by default as image-push has it", parse=parse_asked
    )
    commit_tag: str | None = COMMIT_TAG.field()
    webhook_trigger: str | None = WEBHOOK_TRIGGER.field()
    commit: str | None = COMMIT.field()
    require_passed: tuple[str, ...] = Option(
        flag="--require-passed",
        help="record of scan-gate (--report json=FILE); an image that this call brings in (names, "
        "or the service by --cluster and --service doesn't run) and that has not passed by its "
        "digest is refused",
        metavar="FILE",
        repeatable=True,
    ).field()
    container: str | None = CONTAINER.field(
        help="the container that a setting without a container's name means"
    )
    env: tuple[Setting, ...] = Option(
        flag="--env",
        help="environment variable to set; the value is literally what follows the first =",
        metavar="[CONTAINER:]NAME=VALUE",
        parse=settings.variable_setting,
        repeatable=True,
        sets="environment",
    ).field()
    secret: tuple[Setting, ...] = Option(
        flag="--secret",
        help="variable that ECS fills from Secrets Manager or Parameter Store",
        metavar="[CONTAINER:]NAME=ARN-OR-PARAMETER",
        parse=settings.secret_setting,
        repeatable=True,
        sets="reference",
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
        flag="--family",
        help="family to register under, instead of the source's",
        metavar="NAME",
        parse=parse_family,
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
        help="pass with a warning what a newer API may know: fields of AWS's answer are left out, "
        "words stay",
        is_switch=True,
        default=False,
    ).field()

    @classmethod
    def faults(cls, given: Given) -> Iterator[str]:
        """Yield what is wrong between the options, and with it the files that aren't there."""
        found = list(cls._between(given))
        yield from found
        named = [given.values[name] for name in ("file", "merge") if name in given.values]
        files = [*named, *given.values.get("definitions", ())]
        if files and (found or given.wrong):
            from ecsstep.core.files import absent

            yield from absent(files)

    @classmethod
    def _between(cls, given: Given) -> Iterator[str]:
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
        output = given.values.get("output")
        if output is not None and output == given.values.get("dotenv"):
            yield f"--output and --dotenv are both '{output}'; give each a file of its own"
        if not ("file" in by_flag or (given.has("file") and not by_flag)):
            # Before AWS is asked; the faults of a file are told together with the file's own.
            names = ("image", "env", "secret", "unset")
            yield from settings.repeated(
                {f"--{name}": given.values.get(name, ()) for name in names}
            )
        yield from commit_faults(given)

    @property
    def source(self) -> str:
        """Which source is meant: a flag silently beats a variable."""
        for name in ("file", "taskdef", "service", "cluster"):
            if name in self.by_flag:
                return "service" if name == "cluster" else name
        return "file" if self.file else "taskdef" if self.taskdef else "service"

    @property
    def images(self) -> tuple[Setting, ...]:
        """The images asked for; the variable ECSSTEP_IMAGE gives way to what a flag asks for."""
        if "image" in self.by_flag:
            return self.image
        by_commit = self.commit_image and (self.repository or self.sidecar)
        return () if self.definitions or by_commit else self.image
