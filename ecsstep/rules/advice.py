"""What to do next after a wait, in commands that work as they are pasted."""

from shlex import quote

from ecsstep.rules.cause_table import Cause
from ecsstep.rules.outcome import NEVER_LISTED, Outcome, is_hopeless
from ecsstep.rules.rollout import Mistaken, Superseded
from ecsstep.rules.stops import Group
from ecsstep.rules.watch import Watch

_BY_ECS = frozenset({"failed", "rolled-back", "stopped"})
_MEND = "mend this one and deploy again"


def advice(
    outcome: Outcome, cause: Cause | None, group: Group | None, watch: Watch, cluster: str
) -> str:
    """Return the next thing to do; it names the failing container and AWS's words once more.

    Args:
        outcome: How it ended.
        cause: Why, if that is known.
        group: The stopped tasks that tell most.
        watch: What is known of the deployment.
        cluster: The cluster, as the user named it.
    """
    said = []
    if group is not None and group.failing is not None:
        failing = group.failing
        ended = (
            "could not start"
            if failing.exit_code is None
            else f"exited with code {failing.exit_code}"
        )
        is_by_aws = outcome.word in _BY_ECS and not is_hopeless(outcome)
        words = f" ({_deployer(watch)}: {outcome.reason})" if is_by_aws else ""
        said.append(f"container '{failing.name}' {ended}{words}")
    if cause is not None:
        said.append(cause.hint)
    said.append(_next_of(outcome, watch, f"--cluster {quote(cluster)} --service"))
    return "; ".join(part for part in said if part)


def asked_back(watch: Watch) -> str:
    """Return the next thing to do where a rollback was asked for."""
    return f"{_deployer(watch)} goes back to the old revision, as was asked; {_MEND}"


def _next_of(outcome: Outcome, watch: Watch, where: str) -> str:
    where = f"{where} {quote(watch.name)}"
    if isinstance(watch.verdict, Mistaken):
        return watch.verdict.hint
    if outcome.reason == NEVER_LISTED:
        return "take the id that service-update printed, or leave --deployment out"
    if is_hopeless(outcome):
        return _of_hopeless(watch, where)
    if watch.is_code and outcome.word in {"failed", "rolled-back"}:
        return _of_codedeploy(watch, where)
    return _by_word(outcome.word, watch, where)


def _by_word(word: str, watch: Watch, where: str) -> str:
    match word:
        case "superseded":
            return _of_superseded(watch, where)
        case "timeout":
            again = f"wait-stable {where} --deployment {watch.id}"
            longer = "wait again, perhaps with a longer --timeout"
            return f"it goes on in {_deployer(watch)}: {longer}: {again}"
        case "failed":
            return f"the failed revision is still in place; go back: {_back(where)}"
        case "rolled-back":
            known = f"return to one that is known to work: {_back(where)}"
            return f"the service goes back to the old revision; {_MEND}, or {known}"
        case "stopped":
            again = f"service-update {where} --taskdef REVISION"
            return f"somebody stopped it; find out why, then deploy again: {again}"
        case "gone":
            listed = f"aws ecs list-services {where.partition(' --service')[0]}"
            return f"{listed} shows what there is; create the service again, or name another one"
        case _:
            return ""


def _back(where: str) -> str:
    return f'service-update {where} --taskdef "$ECSSTEP_PREVIOUS_TASKDEF_ARN"'


def _of_superseded(watch: Watch, where: str) -> str:
    by = watch.verdict.by if isinstance(watch.verdict, Superseded) else None
    # ECSSTEP_DEPLOYMENT of the dotenv file would name the old one again.
    named = f"wait-stable {where} --deployment {by.id}" if by else ""
    return f"follow the newer deployment: {named or f'ECSSTEP_DEPLOYMENT= wait-stable {where}'}"


def _of_hopeless(watch: Watch, where: str) -> str:
    if watch.is_code:
        return f"CodeDeploy waits for up to an hour; don't: {_stop_code(watch)}"
    breaker = watch.service.breaker if watch.service else {}
    if breaker.get("enable"):
        end = "goes back by itself then" if breaker.get("rollback") else "leaves it there then"
        return f"ECS tries on until its circuit breaker gives up, and {end}; sooner: {_back(where)}"
    return (
        f"ECS still tries; go back: {_back(where)}, or let ECS do it with "
        "--circuit-breaker rollback"
    )


def _of_codedeploy(watch: Watch, where: str) -> str:
    """Which side serves tells what is to be done."""
    if not watch.weight:
        return f"the old tasks serve, as before; {_MEND}"
    is_over = watch.code is not None and watch.code.is_over
    undo = _back(where) if is_over else _stop_code(watch)
    return f"the new tasks get {watch.weight:g}% of the traffic; go back: {undo}"


def _stop_code(watch: Watch) -> str:
    return f"aws deploy stop-deployment --deployment-id {watch.id} --auto-rollback-enabled"


def _deployer(watch: Watch) -> str:
    return "CodeDeploy" if watch.is_code else "ECS"
