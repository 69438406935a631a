"""Push an image that is already built, and pin it by digest.

SOURCE is an image of the local engine (app:build), or without any engine oci:DIR[:TAG],
oci-archive:FILE[:TAG] or docker-archive:FILE[:TAG]; --from takes one that is in a registry. The
tag is the Git tag of the pipeline, else the first eight characters of the commit's id. A tag that
moves from image to image (latest, main) is a mistake unless --allow-mutable-tag; a tag that names
another image already is refused, exit 1.

stdout is the pinned reference, HOST/REPOSITORY@sha256:…, as the registry reports it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ecsstep.aws.registries import Registries
from ecsstep.aws.session import connect, is_emulated
from ecsstep.aws.settings import RepositorySettings
from ecsstep.core.options import DRY_RUN, IMAGE_VARIABLE, Given, Option, Options
from ecsstep.core.output import Result
from ecsstep.core.step import Step, World
from ecsstep.core.values import one_of
from ecsstep.errors import Exit
from ecsstep.registry.access import Access
from ecsstep.registry.client import Repository
from ecsstep.registry.errors import TagTakenError
from ecsstep.registry.handoff import Handoff
from ecsstep.registry.push import Target, copied
from ecsstep.registry.sources import Pushable
from ecsstep.registry.tools import ENGINES
from ecsstep.rules.definitions import parse_container
from ecsstep.rules.image import Reference, parse_registry
from ecsstep.rules.mutability import Mutability
from ecsstep.rules.plan import Plan, Refused, planned
from ecsstep.rules.pushes import (
    EngineSource,
    FileSource,
    RegistrySource,
    chosen_source,
    parse_from,
    parse_source,
    parse_target,
    target_host,
)
from ecsstep.rules.registries import is_ecr, is_lookalike, parse_account
from ecsstep.rules.tags import (
    Platform,
    default_tag,
    floating_tags,
    is_moving,
    parse_asked,
    tag_faults,
)


@dataclass(frozen=True, kw_only=True)
class ImagePushOptions(Options):
    """What image-push can be told."""

    source: EngineSource | FileSource | None = Option(  # noqa: RUF009 - it is dataclasses.field
        flag="SOURCE", help="image to push, unless --from is given", parse=parse_source
    ).field()
    origin: RegistrySource | None = Option(  # noqa: RUF009 - it is dataclasses.field
        flag="--from",
        help="image in a registry to promote as it is: HOST/REPOSITORY:TAG or …@DIGEST",
        metavar="REF",
        parse=parse_from,
    ).field()
    repository: Reference = Option(  # noqa: RUF009 - it is dataclasses.field
        flag="--repository",
        help="repository to push to, with its registry's host or without",
        metavar="NAME",
        parse=parse_target,
        aliases=("ECR_REPOSITORY", "IMAGE_REPO_NAME"),
        required=True,
    ).field()
    registry: str | None = Option(
        flag="--registry",
        help="registry to push to; by default the account's in the region",
        metavar="HOST",
        parse=parse_registry,
        aliases=("ECR_REGISTRY",),
    ).field()
    account: str | None = Option(
        help="account whose registry is meant, where no host is given",
        variable="AWS_ACCOUNT_ID",
        parse=parse_account,
    ).field()
    tags: tuple[str, ...] = Option(
        flag="--tag",
        help="tag to push under; by default the Git tag, else the commit's first eight characters",
        metavar="TAG",
        parse=parse_asked,
        aliases=("IMAGE_TAG",),
        repeatable=True,
    ).field()
    floating_tags: bool = Option(
        flag="--floating-tags",
        help="move the shorter versions (v1.2, v1 for v1.2.3) forward as well",
        is_switch=True,
        default=False,
    ).field()
    allow_mutable_tag: bool = Option(
        flag="--allow-mutable-tag",
        help="accept a tag such as latest, and move it",
        is_switch=True,
        default=False,
    ).field()
    create_repository: bool = Option(
        flag="--create-repository",
        help="create a missing repository, with immutable tags and scan on push",
        is_switch=True,
        default=False,
    ).field()
    container: str | None = Option(
        flag="--container",
        help="container's name in the task definition, for --definitions",
        metavar="NAME",
        parse=parse_container,
        aliases=("CONTAINER_NAME",),
    ).field()
    definitions: str | None = Option(
        flag="--definitions",
        help="merge the image into CodePipeline's imagedefinitions.json",
        metavar="FILE",
    ).field()
    image_detail: str | None = Option(
        flag="--image-detail", help="write CodePipeline's imageDetail.json", metavar="FILE"
    ).field()
    pin: str = Option(
        flag="--pin",
        help="what the reference names the image by",
        metavar="BY",
        parse=one_of("digest", "tag"),
        default="digest",
    ).field()
    tool: str = Option(
        flag="--tool",
        help="engine that has the image",
        metavar="TOOL",
        parse=one_of("auto", "none", *ENGINES),
        default="auto",
    ).field()
    docker_config: str | None = Option(
        flag="--docker-config",
        help="folder of the auth file, instead of the user's own",
        metavar="DIR",
        aliases=("DOCKER_CONFIG",),
    ).field()
    even_after_failure: bool = Option(
        flag="--even-after-failure",
        help="push also where CodeBuild's build phase has failed",
        is_switch=True,
        default=False,
    ).field()
    dry_run: bool = DRY_RUN.field()
    commit_tag: str | None = Option(help="Git tag, from GitLab", variable="CI_COMMIT_TAG").field()
    webhook_trigger: str | None = Option(
        help="what started the build, from CodeBuild", variable="CODEBUILD_WEBHOOK_TRIGGER"
    ).field()
    commit: str | None = Option(
        help="commit's id, from GitLab or CodeBuild",
        variable="CI_COMMIT_SHA",
        aliases=("CODEBUILD_RESOLVED_SOURCE_VERSION",),
    ).field()
    succeeding: str | None = Option(
        help="0 after a failed build, from CodeBuild", variable="CODEBUILD_BUILD_SUCCEEDING"
    ).field()

    @classmethod
    def faults(cls, given: Given) -> Iterator[str]:
        """Yield what is wrong between options."""
        values = given.values
        tags = values.get("tags", ())
        yield from _source_faults(given)
        try:
            if not given.has("tags"):
                tags = tuple(filter(None, [default_tag(_platform(values))]))
                if not tags:
                    yield (
                        "there is no tag: give --tag or IMAGE_TAG; CI_COMMIT_TAG and "
                        "CI_COMMIT_SHA, or CodeBuild's variables, are not set either"
                    )
            if "repository" in values:
                target_host(values["repository"], values.get("registry"), by_flag=given.by_flag)
        except ValueError as error:
            yield str(error)
        yield from tag_faults(tags, allow_mutable=values.get("allow_mutable_tag", False))
        if given.has("definitions") and not given.has("container"):
            yield "--definitions needs the container's name: give --container or CONTAINER_NAME"


def _source_faults(given: Given) -> Iterator[str]:
    source = given.values.get("source")
    named = {name for name in ("source", "origin") if given.has(name)}
    flagged = named & given.by_flag
    if not named:
        yield (
            "SOURCE is missing: give an image of the engine, oci:DIR, oci-archive:FILE, "
            "docker-archive:FILE or ECSSTEP_SOURCE, or --from REF"
        )
    elif len(named) > 1 and len(flagged) != 1:
        yield "SOURCE and --from are two images; give one of them"
    elif isinstance(source, EngineSource) and given.values.get("tool") == "none":
        yield (
            f"'{source.image}' is an image of an engine and --tool is none; "
            "write oci:, oci-archive: or docker-archive: before a path"
        )


class Settings(Protocol):
    """What a push needs to know of the repository, from AWS."""

    def mutability(self) -> Mutability | None: ...  # noqa: D102 - see aws.settings
    def ensure(self, *, movable: Sequence[str]) -> None: ...  # noqa: D102


def push(
    options: ImagePushOptions,
    world: World,
    *,
    settings: Settings,
    image: Pushable,
    target: Repository,
) -> Result:
    """Push the image under every tag that is asked for, and hand its reference on."""
    name = Reference(registry=target.transport.host, repository=target.name)
    plan = _plan(options, world, name=name, image=image, target=target)
    if plan.moves and not plan.refused:
        plan = plan.within(settings.mutability())
    if plan.refused:
        return _refused(plan.refused)
    if options.dry_run:
        return _told(world, plan, pin=options.pin, digest=image.check())
    if options.create_repository:
        settings.ensure(movable=[tag for tag in options.tags if is_moving(tag)])
    digest = plan.digest
    for tag in plan.tags:
        if tag in plan.kept:
            world.log.info("already there", tag=tag, digest=plan.digest)
            continue
        try:
            digest = image.push(tag) if digest is None else copied(digest, target, tag)
        except TagTakenError:
            # The repository is immutable, or another push was faster: what is there decides.
            plan = plan.anew(tag, target.stored(tag))
            if plan.refused:
                return _refused(plan.refused)
            if tag not in plan.kept:
                raise
            digest = plan.digest
        world.log.info("image pushed", image=name.tagged(tag), digest=digest)
    return _handed_on(options, plan, str(digest))


def _plan(
    options: ImagePushOptions, world: World, *, name: Reference, image: Pushable, target: Target
) -> Plan:
    """Look at every tag and return what becomes of it."""
    asked = options.tags or (default_tag(_platform(vars(options))),)
    tags = tuple(dict.fromkeys(tag for tag in asked if tag is not None))
    floating: tuple[str, ...] = ()
    if options.floating_tags:
        existing = target.tags()
        floating = tuple(each for tag in tags for each in floating_tags(tag, existing))
        if not floating:
            world.log.info("no floating tag moves: no release, or a higher one is there", tags=tags)
    return planned(
        name,
        {tag: target.stored(tag) for tag in dict.fromkeys((*tags, *floating))},
        tags=tags,
        floating=floating,
        identity=image.identity,
        allow_mutable=options.allow_mutable_tag,
    )


def _refused(refused: Refused) -> Result:
    return Result(
        exit=Exit.REFUSED,
        message=f"'{refused.name}' is another image already; it stays as it is",
        why=refused.why,
        hint=refused.hint,
        data=refused.data,
    )


def _told(world: World, plan: Plan, *, pin: str, digest: str | None) -> Result:
    """Return what a push would do."""
    for tag in plan.tags:
        deed = "keep" if tag in plan.kept else "push"
        image = plan.name.tagged(tag)
        world.log.info(f"would {deed}", image=image, digest=digest or "of the engine")
    reference = plan.reference(digest, pin=pin)
    data = {**plan.named(reference), "digest": digest, "dryRun": True}
    return Result(lines=(reference,), data=data)


def _handed_on(options: ImagePushOptions, plan: Plan, digest: str) -> Result:
    """Write the files that hand the image on, and return the result."""
    reference = plan.reference(digest, pin=options.pin)
    _handoff(options).write(reference)
    return Result(
        lines=(reference,),
        data={
            **plan.named(reference),
            "digest": digest,
            "alreadyThere": plan.kept == plan.tags,
        },
        dotenv={
            IMAGE_VARIABLE: reference,
            "ECSSTEP_IMAGE_DIGEST": digest,
            "ECSSTEP_IMAGE_TAG": plan.tags[0],
        },
    )


def _platform(values: Mapping[str, Any]) -> Platform:
    origin = values.get("origin")
    return Platform(
        commit_tag=values.get("commit_tag"),
        webhook_trigger=values.get("webhook_trigger"),
        commit=values.get("commit"),
        own=origin.name.tag if origin else None,
    )


def _handoff(options: ImagePushOptions) -> Handoff:
    return Handoff(
        container=options.container,
        definitions=options.definitions,
        image_detail=options.image_detail,
    )


def run(options: ImagePushOptions, world: World) -> Result:
    """Build what is needed and push."""
    if options.succeeding == "0" and not options.even_after_failure:
        return Result(
            exit=Exit.REFUSED,
            message="the build has failed (CODEBUILD_BUILD_SUCCEEDING is 0); nothing is pushed",
            hint="look at the build's own error, or give --even-after-failure",
        )
    _handoff(options).check()
    ecr = Registries(lambda: connect(options, world.environ, world.log))
    host = target_host(options.repository, options.registry, by_flag=options.by_flag)
    host = host or ecr.default_host(options.account)
    source = chosen_source(options.source, options.origin, host=host, by_flag=options.by_flag)
    hosts = {host, *([source.name.registry] if isinstance(source, RegistrySource) else [])}
    ecr.check(each for each in hosts if is_lookalike(each))
    access = Access(
        world=world,
        tokens=ecr,
        folder=options.docker_config,
        tool=options.tool,
        is_plain=options.log_format == "text",
    )
    name = Reference(registry=host, repository=options.repository.repository)
    target = access.target(name, source)
    image = access.image(source, target)
    settings = RepositorySettings(
        registries=ecr,
        name=name,
        is_ecr=is_ecr(host, is_emulated=is_emulated(world.environ)),
        log=world.log,
    )
    return push(options, world, settings=settings, image=image, target=target)


main = Step(name="image-push", about=__doc__ or "", options=ImagePushOptions, run=run)
