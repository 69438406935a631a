"""A deployment of the emulated CodeDeploy: its stages one after the other."""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from ecsstep.sandbox.deployments import Deployment

# https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
# without the two of a test listener.
STAGES = (
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
)
_BEFORE_TRAFFIC = STAGES[:4]


class Phase(StrEnum):
    """What a deployment is doing."""

    CREATED = "created"
    INSTALL = "install"
    TRAFFIC = "traffic"
    WAIT = "wait"
    OVER = "over"


@dataclass(kw_only=True)
class Stage:
    """One lifecycle event."""

    status: str = "Pending"
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    message: str = ""


@dataclass(kw_only=True)
class Shift:
    """One deployment of CodeDeploy.

    Attributes:
        id: ``d-…``.
        blue: The task set that served before it.
        green: The task set that is to serve after it; for a rollback, the old one again.
        due_at: When its phase ends by itself.
        code: CodeDeploy's error code, where it ended badly.
        rollback_id: The deployment that undoes it.
        undoes: The deployment that it undoes.
        is_allowed: Whether a person has said that the traffic may be shifted.
        has_shifted: Whether all traffic goes to green.
    """

    id: str
    blue: Deployment
    green: Deployment
    created_at: dt.datetime
    status: str = "Created"
    phase: Phase = Phase.CREATED
    creator: str = "user"
    description: str = ""
    content: str = ""
    due_at: dt.datetime | None = None
    started_at: dt.datetime | None = None
    completed_at: dt.datetime | None = None
    code: str = ""
    message: str = ""
    rollback_id: str = ""
    undoes: str = ""
    is_allowed: bool = False
    has_shifted: bool = False
    stages: dict[str, Stage] = field(default_factory=lambda: {name: Stage() for name in STAGES})

    @property
    def is_over(self) -> bool:
        """Whether nothing of it changes any more."""
        return self.phase is Phase.OVER

    def install(self, now: dt.datetime, *, until: dt.datetime) -> None:
        """Begin to wait for the green tasks."""
        self.status, self.started_at, self.phase, self.due_at = (
            "InProgress", now, Phase.INSTALL, until,
        )  # fmt: skip
        self._pass("BeforeInstall", now)
        self.stages["Install"] = Stage(status="InProgress", started_at=now)

    def allow_traffic(self, now: dt.datetime, *, until: dt.datetime) -> None:
        """Begin to shift the traffic."""
        self.phase, self.due_at = Phase.TRAFFIC, until
        for name in _BEFORE_TRAFFIC:
            self._pass(name, now)
        self.stages["AllowTraffic"] = Stage(status="InProgress", started_at=now)

    @property
    def has_failed_hook(self) -> bool:
        """Whether the last hook before the traffic has failed."""
        return self.stages[_BEFORE_TRAFFIC[-1]].status == "Failed"

    def failed_at(self, later: float) -> dt.datetime:
        """Return the time so many seconds after that hook failed."""
        at = self.stages[_BEFORE_TRAFFIC[-1]].ended_at
        return (at or self.created_at) + dt.timedelta(seconds=later)

    def fail_hook(self, now: dt.datetime, message: str) -> None:
        """Let the last hook before the traffic fail; the deployment is InProgress for a while."""
        for name in _BEFORE_TRAFFIC[:-1]:
            self._pass(name, now)
        self.stages[_BEFORE_TRAFFIC[-1]] = Stage(
            status="Failed", started_at=now, ended_at=now, message=message
        )

    def ready(self, now: dt.datetime) -> None:
        """Wait for a person to shift the traffic."""
        self.status = "Ready"
        for name in _BEFORE_TRAFFIC[:-1]:
            self._pass(name, now)

    def wait(self, now: dt.datetime, *, until: dt.datetime) -> None:
        """Keep what served before for a while."""
        self.phase, self.due_at, self.has_shifted = Phase.WAIT, until, True
        self._pass("AllowTraffic", now)
        self._pass("AfterAllowTraffic", now)

    def end(self, now: dt.datetime, status: str, *, code: str = "", message: str = "") -> None:
        """Come to an end; for a bad one, with CodeDeploy's words."""
        self.status, self.phase, self.due_at = status, Phase.OVER, None
        self.completed_at, self.code, self.message = now, code, message
        for name, stage in self.stages.items():
            if stage.status == "InProgress":
                self.stages[name] = Stage(
                    status="Failed", started_at=stage.started_at, ended_at=now, message=message
                )
            elif stage.status == "Pending":
                stage.status = "Skipped"

    def _pass(self, name: str, now: dt.datetime) -> None:
        stage = self.stages[name]
        if stage.status == "Succeeded":
            return
        stage.status, stage.ended_at = "Succeeded", now
        stage.started_at = stage.started_at or now
