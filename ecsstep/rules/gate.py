"""The answer of the scan gate, and its words."""

from collections.abc import Iterator, Mapping, Sequence

from ecsstep.rules.exceptions import Exemptions, Standing
from ecsstep.rules.expression import holds
from ecsstep.rules.findings import HIDDEN_BY, SEVERITIES, Excess, Finding, Policy, Tally, tally
from ecsstep.rules.judged import UNCERTAIN, for_conditions
from ecsstep.rules.scans import Ready, State, Unusable, Waiting
from ecsstep.text import in_a_line
from ecsstep.value import Value

_SHOWN = 20
_CELL = 60


class Passed(Value):
    """Every platform has a finished scan, and no limit is exceeded.

    Attributes:
        tally: What was found.
        standings: What each exception came to.
        unknown: The fields of findings that the condition read and that had no data.
    """

    tally: Tally
    standings: tuple[Standing, ...] = ()
    unknown: tuple[str, ...] = ()


class Refused(Value):
    """A limit is exceeded, which nothing that ECR may add can change, or a condition holds.

    Attributes:
        tally: What was found so far.
        exceeded: The severities over their limit, the worst first.
        condition: The condition of the policy that holds; empty where it was a limit.
        standings: What each exception came to.
    """

    tally: Tally
    exceeded: tuple[Excess, ...] = ()
    condition: str = ""
    standings: tuple[Standing, ...] = ()

    @property
    def severities(self) -> frozenset[str]:
        """The severities whose findings are in the way."""
        return frozenset(excess.severity for excess in self.exceeded)

    def __str__(self) -> str:
        """Say what the image has too much of."""
        if self.condition:
            return f"meets the condition '{self.condition}'"
        return f"has {' and '.join(map(str, self.exceeded))}"


Verdict = Passed | Refused | Unusable | Waiting


def judge(states: Mapping[str, State], policy: Policy, exemptions: Exemptions) -> Verdict:
    """Return the verdict over an image, given the state of each of its platforms.

    One platform without a usable result makes the whole unusable, whatever the others say.

    Raises:
        ValueError: The policy's condition doesn't fit the result.
    """
    unusable = {name: state for name, state in states.items() if isinstance(state, Unusable)}
    if unusable:
        return Unusable(
            reason=_by_platform({name: state.reason for name, state in unusable.items()}),
            hint=next(iter(unusable.values())).hint,
        )
    waiting = {name: state.reason for name, state in states.items() if isinstance(state, Waiting)}
    if waiting:
        return Waiting(reason=_by_platform(waiting))
    ready = {name: state for name, state in states.items() if isinstance(state, Ready)}
    scans = {name: state.scan for name, state in ready.items()}
    counted = tally(exemptions.applied(scans), policy)
    standings = exemptions.standings(scans)
    exceeded = counted.exceeded(policy)
    if exceeded:
        return Refused(tally=counted, exceeded=exceeded, standings=standings)
    unsettled = {name: state for name, state in ready.items() if not state.is_settled}
    if unsettled:
        reason = "enhanced scanning may still add findings"
        return Waiting(
            reason=_by_platform(dict.fromkeys(unsettled, reason)),
            needed=max(state.needed for state in unsettled.values()),
        )
    if not policy.condition:
        return Passed(tally=counted, standings=standings)
    held = holds(policy.condition, for_conditions(counted, policy))
    if held.is_true:
        return Refused(tally=counted, condition=policy.condition, standings=standings)
    unknown = tuple(sorted(held.unknown & UNCERTAIN))
    return Passed(tally=counted, standings=standings, unknown=unknown)


def summary(counts: Mapping[str, int]) -> str:
    """Return ``1 CRITICAL, 2 HIGH``, or ``no findings``."""
    found = [f"{counts[severity]} {severity}" for severity in SEVERITIES if counts.get(severity)]
    return ", ".join(found) or "no findings"


def lines(refused: Refused, policy: Policy) -> tuple[str, ...]:
    """Return the findings that are in the way as a short table, what to do first on top.

    A condition is about the whole: then no finding by itself is in the way.
    """
    worst = in_the_way(refused, policy)
    return (
        *_table(worst[:_SHOWN]),
        *(
            [f"and {len(worst) - _SHOWN} more; --report markdown=FILE lists all"]
            if len(worst) > _SHOWN
            else []
        ),
        *_unlisted(refused),
        f"all findings: {summary(refused.tally.counts)}",
        *([f"set aside: {len(refused.tally.set_aside)}"] if refused.tally.set_aside else []),
    )


def _unlisted(refused: Refused) -> Iterator[str]:
    asides = refused.tally.set_aside
    hidden = {each.severity for each in asides if each.set_aside.endswith(HIDDEN_BY)}
    for severity, count in refused.tally.unlisted.items():
        if severity in refused.severities:
            note = f"; it may be what is hidden {HIDDEN_BY}" if severity in hidden else ""
            yield f"ECR counts {count} {severity} more than it lists{note}"


def in_the_way(refused: Refused, policy: Policy) -> tuple[Finding, ...]:
    """Return the findings because of which it is refused, what to do first on top."""
    return tuple(
        finding
        for finding in refused.tally.findings
        if policy.judges(finding) and finding.severity in refused.severities
    )


def hint(refused: Refused, policy: Policy) -> str:
    """Return the next thing to do."""
    if refused.condition:
        return (
            "mend what the condition asks about, or change the condition; --format json shows what "
            "it was held against"
        )
    worst = in_the_way(refused, policy)
    first = next((each for each in worst if each.package and each.fixed_in), None)
    if first:
        package, version = in_a_line(first.package, _CELL), in_a_line(first.fixed_in, _CELL)
        return f"update {package} to {version}, build and push the image again"
    limits = " ".join(f"--max {each.severity}={each.count}" for each in refused.exceeded)
    return f"build on a newer base image; to let it through as it is: {limits}"


def _table(findings: Sequence[Finding]) -> Iterator[str]:
    found = [
        (
            finding.severity,
            finding.id,
            " ".join(word for word in (finding.package, finding.version) if word),
            fix_of(finding),
            ",".join(finding.platforms),
        )
        for finding in findings
    ]
    rows = [tuple(in_a_line(cell, _CELL) for cell in row) for row in found]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def fix_of(finding: Finding) -> str:
    """Return what is known of a fix, in a word or two; nothing where there is no data."""
    if finding.fixed_in:
        return f"fixed in {finding.fixed_in}"
    return {True: "fix available", False: "no fix", None: ""}[finding.is_fixable]


def _by_platform(reasons: Mapping[str, str]) -> str:
    return "; ".join(f"{name}: {reason}" if name else reason for name, reason in reasons.items())
