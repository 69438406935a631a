import datetime as dt

from ecsstep.sandbox.looking import LOOKS, LookingClock
from ecsstep.sandbox.server import Sandbox
from faulty import client


def test_a_look_lets_its_seconds_go_by_and_another_call_a_tenth() -> None:
    clock = LookingClock(5)
    began = clock.now()

    for action in ("ecs:DescribeServices", "ecs:RegisterTaskDefinition", "ecs:DescribeServices"):
        clock.called(action)

    assert clock.elapsed() == 10.1
    assert clock.now() - began == dt.timedelta(seconds=10.1)


def test_a_look_is_what_is_asked_again_and_again() -> None:
    assert "ecs:DescribeServices" in LOOKS
    assert not [action for action in LOOKS if ":Describe" not in action and ":Get" not in action]


def test_a_rollout_moves_by_looks_alone() -> None:
    with Sandbox(environ={}, look=30) as sandbox:
        ecs = client("ecs", sandbox.url)
        ecs.update_service(cluster="demo", service="web", forceNewDeployment=True)
        states = []
        for _ in range(10):
            [service] = ecs.describe_services(cluster="demo", services=["web"])["services"]
            states.append(service["deployments"][0]["rolloutState"])

        assert (states[0], states[-1]) == ("IN_PROGRESS", "COMPLETED")
        assert sandbox.clock.elapsed() == 300.1
