"""Whether a scan's result may be judged yet, and what is in the way if it never will be.

Empty is not clean until proven. Basic scanning's COMPLETE is final. Enhanced scanning fills its
result bit by bit, under COMPLETE as well as under ACTIVE, so that its result has to stay the same
for a while, an empty one for twice as long.
"""

from typing import Final

from ecsstep.rules.findings import Scan, unknown_severities
from ecsstep.rules.scan_ends import dead_end
from ecsstep.rules.scan_place import Place
from ecsstep.text import listed, printable
from ecsstep.value import Value

_ON_PUSH_SECONDS: Final = 30.0
# How long the scan on push may take to show up before one is started by hand.
_DAY: Final = 24 * 3600
_CLOCKS_DIFFER: Final = 300.0
# AWS answers no call that is signed by a clock further off than this.

_UNDER_WAY = frozenset({"IN_PROGRESS", "PENDING"})
_WITH_RESULT = frozenset({"COMPLETE", "ACTIVE"})


class Coverage(Value):
    """How the registry scans this repository, as far as that may be read.

    Attributes:
        scan_type: BASIC or ENHANCED; None where it isn't known.
        frequency: SCAN_ON_PUSH, CONTINUOUS_SCAN or MANUAL; None where it isn't known.
    """

    scan_type: str | None = None
    frequency: str | None = None

    @property
    def is_without_rule(self) -> bool:
        """Whether nothing will ever scan it; enhanced scanning knows no scan by hand."""
        return self.scan_type == "ENHANCED" and self.frequency == "MANUAL"


class Terms(Value):
    """How long to wait for what.

    Attributes:
        start: Whether this step may start a scan.
        settle: For how many seconds an enhanced result must stay the same.
        grace: After how many seconds a scan that hasn't shown up is taken for none. Enhanced
            scanning registers an image about a minute after its push.
        max_age: How old a completed scan may be, in seconds.
    """

    start: bool = True
    settle: float = 180.0
    grace: float = 300.0
    max_age: float = 30.0 * _DAY


class Look(Value):
    """One look at the scan of one image.

    Attributes:
        scan: What ECR said; None for a scan that it doesn't know.
        elapsed: Seconds since the first look.
        steady: Seconds for which ECR has said the same.
        quiet: Seconds since the last thing that the answer dates; None where it dates nothing.
        age: Seconds since the scan was completed; None where ECR doesn't say when.
        was_asked: Whether we have asked for a scan.
        is_coming: Whether ECR has said yes to that.
        is_part: Whether it is one of an image index's images.
        place: Where the image is, for hints.
    """

    scan: Scan | None
    elapsed: float
    steady: float
    quiet: float | None = None
    age: float | None = None
    was_asked: bool = False
    is_coming: bool = False
    is_part: bool = False
    place: Place = Place()

    @property
    def unchanged(self) -> float:
        """Seconds for which nothing was added: as we saw it, or as the answer's times prove it."""
        return max(self.steady, (self.quiet or 0.0) - _CLOCKS_DIFFER)


class Ready(Value):
    """There is a result to judge.

    Attributes:
        scan: The result.
        is_settled: Whether nothing will be added to it.
        needed: For how many seconds it has to stay the same; 0 where it is final.
    """

    scan: Scan
    is_settled: bool
    needed: float = 0.0


class Waiting(Value):
    """There is no result yet.

    Attributes:
        reason: What is missing.
        needed: For how many seconds a result has to stay the same; 0 where there is none yet.
    """

    reason: str
    needed: float = 0.0


class Unusable(Value):
    """There will be no result that could be judged."""

    reason: str
    hint: str


State = Ready | Waiting | Unusable


