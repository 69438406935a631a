from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from ecsstep.core.arguments import parse
from ecsstep.core.output import Result
from ecsstep.errors import Exit, StepError
from ecsstep.rules.invalidation import Invalidation
from ecsstep.steps.cache_invalidate import main
from ecsstep.steps.cache_invalidate.options import CacheOptions
from ecsstep.steps.cache_invalidate.story import cache_invalidate
from fakes import START, Said, a_world, invoke

BUSY = StepError("busy", exit=Exit.TEMPORARY, hint="later")
GONE = StepError("no such distribution", exit=Exit.USAGE, hint="list them")
DENIED = StepError("not allowed", exit=Exit.ACCESS, hint="allow it")


@dataclass
class FakeCache:
    """A CloudFront whose invalidations are completed after some looks; an error is raised."""

    looks: list[Any] = field(default_factory=lambda: ["Completed"])
    refused: Mapping[str, StepError] = field(default_factory=dict)
    status: str = "InProgress"
    requests: list[Mapping[str, Any]] = field(default_factory=list)

    def create(self, request: Mapping[str, Any]) -> Invalidation:
        distribution = request["DistributionId"]
        if distribution in self.refused:
            raise self.refused[distribution]
        self.requests.append(request)
        return self._made(distribution, self.status)

    def invalidation(self, distribution: str, id: str) -> Invalidation:  # noqa: A002
        answer = self.looks.pop(0) if len(self.looks) > 1 else self.looks[0]
        if isinstance(answer, StepError):
            raise answer
        return self._made(distribution, answer)

    def _made(self, distribution: str, status: str) -> Invalidation:
        return Invalidation(
            distribution=distribution,
            id=f"I-{distribution}",
            status=status,
            paths=("/*",),
            created_at=START,
        )


def ran(cache: FakeCache, *words: str, **environ: str) -> tuple[Result, Said]:
    options = parse(CacheOptions, words, environ, prog="cache-invalidate")
    assert isinstance(options, CacheOptions)
    said = a_world(environ)
    return cache_invalidate(options, said.world, lambda: cache), said


def test_everything_is_forgotten_by_default_without_waiting() -> None:
    cache = FakeCache()

    result, said = ran(cache, "--distribution", "EONE1")

    assert (result.exit, result.lines) == (Exit.OK, ("I-EONE1",))
    [request] = cache.requests
    assert request["InvalidationBatch"]["Paths"] == {"Quantity": 1, "Items": ["/*"]}
    assert said.clock.slept == []
    assert result.data["invalidations"][0]["status"] == "InProgress"
    # Also true of an equal request a moment ago, which is answered with the same invalidation.
    assert "invalidation asked for" in said.err.getvalue()


@pytest.mark.parametrize(
    ("first", "second", "is_equal"),
    [
        ({"ECSSTEP_DEPLOYMENT": "ecs-svc/1"}, {"ECSSTEP_DEPLOYMENT": "ecs-svc/1"}, True),
        ({"ECSSTEP_DEPLOYMENT": "ecs-svc/1"}, {"ECSSTEP_DEPLOYMENT": "ecs-svc/2"}, False),
        ({"CI_JOB_ID": "1"}, {"CI_JOB_ID": "1"}, True),
        ({"CI_JOB_ID": "1"}, {"CI_JOB_ID": "2"}, False),
        ({"CODEBUILD_BUILD_ID": "p:1"}, {"CODEBUILD_BUILD_ID": "p:2"}, False),
        # A rollback runs the old pipeline's job again, at the old commit.
        (
            {"CI_PIPELINE_ID": "9", "CI_COMMIT_SHA": "c", "CI_JOB_ID": "1"},
            {"CI_PIPELINE_ID": "9", "CI_COMMIT_SHA": "c", "CI_JOB_ID": "2"},
            False,
        ),
    ],
)
def test_a_second_run_is_the_same_request_only_for_the_same_deployment_or_job(
    first: dict[str, str], second: dict[str, str], is_equal: bool
) -> None:
    cache = FakeCache()

    ran(cache, "--distribution", "EONE1", **first)
    ran(cache, "--distribution", "EONE1", **second)

    one, other = (each["InvalidationBatch"]["CallerReference"] for each in cache.requests)
    assert (one == other) is is_equal


