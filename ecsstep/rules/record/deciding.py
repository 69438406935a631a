"""Which rule decided how a run ended, and where it is written down."""

import re
from collections.abc import Mapping, Sequence

from ecsstep.errors import Exit
from ecsstep.rules.record.value import End
from ecsstep.value import Value


class Rule(Value):
    """A rule, in words.

    Attributes:
        verdict: What it decided, in a word.
        says: The rule.
        page: The page that has it.
        section: The section of the page.
    """

    verdict: str
    says: str
    page: str
    section: str


class _Case(Value):
    """An end that a rule explains: its step, its exit code and how its message looks."""

    pattern: str
    rule: Rule
    exit: Exit


def _wait(verdict: str, says: str, *, code: Exit = Exit.FAILED, pattern: str | None = None,
          section: str = "Which deployment is ours") -> _Case:  # fmt: skip
    rule = Rule(verdict=verdict, says=says, page="docs/wait-stable.md", section=section)
    return _Case(pattern=rf": {verdict}: " if pattern is None else pattern, rule=rule, exit=code)


def _of(code: Exit, verdict: str, says: str, where: str, pattern: str = "") -> _Case:
    page, _, section = where.partition("#")
    rule = Rule(verdict=verdict, says=says, page=page, section=section)
    return _Case(pattern=pattern, rule=rule, exit=code)


_WAIT = (
    _wait(
        "failed",
        "two of its tasks could not start for one cause that time doesn't heal, and none ever came "
        "up: it can't come to a good end any more, whatever ECS still tries",
        pattern=": failed: hopeless: its tasks can't start",
        section="Hopeless",
    ),
    _wait(
        "failed",
        "five of its tasks ended by themselves over a minute or more, and no circuit breaker "
        "watches: it can't come to a good end any more, whatever ECS still tries",
        pattern=": failed: hopeless: ",
        section="Hopeless",
    ),
    _wait(
        "failed",
        "ECS completed the deployment, but a task runs another image than the pinned one",
        pattern=": failed: ECS completed it, but container ",
        section="Which images run",
    ),
    _wait("failed", "ECS gave the deployment up, and no rollback is configured"),
    _wait(
        "rolled-back",
        "ECS gave the deployment up and goes back, or the primary deployment is the way back from "
        "it; that the service gets stable again is no success",
    ),
    _wait("stopped", "ECS's record of the deployment says that a person stopped it"),
    _wait("gone", "the service is DRAINING, INACTIVE or missing"),
    _wait(
        "superseded",
        "another deployment is primary, and it isn't the way back from this one",
        code=Exit.SUPERSEDED,
    ),
    _wait(
        "timeout",
        "none of the ends was reached within --timeout; the deployment may still become well",
        code=Exit.TIMEOUT,
    ),
    _wait(
        "deployed",
        "the deployment is primary and completed (or has come as far as --until asks), and ECS's "
        "record of it isn't under way any more",
        code=Exit.OK,
        pattern="",
    ),
)
_GATE = (
    _of(Exit.OK, "passed", "a finished scan of every platform, and no limit is exceeded",
        "docs/scan-gate.md#What is clean"),
    _of(Exit.REFUSED, "refused", "more findings than --max allows, exceptions aside",
        "docs/scan-gate.md#The policy", r" has \d+ "),
    _of(Exit.REFUSED, "refused", "the condition of --fail-when holds",
        "docs/scan-gate.md#The policy", " meets the condition "),
    _of(Exit.FAILED, "unusable", "a scan without a usable result is no clean scan",
        "docs/scan-gate.md#What is clean"),
    _of(Exit.TIMEOUT, "no result", "the scan had come to no end within --timeout",
        "docs/scan-gate.md#What is clean"),
)  # fmt: skip
_PUSH = (
    _of(Exit.REFUSED, "refused", "a tag that names another image already is not moved",
        "docs/push.md#Tags", "another image already|can't "),
    _of(Exit.REFUSED, "refused", "after a failed build nothing is pushed",
        "README.md#image-push", "the build has failed"),
)  # fmt: skip
_UPDATE = (
    _of(Exit.SUPERSEDED, "superseded", "after the update another deployment was primary",
        "README.md#service-update"),
    _of(Exit.USAGE, "missing image", "every image of the definition has to be there before "
        "anything is registered", "docs/render-and-update.md#Before anything is registered",
        "^image |images? .*(missing|not there)"),
)  # fmt: skip
_RENDER = (
    _of(Exit.REFUSED, "not gated", "with --require-passed an image without a record of having "
        "passed scan-gate is refused", "docs/scan-gate.md#What is deployed is what was gated"),
)  # fmt: skip
_TASK = (
    _of(Exit.FAILED, "failed", "the task's container didn't exit with 0, or never ran",
        "README.md#task-run"),
    _of(Exit.TIMEOUT, "timeout", "the task had not ended within --timeout", "README.md#task-run"),
)  # fmt: skip
_BY_STEP: Mapping[str, Sequence[_Case]] = {
    "wait-stable": _WAIT,
    "scan-gate": _GATE,
    "image-push": _PUSH,
    "service-update": _UPDATE,
    "taskdef-render": _RENDER,
    "task-run": _TASK,
}
_CODES = "README.md#Exit codes"
_ANY = (
    _of(Exit.OK, "ok", "nothing spoke against it", _CODES),
    _of(Exit.REFUSED, "refused", "the step worked, and the answer is no", _CODES),
    _of(Exit.USAGE, "usage", "what was given is wrong, can't be read, or names what AWS doesn't "
        "have: it has to be mended before the step is run again", _CODES),
    _of(Exit.FAILED, "failed", "what was waited for ended badly", _CODES),
    _of(Exit.SUPERSEDED, "superseded", "another deployment took over", _CODES),
    _of(Exit.ACCESS, "access", "there are no credentials, or an action is not allowed to them",
        _CODES),
    _of(Exit.TOOL, "tool", "the container engine is missing, or failed", _CODES),
    _of(Exit.BUG, "bug", "something happened that ecsstep doesn't know of", _CODES),
    _of(Exit.TEMPORARY, "temporary", "throttled, 5xx or unreachable, still after the retries; it "
        "may go well next time", _CODES),
    _of(Exit.TIMEOUT, "timeout", "it was waited as long as was allowed", _CODES),
    _of(Exit.INTERRUPTED, "interrupted", "somebody pressed Ctrl-C", _CODES),
    _of(Exit.TERMINATED, "terminated", "SIGTERM arrived: the job was cancelled, or its time was "
        "over", _CODES),
)  # fmt: skip


def rule_of(step: str, end: End) -> Rule | None:
    """Return the rule that decided; None for an exit code that nobody knows."""
    # Of several services each has a line of its own.
    said = [end.message, *(line for line in end.why if line.startswith("deployment '"))]
    for case in (*_BY_STEP.get(step, ()), *_ANY):
        if case.exit == end.exit and any(re.search(case.pattern, each) for each in said):
            return case.rule
    return None


def rules() -> tuple[Rule, ...]:
    """Return every rule."""
    cases = [case for each in (*_BY_STEP.values(), _ANY) for case in each]
    return tuple(case.rule for case in cases)
