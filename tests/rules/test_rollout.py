"""How one deployment stands, told by its identity."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_fakes import (
    BREAKER,
    NEW,
    OLD,
    OLD_ID,
    OTHER_ID,
    OUR_ID,
    TRIPPED,
    WAY_BACK,
    a_deployment,
    a_service,
    a_steady_service,
    an_event,
    the_old_one,
)
from ecsstep.rules.rollout import (
    Deployed,
    Failed,
    Going,
    Gone,
    RolledBack,
    Superseded,
    Unknown,
    Verdict,
    failure_words,
    is_rollback,
    judge,
)
from ecsstep.rules.service import Deployment, Service, TaskSet

OURS = a_deployment()
DONE = a_deployment(state="COMPLETED", running=2)
FAILED = a_deployment(status="ACTIVE", state="FAILED", reason=TRIPPED)
FAILED_PRIMARY = a_deployment(state="FAILED", reason=TRIPPED)
DRAINED = a_deployment(status="ACTIVE")
OTHER = a_deployment(OTHER_ID, taskdef="x:3", created=9)
THE_WAY_BACK = a_deployment(OTHER_ID, taskdef=OLD, created=9, reason=f"{WAY_BACK} {OTHER_ID}.")
THE_OLD_AGAIN = the_old_one(status="PRIMARY", state="IN_PROGRESS")
SAID_FAILED = an_event(f"(deployment {OUR_ID}) deployment failed: tasks failed to start.")
SAID_BACK = an_event(f"rolling back to deployment {OLD_ID}.", seconds=2)
WORDS = "tasks failed to start."
SHIFTING = {"strategy": "BLUE_GREEN"}
BLUE = the_old_one(status="PRIMARY", state=None)
GREEN = a_deployment(status="ACTIVE", state=None)
BLUE_AGAIN = a_deployment(OTHER_ID, taskdef=OLD, state=None, created=9)


@pytest.mark.parametrize(
    ("service", "seen", "expected"),
    [
        pytest.param(a_service(OURS, the_old_one()), None, Going(deployment=OURS), id="going"),
        pytest.param(a_service(DONE), None, Deployed(deployment=DONE), id="deployed"),
        pytest.param(
            a_service(DONE, the_old_one()), None, Deployed(deployment=DONE), id="old one drains"
        ),
        # failed
        pytest.param(
            a_service(FAILED_PRIMARY), None, Failed(reason=TRIPPED), id="failed and left there"
        ),
        pytest.param(
            a_service(FAILED_PRIMARY, the_old_one(), configuration=BREAKER),
            None,
            RolledBack(reason=TRIPPED),
            id="failed: ECS will go back by itself",
        ),
        pytest.param(
            a_service(FAILED, OTHER),
            None,
            Failed(reason=TRIPPED),
            id="failed and left there, then somebody else deployed",
        ),
        pytest.param(
            a_service(a_deployment(state="FAILED"), events=[SAID_FAILED]),
            None,
            Failed(reason=WORDS),
            id="the event's words where there are no others",
        ),
        # rolled back
        pytest.param(
            a_service(FAILED, THE_WAY_BACK),
            None,
            RolledBack(reason=TRIPPED),
            id="the way back has a new id",
        ),
        pytest.param(
            a_service(FAILED, THE_OLD_AGAIN),
            None,
            RolledBack(reason=TRIPPED),
            id="the way back has the old id, without a word",
        ),
        pytest.param(
            a_service(DRAINED, THE_WAY_BACK),
            None,
            RolledBack(reason=THE_WAY_BACK.rollout_reason),
            id="the way back is told before ours is",
        ),
        pytest.param(
            a_service(DRAINED, THE_OLD_AGAIN, events=[SAID_BACK]),
            None,
            RolledBack(reason=""),
            id="the old one is primary again",
        ),
        pytest.param(
            a_service(DRAINED, THE_OLD_AGAIN),
            None,
            RolledBack(reason=""),
            id="one older than ours can't have taken over",
        ),
        pytest.param(
            a_steady_service(events=[SAID_BACK, SAID_FAILED]),
            None,
            RolledBack(reason=WORDS),
            id="ours is gone, the events tell",
        ),
        pytest.param(
            a_steady_service(), OURS, RolledBack(reason=""), id="ours is gone, the old one is back"
        ),
        pytest.param(
            a_service(THE_WAY_BACK),
            OURS,
            RolledBack(reason=THE_WAY_BACK.rollout_reason),
            id="ours is gone, the way back tells",
        ),
        pytest.param(
            a_service(
                a_deployment(OTHER_ID, taskdef=NEW, state="COMPLETED", created=9),
                events=[an_event(f"rolling back to deployment {OTHER_ID}."), SAID_FAILED],
            ),
            OURS,
            RolledBack(reason=WORDS),
            id="a forced deployment of the same revision",
        ),
        # ECS's own blue/green: neither states nor reasons
        pytest.param(
            a_service(GREEN, BLUE, configuration=SHIFTING),
            None,
            Going(deployment=GREEN),
            id="green isn't primary before its traffic has moved",
        ),
        pytest.param(
            a_service(
                GREEN,
                BLUE,
                configuration=SHIFTING,
                events=[an_event(f"rolling back to deployment {OLD_ID}.", seconds=-60)],
            ),
            None,
            Going(deployment=GREEN),
            id="what went back before ours began",
        ),
        pytest.param(
            a_service(BLUE, configuration=SHIFTING),
            GREEN,
            RolledBack(reason=""),
            id="green is gone, and blue serves",
        ),
        pytest.param(
            a_service(GREEN, BLUE, configuration=SHIFTING, events=[SAID_BACK]),
            None,
            RolledBack(reason=""),
            id="an event since ours began says that it goes back",
        ),
        pytest.param(
            a_service(
                GREEN,
                BLUE_AGAIN,
                configuration=SHIFTING,
                events=[
                    an_event(f"rolling back to deployment {OLD_ID}.", seconds=9),
                    an_event(f"(deployment {OUR_ID}) deployment failed: alarm detected."),
                ],
            ),
            None,
            RolledBack(reason="alarm detected."),
            id="the way back is a new one, and the event names the old one",
        ),
        pytest.param(
            a_service(GREEN, OTHER, configuration=SHIFTING),
            None,
            Superseded(by=OTHER),
            id="a newer one has taken over",
        ),
        # nothing to go back to
        pytest.param(
            a_service(FAILED_PRIMARY, configuration=BREAKER),
            None,
            Failed(reason=TRIPPED),
            id="a service's first deployment",
        ),
        # superseded
        pytest.param(a_service(DRAINED, OTHER), None, Superseded(by=OTHER), id="superseded"),
        pytest.param(a_service(OTHER), OURS, Superseded(by=OTHER), id="superseded and drained"),
        pytest.param(
            a_service(OTHER, events=[an_event(f"(deployment {OUR_ID}) deployment completed.")]),
            None,
            Superseded(by=OTHER),
            id="superseded before we looked",
        ),
        pytest.param(
            a_service(
                THE_WAY_BACK,
                events=[an_event(f"(deployment {OUR_ID}) deployment completed.")],
            ),
            None,
            Superseded(by=THE_WAY_BACK),
            id="ours went well; the way back is from one that came after it",
        ),
        pytest.param(
            a_service(
                a_deployment(OTHER_ID, created=None), a_deployment(status="ACTIVE", created=None)
            ),
            None,
            Superseded(by=a_deployment(OTHER_ID, created=None)),
            id="superseded, no times told",
        ),
        pytest.param(a_service(DRAINED), None, Superseded(by=None), id="no primary at all"),
        pytest.param(
            a_service(OTHER, events=[SAID_FAILED]),
            OURS,
            Failed(reason=WORDS),
            id="ours failed before the other one came",
        ),
        # gone, unknown
        pytest.param(None, OURS, Gone(status="MISSING"), id="missing"),
        pytest.param(a_service(OURS, status="DRAINING"), None, Gone(status="DRAINING"), id="drain"),
        pytest.param(a_service(DONE, status="INACTIVE"), None, Gone(status="INACTIVE"), id="gone"),
        pytest.param(a_steady_service(), None, Unknown(), id="not listed yet"),
        pytest.param(
            a_steady_service(events=[SAID_BACK]), None, Unknown(), id="an id that nobody knows"
        ),
        # behind a Classic Load Balancer
        pytest.param(
            a_service(a_deployment(state=None, running=2)),
            None,
            Deployed(deployment=a_deployment(state=None, running=2)),
            id="no state: alone and full",
        ),
        pytest.param(
            a_service(a_deployment(state=None, running=2), the_old_one(state=None)),
            None,
            Going(deployment=a_deployment(state=None, running=2)),
            id="no state: not alone",
        ),
        pytest.param(
            a_service(a_deployment(state=None, running=1, pending=1)),
            None,
            Going(deployment=a_deployment(state=None, running=1, pending=1)),
            id="no state: not full",
        ),
    ],
)
def test_a_deployment_is_judged_by_its_id(
    service: Service | None, seen: Deployment | None, expected: Verdict
) -> None:
    assert judge(service, OUR_ID, seen=seen) == expected


DEPLOYMENTS = st.builds(
    a_deployment,
    st.sampled_from([OLD_ID, OUR_ID, OTHER_ID]),
    status=st.sampled_from(["PRIMARY", "ACTIVE", "INACTIVE"]),
    state=st.sampled_from(["IN_PROGRESS", "COMPLETED", "FAILED", None]),
    taskdef=st.sampled_from([OLD, NEW]),
    reason=st.sampled_from(["", TRIPPED, f"{WAY_BACK} {OTHER_ID}."]),
    running=st.integers(0, 2),
    created=st.sampled_from([None, -5, 0, 5]),
)
SERVICES = st.builds(
    lambda deployments, events, status, configuration: a_service(
        *deployments, events=events, status=status, configuration=configuration
    ),
    st.lists(DEPLOYMENTS, max_size=3, unique_by=lambda each: each.id),
    st.lists(st.sampled_from([SAID_FAILED, SAID_BACK]), unique=True),
    st.sampled_from(["ACTIVE", "DRAINING", "INACTIVE"]),
    st.sampled_from([{}, BREAKER]),
)


@given(SERVICES, st.sampled_from([None, OURS, DONE]))
def test_deployed_is_said_only_of_ours_as_primary_and_completed(
    service: Service, seen: Deployment | None
) -> None:
    verdict = judge(service, OUR_ID, seen=seen)

    if isinstance(verdict, Deployed):
        ours = service.deployment(OUR_ID)
        assert ours is not None
        assert service.status == "ACTIVE"
        assert verdict.deployment is ours is service.primary
        assert ours.rollout_state == "COMPLETED" or (
            ours.rollout_state is None and service.deployments == (ours,)
        )


@pytest.mark.parametrize(
    ("primary", "events", "expected"),
    [
        pytest.param(THE_WAY_BACK, [], True, id="its own words"),
        pytest.param(THE_OLD_AGAIN, [SAID_BACK], True, id="an event names it"),
        pytest.param(
            THE_OLD_AGAIN,
            [an_event(f"rolled back to deployment {OLD_ID}.")],
            True,
            id="other words",
        ),
        pytest.param(OTHER, [SAID_BACK], False, id="an event names another one"),
        pytest.param(
            BLUE_AGAIN,
            [an_event(f"rolling back to deployment {OLD_ID}.", seconds=8.9)],
            True,
            id="an event of its own moment names the old one",
        ),
        pytest.param(THE_OLD_AGAIN, [], False, id="nothing is said"),
    ],
)
def test_a_way_back_is_known_by_ecs_words(primary: Any, events: Any, expected: bool) -> None:
    assert is_rollback(a_service(primary, events=events), primary) is expected


def test_the_words_of_a_failure_are_those_said_of_this_deployment() -> None:
    service = a_steady_service(events=[SAID_BACK, SAID_FAILED])

    assert failure_words(service, OUR_ID) == WORDS
    assert failure_words(service, OLD_ID) == ""


@pytest.mark.parametrize(
    ("status", "controller", "expected"),
    [
        pytest.param("PRIMARY", "CODE_DEPLOY", Deployed, id="it has the traffic"),
        pytest.param("DRAINING", "CODE_DEPLOY", Unknown, id="it is drained"),
        pytest.param("PRIMARY", "EXTERNAL", Unknown, id="somebody else's controller"),
    ],
)
def test_the_first_task_set_under_codedeploy_stands_while_it_has_the_traffic(
    status: str, controller: str, expected: type
) -> None:
    standing = TaskSet(id=OUR_ID, status=status, taskdef_arn=NEW)
    service = a_service().replaced(controller=controller, task_sets=(standing,))

    assert isinstance(judge(service, OUR_ID), expected)


def test_a_first_deployment_with_a_past_in_its_record_goes_back() -> None:
    service = a_service(FAILED_PRIMARY, configuration=BREAKER)

    assert judge(service, OUR_ID, has_past=True) == RolledBack(reason=TRIPPED)