def assess(look: Look, coverage: Coverage, terms: Terms) -> State:
    """Return what a look comes to."""
    scan = look.scan
    if scan is None:
        return _without_scan(look, coverage, terms)
    if scan.status in _UNDER_WAY:
        return Waiting(reason=f"the scan is {printable(scan.status)}")
    if scan.status not in _WITH_RESULT:
        reason, hint = dead_end(scan.status, scan.description, look.place)
        return Unusable(reason=reason, hint=hint)
    if not scan.has_findings:
        return Waiting(reason=f"the scan is {scan.status}, but there is no result yet")
    strange = unknown_severities(scan)
    if strange:
        return Unusable(
            reason=f"ECR reports the severity {listed(strange)}, for which there can be no limit",
            hint="install a newer ecsstep",
        )
    if _is_too_old(look, coverage, terms):
        return _stale(look, coverage, terms)
    is_empty = not scan.findings and not any(scan.counts.values())
    is_final = coverage.scan_type == "BASIC" and scan.status == "COMPLETE"
    if is_final:
        return Ready(scan=scan, is_settled=True)
    needed = 2 * terms.settle if is_empty else terms.settle
    return Ready(scan=scan, is_settled=look.unchanged >= needed, needed=needed)


def wants_start(look: Look, coverage: Coverage, terms: Terms) -> bool:
    """Whether a scan should be started by hand: there is none, or it is too old.

    Starting is for basic scanning alone; where the type isn't known it is worth a try.
    """
    if not terms.start or look.was_asked or coverage.scan_type == "ENHANCED":
        return False
    if look.scan is not None:
        return _is_too_old(look, coverage, terms)
    # A grace that is shorter than usual leaves less time for the scan on push as well.
    on_push = min(_ON_PUSH_SECONDS, terms.grace / 10)
    return coverage.frequency != "SCAN_ON_PUSH" or look.elapsed >= on_push


def _is_too_old(look: Look, coverage: Coverage, terms: Terms) -> bool:
    """Whether what is known now was not known to the scan; AWS keeps up a continuous one."""
    if look.scan is None or look.age is None or look.age <= terms.max_age:
        return False
    is_kept = look.scan.status == "ACTIVE" and coverage.frequency in {None, "CONTINUOUS_SCAN"}
    return look.scan.status in _WITH_RESULT and not is_kept


def _stale(look: Look, coverage: Coverage, terms: Terms) -> State:
    age = _spelled(look.age or 0)
    if look.is_coming and look.elapsed < terms.grace:
        return Waiting(reason=f"the scan is {age} old; a new one has been started")
    ways = (
        "push the image again, have the repository scanned continuously,"
        if coverage.scan_type == "ENHANCED"
        else "let the step start one (--start auto, ecr:StartImageScan), push the image again,"
    )
    return Unusable(
        reason=f"its last scan is {age} old, and there is no newer one",
        hint=f"{ways} or allow its age with --max-age",
    )


def _spelled(seconds: float) -> str:
    days, hours = int(seconds // _DAY), int(seconds // 3600)
    return f"{days} days" if days > 1 else f"{hours} hours" if hours else "minutes"


def _without_scan(look: Look, coverage: Coverage, terms: Terms) -> State:
    place = look.place
    rules = (
        f"{place.call('get-registry-scanning-configuration')} shows the registry's rules; "
        "put-registry-scanning-configuration replaces them all, so give them back with the new one"
    )
    if coverage.is_without_rule:
        return Unusable(
            reason="enhanced scanning is on, and none of its rules covers the repository",
            hint=f"add a rule for the repository: {rules}",
        )
    if coverage.scan_type == "BASIC" and coverage.frequency == "MANUAL" and not terms.start:
        return Unusable(
            reason="it was never scanned, and the repository isn't scanned on push",
            hint="leave --start at auto, or have the repository scanned on push",
        )
    if look.elapsed < terms.grace:
        return Waiting(reason="ECR knows of no scan yet")
    if look.is_part and coverage.scan_type != "BASIC":
        # awslabs/soci-snapshotter#1845; not documented by AWS.
        return Unusable(
            reason="it was never scanned: ECR still knows of no scan",
            hint="Amazon Inspector may pass over an index's image that has no tag of its own: push "
            "each platform under a tag as well, or narrow the gate with --platform",
        )
    names = ("--repository-names", place.repository)
    asked = ", though a scan was started" if look.is_coming else ""
    return Unusable(
        reason=f"it was never scanned{asked}: ECR still knows of no scan",
        hint="see which scanning rule covers the repository: "
        f"{place.call('batch-get-repository-scanning-configuration', *names)}",
    )