def test_what_an_earlier_run_asked_for_is_said() -> None:
    cache, environ = FakeCache(status="Completed"), {"ECSSTEP_DISTRIBUTION": "EONE1"}
    options = parse(CacheOptions, (), environ, prog="cache-invalidate")
    assert isinstance(options, CacheOptions)
    said = a_world()
    said.clock.elapsed = 3600

    result = cache_invalidate(options, said.world, lambda: cache)

    assert result.exit is Exit.OK
    assert "an earlier run asked for this" in said.err.getvalue()
    assert "give --deployment another value" in said.err.getvalue()


def test_it_waits_until_all_are_completed_and_a_look_may_fail() -> None:
    cache = FakeCache(looks=["InProgress", "InProgress", BUSY, "Completed"])

    result, said = ran(
        cache, "--distribution", "EONE1", "--distribution", "ETWO2", "--wait", "--interval", "10s"
    )

    assert (result.exit, result.lines) == (Exit.OK, ("I-EONE1", "I-ETWO2"))
    assert {each["status"] for each in result.data["invalidations"]} == {"Completed"}
    assert "this look failed, trying again" in said.err.getvalue()
    assert set(said.clock.slept) == {10.0}


def test_a_completed_one_is_not_looked_at_again() -> None:
    cache = FakeCache(looks=[GONE], status="Completed")

    result, said = ran(cache, "--distribution", "EONE1", "--wait")

    assert (result.exit, said.clock.slept) == (Exit.OK, [])


def test_a_timeout_says_that_it_goes_on() -> None:
    cache = FakeCache(looks=["InProgress"])

    result, _ = ran(cache, "--distribution", "EONE1", "--wait", "--timeout", "1m")

    assert (result.exit, result.lines) == (Exit.TIMEOUT, ("I-EONE1",))
    assert "invalidation 'I-EONE1' is still in progress after 1m" in result.message
    assert "CloudFront goes on by itself" in result.hint


@pytest.mark.parametrize(
    ("looks", "exit_", "count"), [([DENIED], Exit.ACCESS, 0), ([BUSY], Exit.TEMPORARY, 4)]
)
def test_a_wait_that_isnt_possible_still_tells_the_ids(
    looks: list[Any], exit_: Exit, count: int
) -> None:
    result, said = ran(FakeCache(looks=looks), "--distribution", "EONE1", "--wait")

    assert (result.exit, result.lines) == (exit_, ("I-EONE1",))
    assert len(said.clock.slept) == count


def test_one_refused_distribution_is_no_reason_to_leave_the_others() -> None:
    cache = FakeCache(refused={"EONE1": GONE})

    result, _ = ran(cache, "--distribution", "EONE1", "--distribution", "ETWO2", "--wait")

    assert (result.exit, result.lines) == (Exit.USAGE, ("I-ETWO2",))
    assert result.message == "1 of 2 distributions keep what they have cached"
    assert (result.why, result.hint) == (("no such distribution",), "list them")


def test_a_refusal_of_all_is_an_error() -> None:
    with pytest.raises(StepError, match="no such distribution"):
        ran(FakeCache(refused={"EONE1": GONE}), "--distribution", "EONE1")


def test_a_dry_run_prints_the_requests_and_asks_nobody() -> None:
    cache = FakeCache(refused={"EONE1": GONE})

    result, _ = ran(cache, "--distribution", "EONE1", "--path", "/a", "--dry-run")

    assert result.exit is Exit.OK
    assert '"DistributionId": "EONE1"' in "".join(result.lines)
    assert cache.requests == []


def test_all_mistakes_are_told_at_once() -> None:
    ended = invoke(main, "--path", "index.html", "--path", "/*.js", "--timeout", "0")

    assert ended.code == Exit.USAGE
    assert "4 mistakes in the arguments" in ended.err
    assert "--distribution is missing" in ended.err
