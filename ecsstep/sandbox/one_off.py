"""One task of the emulated ECS that no service started."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ecsstep.sandbox.errands import Errand, said_until
from ecsstep.sandbox.service import Surroundings, image_digest, log_stream
from ecsstep.sandbox.tasks import Task


@dataclass(kw_only=True)
class OneOff:
    """A task that RunTask started.

    Attributes:
        request: What RunTask was told, without its nulls.
        settings: What of it the task shows.
        container: The container that does the work.
        definition: Its task definition.
    """

    task: Task
    cluster: str
    surroundings: Surroundings
    request: Mapping[str, Any]
    errand: Errand
    container: Mapping[str, Any]
    definition: Mapping[str, Any]
    _said: int = field(default=0)

    @property
    def settings(self) -> Mapping[str, Any]:
        """What the task shows of how it was asked for."""
        on_fargate = self.request.get("launchType") == "FARGATE"
        fargate = {"platformVersion": "1.4.0", "platformFamily": "Linux"} if on_fargate else {}
        return {"launchType": "EC2", **self.request, **fargate}

    @property
    def group(self) -> str:
        """The task's group: the one that was asked for, or its family's."""
        return str(self.request.get("group") or f"family:{self.definition['family']}")

    def digest(self, image: str) -> str:
        """Return an image's digest, a made-up one for an image that is elsewhere."""
        return image_digest(self.surroundings, image)

    def advance(self, now: dt.datetime) -> None:
        """Write what its container has said meanwhile."""
        said = said_until(self.errand, self.task, now)
        place = log_stream(self.container, self.task.id)
        if place is not None:
            for at, line in said[self._said :]:
                self.surroundings.write_log(*place, [line], at)
        self._said = len(said)
