import datetime as dt

import pytest

from ecsstep.rules.invalidation import Invalidation, reference, request
from fakes import START

PATHS = ("/*", "/index.html")


def test_the_same_request_of_the_same_run_has_the_same_reference() -> None:
    first = reference("E1", PATHS, "ecs-svc/1")

    assert first == reference("E1", tuple(reversed(PATHS)), "ecs-svc/1")
    others = {
        reference("E2", PATHS, "ecs-svc/1"),
        reference("E1", PATHS[:1], "ecs-svc/1"),
        reference("E1", PATHS, "ecs-svc/2"),
    }
    assert len(others | {first}) == 4


def test_the_request_counts_its_paths() -> None:
    assert request("E1", ("/b", "/a"), "r")["InvalidationBatch"] == {
        "Paths": {"Quantity": 2, "Items": ["/a", "/b"]},
        "CallerReference": "r",
    }


def test_a_path_given_twice_is_asked_for_once() -> None:
    twice = ("/a", "/b", "/a")

    assert request("E1", twice, "r") == request("E1", ("/a", "/b"), "r")
    assert reference("E1", twice, "run") == reference("E1", ("/a", "/b"), "run")


@pytest.mark.parametrize(
    ("seconds", "is_old"), [(-3600, True), (-30, False), (30, False)], ids=["hour", "skew", "new"]
)
def test_an_invalidation_of_an_earlier_run_is_known_by_its_age(
    seconds: float, is_old: bool
) -> None:
    made = Invalidation(
        distribution="E1",
        id="I1",
        status="Completed",
        created_at=START + dt.timedelta(seconds=seconds),
    )

    assert made.is_older_than(START) is is_old


def test_an_invalidation_without_a_time_is_not_old() -> None:
    made = Invalidation(distribution="E1", id="I1", status="InProgress")

    assert not made.is_older_than(START)
    assert made.data["createdAt"] is None
