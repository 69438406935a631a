"""The result of a wait, and its report in the form that a file's ending names."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ecsstep.errors import Exit, StepError
from ecsstep.rules import outcome as outcomes
from ecsstep.rules.advice import advice
from ecsstep.rules.cause_table import Cause
from ecsstep.rules.outcome import Outcome
from ecsstep.rules.stops import Group
from ecsstep.rules.times import in_utc
from ecsstep.rules.waited import junit, markdown, page
from ecsstep.rules.waited.told import Told
from ecsstep.rules.watch import Watch
from ecsstep.value import Value


def rendered(
    path: str, services: Sequence[Told], cluster: str, to_json: Callable[[object], str]
) -> str:
    """Return the report in the form of this file."""
    ending = path.lower().rpartition(".")[2]
    match ending:
        case "json":
            return to_json(result_of(services).members["data"]) + "\n"
        case "md":
            return markdown.render(services, cluster)
        case "xml":
            return junit.render(services, cluster)
        case _:
            return page.render(services, cluster)


class Answer(Value):
    """What the step answers, in the names of a Result."""

    exit: Exit
    members: Mapping[str, Any] = {}


def result_of(services: Sequence[Told]) -> Answer:
    """Return the step's answer; of several services the worst decides."""
    if len(services) == 1:
        [told] = services
        return _answer(told.outcome, (told.outcome.word,), told.data, [told], told.message)
    worst = outcomes.worst(told.outcome for told in services)
    bad = [told for told in services if not told.is_well]
    data = {
        "outcome": worst.word,
        "reason": worst.reason,
        "services": [told.data for told in services],
    }
    lines = tuple(f"{told.service}={told.outcome.word}" for told in services)
    said = f"{len(bad)} of {len(services)} deployments ended badly"
    return _answer(worst, lines, data, bad, said)


def _answer(
    outcome: Outcome, lines: tuple[str, ...], data: Any, bad: Sequence[Told], said: str
) -> Answer:
    members: dict[str, Any] = {"lines": lines, "data": data, "exit": outcome.exit}
    if outcome.exit is not Exit.OK:
        ours = len(bad) == 1 and said == bad[0].message
        why = [line for told in bad for line in (*(() if ours else (told.message,)), *told.why)]
        hints = dict.fromkeys(told.hint for told in bad if told.hint)
        members |= {"message": said, "why": tuple(why), "hint": "; ".join(hints)}
    return Answer(exit=outcome.exit, members=members)


class Awaited(Value):
    """Somebody has to say so before a deployment goes on.

    Attributes:
        key: What tells it from others.
        told: What is said of it.
    """

    key: str
    told: dict[str, Any]


def awaited(watch: Watch) -> Iterator[Awaited]:
    """Yield what waits for a person."""
    if watch.code is not None and watch.code.status == "Ready":
        call = f"aws deploy continue-deployment --deployment-id {watch.id}"
        hint = f"shift the traffic: {call} --deployment-wait-type READY_WAIT"
        yield Awaited(key=watch.id, told={"stage": watch.stage, "hint": hint})
    for hook in watch.record.hooks if watch.record else ():
        if hook.waits_for_a_person and watch.record:
            call = (
                f"aws ecs continue-service-deployment --service-deployment-arn {watch.record.arn} "
                f"--hook-id {hook.id} --action CONTINUE"
            )
            expires = in_utc(hook.expires_at) if hook.expires_at else ""
            then = {"until": expires, "then": hook.on_timeout} if expires else {}
            yield Awaited(
                key=f"{watch.record.arn} {hook.id}",
                told={
                    "stage": watch.stage,
                    **then,
                    "hint": f"let it go on: {call} (or --action ROLLBACK)",
                },
            )


def hint(
    ended: Outcome,
    cause: Cause | None,
    blamed: Group | None,
    watch: Watch,
    cluster: str,
) -> str:
    """Return the next thing to do.

    Args:
        ended: How it ended.
        cause: Why, if that is known.
        blamed: The stopped tasks that tell most.
        watch: What is known of the deployment.
        cluster: The cluster, as the user named it.
    """
    said = advice(ended, cause, blamed, watch, cluster)
    waits = [each.told["hint"] for each in awaited(watch)] if ended.exit is Exit.TIMEOUT else []
    return "; ".join([*waits, said])


def to_stop(watch: Watch) -> str:
    """Return the ARN of the service deployment that is to be stopped.

    Raises:
        StepError: It isn't known which one it is.
    """
    if watch.record is not None:
        return watch.record.arn
    arn = watch.service.current_service_deployment if watch.service else None
    is_ours = watch.service is not None and watch.service.deployment(watch.id) is not None
    if not arn or not is_ours:
        raise StepError(
            f"ECS doesn't tell the service deployment of '{watch.id}'",
            exit=Exit.FAILED,
            hint="go back by hand: service-update --taskdef PREVIOUS-REVISION",
        )
    return arn
