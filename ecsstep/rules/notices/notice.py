"""What is said of a deployment when it is over; never better than the worst that is known."""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from ecsstep.rules.causes import named
from ecsstep.rules.links import Link
from ecsstep.rules.notices.known import Known
from ecsstep.value import Value

_MOST_SERVICES = 20
_MOST_LINES = 30


class Mood(Enum):
    """How something ended, as far as a colour can say it."""

    WELL = "well"
    BAD = "bad"
    ODD = "odd"
    UNKNOWN = "unknown"


_MOODS = {
    "deployed": Mood.WELL,
    "reached": Mood.WELL,
    "succeeded": Mood.WELL,
    "superseded": Mood.ODD,
    "canceled": Mood.ODD,
    "unfinished": Mood.UNKNOWN,
    "unknown": Mood.UNKNOWN,
}


class Notice(Value):
    """A message, before it has a form.

    Attributes:
        word: The outcome in one word.
        subject: What it is about: the service and its cluster, or the project.
        reason: ECS's words, or ours.
        facts: What is known, by name.
        why: The lines that explain a bad outcome.
        hint: The next thing to do.
    """

    word: str
    mood: Mood
    subject: str
    reason: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    why: tuple[str, ...] = ()
    hint: str = ""
    links: tuple[Link, ...] = ()

    @property
    def headline(self) -> str:
        """Subject and outcome in a line."""
        return f"{self.subject}: {self.word}"


def notice_of(known: Known, report: Mapping[str, Any] | None) -> Notice:
    """Return what is to be said.

    Args:
        known: What variables and the platform say.
        report: What wait-stable, or another step, wrote as JSON; None where there is none.
    """
    told = report or {}
    word, reason = _outcome(known, told)
    why = tuple(_why(told))[:_MOST_LINES]
    causes = [cause for name in _causes(told) if (cause := named(name))]
    return Notice(
        word=word,
        mood=_MOODS.get(word, Mood.BAD),
        subject=_subject(known, told),
        reason=reason,
        facts=_facts(known, told),
        why=(*(f"likely cause: {cause.says}" for cause in causes), *why),
        hint="; ".join(dict.fromkeys(cause.hint for cause in causes)),
        links=known.links,
    )


def _outcome(known: Known, told: Mapping[str, Any]) -> tuple[str, str]:
    """Return the outcome and why; where two disagree, the worse one."""
    by_report, reason = _text(told.get("outcome")), _text(told.get("reason"))
    by_user, by_platform = known.outcome, known.platform_says
    said = by_user or by_report
    if not said:
        return (by_platform or "unknown"), ""
    is_well = _MOODS.get(said) is Mood.WELL
    if is_well and by_platform in {"failed", "canceled"}:
        return by_platform, f"the deployment: {said}; the job: {by_platform}"
    return said, reason if said == by_report else ""


def _subject(known: Known, told: Mapping[str, Any]) -> str:
    services = [_text(each.get("service")) for each in _services(told)]
    service = _text(told.get("service")) or ", ".join(filter(None, services)) or known.service
    if service:
        return f"{service} in {known.cluster}" if known.cluster else service
    return known.project or "deployment"


def _facts(known: Known, told: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    each = tuple(
        (_text(one.get("service")) or "service", _text(one.get("outcome")) or "unknown")
        for one in _services(told)
    )
    project = (("project", known.project),) if known.project else ()
    return (*each, *project, *known.facts)


def _services(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return _objects(told.get("services"))[:_MOST_SERVICES]


def _causes(told: Mapping[str, Any]) -> Iterator[str]:
    for part in (told, *_services(told)):
        names = part.get("causes")
        yield from (_text(name) for name in (names if isinstance(names, list) else ()))


def _why(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the report says of tasks and targets that went wrong."""
    for part in (told, *_services(told)):
        for group in _objects(part.get("stopped")):
            ended = [
                f"container '{_text(each.get('name'))}' exited with code {each['exitCode']}"
                for each in _objects(group.get("containers"))
                if each.get("exitCode") is not None
            ]
            reason = _text(group.get("reason")) or "no reason given"
            yield "; ".join([f"{group.get('count', 1)} stopped: {reason}", *ended])
        for target in _objects(part.get("targets")):
            words = " ".join(_text(target.get(name)) for name in ("target", "state", "reason"))
            yield f"target group '{_text(target.get('targetGroup'))}': {words}".rstrip()


def _objects(value: Any) -> list[Mapping[str, Any]]:
    items = value if isinstance(value, list) else []
    return [each for each in items if isinstance(each, Mapping)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
