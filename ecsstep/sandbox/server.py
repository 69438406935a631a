"""The emulated AWS: moto's server with what it lacks in front of it, on a loopback port."""

import contextlib
import json
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Self

from moto.core.base_backend import BackendDict

from ecsstep.errors import Exit, StepError
from ecsstep.rules.image import Reference, parse_reference
from ecsstep.sandbox.api import ApiError, JsonApi, SandboxClock, SandboxTime
from ecsstep.sandbox.blobs import Blobs
from ecsstep.sandbox.codedeploy import CodeDeploy
from ecsstep.sandbox.courses import COURSES
from ecsstep.sandbox.ecs import Ecs
from ecsstep.sandbox.environment import ACCOUNT, exports, region_of
from ecsstep.sandbox.faults import Faults
from ecsstep.sandbox.front import Front
from ecsstep.sandbox.images import Images
from ecsstep.sandbox.logs import writer
from ecsstep.sandbox.looking import SHORTEST_LOOK, LookingClock
from ecsstep.sandbox.permissions import Permissions
from ecsstep.sandbox.scans import Scans
from ecsstep.sandbox.scenarios import SCENARIOS, Story
from ecsstep.sandbox.seed import groups, seed, seed_topic
from ecsstep.sandbox.slack import Slack
from ecsstep.sandbox.stock import stock
from ecsstep.sandbox.wire import served
from ecsstep.text import meant, printable


class Sandbox:
    """An emulated AWS, as a context manager; one at a time in a process, since moto is global.

    Attributes:
        story: What happens in it.
        region: Its region.
        clock: Its time.
        url: The endpoint of every service.
        registry: The host of its registry: ``127.0.0.1:PORT``.
        images: What its registry holds.
        channel: Slack's channel, with what was posted to it.
    """

    clock: SandboxTime
    url: str
    registry: str
    images: Images
    channel: Slack

    def __init__(  # noqa: PLR0913 - by so much a story can be varied
        self,
        scenario: str | Story = "steady",
        *,
        speed: float = 1.0,
        look: float | None = None,
        faults: Mapping[str, str] | None = None,
        permissions: Permissions | None = None,
        log: IO[str] | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """Choose what happens.

        Args:
            scenario: The name of a story, or one of your own.
            speed: How many sandbox seconds go by in one second.
            look: How many sandbox seconds go by at each look of a step; then none go by
                themselves, and a story doesn't depend on how fast this machine is.
            faults: ``AccessDenied``, ``Throttling`` or ``ServerError`` by IAM action.
            permissions: What the role may do; everything by default.
            log: Gets one JSON line for each request.
            environ: The environment to start from; this process's by default.
        """
        self.story = SCENARIOS[scenario] if isinstance(scenario, str) else scenario
        self._look = look
        self._speed = speed if look is None else look / SHORTEST_LOOK
        self._faults = {
            **self.story.faults,
            **dict.fromkeys(self.story.denied, "AccessDenied"),
            **(faults or {}),
        }
        self._permissions = permissions
        self._log = log
        self._log_lock = threading.Lock()
        self._given = dict(os.environ if environ is None else environ)
        self.region = region_of(self._given)
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Start; the port is known now."""
        with contextlib.ExitStack() as stack:
            self._folder = Path(tempfile.mkdtemp(prefix="ecsstep-sandbox-"))
            stack.callback(shutil.rmtree, self._folder, ignore_errors=True)
            # moto's warnings are about moto.
            logging.getLogger("moto").addHandler(logging.NullHandler())
            BackendDict.reset()
            _check_region(self.region)
            self.clock = LookingClock(self._look) if self._look else SandboxClock(self._speed)
            stack.enter_context(served(self._front))
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop; nothing is left behind."""
        self._stack.close()

    def environ(self) -> dict[str, str]:
        """Return the environment of a command that is to meet this AWS and no other."""
        return exports(
            self._given,
            host=self.registry,
            region=self.region,
            speed=self._speed,
            folder=self._folder,
        )

    def _front(self, host: str) -> Front:
        self.registry = host
        self.url = f"http://{host}"
        scans = Scans(self.story.scan, clock=self.clock, account=ACCOUNT)
        self.images = Images(
            account=ACCOUNT, clock=self.clock, blobs=Blobs(self._folder), pushed=scans.pushed
        )
        scans.configure(self.images.backend(self.region))
        stock(self.images, self.region, with_index=COURSES[self.story.scan].has_index)
        seed_topic(ACCOUNT, self.region)
        self.channel = Slack()
        return Front(
            host=host,
            region=self.region,
            images=self.images,
            scans=scans,
            deploys_in=self._deploys_in,
            channel=self.channel,
            faults=Faults(
                self._faults,
                account=ACCOUNT,
                region=self.region,
                permissions=self._permissions,
                has_inspector="enhanced" in self.story.scan,
            ),
            clock=self.clock,
            note=self._note,
            target_words=self.story.target_words,
        )

    def _deploys_in(self, region: str) -> Mapping[str, JsonApi]:
        """Return ECS and CodeDeploy of a region; in another one than ours there is nothing yet."""
        ecs = Ecs(
            clock=self.clock,
            region=region,
            account=ACCOUNT,
            story=self.story,
            image_exists=self.has_image,
            image_digest=self.digest_of,
            write_log=writer(ACCOUNT, region),
        )
        if region != self.region:
            return {"ecs": ecs, "codedeploy": CodeDeploy(ecs)}
        seed(ecs, registry=self.registry, region=region)
        return {"ecs": ecs, "codedeploy": CodeDeploy(ecs, groups(self.story))}

    def has_image(self, reference: str) -> bool:
        """Whether a task could pull this; what other registries hold is taken for granted."""
        try:
            image = parse_reference(reference)
        except ValueError:
            return False
        return not self._is_here(image) or self.digest_of(reference) is not None

    def digest_of(self, reference: str) -> str | None:
        """Return the digest of an image of the emulated registry; None for any other."""
        image = parse_reference(reference)
        if not self._is_here(image):
            return None
        try:
            repository = self.images.repository(self.region, image.repository)
        except ApiError:
            return None
        tag = None if image.digest else image.tag or "latest"
        found = self.images.find(repository, digest=image.digest, tag=tag)
        return found.digest if found else None

    def _is_here(self, image: Reference) -> bool:
        return image.registry in {
            self.registry,
            f"{ACCOUNT}.dkr.ecr.{self.region}.amazonaws.com",
        }

    def _note(self, service: str, operation: str, status: int) -> None:
        if self._log is None:
            return
        line = {
            "service": service,
            "operation": operation,
            "status": status,
            "time": self.clock.now().isoformat(timespec="milliseconds"),
        }
        with self._log_lock, contextlib.suppress(OSError):
            self._log.write(json.dumps(line) + "\n")
            self._log.flush()


def _check_region(region: str) -> None:
    from moto.ecr.models import ecr_backends

    known = ecr_backends[ACCOUNT].regions
    if region not in known:
        raise StepError(
            f"'{printable(region)}' is not an AWS region{meant(region, known)}",
            exit=Exit.USAGE,
            hint="check AWS_DEFAULT_REGION",
        )
