"""The scans of an image's platforms, looked at until the verdict can't change."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from ecsstep.aws.scans import Start
from ecsstep.core.clock import Clock, ticks
from ecsstep.core.log import Log
from ecsstep.errors import Exit, StepError, Terminated
from ecsstep.rules import gate
from ecsstep.rules.findings import Scan
from ecsstep.rules.platforms import Platform
from ecsstep.rules.scan_place import Place
from ecsstep.rules.scans import Coverage, Look, State, Terms, Waiting, assess, wants_start
from ecsstep.text import printable

Judge = Callable[[Mapping[str, State]], gate.Verdict]
"""Says what the states of the platforms, by name, come to."""


class Scanned(Protocol):
    """What is asked of ECR's scans."""

    def check_model(self) -> None: ...  # noqa: D102
    def scan(self, digest: str) -> Scan | None: ...  # noqa: D102
    def start(self, digest: str) -> Start: ...  # noqa: D102
    def scan_type(self) -> tuple[str, str | None]: ...  # noqa: D102
    def frequency(self) -> str | None: ...  # noqa: D102


class ScanWatch:
    """The scans of an image's platforms.

    Attributes:
        scans: Where they are read and started.
        coverage: How the registry scans, as far as it is known.
        terms: How long to wait for what.
        clock: Time.
        log: Is told what changes.
        place: Where the image is, for hints.
        seen: What was last seen, by platform.
    """

    def __init__(  # noqa: PLR0913 - what is looked at, how long, and who is told
        self,
        scans: Scanned,
        coverage: Coverage,
        terms: Terms,
        clock: Clock,
        log: Log,
        *,
        place: Place,
    ) -> None:
        self.scans = scans
        self.coverage = coverage
        self.terms = terms
        self.clock = clock
        self.log = log
        self.place = place
        self.seen: dict[Platform, Scan | None] = {}
        self._since: dict[Platform, float] = {}
        self._asked: dict[Platform, Start | None] = {}
        self._said: dict[Platform, str] = {}
        self._whole = ""

    def verdict(
        self, platforms: Sequence[Platform], judge: Judge, *, every: float, limit: float
    ) -> gate.Verdict:
        """Return the verdict as soon as it can't change, or Waiting when the time is over.

        Args:
            platforms: What to look at.
            judge: Says what their states come to.
            every: Seconds between two looks.
            limit: How many seconds to look at most.

        Raises:
            StepError: ECR can't be asked.
        """
        found: gate.Verdict = Waiting(reason="not looked at yet")
        try:
            for elapsed in ticks(self.clock, every=every, limit=limit):
                states = {each.name: self._state(each, elapsed) for each in platforms}
                found = judge(states)
                if not isinstance(found, Waiting):
                    break
                if not any(isinstance(state, Waiting) for state in states.values()):
                    self._say_once(found.reason)
        except (KeyboardInterrupt, Terminated):
            self.log.warning("no longer waiting for the scan", known=list(self.known()))
            raise
        return found

    def known(self) -> tuple[str, ...]:
        """Return what was last seen, a line a platform."""
        return tuple(
            f"{platform.name or platform.digest}: " + (_seen(scan) if scan else "no scan")
            for platform, scan in self.seen.items()
        )

    @property
    def owner(self) -> str:
        """The account of the registry, as ECR says; empty where it doesn't."""
        owners = (scan.registry_id for scan in self.seen.values() if scan)
        return next(filter(None, owners), "")

    def data(self) -> list[dict[str, Any]]:
        """Return what was last seen, for the JSON result."""
        return [
            {
                "platform": platform.name or None,
                "digest": platform.digest,
                "status": scan.status if scan else None,
                "completed_at": (scan.completed_at or None) if scan else None,
            }
            for platform, scan in self.seen.items()
        ]

    def _state(self, platform: Platform, elapsed: float) -> State:
        scan = self.scans.scan(platform.digest)
        if platform not in self.seen or scan != self.seen[platform]:
            self._since[platform] = elapsed
        self.seen[platform] = scan
        look = self._look(platform, scan, elapsed)
        if wants_start(look, self.coverage, self.terms):
            self._start(platform)
            look = self._look(platform, scan, elapsed)
        state = assess(look, self.coverage, self.terms)
        self._say(platform, state)
        return state

    def _look(self, platform: Platform, scan: Scan | None, elapsed: float) -> Look:
        return Look(
            scan=scan,
            elapsed=elapsed,
            steady=elapsed - self._since[platform],
            quiet=_since(scan.changed_at, self.clock.now()) if scan else None,
            age=_since(scan.completed_at, self.clock.now()) if scan else None,
            was_asked=platform in self._asked,
            is_coming=self._asked.get(platform) is Start.STARTED,
            is_part=bool(platform.name),
            place=self.place.replaced(digest=platform.digest),
        )

    def _start(self, platform: Platform) -> None:
        self._asked[platform] = None
        try:
            found = self.scans.start(platform.digest)
        except StepError as error:
            is_needed = self.coverage == Coverage(scan_type="BASIC", frequency="MANUAL")
            if error.exit is not Exit.ACCESS or (is_needed and self.seen[platform] is None):
                raise
            self.log.warning(
                "no scan can be started; what is there or starts by itself has to do",
                reason=error.message,
                hint=error.hint,
            )
            return
        self._asked[platform] = found
        if found is Start.STARTED:
            self.log.info("scan started", digest=platform.digest)
        elif found is Start.ALREADY:
            self.log.info(
                "ECR scans an image once a day at most; reading what is there",
                digest=platform.digest,
            )
        elif self.coverage.scan_type is None:
            self.coverage = self.coverage.replaced(scan_type="ENHANCED")
        else:
            self.log.warning(
                "ECR says that scans by hand are off, though the registry is set to basic "
                "scanning; its answers are taken for enhanced scanning's",
                digest=platform.digest,
            )
            self.coverage = Coverage()

    def _say_once(self, reason: str) -> None:
        if reason != self._whole:
            self.log.info(reason)
        self._whole = reason

    def _say(self, platform: Platform, state: State) -> None:
        """Say what changed, not what stays."""
        said = state.reason if isinstance(state, Waiting) else ""
        if said and said != self._said.get(platform):
            where = {"platform": platform.name} if platform.name else {}
            self.log.info(said, **where)
        self._said[platform] = said


def coverage(scans: Scanned, account: str | None, log: Log) -> Coverage:
    """Return how the registry scans; less where it may not be read or is another account's.

    Args:
        scans: Where to ask.
        account: The registry's account; None for the caller's own.
        log: Is told what may not be read.

    Raises:
        StepError: It can't be read for another reason.
    """
    scan_type: str | None = None
    try:
        owner, scan_type = scans.scan_type()
        if account is not None and owner != account:
            return Coverage()
        return Coverage(scan_type=scan_type, frequency=scans.frequency())
    except StepError as error:
        if error.exit is not Exit.ACCESS:
            raise
        log.warning(
            "when the repository is scanned can't be read; a missing scan is waited for"
            if scan_type
            else "how the registry scans can't be read; its answers are taken for enhanced "
            "scanning's",
            reason=error.message,
            hint=error.hint,
        )
        return Coverage(scan_type=scan_type)


def _since(time: str, now: dt.datetime) -> float | None:
    return (now - dt.datetime.fromisoformat(time)).total_seconds() if time else None


def _seen(scan: Scan) -> str:
    """A scan without a result must not read as one without findings."""
    found = f", {gate.summary(scan.counts)}" if scan.has_findings else ""
    return f"{printable(scan.status)}{found}"
