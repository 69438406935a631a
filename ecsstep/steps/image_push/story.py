"""Push the image under every tag that is asked for, and hand its reference on."""

from collections.abc import Sequence
from typing import Protocol

from ecsstep.aws.endpoints import is_emulated
from ecsstep.aws.registries import Registries
from ecsstep.aws.session import connect
from ecsstep.aws.settings import RepositorySettings
from ecsstep.core.options import IMAGE_VARIABLE
from ecsstep.core.output import Result
from ecsstep.core.step import World
from ecsstep.errors import Exit
from ecsstep.registry.access import Access
from ecsstep.registry.client import Repository
from ecsstep.registry.handoff import Handoff
from ecsstep.registry.sources import Pushable
from ecsstep.rules.image import Reference
from ecsstep.rules.links import by_label, image_links
from ecsstep.rules.mutability import Mutability
from ecsstep.rules.plan import Plan
from ecsstep.rules.pushes import (
    RegistrySource,
    chosen_source,
    target_host,
)
from ecsstep.rules.refused import Refused
from ecsstep.rules.registries import is_ecr, is_lookalike
from ecsstep.steps.image_push.options import ImagePushOptions
from ecsstep.steps.image_push.tagging import Tagging


class Settings(Protocol):
    """What a push needs to know of the repository, from AWS."""

    @property
    def is_ecr(self) -> bool: ...  # noqa: D102 - see aws.settings
    def mutability(self) -> Mutability | None: ...  # noqa: D102
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
    tagging = Tagging(options, world, name=name, image=image, target=target)
    plan = tagging.plan()
    if plan.is_shifting and not plan.refused:
        plan = tagging.settled(plan.within(settings.mutability()))
    if plan.refused:
        return _refused(plan.refused)
    if options.dry_run:
        _check_repository(options, world, settings, target)
        return _told(world, plan, pin=options.pin, digest=plan.digest or image.check())
    if options.create_repository:
        settings.ensure(movable=[tag for tag in plan.tags if tag in plan.movable])
    done = tagging.put(plan)
    if done.refused:
        return _refused(done.refused)
    return _handed_on(options, done, was_there=plan.kept == plan.tags)


def _refused(refused: Refused) -> Result:
    return Result(
        exit=Exit.REFUSED,
        message=refused.message,
        why=refused.why,
        hint=refused.hint,
        data=refused.data,
    )


def _check_repository(
    options: ImagePushOptions, world: World, settings: Settings, target: Repository
) -> None:
    """Find out whether the push would find its repository, where ECR can tell."""
    if not settings.is_ecr or target.is_there():
        return
    if options.create_repository:
        world.log.info("would create the repository", name=target.name)
    else:
        world.log.warning(
            "there is no such repository: the push fails, unless a creation template of ECR's "
            "makes it; else create it first, or give --create-repository",
            name=target.name,
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


def _handed_on(options: ImagePushOptions, plan: Plan, *, was_there: bool) -> Result:
    """Write the files that hand the image on, and return the result."""
    digest = str(plan.digest)
    reference = plan.reference(digest, pin=options.pin)
    _handoff(options).write(reference)
    return Result(
        lines=(reference,),
        data={
            **plan.named(reference),
            "digest": digest,
            "alreadyThere": was_there,
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
        others={"--dotenv": options.dotenv, "--annotations": options.annotations},
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
