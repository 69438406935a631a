"""Push the image under every tag that is asked for, and hand its reference on."""

from collections.abc import Sequence
from typing import Protocol

from ecsstep.aws.registries import Registries
from ecsstep.aws.session import connect, is_emulated
from ecsstep.aws.settings import RepositorySettings
from ecsstep.core.options import IMAGE_VARIABLE
from ecsstep.core.output import Result
from ecsstep.core.step import World
from ecsstep.errors import Exit
from ecsstep.registry.access import Access
from ecsstep.registry.client import Repository
from ecsstep.registry.errors import TagTakenError
from ecsstep.registry.handoff import Handoff
from ecsstep.registry.push import Target, copied
from ecsstep.registry.sources import Pushable
from ecsstep.rules.image import Reference
from ecsstep.rules.links import by_label, image_links
from ecsstep.rules.mutability import Mutability
from ecsstep.rules.plan import Plan, Refused, planned
from ecsstep.rules.pushes import (
    RegistrySource,
    chosen_source,
    target_host,
)
from ecsstep.rules.registries import is_ecr, is_lookalike
from ecsstep.rules.tags import (
    default_tag,
    floating_tags,
    is_moving,
)
from ecsstep.steps.image_push.options import ImagePushOptions, platform_of


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
    asked = options.tags or (default_tag(platform_of(vars(options))),)
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
        links=by_label(image_links(plan.name.pinned(digest))),
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
