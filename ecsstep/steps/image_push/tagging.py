"""The tags of a push: looked at before it, just before each is put, and just after."""

from ecsstep.core.step import World
from ecsstep.registry.client import Repository
from ecsstep.registry.errors import TagTakenError
from ecsstep.registry.push import Put, copied
from ecsstep.registry.read_back import read_back
from ecsstep.registry.remote import revisions_there
from ecsstep.registry.sources import Pushable
from ecsstep.rules.image import Reference
from ecsstep.rules.plan import Plan, planned
from ecsstep.rules.rebuilds import apart
from ecsstep.rules.tag_verdict import Stored
from ecsstep.rules.tags import default_tag, floating_tags
from ecsstep.steps.image_push.options import ImagePushOptions, platform_of


class Tagging:
    """Decides on tags and puts them; the registry may change under every step of it."""

    def __init__(
        self,
        options: ImagePushOptions,
        world: World,
        *,
        name: Reference,
        image: Pushable,
        target: Repository,
    ) -> None:
        self._options = options
        self._log = world.log
        self._clock = world.clock
        self._name = name
        self._image = image
        self._target = target
        self._sender: Put | None = None
        asked = options.tags or (default_tag(platform_of(vars(options))),)
        self._asked = tuple(dict.fromkeys(tag for tag in asked if tag is not None))

    def plan(self) -> Plan:
        """Look at every tag and return what becomes of it."""
        floating: tuple[str, ...] = ()
        if self._options.floating_tags:
            floating = self._floating()
            if not floating:
                self._log.info(
                    "no floating tag moves: no release, or a higher one is there", tags=self._asked
                )
        plan = planned(
            self._name,
            {tag: self._target.stored(tag) for tag in dict.fromkeys((*self._asked, *floating))},
            tags=self._asked,
            floating=floating,
            identity=self._image.identity,
            allow_mutable=self._options.allow_mutable_tag,
        )
        return self.settled(plan)

    def settled(self, plan: Plan) -> Plan:
        """Return the plan for the image that is there, where ours is a rebuild and that will do."""
        refused = plan.refused
        there = refused.there if refused and self._options.accept_rebuild else None
        if there is None:
            return plan
        why = apart(
            ours=self._image.revisions(),
            there=revisions_there(self._target, there),
            job=self._options.commit,
        )
        accepted = plan.accepting(there) if why is None else plan
        if accepted.refused:
            return plan.replaced(note=why or "its tags name several builds of this commit")
        self._log.info(
            "the image of this commit is there already; a rebuild of it isn't pushed",
            there=there,
            ours=plan.identity.digests,
        )
        return accepted

    def put(self, plan: Plan) -> Plan:
        """Put the image under its tags and return the plan as it came out.

        Raises:
            StepError: The source is broken (exit 2), or the registry refuses.
        """
        if plan.digest is None:
            self._sent()
        is_idle = plan.kept == plan.tags
        for tag in plan.tags:
            if not is_idle:
                plan = self._looked(plan, tag)
            if plan.refused:
                return plan
            if tag in plan.kept:
                self._log.info("already there", tag=tag, digest=plan.digest)
            elif tag in plan.tags:
                plan = self._put(plan, tag)
        return plan

    def _sent(self) -> Put:
        """Send the image, once, and return what puts it under a tag."""
        if self._sender is None:
            self._sender = self._image.sent()
        return self._sender

    def _put(self, plan: Plan, tag: str) -> Plan:
        known, before = plan.digest, plan.before(tag)
        try:
            digest = copied(known, self._target, tag) if known else self._sent()(tag, before)
        except TagTakenError:
            # The repository is immutable, or another push was faster: what is there decides.
            plan = self.settled(plan.anew(tag, self._target.stored(tag)))
            if not plan.refused and tag not in plan.kept:
                raise
            return plan
        plan = self._confirmed(plan, tag, digest, before)
        if tag in plan.kept:
            self._log.info("image pushed", image=self._name.tagged(tag), digest=digest)
        return plan

    def _looked(self, plan: Plan, tag: str) -> Plan:
        """Look at a tag once more, just before it is put."""
        if self._is_floating(tag) and tag not in self._floating():
            self._log.info("a floating tag stays: a higher release came meanwhile", tag=tag)
            return plan.without(tag)
        return self.settled(plan.seen(tag, self._target.stored(tag)))

    def _confirmed(self, plan: Plan, tag: str, digest: str, before: str | None) -> Plan:
        """Look at a tag just after it was put."""
        name = self._name.tagged(tag)
        stored = read_back(self._target, name, before=before, clock=self._clock)
        if stored is None:
            self._log.warning(
                "the registry took the tag and doesn't show it yet; if it stays so, push again",
                image=name,
                digest=digest,
            )
            stored = Stored(digest=digest)
        if self._is_floating(tag) and tag not in self._floating():
            return self._overtaken(plan, tag, digest, stored)
        return plan.confirmed(tag, digest, stored)

    def _overtaken(self, plan: Plan, tag: str, digest: str, stored: Stored) -> Plan:
        if stored.digest != digest:
            self._log.info("a floating tag has moved on to a higher release", tag=tag)
            return plan.without(tag)
        return plan.behind(tag, digest)

    def _is_floating(self, tag: str) -> bool:
        return tag not in self._asked

    def _floating(self) -> tuple[str, ...]:
        existing = self._target.tags()
        return tuple(each for tag in self._asked for each in floating_tags(tag, existing))
