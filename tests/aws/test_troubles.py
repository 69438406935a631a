"""When the tasks of a deployment are read: soon, and seldom."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_fakes import OUR_ID, THROTTLED, a_deployment, a_service, a_task, an_event, at
from ecsstep.aws.allowed import Allowed
from ecsstep.aws.troubles import Troubles
from ecsstep.rules.codedeploy import CodeDeployment, Target, TaskSet
from ecsstep.rules.rollout import Going, Hopeless
from ecsstep.rules.service import Task
from ecsstep.rules.watch import Watch, begun

MISSING = "CannotPullContainerError: failed to resolve ref app:2: not found"
A_MINUTE = 12
CALLS_A_MINUTE = 16


def lost(number: int) -> Task:
    return a_task(task_id=f"t{number}", code="TaskFailedToStart", reason=MISSING)


@dataclass
class Tasks:
    """ECS's tasks, and the calls that reading them takes."""

    stopped: Sequence[Task] = ()
    running: Sequence[Task] = ()
    read: list[str] = field(default_factory=list)
    calls: int = 0

    def stopped_tasks(self, cluster: str, service: str, deployment: str) -> tuple[Task, ...]:
        self.read.append(service)
        self.calls += 2 if self.stopped else 1
        return tuple(self.stopped)

    def running_tasks(self, cluster: str, service: str, deployment: str) -> tuple[Task, ...]:
        self.calls += 2
        return tuple(self.running)


def seen(*, failed: int = 0, event: str = "", name: str = "web") -> Watch:
    events = [an_event(event)] if event else []
    service = a_service(a_deployment(failed=failed), events=events).replaced(name=name)
    return begun(service, OUR_ID, name).after(service)


def test_another_failed_task_is_looked_at_at_once() -> None:
    tasks = Tasks()
    troubles = Troubles(tasks, "prod", Allowed())

    troubles.judged([seen(event="started")])
    tasks.stopped = [lost(1)]
    [one] = troubles.judged([seen(failed=1, event="started")])
    tasks.stopped = [lost(1), lost(2)]
    troubles.judged([one])
    [two] = troubles.judged([seen(failed=2, event="started")])

    assert isinstance(two.verdict, Hopeless)
    assert len(tasks.read) == 3


def test_another_event_is_looked_at_at_every_fifth_look() -> None:
    tasks = Tasks()
    troubles = Troubles(tasks, "prod", Allowed())

    for look in range(11):
        troubles.judged([seen(event=f"event {look}")])

    assert len(tasks.read) == 3


def test_five_services_are_read_in_a_look_and_the_others_in_the_next() -> None:
    tasks = Tasks()
    troubles = Troubles(tasks, "prod", Allowed())
    watches = [seen(failed=1, name=f"service-{number}") for number in range(10)]

    troubles.judged(watches)
    troubles.judged(watches)

    assert tasks.read == [watch.name for watch in watches]


def test_what_could_not_be_read_is_read_at_the_next_look() -> None:
    class Throttled(Tasks):
        def stopped_tasks(self, cluster: str, service: str, deployment: str) -> tuple[Task, ...]:
            found = super().stopped_tasks(cluster, service, deployment)
            if len(self.read) == 1:
                raise THROTTLED
            return found

    tasks, allowed = Throttled(stopped=[lost(1), lost(2)]), Allowed()
    troubles = Troubles(tasks, "prod", allowed)

    [first] = troubles.judged([seen(failed=2)])
    [second] = troubles.judged([first])

    assert allowed.trouble == {"tasks": THROTTLED}
    assert (isinstance(first.verdict, Going), isinstance(second.verdict, Hopeless)) == (True, True)


@pytest.mark.parametrize(
    ("stopped", "is_hopeless"),
    [
        pytest.param([lost(1), lost(2)], True, id="what can't heal"),
        pytest.param(
            [
                a_task(task_id=f"t{number}", stopped=number * 60)
                .replaced(started_at=at(number * 60 - 9)) for number in range(9)
            ], False, id="all else is CodeDeploy's",
        ),
    ],
)  # fmt: skip
def test_under_codedeploy_only_what_cannot_heal_is_hopeless(
    stopped: list[Task], is_hopeless: bool
) -> None:
    code = CodeDeployment(id="d-ABCDEFGHI", status="InProgress")
    green = TaskSet(id="ecs-svc/9", label="Green", desired=1)
    target = Target(id="prod:web", status="InProgress", task_sets=(green,))
    service = a_service(events=[an_event("was unable to start")], controller="CODE_DEPLOY")
    watch = begun(service, code.id, "web").after_code(service, code, target)

    [judged] = Troubles(Tasks(stopped=stopped), "prod", Allowed()).judged([watch])

    assert isinstance(judged.verdict, Hopeless) is is_hopeless


@given(st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.integers(0, 1)), max_size=60))
def test_a_minute_of_looks_makes_no_more_calls_than_promised(
    looks: list[tuple[int, bool, int]],
) -> None:
    tasks = Tasks(running=[a_task(task_id="up")])
    troubles = Troubles(tasks, "prod", Allowed())
    failed, event, made = 0, 0, []

    for more, is_other, dead in looks:
        failed, event = failed + more, event + is_other
        tasks.stopped = [lost(number) for number in range(dead)]
        before = tasks.calls
        troubles.judged([seen(failed=failed, event=str(event))])
        made.append(tasks.calls - before)

    for start in range(len(made)):
        assert sum(made[start : start + A_MINUTE]) <= CALLS_A_MINUTE
