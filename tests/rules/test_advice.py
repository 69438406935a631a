"""What to do next after a wait, in commands that work as they are pasted."""

from typing import Any

import pytest

from ecs_fakes import (
    BREAKER,
    OTHER_ID,
    OUR_ID,
    TRIPPED,
    a_container,
    a_deployment,
    a_service,
    a_task,
    the_old_one,
)
from ecsstep.rules.advice import advice, asked_back
from ecsstep.rules.codedeploy import CodeDeployment, Target, TaskSet
from ecsstep.rules.outcome import likely, outcome_of
from ecsstep.rules.rollout import (
    Deployed,
    Failed,
    Going,
    Gone,
    Hopeless,
    Mistaken,
    RolledBack,
    Stopped,
    Superseded,
    Unknown,
    Verdict,
)
from ecsstep.rules.stops import grouped
from ecsstep.rules.watch import Watch, begun

WHERE = "--cluster prod --service web"
BACK = f'service-update {WHERE} --taskdef "$ECSSTEP_PREVIOUS_TASKDEF_ARN"'
TRIES = "ECS tries on until its circuit breaker gives up"
EXITED = grouped([a_task()])[0]
PULLED = grouped(
    [
        a_task(
            a_container(code=None, reason="CannotPullContainerError: not found"),
            code="TaskFailedToStart",
            reason="Task failed to start",
        )
    ]
)[0]
ODD = grouped([a_task(a_container(code=None), reason="odd", code="")])[0]
CODE = CodeDeployment(id="d-ABCDEFGHI", status="InProgress")
STOP = "aws deploy stop-deployment --deployment-id d-ABCDEFGHI --auto-rollback-enabled"


def watched(verdict: Verdict, **settings: Any) -> Watch:
    service = a_service(a_deployment(), the_old_one(), configuration=settings)
    return begun(service, OUR_ID, "web").replaced(verdict=verdict, service=service)


def advised(verdict: Verdict, group: Any = None, watch: Watch | None = None) -> str:
    outcome = outcome_of(verdict)
    known = watch or watched(verdict)
    return advice(outcome, likely(group, outcome), group, known, "prod")


@pytest.mark.parametrize(
    ("verdict", "group", "expected"),
    [
        pytest.param(
            RolledBack(reason=TRIPPED),
            EXITED,
            (
                f"container 'app' exited with code 1 (ECS: {TRIPPED}); read its log, run the image "
                "locally; the service goes back to the old revision; mend this one and deploy "
                f"again, or return to one that is known to work: {BACK}"
            ),
            id="rolled back: container, code, breaker, what to do",
        ),
        pytest.param(
            Failed(reason="x"),
            PULLED,
            (
                "container 'app' could not start (ECS: x); push it with image-push, or render a "
                "reference that exists (by digest); the failed revision is still in place; go "
                f"back: {BACK}"
            ),
            id="failed",
        ),
        pytest.param(
            Going(deployment=a_deployment()),
            EXITED,
            (
                "container 'app' exited with code 1; read its log, run the image locally; it goes "
                "on in ECS: wait again, perhaps with a longer --timeout: wait-stable "
                f"{WHERE} --deployment {OUR_ID}"
            ),
            id="timeout: these are not ECS's words",
        ),
        pytest.param(
            Unknown(),
            None,
            "take the id that service-update printed, or leave --deployment out",
            id="never listed",
        ),
        pytest.param(
            Superseded(by=a_deployment(OTHER_ID)),
            None,
            f"follow the newer deployment: wait-stable {WHERE} --deployment {OTHER_ID}",
            id="superseded",
        ),
        pytest.param(
            Superseded(by=None),
            None,
            f"follow the newer deployment: ECSSTEP_DEPLOYMENT= wait-stable {WHERE}",
            id="superseded by one that isn't told",
        ),
        pytest.param(
            Stopped(reason=""),
            ODD,
            (
                "somebody stopped it; find out why, then deploy again: service-update "
                f"{WHERE} --taskdef REVISION"
            ),
            id="stopped",
        ),
        pytest.param(
            Gone(status="MISSING"),
            None,
            (
                "aws ecs list-services --cluster prod shows what there is; create the service "
                "again, or name another one"
            ),
            id="gone",
        ),
        pytest.param(Deployed(deployment=a_deployment()), None, "", id="deployed"),
        pytest.param(Mistaken(message="m", hint="do so"), None, "do so", id="named wrongly"),
    ],
)
def test_the_hint_is_the_next_thing_to_do(verdict: Verdict, group: Any, expected: str) -> None:
    assert advised(verdict, group) == expected


@pytest.mark.parametrize(
    ("breaker", "expected"),
    [
        ({}, f"ECS still tries; go back: {BACK}, or let ECS do it with --circuit-breaker rollback"),
        (
            BREAKER,
            f"{TRIES}, and goes back by itself then; sooner: {BACK}",
        ),
        (
            {"deploymentCircuitBreaker": {"enable": True, "rollback": False}},
            f"{TRIES}, and leaves it there then; sooner: {BACK}",
        ),
    ],
)
def test_what_is_hopeless_is_ended_by_whom_it_would_be(breaker: Any, expected: str) -> None:
    hopeless = Hopeless(reason="no image")

    assert advised(hopeless, None, watched(hopeless, **breaker)) == expected


@pytest.mark.parametrize(
    ("verdict", "status", "traffic", "expected"),
    [
        pytest.param(
            Failed(reason="hook"), "InProgress", 0,
            "the old tasks serve, as before; mend this one and deploy again", id="before traffic",
        ),
        pytest.param(
            Failed(reason="hook"), "InProgress", 10,
            f"the new tasks get 10% of the traffic; go back: {STOP}", id="with traffic",
        ),
        pytest.param(
            Failed(reason="hook"), "Failed", 100,
            f"the new tasks get 100% of the traffic; go back: {BACK}", id="left there",
        ),
        pytest.param(
            RolledBack(reason="alarm"), "Stopped", 0,
            "the old tasks serve, as before; mend this one and deploy again", id="rolled back",
        ),
        pytest.param(
            Hopeless(reason="no image"), "InProgress", 0,
            f"CodeDeploy waits for up to an hour; don't: {STOP}", id="hopeless",
        ),
    ],
)  # fmt: skip
def test_under_codedeploy_the_side_that_serves_tells_what_to_do(
    verdict: Verdict, status: str, traffic: float, expected: str
) -> None:
    green = TaskSet(id="ecs-svc/9", label="Green", traffic=traffic)
    target = Target(id="prod:web", status=status, task_sets=(green,))
    watch = Watch(id=CODE.id, name="web", code=CODE.replaced(status=status), target=target)

    assert advised(verdict, None, watch.replaced(verdict=verdict)) == expected


def test_codedeploys_words_are_called_so() -> None:
    watch = Watch(id=CODE.id, name="web", verdict=Failed(reason="hook"))

    assert "(CodeDeploy: hook)" in advised(Failed(reason="hook"), EXITED, watch)
    assert asked_back(watch).startswith("CodeDeploy goes back to the old revision")
