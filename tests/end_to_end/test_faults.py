"""Each call of a wait goes wrong in turn: the right outcome or 75, no wrong 0."""

from collections.abc import Iterator

import pytest

from ecsstep.errors import Exit
from ecsstep.sandbox.server import Sandbox
from ecsstep.steps.wait_stable.options import Subject
from faulty import KINDS, Fault
from waits import forced, shifted, waited

_LOOK = 30
_MOST_CALLS = 60
OUTCOMES = {
    "rolled-back": Exit.FAILED,
    "steady": Exit.OK,
    "blue-green": Exit.OK,
    "codedeploy": Exit.OK,
}


ROLLING = ("rolled-back", "steady")


@pytest.fixture(scope="module", params=ROLLING)
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(request.param, look=_LOOK, environ={}) as running:
        yield running


def _expected(sandbox: Sandbox) -> Exit:
    from ecsstep.sandbox.scenarios import SCENARIOS

    [name] = [name for name, story in SCENARIOS.items() if story is sandbox.story]
    return OUTCOMES[name]


def _begun(sandbox: Sandbox) -> Subject:
    is_code = sandbox.story.has_codedeploy
    return shifted(sandbox, "blue") if is_code else forced(sandbox, "web")


@pytest.mark.parametrize("kind", KINDS)
def test_each_call_that_goes_wrong_in_turn_changes_no_outcome(sandbox: Sandbox, kind: str) -> None:
    _go_wrong_in_turn(sandbox, kind)


@pytest.mark.parametrize("scenario", [name for name in OUTCOMES if name not in ROLLING])
def test_nor_does_it_by_another_strategy(scenario: str) -> None:
    with Sandbox(scenario, look=_LOOK, environ={}) as running:
        for kind in ("throttled", "cut short"):
            _go_wrong_in_turn(running, kind)


def _go_wrong_in_turn(sandbox: Sandbox, kind: str) -> None:
    expected = _expected(sandbox)
    found = []
    for at in range(_MOST_CALLS):
        fault = Fault(target=sandbox.registry, kind=kind, at=at)
        found.append(waited(fault, _begun(sandbox)))
        if at >= len(fault.calls):
            break
    else:
        pytest.fail("a wait makes more calls than were tried")

    assert set(found) <= {expected, Exit.TEMPORARY, Exit.TIMEOUT}
    assert found.count(expected) >= len(found) // 2


@pytest.mark.parametrize("kind", KINDS)
def test_calls_that_go_wrong_from_some_point_on_never_end_well(sandbox: Sandbox, kind: str) -> None:
    expected = _expected(sandbox)
    for at in (0, 3):
        fault = Fault(target=sandbox.registry, kind=kind, at=at, for_ever=True)

        assert waited(fault, _begun(sandbox)) in {expected, Exit.TEMPORARY, Exit.TIMEOUT}


@pytest.mark.parametrize("kind", KINDS)
def test_one_call_that_goes_wrong_among_several_services_changes_no_outcome(
    sandbox: Sandbox, kind: str
) -> None:
    expected = _expected(sandbox)
    for at in (0, 2, 4):
        fault = Fault(target=sandbox.registry, kind=kind, at=at)

        found = waited(fault, forced(sandbox, "web"), forced(sandbox, "shop"))

        assert found in {expected, Exit.TEMPORARY}
