"""Asking CloudFront to forget, and seeing it to its end."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ecsstep.aws.cloudfront import CloudFront
from ecsstep.aws.session import connect
from ecsstep.core.clock import ticks
from ecsstep.core.output import Result, to_json
from ecsstep.core.outside import current
from ecsstep.core.step import World
from ecsstep.core.values import spelled
from ecsstep.errors import Exit, StepError
from ecsstep.rules import invalidation
from ecsstep.rules.invalidation import Invalidation
from ecsstep.steps.cache_invalidate.options import CacheOptions
from ecsstep.text import listed

_GLOBAL_REGION = "us-east-1"
_BROKEN_LOOKS = 5


class Cache(Protocol):
    """What this step does with CloudFront."""

    def create(self, request: Mapping[str, Any]) -> Invalidation: ...  # noqa: D102
    def invalidation(  # noqa: D102
        self,
        distribution: str,
        id: str,  # noqa: A002 - AWS's name
    ) -> Invalidation: ...


def cache_invalidate(
    options: CacheOptions,
    world: World,
    connected: Callable[[], Cache],
) -> Result:
    """Ask for the invalidations, and see them to their end where that was asked."""
    run = options.deployment or options.job or _by_chance()
    requests = [
        invalidation.request(each, options.path, invalidation.reference(each, options.path, run))
        for each in dict.fromkeys(options.distribution)
    ]
    if options.dry_run:
        data = {"dryRun": True, "requests": {"CreateInvalidation": requests}}
        return Result(lines=tuple(to_json(data["requests"]).splitlines()), data=data)
    cache = connected()
    made, errors = _asked(cache, requests, world)
    if not made:
        raise errors[0]
    if options.wait:
        try:
            made = _awaited(cache, made, options, world)
        except StepError as error:
            # They are asked for all the same; only whether they are completed isn't known.
            return Result(**_known(made), exit=error.exit, message=error.message, hint=error.hint)
    return _told(made, errors, options)


def _by_chance() -> str:
    """Return what tells this run apart from every other; a replay has the same again."""
    found = current().ask("chance", {"for": "run"}, lambda: {"value": str(uuid.uuid4())})
    return str(found["value"])


def _asked(
    cache: Cache, requests: Sequence[Mapping[str, Any]], world: World
) -> tuple[tuple[Invalidation, ...], list[StepError]]:
    """Ask for each; one that is refused is no reason to leave the others."""
    start = world.clock.now()
    made, errors = [], []
    for request in requests:
        try:
            found = cache.create(request)
        except StepError as error:
            errors.append(error)
            if len(requests) > 1:
                world.log.warning(error.message, hint=error.hint)
            continue
        made.append(found)
        about = {"distribution": found.distribution, "invalidation": found.id}
        if found.is_older_than(start):
            world.log.warning(
                "an earlier run asked for this, so CloudFront does nothing anew",
                **about,
                status=found.status,
                hint="to ask anew, give --deployment another value",
            )
        else:
            # It may be that of a run a moment ago: an equal request gets the same answer.
            world.log.info(
                "invalidation asked for", **about, status=found.status, paths=found.paths
            )
    return tuple(made), errors


def _awaited(
    cache: Cache, made: tuple[Invalidation, ...], options: CacheOptions, world: World
) -> tuple[Invalidation, ...]:
    """Return the invalidations when all are completed, or when the time is over."""
    broken = 0
    if not all(each.is_completed for each in made):
        world.log.info("waiting for CloudFront's edges", timeout=spelled(options.timeout))
    for _ in ticks(world.clock, every=options.interval, limit=options.timeout):
        if all(each.is_completed for each in made):
            break
        try:
            made = tuple(
                each if each.is_completed else cache.invalidation(each.distribution, each.id)
                for each in made
            )
        except StepError as error:
            broken += 1
            if error.exit is not Exit.TEMPORARY or broken >= _BROKEN_LOOKS:
                raise
            world.log.warning("this look failed, trying again", reason=error.message)
            continue
        broken = 0
    return made


def _known(made: tuple[Invalidation, ...]) -> dict[str, Any]:
    return {
        "lines": tuple(each.id for each in made),
        "data": {"invalidations": [each.data for each in made]},
    }


def _told(
    made: tuple[Invalidation, ...], errors: Sequence[StepError], options: CacheOptions
) -> Result:
    known = _known(made)
    if errors:
        refused = len(errors)
        return Result(
            **known,
            exit=errors[0].exit,
            message=f"{refused} of {refused + len(made)} distributions keep what they have cached",
            why=tuple(error.message for error in errors),
            hint=errors[0].hint,
        )
    open_ones = [each.id for each in made if not each.is_completed]
    if options.wait and open_ones:
        return Result(
            **known,
            exit=Exit.TIMEOUT,
            message=f"invalidation {listed(open_ones)} is still in progress after "
            f"{spelled(options.timeout)}",
            hint="CloudFront goes on by itself; run the step again with --wait, or with a longer "
            "--timeout",
        )
    return Result(**known)


def run(options: CacheOptions, world: World) -> Result:
    """Build the collaborators and invalidate."""

    def connected() -> Cache:
        aws = connect(options, world.environ, world.log, fallback=_GLOBAL_REGION)
        return CloudFront(aws.client("cloudfront"))

    return cache_invalidate(options, world, connected)
